"""The code of Austrian tills: Registrierkassensicherheitsverordnung (RKSV), annex, numbers 10 and 12: fields behind
underscores, the signature unchecked."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from invoice_connector.codes.payload import PayloadError, Values, amount, named, printable

_FIELDS = 14  # an empty one, algorithm, till, receipt, time, five sums, counter, certificate, chain, signature
_ALGORITHM = re.compile(r"R\d-[A-Z]{2}\d{1,3}", re.ASCII)


def values(text: str) -> Values | None:
    """The values of a payload; None for another family's. Raises PayloadError."""
    fields = text.split("_")
    if not text.startswith("_R") or len(fields) < 3 or not _ALGORITHM.fullmatch(fields[1]):
        return None
    if len(fields) != _FIELDS or not all(fields[1:]):
        raise PayloadError(f"it has {len(fields) - 1} fields, and {_FIELDS - 1} are wanted")
    sums = [amount(each.replace(",", "."), r"-?\d{1,12}\.\d{2}") for each in fields[5:10]]
    try:
        moment = datetime.strptime(fields[4], "%Y-%m-%dT%H:%M:%S")
    except ValueError as error:
        raise PayloadError(f"{fields[4][:30]!r} is no time") from error
    return named(
        invoice_number=printable(fields[3], "receipt's number", 60),
        issue_date=moment.date(),
        total_with_vat=sum(sums, Decimal(0)),
        currency_code="EUR",
    )
