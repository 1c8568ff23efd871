"""``batch`` on real files with a real engine, killed without warning, over and over."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from audit_samples import fresh_log, sample_job
from pdf_invoices import pdf_invoice
from PIL import Image, ImageDraw, ImageFont

from db.audit import append_job
from db.errors import DuplicateJobError
from db.queries import jobs_of_settings
from invoice_connector.provenance import settings_key
from invoice_connector.settings import ConnectorSettings

DOCUMENTS, KILLS = 200, 5
OPTIONS = ("--engines", "tesseract", "--policy", "single", "--verifier", "off", "--db", "sqlite:///audit.db")
TEXT_LAYER = ("--engines", "pdf_text", *OPTIONS[2:])


def draw(path: Path, number: int) -> None:
    """A small receipt that differs from every other one in its number."""
    image = Image.new("RGB", (520, 260), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=26)
    for row, text in enumerate(("Exempel AB", f"Kvitto {1000 + number}", "2026-03-17", "Totalt 125,00 kr")):
        pen.text((30, 20 + 58 * row), text, fill="black", font=font)
    image.save(path)


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {"PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(folder), "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "invoice_connector", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = command(folder, *arguments)
    out, error = process.communicate(timeout=900)
    return process.returncode, out, error


def stored(folder: Path) -> int:
    """How many jobs lie in the log."""
    import sqlite3

    if not (folder / "audit.db").exists():
        return 0
    connection = sqlite3.connect(folder / "audit.db", timeout=10)
    try:
        return int(connection.execute("SELECT count(*) FROM ocr_jobs").fetchone()[0])
    except sqlite3.OperationalError:  # killed before its tables were made
        return 0
    finally:
        connection.close()


@pytest.mark.slow
def test_a_batch_that_is_killed_five_times_ends_with_one_result_each(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(DOCUMENTS):
        pdf_invoice(tmp_path / "in" / f"{number}.pdf", number=f"2026{number:04}")
    chance = random.Random(5)
    for _ in range(KILLS):
        wanted = stored(tmp_path) + chance.randrange(5, DOCUMENTS // (KILLS + 1))
        process = command(tmp_path, "batch", "in", "--jobs", "2", *TEXT_LAYER)
        while stored(tmp_path) < wanted and process.poll() is None:
            time.sleep(0.02)
        assert process.poll() is None, process.communicate()
        # Every second time the parent alone: its workers must notice, and may not store what the next run stores.
        os.kill(process.pid, signal.SIGKILL) if chance.random() < 0.5 else os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert stored(tmp_path) < DOCUMENTS
    code, out, error = run(tmp_path, "batch", "in", "--jobs", "2", *TEXT_LAYER)
    assert code == 0, error
    assert f"files            {DOCUMENTS:>3}" in out
    code, listed, _ = run(tmp_path, "jobs", "list", "--json", "--limit", "1000", *TEXT_LAYER[-2:])
    jobs = [json.loads(line) for line in listed.splitlines()]
    assert len(jobs) == DOCUMENTS
    assert len({job["source_name"] for job in jobs}) == DOCUMENTS
    code, verdict, _ = run(tmp_path, "audit", "verify", *TEXT_LAYER[-2:])
    assert code == 0, verdict
    assert verdict.startswith(f"intact: {DOCUMENTS} events")
    code, hits, _ = run(tmp_path, "search", "bankgiro 5050-1055", "--limit", "1000", *TEXT_LAYER[-2:])
    assert code == 0
    assert hits.count("[Bankgiro] [5050]-[1055]") == DOCUMENTS
    assert f"{DOCUMENTS - 1}.pdf, page 1" in hits


def test_a_batch_says_what_failed_and_skips_what_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "below"
    folder.mkdir(parents=True)
    draw(folder / "good.png", 1)
    (folder / "same.png").write_bytes((folder / "good.png").read_bytes())
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 cut")
    (folder / "notes.txt").write_text("no invoice")
    code, out, error = run(tmp_path, "batch", "in", "--json", *OPTIONS)
    documents = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert {d["file"]: d["status"] == "failed" for d in documents} == {"good.png": False, "broken.pdf": True}
    assert "broken.pdf: DamagedDocumentError" in error
    assert "\x1b" not in error  # no bar where nobody watches
    assert stored(tmp_path) == 2
    code, out, _ = run(tmp_path, "batch", "in", *OPTIONS)
    assert (code, stored(tmp_path)) == (1, 2)
    assert "done before        3" in out
    assert "broken.pdf: failed before" in out
    code, out, _ = run(tmp_path, "batch", "in", "--retry-failed", *OPTIONS)
    assert (code, stored(tmp_path)) == (1, 3)


def test_other_settings_read_again_and_a_worker_that_comes_late_stores_nothing() -> None:
    engine = fresh_log()
    key = settings_key(ConnectorSettings(engines=("tesseract",)), None)
    other = settings_key(ConnectorSettings(engines=("rapidocr",)), None)
    assert key == settings_key(ConnectorSettings(engines=("tesseract",), threads=1, database_url="sqlite://"), None)
    assert len({key, other, settings_key(ConnectorSettings(engines=("tesseract",)), "customer-1")}) == 3
    append_job(engine, sample_job(1, settings_key=key), ("completed",))
    with pytest.raises(DuplicateJobError):
        append_job(engine, sample_job(2, sha256=sample_job(1).sha256, settings_key=key), ("completed",))
    append_job(engine, sample_job(3, sha256=sample_job(1).sha256, settings_key=other), ("completed",))
    append_job(engine, sample_job(4, sha256=sample_job(1).sha256, settings_key=key))  # `process` may read it again
    assert jobs_of_settings(engine, key) == {sample_job(1).sha256: "completed"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["nowhere"], "is no folder"), ([".", "--jobs", "0"], "--jobs: it is"), (["."], "holds no images")],
)
def test_a_batch_of_nothing_is_wrong_usage(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    code, out, error = run(tmp_path, "batch", *arguments)
    assert (code, out) == (2, "")
    assert sentence in error
