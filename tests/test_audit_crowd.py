"""Many readers beside several writers: no error, no lost job, an intact chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from audit_samples import fresh_log

from db.recount import check
from db.rollups import Scope
from db.verification import verify
from scripts.benchmark_audit import crowd, wrong_figures
from scripts.fill_audit import append_cost, fill


@pytest.mark.slow
def test_readers_and_writers_do_not_hurt_one_another(tmp_path: Path) -> None:
    report = crowd(f"sqlite:///{tmp_path / 'audit.db'}", clients=50, writers=4, seconds=10)
    assert report.wrong_answers == {}
    assert report.requests >= 50
    assert report.appended > 0
    assert report.lost == 0
    assert report.intact
    assert report.rollups_equal


def test_synthetic_jobs_are_a_log_like_any_other() -> None:
    """What the measurements are made on: hashes, seals and roll-ups are those of real jobs."""
    engine = fresh_log()
    fill(engine, 40)
    append_cost(engine, 5)
    report = verify(engine)
    assert (report.intact, report.sealed, report.events) == (True, True, 50)
    assert check(engine).equal
    for scope in (Scope(), Scope(engine="trocr")):
        assert wrong_figures(engine, scope) == []
