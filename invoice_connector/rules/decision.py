"""Whether a document may be booked without looking, and if not, why, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.records import JobStatus
from invoice_connector.invoice import PAYABLE, Evidence, Invoice, InvoiceField, Violation
from ocr_ensemble.document.page import Document
from ocr_ensemble.illegible import is_illegible
from ocr_ensemble.reading import DocumentReading, PageReading
from verifier.verdict import Verdict, Verification

RISK = 0.01  # the share of documents booked without looking that may have a wrong key field
HIDDEN = "HIDDEN-TEXT"
ILLEGIBLE = "no engine could read it: it may be blurred, dark or a picture"
_ONLY_TOLD = frozenset({HIDDEN})  # rules that stop nothing
LIKELY_WRONG = 0.5
UNPROVEN_AMOUNT = Decimal(1000)  # up to it an amount is booked by its label alone, without a sum that gives it
DAYS_AHEAD = 7  # an invoice may be dated after the day it is read on: rent, another time zone
YEARS_BACK = 20


@dataclass(frozen=True, slots=True)
class Need:
    """Key fields of which a document has at least one; ``required``: one without any is not booked, otherwise they only
    count where they are printed. A till receipt needs none that is
    ``not_of_receipts``: nobody pays it by its number."""

    names: tuple[str, ...]
    required: bool = True
    not_of_receipts: bool = False


NEEDED = (
    Need(PAYABLE),
    Need(("issue_date",)),
    Need(("seller_name",)),
    Need(("invoice_number",), not_of_receipts=True),
    Need(("currency_code",), required=False),
    Need(("payment_account_identifier",), required=False),
)
_AMOUNTS = frozenset(NEEDED[0].names)
# Who read the print the same way, and what says that this print is this field. A sum, and data from elsewhere, do both,
# and so does the amount in words.
_BOTH = frozenset(
    {Evidence.SUM, Evidence.IN_WORDS, Evidence.REPEATED, Evidence.EMBEDDED, Evidence.EXPECTED,
     Evidence.DOCUMENT_MODEL, Evidence.MASTER_DATA, Evidence.APPROVED, Evidence.CODE}
)  # fmt: skip
READ = _BOTH | {Evidence.ENGINES, Evidence.PICTURE, Evidence.VERIFIER, Evidence.CHECK_DIGITS}
NAMED = _BOTH | {Evidence.LABEL, Evidence.PLACE, Evidence.ONLY, Evidence.IDENTITY, Evidence.COUNTRY, Evidence.LAYOUT}
# How much surer a booked document is on the whole than its least sure key field: of 531 documents that no fit saw and
# whose key fields had 0.95 or more each, 6 were wrong (docs/benchmarks.md).
LEAST_SURE = 5.0
_PROOF = frozenset(
    {Evidence.SUM, Evidence.IN_WORDS, Evidence.EMBEDDED, Evidence.EXPECTED, Evidence.LAYOUTS, Evidence.CODE}
)  # of an amount
_NAMED_AND_KNOWN = frozenset({Evidence.LABEL, Evidence.LAYOUT})  # the same: named, and as on one approved document


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a booking without looking asks for: ``risk`` (0..1), the share of booked documents that may be wrong,
    ``unproven_amount``, up to which an amount needs no sum, and how many ``days_ahead`` and ``years_back`` of the day
    of processing an invoice may be dated."""

    risk: float = RISK
    unproven_amount: Decimal = UNPROVEN_AMOUNT
    days_ahead: int = DAYS_AHEAD
    years_back: int = YEARS_BACK


WANTED = Wanted()


def doubts(invoice: Invoice, wanted: Wanted = WANTED) -> tuple[Violation, ...]:
    """One sentence per key field that is missing, not sure enough, or has too few independent witnesses.

    The risk is asked of every field, not of the mean of all: the mean of a pile of clean invoices would let doubtful
    ones through.
    """
    needed = [need for need in NEEDED if not (need.not_of_receipts and _is_of_a_till(invoice))]
    return tuple(found for need in needed for found in _doubts_about(invoice, need, wanted))


def _is_of_a_till(invoice: Invoice) -> bool:
    """Whether cash or a card was taken, for what is no credit note and from whoever it was: what names its buyer is
    booked by its number."""
    credit = invoice.document_kind is not None and invoice.document_kind.value == "credit_note"
    return invoice.is_receipt and not credit and "buyer_name" not in invoice.fields


def implausible_date(invoice: Invoice, today: date, wanted: Wanted = WANTED) -> tuple[Violation, ...]:
    """DATE-IMPLAUSIBLE for an issue date too long after or before ``today``, the day of processing."""
    name = "issue_date"
    field = invoice.fields.get(name)
    if field is None or not isinstance(field.value, date):
        return ()
    days, years = (field.value - today).days, today.year - field.value.year
    if days > wanted.days_ahead:
        why = f"is {days:,} days after today, and at most {wanted.days_ahead} are allowed"
        setting = "INVOICE_CONNECTOR_DAYS_AHEAD"
    elif years > wanted.years_back:
        why = f"is {years} years ago, and at most {wanted.years_back} are allowed"
        setting = "INVOICE_CONNECTOR_YEARS_BACK"
    else:
        return ()
    message = f"the issue date {field.value} {why} ({setting}); compare it with the page"
    return (Violation("DATE-IMPLAUSIBLE", message, (name,)),)


def _doubts_about(invoice: Invoice, need: Need, wanted: Wanted) -> Iterator[Violation]:
    fields = [invoice.fields[name] for name in need.names if name in invoice.fields]
    if not fields and need.required:
        words = " or ".join(name.replace("_", " ") for name in need.names)
        yield Violation("field-missing", f"no {words} was found on the page; enter it by hand", need.names)
    for value in dict.fromkeys(field.value for field in fields):
        same = [field for field in fields if field.value == value]
        yield from _doubts_about_value(same, wanted)


def _doubts_about_value(fields: Sequence[InvoiceField], wanted: Wanted) -> Iterator[Violation]:
    """Fields of one value, of which one that is sure and has its witnesses is enough, if none is likely wrong."""
    names = tuple(field.name for field in fields)
    certain = [field for field in fields if not _is_below(field, needed(wanted)) or _is_proven(field)]
    if not certain:
        yield Violation("field-doubtful", _doubt(fields, wanted), names)
        return
    for field in fields:
        if _is_below(field, LIKELY_WRONG) and not _is_proven(field):
            sure = field.confidence or 0.0
            message = (
                f"the {_words(field)} {field.text!r} is more likely wrong than right ({sure:.3f}); look at the page"
            )
            yield Violation("field-doubtful", message, (field.name,))
    lacking = [_lack(field, wanted) for field in certain]
    if all(lacking):
        yield Violation("field-unwitnessed", lacking[0], names)


def needed(wanted: Wanted = WANTED) -> float:
    """The probability that a booking asks of each key field."""
    return 1.0 - wanted.risk * LEAST_SURE


def _is_proven(field: InvoiceField) -> bool:
    """Whether an identifier needs no probability: its check digits hold, and a label names it or nothing competes; of
    an account, that its print is borne out, a label names it and nothing competes: on documents that no fit saw all 249
    such accounts were right, whatever their probability, but one beside a likelier one is not proven."""
    if any((other.confidence or 0.0) > (field.confidence or 0.0) for other in field.alternatives):
        return False
    kinds = {witness.kind for witness in field.witnesses}
    named = kinds & {Evidence.LABEL, Evidence.ONLY}
    account = field.name == "payment_account_identifier" and len(named) == 2 and bool(kinds & READ)
    return account or (Evidence.CHECK_DIGITS in kinds and bool(named))


def _lack(field: InvoiceField, wanted: Wanted) -> str:
    """Which witness the field lacks, as a sentence; empty when it has enough."""
    kinds = {witness.kind for witness in field.witnesses}
    named = f"the {_words(field)} is {field.text!r}"
    if not kinds & READ:
        return f"only one engine says that {named}, and nothing else confirms its print; compare it with the page"
    if not kinds & NAMED:
        return f"no label, place or sum on the page says that {named}; compare it with the page"
    large = isinstance(field.value, Decimal) and abs(field.value) > wanted.unproven_amount
    if field.name in _AMOUNTS and large and not (kinds & _PROOF or kinds >= _NAMED_AND_KNOWN):
        return (
            f"no sum on the page proves that {named}, which is above {wanted.unproven_amount:f}, the largest amount "
            "booked without one (INVOICE_CONNECTOR_UNPROVEN_AMOUNT); compare it with the page"
        )
    return ""


def refusals(invoice: Invoice, verification: Verification) -> tuple[Violation, ...]:
    """One sentence per key field whose text the verifier did not see in its place.

    A refusal stops a document, except where the file's own text and an engine that looked at the picture say the same,
    or where two engines do and a sum or check digits hold: then what err apart from each other say what the print is.
    Of a name that two read alike it only takes away what it was measured to be worth, which is in the probability
    already: a letter more or less makes no other company.
    """
    last = {verdict.question.subject: verdict for verdict in verification.verdicts}
    fields = [invoice.fields[name] for need in NEEDED for name in need.names if name in invoice.fields]
    return tuple(
        Violation("VERIFIER-REFUSED", _refusal(field, last[field.name]), (field.name,))
        for field in fields
        if field.name in last and last[field.name].refuses and not _is_borne_out(field)
    )


def _is_borne_out(field: InvoiceField) -> bool:
    kinds = {witness.kind for witness in field.witnesses}
    proven = field.name == "seller_name" or bool(kinds & {Evidence.SUM, Evidence.CHECK_DIGITS})
    return Evidence.PICTURE in kinds or (Evidence.ENGINES in kinds and proven)


def _refusal(field: InvoiceField, verdict: Verdict) -> str:
    seen = "something else" if verdict.best is None else repr(verdict.question.options[verdict.best])
    return (
        f"the verifier sees {seen} in the picture where the {_words(field)} {field.text!r} was read; look at the page"
    )


def unread_pages(document: Document, reading: DocumentReading) -> tuple[Violation, ...]:
    """One sentence per printed page of which no engine read anything: what it says is not in the invoice."""
    count = len(document.pages)
    told = {
        read.number: f"was not read ({why_unread(read)}); enter what it says by hand, or process the document again"
        for read in document.unread(reading)
    }
    unclear = f"shows something, and {ILLEGIBLE}; look at it, and enter what it says by hand or scan it again"
    told |= dict.fromkeys(illegible_pages(document, reading), unclear)
    return tuple(Violation("page-unread", f"page {number} of {count} {what}") for number, what in sorted(told.items()))


def illegible_pages(document: Document, reading: DocumentReading) -> list[int]:
    """The numbers of pages with print in which the engines found hardly a word."""
    pages = zip(document.pages, reading.pages, strict=True)
    return [image.number for image, page in pages if page.was_read and is_illegible(image, page)]


def unread_parts(document: Document) -> tuple[Violation, ...]:
    """One sentence per part of the file that is no page and may be the document itself."""
    parts = [part for part in document.not_read if part.may_matter]
    return tuple(Violation("PART-NOT-READ", f"{part.part} was not read: {part.reason}.") for part in parts)


def decide(violations: Sequence[Violation]) -> JobStatus:
    """Completed when nothing is broken, missing or doubtful; what nobody sees was not read and is only told."""
    stops = any(violation.rule not in _ONLY_TOLD for violation in violations)
    return JobStatus.NEEDS_REVIEW if stops else JobStatus.COMPLETED


def why_unread(page: PageReading) -> str:
    """The errors of the engines that were asked, else the reasons why none was."""
    reasons = [run.error for run in page.runs if run.error] or [decision.reason for decision in page.decisions]
    return "; ".join(dict.fromkeys(reasons)) or "no engine was chosen"


def _is_below(field: InvoiceField, needed: float) -> bool:
    return field.confidence is not None and field.confidence < needed


def _doubt(fields: Sequence[InvoiceField], wanted: Wanted) -> str:
    best = max(fields, key=lambda field: field.confidence or 0.0)
    sure, named = best.confidence or 0.0, " or ".join(_words(field) for field in fields)
    return (
        f"the {named} {best.text!r} is right with probability {sure:.3f}, but {needed(wanted):.3f} is needed "
        f"for at most {100 * wanted.risk:g} % wrong bookings{_what_is_lacking(best)}; compare it with the page"
    )


def _what_is_lacking(field: InvoiceField) -> str:
    """Which evidence a doubtful field has none of, as the end of a sentence."""
    kinds = {witness.kind for witness in field.witnesses}
    if not kinds & READ:
        return ", and only one engine read it"
    return "" if kinds & NAMED else ", and nothing on the page says what it is"


def _words(field: InvoiceField) -> str:
    return field.name.replace("_", " ")
