"""Dates in every local form, and numbers that are none."""

from __future__ import annotations

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.evidence.country import PlacedText, Side, seller_country
from invoice_connector.evidence.date_order import Orders, order_belief
from invoice_connector.fields.dates import find_dates, numbers_of, parse_date
from invoice_connector.locales import locales

DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2069, 12, 31))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2014-05-19", date(2014, 5, 19)),
        ("20180304", date(2018, 3, 4)),
        ("2026-3-5", date(2026, 3, 5)),
        ("2026/12/5", date(2026, 12, 5)),
        ("24/07/2017", date(2017, 7, 24)),
        ("5.3.2018", date(2018, 3, 5)),
        ("08-03-17", date(2017, 3, 8)),
        ("12 MAR 2018", date(2018, 3, 12)),
        ("24MAR18", date(2018, 3, 24)),
        ("14/JUN/2017", date(2017, 6, 14)),
        ("18. April 2014", date(2014, 4, 18)),
        ("3. März 2024", date(2024, 3, 3)),
        ("1er juin 2025", date(2025, 6, 1)),
        ("3 février 2024", date(2024, 2, 3)),
        ("3 de marzo de 2024", date(2024, 3, 3)),
        ("12 gennaio 2024", date(2024, 1, 12)),
        ("5 de março de 2023", date(2023, 3, 5)),
        ("den 5 mars 2024"[4:], date(2024, 3, 5)),
        ("March 3, 2024", date(2024, 3, 3)),
        ("March 3,  2024", date(2024, 3, 3)),
        ("3  March  2024", date(2024, 3, 3)),
        ("Mar 3rd 2024", date(2024, 3, 3)),
        ("Jan-05-2018", date(2018, 1, 5)),
        ("12 Febuary 2020", date(2020, 2, 12)),
    ],
)
def test_local_forms(text: str, value: date) -> None:
    assert parse_date(text) == value


@given(DAYS, st.sampled_from(sorted(locales())), st.sampled_from(["d MMMM y", "dd MMM yyyy", "d. MMMM y"]))
def test_month_names_of_all_languages(day: date, language: str, pattern: str) -> None:
    assert parse_date(format_date(day, pattern, locale=language)) == day


@given(DAYS, st.sampled_from(sorted(locales())), st.sampled_from(["medium", "long", "full"]))
def test_the_cldr_forms_of_all_languages(day: date, language: str, form: str) -> None:
    text = format_date(day, form, locale=language)
    assert [found.value for found in find_dates(text, {"DMY": 0.8, "YMD": 0.2})] == [day]


@given(DAYS)
def test_the_month_first_as_in_english(day: date) -> None:
    assert parse_date(format_date(day, "MMMM d, y", locale="en")) == day
    assert parse_date(format_date(day, "MMM d,  y", locale="en")) == day  # the comma of a typewriter's face is narrow


@given(DAYS, st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y.%m.%d", "%d.%m.%y", "%d/%m/%y"]))
def test_numbers_day_first(day: date, pattern: str) -> None:
    assert parse_date(day.strftime(pattern), {"DMY": 1.0}) == day


@given(DAYS)
def test_the_other_order_is_kept(day: date) -> None:
    (found,) = find_dates(day.strftime("%d/%m/%Y"))
    swapped = day.day <= 12 and day.day != day.month
    assert found.alternatives == ((date(day.year, day.day, day.month),) if swapped else ())


@pytest.mark.parametrize(
    "text",
    ["03-55423228", "12345 Musterstadt", "556677-8899", "192.168.10.1", "15:41:52", "12:17:20 PM", "5050-1055", "1.2.3",
     "01 23 45 67 89", "750441-W", "31/02/2019", "12.50 13.00", "20191331"],
)  # fmt: skip
def test_other_numbers_are_no_dates(text: str) -> None:
    assert find_dates(text) == ()


BRITISH = ("Quill & Sons Ltd", "8 Tanner Row, York YO1 6JB", "VAT")
AMERICAN = ("Prairie Signs LLC", "12 Elm St, Dayton, OH 45402", "Sales Tax 7 %")


def _orders(texts: tuple[str, ...], language: str | None = "en", buyer: tuple[str, ...] = ()) -> Orders:
    sides: list[tuple[tuple[str, ...], Side]] = [(texts, "seller"), (buyer, "buyer")]
    lines = [PlacedText(text, side) for group, side in sides for text in group]
    numbers = [day for line in lines for day in numbers_of(line.text)]
    return order_belief(numbers, seller_country(lines, language), language, [line.text for line in lines])


@pytest.mark.parametrize(
    ("texts", "language", "buyer", "order"),
    [
        ((*AMERICAN, "03/04/2026"), "en", (), "MDY"),
        ((*BRITISH, "03/04/2026", "Total USD 90.00"), "en", AMERICAN, "DMY"),  # neither dollars nor an American buyer
        ((*AMERICAN, "14/03/2026", "03/04/2026"), "en", (), "DMY"),  # another date that goes one way only
        (("Tel. 01 23 45 67", "12:17:20", "03/04/2026"), "fr", (), "DMY"),
        (("Acme", "03/04/2026", "04/03/2026", "Net 30 days"), "en", (), "MDY"),  # 30 days apart one way only
        (("Fjällbygg AB", "Org.nr 556036-0793"), "sv", (), "YMD"),
    ],
)
def test_order_comes_from_the_seller_other_dates_and_terms(
    texts: tuple[str, ...], language: str, buyer: tuple[str, ...], order: str
) -> None:
    orders = _orders(texts, language, buyer)
    assert next(iter(orders)) == order
    assert sum(orders.values()) == pytest.approx(1.0)


def test_thin_evidence_leaves_both_orders_open() -> None:
    (found,) = find_dates("03/04/2026", _orders(("Acme", "Total 90.00")))
    assert {found.value, *found.alternatives} == {date(2026, 4, 3), date(2026, 3, 4)}
    assert min(found.shares) > 0.1 and sum(found.shares) == pytest.approx(1.0)


def test_points_are_no_american_dates() -> None:
    (found,) = find_dates("03.04.2026", _orders(("Acme",)))
    assert found.value == date(2026, 4, 3) and found.shares[0] > 0.95


def test_swedish_short_years_come_first() -> None:
    assert parse_date("25-01-31", _orders((), "sv")) == date(2025, 1, 31)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14/05/2569", date(2026, 5, 14)),  # the Buddhist era
        ("14 May 2569", date(2026, 5, 14)),
        ("2026年5月14日", date(2026, 5, 14)),
        ("令和8年5月14日", date(2026, 5, 14)),
        ("2026년 5월 14일", date(2026, 5, 14)),
    ],
)
def test_other_calendars(text: str, value: date) -> None:
    assert parse_date(text) == value


def test_spans_and_several_dates() -> None:
    text = "Zeitraum 01.09.13 - 30.09.13, Rechnung vom 5. Oktober 2013"
    found = find_dates(text)
    assert [text[d.start : d.end] for d in found] == ["01.09.13", "30.09.13", "5. Oktober 2013"]


def test_a_number_may_stand_before_without_a_space() -> None:
    assert [d.value for d in find_dates("#48210315/07/2026 RG")] == [date(2026, 7, 15)]
    assert find_dates("#48210345/07/2026") == ()


def test_a_time_may_follow_at_once() -> None:
    assert [d.value for d in find_dates("04/12/201810:20:00")] == [date(2018, 12, 4)]


@pytest.mark.parametrize("text", ["november 2019", "Nov 2019", "maj 2024"])
def test_a_month_with_its_year_is_no_day(text: str) -> None:
    assert find_dates(text) == ()


@pytest.mark.parametrize("text", [".3 november 2019", "NOV 32019", "Nov 3, 2019", "Nov 3 19"])
def test_a_dot_before_and_a_missing_space_hide_no_day(text: str) -> None:
    assert [found.value for found in find_dates(text)] == [date(2019, 11, 3)]
