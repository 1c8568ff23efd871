"""Documents through workers that are killed and a broker that is restarted: what comes out, and is it all there once?

    python scripts/scale/storm.py --documents 500 --workers 4 --kills 20 --restarts 3

Exit code 1 unless every document has one job, the embedded path's result, and the audit chain holds.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from db.contract import document_json
from db.queries import get_job, list_jobs
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from scripts.hostile.healthy import pdf
from scripts.scale.cluster import Cluster, cluster

# Short times, so that what was lost is found again while somebody watches.
QUICK = {
    "engines": '["pdf_text"]',
    "policy": "single",
    "stage_seconds": "8",
    "sweep_seconds": "1",
    "retry_seconds": "0.5",
}
_OF_THE_RUN = ("job_id", "audit", "timings_ms", "resources", "engine_processing_times", "started_at", "finished_at")


def documents(count: int) -> list[tuple[str, bytes]]:
    """Small invoices that differ in their number and sum."""
    return [
        (
            f"faktura-{number}.pdf",
            pdf(("Exempel AB", f"Faktura {1000 + number}", "Datum 2026-03-17", f"Att betala {number},00")),
        )
        for number in range(count)
    ]


def disturb(running: Cluster, kills: int, restarts: int, seconds: float, rng: random.Random) -> None:
    """Kills workers and the broker at random moments within ``seconds``."""
    blows = ["worker"] * kills + ["broker"] * restarts
    rng.shuffle(blows)
    for blow in blows:
        time.sleep(rng.uniform(0.2, 1.8) * seconds / len(blows))
        if blow == "worker":
            running.kill_worker(rng.randrange(len(running.workers)))
        else:
            running.redis.kill()
            time.sleep(rng.uniform(0.1, 1.0))
            running.redis.start()


def faults(running: Cluster, sent: Sequence[tuple[str, bytes]], job_ids: Sequence[str]) -> list[str]:
    """What is not as it should be, in sentences."""
    found = []
    stored = list_jobs(running.database, len(job_ids) * 2)
    if sorted(job.id for job in stored) != sorted(job_ids):
        found.append(f"{len(job_ids)} documents have {len(stored)} jobs")
    if not verify(running.database).intact:
        found.append("the audit log's chain is broken")
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            **running.settings.model_dump(),
            "database_url": f"sqlite:///{folder}/audit.db",
            "audit_key_file": None,
        }
        embedded = InvoiceOCRConnector(ConnectorSettings(**settings))
        for (name, content), job_id in zip(sent, job_ids, strict=True):
            alone = embedded.process_bytes(content, Request(job_id, name)).to_dict()
            if _comparable(document_json(get_job(running.database, job_id))) != _comparable(alone):
                found.append(f"{name} differs from what the embedded path reads")
        embedded.database.dispose()
    return found


def _comparable(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's JSON without what differs from run to run."""
    return {name: value for name, value in document.items() if name not in _OF_THE_RUN}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=120.0, help="over which the blows are spread")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    sent = documents(options.documents)
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), **QUICK) as running:
        for _ in range(options.workers):
            running.start_worker()
        started = time.monotonic()
        job_ids = running.submit(sent)
        disturb(running, options.kills, options.restarts, options.seconds, random.Random(options.seed))
        statuses = running.wait(job_ids, 1800)
        seconds = time.monotonic() - started
        found = faults(running, sent, job_ids)
    blows = f"{options.kills} kills, {options.restarts} restarts"
    print(f"{options.documents} documents, {blows}: {seconds:.0f} s, {dict(statuses)}")
    print("\n".join(found) if found else "all there, once each, equal to the embedded path, chain intact")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
