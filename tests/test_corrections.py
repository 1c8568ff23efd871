"""Corrective invoices: a positive total that may be a debt, a difference or a credit stops; a credit does not."""

from __future__ import annotations

import pytest

from invoice_connector.fields import extract
from invoice_connector.fields.corrections import RULE
from tests.field_pages import LINES, SUMS, page


def rules(*texts: str) -> set[str]:
    placed = [(120, 120 + 60 * place, text) for place, text in enumerate(texts)]
    return {conflict.rule for conflict in extract([page(placed)]).conflicts}


def titled(title: str, *said: str, sums: tuple[str, ...] = SUMS) -> set[str]:
    return rules(LINES[0], LINES[1], title, *LINES[3:], *sums, *said)


@pytest.mark.parametrize(
    "title",
    [
        "Korekta faktury nr FK/12/2026",
        "Rechnungsberichtigung Nr. 4410",
        "Korrigierte Rechnung",
        "Facture corrective n° 4410",
        "Factura rectificativa 4410",
        "Nota di variazione n. 4410",
        "Correctiefactuur 4410",
        "Oprava faktury č. 4410",
        "Módosító számla",
        "Opravná faktúra 4410",
        "Popravek računa 4410",
        "Rättelsefaktura",
        "Oikaisulasku 4410",
        "Factură de corecție nr. 4410",
        "Düzeltme faturası",
        "Amended invoice No. 4410",
    ],
)
def test_a_correction_with_positive_totals_stops(title: str) -> None:
    assert RULE in titled(title)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Korekta faktury nr FK/12/2026", "Do zwrotu 360.00"),
        ("Rechnungskorrektur / Gutschrift 4410", ""),
        ("Facture rectificative n° 4410 - Avoir", ""),
        ("Factura rectificativa 4410", "Nota de crédito"),
        ("Credit note CN-4410", ""),
        ("Invoice No. 4410", "A corrected invoice will be sent on request within 30 days of the date of this one."),
        ("Invoice No. 4410", "Korekta 10.00"),
        ("Rechnung 4410", ""),
    ],
)
def test_what_says_that_it_is_a_credit_or_no_correction_does_not(title: str, said: str) -> None:
    assert RULE not in titled(title, *filter(None, [said]))


def test_a_negative_total_says_that_it_is_a_credit() -> None:
    assert RULE not in titled(
        "Korekta faktury nr FK/12", sums=("Total net -300.00", "VAT 20 % -60.00", "Total -360.00")
    )
