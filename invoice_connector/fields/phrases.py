"""Terms whose value is a run of words: the buyer's reference, the payment terms."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from invoice_connector.fields.candidates import joint_provenance
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.labels import Label
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.terms_in_words import StatedTerms, stated_terms
from invoice_connector.invoice import InvoiceField
from invoice_connector.locales import alternatives
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row

TERMS = ("buyer_reference", "payment_terms")
_MAX_GAP_RIGHT = 28.0  # line heights
_MAX_GAP_BELOW = 1.6
_LONGEST = 90  # characters; more is prose
_SHORTEST = 3  # letters of terms


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
    score: float
    parts: tuple[tuple[Segment, int, int], ...]  # of the segments that it is printed in
    named: float = 1.0  # 0.5 behind a label that others have, too: "Att.: Accounts Payable"; 0 without a label


def phrase_fields(contexts: tuple[PageContext, ...]) -> dict[str, Chosen]:
    """For each term the words behind, right of or below its best label, or terms of payment stated without one."""
    fields = {}
    for term in TERMS:
        found = [p for context in contexts for label in context.labels for p in _phrases(context, label, term)]
        if not found and term == "payment_terms":
            found = [_stated(stated) for context in contexts for stated in stated_terms(context)]
        if found:
            best = max(found, key=lambda phrase: (phrase.named, phrase.score))
            field = _field(term, best)
            fields[term] = Chosen(field, {"share": best.score, "length": len(field.text)})
    return fields


def _stated(stated: StatedTerms) -> _Phrase:
    return _Phrase(stated.share, stated.sentence.places(stated.start, stated.end), 0.0)


def _field(term: str, phrase: _Phrase) -> InvoiceField:
    sure, engines = joint_provenance(phrase.parts)
    text = " ".join(segment.text[start:end] for segment, start, end in phrase.parts)
    return InvoiceField(
        name=term,
        value=" ".join(text.split()),
        text=text,
        confidence=phrase.score if sure is None else phrase.score * sure,
        page=phrase.parts[0][0].page,
        box=BoundingBox.union(segment.box_of(start, end) for segment, start, end in phrase.parts),
        engines=engines,
    )


def _phrases(context: PageContext, label: Label, term: str) -> list[_Phrase]:
    meaning = label.meaning(term)
    if meaning is None or (term == "payment_terms" and meaning.strength < 1.0):
        return []
    text = label.segment.text
    if any(character.isalnum() for character in text[: label.start]):
        return []
    later = [o for o in context.labels_of(label.segment) if o.start > label.end and ":" in text[o.end : o.end + 2]]
    end = min((other.start for other in later), default=len(text))
    start, end = _trimmed(text, label.end, end)
    if start < end:
        colon = ":" in text[label.end : start + 1]
        if end - start > _LONGEST or not _fits(label, term, text[start:end]):
            return []
        return [_Phrase(0.9 if colon else 0.6, ((label.segment, start, end),), meaning.strength)]
    beside = _nearest(context, label, term)
    return [] if beside is None else [replace(beside, named=meaning.strength)]


def _nearest(context: PageContext, label: Label, term: str) -> _Phrase | None:
    """The words right of the label, or else those below it, unless they are a label themselves; first of all those
    that tell when to pay, as a row of heads stands beside the label of a table's cell."""
    height = context.line_height
    best: tuple[bool, float, float, Segment] | None = None
    for segment in context.segments:
        if segment is label.segment or len(segment.text) > _LONGEST or not _fits(label, term, segment.text):
            continue
        tells = term == "payment_terms" and _tells_time_to_pay(segment.text)
        if _is_label(context, segment) and not tells:
            continue
        right, down = segment.box.left - label.box.right, segment.box.top - label.box.bottom
        if same_row(segment.box, label.box) and 0 <= right <= _MAX_GAP_RIGHT * height:
            option = (tells, 0.8, -right, segment)
        elif -0.3 * height <= down <= _MAX_GAP_BELOW * height and abs(segment.box.left - label.box.left) <= height:
            option = (tells, 0.6, -down, segment)
        else:
            continue
        if best is None or option[:3] > best[:3]:
            best = option
    if best is None:
        return None
    _, score, _, words = best
    start, end = _trimmed(words.text, 0, len(words.text))
    return _Phrase(score, ((words, start, end),)) if start < end else None


def _fits(label: Label, term: str, text: str) -> bool:
    """Whether a text may be what the label announces: terms are words, and their own when it announces a date too."""
    if term != "payment_terms" or _tells_time_to_pay(text):
        return True
    return label.meaning("due_date") is None and sum(map(str.isalpha, text)) >= _SHORTEST


def _tells_time_to_pay(text: str) -> bool:
    """True of "30 Tage netto", not of "Zahlungsziel: 30 Tage", which is a label with its value."""
    return ":" not in text and bool(_time_to_pay().search(text))


@cache
def _time_to_pay() -> re.Pattern[str]:
    """How long or on what occasion one may pay: what tells "Netto 30 dagar" from the label "Netto"."""
    days, net, occasions = map(alternatives, ("days", "net_days", "payment_occasions"))
    return re.compile(rf"\b\d{{1,3}}\s*{days}\b|^{net}\s+\d{{1,3}}$|\b{occasions}\b", re.IGNORECASE)


def _is_label(context: PageContext, segment: Segment) -> bool:
    return any(not any(c.isalpha() for c in segment.text[: label.start]) for label in context.labels_of(segment))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the signs around it."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in ").%"):
        end -= 1
    return start, end
