"""Decoding in a child process under limits: a hang, a crash or a bomb costs one document and one child.

It keeps accidents and resource hunger in. It is no sandbox against code that takes the child over: that runs as the
same user, though without this process's memory, environment and open files.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from ocr_ensemble import errors
from ocr_ensemble.document.decoders import Decode, function_named, raw_pages
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.messages import BrokenMessageError, WithBytes, receive, received_bytes, send, unpack
from ocr_ensemble.document.raw import RawPage
from ocr_ensemble.document.sniff import MediaType
from ocr_ensemble.errors import DecoderDiedError, DecodingTimeoutError, DocumentError
from ocr_ensemble.memory import processor_seconds

_START = "from ocr_ensemble.document.child import main; main()"
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_OWN = str(Path(__file__).parents[2])  # where this package lies, which an editable install has on no path
_START_SECONDS = 60.0  # how long importing the decoders may take on a busy machine
_IDLE_CHILDREN = 1


@dataclass(frozen=True, slots=True)
class Isolation:
    """Limits of the child: ``seconds`` it may take for a document and ``cpu_seconds`` of processor time, to both of
    which every page that has come adds ``page_seconds``, so that long documents have time on slow machines;
    ``memory_bytes`` on top of what it has when it starts; a new child after ``documents``, which gives back what
    libraries leak. ``enabled`` False decodes in this process."""

    seconds: float = 60.0
    cpu_seconds: float = 60.0
    page_seconds: float = 6.0
    memory_bytes: int = 2_000_000_000
    documents: int = 500
    enabled: bool = True

    def __post_init__(self) -> None:
        for name in ("seconds", "cpu_seconds", "page_seconds", "memory_bytes", "documents"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")


@lru_cache(maxsize=8)
def decoder(isolation: Isolation) -> IsolatedDecoder:
    """The decoder that this process keeps warm for these limits; its child is started by the first document, or by
    ``begin_decoding``."""
    return IsolatedDecoder(isolation)


def decoding(isolation: Isolation) -> Decode:
    """How to get a file's pages under these limits."""
    return decoder(isolation).pages if isolation.enabled else raw_pages


def begin_decoding(isolation: Isolation, media_type: MediaType | None = None) -> None:
    """Starts the child for the next document, which imports its decoders while its parent goes on: those of its
    ``media_type``, or all."""
    if isolation.enabled:
        decoder(isolation).begin(media_type)


def decoding_seconds(isolation: Isolation) -> float:
    """Processor time that documents took so far in the children of this process with these limits."""
    return decoder(isolation).processor_seconds if isolation.enabled else 0.0


def ask(isolation: Isolation, task: str, source: bytes, name: str) -> Any:
    """What the function ``task`` ("module:name", bytes -> JSON or ``WithBytes``) says of foreign bytes. Raises a
    DocumentError, and in this process whatever the function raises."""
    if isolation.enabled:
        return decoder(isolation).call(task, source, name)
    return function_named(task)(source)


class IsolatedDecoder:
    """Hands documents to a warm child; for threads that come at the same time there is one child each."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        self.processor_seconds = 0.0

    def begin(self, media_type: MediaType | None = None) -> None:
        """Starts a child, see ``begin_decoding``; where none can be started, the document will say so."""
        with suppress(DecoderDiedError):
            child = _Child(self._isolation, media_type)
            with self._lock:
                self._idle.append(child)

    def pages(self, source: bytes, name: str, media_type: MediaType, limits: Limits) -> Iterator[RawPage]:
        """The pages as the child decodes them. Raises a DocumentError: the decoder's own, DecodingTimeoutError, or
        DecoderDiedError, the last one only after a fresh child died as well."""
        head = {"task": "pages", "name": name, "media_type": str(media_type), "limits": asdict(limits)}
        done = 0
        while True:
            with self._child() as child:
                try:
                    for page in child.pages(head, source, limits):
                        done += 1
                        yield page
                except DecoderDiedError:
                    if done or child.fresh:
                        raise
                else:
                    return

    def call(self, task: str, source: bytes, name: str) -> Any:
        """What the function ``task`` says of the bytes, see ``ask``. Raises like ``pages``."""
        head = {"task": task, "name": name}
        with self._child() as child:
            try:
                return child.value(head, source)
            except DecoderDiedError:
                if child.fresh:
                    raise
        with self._child() as child:
            return child.value(head, source)

    def close(self) -> None:
        """Ends the idle children."""
        with self._lock:
            ended, self._idle = self._idle, []
        for child in ended:
            child.end()

    @contextmanager
    def _child(self) -> Iterator[_Child]:
        """A child for one document; it is kept only when that ended well."""
        with self._lock:
            # A process that was forked off must not talk to its parent's children.
            self._idle = [child for child in self._idle if child.usable()]
            child = self._idle.pop() if self._idle else None
        child = child or _Child(self._isolation)
        before = child.processor_seconds()
        try:
            yield child
        finally:
            with self._lock:
                self.processor_seconds += child.processor_seconds() - before
                kept = child.at_rest and child.served < self._isolation.documents and len(self._idle) < _IDLE_CHILDREN
                if kept:
                    self._idle.append(child)
            if not kept:
                child.end()


class _Child:
    """One child process and the socket to it."""

    def __init__(self, isolation: Isolation, media_type: MediaType | None = None) -> None:
        self._isolation = isolation
        self.served = 0
        self.at_rest = True
        self._pid = os.getpid()
        self._remaining = 0.0
        self._processor_seconds = 0.0
        self._channel, theirs = socket.socketpair()
        limits = (str(isolation.memory_bytes), str(isolation.memory_bytes))
        kind = () if media_type is None else (str(media_type),)
        command = [sys.executable, "-P", "-S", "-c", _START, str(theirs.fileno()), *limits, *kind]
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
                    command,
                    env=_environment(),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                self._channel.close()
                raise DecoderDiedError(f"no process could be started to decode in ({error}); make room.") from error
        self._finalizer = weakref.finalize(self, _end, self._process, self._channel, self._pid)

    @property
    def fresh(self) -> bool:
        """Whether it is on its first document: what it died of then was that one."""
        return self.served <= 1

    def usable(self) -> bool:
        return self._pid == os.getpid() and self._process.poll() is None

    def processor_seconds(self) -> float:
        """Since it began; of one that has ended, what was known then."""
        if self._process.returncode is None:
            self._processor_seconds = max(self._processor_seconds, processor_seconds(self._process.pid))
        return self._processor_seconds

    def end(self) -> None:
        self._finalizer()

    def value(self, head: dict[str, Any], source: bytes) -> Any:
        self._begin(head, source)
        answer, file = self._answer(head["name"])
        if "value" not in answer:
            raise self._died(head["name"])
        value = answer["value"]
        if file is not None:
            try:
                value = WithBytes(value, received_bytes(answer.get("size"), file))
            except (BrokenMessageError, OSError) as error:
                raise self._died(head["name"]) from error
            finally:
                os.close(file)
        self.at_rest = True
        return value

    def pages(self, head: dict[str, Any], source: bytes, limits: Limits) -> Iterator[RawPage]:
        name, processor = head["name"], self._isolation.cpu_seconds
        self._begin(head, source)
        while True:
            answer, file = self._answer(name)
            if file is None:
                break
            try:
                page = unpack(answer.get("page", {}), file, limits)
            except (BrokenMessageError, OSError) as error:
                raise self._died(name) from error
            finally:
                os.close(file)
            self._remaining += self._isolation.page_seconds
            processor += self._isolation.page_seconds
            # Before the page is handed on: the child decodes the next one meanwhile.
            self._tell({"seconds": self._remaining, "cpu_seconds": processor}, b"", name)
            yield page
        if "end" not in answer:
            raise self._died(name)
        self.at_rest = True

    def _begin(self, head: dict[str, Any], source: bytes) -> None:
        self.at_rest = False
        self.served += 1
        if self.fresh:  # a new child first imports its decoders: that is no document's fault
            self._remaining = _START_SECONDS
            self._answer(head["name"])
        self._remaining = self._isolation.seconds
        times = {"seconds": self._isolation.seconds, "cpu_seconds": self._isolation.cpu_seconds}
        self._tell({**head, **times}, source, head["name"])

    def _tell(self, head: dict[str, Any], body: bytes, name: str) -> None:
        try:
            self._channel.settimeout(max(0.001, self._remaining))
            send(self._channel, head, body)
        except OSError as error:  # a timeout is one of them
            raise self._died(name) from error

    def _answer(self, name: str) -> tuple[dict[str, Any], int | None]:
        """The child's next message. Raises the error it reports, or what became of it instead of an answer."""
        started = monotonic()
        try:
            self._channel.settimeout(max(0.001, self._remaining))
            head, _, file = receive(self._channel)
        except TimeoutError as error:
            raise self._too_slow(name) from error
        except (BrokenMessageError, OSError) as error:
            raise self._died(name) from error
        self._remaining -= monotonic() - started
        if "error" in head:
            self.at_rest = True
            raise _error_named(str(head["error"]), str(head.get("message")))
        return head, file

    def _died(self, name: str) -> DocumentError:
        """The error that says how the child ended."""
        self._channel.close()
        self.processor_seconds()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.poll()
        if code is not None and -code in (signal.SIGXCPU, signal.SIGALRM):
            return self._too_slow(name)
        cause = "no answer" if code is None else signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DecoderDiedError(
            f"{name} ended the process that decoded it ({cause}), by a fault or too little memory; "
            "open it, print it to a new PDF and send that."
        )

    def _too_slow(self, name: str) -> DecodingTimeoutError:
        limits = self._isolation
        return DecodingTimeoutError(
            f"{name} takes more than {limits.seconds:g} seconds or {limits.cpu_seconds:g} of processor time to decode, "
            f"and {limits.page_seconds:g} more for each page; print it to a new PDF and send that, or raise "
            "decoder_seconds, decoder_cpu_seconds and decoder_page_seconds."
        )


def _environment() -> dict[str, str]:
    """No secrets of this process; the same packages, so that the child need not look for them (``-S``)."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(path for path in (*sys.path, _OWN) if path)}


def _end(process: subprocess.Popen[bytes], channel: socket.socket, owner: int) -> None:
    channel.close()
    if owner == os.getpid():
        process.kill()
        process.wait()


def _error_named(name: str, message: str) -> DocumentError:
    found = getattr(errors, name, None)
    if isinstance(found, type) and issubclass(found, DocumentError):
        return found(message)
    return errors.DamagedDocumentError(message)
