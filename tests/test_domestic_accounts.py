"""Account numbers as banks of a country write them, drawn with check digits that hold and with one digit misread."""

from __future__ import annotations

import numpy as np
import pytest

from invoice_connector.fields import extract
from invoice_connector.fields.domestic_accounts import FORMS, account_valid, form_of_account
from invoice_connector.invoice import Invoice
from invoice_connector.locales import locales
from invoice_connector.rules.consistency import check
from scripts.synthetic.draw import digits, fill
from tests.field_pages import page

NAME = "payment_account_identifier"
PRINTED = {  # language: pattern of an account, the words before it
    "nb": ("#### ## #####", "Kontonummer"),
    "hu": ("########-########-########", "Bankszámlaszám:"),
    "cs": ("##-2########/0100", "Číslo účtu:"),
    "pl": ("## #### #### #### #### #### ####", "Nr rachunku bankowego:"),
    "es": ("#### #### ## ##########", "Cuenta"),
}


def drawn(rng: np.random.Generator, pattern: str) -> str:
    return next(number for number in iter(lambda: fill(rng, pattern), None) if account_valid(number))


def read(language: str, *foot: str) -> Invoice:
    labels = locales()[language].labels
    named = [f"{labels['invoice_number'][0]}: 4410", f"{labels['issue_date'][0]}: 12.06.2026"]
    named += [
        f"{labels[name][0]}: {value}" for name, value in (("total_without_vat", "300,00"), ("total_vat", "60,00"))
    ]
    texts = ["Fjordlys Handel", *named, f"{labels['amount_due'][0]}: 360,00"]
    placed = [(120, 120 + 60 * place, text) for place, text in enumerate(texts)]
    return extract([page([*placed, *((120, 1200 + 26 * place, text) for place, text in enumerate(foot))])])


@pytest.mark.parametrize("language", PRINTED)
def test_an_account_in_its_countrys_form_is_read(language: str) -> None:
    pattern, words = PRINTED[language]
    rng = np.random.default_rng(len(words))
    for _ in range(3):
        number = drawn(rng, pattern)
        field = read(language, f"{words} {number}").fields[NAME]
        assert str(field.value) == number.replace(" ", "")
        assert field.confidence is not None
        assert field.confidence > 0.97


@pytest.mark.parametrize("language", ["hu", "cs", "pl"])
def test_a_misread_digit_stops(language: str) -> None:
    pattern, words = PRINTED[language]
    number = drawn(np.random.default_rng(5), pattern)
    misread = number[:4] + str((int(number[4]) + 1) % 10) + number[5:] if number[4].isdigit() else "9" + number[1:]
    found = read(language, f"{words} {misread}")
    assert any(NAME in violation.fields for violation in check(found))


def test_a_labelled_account_that_cannot_be_read_is_said() -> None:
    found = read("hu", "Bankszámlaszám: 1177A016/11-B")
    assert NAME not in found.fields
    assert {violation.rule for violation in check(found) if NAME in violation.fields} == {"ACCOUNT-UNREAD"}


@pytest.mark.parametrize(
    ("language", "foot"),
    [("en", "Account number: 10234 (please quote)"), ("de", "Kundenkonto: 10234"), ("nb", "Kontonummer: se nettsiden")],
)
def test_a_customers_account_is_none_to_pay_to(language: str, foot: str) -> None:
    found = read(language, foot)
    assert NAME not in found.fields
    assert not [violation for violation in check(found) if NAME in violation.fields]


def test_every_form_knows_its_own_prints() -> None:
    rng = np.random.default_rng(3)
    for pattern, country in (("##-####-#######-00", "NZ"), ("###-### ########", "AU"), ("####-##########", "DK")):
        form = form_of_account(fill(rng, pattern))
        assert form is not None
        assert form.country == country
    assert form_of_account(digits(rng, 7)) is None
    assert len({form.country for form in FORMS}) == len(FORMS)


@pytest.mark.parametrize(
    ("language", "line"),
    [("de", "z. Hd. Frau Sommer"), ("en", "Attn: J. Summers"), ("da", "Att.: Anna Berg"), ("pl", "Do rąk: Anna Nowak"),
     ("es", "A la atención de María Ruiz"), ("cs", "K rukám: Anna Nová")],
)  # fmt: skip
def test_who_a_letter_is_for_is_not_the_buyer(language: str, line: str) -> None:
    labels = locales()[language].labels
    named = [f"{labels['invoice_number'][0]}: 4410", f"{labels['issue_date'][0]}: 12.06.2026"]
    sums = [f"{labels['amount_due'][0]}: 360,00"]
    buyer = (line, "Linden & Brunn", "Gartenweg 4", "50667 Köln")
    placed = [
        (120, 60 + 25 * place, text) for place, text in enumerate(("Fjordlys GmbH", "Hafenweg 1", "20457 Hamburg"))
    ]
    placed += [(120, 300 + 25 * place, text) for place, text in enumerate(buyer)]
    placed += [(600, 60 + 30 * place, text) for place, text in enumerate([*named, *sums])]
    found = extract([page(placed)]).fields.get("buyer_name")
    assert found is not None
    assert found.value == "Linden & Brunn"
    address = extract([page(placed)]).fields.get("buyer_address")
    assert address is None or line not in str(address.value)
