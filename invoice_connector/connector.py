"""The Python call of an ERP: reads an invoice, stores the whole story, returns the fields."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from db.audit import append_jobs
from db.contract import document_json
from db.errors import StorageError
from db.ids import new_job_id
from db.known import EarlierJobs
from db.pictures import PictureStore
from db.records import AuditPosition, JobRecord, StoredJob
from invoice_connector.arrivals.arriving import Opening
from invoice_connector.arrivals.bundle import bundle_of
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.invoice import InvoiceField
from invoice_connector.piles.jobs import may_be_divided_otherwise
from invoice_connector.pipeline.outcome import Failure, Outcome
from invoice_connector.pipeline.page_pictures import encoded
from invoice_connector.pipeline.process import Tools, failed, processed_all
from invoice_connector.pipeline.request import Request
from invoice_connector.provenance import provenance, settings_key
from invoice_connector.rules.decision import Wanted
from invoice_connector.rules.earlier_documents import compared, judged
from invoice_connector.settings import ConnectorSettings, from_environment
from invoice_connector.storage import open_log, picture_store
from invoice_connector.suppliers.directory import LogDirectory
from invoice_connector.suppliers.master import Company, of_json
from invoice_connector.verify.opening import verifying
from invoice_connector.workers.isolating import isolation_of
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.engines.protocols import Engine, EngineSettings
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.settings import EnsembleSettings, Policy

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProcessedInvoice:
    """An outcome, the record that was stored of it, and its place in the audit log. ``others`` are the further
    documents of the file that it came in."""

    outcome: Outcome
    record: JobRecord
    audit: AuditPosition
    others: tuple[ProcessedInvoice, ...] = ()

    @property
    def status(self) -> str:
        """completed, needs_review or failed."""
        return str(self.outcome.status)

    @property
    def fields(self) -> Mapping[str, InvoiceField]:
        """By contract name; a field that was not found is absent."""
        return self.outcome.invoice.fields if self.outcome.invoice else {}

    def to_dict(self, words: bool = False) -> dict[str, Any]:
        """The JSON of the contract: amounts as decimal strings, dates ISO 8601, boxes in pixels. ``words``: each line
        with its words."""
        return document_json(StoredJob(self.record, self.audit, self.outcome.finished_at), words)

    def documents(self, words: bool = False) -> list[dict[str, Any]]:
        """The same of this document and the others of its file."""
        return [each.to_dict(words) for each in (self, *self.others)]


class InvoiceOCRConnector:
    """Keeps engines and database open between calls; may be called from several threads."""

    def __init__(self, settings: ConnectorSettings | None = None, engines: Mapping[str, Engine] | None = None) -> None:
        self.settings = settings or from_environment()
        self.ensemble = OCREnsemble(ensemble_settings(self.settings), engines)
        self.verifying = verifying(self.settings)
        self.wanted = wanted_of(self.settings)
        self.directory = LogDirectory(lambda: self.database, own_companies(self.settings))
        self._opening = threading.Lock()

    @cached_property
    def database(self) -> Any:
        """The SQLAlchemy engine of the audit log, opened on first use."""
        with self._opening:
            return open_log(self.settings)

    @cached_property
    def pictures(self) -> PictureStore | None:
        """Where page pictures are kept, None when they are not."""
        return picture_store(self.database, self.settings)

    @property
    def opening(self) -> Opening:
        """How files that hold documents are opened."""
        return Opening(self.ensemble.settings, bounds_of(self.settings))

    @property
    def tools(self) -> Tools:
        """What the steps of reading work with."""
        settings = self.settings
        split = settings.split == "auto"
        return Tools(self.ensemble, self.verifying, self.wanted, self.directory, settings.validation_rules, split)

    def process_invoice_with_ocr(
        self,
        invoice_file_path: str | Path,
        customer_id: str | None = None,
        invoice_number: str | None = None,
        expected_amount: Decimal | None = None,
    ) -> ProcessedInvoice:
        """Reads a file and stores the job in one transaction; what the ERP expects is compared with the page.

        A document that cannot be read gives status ``failed`` and a stored job; only a database that cannot be
        written raises (``db.StorageError``), since then nothing would prove what was read. Of a mail, an
        archive or a pile this is the first document; the others of it are read and stored, too, and are its ``others``.
        """
        path = Path(invoice_file_path)
        place = str(path.absolute())
        request = Request(new_job_id(), path.name, customer_id, invoice_number, expected_amount, place)
        first, *others = self.process_all(path, request)
        return replace(first, others=tuple(others))

    def process_all(self, source: Path | bytes, request: Request) -> tuple[ProcessedInvoice, ...]:
        """Reads and stores every document of a file: itself, or those in it when it is a mail, an archive, an
        e-invoice with several bodies or a pile of documents."""
        read = (self.read(each.source, each.request) for each in self.opening.arrivals(source, request))
        return tuple(replace(each, others=()) for first in read for each in (first, *first.others))

    def process_bytes(self, content: bytes, request: Request) -> ProcessedInvoice:
        """The same for an upload."""
        return self.read(content, request)

    def process_once(self, path: Path | bytes, request: Request, unless: Collection[str]) -> ProcessedInvoice:
        """Reads a file that is no container, but stores nothing when a job of the same content and settings has one of
        the statuses ``unless``. Raises ``db.errors.DuplicateJobError`` then. The documents of a pile are its
        ``others``."""
        return self._append_all(processed_all(path, request, self.tools), unless, path)

    def store(self, *outcomes: Outcome, content: bytes | None = None) -> ProcessedInvoice:
        """Stores outcomes that were made elsewhere of a file's ``content``, the first and its ``others``, together.
        Raises ``db.errors.DuplicateJobError`` when a job of them is there."""
        return self._append_all(outcomes, source=content)

    def store_failure(
        self, request: Request, sha256: str | None, failure: Failure, unless: Collection[str] = ()
    ) -> ProcessedInvoice:
        """A failed job for a document that never came to its end. Raises like ``process_once``."""
        return self._append_all((failed(request, sha256, failure, self.ensemble),), unless)

    def read(self, source: Path | bytes, request: Request) -> ProcessedInvoice:
        """The same for a request that was made before."""
        return self._append_all(processed_all(source, request, self.tools), source=source)

    def _append_all(
        self, outcomes: Sequence[Outcome], unless: Collection[str] = (), source: Path | bytes | None = None
    ) -> ProcessedInvoice:
        """Stores the outcomes of a file's documents together, with what earlier jobs say against each."""
        waiting = [_Waiting(outcome, self.settings) for outcome in outcomes]
        entries = [(each.record, each.compare) for each in waiting]
        positions = append_jobs(self.database, entries, unless, self.settings.deliver_to)
        for each in waiting:
            self._keep_pictures(each.final)
        if source is not None:
            self._keep_file(waiting[0].final, source)
        first, *others = (
            ProcessedInvoice(each.final, each.record, position)
            for each, position in zip(waiting, positions, strict=True)
        )
        return replace(first, others=tuple(others))

    def _keep_pictures(self, outcome: Outcome) -> None:
        if self.pictures is None or outcome.document is None:
            return
        try:
            self.pictures.add(outcome.request.job_id, encoded(outcome.document.pages))
        except (OSError, StorageError):  # a job without pictures is better than no job
            logger.warning("the pictures of job %s were not kept", outcome.request.job_id, exc_info=True)

    def _keep_file(self, outcome: Outcome, source: Path | bytes) -> None:
        """Keeps the file of a division that a person may change, under its first document."""
        if self.pictures is None or not may_be_divided_otherwise(outcome):
            return
        try:
            content = source if isinstance(source, bytes) else source.read_bytes()
            self.pictures.keep_file(outcome.request.job_id, bundle_of(content).main)
        except (OSError, StorageError):
            logger.warning("the file of job %s was not kept", outcome.request.job_id, exc_info=True)


class _Waiting:
    """An outcome on its way into the log. Its record is made before the log is locked: that of a long document takes
    seconds."""

    def __init__(self, outcome: Outcome, settings: ConnectorSettings) -> None:
        self._outcome, self._document = outcome, compared(outcome)
        self.final = outcome
        key = settings_key(settings, outcome.request.customer_id)
        read_with = provenance(settings, outcome.engine_versions, outcome.device)
        self.record = outcome.to_record(key, self._document.keys(), read_with)

    def compare(self, earlier: EarlierJobs) -> JobRecord:
        """The record with what the earlier jobs say against it."""
        self.final = judged(self._outcome, self._document, earlier)
        self.record = self.final.judgement_on(self.record)
        return self.record


def own_companies(settings: ConnectorSettings) -> tuple[Company, ...]:
    """Those that the settings name."""
    numbers = settings.own_vat_identifiers
    unnamed = (Company("own-vat-identifiers", vat_identifiers=numbers),) if numbers else ()
    return (*(of_json(Company, company) for company in settings.companies), *unnamed)


def bounds_of(settings: ConnectorSettings) -> Bounds:
    """The part of the application's settings that concerns containers."""
    return Bounds(settings.container_parts, settings.container_depth, settings.container_bytes, settings.max_bytes)


def wanted_of(settings: ConnectorSettings) -> Wanted:
    """The part of the application's settings that concerns booking."""
    return Wanted(
        risk=settings.risk,
        unproven_amount=settings.unproven_amount,
        days_ahead=settings.days_ahead,
        years_back=settings.years_back,
    )


def ensemble_settings(settings: ConnectorSettings) -> EnsembleSettings:
    """The part of the application's settings that concerns reading."""
    return EnsembleSettings(
        engines=settings.engines,
        policy=Policy(settings.policy),
        certain=settings.certain,
        wanted_error=settings.wanted_error,
        line_share=settings.line_share,
        budget_ms=settings.budget_ms,
        engine_seconds=settings.engine_seconds,
        document_seconds=settings.document_seconds,
        engine=EngineSettings(
            threads=settings.threads,
            profile=settings.profile,
            language=settings.language,
            weights=settings.weights,
            device=settings.device,
        ),
        limits=Limits(
            max_bytes=settings.max_bytes,
            max_pages=settings.max_pages,
            max_pixels=settings.max_pixels,
            max_total_pixels=settings.max_total_pixels,
        ),
        isolation=isolation_of(settings),
    )
