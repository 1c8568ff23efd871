"""What is to be paid, where more stands between it and the total than rounding: withheld taxes and old balances."""

from __future__ import annotations

from decimal import Decimal

import pytest
from field_pages import Placed, page

from invoice_connector.fields import extract
from invoice_connector.fields.amounts import find_amounts
from invoice_connector.invoice import InvoiceField

HEAD = (
    (60, 60, "Hammar & Co AB"), (60, 85, "Industrivägen 12"), (60, 110, "541 34 Skövde"),
    (600, 60, "Invoice no"), (800, 60, "20417"), (600, 85, "Invoice date"), (800, 85, "2026-03-18"),
)  # fmt: skip


def read(*rows: tuple[str, str]) -> dict[str, InvoiceField]:
    placed: list[Placed] = [*HEAD]
    for at, (label, amount) in enumerate(rows):
        placed += [(450, 600 + 25 * at, label), (850, 600 + 25 * at, amount)]
    return dict(extract([page(placed)]).fields)


@pytest.mark.parametrize(
    ("rows", "total", "due"),
    [
        ((("Base imponible", "1.792,00 €"), ("IVA 21 %", "376,32 €"), ("Importe total", "2.168,32 €"),
          ("Retención IRPF 15 % s/ base imponible", "-268,80 €"), ("LÍQUIDO A PERCIBIR", "1.899,52 €")),
         "2168.32", "1899.52"),
        ((("Summa exkl. moms", "2 806,31 kr"), ("Moms 25 %", "701,58 kr"), ("Summa denna faktura", "3 507,89 kr"),
          ("Ingående saldo", "184,00 kr"), ("Öresavrundning", "0,11 kr"), ("Att betala", "3 692,00 kr")),
         "3507.89", "3692.00"),
        ((("Net total", "2,452.50"), ("VAT (reverse charge)", "0.00"), ("Invoice total", "2,452.50"),
          ("Less CIS 20% on labour", "-368.00"), ("AMOUNT PAYABLE", "£2,084.50")), "2452.50", "2084.50"),
    ],
)  # fmt: skip
def test_what_is_called_payable_is_due_though_it_is_not_the_total(
    rows: tuple[tuple[str, str], ...], total: str, due: str
) -> None:
    fields = read(*rows)
    assert fields["total_with_vat"].value == Decimal(total)
    assert fields["amount_due"].value == Decimal(due)
    assert "paid_amount" not in fields


def test_payments_on_account_are_paid() -> None:
    rows = (("Summe netto", "19.447,05"), ("zzgl. 19 % Umsatzsteuer", "3.694,94"), ("Gesamtbetrag brutto", "23.141,99"))
    fields = read(*rows, ("Summe Abschläge", "-16.065,00"), ("Noch zu zahlender Betrag EUR", "7.076,99"))
    assert fields["amount_due"].value == Decimal("7076.99")
    assert fields["paid_amount"].value == Decimal("16065.00")


def test_vat_is_no_deduction() -> None:
    fields = read(("Net total", "2,452.50"), ("VAT less 15%", "-368.00"), ("To pay", "2,084.50"))
    assert "total_vat" not in fields or fields["total_vat"].value != Decimal("-368.00")


def test_what_a_rate_is_taken_of_is_not_the_tax() -> None:
    rows = (("Imponibile IVA", "1.872,00"), ("IVA 22% su 1.872,00", "411,84"), ("Totale fattura", "2.283,84"))
    assert read(*rows)["total_vat"].value == Decimal("411.84")


@pytest.mark.parametrize("printed", ["(-)0.36", "(0.36)", "- 0.36", "-0.36"])
def test_a_minus_in_brackets(printed: str) -> None:
    (amount,) = find_amounts(printed, ".")
    assert amount.value == Decimal("-0.36")


def test_a_service_charge_stands_between_subtotal_and_tax() -> None:
    rows = (("Sub Total", "85.50"), ("Service Charge 10%", "8.55"), ("SST 6%", "5.13"), ("Rounding Adj", "0.02"))
    fields = read(*rows, ("TOTAL RM", "99.20"), ("CASH", "100.00"), ("CHANGE", "0.80"))
    assert fields["total_vat"].value == Decimal("5.13")
    assert fields["total_with_vat"].value == Decimal("99.20")


def test_net_and_vat_stand_before_a_receipts_total_in_its_table_of_rates() -> None:
    placed: list[Placed] = [(60, 60, "Frischemarkt GmbH"), (60, 200, "SUMME EUR"), (500, 200, "23,15")]
    placed += [(60, 230, "Geg. EC-Cash"), (500, 230, "23,15")]
    table = (("MwSt", "Netto", "Steuer", "Brutto"), ("A= 19,0%", "6,16", "1,17", "7,33"),
             ("B= 7,0%", "14,79", "1,03", "15,82"), ("Gesamt", "20,95", "2,20", "23,15"))  # fmt: skip
    placed += [(60 + 150 * x, 300 + 25 * y, text) for y, row in enumerate(table) for x, text in enumerate(row)]
    fields = extract([page(placed)]).fields
    assert fields["total_without_vat"].value == Decimal("20.95")
    assert fields["total_vat"].value == Decimal("2.20")


def test_nothing_is_left_to_pay() -> None:
    rows = (("Summa exkl. moms", "10 250,30"), ("Moms 25 %", "2 562,58"), ("Totalt inkl. moms", "12 812,88"))
    fields = read(*rows, ("Betalt med kort 2026-02-11", "12 812,88"), ("Kvar att betala", "0,00"))
    assert fields["total_with_vat"].value == Decimal("12812.88")
    assert fields["amount_due"].value == Decimal("0.00")
    assert fields["paid_amount"].value == Decimal("12812.88")


def test_a_balance_of_points_is_not_to_be_paid() -> None:
    fields = read(("TOTAL RM", "77.50"), ("VISA", "77.50"), ("POINTS EARNED", "74"), ("POINTS BALANCE", "3,116"))
    assert fields["total_with_vat"].value == Decimal("77.50")


SWEDISH = [(60, 60, "Hammar & Co AB"), (60, 85, "Industrivägen 12"), (60, 110, "541 34 Skövde")]
NORWEGIAN = [(60, 60, "Hammer & Co AS"), (60, 85, "Industriveien 12"), (60, 110, "0484 Oslo")]


@pytest.mark.parametrize(
    ("seller", "number", "currency"),
    [(SWEDISH, "Bankgiro 5050-1055", "SEK"), (NORWEGIAN, "Org.nr NO 974 760 673 MVA", "NOK")],
)
def test_calls_to_norway_are_paid_in_the_sellers_crowns(seller: list[Placed], number: str, currency: str) -> None:
    rows = [(450, 600, "Samtal till Norge"), (850, 600, "12,00 kr"), (450, 625, "Att betala"), (850, 625, "99,00 kr")]
    fields = extract([page([*seller, *HEAD[3:], *rows, (60, 760, number)])]).fields
    assert fields["currency_code"].value == currency
