"""Which family a payload is of, and the codes of a document with what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from invoice_connector.codes import (
    epc,
    finnish,
    hub3,
    indian,
    paybysquare,
    pix,
    polish,
    portuguese,
    rksv,
    spanish,
    spayd,
    swiss,
    tse,
    upn,
    usingqr,
    zatca,
)
from invoice_connector.codes.payload import PayloadError, Values
from invoice_connector.invoice import FieldValue, plain
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import DocumentReading, PageCode, PageReading

UNKNOWN = "unknown"
TEXT = "Text"  # the symbology of a code that is printed in digits
FAMILIES: Mapping[str, Callable[[str], Values | None]] = MappingProxyType(
    {
        "swiss_qr_bill": swiss.values,
        "epc": epc.values,
        "usingqr": usingqr.values,
        "spayd": spayd.values,
        "pay_by_square": paybysquare.values,
        "upn_qr": upn.values,
        "hub3": hub3.values,
        "polish_transfer": polish.values,
        "finnish_barcode": finnish.values,
        "portuguese_qr": portuguese.values,
        "atcud": portuguese.atcud,
        "verifactu": spanish.verifactu,
        "ticketbai": spanish.ticketbai,
        "zatca": zatca.values,
        "indian_qr": indian.values,
        "rksv": rksv.values,
        "tse": tse.values,
        "pix": pix.values,
    }
)
"""By name: what gives a payload's values. None: it is of another family; PayloadError: it breaks its family's rules."""

PAYING = frozenset(
    {"swiss_qr_bill", "epc", "usingqr", "spayd", "pay_by_square", "upn_qr", "hub3", "polish_transfer",
     "finnish_barcode", "pix"}
)  # fmt: skip
"""Families by which banks' programs pay."""

_LONGEST = 8_000  # characters of a payload that is looked at


@dataclass(frozen=True, slots=True)
class Code:
    """A code on a page: the family of its payload, the ``symbology``, its text as it is, and its ``values``, of which
    there are none where ``problem`` says which rule of its family it breaks."""

    kind: str
    symbology: str
    text: str
    page: int
    box: BoundingBox
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """As in the JSON of the contract."""
        found: dict[str, Any] = {
            "kind": self.kind,
            "symbology": self.symbology,
            "text": self.text,
            "page": self.page,
            "box": list(self.box.as_tuple()),
            "values": {name: plain(value) for name, value in self.values.items()},
        }
        return {**found, "problem": self.problem} if self.problem else found


def codes_of(reading: DocumentReading) -> tuple[Code, ...]:
    """The codes of a document's pages, those too whose digits are only printed."""
    found: list[Code] = []
    for page in reading.pages:
        symbols = codes_on(page.number, page.codes)
        texts = {code.text for code in symbols}
        found += (*symbols, *(code for code in _printed_on(page) if code.text not in texts))
    return tuple(found)


def without_printed_codes(text: str) -> str:
    """A line's text without the digits of a code."""
    return finnish.PRINTED.sub(" ", text)


def _printed_on(page: PageReading) -> Iterator[Code]:
    """Codes in digits, where what they say holds by its own check digits."""
    for line in page.lines:
        for match in finnish.PRINTED.finditer(line.line.text):
            text = match[0].replace(" ", "")
            kind, values, problem = payload(text)
            if values and not problem:
                yield Code(kind, TEXT, text, page.number, line.line.box, values)


def codes_on(number: int, found: Sequence[PageCode]) -> tuple[Code, ...]:
    """The codes of the page of that number."""
    read = ((code, *payload(code.text)) for code in found)
    return tuple(
        Code(kind, code.kind, code.text, number, code.box, values, problem) for code, kind, values, problem in read
    )


@lru_cache(maxsize=256)  # asked about in extraction and once more for the record
def payload(text: str) -> tuple[str, Values, str]:
    """The family of a payload, its values and which rule it breaks."""
    if len(text) > _LONGEST:
        return UNKNOWN, {}, ""
    for name, values in FAMILIES.items():
        try:
            found = values(text)
        except PayloadError as error:
            return name, {}, f"{error}"
        if found is not None:
            return name, MappingProxyType(dict(found)), ""
    return UNKNOWN, {}, ""
