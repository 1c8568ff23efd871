"""The child process in which foreign bytes meet decoders: small, without secrets, under limits it cannot raise.

Its parent is ``isolation.py``. It imports the decoders only, so that it starts fast and has little to lose.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from ocr_ensemble.document.decoders import function_named, modules_of, raw_pages
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.messages import BrokenMessageError, pack, receive, send, send_value
from ocr_ensemble.document.sniff import MediaType
from ocr_ensemble.errors import DamagedDocumentError, DocumentError, DocumentTooLargeError

_LARGEST_BODY = 1 << 40  # the parent has checked the size
_OPEN_FILES = 64


def main() -> None:
    """``argv``: the socket's descriptor, bytes of memory, bytes of a file, the first document's kind or nothing. Ends
    when the parent does."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    _preload(MediaType(sys.argv[4]) if sys.argv[4:] else None)
    _confine(memory_bytes=int(sys.argv[2]), file_bytes=int(sys.argv[3]))
    with suppress(BrokenMessageError, OSError):
        send(channel, {"ready": True})
        while True:
            head, body, _ = receive(channel, _LARGEST_BODY)
            used = resource.getrusage(resource.RUSAGE_SELF)
            began = used.ru_utime + used.ru_stime
            _watch(head, began)
            _serve(channel, head, body, began)
            signal.setitimer(signal.ITIMER_REAL, 0)
            del body


def _preload(media_type: MediaType | None) -> None:
    """Loads what decodes before the memory is limited: a library that cannot be mapped would look like a bad file."""
    for name in modules_of(media_type):
        with suppress(ImportError):
            import_module(name)


def _confine(memory_bytes: int, file_bytes: int) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + memory_bytes)
    with suppress(OSError):  # when memory runs out, this process is the one to end
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _watch(limits: dict[str, Any], began: float) -> None:
    """Bounds the processor time of this task, of which ``began`` seconds were used before, and its time in all should
    the parent be gone."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(began + limits["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    signal.setitimer(signal.ITIMER_REAL, limits["seconds"] + 2.0)


def _serve(channel: socket.socket, head: dict[str, Any], body: bytes, began: float) -> None:
    """Answers one task: pages one by one, each when it is asked for, or a value; then the end or the error."""
    name = head["name"]
    try:
        if head["task"] == "pages":
            _send_pages(channel, head, body, began)
        else:
            send_value(channel, function_named(head["task"])(body))
    except (BrokenMessageError, OSError):
        raise
    except DocumentError as error:
        _send_error(channel, error)
    except MemoryError:
        _send_error(channel, DocumentTooLargeError(f"{name} unpacks to more than memory allows; scan it smaller."))
    except Exception as error:
        kind = type(error).__name__
        _send_error(channel, DamagedDocumentError(f"{name} is corrupt ({kind}); send or scan it again."))


def _send_pages(channel: socket.socket, head: dict[str, Any], body: bytes, began: float) -> None:
    for page in raw_pages(body, head["name"], MediaType(head["media_type"]), Limits(**head["limits"])):
        described, file = pack(page)
        del page
        try:
            send(channel, {"page": described}, file=file)
        finally:
            os.close(file)
        _watch(receive(channel)[0], began)
    send(channel, {"end": True})


def _send_error(channel: socket.socket, error: DocumentError) -> None:
    send(channel, {"error": type(error).__name__, "message": str(error)})
