"""The path of one invoice: bytes in, Outcome out; no database, no network."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from db.records import JobStatus, utc_now
from invoice_connector.decision import decide, missing_or_doubtful
from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.outcome import Failure, Outcome, Request
from invoice_connector.rules import check
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import OCRError

logger = logging.getLogger(__name__)


def process(source: Path | bytes, request: Request, ensemble: OCREnsemble) -> Outcome:
    """Reads one document. Whatever goes wrong ends in an Outcome with a failure, never in an exception."""
    settings = ensemble.settings
    started = utc_now()
    outcome = Outcome(request, JobStatus.FAILED, started, started, str(settings.policy), settings.engine.profile)
    clock = _Clock()
    try:
        document = load_document(source, request.source_name, settings.limits)
        outcome = replace(outcome, document=document, timings_ms=clock.lap("decode"))
        reading = ensemble.read_document(document)
        outcome = replace(outcome, reading=reading, timings_ms=clock.lap("read"))
        invoice = extract([FieldPage.of_reading(page) for page in reading.pages])
        violations = (*check(invoice), *missing_or_doubtful(invoice))
        outcome = replace(
            outcome,
            invoice=invoice,
            violations=violations,
            status=decide(violations),
            timings_ms=clock.lap("extract"),
        )
    except OCRError as error:
        outcome = replace(outcome, failure=Failure.of(error))
    except Exception as error:
        logger.exception("unexpected failure while processing %s", request.source_name)
        outcome = replace(outcome, failure=Failure.of(error))
    return replace(outcome, finished_at=utc_now(), timings_ms=clock.total())


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
