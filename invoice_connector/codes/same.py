"""Whether a code and a page say the same."""

from __future__ import annotations

import re
from decimal import Decimal

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.invoice import FieldValue
from invoice_connector.suppliers.names import is_same, plain_text

ACCOUNT, REFERENCE = "payment_account_identifier", "remittance_information"
PARTIES = ("seller_name", "buyer_name")
TYPE, _CREDIT_NOTE = "invoice_type_code", "381"
_CUT = 18  # characters from which a name in a code may be the beginning of the printed one
_TAIL = 5  # digits of a number that is printed without what its family puts before it
_OWN_BEFORE_BANK = re.compile(r"(?:(\d{1,6})-)?(\d{2,10})/(\d{4})")  # Czech and Slovak


def same_value(name: str, said: FieldValue, printed: FieldValue) -> bool:
    """Whether a code's value of the contract's name ``name`` is the printed one; amounts without sign, since credit
    notes print either."""
    if isinstance(said, Decimal) or isinstance(printed, Decimal):
        return isinstance(said, Decimal) and isinstance(printed, Decimal) and abs(said) == abs(printed)
    if not isinstance(said, str) or not isinstance(printed, str):
        return said == printed
    if name in PARTIES:
        return same_name(said, printed)
    if name == TYPE:  # a page does not tell kinds of invoices apart, but who owes whom
        return (said == _CREDIT_NOTE) == (printed == _CREDIT_NOTE)
    if name == ACCOUNT:
        return same_account(said, printed)
    first, second = _bare(said), _bare(printed)
    shorter, longer = sorted((first, second), key=len)
    loose = name == REFERENCE or name.endswith("_identifier")
    return first == second or (loose and len(shorter) >= _TAIL and longer.endswith(shorter))


def same_name(said: str, printed: str) -> bool:
    """Whether two names are one; codes cut long ones off."""
    begun = len(said) >= _CUT and plain_text(printed).startswith(plain_text(said))
    return is_same(said, printed) or begun


def same_account(iban: str, printed: str) -> bool:
    """Whether an account that is printed in the form of its bank or country is the one of an IBAN."""
    if czech := _OWN_BEFORE_BANK.fullmatch(printed.replace(" ", "")):
        own, number, bank = czech.groups(default="")
        return iban[:2] in ("CZ", "SK") and iban[4:] == f"{bank}{own:0>6}{number:0>10}"
    first, second = alphanumeric(iban), alphanumeric(printed)
    shorter, longer = sorted((first, second), key=len)
    tail = longer.rstrip("0") if longer[:2] == "hu" else longer  # eight digits more, which may be zeros
    return first == second or (len(shorter) >= 7 and longer[:2].isalpha() and tail.endswith(shorter.rstrip("0")))


def is_printed(said: FieldValue, text: str) -> bool:
    """Whether a code's text stands in ``text``, the letters and digits of the pages without anything between."""
    wanted = _bare(said) if isinstance(said, str) else ""
    return len(wanted) >= _TAIL and wanted in text


def _bare(text: str) -> str:
    return alphanumeric(text).lstrip("0")
