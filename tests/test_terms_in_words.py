"""Terms of payment that stand in a sentence or alone on a line, without a label."""

from __future__ import annotations

import pytest
from field_pages import Placed, page

from invoice_connector.fields import extract
from invoice_connector.invoice import InvoiceField

SELLER = ((60, 60, "Nordlicht Bürobedarf GmbH"), (60, 85, "Hafenstraße 12"), (60, 110, "20457 Hamburg"))
SUMS = ((550, 600, "Summe netto"), (780, 600, "1.250,00"), (550, 650, "Rechnungsbetrag"), (780, 650, "1.487,50 €"))


def terms(*rows: Placed) -> InvoiceField | None:
    return extract([page([*SELLER, *SUMS, *rows])]).fields.get("payment_terms")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Kindly settle within 21 days of the invoice date, quoting our number.", "within 21 days of the invoice date"),
        ("All sums are payable 10 working days after receipt.", "10 working days after receipt"),
        ("Payment is due on the 15th of the following month.", "15th of the following month"),
        ("Wir bitten um Zahlung innerhalb von drei Wochen auf unser Konto.", "innerhalb von drei Wochen"),
        ("Wir danken für den Auftrag. Zahlbar sofort ohne Abzug.", "Zahlbar sofort ohne Abzug"),
        ("Lasku on maksettava kuukauden kuluessa tilillemme.", "kuukauden kuluessa"),
        ("Nous vous prions de régler la facture sous 20 jours fin de mois.", "sous 20 jours fin de mois"),
        ("Vriendelijk verzoek te betalen binnen 21 dagen na factuurdatum.", "binnen 21 dagen na factuurdatum"),
        ("Betalas inom 10 dagar, därefter debiteras ränta.", "inom 10 dagar"),
        ("Bitte binnen 10 Tagen auf DE89 3704 0044 0532 0130 00.", "binnen 10 Tagen"),
    ],
)
def test_a_sentence_about_paying_states_the_terms(line: str, value: str) -> None:
    found = terms((60, 800, line))
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize("line", ["20 Tage netto", "45 days from end of month", "Løbende måned + 14 dage"])
def test_a_line_that_says_net_or_when_a_period_begins_is_terms_by_itself(line: str) -> None:
    found = terms((60, 800, line))
    assert found is not None
    assert found.value == line


@pytest.mark.parametrize(
    "line",
    [
        "Reklamationen bitte innerhalb von 8 Tagen.",  # not when to pay
        "3 Monate",
        "Wartung, Zahlung monatlich, 3 Monate 120,00",  # what was sold
        "Bei Zahlung innerhalb 7 Tagen gewähren wir 2 % Skonto.",
        "Werkzeugmiete 14 Tage",
    ],
)
def test_other_periods_are_no_terms(line: str) -> None:
    assert terms((60, 800, line)) is None


def test_terms_may_go_on_in_the_next_line() -> None:
    found = terms((60, 800, "The whole amount of this account is payable strictly within"), (60, 825, "30 days net."))
    assert found is not None
    assert found.value == "within 30 days net"


def test_what_a_label_announces_comes_before_what_a_sentence_says() -> None:
    found = terms((60, 320, "Zahlungsbedingungen: 30 Tage netto"), (60, 800, "Zahlbar innerhalb 10 Tagen."))
    assert found is not None
    assert found.value == "30 Tage netto"


def test_under_a_head_of_a_table_terms_are_those_below_and_no_other_head() -> None:
    heads = ((60, 320, "TERMS"), (220, 320, "CARRIER BY"), (420, 320, "AGENT"))
    found = terms(*heads, (60, 345, "Net 45"), (220, 345, "Own van"), (420, 345, "PQR"))
    assert found is not None
    assert found.value == "Net 45"
