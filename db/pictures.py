"""Pictures of pages, for people who look at a job: files named by their SHA-256 in one folder, listed in the database.

They are a convenience with a bounded size: the oldest go first, and a job's go when it is erased. Among them is the
file that a pile came in, so that a person can divide it otherwise: as page 0 of its first document.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, insert, select

from db.errors import DiskFullError
from db.links import transact
from db.records import utc_now
from db.tables import JOBS, PICTURES
from db.transactions import reading

_SUFFIXES = {"image/webp": ".webp", "image/png": ".png", "image/jpeg": ".jpg", "application/octet-stream": ".file"}
FILE = 0
"""The page number that the bytes of a file itself are kept under."""


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One page as a picture file. ``width`` and ``height`` in pixels of the picture, which may be smaller than the
    page image that boxes refer to."""

    page: int
    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A stored picture; ``size`` in bytes."""

    job_id: str
    page: int
    sha256: str
    media_type: str
    width: int
    height: int
    size: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class PictureStore:
    """``max_bytes`` bounds all files together."""

    database: Engine
    folder: Path
    max_bytes: int

    def add(self, job_id: str, pictures: Iterable[EncodedPicture]) -> None:
        """Keeps the pictures of a stored job, and removes the oldest ones beyond the bound. Does nothing for a job that
        was erased meanwhile. Raises DiskFullError."""
        now = utc_now()
        rows = [self._write(job_id, picture, now) for picture in pictures]

        def store(connection: Connection) -> None:
            erased = select(JOBS.c.erased_at).where(JOBS.c.id == job_id)
            if rows and connection.execute(erased).scalar() is None:
                connection.execute(insert(PICTURES), rows)

        transact(self.database, store)
        self._trim()

    def keep_file(self, job_id: str, content: bytes) -> None:
        """Keeps the bytes of a file whose first document the stored job is. Raises DiskFullError."""
        self.add(job_id, [EncodedPicture(FILE, content, "application/octet-stream", 0, 0)])

    def file(self, job_id: str) -> bytes | None:
        """These bytes; None when they are not kept (any more)."""
        found = self.find(job_id, FILE)
        return None if found is None else found[1].read_bytes()

    def find(self, job_id: str, page: int) -> tuple[PagePicture, Path] | None:
        """The picture of a page and its file; None when none was kept."""
        query = select(PICTURES).where(PICTURES.c.job_id == job_id, PICTURES.c.page == page)
        with reading(self.database) as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        picture = PagePicture(**row)
        path = self._path(picture.sha256, picture.media_type)
        return (picture, path) if path.is_file() else None

    def of_job(self, job_id: str) -> list[PagePicture]:
        """The pictures kept of a job, by page; the file that it came in where it is the first document of it."""
        query = select(PICTURES).where(PICTURES.c.job_id == job_id).order_by(PICTURES.c.page)
        with reading(self.database) as connection:
            return [PagePicture(**row) for row in connection.execute(query).mappings()]

    def remove_unused(self, pictures: Iterable[PagePicture]) -> None:
        """Deletes the files of pictures whose rows are gone, unless another job has the same picture."""
        for picture in pictures:
            query = select(PICTURES.c.job_id).where(PICTURES.c.sha256 == picture.sha256).limit(1)
            with reading(self.database) as connection:
                used = connection.execute(query).first()
            if used is None:
                self._path(picture.sha256, picture.media_type).unlink(missing_ok=True)

    def sweep(self, older_than_seconds: float = 3600.0) -> int:
        """Deletes files that a crash left without a row; returns how many. Newer ones may be on their way in."""
        with reading(self.database) as connection:
            named = set(connection.execute(select(PICTURES.c.sha256)).scalars())
        before = time.time() - older_than_seconds
        unused = [path for path in self._files() if path.stem not in named and path.stat().st_mtime < before]
        for path in unused:
            path.unlink(missing_ok=True)
        return len(unused)

    def _trim(self) -> None:
        size = select(func.coalesce(func.sum(PICTURES.c.size), 0))
        with reading(self.database) as connection:
            excess = connection.execute(size).scalar_one() - self.max_bytes
        if excess <= 0:
            return

        def remove(connection: Connection) -> list[PagePicture]:
            removed: list[PagePicture] = []
            oldest = select(PICTURES).order_by(PICTURES.c.stored_at, PICTURES.c.job_id, PICTURES.c.page)
            for row in connection.execute(oldest).mappings():
                if sum(picture.size for picture in removed) >= excess:
                    break
                removed.append(PagePicture(**row))
            for picture in removed:
                same = (PICTURES.c.job_id == picture.job_id, PICTURES.c.page == picture.page)
                connection.execute(delete(PICTURES).where(*same))
            return removed

        self.remove_unused(transact(self.database, remove))

    def _write(self, job_id: str, picture: EncodedPicture, now: datetime) -> dict[str, object]:
        digest = hashlib.sha256(picture.content).hexdigest()
        path = self._path(digest, picture.media_type)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                    file.write(picture.content)
                Path(file.name).replace(path)
        except OSError as error:
            raise DiskFullError(
                f"the picture of page {picture.page} cannot be kept in {self.folder} ({error.strerror}); make room"
            ) from error
        names = ("page", "media_type", "width", "height")
        values: dict[str, object] = {name: getattr(picture, name) for name in names}
        return {**values, "job_id": job_id, "sha256": digest, "size": len(picture.content), "stored_at": now}

    def _path(self, digest: str, media_type: str) -> Path:
        return self.folder / digest[:2] / f"{digest}{_SUFFIXES[media_type]}"

    def _files(self) -> Iterator[Path]:
        for folder, _, names in os.walk(self.folder):
            yield from (Path(folder) / name for name in names)
