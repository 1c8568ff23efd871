"""What an ERP expects of a document, compared with what is printed on it. The page is never made to fit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoice_connector.invoice import CENT, Invoice, Violation, plain
from invoice_connector.pipeline.request import Request
from ocr_ensemble.reading import DocumentReading


def compare(
    request: Request, invoice: Invoice, reading: DocumentReading
) -> tuple[dict[str, Any] | None, tuple[Violation, ...]]:
    """Per expectation ``{"expected", "found", "agrees"}``, and a violation where the page says something else.

    ``agrees`` is None where the page is silent on what it need not show: most invoices print no customer id.
    None when nothing was expected.
    """
    checks = tuple(_checks(request, invoice, reading))
    if not checks:
        return None, ()
    answers = {name: answer for name, answer, _ in checks}
    return answers, tuple(violation for _, _, violation in checks if violation is not None)


_Check = tuple[str, dict[str, Any], Violation | None]


def _checks(request: Request, invoice: Invoice, reading: DocumentReading) -> Iterator[_Check]:
    if request.invoice_number is not None:
        yield _number(request.invoice_number, invoice, reading)
    if request.customer_id is not None:
        yield _customer(request.customer_id, reading)
    if request.expected_amount is not None:
        yield _amount(request.expected_amount, invoice)


def _number(expected: str, invoice: Invoice, reading: DocumentReading) -> _Check:
    found = invoice.text("invoice_number")
    if found is None and _is_printed(expected, reading.text):
        found = expected
    agrees = found is not None and _squeezed(found) == _squeezed(expected)
    if agrees:
        return "invoice_number", _answer(expected, found, True), None
    seen = f"the page says {found}" if found else "no invoice number was found on the page"
    message = f"The invoice number {expected} was expected, but {seen}."
    violation = Violation("EXPECTED-INVOICE-NUMBER", message, ("invoice_number",))
    return "invoice_number", _answer(expected, found, False), violation


def _customer(expected: str, reading: DocumentReading) -> _Check:
    printed = _is_printed(expected, reading.text)
    return "customer_id", _answer(expected, expected if printed else None, printed or None), None


def _amount(expected: Decimal, invoice: Invoice) -> _Check:
    """Agrees with the amount due or the total with VAT: an order knows nothing of what was paid in advance."""
    names = ("amount_due", "total_with_vat")
    amounts = [amount for name in names if (amount := invoice.amount(name)) is not None]
    agreeing = [amount for amount in amounts if abs(amount - expected) < CENT]
    found = next(iter(agreeing or amounts), None)
    answer = _answer(plain(expected), None if found is None else plain(found), bool(agreeing))
    if agreeing:
        return "amount", answer, None
    seen = "the page says " + " and ".join(plain(a) for a in dict.fromkeys(amounts)) if amounts else "none was found"
    message = f"The amount {plain(expected)} was expected, but {seen}."
    return "amount", answer, Violation("EXPECTED-AMOUNT", message, names)


def _answer(expected: str, found: str | None, agrees: bool | None) -> dict[str, Any]:
    return {"expected": expected, "found": found, "agrees": agrees}


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _is_printed(wanted: str, text: str) -> bool:
    """Whether ``wanted`` stands in the text as a whole word or several."""
    words = " ".join(text.casefold().split())
    sought = " ".join(wanted.casefold().split())
    place = words.find(sought) if sought else -1
    while place >= 0:
        before, after = words[place - 1 : place], words[place + len(sought) : place + len(sought) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        place = words.find(sought, place + 1)
    return False
