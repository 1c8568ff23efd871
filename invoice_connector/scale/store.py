"""Where page images and intermediate results lie while a document is on its way; the broker carries names only."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4


class WorkStore(Protocol):
    """Objects by job and name. ``put`` replaces whole objects only: a reader sees the old bytes or the new ones.

    Raises OSError when the place cannot be reached, FileNotFoundError for what is not there.
    """

    def put(self, job_id: str, name: str, content: bytes) -> None: ...

    def get(self, job_id: str, name: str) -> bytes: ...

    def remove(self, job_id: str) -> None:
        """Removes all objects of the job; nothing when there are none."""


def work_store(place: str) -> WorkStore:
    """A folder that all machines see, or any address that fsspec knows (``s3://bucket/prefix`` with s3fs installed).

    Raises ValueError for an address whose library is missing.
    """
    if "://" not in place or place.startswith("file://"):
        return FolderStore(Path(place.removeprefix("file://")))
    import fsspec

    try:
        system, root = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as error:
        raise ValueError(
            f"the store {place} cannot be opened ({error}); install its library or give a folder"
        ) from error
    return ObjectStore(system, root.rstrip("/"))


@dataclass(frozen=True, slots=True)
class FolderStore:
    """One folder per job; what ``put`` has written survives a crash of the machine."""

    root: Path

    def put(self, job_id: str, name: str, content: bytes) -> None:
        folder = self.root / job_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f".{uuid4().hex}"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)

    def get(self, job_id: str, name: str) -> bytes:
        return (self.root / job_id / name).read_bytes()

    def remove(self, job_id: str) -> None:
        shutil.rmtree(self.root / job_id, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Objects ``root/job/name`` of an fsspec file system."""

    system: Any
    root: str

    def put(self, job_id: str, name: str, content: bytes) -> None:
        self.system.pipe_file(f"{self.root}/{job_id}/{name}", content)

    def get(self, job_id: str, name: str) -> bytes:
        return bytes(self.system.cat_file(f"{self.root}/{job_id}/{name}"))

    def remove(self, job_id: str) -> None:
        folder = f"{self.root}/{job_id}"
        if self.system.exists(folder):
            self.system.rm(folder, recursive=True)
