"""Whether an extracted field says what the document's truth says."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, FIELD_NAMES, FieldValue, Invoice, InvoiceField
from scripts.evaluation.datasets import Sample

ALIKE = 0.9  # normalised Levenshtein similarity from which two names count as the same
NAMES = frozenset({"seller_name", "seller_address", "buyer_name", "buyer_address", "payment_terms", "buyer_reference"})


class Mark(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FieldScore:
    """Counts per field name, which add up over documents."""

    counts: Mapping[str, Mapping[Mark, int]] = field(default_factory=dict)

    def __add__(self, other: FieldScore) -> FieldScore:
        names = sorted({*self.counts, *other.counts})
        return FieldScore(
            {name: {mark: self.count(name, mark) + other.count(name, mark) for mark in Mark} for name in names}
        )

    def count(self, name: str, mark: Mark) -> int:
        return self.counts.get(name, {}).get(mark, 0)

    def accuracy(self, name: str) -> float:
        """Right ones over all that the pages show."""
        total = sum(self.count(name, mark) for mark in Mark)
        return self.count(name, Mark.RIGHT) / total if total else float("nan")

    @property
    def overall(self) -> float:
        right = sum(self.count(name, Mark.RIGHT) for name in self.counts)
        total = sum(sum(marks.values()) for marks in self.counts.values())
        return right / total if total else float("nan")


def score_fields(found: Mapping[str, InvoiceField], sample: Sample) -> FieldScore:
    """One document: a mark for each field that its truth names; others of the sample's values are as right."""
    marks: dict[str, Mark] = {}
    for name in sample.truth.keys() & FIELD_NAMES:
        fields = [found.get(term) for term in (name, sample.twins.get(name)) if term]
        own = [mark(each, name, true) for each in fields for true in (sample.truth[name], *sample.others.get(name, ()))]
        marks[name] = Mark.RIGHT if Mark.RIGHT in own else own[0]
    return FieldScore({name: {mark: 1} for name, mark in marks.items()})


def lines_right(invoice: Invoice, sample: Sample) -> bool | None:
    """Whether the lines' net amounts are those of the truth, whatever their order and signs; None without truth."""
    if not sample.invoice_lines:
        return None
    true = Counter(abs(Decimal(line["net_amount"])) for line in sample.invoice_lines)
    return Counter(abs(line.net_amount) for line in invoice.lines) == true


def mark(found: InvoiceField | None, name: str, true: str) -> Mark:
    """Amounts are compared as decimals, dates as dates, identifiers without spaces and case, names loosely."""
    if found is None:
        return Mark.MISSING
    return Mark.RIGHT if same(name, found.value, true) else Mark.WRONG


def judge(found: InvoiceField, sample: Sample) -> bool | None:
    """Whether a field that was found is right; None where the truth does not say.

    A field the document does not have is wrong; one it has without showing it is right when the value is."""
    name = found.name
    accepted = (*((sample.truth[name],) if name in sample.truth else ()), *sample.others.get(name, ()))
    if accepted:
        return any(same(name, found.value, true) for true in accepted)
    return False if sample.absent and name not in _LOOSELY_LABELLED else None


_LOOSELY_LABELLED = frozenset({"invoice_type_code", "payment_terms", "buyer_reference"})  # a receipt's title, for one


def same(name: str, value: FieldValue, true: str) -> bool:
    """Whether the value of the field ``name`` is the true one, in the sense of ``mark``."""
    if name in AMOUNT_FIELDS:
        return value == _amount(true)
    if name in DATE_FIELDS:
        return value == _day(true)
    if name in NAMES:
        one, other = _letters(str(value)), _letters(true)
        return Levenshtein.normalized_similarity(one, other) >= ALIKE
    return _bare(str(value)) == _bare(true)


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(re.sub(r"[^\d.-]", "", text))
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    """ISO dates as they are; any other form is read by the product's own parser, day before month."""
    from invoice_connector.fields.dates import parse_date

    try:
        return date.fromisoformat(text)
    except ValueError:
        return parse_date(text)


def _letters(text: str) -> str:
    decomposed = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in decomposed if char.isalnum())


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()
