"""The Python call of an ERP: reads an invoice, stores the whole story, returns the fields."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from db.audit import append_job
from db.contract import document_json
from db.database import open_database
from db.ids import new_job_id
from db.records import AuditPosition, StoredJob
from invoice_connector.invoice import InvoiceField
from invoice_connector.outcome import Outcome, Request
from invoice_connector.process import process
from invoice_connector.settings import ConnectorSettings, from_environment
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.engines.protocols import Engine, EngineSettings
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.settings import EnsembleSettings, Policy


@dataclass(frozen=True, slots=True)
class ProcessedInvoice:
    """An outcome and its place in the audit log."""

    outcome: Outcome
    audit: AuditPosition

    @property
    def status(self) -> str:
        return str(self.outcome.status)

    @property
    def fields(self) -> Mapping[str, InvoiceField]:
        """By contract name; a field that was not found is absent."""
        return self.outcome.invoice.fields if self.outcome.invoice else {}

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the contract: amounts as decimal strings, dates ISO 8601, boxes in pixels."""
        return document_json(StoredJob(self.outcome.to_record(), self.audit, self.outcome.finished_at))


class InvoiceOCRConnector:
    """Keeps engines and database open between calls; may be called from several threads."""

    def __init__(self, settings: ConnectorSettings | None = None, engines: Mapping[str, Engine] | None = None) -> None:
        self.settings = settings or from_environment()
        self.ensemble = OCREnsemble(ensemble_settings(self.settings), engines)
        self._opening = threading.Lock()

    @cached_property
    def database(self) -> Any:
        """The SQLAlchemy engine of the audit log, opened on first use."""
        with self._opening:
            return open_database(self.settings.database_url)

    def process_invoice_with_ocr(
        self,
        invoice_file_path: str | Path,
        customer_id: str | None = None,
        invoice_number: str | None = None,
    ) -> ProcessedInvoice:
        """Reads a file and stores the job in one transaction.

        A document that cannot be read gives status ``failed`` and a stored job; only a database that cannot be
        written raises (``db.errors.DatabaseError``), since then nothing would prove what was read.
        """
        path = Path(invoice_file_path)
        return self._store(path, Request(new_job_id(), path.name, customer_id, invoice_number))

    def process_bytes(self, content: bytes, request: Request) -> ProcessedInvoice:
        """The same for an upload."""
        return self._store(content, request)

    def _store(self, source: Path | bytes, request: Request) -> ProcessedInvoice:
        outcome = process(source, request, self.ensemble)
        return ProcessedInvoice(outcome, append_job(self.database, outcome.to_record()))


def ensemble_settings(settings: ConnectorSettings) -> EnsembleSettings:
    """The part of the application's settings that concerns reading."""
    return EnsembleSettings(
        engines=settings.engines,
        policy=Policy(settings.policy),
        certain=settings.certain,
        engine_seconds=settings.engine_seconds,
        engine=EngineSettings(threads=settings.threads, profile=settings.profile, language=settings.language),
        limits=Limits(max_bytes=settings.max_bytes, max_pages=settings.max_pages, max_pixels=settings.max_pixels),
    )
