"""IBANs that a narrow column breaks, Polish ones without their country too: the end of one line and the beginning of
the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identifiers import iban_length, iban_valid
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.shelves import Shelves

_BEGUN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ ]{0,2}[A-Z0-9]){0,28}$")
_POLISH = re.compile(r"(?<![A-Za-z0-9])(?<!\d )\d{2}(?: ?\d{4}){1,5}(?: ?\d{1,3})?$")
_FAR = 1.5  # heights of a line between the two


@dataclass(frozen=True, slots=True, eq=False)
class WrappedIban:
    """An IBAN from ``start`` of one segment to ``end`` of the next, with or without its country; its check digits
    hold."""

    upper: Segment
    start: int
    lower: Segment
    end: int
    value: str

    @property
    def text(self) -> str:
        return f"{self.upper.text[self.start :]} {self.lower.text[: self.end]}"


def wrapped_ibans(segments: Sequence[Segment], rows: Shelves[Segment]) -> Iterator[WrappedIban]:
    """Every IBAN whose country's length is reached in the line below it, with check digits that tell; ``rows``: the
    segments by height."""
    for upper in segments:
        match, country = _BEGUN.search(upper.text), ""
        if match is None:
            match, country = _POLISH.search(upper.text), "PL"
        if match is None:
            continue
        begun = country + _bare(match[0])
        missing = (iban_length(begun[:2]) or 0) - len(begun)
        for lower in rows.beside(_next_row(upper)) if missing > 0 else ():
            end = _place_after(lower.text, missing)
            whole = begun + _bare(lower.text[:end])
            if end and goes_on_in(upper, lower) and iban_valid(whole):
                yield WrappedIban(upper, match.start(), lower, end, whole.removeprefix(country))


def _place_after(text: str, count: int) -> int:
    """Where the first ``count`` capitals and digits of a text end, if its first words have just so many; else 0."""
    rest = re.match(rf"(?:[A-Z0-9][ ]{{0,2}}){{{count - 1}}}[A-Z0-9](?![A-Za-z0-9])", text)
    return rest.end() if rest else 0


def _next_row(upper: Segment) -> BoundingBox:
    """Where the next line of a segment's column may be."""
    box = upper.box
    return BoundingBox(box.left, box.top, box.right, box.bottom + ceil((_FAR + 1.0) * upper.height))


def goes_on_in(upper: Segment, lower: Segment) -> bool:
    """Whether a segment is the next line of the other's column."""
    gap = lower.box.top - upper.box.bottom
    return -0.3 * upper.height <= gap <= _FAR * upper.height and lower.box.horizontal_overlap(upper.box) > 0


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)
