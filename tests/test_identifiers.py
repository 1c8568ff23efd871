"""Identifiers by form, and their check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields.identifiers import (
    bankgiro_valid,
    find_identifiers,
    luhn_valid,
    ocr_length_digit_valid,
    orgnr_valid,
    plusgiro_valid,
    same_vat_identifier,
    vat_valid,
)


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if luhn_valid(digits + last))


@given(st.text("0123456789", min_size=1, max_size=24))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    assert sum(luhn_valid(digits + last) for last in "0123456789") == 1


@given(st.text("0123456789", min_size=7, max_size=7), st.integers(0, 6), st.integers(1, 9))
def test_a_changed_digit_is_noticed(digits: str, place: int, shift: int) -> None:
    number = with_check_digit(digits)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert bankgiro_valid(number)
    assert not bankgiro_valid(wrong)


@pytest.mark.parametrize(
    ("kind", "text", "value", "valid"),
    [
        ("iban", "IBAN DE34 5019 0000 0012 3456 78 BIC X", "DE34501900000012345678", True),
        ("iban", "SE45 5000 0000 0583 9825 7466", "SE4550000000058398257466", True),
        ("iban", "DE12123456781234567890", "DE12123456781234567890", False),
        ("bic", "BIC COBADEFFXXX", "COBADEFFXXX", True),
        ("bankgiro", "Bg 5050-1055", "5050-1055", True),
        ("plusgiro", "Plusgiro 28 65 43-4", "286543-4", True),
        ("orgnr", "Org.nr 556036-0793", "556036-0793", True),
        ("vat", "USt-IdNr. DE 136 695 976", "DE136695976", True),
        ("vat", "SE556036079301", "SE556036079301", True),
        ("vat", "VAT GB980780684", "GB980780684", True),
        ("vat", "VAT GB123456789", "GB123456789", False),
        ("vat", "UID CHE-137.418.280 MWST", "CHE-137.418.280MWST", True),
        ("vat", "UID CHE-137.418.281 MWST", "CHE-137.418.281MWST", False),
        ("vat", "NO 995525828MVA", "NO995525828MVA", True),
        ("rf", "RF18 5390 0754 7034", "RF18539007547034", True),
        ("rf", "SI00 8637359", "SI008637359", None),
        ("rf", "HR01 6338-6965-1", "HR016338-6965-1", None),
        ("register", "Handelsregister: HRB 36093", "HRB36093", None),
        ("token", "RE-20140519/499 vom", "RE-20140519/499", None),
        ("token", "# 482103", "482103", None),
    ],
)
def test_found_by_form(kind: str, text: str, value: str, valid: bool | None) -> None:
    (found,) = find_identifiers(text, kind)
    assert (found.value, found.valid) == (value, valid)
    assert text[found.start : found.end] == found.text


def test_swedish_numbers() -> None:
    assert plusgiro_valid("28 65 43-4")
    assert orgnr_valid("556036-0793")
    assert not orgnr_valid("556036-0794")
    assert vat_valid("SE556036079301") is True
    assert vat_valid("SE556036079401") is False
    number = with_check_digit("123456" + "8")
    assert ocr_length_digit_valid(number)
    assert not ocr_length_digit_valid(with_check_digit("123456" + "7"))


def test_prose_has_no_iban() -> None:
    assert find_identifiers("DE12 ist keine Kontonummer", "iban") == ()
    assert find_identifiers("XX34501900000012345678", "iban") == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("IT00743110157", "00743110157", True),
        ("00743110157", "IT 00743110157", True),
        ("SE556036079301", "SE556036-0793 01", True),
        ("IT00743110157", "IT07643520567", False),
        ("DE136695976", "FR136695976", False),
        ("12136695976", "136695976", False),
    ],
)
def test_a_vat_identifier_is_the_same_without_its_country(one: str, other: str, same: bool) -> None:
    assert same_vat_identifier(one, other) is same
