"""Accounts that must not be paid to unseen: a wrong one that vanishes, and a new one beside the old."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from field_pages import Placed, page
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.fields import extract
from invoice_connector.fields.new_accounts import RULE
from invoice_connector.invoice import Invoice
from invoice_connector.rules.consistency import check

OLD, NEW = "NL91 ABNA 0417 1643 00", "NL02 ABNA 0123 4567 89"


def read(*texts: str, more: Sequence[Placed] = ()) -> Invoice:
    head = [(60, 60, "Bakkerij Duin BV"), (60, 85, "Strandweg 4"), (60, 110, "2042 AB Zandvoort"), (600, 60, "Factuur")]
    foot = [(60, 1000 + 25 * number, text) for number, text in enumerate(texts)]
    return extract([page([*head, *more, *foot])])


def rules(invoice: Invoice) -> list[str]:
    return [violation.rule for violation in check(invoice)]


@given(st.integers(1, 8))
def test_an_iban_with_one_wrong_digit_is_found_and_named(shift: int) -> None:
    wrong = OLD[:-1] + str(shift)
    invoice = read(f"Gelieve het bedrag over te maken op {wrong} t.n.v. Bakkerij Duin")
    found = invoice.fields["payment_account_identifier"]
    assert found.value == wrong.replace(" ", "")
    assert (found.confidence or 0.0) < 0.5
    assert "CHECK-IBAN" in rules(invoice)


@pytest.mark.parametrize(
    "announcement",
    [
        "Let op: nieuw rekeningnummer!",
        "Please note our new bank details:",
        "Unsere neue Bankverbindung lautet",
        "Nuovo IBAN dal 1/10/2026:",
        "Nos coordonnées bancaires ont changé :",
        "OBS! Vi har bytt bank, betala till",
    ],
)
def test_a_new_account_beside_the_old_one_stops(announcement: str) -> None:
    assert RULE in rules(read(f"IBAN {OLD}", f"{announcement} {NEW}"))
    assert RULE in rules(read(announcement, NEW, f"IBAN {OLD}"))


@pytest.mark.parametrize(
    "sentence",
    ["Stuur het geld deze keer naar {} alstublieft.", "Please send funds to {} instead.", "Virer sur le {}."],
)
def test_an_account_in_a_sentence_beside_the_printed_one_stops(sentence: str) -> None:
    assert "ACCOUNT-TOLD" in rules(read(sentence.format(NEW), f"IBAN {OLD}"))
    assert "ACCOUNT-TOLD" not in rules(read(sentence.format(OLD), f"IBAN {OLD}"))
    assert "ACCOUNT-TOLD" not in rules(read(f"Rabobank IBAN {NEW} BIC RABONL2U", f"ABN AMRO IBAN {OLD} BIC ABNANL2A"))


@pytest.mark.parametrize("label", ["Rekeninghouder", "Account holder", "Kontoinhaber", "Titulaire du compte"])
def test_an_account_of_somebody_else_stops(label: str) -> None:
    assert "PAYEE-DIFFERS" in rules(read(f"{label}: Merwede Incasso NV", f"IBAN {OLD}"))
    for own in ("Bakkerij Duin BV", "Bakkerij Duin", "BAKKERIJ DUIN B.V."):
        assert "PAYEE-DIFFERS" not in rules(read(f"{label}: {own}", f"IBAN {OLD}"))


@pytest.mark.parametrize("label", ["Ontvanger", "Recipient", "Empfänger", "Destinataire"])
def test_who_receives_the_money_may_be_called_as_who_receives_the_invoice(label: str) -> None:
    told = ("Factuur aan: Molen de Hoop BV", f"{label}: Merwede Incasso NV", f"IBAN {OLD}")
    assert "PAYEE-DIFFERS" in rules(read(*told))
    assert "PAYEE-DIFFERS" not in rules(read("Molen de Hoop BV", f"{label}: Molen de Hoop BV", f"IBAN {OLD}"))


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("Bankszámlaszám: 10402166-49574848-", "57561007"),
        ("Číslo účtu: 8752299507", "/0800"),
    ],
)
def test_an_account_that_goes_on_in_the_next_line_stops(upper: str, lower: str) -> None:
    assert "ACCOUNT-UNREAD" in rules(read(upper, lower))
    assert "ACCOUNT-UNREAD" not in rules(read(f"{upper}{lower}", "2026-05-14"))


def test_an_account_that_its_line_gives_more_digits_of_is_read_whole_or_stops() -> None:
    """A Polish number of 26 digits that a narrow column breaks: the form of another country's ends in the middle."""
    upper = "Numer konta: 60 1140 2004 0000 3102 7583"
    whole = read(upper, "6194")
    assert whole.fields["payment_account_identifier"].value == "60114020040000310275836194"
    assert "ACCOUNT-UNREAD" not in rules(whole)
    assert "ACCOUNT-UNREAD" in rules(read(upper, "6195"))  # whose check digits do not hold


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Bankovní účet: 2000145399/0800", "IBAN: CZ65 0800 0000 1920 0014 5399", False),
        ("Bankovní účet: 19-2000145399/0800", "IBAN: CZ65 0800 0000 1920 0014 5399", True),
        ("Kontonummer: 1207 24 56317", "IBAN: NO93 8601 1117 947", False),
        ("Kontonummer: 8601 11 17947", "IBAN: NO93 8601 1117 947", True),
    ],
)
def test_a_banks_own_number_that_is_another_than_the_iban_stops(one: str, other: str, same: bool) -> None:
    assert ("ACCOUNT-COMPETES" not in rules(read(other, more=[(600, 240, one)]))) == same


@pytest.mark.parametrize("label", ["IBAN: ", "IBAN ", ""])
def test_norway_is_no_number(label: str) -> None:
    found = read(f"{label}NO93 8601 1117 947").fields["payment_account_identifier"]
    assert (found.value, found.text) == ("NO9386011117947", "NO93 8601 1117 947")


def test_two_accounts_or_one_new_one_do_not_stop_by_themselves() -> None:
    assert RULE not in rules(read(f"IBAN {OLD}", f"IBAN {NEW}"))
    assert RULE not in rules(read(f"New account: {NEW}"))
    assert RULE not in rules(read(f"New account: IBAN {NEW}", "Account number 0123 4567 89, Duin Bank"))


@pytest.mark.parametrize(
    "rows",
    [
        ("BSB 066128", "Account number 10487731"), ("BSB: 066-128", "Acc: 10487731"),
        ("Pay to: BSB 066-128  Account 1048 7731",), ("BSB 066 128 ACC 1048 7731",),
    ],
)  # fmt: skip
def test_a_branch_code_is_no_account(rows: tuple[str, ...]) -> None:
    placed = [(60, 60, "Jarrah Fencing Pty Ltd"), (60, 85, "17 Karri Road, Mandurah WA 6210"),
              (60, 110, "ABN 51 824 753 556"), (600, 60, "TAX INVOICE"), (600, 200, "Invoice no."),
              (800, 200, "JF-3310"), (600, 640, "Total AUD"), (840, 640, "704.00")]  # fmt: skip
    placed += [(60, 1100 + 25 * at, text) for at, text in enumerate(rows)]
    assert extract([page(placed)]).text("payment_account_identifier") == "10487731"


BANKS = ("Rabobank", "ABN AMRO")
OTHERS = ("DE89 3704 0044 0532 0130 00", "FR14 2004 1010 0505 0001 3M02 606", NEW)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("label", ["IBAN", "Bankrekening (IBAN):", "Pay to IBAN:"])
def test_two_accounts_that_labels_name_stop_where_no_list_has_both(label: str, other: str) -> None:
    top, foot = (600, 240, f"{label} {OLD}"), f"IBAN {other}"
    assert "ACCOUNT-COMPETES" in rules(read(foot, more=[top]))
    assert "ACCOUNT-COMPETES" in rules(read(foot, f"{label} {OLD}"))
    assert "ACCOUNT-COMPETES" not in rules(read(f"IBAN {OLD}", more=[top]))


@pytest.mark.parametrize("other", OTHERS)
def test_a_list_of_the_sellers_banks_leaves_the_choice_to_the_payer(other: str) -> None:
    first, second = (f"{bank} IBAN {number}" for bank, number in zip(BANKS, (OLD, other), strict=True))
    top = (600, 240, f"IBAN {OLD}")
    assert "ACCOUNT-COMPETES" not in rules(read(first, second))
    assert "ACCOUNT-COMPETES" not in rules(read(first, second, more=[top]))  # the one that is asked for is among them
    assert "ACCOUNT-COMPETES" not in rules(read(f"{BANKS[0]}", f"IBAN {OLD}", f"{BANKS[1]}", f"IBAN {other}"))
    assert "ACCOUNT-COMPETES" not in rules(read(f"IBAN {OLD} ({BANKS[0]})", more=[(600, 1000, second)]))
