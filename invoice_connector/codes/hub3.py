"""HUB3, Croatian: Hrvatska udruga banaka, "2D bar kod prema HUB3 standardu" (2013), with the euro of 2023."""

from __future__ import annotations

import re

from invoice_connector.codes.payload import PayloadError, Values, account, cents, lines_of, named, printable

_LINES = 14
_LONGEST = (30, 27, 27, 25, 25, 27)  # payer's and payee's name, street and town


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    if not text.startswith("HRVHUB30"):
        return None
    lines = lines_of(text, _LINES - 1, _LINES)
    _, currency, due, *parties = lines[:9]
    iban, model, reference, purpose, *rest = lines[9:]
    if currency not in ("EUR", "HRK") or lines[0] != "HRVHUB30":
        raise PayloadError(f"the currency {currency[:10]!r} is neither EUR nor HRK")
    if not re.fullmatch(r"(HR\d\d)?", model) or not re.fullmatch(r"[\d-]{0,22}", reference) or len(purpose) > 4:
        raise PayloadError("its model, reference or purpose has another form")
    names = [printable(each, "name or address", most) for each, most in zip(parties, _LONGEST, strict=True)]
    payer, payer_street, payer_town, payee, payee_street, payee_town = names
    return named(
        currency_code=currency,
        amount_due=cents(due, 15) or None,
        buyer_name=payer,
        buyer_address=", ".join(filter(None, (payer_street, payer_town))),
        seller_name=payee,
        seller_address=", ".join(filter(None, (payee_street, payee_town))),
        payment_account_identifier=account(iban, ("HR",)),
        remittance_information=f"{model} {reference}" if model and reference else reference,
        message=printable("".join(rest), "description", 35),
    )
