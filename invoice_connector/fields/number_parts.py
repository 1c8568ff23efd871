"""What a number is a piece of: an IBAN that begins before it, or a telephone number; whether it is a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import ceil

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identifiers import find_identifiers, iban_length, vat_valid
from invoice_connector.locales import alternatives
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row

# The beginning of an IBAN up to the end of the text: country, check digits, groups.
_IBAN_BEGUN = re.compile(r"(?<![A-Z0-9])(?P<country>[A-Z]{2})\d{2}(?: ?[A-Z0-9]{2,4})*[ .:-]*$")
_SHORTEST_TAIL = 4  # digits
_ABOVE = 1.5  # of the height: the most white between two rows of one IBAN
_TELEPHONE = re.compile(
    r"(?<!\d)(?<!\d )(?:\+[1-9]\d{0,2}[ ()./-]*\d[\d ()./-]{5,}|(?<![\w/-])00[1-9](?:[ ()./-]*\d){8,}|\(0\)[\d ./-]{5,}"
    r"|\(?0\d{1,4}[ )]*[-/–][ ]?(?=\d{1,4} \d)[\d ]{6,}|\(?0\d{1,4}[ )]+[-/–] ?\d{5,})"
)
_DAYS = ("issue_date", "due_date", "_date")
_CALLED_DAY, _DATED = 0.3, 0.6  # evidence that a label calls a print a day; that another day is the document's
_DIALLED = re.compile(r"[\d ()+./–-]*")


def in_iban(scene: Scene, candidate: Candidate) -> bool:
    """Whether the number is a piece of an IBAN: part of one's print, behind or under the beginning of one."""
    if candidate.kind is Kind.IBAN:
        return False
    text = candidate.segment.text
    for found in find_identifiers(text, "iban"):
        inside = found.start < candidate.end and candidate.start < found.end
        if inside and (found.valid or vat_valid(found.value) is None):
            return True
    if _begins(text[: candidate.start], candidate):
        return True
    if text[: candidate.start].strip():
        return False
    near = scene.context(candidate).by_height.beside(_with_row_above(candidate.segment.box))
    return any(s is not candidate.segment and _is_before(s, candidate) and _begins(s.text, candidate) for s in near)


def in_vat_identifier(candidate: Candidate) -> bool:
    """Whether the number is a piece of a VAT identifier with valid check digits: "953 847 051" of a Norwegian one."""
    found = () if candidate.kind is Kind.VAT else find_identifiers(candidate.segment.text, "vat")
    return any(o.valid and o.start < candidate.start and candidate.start < o.end for o in found)


def in_telephone(scene: Scene, candidate: Candidate) -> bool:
    """Whether the number is a telephone's or a piece of one."""
    segment, context = candidate.segment, scene.context(candidate)
    for match in _TELEPHONE.finditer(segment.text):
        if match.start() < candidate.end and candidate.start < match.end():
            return True
    before = _called().search(segment.text[: candidate.start]) or _dialled_since_label(segment.text[: candidate.start])
    if before:
        return True
    if not _DIALLED.fullmatch(segment.text[: candidate.start]):
        return False
    beside = _left_of(context, segment)
    return beside is not None and bool(_called().search(beside.text))


def is_day(scene: Scene, candidate: Candidate) -> bool:
    """Whether a number that is printed as days are is one: a label calls it so, or none dates the document by another
    day."""
    prints = [day for day in scene.of_kind(Kind.DATE) if day.segment is candidate.segment and not day.text.isdigit()]
    own = [day for day in prints if day.start < candidate.end and candidate.start < day.end]
    if not own:
        return False
    if any(best_link(scene, day, term)[1] > _CALLED_DAY for day in own for term in _DAYS):
        return True
    others = (day for day in scene.of_kind(Kind.DATE) if day not in own)
    return not any(best_link(scene, day, "issue_date")[1] > _DATED for day in others)


@cache
def _called() -> re.Pattern[str]:
    """What announces a telephone number, at the end of a text."""
    words = alternatives("telephone", "telephone_verbs")
    return re.compile(rf"(?:\b{words}\b\.?|[☎✆])[^\d]{{0,12}}$", re.IGNORECASE)


def _dialled_since_label(text: str) -> bool:
    """Whether nothing but the signs of a telephone number stands since its label: "Tel. 031-390 06 20"."""
    at = max((match.start() for match in re.finditer(r"[^\W\d_]", text)), default=-1) + 1
    return at > 0 and bool(_DIALLED.fullmatch(text[at:].lstrip(" .:"))) and bool(_called().search(text[:at]))


def _begins(text: str, candidate: Candidate) -> bool:
    """Whether ``text`` ends with an IBAN that is not yet as long as its country's."""
    if sum(map(str.isdigit, candidate.text)) < _SHORTEST_TAIL:
        return False
    match = _IBAN_BEGUN.search(text)
    if match is None:
        return False
    length = iban_length(match["country"])
    compact = re.sub(r"[^A-Z0-9]", "", match[0])
    return length is not None and 4 <= len(compact) < length and not vat_valid(compact)


def _with_row_above(box: BoundingBox) -> BoundingBox:
    """The rows of pixels in which ``_is_before`` may find something."""
    return replace(box, top=box.top - ceil(_ABOVE * box.height) - 1)


def _is_before(segment: Segment, candidate: Candidate) -> bool:
    """Whether a segment stands right before the candidate's on its row, or right above it and begins where it does."""
    own, other = candidate.segment.box, segment.box
    if segment.page != candidate.page:
        return False
    beside = same_row(own, other) and 0 <= own.left - other.right <= 4 * own.height
    gap = own.top - other.bottom
    above = -0.3 * own.height <= gap <= _ABOVE * own.height and abs(own.left - other.left) <= own.height
    return beside or above


def _left_of(context: PageContext, segment: Segment) -> Segment | None:
    beside: Sequence[Segment] = [
        s
        for s in context.by_height.beside(segment.box)
        if s is not segment and same_row(s.box, segment.box) and s.box.right <= segment.box.left
    ]
    return max(beside, key=lambda s: s.box.right, default=None)
