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
    return _UNSTORABLE.sub("\ufffd", text)


def plain_json(value: Any, path: str = "value") -> Any:
    """``value`` as dict, list, storable str, int, finite float, bool and None.

    Raises InvalidRecordError, naming the ``path``, for anything else: NaN, infinities, Decimal, bytes, other keys.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidRecordError(f"{path} is {value}; only finite numbers can be stored")
        return float(value)
    if isinstance(value, Mapping):
        return {_plain_key(key, path): plain_json(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise InvalidRecordError(f"{path} is a {type(value).__name__}, which JSON has no form for; convert it first")


def _plain_key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise InvalidRecordError(f"{path} has the key {key!r}; JSON keys are texts")
    return storable_text(key)


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, letters as they are; ValueError for NaN, TypeError for what JSON has no form for."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def tagged_hash(*parts: str) -> str:
    """``sha256:`` and the hexadecimal digest of the parts' UTF-8 bytes, one after another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
    return f"sha256:{digest.hexdigest()}"
