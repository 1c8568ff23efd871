"""Identifiers as countries print them at home: without a country, in groups, within a line of the foot."""

from __future__ import annotations

import pytest

from invoice_connector.fields import extract
from invoice_connector.fields.identifiers import find_identifiers
from invoice_connector.fields.national_numbers import is_vat_identifier
from invoice_connector.invoice import Invoice
from invoice_connector.locales import locales
from tests.field_pages import Placed, page

NUMBER, ORDER, DATED = "invoice_number", "purchase_order_reference", "issue_date"
ACCOUNT, OURS, THEIRS = "payment_account_identifier", "seller_vat_identifier", "buyer_vat_identifier"


def read(language: str, *more: Placed) -> Invoice:
    """A page with sums in that language, and what else stands on it."""
    labels = locales()[language].labels
    sums = (("total_without_vat", "300,00"), ("total_vat", "60,00"), ("amount_due", "360,00"))
    placed = [(600, 700 + 40 * at, f"{labels[name][0]}: {value}") for at, (name, value) in enumerate(sums)]
    return extract([page([(60, 40, "Fjordlys Handel"), *placed, *more])])


def value(invoice: Invoice, name: str) -> str | None:
    return str(invoice.fields[name].value) if name in invoice.fields else None


@pytest.mark.parametrize(
    ("language", "line", "number"),
    [
        ("sv", "Faktura nr 31 407", "31407"),
        ("en", "No. 0071 3352", "00713352"),
        ("de", "Rechnungsnr. 14 / 2026", "14/2026"),
        ("pl", "Faktura nr 17/03/2026", "17/03/2026"),
    ],
)
def test_a_number_set_apart_is_read_as_a_whole(language: str, line: str, number: str) -> None:
    dated = f"{locales()[language].labels[DATED][0]}: 2026-03-28"
    assert value(read(language, (600, 140, "1"), (60, 200, line), (60, 240, dated)), NUMBER) == number


def test_a_day_under_the_title_is_no_number() -> None:
    found = read("pl", (60, 200, "Faktura VAT"), (60, 240, "17/03/2026"))
    assert value(found, NUMBER) is None
    assert value(found, DATED) == "2026-03-17"


def test_an_order_keeps_the_letters_of_its_series() -> None:
    assert value(read("nl", (60, 200, "Bestelbon"), (60, 230, "KR 31-207")), ORDER) == "KR31-207"


@pytest.mark.parametrize(
    ("language", "foot", "number"),
    [
        ("nb", "Fjordlys Handel, Kaigata 3, 5003 Bergen. Org.nr 995 525 828 MVA. Tlf 55 10 20 30", "995525828MVA"),
        ("da", "Havnevej 4, 8000 Aarhus - CVR 13585628 - tlf 86 10 20 30", "13585628"),
        ("fi", "Rantatie 2, 33100 Tampere, Y-tunnus 2077474-0", "2077474-0"),
        ("en", "Registered charity A0041127 ABN 51 824 753 556", "51824753556"),
        ("en", "HST # 12302 6635 RT 0001", "123026635RT0001"),
        ("en", "VAT 4410256637", "4410256637"),
        ("en", "020 555 0143 • VAT GB980780684 • your market stall from Tuesday to Sunday", "GB980780684"),
    ],
)
def test_a_number_in_a_line_of_the_foot_is_the_sellers(language: str, foot: str, number: str) -> None:
    assert value(read(language, (60, 1300, foot)), OURS) == number


def test_a_registers_number_serves_only_in_its_country() -> None:
    assert is_vat_identifier("13585628", {"DK": 0.9})
    assert not is_vat_identifier("13585628", {"GB": 0.9})
    assert not is_vat_identifier("13585629", {"DK": 0.9})


BUYER = ((60, 200, "Invoice to"), (60, 225, "Rowan Tree Books"), (60, 250, "14 Mill Lane"), (60, 275, "Leeds LS2 7EW"))
FACTS = ((400, 200, "Invoice number"), (400, 225, "HM-3107"), (400, 360, "Pay by"), (400, 385, "4 May 2026"))


def test_a_number_below_the_buyers_address_is_the_sellers_where_it_is_the_only_one() -> None:
    found = read("en", *BUYER, *FACTS, (60, 360, "VAT registration"), (60, 385, "GB 980 7806 84"))
    assert (value(found, OURS), value(found, THEIRS)) == ("GB980780684", None)


def test_the_other_of_two_numbers_is_the_buyers() -> None:
    foot = (60, 1300, "Fjordlys Handel · 3 Quay Street · VAT GB 980 7806 84")
    found = read("en", *BUYER, *FACTS, foot, (700, 200, "VAT number"), (700, 225, "GB 220 4302 31"))
    assert (value(found, OURS), value(found, THEIRS)) == ("GB980780684", "GB220430231")


@pytest.mark.parametrize(
    ("language", "lines", "account"),
    [
        ("en", ("Remit: BSB 182-512 A/C 470 118 236",), "470118236"),
        ("en", ("Coastal Bank 40-31-77 / 20613384",), "40-31-77/20613384"),
        ("en", ("Direct credit to 12-3140-0171323-50, thank you",), "12-3140-0171323-50"),
        ("en", ("Please pay into our account at Coastal Bank, account number", "20613384."), "20613384"),
        ("da", ("Beløbet overføres til reg. 1551, konto 4410 2236.",), "44102236"),
        ("sv", ("Konto (clearing, konto) 8327-9, 944 107 231-5",), "8327-9,944107231-5"),
        ("pl", ("na rachunek PL 61 1090 1014 0000 0712 1981 2874.",), "PL61109010140000071219812874"),
    ],
)
def test_an_account_as_its_country_prints_it(language: str, lines: tuple[str, ...], account: str) -> None:
    foot = [(60, 1200 + 40 * at, line) for at, line in enumerate(lines)]
    assert value(read(language, *foot), ACCOUNT) == account


def test_letters_before_two_figures_are_no_iban() -> None:
    assert find_identifiers("DE 12 3456 7812 3456 7812 34", "iban") == ()
