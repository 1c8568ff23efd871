"""A watched folder: what lies still is read once, over kills too, and moved to done/ or failed/."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from export_samples import stored_invoice
from mail_samples import zipped
from stored_jobs import stored, wait_until

from db.database import open_database
from db.queries import list_jobs
from db.records import JobStatus
from db.verification import verify
from invoice_connector.arrivals.arriving import Opening
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.cli import main
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.settings import ConnectorSettings
from invoice_connector.workers.batch import BatchOrder
from invoice_connector.workers.watching import FolderWatch
from ocr_ensemble.settings import EnsembleSettings


def ubl(number: str) -> bytes:
    return to_ubl(stored_invoice({"invoice_number": number, "buyer_vat_identifier": None}).record, Customization.CORE)


def watcher(folder: Path, settle: float = 0.0) -> FolderWatch:
    url = f"sqlite:///{folder / 'audit.db'}"
    settings = ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off", threads=1)
    order = BatchOrder(settings, None, tuple(str(status) for status in JobStatus))
    return FolderWatch(folder, order, Opening(EnsembleSettings(), Bounds()), settle)


def test_what_is_still_written_is_left_alone(tmp_path: Path) -> None:
    watch, path = watcher(tmp_path), tmp_path / "r.xml"
    path.write_bytes(ubl("1")[:500])
    assert list(watch.look()) == [] and watch.waiting
    path.write_bytes(ubl("1"))  # longer than at the last look
    assert list(watch.look()) == []
    patient = watcher(tmp_path, settle=3600.0)
    assert list(patient.look()) == list(patient.look()) == []
    assert path.exists()


def test_what_lies_still_is_read_and_moved_and_known_when_it_comes_again(tmp_path: Path) -> None:
    (tmp_path / "two.zip").write_bytes(zipped({"a.xml": ubl("1"), "b.xml": ubl("2")}))
    (tmp_path / "bad.xml").write_bytes(ubl("3")[:-20])
    (tmp_path / "letter.docx").write_bytes(zipped({"word/document.xml": b"<w:document/>"}))
    (tmp_path / "copying.pdf.part").write_bytes(b"%PDF")
    watch = watcher(tmp_path)
    list(watch.look())
    found = {document["file"]: document["status"] for _, document in watch.look() if document}
    assert found == {"a.xml": "completed", "b.xml": "completed", "bad.xml": "failed", "letter.docx": "failed"}
    assert (tmp_path / "done" / "two.zip").exists() and (tmp_path / "failed" / "bad.xml").exists()
    assert (tmp_path / "failed" / "letter.docx").exists()
    assert (tmp_path / "copying.pdf.part").exists() and not watch.waiting
    (tmp_path / "two.zip").write_bytes((tmp_path / "done" / "two.zip").read_bytes())
    list(watch.look())
    assert [document for _, document in watch.look()] == [None, None]
    assert (tmp_path / "done" / "two (2).zip").exists()


@pytest.mark.slow
def test_what_was_read_is_sent_and_what_failed_is_told_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "good.xml").write_bytes(ubl("1"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "INVOICE_CONNECTOR_SINKS", json.dumps({"out": {"kind": "folder", "path": str(tmp_path / "out")}})
    )
    monkeypatch.setenv("INVOICE_CONNECTOR_DELIVER_TO", '["out"]')
    command = ["watch", str(inbox), "--once", "--every", "0.1", "--settle", "0", "--verifier", "off"]
    command += ["--db", f"sqlite:///{tmp_path / 'audit.db'}", "--alive", str(tmp_path / "alive")]
    assert main(command) == 0
    assert [path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()].count(".json") == 1
    assert (tmp_path / "alive").exists()
    (inbox / "bad.xml").write_bytes(ubl("2")[:-20])
    assert main(command) == 1


def test_a_wrong_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(tmp_path / "none")]) == 2
    assert "is no folder" in capsys.readouterr().err


@pytest.mark.slow
def test_over_kills_every_document_is_stored_once(tmp_path: Path) -> None:
    inbox, url = tmp_path / "in", f"sqlite:///{tmp_path / 'audit.db'}"
    inbox.mkdir()
    for number in range(12):
        (inbox / f"{number}.xml").write_bytes(ubl(f"N-{number}"))
    (inbox / "more.zip").write_bytes(zipped({f"z{number}.xml": ubl(f"Z-{number}") for number in range(6)}))
    command = [sys.executable, "-m", "invoice_connector", "watch", str(inbox), "--db", url, "--verifier", "off"]
    options = ["--every", "0.2", "--settle", "0"]
    for count in (1, 5, 9, 14):
        process = subprocess.Popen([*command, *options], env=dict(os.environ), start_new_session=True)
        wait_until(lambda count=count: stored(tmp_path / "audit.db") >= count)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert subprocess.run([*command, *options, "--once"], env=dict(os.environ), check=False).returncode == 0
    engine = open_database(url)
    jobs = Counter(job.source_name for job in list_jobs(engine, 100))
    assert jobs == Counter([*(f"{number}.xml" for number in range(12)), *(f"z{number}.xml" for number in range(6))])
    assert verify(engine).intact
    assert sorted(path.name for path in (inbox / "done").iterdir()) == sorted(
        [*(f"{number}.xml" for number in range(12)), "more.zip"]
    )
