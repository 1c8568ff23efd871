"""Kill -9 at random moments while documents are accepted and jobs stored: is everything that was acknowledged there?

python scripts/scale/kills.py --rounds 300
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from sqlalchemy import Engine, func, select

from db.audit import append_job
from db.database import open_database
from db.ids import new_job_id
from db.records import JobRecord
from db.submissions import Spool
from db.tables import JOBS
from db.verification import verify

_DAY = datetime(2026, 3, 17, tzinfo=UTC)


@dataclass
class Tally:
    """What the killed processes had acknowledged, and ``faults`` in sentences."""

    rounds: int = 0
    accepted: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def kill_rounds(folder: Path, rounds: int, rng: random.Random) -> Tally:
    """Each round starts a process that accepts and stores as fast as it can, and kills it after up to 0.3 seconds of
    writing; the next one takes up what was left."""
    url, tally = f"sqlite:///{folder / 'audit.db'}", Tally()
    open_database(url).dispose()
    context = multiprocessing.get_context("fork")  # a fresh interpreter for each round would take seconds
    for _ in range(rounds):
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=_write, args=(url, folder / "uploads", its))
        process.start()
        its.close()
        mine.poll(60)  # its first acknowledgement: from now on it is writing
        time.sleep(rng.random() * 0.3)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        _acknowledged(mine, tally)
        tally.rounds += 1
    _check(url, folder / "uploads", tally)
    return tally


def _write(url: str, uploads: Path, acknowledgements: Connection) -> None:
    engine = open_database(url)
    spool = Spool(engine, uploads)
    for left in spool.unfinished():
        _store(engine, spool, left.job_id, acknowledgements)
    while True:
        job_id = new_job_id()
        spool.accept(job_id, job_id.encode() * 500, {})
        acknowledgements.send(("accepted", job_id))
        _store(engine, spool, job_id, acknowledgements)


def _store(engine: Engine, spool: Spool, job_id: str, acknowledgements: Connection) -> None:
    append_job(
        engine, JobRecord(id=job_id, status="needs_review", source_name="a.pdf", started_at=_DAY, finished_at=_DAY)
    )
    acknowledgements.send(("stored", job_id))
    spool.finish(job_id)


def _acknowledged(connection: Connection, tally: Tally) -> None:
    """What arrived before the kill; a message that was cut in two is none."""
    try:
        while connection.poll():
            kind, job_id = connection.recv()
            (tally.accepted if kind == "accepted" else tally.stored).add(job_id)
    except (EOFError, OSError):
        pass
    finally:
        connection.close()


def _check(url: str, uploads: Path, tally: Tally) -> None:
    engine = open_database(url)
    waiting = {each.job_id for each in Spool(engine, uploads).unfinished()}
    with engine.connect() as connection:
        ids = list(connection.execute(select(JOBS.c.id)).scalars())
        count = connection.execute(select(func.count()).select_from(JOBS)).scalar_one()
    if lost := tally.stored - set(ids):
        tally.faults.append(f"{len(lost)} stored jobs are gone")
    if lost := tally.accepted - set(ids) - waiting:
        tally.faults.append(f"{len(lost)} accepted documents are gone")
    if missing := [job_id for job_id in waiting if not (uploads / job_id).exists()]:
        tally.faults.append(f"{len(missing)} waiting documents have no bytes")
    if len(set(ids)) != count:
        tally.faults.append("a job is there twice")
    if not verify(engine).intact:
        tally.faults.append("the audit log's chain is broken")
    engine.dispose()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        tally = kill_rounds(Path(folder), options.rounds, random.Random(options.seed))
    print(f"{tally.rounds} kills, {len(tally.accepted)} documents accepted, {len(tally.stored)} jobs stored")
    print("\n".join(tally.faults) or "nothing that was acknowledged is lost, nothing is double, the chain is intact")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
