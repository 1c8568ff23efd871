"""Pictures of pages: kept once, bounded together, gone with their job."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from audit_samples import fresh_log, sample_job

from db.audit import append_job, erase_job
from db.errors import DiskFullError
from db.pictures import EncodedPicture, PictureStore

SIZE = 1000


def picture(page: int, letter: str = "") -> EncodedPicture:
    """Pictures of one page and letter are equal; the store does not look inside."""
    return EncodedPicture(page, (letter or str(page)).encode() * SIZE, "image/webp", 620, 877)


def store_of(folder: Path, jobs: int = 3, max_bytes: int = 10 * SIZE) -> tuple[PictureStore, list[str]]:
    engine = fresh_log()
    ids = []
    for number in range(jobs):
        record = sample_job(number)
        append_job(engine, record)
        ids.append(record.id)
    return PictureStore(engine, folder, max_bytes), ids


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_picture_comes_back_as_it_was(tmp_path: Path) -> None:
    store, (job, *_) = store_of(tmp_path)
    store.add(job, [picture(1), picture(2)])
    found = store.find(job, 2)
    assert found is not None
    kept, path = found
    assert (kept.width, kept.height, kept.size, kept.media_type) == (620, 877, SIZE, "image/webp")
    assert path.read_bytes() == b"2" * SIZE
    assert [kept.page for kept in store.of_job(job)] == [1, 2]
    assert store.find(job, 3) is None
    assert store.find("nosuch", 1) is None


def test_one_picture_of_two_jobs_is_one_file_until_both_are_gone(tmp_path: Path) -> None:
    store, (first, second, _) = store_of(tmp_path)
    for job in (first, second):
        store.add(job, [picture(1)])
    assert len(files(tmp_path)) == 1
    for job, left in ((first, 1), (second, 0)):
        pictures = store.of_job(job)
        erase_job(store.database, job)
        store.remove_unused(pictures)
        assert len(files(tmp_path)) == left


def test_the_oldest_go_when_all_together_are_too_many(tmp_path: Path) -> None:
    store, ids = store_of(tmp_path, max_bytes=2 * SIZE)
    for job, letter in zip(ids, "abc", strict=True):
        store.add(job, [picture(1, letter)])
    assert [store.find(job, 1) is not None for job in ids] == [False, True, True]
    assert sum(file.stat().st_size for file in files(tmp_path)) <= store.max_bytes


def test_a_job_that_was_erased_meanwhile_gets_no_pictures(tmp_path: Path) -> None:
    store, (job, *_) = store_of(tmp_path)
    erase_job(store.database, job)
    store.add(job, [picture(1)])
    assert store.of_job(job) == []


def test_a_file_that_somebody_removed_is_no_picture(tmp_path: Path) -> None:
    store, (job, *_) = store_of(tmp_path)
    store.add(job, [picture(1)])
    for file in files(tmp_path):
        file.unlink()
    assert store.find(job, 1) is None


def test_a_sweep_removes_what_a_crash_left_and_nothing_else(tmp_path: Path) -> None:
    store, (job, *_) = store_of(tmp_path)
    store.add(job, [picture(1)])
    left, coming = tmp_path / "ab" / "abandoned.webp", tmp_path / "ab" / "coming.webp"
    left.parent.mkdir(exist_ok=True)
    for file in (left, coming):
        file.write_bytes(b"x")
    os.utime(left, (1, 1))
    os.utime(files(tmp_path)[0], (1, 1))
    assert store.sweep() == 1
    assert (left.exists(), coming.exists()) == (False, True)
    assert store.find(job, 1) is not None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file where the folder should be")
    store, (job, *_) = store_of(tmp_path / "pages")
    with pytest.raises(DiskFullError, match="page 1 cannot be kept"):
        store.add(job, [picture(1)])
    assert store.of_job(job) == []
