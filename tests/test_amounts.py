"""Amounts in every local form, and numbers that are none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields.amounts import DecimalMark, find_amounts, find_percents, infer_decimal_mark, parse_amount

CENTS = st.integers(min_value=0, max_value=999_999_999).map(lambda cents: Decimal(cents) / 100)
FORMS: list[tuple[str, DecimalMark]] = [
    (".", ","),
    (" ", ","),
    ("\u00a0", ","),
    ("\u202f", ","),
    ("'", "."),
    (",", "."),
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.250,00", "1250.00"),
        ("1 250,00", "1250.00"),
        ("1'250.00", "1250.00"),
        ("1’250.00", "1250.00"),
        ("1,250.00", "1250.00"),
        ("1.250", "1250"),
        ("1,00,000.00", "100000.00"),
        ("₹ 12,34,567.50", "1234567.50"),
        ("1 250:-", "1250"),
        ("1250,-", "1250"),
        ("R1 250.00", "1250.00"),
        ("R-1 250.00", "-1250.00"),
        ("12,00-", "-12.00"),
        ("-12,00", "-12.00"),
        ("−12,00", "-12.00"),
        ("(12.00)", "-12.00"),
        ("$-1.10", "-1.10"),
        ("RM 8.20", "8.20"),
        ("8,20 €", "8.20"),
        ("SEK 1.234.567,89", "1234567.89"),
        ("1 000 kr", "1000"),
        ("0.005", "0.005"),
        ("27. 10", "27.10"),
        ("-.01", "-0.01"),
    ],
)
def test_local_forms(text: str, value: str) -> None:
    assert parse_amount(text) == Decimal(value)


@given(CENTS, st.sampled_from(FORMS), st.booleans())
def test_every_grouping_reads_back(value: Decimal, form: tuple[str, DecimalMark], negative: bool) -> None:
    group, mark = form
    text = f"{value:,.2f}".replace(",", "#").replace(".", mark).replace("#", group)
    signed = -value if negative else value
    assert parse_amount(f"-{text}" if negative else text, mark) == signed
    assert parse_amount(f"{text}-" if negative else text, mark) == signed


@given(CENTS, st.sampled_from(["€", "£", "SEK", "RM", "kr"]), st.sampled_from(["{c}{a}", "{c} {a}", "{a} {c}"]))
def test_a_currency_beside_the_amount_is_read_with_it(value: Decimal, currency: str, form: str) -> None:
    found = find_amounts(form.format(c=currency, a=f"{value:.2f}"), ".")
    assert [amount.value for amount in found] == [value]
    assert found[0].currency == {"€": "EUR", "£": "GBP", "SEK": "SEK", "RM": "MYR", "kr": ""}[currency]


@pytest.mark.parametrize(
    "text",
    ["03-55423228", "+46 8 123 456", "08-123 45 67", "15:41:52", "10.04.2018", "19 %", "A4", "v2.10", "192.168.10.1",
     "556677-8899", "2X", "NO.2&4", "#482103", "50kg"],
)  # fmt: skip
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert find_amounts(text) == ()


def test_the_page_settles_what_three_digits_after_a_mark_mean() -> None:
    assert parse_amount("1.250", ",") == 1250
    assert parse_amount("1.250", ".") == Decimal("1.250")
    (amount,) = find_amounts("1.250")
    assert (amount.value, amount.alternatives) == (Decimal(1250), (Decimal("1.250"),))


def test_a_quantity_before_a_price_stays_an_alternative() -> None:
    (amount,) = find_amounts("2 250,00")
    assert (amount.value, amount.alternatives) == (Decimal("2250.00"), (Decimal("250.00"),))
    assert [a.value for a in find_amounts("2  250,00")] == [2, Decimal("250.00")]


def test_the_decimal_mark_is_what_most_amounts_use() -> None:
    assert infer_decimal_mark(["Summe 1.250,00", "19,99", "1.000 Stück", "05.03.2018"]) == ","
    assert infer_decimal_mark(["Total 1,250.00", "5.00"]) == "."
    assert infer_decimal_mark(["5.00 und 5,00"]) is None


def test_percentages() -> None:
    assert [rate for _, _, rate in find_percents("25 % moms, 6,0% och 12%")] == [25, Decimal("6.0"), 12]


def test_spans_cover_the_print() -> None:
    text = "Total: RM 37.80 incl."
    (amount,) = find_amounts(text)
    assert text[amount.start : amount.end] == amount.text == "RM 37.80"


@pytest.mark.parametrize(
    "printed",
    ["-£122.00", "£-122.00", "−£122.00", "£ -122.00", "(£122.00)", "£(122.00)", "GBP(122.00)", "£122.00-", "£122.00 CR",
     "£122.00cr", "CR 122.00", "122,00- EUR", "122,00 EUR-", "122,00 - EUR", "122.00 -", "‑122.00"],
)  # fmt: skip
def test_the_sign_belongs_to_the_amount_in_every_place(printed: str) -> None:
    assert [amount.value for amount in find_amounts(printed)] == [Decimal("-122.00")]


@pytest.mark.parametrize("printed", ["122.00 DR", "122.00 Credit card", "C.R. 345112", "450 Cr", "12:00 - 14:00"])
def test_other_letters_and_hyphens_are_no_sign(printed: str) -> None:
    assert all(amount.value > 0 for amount in find_amounts(printed))


def test_three_decimals_where_the_currency_has_them() -> None:
    (dinars,) = find_amounts("KWD 25.750", ".", thousandths=True)
    assert (dinars.value, dinars.alternatives) == (Decimal("25.750"), ())
    assert find_amounts("EUR 25.750")[0].value == Decimal(25750)
    assert infer_decimal_mark(["Total 1,250.500"]) == "."
