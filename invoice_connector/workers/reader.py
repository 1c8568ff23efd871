"""Reading in a process of its own: a document that kills it costs that document, one that keeps it busy keeps nobody
else waiting."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import weakref
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from db import errors
from db.errors import StorageError

if TYPE_CHECKING:
    from invoice_connector.connector import InvoiceOCRConnector
    from invoice_connector.pipeline.request import Request
    from invoice_connector.settings import ConnectorSettings

logger = logging.getLogger(__name__)

_START = "from invoice_connector.workers.reader import main; main()"
_FIRST_TO_GO = "500"  # of 1000: the kernel ends this process before the one that waits for it
_NICENESS = 5  # the process that answers requests comes first


class ReaderDiedError(Exception):
    """The process that read a document ended before it was done: a crash in a library, or no memory left."""


class Reader(Protocol):
    """Reads one file at a time and stores the job of each of its documents."""

    def read(self, source: Path | bytes, request: Request) -> list[dict[str, Any]]:
        """The JSON of the contract of each document. Raises ReaderDiedError, and StorageError when a job cannot be
        stored."""

    def close(self) -> None:
        """Ends at once, whatever is being read; that ``read`` raises ReaderDiedError."""


class InThisProcess:
    """For a log in memory, which no other process sees, and for a single document."""

    def __init__(self, connector: InvoiceOCRConnector) -> None:
        self._connector = connector

    def read(self, source: Path | bytes, request: Request) -> list[dict[str, Any]]:
        return self._connector.read(source, request).documents(self._connector.settings.words)

    def close(self) -> None:
        """Nothing is left behind."""


class ReadingProcess:
    """A warm process; a new one after a death. Used by one thread, closed by any."""

    def __init__(self, settings: ConnectorSettings) -> None:
        self._settings = settings
        self._child: _Child | None = None

    def read(self, source: Path | bytes, request: Request) -> list[dict[str, Any]]:
        child = self._child = self._child or _Child(self._settings)
        try:
            kind, value = child.ask((source, request))
        except (EOFError, OSError) as error:
            self.close()
            name = request.source_name
            raise ReaderDiedError(f"reading {name!r} ended its process ({child.end_of()})") from error
        if kind == "error":
            raise getattr(errors, value[0], StorageError)(value[1])
        return list(value)

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()


class _Child:
    """The process and the pipe to it. When this one is killed, the child ends after the document that it reads."""

    def __init__(self, settings: ConnectorSettings) -> None:
        self._channel, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
                [sys.executable, "-P", "-c", _START, str(theirs.fileno())],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # data goes to stdout, and that is for who asked
                start_new_session=True,  # Ctrl-C is for the parent
            )
        self.kill = weakref.finalize(self, _end, self._process)
        self._settings: ConnectorSettings | None = settings

    def ask(self, question: Any) -> tuple[str, Any]:
        """Raises EOFError and OSError when there is nobody to answer."""
        if self._settings is not None:
            self._channel.send(self._settings)
            self._settings = None
        self._channel.send(question)
        kind, value = self._channel.recv()
        return str(kind), value

    def end_of(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def main() -> None:
    """The child: reads what comes through the pipe until that is closed."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
        os.nice(_NICENESS)
    from invoice_connector.connector import InvoiceOCRConnector

    channel = Connection(int(sys.argv[1]))
    with suppress(EOFError, OSError):  # the parent is gone
        connector = InvoiceOCRConnector(channel.recv())
        while True:
            source, request = channel.recv()
            channel.send(_answer(connector, source, request))


def _answer(connector: InvoiceOCRConnector, source: Path | bytes, request: Request) -> tuple[str, Any]:
    try:
        return "documents", connector.read(source, request).documents(connector.settings.words)
    except StorageError as error:
        return "error", (type(error).__name__, str(error))
