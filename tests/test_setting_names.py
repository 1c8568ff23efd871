"""Settings that are misspelt, wrong, asked for, or told."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from invoice_connector.cli import main
from invoice_connector.commands.setting_names import MEANINGS, PREFIX, all_settings, unknown_variables
from invoice_connector.commands.terminal import logged
from invoice_connector.settings import ConnectorSettings
from invoice_connector.version import package_version
from tests.pdf_invoices import pdf_invoice


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INVOICE_CONNECTOR_DATABASE_URL", f"sqlite:///{tmp_path / 'audit.db'}")


def test_every_setting_has_a_meaning_and_no_other_name_has() -> None:
    assert MEANINGS.keys() == ConnectorSettings.model_fields.keys()


def test_a_misspelt_variable_is_told_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVOICE_CONNECTOR_POLCY", "fusion")
    (tmp_path / ".env").write_text("INVOICE_CONNECTOR_RISKS=0.001\n")
    assert main(["settings", "--json"]) == 0
    told = capsys.readouterr().err
    assert "INVOICE_CONNECTOR_POLCY is no setting and has no effect; did you mean INVOICE_CONNECTOR_POLICY?" in told
    assert "INVOICE_CONNECTOR_RISKS is no setting and has no effect; did you mean INVOICE_CONNECTOR_RISK?" in told


@pytest.mark.parametrize(
    "name", ["POLICY", "MAILBOX_HOST", "LOCALES_PATH", "MODEL_MIRROR", "SERVICE_HOST", "PORT_8002_TCP_ADDR", "PORT"]
)
def test_known_variables_and_those_of_a_cluster_are_not_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(PREFIX + name, "fallback")
    assert not unknown_variables()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("POLICY", "fusoin", "policy: 'fusoin' is none of 'fallback', 'fusion' or 'single'; did you mean 'fusion'?"),
        ("PROFILE", "huge", "profile: 'huge' is none of 'compact', 'standard' or 'large'"),
        ("RISK", "2", "risk"),
        ("DEVICE", "potato", "device: 'potato' is no device; known are 'auto'"),
        ("ENGINES", "tesseract", "no valid JSON"),
    ],
)
def test_a_wrong_value_ends_the_command_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    assert main(["doctor"]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told


def test_all_settings_are_listed_with_their_source_and_passwords_hidden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("INVOICE_CONNECTOR_RISK=0.02\n")
    monkeypatch.setenv("INVOICE_CONNECTOR_VERIFIER_API_KEY", "hidden-key")
    monkeypatch.setenv("INVOICE_CONNECTOR_MAILBOX_PASSWORD", "hidden-word")
    monkeypatch.setenv("INVOICE_CONNECTOR_VERIFIER", "http://clerk:hidden-too@localhost:1/v1")
    found = {setting.name: setting for setting in all_settings(ConnectorSettings())}
    assert (found["risk"].value, found["risk"].source) == (0.02, ".env")
    assert found["mailbox"].source == found["verifier_api_key"].source == "environment"
    assert found["certain"].source == "default"
    assert main(["settings"]) == 0
    text = capsys.readouterr().out
    assert "INVOICE_CONNECTOR_RISK" in text and "hidden" not in text
    assert main(["settings", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {entry["name"] for entry in listed} == set(found)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"invoice-connector {package_version()}")


def test_quiet_says_nothing_but_results_and_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(pdf_invoice(tmp_path / "invoice.pdf"))
    assert main(["--quiet", "process", path, "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["file"] == "invoice.pdf" and told.err == ""
    assert main(["process", "-q", str(tmp_path / "none.db"), "--db", "nonsense://"]) != 0
    assert "nonsense" in capsys.readouterr().err


def test_verbose_tells_what_happens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(pdf_invoice(tmp_path / "invoice.pdf"))
    assert main(["process", path, "-v", "--json"]) == 0
    assert "'invoice.pdf': reading took" in capsys.readouterr().err


def test_logging_ends_with_the_command_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    levels = [logging.getLogger(name).level for name in (None, "invoice_connector")]
    for times in (0, 1, 2):
        with logged(times):
            logging.getLogger("invoice_connector.test").warning("read \ud800 \x1b[31m.pdf")
    assert [logging.getLogger(name).level for name in (None, "invoice_connector")] == levels
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "read \\ud800 \\x1b[31m.pdf"
    assert told[1:] == ["WARNING invoice_connector.test: " + told[0]] * 2


def test_the_old_name_of_an_option_works_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(pdf_invoice(tmp_path / "invoice.pdf"))
    assert main(["process", path, "--verify", "never", "--json"]) == 0
    told = capsys.readouterr()
    assert "--verify-when" in told.err
    assert json.loads(told.out)["verification"]["used"] is False
