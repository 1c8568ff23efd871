"""What follows for a document from the files that came beside it: the PDF of an e-invoice is compared with it, and a
file that is named as terms is left out where its pages say so. What is another document becomes one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from db.ids import derived_job_id
from invoice_connector.arrivals.bundle import Beside, Bundle, Why
from invoice_connector.codes.evidence import RULE as CODE_DIFFERS
from invoice_connector.einvoice.evidence import RULE_DIFFERS, differences_of
from invoice_connector.fields.identifiers import same_vat_identifier
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.payees import are_alike
from invoice_connector.fields.statements import STOPS
from invoice_connector.invoice import Invoice, Violation
from invoice_connector.piles.pages import PageFacts, facts_of
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.decision import decide

Read = Callable[[bytes, Request], Outcome]
"""Reads the pages of a file."""
GoOn = Callable[[Outcome, bytes], tuple[Outcome, ...]]
"""The finished outcomes of the documents of a file whose pages were read."""

_ZERO_IS_UNPRINTED = ("paid_amount", "rounding_amount")
_IDENTIFYING = ("invoice_number", "seller_name", "seller_vat_identifier", "total_with_vat", "amount_due")
# What the PDF says of the paper and not only of how well it was read: the e-invoice stops with it.
_OF_THE_PAPER = frozenset({
    *(stop.rule for stop in STOPS.values()), RULE_DIFFERS, CODE_DIFFERS, "NOT-AN-INVOICE", "TAMPER",
    "ACCOUNT-ANNOUNCED", "PART-NOT-READ", "page-unread",
})  # fmt: skip
_LEGIBLE = 100  # words from which a file is known to hold terms
_PROSE, _FEES = 0.5, 2  # share of lines that are sentences, and amounts that may stand in them


def with_beside(outcome: Outcome, bundle: Bundle, read: Read, go_on: GoOn) -> tuple[Outcome, ...]:
    """The outcome judged with the files beside it, and the outcomes of those that are documents of their own."""
    own = list[Outcome]()
    for each in bundle.beside:
        begun = read(each.content, _request(outcome.request, each))
        if each.why is Why.TERMS and _holds_terms(begun):
            outcome = _left_out(outcome, each, "it was read and holds terms or a notice, no invoice")
            continue
        found = go_on(begun, each.content)
        if each.why is Why.PICTURE and outcome.failure is None:
            outcome, found = _compared(outcome, each, found)
        own += found
    return outcome, *own


def _request(request: Request, each: Beside) -> Request:
    """The request of a file beside a document: what the sender expects is not known to be of it."""
    container, place = request.container, request.source_path
    if container is not None:
        container = {
            name: value for name, value in container.items() if name in ("file", "sender", "subject", "received")
        }
        container = {**container, "part": each.name}
    elif place is not None:
        place = str(Path(place).with_name(each.name))
    return replace(
        request, job_id=derived_job_id(request.job_id, f"beside {each.name}"), container=container, source_path=place,
        source_name=each.name.rpartition("/")[2], invoice_number=None, expected_amount=None, broken=None, division=None,
    )  # fmt: skip


def _left_out(outcome: Outcome, each: Beside, reason: str) -> Outcome:
    told = {"part": each.name, "reason": reason}
    return replace(outcome, request=replace(outcome.request, not_read=(*outcome.request.not_read, told)))


def _compared(outcome: Outcome, each: Beside, found: tuple[Outcome, ...]) -> tuple[Outcome, tuple[Outcome, ...]]:
    """The e-invoice's outcome with what its PDF says otherwise, and the documents of the PDF that are others."""
    first, *more = found
    data = outcome.request.source_name
    if first.failure is not None:
        message = f"{each.name}, the PDF beside {data}, was not read, so nothing was compared: {first.failure.message}"
        outcome = _stopped(outcome, [Violation("PART-NOT-READ", message)])
        return _left_out(outcome, each, f"it was not read: {first.failure.message}"), ()
    shown = [other for other in found if not _is_another(outcome, other)]
    stops = [stop for other in shown for stop in _differences(outcome, other, each.name)]
    outcome = _stopped(outcome, stops)
    if shown and not more:
        reason = f"it shows the invoice that {data} states as data: it was read and compared with it"
        return _left_out(outcome, each, reason), ()
    jobs = ", ".join(other.request.job_id for other in found)
    return _left_out(outcome, each, f"it holds another document than {data} states, which is job {jobs}"), found


def _stopped(outcome: Outcome, stops: list[Violation]) -> Outcome:
    violations = (*outcome.violations, *stops)
    return replace(outcome, violations=violations, status=decide(violations))


def _is_another(outcome: Outcome, other: Outcome) -> bool:
    """Whether a PDF shows another number and another seller than the data state."""
    assert outcome.invoice is not None
    if other.invoice is None:
        return False
    stated, page = _texts(outcome.invoice), other.invoice
    differing = {each["field"] for each in differences_of(stated, page)}
    sellers = [_same_seller(name, stated, page) for name in ("seller_name", "seller_vat_identifier")]
    return "invoice_number" in differing and False in sellers and True not in sellers


def _same_seller(name: str, stated: dict[str, str], page: Invoice) -> bool | None:
    """None where one of the two does not say it."""
    one, two = stated.get(name), page.text(name)
    if one is None or two is None:
        return None
    return are_alike(one, two) if name == "seller_name" else same_vat_identifier(one, two)


def _differences(outcome: Outcome, other: Outcome, name: str) -> Iterator[Violation]:
    """One sentence for each term that the PDF shows otherwise, and what else it says against the invoice."""
    if outcome.invoice is None or other.invoice is None:
        return
    stated, data = _texts(outcome.invoice), outcome.request.source_name
    different = list(differences_of(stated, other.invoice))
    for each in different:
        field = each["field"]
        message = f"The {field.replace('_', ' ')} is {each['page']} in {name}, but {each['embedded']} in {data}."
        yield Violation(RULE_DIFFERS, message, (field,))
    compared = {field for field in _IDENTIFYING if field in stated and other.invoice.text(field) is not None}
    if not compared - {each["field"] for each in different}:
        message = (
            f"Nothing in {name} shows that it is the invoice that {data} states: neither its number, its seller nor "
            "its amount; look at both."
        )
        yield Violation(RULE_DIFFERS, message, ("invoice_number",))
    for stop in other.violations:
        if stop.rule in _OF_THE_PAPER:
            yield replace(stop, message=f"{name}: {stop.message}")


def _texts(invoice: Invoice) -> dict[str, str]:
    """The terms as texts; an amount that is zero since the syntax wants one is on no page."""
    return {
        name: field.text
        for name, field in invoice.fields.items()
        if not (name in _ZERO_IS_UNPRINTED and Decimal(field.text) == 0)
    }


def _holds_terms(outcome: Outcome) -> bool:
    """Whether the pages of a file that is named as terms say that it is: sentences, and nothing of an invoice."""
    if outcome.failure is not None or outcome.reading is None:
        return False
    pages = [facts_of(FieldPage.of_reading(page)) for page in outcome.reading.pages]
    return sum(page.words for page in pages) >= _LEGIBLE and all(map(_says_no_invoice, pages))


def _says_no_invoice(page: PageFacts) -> bool:
    """Whether a page numbers nothing that is billed, with no more than a fee or two, or is prose without a total."""
    prose, few = page.prose >= _PROSE, page.amounts <= _FEES
    if page.numbers:
        return prose and few and not page.complete
    return few or (prose and not page.totals)
