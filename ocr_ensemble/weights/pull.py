"""Fetching a part: into a place of its own, file by file, and into the store only when every file was verified.

The transfer is huggingface_hub's (`http_get`: ranges, retries, progress, redirects). Its `snapshot_download` would
throw away a file that broke off; several gigabytes are worth going on with, so the unfinished file is kept here.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from ocr_ensemble.errors import WeightsPullError, WeightsTamperedError
from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.catalogue import HubFiles, Part, ZippedFile
from ocr_ensemble.weights.manifest import FileRecord, Manifest
from ocr_ensemble.weights.pickles import as_safetensors
from ocr_ensemble.weights.plan import PICKLE, Plan, RemoteFile, pull_error, refuse_offline
from ocr_ensemble.weights.store import Places, today, unfinished_folder

UNFINISHED = ".unfinished"


def pull(plan: Plan, places: Places, report: Callable[[str], None]) -> Path:
    """Fetches and verifies the part and puts it into the store; returns its folder.

    ``report`` gets one line per file. Raises WeightsPullError when the transfer broke off (what has arrived is kept)
    and WeightsTamperedError when a file is not what it should be (that file is deleted).
    """
    from filelock import FileLock, Timeout

    part = plan.part
    refuse_offline(part)
    gathered = unfinished_folder(places, part)
    gathered.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(gathered.with_name(f"{part.name}.lock"), timeout=0):
            _drop_other_revision(gathered, plan.revision)
            records = dict(_fetch(part, file, gathered, report) for file in plan.files)
            _convert_pickle(part, gathered, records)
            _clear_strangers(gathered, set(records))
            manifest = Manifest(part.name, part.origin, plan.revision, part.licence, today(), records)
            manifests.write(gathered, manifest)
            return _move(gathered, places.folder / part.name)
    except Timeout as error:
        raise WeightsPullError(part.engine, f"{part.name} is being fetched by another process; wait for it") from error


def remaining(plan: Plan, places: Places) -> int:
    """Bytes that are still to come when an earlier pull broke off."""
    gathered = unfinished_folder(places, plan.part)
    return sum(max(0, file.size - _arrived(gathered, file)) for file in plan.files)


def _arrived(gathered: Path, file: RemoteFile) -> int:
    finished = gathered / (file.zipped.name if file.zipped else file.path)
    if finished.exists():
        return file.size
    unfinished = gathered / f"{file.path}{UNFINISHED}"
    return unfinished.stat().st_size if unfinished.exists() else 0


def _drop_other_revision(gathered: Path, revision: str) -> None:
    """Files of another commit that an earlier pull left behind are no start for this one."""
    note = gathered / ".revision"
    if note.exists() and note.read_text("utf-8") != revision:
        shutil.rmtree(gathered)
        gathered.mkdir()
    note.write_text(revision, "utf-8")


def _fetch(part: Part, file: RemoteFile, gathered: Path, report: Callable[[str], None]) -> tuple[str, FileRecord]:
    name = file.zipped.name if file.zipped else file.path
    target = gathered / name
    if not target.exists():
        report(f"{part.name}: {name} ({file.size / 1e6:,.1f} MB)")
        unfinished = _download(part, file, gathered)
        if file.zipped:
            _extract(part, file.zipped, unfinished, target)
        else:
            unfinished.replace(target)
    digest = _verify(part, file, target)
    return name, FileRecord(target.stat().st_size, digest)


def _download(part: Part, file: RemoteFile, gathered: Path) -> Path:
    import httpx2
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    # A hub token is for the hub, not for whoever hosts an archive. Compressed transfers could not be resumed.
    headers = {**(build_hf_headers() if isinstance(part.source, HubFiles) else {}), "Accept-Encoding": "identity"}
    unfinished = gathered / f"{file.path}{UNFINISHED}"
    if unfinished.exists() and unfinished.stat().st_size > file.size:
        unfinished.unlink()
    try:
        with unfinished.open("ab") as stream:
            http_get(
                file.url,
                stream,
                resume_size=stream.tell(),
                headers=headers,
                expected_size=file.size,
                displayed_filename=file.path,
            )
    except (OSError, httpx2.HTTPError) as error:
        raise pull_error(part, file.url, error) from error
    return unfinished


def _extract(part: Part, zipped: ZippedFile, archive: Path, target: Path) -> None:
    """Takes the one file out of the archive, and never more bytes than it should have."""
    unpacked = target.with_name(f"{target.name}.unpacked")
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(zipped.name) as source, unpacked.open("wb") as sink:
            left = zipped.size + 1
            while left > 0 and (block := source.read(min(left, 1 << 20))):
                sink.write(block)
                left -= len(block)
    except (zipfile.BadZipFile, KeyError) as error:
        archive.unlink()
        raise WeightsTamperedError(
            part.engine, f"{zipped.url} is not the archive of {zipped.name} ({error}); run the same command again"
        ) from error
    archive.unlink()
    unpacked.replace(target)


def _verify(part: Part, file: RemoteFile, target: Path) -> str:
    """The file's SHA-256. Deletes it and raises WeightsTamperedError when it is not what was pinned or stated."""
    digest = manifests.sha256(target)
    wanted = file.zipped.sha256 if file.zipped else file.sha256
    right = digest == wanted if wanted else _git_id(target) == file.git_id
    if right:
        return digest
    target.unlink()
    raise WeightsTamperedError(
        part.engine,
        f"{target.name} of {part.name} was deleted: its SHA-256 is {digest}, not {wanted or 'that of the commit'}; "
        "run the same command again, and report it if it stays so",
    )


def _git_id(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _convert_pickle(part: Part, gathered: Path, records: dict[str, FileRecord]) -> None:
    """A hub's pickle is read without running it and stored as safetensors: no engine ever loads a pickle of it."""
    if PICKLE in records and PICKLE not in part.pins:
        converted = as_safetensors(part.engine, gathered / PICKLE)
        del records[PICKLE]
        records[converted.name] = FileRecord(converted.stat().st_size, manifests.sha256(converted))


def _clear_strangers(gathered: Path, wanted: set[str]) -> None:
    for path in set(manifests.paths(gathered)) - wanted:
        (gathered / path).unlink()


def _move(gathered: Path, target: Path) -> Path:
    """Into the store in one step; what stood there before is moved out of the way first."""
    (gathered / ".revision").unlink()
    old = gathered.with_name(f"{gathered.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    gathered.replace(target)
    shutil.rmtree(old, ignore_errors=True)
    return target
