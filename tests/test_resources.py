"""What a document took of memory and processor is measured, stored and shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from audit_samples import fresh_log, sample_job
from fastapi.testclient import TestClient
from old_database import make_old

from analytics.app import create_app
from db.audit import append_job, erase_job
from db.contract import document_json
from db.database import open_database
from db.errors import AppendOnlyError
from db.queries import get_job
from db.transactions import writing
from db.verification import verify
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.pipeline.resources import Meter, Resources
from ocr_ensemble.document.isolation import IsolatedDecoder, Isolation
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.memory import forget_peak, peak_bytes
from ocr_ensemble.settings import EnsembleSettings
from scripts.hostile.healthy import pdf

TOOK = {"peak_memory_bytes": 1_234_567_890, "processor_ms": {"decode": 30.0, "read": 1500.5, "total": 1530.5}}


def test_each_step_that_was_begun_is_measured() -> None:
    ensemble = OCREnsemble(EnsembleSettings(engines=("pdf_text",)))
    for content, steps in ((pdf(), {"decode", "read", "extract", "verify", "check"}), (b"no document", {"decode"})):
        outcome = process(content, Request("job-1", "a.pdf"), ensemble)
        took = outcome.to_record().resources
        assert took is not None
        assert set(outcome.resources.processor_ms) == steps
        assert took["processor_ms"]["total"] == pytest.approx(sum(outcome.resources.processor_ms.values()), abs=0.01)
        assert took["peak_memory_bytes"] > 10_000_000


def test_the_decoding_child_counts_also_when_it_is_killed() -> None:
    decoder = IsolatedDecoder(Isolation(seconds=5.0, cpu_seconds=1.0))
    with pytest.raises(Exception, match="processor time"):
        decoder.call("isolation_tasks:spin", b"", "a file")
    assert decoder.processor_seconds > 0.5
    decoder.close()


def test_a_peak_is_that_of_the_step_alone() -> None:
    array = np.ones(300_000_000, np.uint8)
    before = peak_bytes()
    del array
    forget_peak()
    after = peak_bytes()
    assert before is not None and after is not None and before - after > 200_000_000
    meter = Meter(Isolation(enabled=False))
    array = np.ones(300_000_000, np.uint8)
    took = meter.read("read")
    assert array.all() and took.peak_memory_bytes is not None and took.peak_memory_bytes - after > 200_000_000
    assert took.processor_ms["read"] > 0


def test_steps_of_several_processes_add_up_and_the_highest_peak_stays() -> None:
    both = Resources({"decode": 1.0}, 700).beside(Resources({"read": 2.0}, 500)).beside(Resources({"check": 3.0}))
    assert both == Resources({"decode": 1.0, "read": 2.0, "check": 3.0}, 700)
    assert Resources().to_dict() is None


def test_they_are_part_of_the_log_and_stay_when_a_job_is_erased() -> None:
    engine = fresh_log()
    record = sample_job(resources=TOOK)
    append_job(engine, record)
    assert document_json(get_job(engine, record.id))["resources"] == TOOK
    for statement in ("UPDATE ocr_jobs SET resources = NULL", "UPDATE ocr_jobs SET resources = '{}'"):
        with pytest.raises(AppendOnlyError), writing(engine) as connection:
            connection.exec_driver_sql(statement)
    with TestClient(create_app(engine)) as client:
        assert client.get(f"/analytics/jobs/{record.id}").json()["resources"] == TOOK
        html = client.get(f"/jobs/{record.id}?lang=en").text
        assert "Memory at most: 1,235 MB" in html and "1.5 s" in html
    erase_job(engine, record.id)
    assert get_job(engine, record.id).record.resources == TOOK
    assert verify(engine).intact


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    engine = open_database(f"sqlite:///{path}")
    record = sample_job()
    append_job(engine, record)
    before = document_json(get_job(engine, record.id))
    engine.dispose()
    make_old(path)
    engine = open_database(f"sqlite:///{path}")
    assert verify(engine).intact
    assert document_json(get_job(engine, record.id)) == before
    append_job(engine, sample_job(2, resources=TOOK))
    assert verify(engine).intact
