"""Titles of papers: which kinds a line names, how strongly, and whether it names the page or another paper's number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import Found, is_numbered, numbers_in, opens, share_named, titles_and_copies
from invoice_connector.fields.learned_titles import learned_titles
from invoice_connector.fields.vocabulary import PARTY_TERMS
from ocr_ensemble.page_layout import same_row

OWN = frozenset({"invoice", "credit_note"})
NEVER_REFERRED_TO = frozenset({"credit_note", "proforma", "reminder"})  # at the head of a line, on an invoice
_REFERRED_TO = frozenset({"quotation", "order", "order_confirmation", "delivery_note", "statement"})
LONGEST_TITLE = 60  # characters
# Where one line names several kinds, the first of these is meant: "Proforma invoice", "Invoice and delivery note".
_FIRST = ("proforma", "reminder", "payment_receipt", "credit_note", "invoice", "till_receipt", "receipt")
_SUM = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}(?![\d.,])")
_COPIED = 2.0  # times a title's strength where it also says that the invoice is another paper
_LABEL = 0.35  # of a title's strength where it may be the label of another paper's number
_LOWEST_TITLE = 0.75  # of the page's height
_LARGE = 1.3  # in heights of the page's lines
_VALUE_WITHIN = 25.0  # heights right of a label


@dataclass(frozen=True, slots=True)
class Title:
    """``strength`` about 0..4; ``alone``: large, or without a value behind or beside it; ``numbered``: at the head of
    a line with a number behind it, "Credit note No. 4711", which is the paper's own or one that it refers to."""

    kind: str
    strength: float
    alone: bool
    text: str
    numbered: bool = False


def titles_of(context: PageContext, segment: Segment) -> list[Title]:
    """The kinds that a segment names as a title."""
    height = segment.box.center[1] / context.page.height
    if len(segment.text) > LONGEST_TITLE or height > _LOWEST_TITLE:
        return []
    found, copies = titles_and_copies(segment.text)
    if not found or _announces_party(context, segment):
        return []
    share = share_named(segment.text, (*found, *copies))
    if share < 0.55:
        return []
    strength, kinds = _strength(context, segment, share) * (_COPIED if copies else 1.0), _meant(found)
    alone = segment.height >= _LARGE * context.line_height or not _is_label(context, segment, found)
    if not alone:
        own = set(kinds) & OWN and not numbers_in(segment.text)  # "Invoice 4711" is a title all the same
        reminds = kinds[0] == "reminder" and opens(segment.text, found)  # of the paper whose number follows
        numbered = (reminds or is_numbered(segment.text, found)) and not _has_sum(context, segment)
        if not (numbered and kinds[0] in NEVER_REFERRED_TO):
            strength *= 0.6 if own else _LABEL
        return [Title(kind, strength, alone, segment.text, numbered) for kind in kinds]
    return [Title(kind, strength, alone, segment.text) for kind in kinds]


def full_strength(title: Title) -> Title:
    """A title with its own number, as strong as one without."""
    reduced = title.numbered and not title.alone and title.kind in _REFERRED_TO
    return replace(title, strength=title.strength / _LABEL, alone=True) if reduced else title


def titles_learned(context: PageContext) -> list[Title]:
    """What no locale calls any paper, but likely means one."""
    named = learned_titles(context)
    return [Title(kind, _strength(context, segment, 1.0), True, segment.text) for segment, kind in named]


def _strength(context: PageContext, segment: Segment, share: float) -> float:
    """Of a title: ``share`` of its letters name a kind; the larger and the higher on the page, the stronger."""
    size, height = min(2.2, segment.height / context.line_height), segment.box.center[1] / context.page.height
    return 1.2 * min(1.0, share) + 1.8 * max(0.0, size - 1.0) + 0.9 * (1.0 - height)


def _has_sum(context: PageContext, segment: Segment) -> bool:
    """Whether an amount stands on the row: "Credit note 12  -50.00" is a line of an invoice."""
    return any(_SUM.search(each.text) for each in context.segments if same_row(each.box, segment.box))


def _announces_party(context: PageContext, segment: Segment) -> bool:
    """Whether the segment is the label of a party: "Bill to"."""
    labels = [label for label in context.labels_of(segment) if label.coverage >= 0.8]
    return any(meaning.term in PARTY_TERMS for label in labels for meaning in label.meanings)


def _meant(found: Sequence[Found]) -> tuple[str, ...]:
    kinds = {kind for each in found for kind in each.kinds}
    first = next((kind for kind in _FIRST if kind in kinds), None)
    return (first,) if first else tuple(sorted(kinds))


def _is_label(context: PageContext, segment: Segment, found: Sequence[Found]) -> bool:
    """Whether the segment names a value rather than the page: with a number or colon behind, or a value beside it."""
    rest = segment.text[max(each.end for each in found) :]
    if ":" in rest or any(character.isdigit() for character in rest) or numbers_in(segment.text):
        return True
    reach = segment.box.right + _VALUE_WITHIN * segment.height
    return any(
        other is not segment
        and segment.box.right <= other.box.left <= reach
        and same_row(other.box, segment.box)
        and any(character.isdigit() for character in other.text)
        for other in context.segments
    )
