"""What is there and what is missing on this machine, and what to do about it."""

from __future__ import annotations

import platform
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from db.database import open_database
from db.errors import StorageError
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.engines.registry import available_engines, known_engines
from ocr_ensemble.errors import EngineUnavailableError


@dataclass(frozen=True, slots=True)
class Finding:
    """One part. ``reads_pictures`` marks engines that can read a page without a text layer."""

    part: str
    available: bool
    detail: str
    reads_pictures: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(settings: ConnectorSettings) -> list[Finding]:
    """Tries every known engine and the audit log's database."""
    engine_settings = EngineSettings(threads=settings.threads, profile=settings.profile)
    findings = [Finding("python", True, f"{platform.python_version()} on {platform.platform()}")]
    for name, engine in available_engines(known_engines(), engine_settings).items():
        reads_pictures = name != "pdf_text"
        if isinstance(engine, EngineUnavailableError):
            findings.append(Finding(name, False, str(engine), reads_pictures))
        else:
            findings.append(Finding(name, True, engine.version, reads_pictures))
    findings.append(_database(settings.database_url))
    return findings


def _database(url: str) -> Finding:
    try:
        open_database(url).dispose()
    except StorageError as error:
        return Finding("audit log", False, str(error))
    return Finding("audit log", True, f"{url} (SQLite {sqlite3.sqlite_version})")
