"""Whose the numbers of registers and tax offices are: the VAT identifiers of both parties, the seller's register."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identities import SELLER_OR_BUYER, buyers_own, is_part_of_another, keep, pieces_of
from invoice_connector.fields.memory import taught_odds
from invoice_connector.fields.national_numbers import is_vat_identifier
from invoice_connector.fields.ranking import Chosen, Ranked, best_field, rank
from invoice_connector.fields.vocabulary import confused, squeezed
from invoice_connector.invoice import Violation
from invoice_connector.suppliers.layout import has_value
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row

_BLOCK = 9.0  # line heights that what belongs to a party reaches down from its address
_ADDRESS = 2.0  # and from one of its lines to the next
_FOOT = 0.2  # of the page's height; there only the seller speaks of itself
_REGISTERED = "seller_legal_registration_identifier"
_FEW_WORDS = 6  # of a line that is a number and its label
_LONG_WORD = 4  # letters; "An", "To" are no words for the buyer within a label


def registration_fields(scene: Scene, seller: set[Segment], buyer: set[Segment]) -> dict[str, Chosen]:
    """VAT identifiers of both parties and the seller's legal registration, which serves as the former where the tax
    office of the country knows a business by it."""
    fields: dict[str, Chosen] = {}
    ours, theirs = _vat_identifiers(scene, seller, buyer)
    every = rank(scene, _REGISTERED)
    of_buyer = [item for item in every if _is_buyers(scene, item.candidate, seller, buyer)]
    own = [item for item in every if item not in of_buyer and not scene.known.is_own_number(str(item.value))]
    for name, named, registered in (("seller", ours, own), ("buyer", theirs, of_buyer)):
        taxed = [item for item in registered if _is_vat_identifier_too(scene, item)]
        field = f"{name}_vat_identifier"
        keep(fields, best_field(field, named) or best_field(field, taxed))
    in_registers = [item for item in own if item.candidate.kind is Kind.REGISTER]  # nothing else has the form
    keep(fields, best_field(_REGISTERED, own) or best_field(_REGISTERED, in_registers, threshold=-math.inf))
    return fields


def _vat_identifiers(
    scene: Scene, seller: set[Segment], buyer: set[Segment]
) -> tuple[Sequence[Ranked], Sequence[Ranked]]:
    """The numbers that may be the seller's VAT identifier, and the buyer's; an own company's number is the buyer's
    where the pages give the seller another one."""
    every = rank(scene, "vat_identifier")
    pieces = pieces_of(scene, every)
    ranked = [item for item in every if not is_part_of_another(scene, item, "vat_identifier", pieces)]
    open_ = [item for item in ranked if not _is_known_sellers(scene, item)]
    theirs = [item for item in open_ if _is_buyers(scene, item.candidate, seller, buyer)]
    if len(theirs) == len(ranked) and len({item.value for item in theirs}) == 1:  # nearly all print the seller's
        theirs = [item for item in theirs if _is_buyers(scene, item.candidate, seller, buyer, _ADDRESS)]
    ours = [item for item in ranked if item not in theirs]
    theirs = [item for item in theirs if item.value not in {other.value for other in ours}]
    if not theirs:
        theirs = _left_for_buyer(scene, ours, seller)
        ours = [item for item in ours if item not in theirs]
    theirs = sorted((_as_buyers(scene, item) for item in theirs), key=lambda item: -item.score)
    own = [item for item in ranked if scene.known.is_own_number(str(item.value))]
    if any(item not in own for item in ours):
        return [item for item in ours if item not in own], own or theirs
    return ours, theirs


def _left_for_buyer(scene: Scene, ranked: Sequence[Ranked], seller: set[Segment]) -> list[Ranked]:
    """Of two numbers of one form that stand apart, the other than the seller's, which stands at the foot of a page or
    with its name, or is the likeliest: a business prints those of its own beside each other, and has but one of a
    form."""
    if not ranked:
        return []
    sellers = (item for item in ranked if _is_sellers_place(scene, item.candidate, seller))
    first = next(sellers, ranked[0]).candidate
    reach = _BLOCK * scene.context(first).line_height
    return [
        item
        for item in ranked
        if item.value != first.value
        and _form(item.candidate) == _form(first)
        and (item.candidate.page != first.page or _apart(item.candidate.box, first.box) > reach)
    ]


def _is_sellers_place(scene: Scene, candidate: Candidate, seller: set[Segment]) -> bool:
    at_foot = scene.own[candidate]["top"] < _FOOT
    return at_foot or _distance(scene.context(candidate), candidate, seller) < _BLOCK


def _form(candidate: Candidate) -> str:
    """A print with a 0 for every digit and an A for every letter behind the country."""
    value = str(candidate.value)
    return re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", value)) if candidate.kind is not Kind.VAT else value[:2]


def _apart(one: BoundingBox, other: BoundingBox) -> float:
    """The white between two boxes, in pixels."""
    aside = max(one.left, other.left) - min(one.right, other.right)
    below = max(one.top, other.top) - min(one.bottom, other.bottom)
    return max(aside, below)


def _is_vat_identifier_too(scene: Scene, item: Ranked) -> bool:
    return is_vat_identifier(item.candidate.text, scene.context(item.candidate).country.odds)


def _is_known_sellers(scene: Scene, item: Ranked) -> bool:
    """Whether approved documents of the supplier have the number as its own."""
    return has_value("seller_vat_identifier", str(item.value), scene.known.lessons)


def _as_buyers(scene: Scene, item: Ranked) -> Ranked:
    """The number with what earlier documents say of it as the buyer's in place of what they say as the seller's."""
    candidate = item.candidate
    place = (candidate.page, candidate.box)
    buyers, sellers = (
        taught_odds(scene, name, place, candidate.text, candidate.value)
        for name in ("buyer_vat_identifier", "seller_vat_identifier")
    )
    return replace(item, score=item.score + buyers - sellers) if buyers != sellers else item


def mixed_parties(scene: Scene, seller: set[Segment], buyer: set[Segment]) -> Iterator[Violation]:
    """SELLER-OR-BUYER: a VAT identifier that its label calls the buyer's stands with the seller."""
    for candidate in scene.of_kind(Kind.VAT):
        link, _ = best_link(scene, candidate, "vat_identifier")
        text = candidate.segment.text[: candidate.start] if link is None else link.label.segment.text
        context = scene.context(candidate)
        ours, theirs = _distance(context, candidate, seller), _distance(context, candidate, buyer)
        if buyers_own().search(text) and ours < min(theirs, _BLOCK):
            message = (
                f"The VAT identifier {candidate.text} is called the buyer's and stands with the seller; look who sells "
                "and who buys."
            )
            yield Violation(SELLER_OR_BUYER, message, ("seller_name", "buyer_name"))
            return


def _is_buyers(
    scene: Scene, candidate: Candidate, seller: set[Segment], buyer: set[Segment], reach: float = _BLOCK
) -> bool:
    """Whether the number says that it is the customer's, or stands in the customer's address or within ``reach`` line
    heights under it."""
    link, _ = best_link(scene, candidate, "vat_identifier")
    whole = candidate.segment.text
    if link is not None and link.label.segment is not candidate.segment:
        text = link.label.segment.text
    else:
        alone = (link is not None or candidate.kind is Kind.VAT) and len(whole.split()) <= _FEW_WORDS
        text = whole if alone else whole[: candidate.start]
    context = scene.context(candidate)
    if buyers_own().search(text) or _names_buyer(context, text):
        return True
    if candidate.segment in context.buyers:
        return True
    theirs, ours = _distance(context, candidate, buyer), _distance(context, candidate, seller)
    return theirs < ours and theirs < reach


def _names_buyer(context: PageContext, text: str) -> bool:
    """Whether a word of a label is what some language calls the buyer: "adószám (Vásárló)"."""
    words = (confused(squeezed(word)) for word in text.split())
    meanings = (context.vocabulary.phrases.get(word, ()) for word in words if len(word) >= _LONG_WORD)
    return any(meaning.term == "buyer" and meaning.strength == 1.0 for found in meanings for meaning in found)


def _distance(context: PageContext, candidate: Candidate, segments: Sequence[Segment] | set[Segment]) -> float:
    """Line heights from the nearest of the segments above the candidate in its column, or before it on its row."""
    anchor, gaps = candidate.segment.box, []
    for segment in segments:
        aside = anchor.left - segment.box.left
        if segment.page == candidate.page and segment.box.top <= anchor.top:
            if abs(aside) <= 4 * context.line_height:
                gaps.append(anchor.top - segment.box.bottom)
            elif aside > 0 and same_row(anchor, segment.box):
                gaps.append(anchor.left - segment.box.right)
    return min((max(0.0, gap / context.line_height) for gap in gaps), default=99.0)
