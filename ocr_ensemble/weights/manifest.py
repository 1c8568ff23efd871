"""The manifest beside a checkpoint's files: what each of them was when it was verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

NAME = "manifest.json"
FORMAT = 1

# What a checkpoint's folder may hold besides the files its manifest lists: nothing a library loads.
BESIDE = (NAME, "README.md")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """``size`` in bytes, ``sha256`` as 64 hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files`` by path relative to the checkpoint's folder, with forward slashes; ``revision`` is the commit, "" for
    none; ``recorded`` a date in ISO 8601."""

    part: str
    origin: str
    revision: str
    licence: str
    recorded: str
    files: Mapping[str, FileRecord]

    @property
    def size(self) -> int:
        return sum(record.size for record in self.files.values())


def is_inside(path: str) -> bool:
    """Whether a path somebody else names stays inside the folder it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path and ":" not in path


def read(folder: Path) -> Manifest:
    """Raises FileNotFoundError without a manifest, ValueError for one that says anything out of form."""
    text = (folder / NAME).read_text("utf-8")
    try:
        return _manifest(json.loads(text))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder / NAME} is not a manifest of format {FORMAT}") from error


def _manifest(data: Any) -> Manifest:
    if data["format"] != FORMAT:
        raise ValueError(f"a manifest of format {data['format']} cannot be read")
    files = {path: FileRecord(int(entry["size"]), str(entry["sha256"])) for path, entry in data["files"].items()}
    outside = [path for path in files if not is_inside(path)]
    if outside or not files:
        raise ValueError(f"a manifest must name files inside its folder, not {', '.join(outside) or 'none at all'}")
    texts = {name: str(data[name]) for name in ("part", "origin", "revision", "licence", "recorded")}
    return Manifest(**texts, files=files)


def write(folder: Path, manifest: Manifest) -> None:
    """Replaces the folder's manifest in one step."""
    data = {
        "format": FORMAT,
        "part": manifest.part,
        "origin": manifest.origin,
        "revision": manifest.revision,
        "licence": manifest.licence,
        "recorded": manifest.recorded,
        "files": {
            path: {"size": record.size, "sha256": record.sha256} for path, record in sorted(manifest.files.items())
        },
    }
    unfinished = folder / f"{NAME}.new"
    unfinished.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    unfinished.replace(folder / NAME)


def records(folder: Path) -> dict[str, FileRecord]:
    """Hashes every file of the checkpoint."""
    return {path: FileRecord((folder / path).stat().st_size, sha256(folder / path)) for path in paths(folder)}


def paths(folder: Path) -> list[str]:
    """The checkpoint's files, sorted: all but the manifest, its card, hidden ones and Python's own caches."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    kept = (path for path in found if not any(name.startswith(".") or name == "__pycache__" for name in path.parts))
    return sorted(path.as_posix() for path in kept if path.as_posix() not in BESIDE)


def sha256(path: Path) -> str:
    """64 hexadecimal digits; reads the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remembered_sha256(path: Path) -> str:
    """As ``sha256``, but reads a file only once per process while its size and time of change stay the same."""
    status = path.stat()
    return _remembered(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _remembered(path: Path, _size: int, _changed_ns: int) -> str:
    return sha256(path)
