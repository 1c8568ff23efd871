"""Where things are kept: the audit log with its key, and beside it the page pictures and accepted uploads."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from db.audit import erase_job
from db.database import open_database
from db.errors import JobNotFoundError
from db.pictures import FILE, PagePicture, PictureStore
from db.queries import get_job
from db.records import AuditPosition
from db.seal import SealKey, sqlite_path
from db.submissions import Spool
from invoice_connector.settings import ConnectorSettings, data_folder


def open_log(settings: ConnectorSettings) -> Engine:
    """The audit log. Raises a child of ``db.errors.StorageError``."""
    key = settings.audit_key and SealKey.of_text(settings.audit_key.get_secret_value(), "INVOICE_CONNECTOR_AUDIT_KEY")
    return open_database(settings.database_url, key=key or None, key_file=settings.audit_key_file)


def missing_log(settings: ConnectorSettings) -> Path | None:
    """The file of an SQLite log that is not there yet; None where there is one, or the log is no file."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError:  # told when it is opened
        return None
    path = None if str(url.database or "").startswith("file:") else sqlite_path(url)
    return path if path is not None and not path.exists() else None


def picture_store(database: Engine, settings: ConnectorSettings) -> PictureStore | None:
    """Where page pictures go; None when they are not wanted, or the log is in memory."""
    folder = _beside(settings, "pages")
    if not settings.keep_page_pictures or folder is None:
        return None
    return PictureStore(database, folder, settings.max_picture_bytes)


def spool(database: Engine, settings: ConnectorSettings) -> Spool | None:
    """Where accepted uploads lie until they were read; None for a log in memory, which no process survives."""
    folder = _beside(settings, "uploads")
    return None if folder is None else Spool(database, folder)


def erase(database: Engine, settings: ConnectorSettings, job_id: str, reason: str = "") -> AuditPosition:
    """Erases a job's personal data from the log, and its pictures and upload from the disk."""
    folder = _beside(settings, "pages")
    store = None if folder is None else PictureStore(database, folder, settings.max_picture_bytes)
    pictures = [] if store is None else [*store.of_job(job_id), *_files(database, store, job_id)]
    position = erase_job(database, job_id, reason)
    if store is not None:
        store.remove_unused(pictures)
    uploads = _beside(settings, "uploads")
    if uploads is not None:
        (uploads / job_id).unlink(missing_ok=True)
    return position


def _files(database: Engine, store: PictureStore, job_id: str) -> list[PagePicture]:
    """The file that the job is a document of, as it is kept."""
    try:
        jobs = (get_job(database, job_id).record.container or {}).get("jobs", ())
    except JobNotFoundError:  # told when it is erased
        return []
    return [found[0] for each in jobs if (found := store.find(each, FILE)) is not None]


def _beside(settings: ConnectorSettings, name: str) -> Path | None:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return data_folder() / f"{url.host or 'local'}-{url.database}.{name}"
    path = sqlite_path(url)
    return None if path is None else path.with_name(f"{path.name}.{name}")
