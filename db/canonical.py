"""One byte sequence per value: what hashes cover and what JSON columns hold."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from db.errors import InvalidRecordError

GENESIS = "sha256:" + "0" * 64
"""What the first event of a chain names as the hash before it."""

# NUL ends a text in PostgreSQL and in SQLite's own functions; a lone surrogate (a file name that is not UTF-8) has no
# UTF-8 form. Neither may cost a document, so both become the replacement character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """``text`` with NUL and lone surrogates replaced by U+FFFD."""
    return text if text.isprintable() else _UNSTORABLE.sub("\ufffd", text)


def plain_json(value: Any, path: str = "value") -> Any:
    """``value`` as dict, list, storable str, int, finite float, bool and None.

    Raises InvalidRecordError, naming the ``path``, for anything else: NaN, infinities, Decimal, bytes, other keys.
    """
    return _plain(value, (None, path))


_AS_IT_IS = frozenset({int, bool, type(None)})
_Place = tuple[Any, str | int]  # the place of what holds the value, and the value's key or index in it


def _plain(value: Any, place: _Place) -> Any:
    if type(value) in _AS_IT_IS or isinstance(value, int):
        return value
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidRecordError(f"{_path(place)} is {value}; only finite numbers can be stored")
        return float(value)
    if isinstance(value, list | tuple):
        # Most are coordinates, of which a long document has a million: those are not even asked about.
        return [item if type(item) in _AS_IT_IS else _plain(item, (place, at)) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {_plain_key(key, place): _plain(item, (place, key)) for key, item in value.items()}
    kind = type(value).__name__
    raise InvalidRecordError(f"{_path(place)} is a {kind}, which JSON has no form for; convert it first")


def _plain_key(key: Any, place: _Place) -> str:
    if not isinstance(key, str):
        raise InvalidRecordError(f"{_path(place)} has the key {key!r}; JSON keys are texts")
    return storable_text(key)


def _path(place: _Place) -> str:
    """As a person writes it; put together for errors only, as a long document has a million values."""
    outer, name = place
    if outer is None:
        return str(name)
    return f"{_path(outer)}[{name}]" if isinstance(name, int) else f"{_path(outer)}.{name}"


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, letters as they are; ValueError for NaN, TypeError for what JSON has no form for."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def tagged_hash(*parts: str) -> str:
    """``sha256:`` and the hexadecimal digest of the parts' UTF-8 bytes, one after another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
    return f"sha256:{digest.hexdigest()}"
