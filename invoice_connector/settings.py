"""Settings of the application, from the environment (``INVOICE_CONNECTOR_...``) and a ``.env`` file."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def data_folder() -> Path:
    """Where the audit log lives unless told otherwise (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "invoice-connector"


class ConnectorSettings(BaseSettings):
    """``max_bytes`` per file, ``max_pages`` per document, ``max_pixels`` per page, ``engine_seconds`` per engine and
    page; ``certain`` is the probability (0..1) from which a line is not read again."""

    model_config = SettingsConfigDict(env_prefix="INVOICE_CONNECTOR_", env_file=".env", frozen=True, extra="ignore")

    database_url: str = Field(default_factory=lambda: f"sqlite:///{data_folder() / 'audit.db'}")
    engines: tuple[str, ...] = ("pdf_text", "rapidocr", "tesseract")
    policy: str = "fallback"
    profile: str = "compact"
    language: str | None = None
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    engine_seconds: float = Field(default=120.0, gt=0)
    certain: float = Field(default=0.99, ge=0, le=1)
    max_bytes: int = Field(default=50_000_000, gt=0)
    max_pages: int = Field(default=100, gt=0)
    max_pixels: int = Field(default=60_000_000, gt=0)


@lru_cache(maxsize=1)
def from_environment() -> ConnectorSettings:
    return ConnectorSettings()
