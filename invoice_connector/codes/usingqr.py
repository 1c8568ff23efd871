"""UsingQR, the code of Swedish and Norwegian invoices: Visma, "UsingQR format specification", revision 2 (2014)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from stdnum import luhn

from invoice_connector.codes.payload import PayloadError, Values, account, amount, currency, day, named, printable

_KEYS = frozenset({"uqr", "tp", "nme"})
_MOST_KEYS = 40
_BY_COUNTRY = {"SE": "SEK", "NO": "NOK", "DK": "DKK", "FI": "EUR"}
_PAID_BEFOREHAND = "3"
_ACCOUNT_DIGITS = {"BG": (7, 8), "PG": (2, 8), "BBAN": (5, 20)}


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if not text.lstrip().startswith("{") or '"uqr"' not in text:
        return None
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise PayloadError("it is no JSON") from error
    if not isinstance(found, dict) or not found.keys() >= _KEYS or len(found) > _MOST_KEYS:
        raise PayloadError("it lacks uqr, tp or nme")
    if any(not isinstance(value, str) for value in found.values()) or str(found["uqr"]) not in ("1", "2"):
        raise PayloadError("its version is unknown, or a value is no text or number")
    return _values(found)


def _values(found: Mapping[str, str]) -> Values:
    get = found.get
    due = Decimal(0)
    if get("due"):
        due = amount(found["due"], r"-?\d{1,12}(?:\.\d{1,6})?")
    code = get("cur") or _BY_COUNTRY.get(found.get("cc", "SE").upper())
    return named(
        seller_name=printable(found["nme"], "name"),
        seller_legal_registration_identifier=printable(get("cid", ""), "company's number", 30),
        remittance_information=printable(get("iref", ""), "reference", 50),
        issue_date=day(found["idt"], "%Y%m%d") if get("idt") else None,
        due_date=day(found["ddt"], "%Y%m%d") if get("ddt") else None,
        amount_due=due if get("due") and get("tp") != _PAID_BEFOREHAND else None,
        total_vat=amount(found["vat"], r"-?\d{1,12}(?:\.\d{1,6})?") if get("vat") else None,
        currency_code=currency(code) if code else None,
        payment_account_identifier=_account(get("pt", ""), get("acc", "")),
    )


def _account(kind: str, text: str) -> str:
    if not text:
        return ""
    if kind == "IBAN":
        return account(text)
    digits = re.sub(r"[\s.-]", "", text)
    if kind not in _ACCOUNT_DIGITS:
        raise PayloadError(f"the kind of account {kind[:8]!r} is unknown")
    fewest, most = _ACCOUNT_DIGITS[kind]
    if not digits.isascii() or not digits.isdigit() or not fewest <= len(digits) <= most:
        raise PayloadError(f"{text[:30]!r} is no account of the kind {kind}")
    if kind == "BBAN":
        return digits
    if not luhn.is_valid(digits):
        raise PayloadError(f"the check digit of the account {text[:30]!r} does not hold")
    return f"{digits[:-4]}-{digits[-4:]}" if kind == "BG" else f"{digits[:-1]}-{digits[-1]}"
