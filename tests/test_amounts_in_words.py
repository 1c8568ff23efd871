"""The amount to pay in words: spelled by CLDR's rules in every language, read back, and compared with the digits."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unicode_rbnf import RbnfEngine

from invoice_connector.evidence.number_words import is_spelled, joined, nearest_number
from invoice_connector.evidence.spelled_amounts import Agreement, spelled_amount
from invoice_connector.fields import extract
from invoice_connector.fields.amounts_in_words import RULE
from invoice_connector.invoice import Evidence, Invoice
from invoice_connector.locales import locales
from tests.field_pages import LINES, SUMS, page

LANGUAGES = tuple(locales())
CODES = {"nb": "no"}
CONFUSED = dict(zip("aeoncitlhrsu", "oc0uelf1b" + "n5v", strict=True))  # letters and what engines take them for
AMOUNTS = st.one_of(st.integers(2, 1000), st.integers(1000, 99_999), st.integers(100_000, 9_999_999))
HUNDREDTHS = st.integers(0, 99)


def wording(number: int, language: str, style: int) -> str:
    """The number as CLDR spells it, independently of the code under test; its Slovenian and Lithuanian lack some."""
    texts = RbnfEngine.for_language(CODES.get(language, language)).format_number(number).text_by_ruleset
    return list(texts.values())[style % len(texts)]


def unit(language: str, table: str = "money_units") -> str:
    return locales()[language].words[table][0].strip("*")


def said(number: int, cents: int | None, language: str, style: int) -> str:
    hundredths = "" if cents is None else f" {cents:02d}/100"
    return f"{wording(number, language, style)} {unit(language)}{hundredths}"


def is_sound(number: int, language: str) -> bool:
    """Whether CLDR spells the number rightly: not in Slovenian 3000 and 4000, in Lithuanian 200,000."""
    groups = number // 1000 % 1000, number // 10**6
    if language == "sl":
        return not {3, 4} & set(groups)
    return language != "lt" or groups[0] % 100 != 0 or not groups[0]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60)
@given(AMOUNTS, HUNDREDTHS, AMOUNTS, HUNDREDTHS, st.integers(0, 30))
def test_an_amount_agrees_with_itself_and_with_no_other(
    language: str, number: int, cents: int, other: int, others_cents: int, style: int
) -> None:
    if not (is_sound(number, language) and is_sound(other, language)):
        return
    amount, another = (Decimal(whole) + Decimal(part) / 100 for whole, part in ((number, cents), (other, others_cents)))
    spelled = spelled_amount(said(number, cents, language, style), language)
    assert spelled is not None
    assert spelled.agreement(amount) is Agreement.SAME
    assert spelled.agreement(-amount) is Agreement.SAME
    assert spelled.value == amount
    assert spelled.agreement(another) is (Agreement.SAME if another == amount else Agreement.OTHER)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60)
@given(AMOUNTS, st.integers(0, 30), st.data())
def test_misread_letters_are_forgiven(language: str, number: int, style: int, data: st.DataObject) -> None:
    words = wording(number, language, style)
    if not is_sound(number, language):
        return
    long = {place for word in re.finditer(r"\w{4,}", words) for place in range(*word.span())}
    places = [place for place, letter in enumerate(words) if letter in CONFUSED and place in long]
    count = min(2, len(joined(words, language)) // 8)
    chosen = data.draw(st.lists(st.sampled_from(places), max_size=count, unique=True)) if places else []
    misread = "".join(CONFUSED[letter] if place in chosen else letter for place, letter in enumerate(words))
    spelled = spelled_amount(f"{misread} {unit(language)}", language)
    assert spelled is not None
    found = spelled.agreement(Decimal(number))
    exact = nearest_number(spelled.words, language)
    assert found is Agreement.SAME or (exact is not None and exact[0] != number)


@pytest.mark.parametrize("language", ["de", "en", "es", "tr"])
@settings(max_examples=50)
@given(AMOUNTS, AMOUNTS)
def test_another_amount_is_told(language: str, number: int, other: int) -> None:
    spelled = spelled_amount(said(number, None, language, 0), language)
    assert spelled is not None
    assert spelled.agreement(Decimal(other)) is (Agreement.SAME if number == other else Agreement.OTHER)


def test_every_language_has_its_words() -> None:
    for language, locale in locales().items():
        assert is_spelled(language)
        for table in ("in_words_label", "money_units", "money_parts"):
            assert locale.words[table], (language, table)


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("en", "one thousand two hundred and thirty dollars only", "1230"),
        ("en", "US Dollars One Thousand Two Hundred Thirty and Cents Forty-Five Only", "1230.45"),
        ("en", "Rs. Two Lakh Five Thousand and Paise Fifty only", "205000.50"),
        ("pl", "jeden tysiąc dwieście trzydzieści złotych czterdzieści pięć groszy", "1230.45"),
        ("pl", "tysiąc dwieście trzydzieści zł 45/100", "1230.45"),
        ("cs", "jedentisícdvěstětřicetkorun českých", "1230"),
        ("tr", "BİNİKİYÜZOTUZTÜRKLİRASIKIRKBEŞKURUŞ", "1230.45"),
        ("es", "mil doscientos treinta con 45/100 soles", "1230.45"),
        ("it", "milleduecentotrenta/45", "1230.45"),
        ("fr", "mille deux cent trente euros et quarante-cinq centimes", "1230.45"),
        ("pt", "mil, duzentos e trinta euros e quarenta e cinco cêntimos", "1230.45"),
        ("sv", "ettusen tvåhundra trettio kronor 45 öre", "1230.45"),
        ("sl", "tri tisoč štiristo evrov", "3400"),
        ("lt", "du šimtai tūkstančių eurų", "200000"),
        ("en", "one thousand two hundred thirty dinars and 450/1000", "1230.45"),
    ],
)
def test_amounts_are_spelled_as_people_do(language: str, text: str, amount: str) -> None:
    spelled = spelled_amount(text, language)
    assert spelled is not None
    assert spelled.agreement(Decimal(amount)) is Agreement.SAME
    assert spelled.agreement(Decimal(amount) + 1) is Agreement.OTHER
    assert spelled.agreement(Decimal(amount) + Decimal("0.07")) in (Agreement.OTHER, Agreement.WHOLE)


@pytest.mark.parametrize(
    "text", ["hello to our new price list", "thirty-six hundred dollars", "1,230.00 dollars", "one hundred and"]
)
def test_words_that_are_no_number_or_not_all_of_it_contradict_nothing(text: str) -> None:
    spelled = spelled_amount(text, "en")
    assert spelled is None or spelled.agreement(Decimal(360)) is Agreement.UNKNOWN


def read(*said: tuple[int, int, str]) -> Invoice:
    texts = (*LINES, *SUMS)
    return extract([page([*((120, 120 + 60 * place, text) for place, text in enumerate(texts)), *said])])


def told(invoice: Invoice) -> list[str]:
    return [conflict.message for conflict in invoice.conflicts if conflict.rule == RULE]


@pytest.mark.parametrize(
    "lines",
    [
        [(120, 700, "In words: three hundred sixty pounds only")],
        [(120, 700, "Amount in words"), (400, 700, "Three hundred and sixty pounds")],
        [(120, 700, "Amount in words:"), (120, 725, "Three hundred and"), (120, 750, "sixty pounds only")],
        [(120, 700, "Słownie: trzysta sześćdziesiąt złotych 00/100")],
        [(120, 700, "Tax in words: sixty pounds"), (120, 760, "Total in words: three hundred sixty pounds")],
        [(120, 700, "Tax in words: sixty pounds only")],
    ],
)
def test_the_same_amount_in_words_witnesses_it_and_is_no_remark(lines: list[tuple[int, int, str]]) -> None:
    invoice = read(*lines)
    kinds = {witness.kind for witness in invoice.fields["total_with_vat"].witnesses}
    assert not told(invoice)
    assert not any("hundred" in remark or "sixty" in remark for remark in invoice.remarks)
    assert (Evidence.IN_WORDS in kinds) is any("hundred" in text or "trzysta" in text for _, _, text in lines)


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("In words: three hundred seventy pounds only", "370.00"),
        ("Amount in words: three hundred sixty pounds and 50/100", "360.50"),
        ("Słownie: dwieście złotych 00/100", "200.00"),
        ("in Worten: dreihundert Euro", "300.00"),
    ],
)
def test_another_amount_in_words_stops_and_both_are_named(line: str, amount: str) -> None:
    invoice = read((120, 700, line))
    (message,) = told(invoice)
    assert amount in message
    assert "360.00" in message
    assert all(w.kind is not Evidence.IN_WORDS for w in invoice.fields["total_with_vat"].witnesses)


def test_words_that_are_read_in_part_stay_a_remark() -> None:
    invoice = read((120, 700, "Amount in words: three hundred and then some more of it"))
    assert not told(invoice)
    assert invoice.remarks
