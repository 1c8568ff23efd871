"""A copy of the log, made as the documents say while others write, is whole, and goes on where it was put back."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from audit_samples import sample_job
from sqlalchemy import Engine

from db import keys
from db.audit import append_job, sealed_head
from db.contract import document_json
from db.database import open_database
from db.queries import get_job, list_jobs
from db.verification import verify
from scripts.scale.servers import Postgres, postgres_server, program

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[Postgres]:
    # Not in pytest's folder, which the server's own user may not enter.
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder) / "server") as server:
        yield server


def run(*command: object) -> None:
    program(str(command[0]), "sqlite3 postgresql-client")
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def check_copy(original: Engine, copy: Engine, least: int) -> None:
    """The copy holds the first events of the original, at least so many, and what they tell of."""
    head = sealed_head(copy)
    assert head.sequence >= least
    assert verify(copy).intact and verify(copy).sealed
    assert verify(original, head).intact, "the original contains the copy's head"
    jobs = list_jobs(copy, 1000)
    assert len(jobs) == head.sequence
    for job in jobs[:5]:
        assert document_json(get_job(copy, job.id)) == document_json(get_job(original, job.id))


def test_an_sqlite_log_is_copied_while_it_is_written_and_restored(tmp_path: Path) -> None:
    data = tmp_path / "data"
    original = open_database(f"sqlite:///{data / 'audit.db'}")
    key = keys.create(original, "erp", ("write",))
    append_job(original, sample_job())
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            append_job(original, sample_job())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            least = sealed_head(original).sequence
            folder = tmp_path / f"backup-{number}"
            folder.mkdir()
            run("sqlite3", "-cmd", ".timeout 20000", data / "audit.db", f".backup {folder / 'audit.db'}")
            shutil.copy(data / "audit.db.key", folder)
            copy = open_database(f"sqlite:///{folder / 'audit.db'}")
            check_copy(original, copy, least)
            copy.dispose()
    finally:
        stop.set()
        writer.join()
    original.dispose()

    shutil.move(data, tmp_path / "broken")
    shutil.copytree(tmp_path / "backup-4", data)
    restored = open_database(f"sqlite:///{data / 'audit.db'}")
    before = sealed_head(restored).sequence
    assert keys.check(restored, key), "keys are part of the log"
    append_job(restored, sample_job())
    assert sealed_head(restored).sequence == before + 1
    assert verify(restored).intact
    restored.dispose()


def test_a_postgresql_log_is_dumped_and_restored(server: Postgres, tmp_path: Path) -> None:
    seal = tmp_path / "audit.key"
    original = open_database(server.url, key_file=seal)
    for number in range(4):
        append_job(original, sample_job(number))
    kept = sealed_head(original)
    address = server.url.replace("+pg8000", "")
    run("pg_dump", "--format=custom", f"--file={tmp_path / 'audit.dump'}", address)
    append_job(original, sample_job(9))  # after the copy
    new = address.rpartition("/")[0] + "/restored"
    run("createdb", f"--maintenance-db={address}", "restored")
    run("pg_restore", "--exit-on-error", f"--dbname={new}", tmp_path / "audit.dump")
    restored = open_database(new.replace("postgresql:", "postgresql+pg8000:"), key_file=seal)
    assert verify(restored, kept).intact
    check_copy(original, restored, 4)
    append_job(restored, sample_job(10))
    assert verify(restored).intact
    restored.dispose()
    original.dispose()
