"""The path of one invoice: bytes in, Outcome out; no database, no network."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from time import perf_counter

from db.records import JobStatus, utc_now
from invoice_connector.arrivals.arriving import why_not_one
from invoice_connector.arrivals.beside import with_beside
from invoice_connector.arrivals.bundle import Bundle, bundle_of
from invoice_connector.arrivals.containers import container_kind
from invoice_connector.codes.evidence import code_differences, with_codes
from invoice_connector.codes.families import codes_of
from invoice_connector.einvoice import XML
from invoice_connector.einvoice.evidence import embedded_invoice
from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.scope import unsearched
from invoice_connector.invoice import Invoice, Violation
from invoice_connector.piles.jobs import documents_of
from invoice_connector.pipeline.outcome import Failure, Outcome
from invoice_connector.pipeline.request import Request
from invoice_connector.pipeline.resources import Meter
from invoice_connector.rules.calibration import calibrated
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import (
    WANTED,
    Wanted,
    decide,
    doubts,
    implausible_date,
    refusals,
    unread_pages,
    unread_parts,
)
from invoice_connector.rules.expected import compare
from invoice_connector.rules.kinds import check_paper
from invoice_connector.rules.picture_check import (
    compare_with_picture,
    crossed_out,
    hidden_texts,
    seen_by_engines,
    stamped,
    stamps_of,
)
from invoice_connector.rules.sentences import check_remarks, told_account
from invoice_connector.rules.tampering import signs_of_change
from invoice_connector.rules.witnesses import with_data_witnesses, with_witnesses
from invoice_connector.suppliers.known import NOBODY, NOTHING, Directory, Known
from invoice_connector.suppliers.matching import match
from invoice_connector.suppliers.rules import LISTED, check_parties, with_supplier
from invoice_connector.verify.document import NOT_VERIFYING, Read, Verifying, verify
from ocr_ensemble.document.decode import read_source
from ocr_ensemble.document.foreign import is_xml
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import OCRError
from ocr_ensemble.reading import DocumentReading
from verifier.verdict import NOT_PRINTED

logger = logging.getLogger(__name__)


class Stage(StrEnum):
    """The steps of the path, in order; also what a document that waits in a queue is said to be doing."""

    PREPROCESSING = "preprocessing"
    READING = "reading"
    EXTRACTING = "extracting"
    VERIFYING = "verifying"
    EVALUATING = "evaluating"


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps work with, what a booking without looking asks for, where companies and suppliers are, and the
    official rules that e-invoices are checked against. ``split``: a file that holds several documents is divided."""

    ensemble: OCREnsemble
    verifying: Verifying = NOT_VERIFYING
    wanted: Wanted = WANTED
    directory: Directory = NOBODY
    rules: Path | None = None
    split: bool = True


def process(
    source: Path | bytes,
    request: Request,
    ensemble: OCREnsemble,
    verifying: Verifying = NOT_VERIFYING,
    wanted: Wanted = WANTED,
    directory: Directory = NOBODY,
) -> Outcome:
    """Reads a file as one document, see ``processed``."""
    return processed(source, request, Tools(ensemble, verifying, wanted, directory))


def processed(source: Path | bytes, request: Request, tools: Tools) -> Outcome:
    """Reads a file as one document. Whatever goes wrong ends in an Outcome with a failure, never in an exception."""
    outcome, *_ = processed_all(source, request, replace(tools, split=False))
    return outcome


def processed_all(source: Path | bytes, request: Request, tools: Tools) -> tuple[Outcome, ...]:
    """Reads a file and, once its pages are read, goes on with each document that they are, the first of them under the
    request's job id. Whatever goes wrong ends in an Outcome with a failure."""
    ensemble = tools.ensemble
    outcome = failed(request, None, None, ensemble)
    try:
        content = source if isinstance(source, bytes) else read_source(source, ensemble.settings.limits)
    except OCRError as error:
        return (finished(replace(outcome, failure=Failure.of(error))),)
    bundle = bundle_of(content)
    outcome = _through(_OF_FILES, replace(outcome, sha256=hashlib.sha256(content).hexdigest()), bundle.main, tools)
    first, *rest = _documents_of(outcome, bundle.main, tools)
    first, *others = beside(first, bundle, tools)
    return tuple(finished(each) for each in (first, *rest, *others))


def beside(outcome: Outcome, bundle: Bundle, tools: Tools) -> tuple[Outcome, ...]:
    """A document's outcome with what follows from the files that came beside it, and the outcomes of those that are
    documents of their own. What they take counts as the document's."""
    if not bundle.beside:
        return (outcome,)

    def read(content: bytes, request: Request) -> Outcome:
        begun = replace(failed(request, None, None, tools.ensemble), sha256=hashlib.sha256(content).hexdigest())
        return _through(_OF_FILES, begun, content, tools)

    def go_on(begun: Outcome, content: bytes) -> tuple[Outcome, ...]:
        return tuple(finished(each) for each in _documents_of(begun, content, tools))

    return with_beside(outcome, bundle, read, go_on)


def _documents_of(outcome: Outcome, content: bytes, tools: Tools) -> tuple[Outcome, ...]:
    return tuple(_through(_OF_DOCUMENTS, each, content, tools) for each in documents(outcome, tools))


def _through(stages: Sequence[Stage], outcome: Outcome, content: bytes, tools: Tools) -> Outcome:
    for stage in stages:
        outcome = advance(outcome, stage, content, tools)
    return outcome


def documents(outcome: Outcome, tools: Tools) -> tuple[Outcome, ...]:
    """What a file whose pages were read goes on as: the documents that it holds."""
    wanted = tools.split or outcome.request.division is not None
    if not wanted or outcome.failure is not None or _states_data(outcome):
        return (outcome,)
    try:
        return documents_of(outcome, tools.wanted.risk, tools.ensemble.settings.isolation)
    except Exception as error:
        logger.exception("unexpected failure while dividing %r", outcome.request.source_name)
        return (replace(outcome, failure=Failure.of(error)),)


def advance(outcome: Outcome, stage: Stage, content: bytes, tools: Tools) -> Outcome:
    """The outcome after one more step on the document's bytes; one that has failed stays as it is.

    Whatever goes wrong becomes the outcome's failure. What the step took is noted either way.
    """
    if outcome.failure is not None or (stage in _OF_PICTURES and _states_data(outcome)):
        return outcome
    started, meter = perf_counter(), Meter(tools.ensemble.settings.isolation)
    try:
        outcome = _STEPS[stage](outcome, content, tools)
    except OCRError as error:
        outcome = replace(outcome, failure=Failure.of(error))
    except Exception as error:
        logger.exception("unexpected failure while processing %r", outcome.request.source_name)
        outcome = replace(outcome, failure=Failure.of(error))
    lap = {_LAPS[stage]: (perf_counter() - started) * 1000}
    logger.info("%r: %s took %.0f ms", outcome.request.source_name, stage, lap[_LAPS[stage]])
    used = outcome.resources.beside(meter.read(_LAPS[stage]))
    return replace(outcome, timings_ms={**outcome.timings_ms, **lap}, resources=used)


def finished(outcome: Outcome) -> Outcome:
    """The outcome with its end and the time of all its steps together; failed when a step did."""
    timings = {**outcome.timings_ms, "total": sum(outcome.timings_ms.values())}
    status = JobStatus.FAILED if outcome.failure else outcome.status
    return replace(outcome, status=status, finished_at=utc_now(), timings_ms=timings)


def failed(request: Request, sha256: str | None, failure: Failure | None, ensemble: OCREnsemble) -> Outcome:
    """The outcome of a document that nothing has been read of; what is broken has failed before it began."""
    now, settings = utc_now(), ensemble.settings
    if failure is None and request.broken is not None:
        failure = Failure(*request.broken)
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


def _preprocess(outcome: Outcome, content: bytes, tools: Tools) -> Outcome:
    """The pages; of an e-invoice by itself all that there is to read, too."""
    if (kind := container_kind(content)) is not None:
        raise why_not_one(content, kind, outcome.request.source_name, tools.ensemble.settings)
    if is_xml(content):
        from invoice_connector.einvoice.alone import stated  # what parses XML and draws pages, for e-invoices only

        found = stated(content, outcome.request.source_name, tools.ensemble.settings)
        violations = (*found.violations, *_broken_officially(content, tools.rules))
        outcome = replace(outcome, violations=violations, verification=NOT_PRINTED)
        return replace(outcome, document=found.document, reading=found.reading, invoice=found.invoice)
    return replace(outcome, document=tools.ensemble.load(content, outcome.request.source_name))


def _read(outcome: Outcome, _content: bytes, tools: Tools) -> Outcome:
    assert outcome.document is not None
    reading = tools.ensemble.read_document(outcome.document)
    return replace(outcome, reading=reading, device=tools.ensemble.device)


def _extract(outcome: Outcome, _content: bytes, tools: Tools) -> Outcome:
    assert outcome.document is not None and outcome.reading is not None
    extract_known = partial(extracted, known=_known(outcome, tools))
    seen = compare_with_picture(outcome.document, outcome.reading, tools.ensemble, extract_known, tools.wanted.risk)
    violations = (*outcome.violations, *seen.conflicts)
    return replace(outcome, reading=seen.reading, invoice=seen.invoice, violations=violations)


def _verify(outcome: Outcome, _content: bytes, tools: Tools) -> Outcome:
    assert outcome.document is not None and outcome.reading is not None and outcome.invoice is not None
    read = Read(outcome.document, outcome.reading, outcome.invoice)
    extract_known = partial(extracted, known=_known(outcome, tools))
    reading, invoice, verification = verify(read, tools.ensemble, extract_known, tools.verifying)
    return replace(outcome, reading=reading, invoice=invoice, verification=verification)


def _evaluate(outcome: Outcome, content: bytes, tools: Tools) -> Outcome:
    document, reading, invoice = outcome.document, outcome.reading, outcome.invoice
    assert document is not None and reading is not None and invoice is not None
    is_data = _states_data(outcome)
    invoice = invoice if is_data else calibrated(with_witnesses(invoice, reading))
    embedded, differences = embedded_invoice(content, document, invoice, tools.ensemble.settings.isolation)
    expected, disagreements = compare(outcome.request, invoice, reading)
    known = _known(outcome, tools)
    supplier = match(invoice, known)
    invoice = with_supplier(with_data_witnesses(invoice, embedded, expected), supplier)
    codes = codes_of(reading)
    invoice, swapped = with_codes(invoice, codes, reading), code_differences(invoice, codes, reading)
    in_doubt = (
        *check_parties(invoice, known, supplier),
        *signs_of_change(document, reading, invoice),
        *hidden_texts(document, reading),
        *stamped(reading, invoice),
        *check_paper(invoice),
        *doubts(invoice, tools.wanted),
        *implausible_date(invoice, outcome.started_at.date(), tools.wanted),
        *refusals(invoice, outcome.verification),
        *unread_pages(document, reading),
        *unread_parts(document),
        *(() if is_data else unsearched(_field_pages(reading))),
    )
    broken = (*outcome.violations, *crossed_out(reading), *(() if is_data else check(invoice)))
    violations = (*broken, *in_doubt, *swapped, *differences, *disagreements)
    mail, stamps = outcome.request.remarks, [] if invoice.is_receipt else stamps_of(reading)
    violations = (*violations, *told_account(mail, reading), *check_remarks(invoice, mail, stamps))
    return replace(
        outcome,
        invoice=invoice,
        embedded_invoice=embedded,
        expected=expected,
        supplier=supplier if supplier is not None and supplier.probability >= LISTED else None,
        violations=violations,
        status=decide(violations),
    )


def _known(outcome: Outcome, tools: Tools) -> Known:
    """What is known of whoever the pages may name."""
    assert outcome.reading is not None
    lines = [line.line.text for page in outcome.reading.pages for line in page.lines]
    return tools.directory.known(lines, outcome.request.customer_id)


def extracted(reading: DocumentReading, known: Known = NOTHING) -> Invoice:
    """The invoice of a reading, its fields with the engines that saw in the picture what a text layer told."""
    return seen_by_engines(extract(_field_pages(reading), known=known), reading)


def _field_pages(reading: DocumentReading) -> list[FieldPage]:
    return [FieldPage.of_reading(page) for page in reading.pages]


def _broken_officially(content: bytes, rules: Path | None) -> tuple[Violation, ...]:
    if rules is None:
        return ()
    from invoice_connector.exports.validation import violations

    return violations(content, rules)


def _states_data(outcome: Outcome) -> bool:
    """Whether the document is an e-invoice by itself, of which no picture is read."""
    return outcome.document is not None and outcome.document.media_type == XML


_OF_FILES = (Stage.PREPROCESSING, Stage.READING)
_OF_DOCUMENTS = (Stage.EXTRACTING, Stage.VERIFYING, Stage.EVALUATING)
_OF_PICTURES = (Stage.READING, Stage.EXTRACTING, Stage.VERIFYING)
_STEPS = {
    Stage.PREPROCESSING: _preprocess,
    Stage.READING: _read,
    Stage.EXTRACTING: _extract,
    Stage.VERIFYING: _verify,
    Stage.EVALUATING: _evaluate,
}
_LAPS = {  # the names of ``timings_ms``
    Stage.PREPROCESSING: "decode",
    Stage.READING: "read",
    Stage.EXTRACTING: "extract",
    Stage.VERIFYING: "verify",
    Stage.EVALUATING: "check",
}
