"""The step of the path that verifies: when it runs, with which budget, and what is said about it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_connector.invoice import Invoice
from invoice_connector.verify.questions import KEY_FIELDS, Place, asked_fields, contested, lines_of
from invoice_connector.verify.session import Extract, Session, Verified
from invoice_connector.verify.texts import field_name, sentence
from ocr_ensemble.document.page import Document
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.reading import DocumentReading
from verifier.errors import VerifierError
from verifier.verdict import NOT_CONFIGURED, Verdict, Verification
from verifier.verifier import Budget, Purse, Verifier

if TYPE_CHECKING:
    from verifier.analysis import TextAnalyst

logger = logging.getLogger(__name__)


class Mode(StrEnum):
    ALWAYS = "always"
    DOUBT = "doubt"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Verifying:
    """How a document is verified. ``open`` gives the verifier, None when there is none, or raises VerifierError;
    ``rereads``: lines of one document that may be read again; ``language`` of the feedback, None for the document's."""

    open: Callable[[], Verifier | None] = lambda: None
    mode: Mode = Mode.DOUBT
    budget: Budget = field(default_factory=Budget)
    rereads: int = 4
    language: str | None = None
    analyst: TextAnalyst | None = None


NOT_VERIFYING = Verifying()


@dataclass(frozen=True, slots=True)
class Read:
    """A document, what was read of it and the invoice that this makes."""

    document: Document
    reading: DocumentReading
    invoice: Invoice


def verify(
    read: Read, ensemble: OCREnsemble, extract: Extract, how: Verifying
) -> tuple[DocumentReading, Invoice, Verification]:
    """The reading and the invoice as they stand after verification. A verifier that fails takes nothing down.

    ``extract`` makes an invoice of a reading, for readings that the verifier changes.
    """
    reading, invoice = read.reading, read.invoice
    language = how.language or invoice.language
    if how.mode is Mode.NEVER:
        return reading, invoice, Verification(used=False, feedback=sentence("off", language))
    certain, everything = ensemble.settings.certain, how.mode is Mode.ALWAYS
    places = contested(reading, certain, everything)
    suspicious = _suspicious(reading, invoice, how)
    unsure = any(f.confidence is None or f.confidence < certain for f in asked_fields(invoice))
    if not (everything or places or unsure or suspicious):
        return reading, invoice, Verification(used=False, feedback=sentence("nothing", language))
    try:
        verifier = how.open()
        if verifier is not None:
            verifier.prepare()
    except VerifierError as error:
        logger.warning("the verifier cannot be asked: %s", error)
        feedback = sentence("unreachable", language, reason=error)
        return reading, invoice, Verification(used=False, feedback=feedback, failed=str(error))
    if verifier is None:
        return reading, invoice, NOT_CONFIGURED
    session = Session(read.document, ensemble, extract, verifier, Purse(how.budget))
    places = _urgent_first(reading, invoice, places)
    result = session.run(reading, invoice, places, suspicious, how.rereads)
    return result.reading, result.invoice, _verification(result, verifier, language)


def _suspicious(reading: DocumentReading, invoice: Invoice, how: Verifying) -> tuple[str, ...]:
    """Fields that the text model finds odd; none when it is not there or fails."""
    if how.analyst is None:
        return ()
    lines = [line.line.text for page in reading.pages for line in page.lines]
    try:
        return how.analyst.suspicious(lines, {name: found.text for name, found in invoice.fields.items()})
    except VerifierError as error:
        logger.warning("the text model named no fields: %s", error)
        return ()


def _urgent_first(reading: DocumentReading, invoice: Invoice, places: Sequence[Place]) -> list[Place]:
    """Lines that key fields stand in come before all others."""
    key = [place for found in asked_fields(invoice) for place in lines_of(reading, found)]
    rank = {place: number for number, place in enumerate(dict.fromkeys(key))}
    return sorted(places, key=lambda place: rank.get(place, len(rank)))


def _failed(result: Verified) -> str | None:
    return None if result.error is None else str(result.error)


def _verification(result: Verified, verifier: Verifier, language: str | None) -> Verification:
    if not result.verdicts:
        reason = result.error or "the budget allowed no question"
        name = "unreachable" if result.error else "unasked"
        feedback = sentence(name, language, reason=reason, what=reason)
        return Verification(False, feedback, verifier.name, verifier.model, failed=_failed(result))
    fields = result.invoice.fields
    marks = [fields[name].verified for name in result.asked]
    missing = [name for name in KEY_FIELDS if name in fields and name not in result.asked]
    verified = None if not marks else False if False in marks else None if missing or result.error else True
    sure = [found.confidence for name in result.asked if (found := fields[name]).confidence is not None]
    return Verification(
        used=True,
        feedback=_feedback(result, missing, language),
        backend=verifier.name,
        model=verifier.model,
        verified=verified,
        confidence=min((value for value in sure if value is not None), default=None),
        verdicts=result.verdicts,
        failed=_failed(result),
    )


def _feedback(result: Verified, missing: Sequence[str], language: str | None) -> str:
    """What was confirmed, what is unclear, what was not looked at; joined by semicolons."""
    fields = result.invoice.fields
    ordered = sorted(result.asked, key=lambda name: KEY_FIELDS.index(name) if name in KEY_FIELDS else len(KEY_FIELDS))
    seen = [f"{field_name(n, language)} {fields[n].text}" for n in ordered if fields[n].verified]
    parts = [sentence("confirmed", language, what=", ".join(seen))] if seen else []
    for name in (n for n in ordered if not fields[n].verified):
        parts.append(_doubt(name, fields[name].text, result.asked[name], language))
    if result.changed:
        parts.append(sentence("changed", language, count=result.changed))
    if missing:
        parts.append(sentence("unasked", language, what=", ".join(field_name(name, language) for name in missing)))
    if result.error:
        parts.append(sentence("broke_off", language, reason=result.error))
    return "; ".join(part[:1].upper() + part[1:] if number == 0 else part for number, part in enumerate(parts))


def _doubt(name: str, text: str, verdict: Verdict, language: str | None) -> str:
    what, options = field_name(name, language), verdict.question.options
    if len(options) > 1 and verdict.best is not None and not verdict.note:
        readings = sentence("or", language).join((text, options[verdict.best] if verdict.best else options[1]))
        return sentence("unclear", language, what=what, readings=readings)
    return sentence("not_seen", language, what=f"{what} {text}")
