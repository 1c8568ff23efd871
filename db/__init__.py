"""The audit log: append-only, hash-chained rows in SQLite or any database that SQLAlchemy speaks.

``db.records`` and ``db.errors`` cost nothing to import; SQLAlchemy comes with ``db.database``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.contract import SCHEMA_VERSION, document_json
    from db.database import open_database
    from db.document import Document, document_schema
    from db.errors import DatabaseUnavailableError, InvalidRecordError, JobNotFoundError, StorageError
    from db.queries import JobFilter, get_job, list_jobs
    from db.records import AuditPosition, EngineRunRecord, JobRecord, JobSummary, Review, StoredJob

__all__ = [
    "SCHEMA_VERSION",
    "AuditPosition",
    "DatabaseUnavailableError",
    "Document",
    "EngineRunRecord",
    "InvalidRecordError",
    "JobFilter",
    "JobNotFoundError",
    "JobRecord",
    "JobSummary",
    "Review",
    "StorageError",
    "StoredJob",
    "document_json",
    "document_schema",
    "get_job",
    "list_jobs",
    "open_database",
]

# Loaded on first use, so that importing one small module does not import all others.
_MODULES = {
    "AuditPosition": "records",
    "DatabaseUnavailableError": "errors",
    "Document": "document",
    "EngineRunRecord": "records",
    "InvalidRecordError": "errors",
    "JobFilter": "queries",
    "JobNotFoundError": "errors",
    "JobRecord": "records",
    "JobSummary": "records",
    "Review": "records",
    "SCHEMA_VERSION": "contract",
    "StorageError": "errors",
    "StoredJob": "records",
    "document_json": "contract",
    "document_schema": "document",
    "get_job": "queries",
    "list_jobs": "queries",
    "open_database": "database",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
