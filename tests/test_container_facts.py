"""The file that a document came in: kept in the job's row, covered by its hash, gone when the job is erased."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from audit_samples import sample_job

from db.audit import append_job, erase_job
from db.contract import document_json
from db.database import open_database
from db.queries import get_job
from db.verification import verify

MAIL = {"file": "post.eml", "part": "faktura.pdf", "sender": "a@example.com", "subject": "Faktura", "received": None}


def test_the_container_is_part_of_the_contract_and_of_what_is_hashed(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    engine = open_database(f"sqlite:///{path}")
    append_job(engine, record := sample_job(1, container=MAIL))
    append_job(engine, plain := sample_job(2))
    assert document_json(get_job(engine, record.id))["container"] == MAIL
    assert "container" not in document_json(get_job(engine, plain.id))
    assert verify(engine).intact
    engine.dispose()
    with sqlite3.connect(path) as tool:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            tool.execute("UPDATE ocr_jobs SET container = '{}' WHERE id = ?", (record.id,))
        guards = tool.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ocr_jobs'")
        for (name,) in guards.fetchall():
            tool.execute(f"DROP TRIGGER {name}")
        tool.execute('UPDATE ocr_jobs SET container = \'{"file":"other"}\' WHERE id = ?', (record.id,))
    tool.close()
    assert not verify(open_database(f"sqlite:///{path}")).intact


def test_who_sent_it_goes_with_an_erasure(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    append_job(engine, record := sample_job(1, container=MAIL))
    erase_job(engine, record.id)
    assert get_job(engine, record.id).record.container is None
    assert verify(engine).intact
