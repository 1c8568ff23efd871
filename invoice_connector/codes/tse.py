"""The code of German tills: Bundesministerium der Finanzen, "DSFinV-K" version 2.4, annex I: fields behind semicolons,
the signature unchecked."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from decimal import Decimal

from invoice_connector.codes.payload import PayloadError, Values, amount, named

_FIELDS = 12  # version, till, kind, data, transaction, counter, start, end, algorithm, format, signature, key
_RATES = 5  # sums by rate, before the means of payment


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    fields = text.split(";")
    if fields[0] != "V0":
        return None
    if len(fields) != _FIELDS:
        raise PayloadError(f"it has {len(fields)} fields, and {_FIELDS} are wanted")
    _, _, kind, data, transaction, counter, start, end, *_, signature, key = fields
    if not transaction.isdigit() or not counter.isdigit():
        raise PayloadError("its numbers of transaction and signature are none")
    if any(_decoded(each) is None for each in (signature, key)):
        raise PayloadError("its signature or key is no Base64")
    moments = [_moment(each) for each in (start, end) if each]
    total = _total(data) if kind.startswith("Kassenbeleg") else None
    return named(
        issue_date=moments[-1].date() if moments else None,
        total_with_vat=total,
        currency_code="EUR" if total is not None else None,
    )


def _total(data: str) -> Decimal:
    """The sum over the rates, of which there are five."""
    parts = data.split("^")
    sums = parts[1].split("_") if len(parts) == 3 else []
    if len(sums) != _RATES:
        raise PayloadError("its data have not a sum for each of five rates")
    return sum((amount(each, r"-?\d{1,12}\.\d{2}") for each in sums), Decimal(0))


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z?", text, re.ASCII):
        raise PayloadError(f"{text[:30]!r} is no time")
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise PayloadError(f"{text[:30]!r} is no time") from error


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
