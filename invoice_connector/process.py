"""The path of one invoice: bytes in, Outcome out; no database, no network."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from db.records import JobStatus, utc_now
from invoice_connector.decision import RISK, decide, missing_or_doubtful
from invoice_connector.einvoice.evidence import embedded_invoice
from invoice_connector.expected import compare
from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Invoice
from invoice_connector.outcome import Failure, Outcome, Request
from invoice_connector.rules import check
from invoice_connector.verify.document import NOT_VERIFYING, Read, Verifying, verify
from ocr_ensemble.document.decode import load_document, read_source
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import OCRError
from ocr_ensemble.reading import DocumentReading

logger = logging.getLogger(__name__)


def process(
    source: Path | bytes,
    request: Request,
    ensemble: OCREnsemble,
    verifying: Verifying = NOT_VERIFYING,
    risk: float = RISK,
) -> Outcome:
    """Reads one document. Whatever goes wrong ends in an Outcome with a failure, never in an exception.

    ``risk`` (0..1) is the share of wrong values accepted among key fields that are booked without looking.
    """
    settings = ensemble.settings
    outcome = failed(request, None, None, ensemble)
    clock = _Clock()
    try:
        content = source if isinstance(source, bytes) else read_source(source, settings.limits)
        outcome = replace(outcome, sha256=hashlib.sha256(content).hexdigest())
        document = load_document(content, request.source_name, settings.limits)
        outcome = replace(outcome, document=document, timings_ms=clock.lap("decode"))
        reading = ensemble.read_document(document)
        outcome = replace(outcome, reading=reading, timings_ms=clock.lap("read"))
        invoice = _extracted(reading)
        outcome = replace(outcome, invoice=invoice, timings_ms=clock.lap("extract"))
        reading, invoice, verification = verify(Read(document, reading, invoice), ensemble, _extracted, verifying)
        outcome = replace(outcome, reading=reading, verification=verification, timings_ms=clock.lap("verify"))
        embedded, differences = embedded_invoice(content, document, invoice)
        expected, disagreements = compare(request, invoice, reading.text)
        violations = (*check(invoice), *missing_or_doubtful(invoice, risk), *differences, *disagreements)
        outcome = replace(
            outcome,
            invoice=invoice,
            embedded_invoice=embedded,
            expected=expected,
            violations=violations,
            status=decide(violations),
            timings_ms=clock.lap("check"),
        )
    except OCRError as error:
        outcome = replace(outcome, failure=Failure.of(error))
    except Exception as error:
        logger.exception("unexpected failure while processing %s", request.source_name)
        outcome = replace(outcome, failure=Failure.of(error))
    return replace(outcome, finished_at=utc_now(), timings_ms=clock.total())


def _extracted(reading: DocumentReading) -> Invoice:
    return extract([FieldPage.of_reading(page) for page in reading.pages])


def failed(request: Request, sha256: str | None, failure: Failure | None, ensemble: OCREnsemble) -> Outcome:
    """The outcome of a document that nothing has been read of."""
    now, settings = utc_now(), ensemble.settings
    return Outcome(
        request,
        JobStatus.FAILED,
        now,
        now,
        str(settings.policy),
        settings.engine.profile,
        sha256=sha256,
        failure=failure,
    )


class _Clock:
    """Milliseconds of each step and in all."""

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> dict[str, float]:
        now = perf_counter()
        self._laps[name] = (now - self._last) * 1000
        self._last = now
        return dict(self._laps)

    def total(self) -> dict[str, float]:
        return {**self._laps, "total": (perf_counter() - self._start) * 1000}
