"""What is attacked: the reader in this process, and a server in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

import httpx

from db.errors import JobNotFoundError
from db.ids import new_job_id
from db.queries import get_job
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from scripts.hostile.files import HostileFile
from scripts.hostile.healthy import LINES, encoded, picture
from scripts.hostile.watch import descendants

A4 = (1654, 2339)  # pixels at 200 dpi
QUICK_ENGINES = ("pdf_text",)
_PATIENCE = 40  # times the processor time


class HeldError(Exception):
    """The victim did not hold; the sentence says how."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file: ``result`` is its status, or the type of the error that ``message`` explains."""

    result: str
    message: str = ""
    failed: bool = False


class Victim(Protocol):
    root: int
    """The process whose tree is watched."""

    def read(self, file: HostileFile, complete: bool) -> Verdict:
        """Reads it, with all default engines when ``complete``. Raises HeldError."""

    def close(self) -> None: ...


class Embedded:
    """The Python call, in this process."""

    root = os.getpid()

    def __init__(self, settings: ConnectorSettings) -> None:
        self._complete = InvoiceOCRConnector(settings)
        self._quick = InvoiceOCRConnector(settings.model_copy(update={"engines": QUICK_ENGINES, "policy": "single"}))

    def warm_up(self) -> None:
        """What engines keep for a page of usual size is no growth; what larger ones take, they give back."""
        self._complete.process_bytes(encoded(picture(LINES, A4), "PNG"), Request(new_job_id(), "a4.png"))

    def read(self, file: HostileFile, complete: bool) -> Verdict:
        connector = self._complete if complete else self._quick
        request = Request(new_job_id(), file.name)
        try:
            connector.process_bytes(file.content, request)
            job = get_job(connector.database, request.job_id).record
        except JobNotFoundError as error:
            raise HeldError("no row was stored") from error
        except Exception as error:
            raise HeldError(f"{type(error).__name__}: {str(error)[:200]}") from error
        return Verdict(job.error_type or str(job.status), job.error_message or "", job.error_type is not None)

    def close(self) -> None:
        self._complete.database.dispose()
        self._quick.database.dispose()


class Server:
    """``serve`` on this machine; now and then its reader is killed while it reads, as a crash in a library would."""

    def __init__(self, settings: ConnectorSettings, engines: tuple[str, ...], kill_share: float, seed: int = 1) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "invoice_connector", "serve", "--port", str(port), "--engines", ",".join(engines)],
            env={**os.environ, **_environment(settings), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.root = self._process.pid
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600)
        self._rng, self._kill_share = Random(seed), kill_share
        while not self._lives():
            time.sleep(0.2)

    def read(self, file: HostileFile, complete: bool) -> Verdict:
        killer = threading.Timer(self._rng.random(), self._kill_reader)
        if self._rng.random() < self._kill_share:
            killer.start()
        try:
            name = file.name.encode(errors="replace").decode()[:100] or "x"
            answer = self._client.post("/invoices", files={"file": (name, file.content)})
        except httpx.HTTPError as error:
            raise HeldError(f"the server did not answer: {error}") from error
        finally:
            killer.cancel()
        if not self._lives():
            raise HeldError("the server is dead")
        if answer.status_code >= 500:
            raise HeldError(f"the server answered {answer.status_code}: {answer.text[:200]}")
        if answer.status_code != 200:
            return Verdict(f"refused with {answer.status_code}", answer.text[:200])
        job = self._client.get(f"/analytics/jobs/{answer.json()['job_id']}")
        if job.status_code != 200:
            raise HeldError("no row was stored")
        failure = job.json()["error"] or {}
        return Verdict(failure.get("type") or job.json()["status"], failure.get("message", ""), bool(failure))

    def close(self) -> None:
        self._client.close()
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _lives(self) -> bool:
        with suppress(httpx.HTTPError):
            return self._client.get("/livez").status_code == 200
        if self._process.poll() is not None:
            raise HeldError(f"the server ended with {self._process.returncode}")
        return False

    def _kill_reader(self) -> None:
        for process in descendants(self.root)[1:2]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _environment(settings: ConnectorSettings) -> dict[str, str]:
    decoder = ("decoder_seconds", "decoder_cpu_seconds", "decoder_page_seconds", "decoder_memory_bytes")
    names = ("database_url", "verifier", *decoder)
    values = {name: str(getattr(settings, name)) for name in names}
    return {f"INVOICE_CONNECTOR_{name.upper()}": value for name, value in values.items()} | {
        "INVOICE_CONNECTOR_KEEP_PAGE_PICTURES": "false"
    }


def log_of(folder: Path, seconds: float, memory_bytes: int) -> ConnectorSettings:
    """Settings of an attack with its log in ``folder``; ``seconds`` of the processor for decoding a file. By the clock
    there is more time: on a busy machine each file would run out of it before it was looked at."""
    return ConnectorSettings(
        database_url=f"sqlite:///{folder / 'audit.db'}",
        verifier="off",
        keep_page_pictures=False,
        decoder_seconds=_PATIENCE * seconds,
        decoder_cpu_seconds=seconds,
        decoder_page_seconds=seconds / 100,
        decoder_memory_bytes=memory_bytes,
    )
