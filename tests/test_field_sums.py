"""Sums of the totals that do not come out, and balances that are the customer's: each stops and names the numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from field_pages import Placed, page
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from invoice_connector.fields import extract
from invoice_connector.invoice import Evidence, Invoice, rounded_by
from invoice_connector.rules.consistency import check
from invoice_connector.rules.witnesses import with_witnesses
from ocr_ensemble.reading import DocumentReading

HEAD = (
    (60, 60, "Kvistberga Handel AB"), (60, 85, "Sågvägen 3"), (60, 110, "541 34 Skövde"),
    (600, 60, "Invoice no"), (800, 60, "30518"), (600, 85, "Invoice date"), (800, 85, "2026-03-18"),
)  # fmt: skip
Rows = tuple[tuple[str, str], ...]


def read(rows: Rows) -> Invoice:
    placed: list[Placed] = [*HEAD]
    for at, (label, amount) in enumerate(rows):
        placed += [(450, 600 + 25 * at, label), (850, 600 + 25 * at, amount)]
    return extract([page(placed)])


def broken(rows: Rows) -> dict[str, str]:
    return {violation.rule: violation.message for violation in check(read(rows))}


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ((("Total HT", "3 240,00 €"), ("Total TVA", "423,00 €"), ("Total TTC", "3 681,00 €")),
         ("423", "3240", "3681.00")),
        ((("Total HT", "6 120,00 €"), ("Total TVA", "804,00 €"), ("Total TTC", "6 942,00 €"),
          ("Acompte versé 30 %", "2 082,60 €"), ("Net à payer", "4 859,40 €")), ("804", "6120", "6942.00")),
        ((("Nettobetrag", "912,00 €"), ("Umsatzsteuer", "127,28 €"), ("Gesamtbetrag brutto", "1.085,28 €")),
         ("127", "912", "1085.28")),
    ],
)  # fmt: skip
def test_a_labelled_vat_that_does_not_fit_is_said(rows: Rows, named: tuple[str, ...]) -> None:
    message = broken(rows)["BR-CO-15"].replace("\xa0", "").replace(" ", "")
    assert all(number in message for number in named), message


def test_a_vat_that_the_choice_of_the_totals_leaves_out_is_said() -> None:
    """A table of rates beside the totals draws the VAT's label to itself; the VAT in its place breaks the sum."""
    placed: list[Placed] = [*HEAD, (60, 600, "Base HT"), (200, 600, "Taux TVA"), (300, 600, "Montant")]
    for at, texts in enumerate((("4 500,00", "10 %", "450,00"), ("1 980,00", "20 %", "396,00"))):
        placed += [(left, 625 + 25 * at, text) for left, text in zip((60, 200, 300), texts, strict=True)]
    totals = (("Total HT", "6 480,00 €"), ("Total TVA", "846,00 €"), ("Total TTC", "7 362,00 €"))
    paid = (("Acompte versé 30 %", "2 197,80 €"), ("Net à payer", "5 164,20 €"))
    for at, (label, amount) in enumerate((*totals, *paid)):
        placed += [(600, 600 + 25 * at, label), (850, 600 + 25 * at, amount)]
    invoice = extract([page(placed)])
    assert "total_vat" not in invoice.fields
    (violation,) = (v for v in check(invoice) if v.rule == "BR-CO-15")
    assert all(number in violation.message for number in ("846,00", "7362.00"))


@pytest.mark.parametrize(
    "rows",
    [
        (("Total HT", "3 240,00 €"), ("TVA 20 %", "648,00 €"), ("Total TTC", "3 888,00 €")),
        (("Totaal excl. BTW", "€ 1.040,00"), ("BTW 9% over € 608,00", "€ 54,72"), ("BTW 21% over € 432,00", "€ 90,72"),
         ("Totaal incl. BTW", "€ 1.185,44")),
        (("Netto", "100,00 €"), ("Gesamtbetrag", "119,00 €")),
    ],
)  # fmt: skip
def test_sums_that_come_out_break_nothing(rows: Rows) -> None:
    assert "BR-CO-15" not in broken(rows)


@pytest.mark.parametrize(
    ("rows", "own", "due"),
    [
        ((("varav moms 25 %", "62,40"), ("Summa denna faktura", "312,00"), ("Tidigare obetalt saldo", "150,00"),
          ("Totalt att betala", "462,00")), "312.00", "462.00"),
        ((("Netto", "200,00 €"), ("MwSt 19 %", "38,00 €"), ("Rechnungsbetrag", "238,00 €"),
          ("Offene Forderungen", "81,00 €"), ("Zu zahlen", "319,00 €")), "238.00", "319.00"),
    ],
)  # fmt: skip
def test_an_earlier_debt_is_no_part_of_this_invoices_total(rows: Rows, own: str, due: str) -> None:
    fields = read(rows).fields
    assert fields["total_with_vat"].value == Decimal(own)
    assert fields["amount_due"].value == Decimal(due)


def test_vat_of_another_total_stops() -> None:
    rows = (("varav moms 25 %", "79,80"), ("Något annat", "399,00"), ("Totalt att betala", "798,00"))
    assert "319.20" in broken(rows)["BR-CO-17"]


TOTALS = (("Nettobetrag", "700,00 €"), ("Umsatzsteuer 19 %", "133,00 €"), ("Rechnungsbetrag brutto", "833,00 €"))


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ((*TOTALS, ("abzüglich Abschläge", "-900,00 €"), ("Ihr Guthaben", "67,00 €")), "67,00"),
        ((*TOTALS, ("Saldo gemäß Anlage", "-900,00 €"), ("Restsumme", "67,00 €")), "67,00"),  # by the amounts alone
        ((("Kosten excl. btw", "€ 800,00"), ("Btw 21%", "€ 168,00"), ("Totaal kosten", "€ 968,00"),
          ("Betaalde termijnen", "€ 1.020,00"), ("U krijgt terug", "€ 52,00")), "52,00"),
        ((("Celkem bez DPH", "1 000,00 Kč"), ("DPH 21 %", "210,00 Kč"), ("Celkem s DPH", "1 210,00 Kč"),
          ("Přeplatek", "90,00 Kč")), "90,00"),
    ],
)  # fmt: skip
def test_a_balance_in_the_customers_favour_is_no_debt(rows: Rows, named: str) -> None:
    assert named in broken(rows)["CREDIT-SIGN"]


@pytest.mark.parametrize(
    "rows",
    [
        TOTALS,
        (*TOTALS, ("Guthaben", "0,00 €")),
        (*TOTALS, ("Guthaben aus Vorjahr", "-33,00 €"), ("Zu zahlen", "800,00 €")),
        (*TOTALS, ("abzüglich gezahlter Abschläge", "-800,00 €"), ("Zu zahlen", "33,00 €")),
    ],
)
def test_a_credit_that_is_taken_off_is_none(rows: Rows) -> None:
    assert "CREDIT-SIGN" not in broken(rows)


@pytest.mark.parametrize(
    ("items", "stops"),
    [
        ((("Stauden", "310,00 €"), ("Erde", "140,00 €")), True),
        ((("Stauden", "460,00 €"), ("Erde", "140,00 €")), False),
        ((("Stauden", "310,00 €"), ("Erde", "140,00 €"), ("Zwischensumme", "450,00 €"), ("Kies", "150,00 €")), False),
        ((("Stauden", "510,00 €"), ("Erde", "140,00 €"), ("Rabatt", "-50,00 €")), False),
    ],
)
def test_items_that_do_not_make_the_net_total(items: Rows, stops: bool) -> None:
    found = broken((*items, ("Netto", "600,00 €"), ("19 % MwSt", "114,00 €"), ("Gesamtbetrag", "714,00 €")))
    assert ("BR-CO-10" in found) is stops


def itemised(rows: tuple[tuple[str, str, str, str], ...], totals: Rows) -> Invoice:
    """Items with quantity, price and amount, totals under them in the same column."""
    placed: list[Placed] = [*HEAD]
    for at, (what, quantity, price, amount) in enumerate(rows):
        texts = ((60, what), (450, quantity), (650 - 10 * len(price), price), (900 - 10 * len(amount), amount))
        placed += [(left, 400 + 25 * at, text) for left, text in texts if text]
    for at, (label, amount) in enumerate(totals):
        placed += [(450, 640 + 25 * at, label), (900 - 10 * len(amount), 640 + 25 * at, amount)]
    return with_witnesses(extract([page(placed)]), DocumentReading(()))


BENCHES = (("Garden bench", "2", "150.00", "300.00"), ("Oak table", "1", "420.00", "420.00"))


def proven(invoice: Invoice, name: str = "total_with_vat") -> bool:
    found = invoice.fields.get(name)  # none where a line that is left out is larger than the total
    return found is not None and any(witness.kind is Evidence.SUM for witness in found.witnesses)


@pytest.mark.parametrize("extra", [("Carriage", "", "", "45.00"), ("Packing and pallet", "", "", "18.50")])
def test_lines_that_leave_out_a_row_of_their_table_prove_no_total(extra: tuple[str, str, str, str]) -> None:
    """Quantity times price tells two rows as lines; what they make is the total only without the third."""
    assert not proven(itemised((*BENCHES, extra), (("Total", "720.00"),)))


def test_all_lines_of_the_table_prove_the_total() -> None:
    assert proven(itemised(BENCHES, (("Total", "720.00"),)))


def test_a_sub_total_is_no_line_that_was_left_out() -> None:
    rows = (*BENCHES, ("Furniture", "", "", "720.00"), ("Garden lamp", "3", "30.00", "90.00"))
    assert proven(itemised(rows, (("Total", "810.00"),)))


@given(
    prices=st.lists(st.integers(500, 90000), min_size=2, max_size=5),
    counts=st.lists(st.integers(2, 9), min_size=5, max_size=5),
    extra=st.integers(700, 40000),
)
def test_what_some_lines_make_is_never_proof(prices: list[int], counts: list[int], extra: int) -> None:
    rows = tuple(
        (f"Part {'ABCDE'[at]} for the machine", str(count), f"{price / 100:.2f}", f"{count * price / 100:.2f}")
        for at, (price, count) in enumerate(zip(prices, counts, strict=False))
    )
    whole = f"{sum(c * p for p, c in zip(prices, counts, strict=False)) / 100:.2f}"
    assume(f"{extra / 100:.2f}" not in {row[3] for row in rows} | {whole})
    left_out = ("Freight to the site", "", "", f"{extra / 100:.2f}")
    assert not proven(itemised((*rows, left_out), (("Total", whole),)))
    assert proven(itemised(rows, (("Total", whole),)))


# Net amount, rate, tax and gross of each rate, as they are printed in a table, and the totals under it.
Table = tuple[tuple[int, int, int, int], ...]


def table_of_rates(rates: Table, totals: Rows) -> Invoice:
    placed: list[Placed] = [*HEAD, (60, 560, "Rate"), (300, 560, "Base"), (500, 560, "VAT"), (700, 560, "Gross")]
    for at, (rate, *amounts) in enumerate(rates):
        texts = (f"{rate} %", *(f"{amount:,}".replace(",", " ") for amount in amounts))
        placed += [(left, 585 + 25 * at, text) for left, text in zip((60, 300, 500, 700), texts, strict=True)]
    placed += [(450, 700 + 25 * at, label) for at, (label, _) in enumerate(totals)]
    placed += [(850, 700 + 25 * at, amount) for at, (_, amount) in enumerate(totals)]
    return with_witnesses(extract([page(placed)]), DocumentReading(()))


@settings(max_examples=10)
@given(st.lists(st.integers(1_000, 90_000), min_size=2, max_size=2, unique=True))
@example([87_887, 3_601])  # the larger rate's share is nearly all, and its row looks like the totals
def test_whole_units_of_two_rates_prove_the_total(bases: list[int]) -> None:
    """Forints and koruna: each rate's tax is rounded to a whole unit, and the VAT of both is not printed."""
    taxes = [round(Decimal(base * rate) / 100) for base, rate in zip(bases, (27, 5), strict=True)]
    rates = tuple((r, b, t, b + t) for r, b, t in zip((27, 5), bases, taxes, strict=True))
    whole = sum(bases) + sum(taxes)
    read_total = table_of_rates(rates, (("Total to pay", f"{whole:,} Ft".replace(",", " ")),))
    assert [(row.rate, row.tax_amount) for row in read_total.vat_breakdown] == list(zip((27, 5), taxes, strict=True))
    assert proven(read_total) or proven(read_total, "amount_due")
    off = table_of_rates(rates, (("Total to pay", f"{whole + 10:,} Ft".replace(",", " ")),))
    assert not proven(off, "amount_due")
    assert not proven(off) or check(off)  # one rate's share is its own sum, but not what is to be paid


def test_only_amounts_without_decimals_are_rounded_to_whole_units() -> None:
    assert rounded_by(Decimal("100.00"), Decimal(19)) == Decimal("0.01")
    assert rounded_by(Decimal(10_333), Decimal(2_790)) == 1
    assert rounded_by() == rounded_by(None) == Decimal("0.01")


def test_taxes_of_several_rates_prove_the_total_where_nothing_names_their_sum() -> None:
    rows = (("Netto", "2 243,60 kr"), ("Moms 25%", "461,78 kr"), ("Moms 12%", "47,58 kr"), ("Total", "2 752,96 kr"))
    invoice = with_witnesses(read(rows), DocumentReading(()))
    kinds = {witness.kind for witness in invoice.fields["total_with_vat"].witnesses}
    assert invoice.amount("total_with_vat") == Decimal("2752.96")
    assert Evidence.SUM in kinds


@pytest.mark.parametrize("rounding", ["0.01", "-0.01", "0.02"])
def test_an_invoices_total_is_the_one_before_rounding(rounding: str) -> None:
    due = Decimal("1166.64") + Decimal(rounding)
    rows = (("Net total", "CHF 1099.30"), ("VAT", "CHF 67.34"), ("Total incl. VAT", "CHF 1166.64"),
            ("Rounding", f"CHF {rounding}"), ("Amount due", f"CHF {due}"))  # fmt: skip
    invoice = read(rows)
    assert invoice.amount("total_with_vat") == Decimal("1166.64")
    assert invoice.amount("amount_due") == due


def test_a_last_column_of_each_lines_vat_contradicts_no_total() -> None:
    placed: list[Placed] = [*HEAD, (60, 500, "Item"), (400, 500, "Qty"), (500, 500, "Price"), (650, 500, "Amount"),
                            (850, 500, "VAT")]  # fmt: skip
    items = (("Guard duty", "72", "21.50", "1548.00", "325.08"), ("Dispatch", "1", "35.00", "35.00", "7.35"))
    for at, texts in enumerate(items):
        placed += [(left, 530 + 30 * at, text) for left, text in zip((60, 400, 500, 650, 850), texts, strict=True)]
    sums = (("Net total", "1583.00"), ("VAT 21%", "332.43"), ("Total", "1915.43"))
    for row, (label, amount) in enumerate(sums):
        placed += [(450, 600 + 25 * row, label), (840, 600 + 25 * row, amount)]
    found = extract([page(placed)])
    assert found.amount("total_with_vat") == Decimal("1915.43")
    assert "BR-CO-10" not in {violation.rule for violation in check(found)}
