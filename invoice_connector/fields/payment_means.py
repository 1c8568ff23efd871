"""How a paper says that it is paid: labels of the means of payment (BT-81, UNTDID 4461) and of its status with their
values, and short texts that say it without a label, "Paid by card".

Several means are a choice that the customer has, and say nothing of this debt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from invoice_connector.evidence.folding import unaccented
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.statements import Statement, Topic, languages_of, shortened
from invoice_connector.locales import sentence_pattern
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row

_CODES: Mapping[str, str] = {  # UNTDID 4461 by the list of words
    "means_cash": "10",
    "means_transfer": "30",
    "means_card": "48",
    "means_debit": "49",
    "means_online": "68",
}
_CASH, _TRANSFER = "10", "30"
_LABELS = ("means_label", "status_label", "payment_label")  # lists of words; the last are labels before a colon only
_PAID = "paid_stamp"  # the list of words
_PAGES = 6  # that are looked at; what follows is terms
_LONGEST, _FEW = 8, 6  # words of a value, and of a text without a label
_BESIDE, _BELOW = 25.0, 2.5  # heights between a label and the value beside it or under it
_COLON = re.compile(r" ?[:：] ?")
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}(?![\d.,])")


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """``text``: label and value as printed; ``codes``: the means that the value names (UNTDID 4461), none or several;
    ``paid``: whether it says that the money was taken; ``page`` from 1; ``box`` of the value."""

    text: str
    codes: frozenset[str]
    paid: bool
    page: int
    box: BoundingBox


@dataclass(frozen=True, slots=True)
class _Entry:
    """A label of the list ``name`` with its value, both folded, as printed in ``text``; ``place`` of the value."""

    name: str
    label: str
    value: str
    text: str
    place: Segment


def payment_means_of(contexts: Sequence[PageContext]) -> tuple[PaymentMeans, ...]:
    """What the first pages say of how they are paid, in the order of the pages."""
    found = (_means_in(context, segment) for context in contexts[:_PAGES] for segment in context.segments)
    return tuple(means for means in found if means is not None)


def means_statements(means: Sequence[PaymentMeans]) -> Iterator[Statement]:
    """What follows for the debt: it is paid, or by one means that is no transfer, so that nobody is to transfer it."""
    for each in means:
        if each.paid:
            yield Statement(Topic.PAID, shortened(each.text))
        elif len(each.codes) == 1 and _TRANSFER not in each.codes:
            yield Statement(Topic.COLLECTED, shortened(each.text))


def _means_in(context: PageContext, segment: Segment) -> PaymentMeans | None:
    entry = _entry(context, segment)
    if entry is None:
        return _unlabelled(context, segment)
    value = entry.value
    if len(value.split()) > _LONGEST:
        return None
    codes = frozenset() if entry.name == "status_label" else _codes(value)
    if codes == {_CASH} and any(map(str.isdigit, value)):  # terms: "cash 2 % discount"
        return None
    paid = _is_paid(f"{entry.label} {value}" if _says_paid(entry) else value, context.language)
    text = " ".join(entry.text.split())
    return PaymentMeans(text, codes, paid, segment.page, entry.place.box) if codes or paid else None


def _says_paid(entry: _Entry) -> bool:
    """Whether the label itself does, in its own language: "Paid by"; "pago" is paid or payment."""
    return bool({*languages_of(entry.label, _PAID)} & {*languages_of(entry.label, entry.name)})


def _unlabelled(context: PageContext, segment: Segment) -> PaymentMeans | None:
    """A short text that says both: how, and that it was paid; without an amount on its row, which would be a part."""
    if len(segment.text.split()) > _FEW:
        return None
    plain = unaccented(segment.text)
    if (
        not sentence_pattern(_PAID).search(plain)
        or not (codes := _codes(plain))
        or not _is_paid(plain, context.language)
    ):
        return None
    row = (each for each in context.by_height.beside(segment.box) if same_row(each.box, segment.box))
    amounts = any(_AMOUNT.search(each.text) for each in row)
    return None if amounts else PaymentMeans(segment.text, codes, True, segment.page, segment.box)


def _entry(context: PageContext, segment: Segment) -> _Entry | None:
    """The label that a segment has, before a colon or as its first words, and the value behind, beside or under it."""
    plain = unaccented(segment.text)
    for name in _LABELS:
        label = sentence_pattern(name).search(plain)
        colon = _COLON.match(plain, label.end()) if label else None
        if label is None or not (colon or label.start() == 0):
            continue
        rest = plain[colon.end() if colon else label.end() :].strip()
        if rest and (colon or name == "means_label"):
            return _Entry(name, label[0], rest, segment.text, segment)
        if not rest and label.start() == 0 and (colon or name != "payment_label"):
            value = next((each for each in _near(context, segment) if _tells(unaccented(each.text))), None)
            text = segment.text.rstrip(" :")
            return _Entry(name, label[0], unaccented(value.text), f"{text}: {value.text}", value) if value else None
    return None


def _near(context: PageContext, label: Segment) -> Iterator[Segment]:
    """What stands next right of a label, and what stands next under it."""
    reach = label.box.right + _BESIDE * label.height
    row = (each for each in context.by_height.beside(label.box) if same_row(each.box, label.box))
    beside = [each for each in row if label.box.right <= each.box.left <= reach]
    deepest = label.box.bottom + _BELOW * label.height
    below = [
        each
        for each in context.segments
        if label.box.bottom <= each.box.center[1] <= deepest
        and each.box.left < label.box.right
        and label.box.left < each.box.right
    ]
    yield from sorted(beside, key=lambda each: each.box.left)[:1]
    yield from sorted(below, key=lambda each: each.box.top)[:1]


def _tells(plain: str) -> bool:
    return bool(sentence_pattern(_PAID).search(plain) or _codes(plain))


def _codes(plain: str) -> frozenset[str]:
    return frozenset(code for name, code in _CODES.items() if sentence_pattern(name).search(plain))


def _is_paid(plain: str, own: str | None) -> bool:
    """Whether a text says so, in a language in which nothing else in it says that it is still to be; "cash" does not.
    What some language calls a payment is paid only on a page in another that calls it so: ``own``, if known."""
    rest = _without_means(plain)
    return any(
        (language == own or not _calls_payment(plain, language))
        and not any(sentence_pattern(name, language).search(rest) for name in ("pending", "in_case"))
        for language in languages_of(plain, _PAID)
    )


def _calls_payment(plain: str, language: str) -> bool:
    found = sentence_pattern(_PAID, language).search(plain)
    return found is not None and sentence_pattern("payment_label").search(found[0]) is not None


def _without_means(plain: str) -> str:
    for name in _CODES:
        while found := sentence_pattern(name).search(plain):
            plain = f"{plain[: found.start()]} {plain[found.end() :]}"
    return plain
