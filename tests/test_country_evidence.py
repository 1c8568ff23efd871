"""Dates, currencies and signs of invoices from many countries, drawn anew: what is read wrongly is not booked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from country_invoices import Case, drawn, read

from invoice_connector.invoice import Invoice

NEGATIVE = ("-¤{}", "¤-{}", "−¤{}", "(¤{})", "¤({})", "¤{}-", "¤{} CR", "¤{} cr", "{}- ¤", "-{} ¤", "{} -")


def _dates_right(case: Case, invoice: Invoice) -> bool:
    due = invoice.day("due_date")
    return invoice.day("issue_date") == case.issued and due in (None, case.due)


def _currency_right(case: Case, invoice: Invoice) -> bool:
    return invoice.text("currency_code") == case.currency


def _amounts_right(case: Case, invoice: Invoice) -> bool:
    sign = -1 if case.credit else 1
    wanted = sign * (case.net + case.vat)
    found = [invoice.amount(name) for name in ("total_with_vat", "amount_due")]
    credit_code = not case.credit or invoice.text("invoice_type_code") == "381"
    return credit_code and all(value in (None, wanted) for value in found)


def _plain(seed: int) -> Case:
    case, rng = drawn(seed), Random(seed)
    return replace(case, signed=rng.choice(("¤{}", "¤ {}", "{} ¤")))


def _credited(seed: int) -> Case:
    case, rng = drawn(seed), Random(seed)
    signed = rng.choice(NEGATIVE)
    return replace(case, credit=rng.random() < 0.8, signed=signed)


def _wrongly_booked(
    draw: Callable[[int], Case], right: Callable[[Case, Invoice], bool], seeds: range
) -> tuple[int, int]:
    """How many of the drawn documents are booked, and how many of those wrongly."""
    booked = wrong = 0
    for seed in seeds:
        case = draw(seed)
        invoice, unseen = read(case)
        booked += unseen
        wrong += unseen and not right(case, invoice)
    return booked, wrong


KINDS = [
    pytest.param(_plain, _dates_right, id="day and month"),
    pytest.param(_plain, _currency_right, id="currency"),
    pytest.param(_credited, lambda case, invoice: case.credit and _amounts_right(case, invoice), id="signs"),
    pytest.param(_plain, _amounts_right, id="amounts"),
]


@pytest.mark.parametrize(("draw", "right"), KINDS)
def test_none_of_a_few_is_booked_wrongly(draw: Callable[[int], Case], right: Callable[[Case, Invoice], bool]) -> None:
    _, wrong = _wrongly_booked(draw, right, range(30))
    assert wrong == 0


@pytest.mark.slow
@pytest.mark.parametrize(("draw", "right"), KINDS)
def test_hardly_any_of_many_is_booked_wrongly(
    draw: Callable[[int], Case], right: Callable[[Case, Invoice], bool], documents: int
) -> None:
    booked, wrong = _wrongly_booked(draw, right, range(1000, 1000 + documents))
    assert wrong <= 0.005 * documents and booked >= 0.3 * documents
