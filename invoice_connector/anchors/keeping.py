"""Anchors made and kept: on demand, and beside a server for as long as it runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from db.audit import sealed_head
from db.records import AuditPosition, utc_now
from invoice_connector.anchors.anchor import Anchor
from invoice_connector.anchors.settings import AnchorSettings, FileAnchor, TimestampAnchor
from invoice_connector.anchors.timestamps import stamped
from invoice_connector.sinks.errors import DeliveryError
from invoice_connector.sinks.settings import WebhookSink
from invoice_connector.sinks.webhook import post
from invoice_connector.workers.background import Background

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 60.0  # after a place did not take an anchor
_DIGITS = 16  # of a hash: enough to tell heads of one number apart


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of an anchor at one place; ``error``: None where it is kept."""

    place: str
    anchor: Anchor
    error: str | None = None


def anchor_head(engine: Engine, places: Mapping[str, AnchorSettings]) -> Iterator[Kept]:
    """Takes the log's head once and keeps it at every place; one that fails hinders no other.

    Raises a child of ``db.errors.StorageError`` where there is no head.
    """
    anchor = Anchor(sealed_head(engine), utc_now())
    for name, place in places.items():
        try:
            yield Kept(name, keep(place, anchor))
        except DeliveryError as error:
            yield Kept(name, anchor, str(error))


@singledispatch
def keep(place: Any, anchor: Anchor) -> Anchor:
    """Keeps an anchor at a place, and gives it as it lies there. Raises DeliveryError."""
    raise TypeError(f"{type(place).__name__} is no place for anchors")


@keep.register
def _in_file(place: FileAnchor, anchor: Anchor) -> Anchor:
    _append(place.path, anchor)
    return anchor


@keep.register
def _at_webhook(place: WebhookSink, anchor: Anchor) -> Anchor:
    identifier = f"anchor-{anchor.head.sequence}-{anchor.head.hash.partition(':')[2][:_DIGITS]}"
    post(place, "audit.anchored", anchor.anchored_at, anchor.as_dict(), identifier)
    return anchor


@keep.register
def _with_timestamp(place: TimestampAnchor, anchor: Anchor) -> Anchor:
    with_stamp = replace(anchor, timestamp=stamped(place, anchor.message))
    _append(place.path, with_stamp)
    return with_stamp


def _append(path: Path, anchor: Anchor) -> None:
    """One line, on the disk when this returns; lines of several processes do not mix."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        with os.fdopen(handle, "wb", buffering=0) as file:
            file.write(anchor.to_json().encode() + b"\n")
            os.fsync(file.fileno())
    except OSError as error:
        raise DeliveryError(f"{path} cannot be written ({error.strerror}); make it writable") from error


class Rounds:
    """When the head is anchored again: every ``seconds`` where something was stored since every place took it, and
    sooner after one did not."""

    def __init__(self, places: Mapping[str, AnchorSettings], seconds: float) -> None:
        self._places, self._seconds = dict(places), seconds
        self._last = AuditPosition(0, "")
        self.pause = seconds
        """Until the next round, in seconds."""

    def round(self, engine: Engine) -> Iterator[Kept]:
        """What comes of one round at each place: nothing where nothing is new. Raises as ``anchor_head`` does."""
        self.pause = self._seconds
        position = sealed_head(engine).position
        if position.sequence == 0 or position == self._last:
            return
        failed = False
        for kept in anchor_head(engine, self._places):
            position, failed = kept.anchor.head.position, failed or kept.error is not None
            yield kept
        if failed:
            self.pause = min(_RETRY_SECONDS, self._seconds)
        else:
            self._last = position


class BackgroundAnchors(Background):
    """Anchors the head in rounds while its ``with`` block runs."""

    def __init__(self, database: Callable[[], Engine], places: Mapping[str, AnchorSettings], seconds: float) -> None:
        super().__init__("anchors", bool(places))
        self._database, self._rounds = database, Rounds(places, seconds)

    def step(self) -> float:
        for kept in self._rounds.round(self._database()):
            if kept.error is not None:
                logger.warning("the head of the log is not anchored at %s: %s", kept.place, kept.error)
        return self._rounds.pause
