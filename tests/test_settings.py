"""What can be set, by environment variables as for the commands, and where it arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from invoice_connector.commands.findings import examine
from invoice_connector.connector import ensemble_settings, settings_key, wanted_of
from invoice_connector.rules.decision import WANTED
from invoice_connector.settings import ConnectorSettings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)  # no .env of the working folder
    monkeypatch.setenv("INVOICE_CONNECTOR_DATABASE_URL", f"sqlite:///{tmp_path}/audit.db")
    return monkeypatch


def test_what_a_page_may_cost_reaches_the_ensemble(environment: pytest.MonkeyPatch) -> None:
    wanted = {
        "BUDGET_MS": "800",
        "LINE_SHARE": "0.1",
        "WANTED_ERROR": "0.02",
        "DOCUMENT_SECONDS": "30",
        "DEVICE": "cpu",
    }
    for name, value in wanted.items():
        environment.setenv(f"INVOICE_CONNECTOR_{name}", str(value))
    found = ensemble_settings(ConnectorSettings())
    assert (found.budget_ms, found.line_share, found.wanted_error, found.document_seconds) == (800.0, 0.1, 0.02, 30.0)
    assert found.engine.device == "cpu"


def test_a_folder_of_own_weights_is_used_and_a_wrong_one_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("INVOICE_CONNECTOR_WEIGHTS", str(tmp_path / "nowhere"))
    (trocr,) = [finding for finding in examine(ConnectorSettings()) if finding.part == "trocr"]
    assert not trocr.available
    assert f"there is no folder {tmp_path / 'nowhere'}" in trocr.detail


def test_documents_count_as_read_with_other_settings_when_those_change_the_reading() -> None:
    usual = settings_key(ConnectorSettings(), None)
    assert settings_key(ConnectorSettings(document_seconds=30, device="cpu", threads=1), None) == usual
    assert settings_key(ConnectorSettings(line_share=0.1), None) != usual


def test_the_settings_and_a_call_without_them_want_the_same_of_a_booking() -> None:
    assert wanted_of(ConnectorSettings()) == WANTED
