"""An anchor: the head of the log at a moment, and perhaps a time stamp of a server that says so."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from db.canonical import canonical_json
from db.seal import Head


class AnchorFileError(Exception):
    """A file of anchors cannot be read, or a line of it is none. The sentence names file and line."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """``anchored_at``: aware, by this machine's clock; ``timestamp``: the DER of an RFC 3161 ``TimeStampResp`` over the
    head's JSON (``Head.to_json``), None without a server."""

    head: Head
    anchored_at: datetime
    timestamp: bytes | None = None

    @property
    def name(self) -> str:
        return f"the anchor of {self.anchored_at:%Y-%m-%d %H:%M:%S %Z}"

    @property
    def message(self) -> bytes:
        """What is stamped."""
        return self.head.to_json().encode()

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        stamp = {} if self.timestamp is None else {"timestamp": base64.b64encode(self.timestamp).decode()}
        return {"head": asdict(self.head), "anchored_at": self.anchored_at.isoformat(), **stamp}

    def to_json(self) -> str:
        """One line."""
        return canonical_json(self.as_dict())

    @classmethod
    def of_json(cls, text: str) -> Anchor:
        """Raises ValueError for anything that ``to_json`` did not write."""
        found = json.loads(text)
        if not isinstance(found, dict) or not {"head", "anchored_at"} <= set(found) <= set(cls.__dataclass_fields__):
            raise ValueError("not an anchor")
        try:
            moment = datetime.fromisoformat(found["anchored_at"])
            stamp = base64.b64decode(found["timestamp"], validate=True) if "timestamp" in found else None
        except (TypeError, binascii.Error) as error:
            raise ValueError("not an anchor") from error
        if moment.tzinfo is None:
            raise ValueError("not an anchor: its moment has no time zone")
        return cls(Head.of_json(json.dumps(found["head"])), moment, stamp)


def read_anchors(path: Path) -> Sequence[Anchor]:
    """Those of a file, one a line. Raises AnchorFileError, for a file without any, too."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorFileError(f"{path} cannot be read ({error}); give a file that `audit anchor` wrote") from error
    anchors = []
    for number, line in enumerate(lines, 1):
        try:
            anchors += [Anchor.of_json(line)] if line.strip() else []
        except ValueError as error:
            raise AnchorFileError(f"line {number} of {path} is no anchor ({error}); restore it from a copy") from error
    if not anchors:
        raise AnchorFileError(f"{path} holds no anchor; give a file that `audit anchor` wrote")
    return anchors
