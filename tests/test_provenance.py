"""With what a document was read: noted with the job, part of when a document counts as read, and told in words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.ids import new_job_id
from db.queries import list_jobs
from db.verification import verify
from invoice_connector import provenance
from invoice_connector.cli import main
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.request import Request
from invoice_connector.provenance import settings_key
from invoice_connector.settings import ConnectorSettings
from invoice_connector.storage import open_log
from invoice_connector.version import commit, package_version
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.reading import Transcription
from tests.pdf_invoices import pdf_invoice

_OF_THE_RUN = ("job_id", "timings_ms", "engine_processing_times", "resources", "audit")


class OnGraphicsProcessor:
    """A page reader that says that it computes on a graphics processor, and finds nothing."""

    name, version, runs_on = "tesseract", "1", "cuda:1"

    def read_page(self, page: PageImage) -> Transcription:
        return Transcription(self.name, self.version, page.number, ())


def _settings(folder: Path, **more: Any) -> ConnectorSettings:
    return ConnectorSettings(database_url=f"sqlite:///{folder / 'audit.db'}", **more)


def _read(path: Path, settings: ConnectorSettings) -> dict[str, Any]:
    return InvoiceOCRConnector(settings).process_invoice_with_ocr(path).to_dict()


def test_a_job_says_with_what_it_was_read_and_the_chain_vouches_for_it(tmp_path: Path) -> None:
    settings = _settings(tmp_path, split="never")
    found = _read(pdf_invoice(tmp_path / "invoice.pdf"), settings)["provenance"]
    assert found["package"]["version"] == package_version()
    assert found["package"].get("commit") == commit()
    assert found["engines"]["pdf_text"]
    assert found["settings"]["split"] == "never"
    assert {"locales", "field_ranker", "vote_weights", "calibrators", "checkpoints"} <= found["parts"].keys()
    log = open_log(settings)
    assert verify(log).intact
    with log.begin() as connection, pytest.raises(Exception, match="append-only"):
        connection.exec_driver_sql("UPDATE ocr_jobs SET provenance = '{}'")
    log.dispose()


def test_every_fitted_file_is_of_a_part() -> None:
    root = Path(provenance.__file__).parents[1]
    named = [(root.joinpath(*package.split(".")), endings.split()) for package, endings in provenance._PARTS.values()]
    fitted = {path for name in ("invoice_connector", "ocr_ensemble", "verifier") for path in (root / name).rglob("*")
              if path.suffix in (".json", ".toml", ".safetensors", ".gz") and "checkpoints" not in path.parts
              and "samples" not in path.parts}  # fmt: skip
    noted = {path for folder, endings in named for path in folder.rglob("*") if path.name.endswith(tuple(endings))}
    assert fitted and not fitted - noted


def test_the_device_is_the_one_that_was_computed_on(tmp_path: Path) -> None:
    settings = _settings(tmp_path, engines=("tesseract",), verifier="off")
    connector = InvoiceOCRConnector(settings, {"tesseract": OnGraphicsProcessor()})
    page = np.full((400, 300, 3), 255, np.uint8)
    page[100:140, 60:240:8] = 0
    from PIL import Image

    Image.fromarray(page).save(tmp_path / "page.png")
    done = connector.read(tmp_path / "page.png", Request(new_job_id(), "page.png"))
    assert done.record.device == "cuda:1"
    assert done.to_dict()["provenance"]["device"] == "cuda:1"


def test_passwords_and_companies_are_not_noted(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path,
        verifier="http://clerk:secret@localhost:1/v1",
        verifier_api_key="hidden-key",
        own_vat_identifiers=("SE556677889901",),
    )
    noted = json.dumps(provenance.provenance(settings, {}, None))
    assert not re.search("secret|hidden-key|SE556677889901", noted)
    assert settings_key(settings, None) != settings_key(settings.model_copy(update={"own_vat_identifiers": ()}), None)


def test_the_same_document_read_twice_gives_the_same_json(tmp_path: Path) -> None:
    path = pdf_invoice(tmp_path / "invoice.pdf")
    first, second = (_read(path, _settings(folder)) for folder in _folders(tmp_path, "one", "two"))
    for document in (first, second):
        for name in _OF_THE_RUN:
            del document[name]
    assert json.dumps(first) == json.dumps(second)


def _folders(parent: Path, *names: str) -> list[Path]:
    for name in names:
        (parent / name).mkdir()
    return [parent / name for name in names]


def test_a_batch_reads_again_what_an_older_calibrator_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder,) = _folders(tmp_path, "in")
    path, settings = pdf_invoice(folder / "invoice.pdf"), _settings(tmp_path)
    with monkeypatch.context() as before:
        older = {**provenance.parts(), "calibrators": "0" * 16}
        before.setattr(provenance, "parts", lambda: older)
        _read(path, settings)

    def jobs_after_a_batch() -> int:
        assert main(["batch", str(folder), "--db", settings.database_url]) == 0
        log = open_log(settings)
        try:
            return len(list_jobs(log, 10))
        finally:
            log.dispose()

    assert [jobs_after_a_batch(), jobs_after_a_batch()] == [2, 2]


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.toml", fullmatch=True), st.binary(max_size=40), min_size=1))
def test_any_change_of_a_parts_files_changes_its_digest(files: dict[str, bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        before = provenance._digest(folder, [".toml"])
        (folder / "beside.txt").write_bytes(b"no part of it")
        assert provenance._digest(folder, [".toml"]) == before
        changed = folder / min(files)
        changed.write_bytes(files[changed.name] + b" ")
        assert provenance._digest(folder, [".toml"]) != before


def test_audit_explain_tells_how_a_value_came_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = _settings(tmp_path, risk=0.02)
    job = _read(pdf_invoice(tmp_path / "invoice.pdf"), settings)
    log = ["--db", str(settings.database_url)]
    assert main(["audit", "explain", job["job_id"], *log]) == 0
    told = capsys.readouterr().out
    for sentence in (
        f"invoice-connector {package_version()}", "device: cpu", "calibrators ", "risk 0.02", job["audit"]["hash"],
        "evidence (label): the label “Fakturanummer” names it", "pdf_text: '20260917'",
    ):  # fmt: skip
        assert sentence in told
    assert main(["audit", "explain", job["job_id"], "--field", "issue_date", *log]) == 0
    only = capsys.readouterr().out
    assert "2026-10-14" in only and "Invoice number" not in only
    assert main(["audit", "explain", job["job_id"], "--field", "isue_date", *log]) == 2
    assert "issue_date" in capsys.readouterr().err


def test_lines_have_words_where_they_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(pdf_invoice(tmp_path / "invoice.pdf"))
    log = ["--db", f"sqlite:///{tmp_path / 'audit.db'}", "--json"]
    assert main(["process", path, *log]) == 0
    assert "words" not in json.loads(capsys.readouterr().out)["lines"][0]
    assert main(["process", path, "--words", *log]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert all(" ".join(word["text"] for word in line["words"]) == line["text"] for line in lines)
    assert all(word["box"][0] >= line["box"][0] for line in lines for word in line["words"])


def test_a_document_for_review_fails_the_command_where_that_is_wanted(tmp_path: Path) -> None:
    path = str(pdf_invoice(tmp_path / "invoice.pdf", total="1 350,00", account="5050-1056"))
    log = ["--db", f"sqlite:///{tmp_path / 'audit.db'}"]
    assert main(["process", path, *log]) == 0
    assert main(["process", path, "--fail-on", "review", *log]) == 1
