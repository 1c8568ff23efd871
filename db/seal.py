"""Keyed hashes: who has the file but not the key can change the log, but not so that it looks untouched.

Each event carries an HMAC-SHA256 of its hash, and one row, the head, an HMAC of the last event's. Who rebuilds the
chain cannot make the first, who cuts its tail not the second. What a key cannot show is a whole older copy of the
database put back; a head exported and kept elsewhere does.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine

from db.canonical import GENESIS, canonical_json
from db.errors import SealKeyError
from db.records import AuditPosition

KEY_BYTES = 32
_HEX = re.compile(r"[0-9a-fA-F]{64,}")


@dataclass(frozen=True, slots=True)
class SealKey:
    """The secret, at least 32 bytes. It shows in no representation; ``id`` names it and tells nothing about it."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < KEY_BYTES:
            raise SealKeyError(f"a key of {len(self.secret)} bytes is too short; give at least {KEY_BYTES}")

    @property
    def id(self) -> str:
        return hashlib.sha256(b"key id" + self.secret).hexdigest()[:16]

    def seal(self, purpose: str, content: Mapping[str, Any]) -> str:
        """``hmac-sha256:`` and the hexadecimal digest; ``purpose`` keeps seals of one kind from passing as another."""
        message = canonical_json({"purpose": purpose, **content}).encode()
        return f"hmac-sha256:{hmac.new(self.secret, message, hashlib.sha256).hexdigest()}"

    def event_seal(self, sequence: int, event_hash: str) -> str:
        return self.seal("event", {"sequence": sequence, "hash": event_hash})

    @classmethod
    def of_text(cls, text: str, source: str) -> SealKey:
        """A key written as at least 64 hexadecimal digits. Raises SealKeyError, naming the ``source``."""
        digits = text.strip()
        if not _HEX.fullmatch(digits) or len(digits) % 2:
            raise SealKeyError(f"{source} holds no key; a key is at least 64 hexadecimal digits (openssl rand -hex 32)")
        return cls(bytes.fromhex(digits))


@dataclass(frozen=True, slots=True)
class Head:
    """The last event under its seal. Events from ``sealed_from`` on carry seals of their own."""

    sequence: int
    hash: str
    sealed_from: int
    key_id: str
    seal: str

    @property
    def position(self) -> AuditPosition:
        return AuditPosition(self.sequence, self.hash)

    def is_sealed_with(self, key: SealKey) -> bool:
        expected = Head.sealed(key, self.position, self.sealed_from).seal
        return hmac.compare_digest(self.seal.encode("utf-8", "replace"), expected.encode())

    def to_json(self) -> str:
        return canonical_json(asdict(self))

    @classmethod
    def sealed(cls, key: SealKey, position: AuditPosition, sealed_from: int) -> Head:
        content: dict[str, Any] = {"sequence": position.sequence, "hash": position.hash, "sealed_from": sealed_from}
        return cls(**content, key_id=key.id, seal=key.seal("head", content))

    @classmethod
    def of_json(cls, text: str) -> Head:
        """Raises ValueError for anything that ``to_json`` did not write."""
        found = json.loads(text)
        if not isinstance(found, dict) or set(found) != set(cls.__dataclass_fields__):
            raise ValueError("not an exported head")
        kinds = {name: int if name in ("sequence", "sealed_from") else str for name in found}
        if not all(type(found[name]) is kind for name, kind in kinds.items()):
            raise ValueError("not an exported head")
        return cls(**found)


def empty_head(key: SealKey) -> Head:
    """The head of a log without events."""
    return Head.sealed(key, AuditPosition(0, GENESIS), 1)


def key_of(engine: Engine) -> SealKey | None:
    """The key that the database was opened with, None where it was not found."""
    found: SealKey | None = engine.get_execution_options().get("audit_key")
    return found


def default_key_file(url: URL) -> Path | None:
    """Beside an SQLite file; for a server in the user's data folder; None for a database in memory."""
    if url.get_backend_name() != "sqlite":
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return Path(base) / "invoice-connector" / f"{url.host or 'local'}-{url.database}.key"
    path = sqlite_path(url)
    return None if path is None else path.with_name(path.name + ".key")


def sqlite_path(url: URL) -> Path | None:
    """The file of an SQLite database, None for one in memory."""
    name = str(url.database or "")
    if url.get_backend_name() != "sqlite" or name in ("", ":memory:"):
        return None
    return Path(name.removeprefix("file:"))


def read_key(path: Path | None) -> SealKey | None:
    """The key in the file, None where there is none. Raises SealKeyError for a file that is no key."""
    if path is None or not path.exists():
        return None
    try:
        return SealKey.of_text(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SealKeyError(f"the key of the audit log in {path} cannot be read ({error}); check the file") from error


def create_key(path: Path | None) -> SealKey:
    """A new random key, written to ``path`` for its owner alone (mode 0600); kept in memory only when None.

    A file that another process made meanwhile is read instead.
    """
    digits = secrets.token_hex(KEY_BYTES)
    if path is None:
        return SealKey.of_text(digits, "memory")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(digits + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        pass
    except OSError as error:
        raise SealKeyError(
            f"the key of the audit log cannot be written to {path} ({error.strerror}); choose another key file"
        ) from error
    found = read_key(path)
    assert found is not None
    return found
