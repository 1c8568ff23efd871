"""A small cluster on this machine: Redis, PostgreSQL and worker processes that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from invoice_connector.pipeline.request import Request
from invoice_connector.scale.stages import Line, status
from invoice_connector.scale.worker import line_of
from invoice_connector.settings import ConnectorSettings
from scripts.scale.servers import Postgres, Redis, postgres_server, redis_server

ENDED = frozenset({"approved", "needs_review", "failed"})


@dataclass
class Cluster:
    """``options`` are settings of the workers beside those of the servers."""

    folder: Path
    redis: Redis
    postgres: Postgres
    options: Mapping[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @cached_property
    def environment(self) -> dict[str, str]:
        values = {
            "database_url": self.postgres.url,
            "broker_url": self.redis.url,
            "work_store": str(self.folder / "work"),
            "audit_key_file": str(self.folder / "key"),
            "verifier": "off",
            **self.options,
        }
        named = {f"INVOICE_CONNECTOR_{name.upper()}": value for name, value in values.items()}
        return {**os.environ, **named, "XDG_DATA_HOME": str(self.folder), "PYTHONWARNINGS": "ignore"}

    @cached_property
    def settings(self) -> ConnectorSettings:
        earlier = dict(os.environ)
        os.environ.update(self.environment)
        try:
            return ConnectorSettings()
        finally:
            os.environ.clear()
            os.environ.update(earlier)

    @cached_property
    def line(self) -> Line:
        return line_of(self.settings)

    @property
    def database(self) -> Engine:
        found: Engine = self.line.connector.database
        return found

    def start_worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """One worker with one process, in a process group of its own."""
        name = f"w{len(self.workers)}-{os.getpid()}@local"
        command = [
            sys.executable,
            "-m",
            "invoice_connector",
            "worker",
            "--concurrency",
            "1",
            "--name",
            name,
            *arguments,
        ]
        with (self.folder / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True, cwd=self.folder
            )
        self.workers.append(worker)
        return worker

    def kill_worker(self, place: int) -> None:
        """Without a word to anybody, and a new one in its place."""
        _end(self.workers[place])
        replacement = self.start_worker()
        self.workers.remove(replacement)
        self.workers[place] = replacement

    def submit(self, documents: Sequence[tuple[str, bytes]], priority: str = "normal") -> list[str]:
        """The job ids of the documents (name, bytes)."""
        from db.ids import new_job_id

        requests = [(Request(new_job_id(), name), content) for name, content in documents]
        for request, content in requests:
            self.line.accept(content, request, priority)
        return [request.job_id for request, _ in requests]

    def status_of(self, job_id: str) -> str:
        return str(status(self.database, job_id)["status"])

    def wait(self, job_ids: Sequence[str], seconds: float) -> Counter[str]:
        """The statuses once all have ended. Raises TimeoutError with where they are otherwise."""
        deadline = time.monotonic() + seconds
        ended: Counter[str] = Counter()
        # Asking costs the workers' time: who has ended is not asked about again, and many are asked about seldom.
        waiting = list(job_ids)
        while True:
            found = {job_id: self.status_of(job_id) for job_id in waiting}
            ended.update(state for state in found.values() if state in ENDED)
            waiting = [job_id for job_id, state in found.items() if state not in ENDED]
            if not waiting:
                return ended
            if time.monotonic() > deadline:
                still = dict(Counter(found[job_id] for job_id in waiting))
                raise TimeoutError(f"after {seconds:g} seconds documents are still on their way: {still}")
            time.sleep(0.2 + 0.05 * len(waiting))


@contextmanager
def cluster(folder: Path, **options: str) -> Iterator[Cluster]:
    """Running servers; the caller starts workers. All of it is stopped at the end."""
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server(folder / "redis"))
        postgres = stack.enter_context(postgres_server(folder / "postgres"))
        found = Cluster(folder, redis, postgres, options)
        try:
            _ = found.database
            yield found
        finally:
            for worker in found.workers:
                _end(worker)
            found.database.dispose()


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
