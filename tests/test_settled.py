"""Stamps and sentences that say a paper is paid or void, and what only looks like them."""

from __future__ import annotations

import pytest

from invoice_connector.fields import extract
from tests.field_pages import LINES, SUMS, page

PAID, REFUND, VOID = "ALREADY-PAID", "REFUND", "VOID"


def said(line: str) -> set[str]:
    texts = (*LINES, line, *SUMS)
    found = extract([page([(120, 120 + 60 * place, text) for place, text in enumerate(texts)])])
    return {conflict.rule for conflict in found.conflicts} & {PAID, VOID, REFUND}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("PAID", PAID), ("** PAID **", PAID), ("BETALT med Visa 15.01.2026", PAID), ("BETALD 2026-06-14", PAID),
        ("Betrag dankend in bar erhalten. Bitte nicht mehr überweisen.", PAID),
        ("MAKSETTU 4.5.2026 - EI MAKSETA", PAID),
        ("FACTURE ACQUITTÉE le 25/01/2026", PAID),
        ("This invoice has already been paid", PAID), ("VOID", VOID), ("CANCELLED", VOID), ("STORNIERT", VOID),
        ("MAKULERAD", VOID), ("ANNULLATA", VOID), ("REFUNDED", REFUND), ("ERSTATTET 14.06.2026", REFUND),
        ("The amount will be refunded to your card within 5 days.", REFUND),
        ("Das Guthaben wird mit der nächsten Rechnung verrechnet.", REFUND),
        ("Het bedrag wordt teruggestort op uw rekening.", REFUND),
    ],
)  # fmt: skip
def test_a_paper_that_says_it_is_paid_or_void_is_no_debt(line: str, rule: str) -> None:
    assert said(line) == {rule}


@pytest.mark.parametrize(
    "line",
    [
        "Paid 100.00", "Paid: 12 June 2026 100.00", "To be paid within 30 days", "Amount to be paid", "Paid-up capital",
        "Orders once placed cannot be cancelled", "Void where prohibited", "Betalt beløp 100,00", "Prepaid by customer",
        "If you cancel in time, the amount will be refunded.", "Deposits: the amount will be refunded to you",
        "Bei Widerruf wird der Kaufpreis erstattet", "Refund policy: see our website",
    ],
)  # fmt: skip
def test_words_of_payment_alone_say_nothing(line: str) -> None:
    assert said(line) == set()
