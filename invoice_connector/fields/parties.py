"""Who sells and who buys: names are scored by labels, letterhead, legal form and what stands around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

from rapidfuzz.fuzz import partial_ratio

from invoice_connector.fields.addresses import ADDRESS_LINES, address_below, address_on
from invoice_connector.fields.block_names import BlockNames, block_names
from invoice_connector.fields.candidates import joint_provenance
from invoice_connector.fields.features import Scene, agreement
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.labels import Label, without_title
from invoice_connector.fields.legal_forms import ends_legal_form
from invoice_connector.fields.line_patterns import without_registration
from invoice_connector.fields.lines import (
    DECORATION,
    LineKind,
    is_salutation,
    name_end,
    sender_address,
    sender_parts,
    without_label,
)
from invoice_connector.fields.name_lines import continues_name
from invoice_connector.fields.non_parties import names_nobody, priced_lines
from invoice_connector.fields.party_pages import PartyPage, domains_of, party_page
from invoice_connector.fields.party_relations import RELATIONS, relations
from invoice_connector.fields.party_surroundings import SURROUNDINGS, surroundings
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.locales import alternatives
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row

_LABELS = ("seller_label", "buyer_label", "party_label", "payee_label")
_OWN_NUMBERS = ("vat_identifier", "legal_registration", "iban", "bic", "bankgiro", "plusgiro")
_HEAD = 9.0  # line heights that a letterhead reaches down from its name
_BEYOND = 3.0  # times that: nothing there is part of it, not even what is taller
_GARBLED = 0.2  # probability below which what was read is a logo or a scribble, not a name
PARTY_FACTS = (
    "top", "relative_height", "legal_form", "contact_near", "contact_within", "address_below", "addressed", "domain",
    "first_of_block", "sender_line", "continuation", "legal_form_below", "address_like", "prose", "seller_label",
    "buyer_label", "party_label", "payee_label", "first_page", "repeats", "first_text", "receipt", "place", "x",
    "words", "capitals", "digits", "above", "postal_below",
    "sure", "other_company", *SURROUNDINGS, *RELATIONS,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PartyLine:
    """A possible party: its name's segments, the address lines found below, and the scores as either party."""

    name: str
    segments: tuple[Segment, ...]
    address: tuple[Segment, ...]
    facts: Mapping[str, float]
    part: tuple[int, int] | None = None  # of the only segment, when the name is a piece of its line
    seller_score: float = 0.0
    buyer_score: float = 0.0

    @property
    def box(self) -> BoundingBox:
        if self.part is not None:
            return self.segments[0].box_of(*self.part)
        return BoundingBox.union(segment.box for segment in self.segments)


@cache
def _owned() -> re.Pattern[str]:
    return re.compile(rf"\(?{alternatives('operated_by')}:? (?P<owner>.+?)\)?", re.IGNORECASE)


def find_parties(scene: Scene) -> list[PartyLine]:
    """All possible parties of the document with their scores, in reading order."""
    pages = [party_page(context, scene.kinds) for context in scene.contexts]
    domains = domains_of(scene.contexts)
    names = Counter(squeezed(segment.text) for page in pages for segment in page.kinds)
    found: list[PartyLine] = []
    for index, page in enumerate(pages):
        first_text = next((s for s in page.context.segments if page.kinds[s].name and len(squeezed(s.text)) > 3), None)
        priced = priced_lines(page)
        for run in page.runs:
            facts_of_run, block = _Run.of(page, run), block_names(page, run)
            told: set[Segment] = set()  # the further lines of names
            for place, segment in enumerate(run):
                kind = page.kinds[segment]
                sure = provenance_of([segment])[0]
                garbled = sure is not None and sure < _GARBLED and not kind.legal_form
                own = scene.known.own_name(segment.text) is not None
                if garbled or segment in told or (names_nobody(page, run, place) and not own):
                    continue
                if not (kind.legal_form or scene.receipt or segment in block.rest) and segment in priced:
                    continue
                if segment in block.contacts:
                    continue
                head = run.index(block.head[segment]) if segment in block.head else place
                facts = _facts(page, facts_of_run, place, head, domains) | {
                    "first_page": float(index == 0),
                    "repeats": float(names[squeezed(segment.text)] > 1),
                    "first_text": float(segment is first_text and index == 0),
                    "receipt": float(scene.receipt),
                    "place": min(len(found), 30) / 30,
                    "sure": 0.5 if sure is None else sure,
                    "named_seller": agreement(scene, "seller_name", segment.text),
                    "named_buyer": agreement(scene, "buyer_name", segment.text),
                }
                found.append(_party(page, run, place, block, facts))
                told.update(found[-1].segments[1:])
    return _scored(scene, found)


def _scored(scene: Scene, parties: Sequence[PartyLine]) -> list[PartyLine]:
    """The parties with the fitted scores of either role."""
    companies = {party.name for party in parties if party.facts["legal_form"] and not party.facts["address_like"]}
    around = surroundings(scene, [(party.name, party.segments[0]) for party in parties])
    parties = [
        replace(party, facts={**party.facts, **own, "other_company": float(bool(companies - {party.name}))})
        for party, own in zip(parties, around, strict=True)
    ]
    among = relations([(party.name, party.facts) for party in parties])
    parties = [replace(party, facts={**party.facts, **own}) for party, own in zip(parties, among, strict=True)]
    registered = sorted(squeezed(segment.text) for segment, kind in scene.kinds.items() if kind.legal_form)
    facts = [{**party.facts, "legal_form": _has_form_anywhere(party, registered)} for party in parties]
    scores = zip(scene.ranker.scores("seller_name", facts), scene.ranker.scores("buyer_name", facts), strict=True)
    return [replace(p, seller_score=s, buyer_score=b) for p, (s, b) in zip(parties, scores, strict=True)]


def _has_form_anywhere(party: PartyLine, registered: Sequence[str]) -> float:
    """The fact ``legal_form``, also for a brand whose name in full begins another line: a company is meant by it.

    ``registered``: the lines with a legal form, squeezed and in order.
    """
    name = squeezed(party.name)
    place = bisect_right(registered, name)
    begun = any(line.startswith(name) for line in registered[place : place + 1])
    return float(begun or bool(party.facts["legal_form"]))


def party_segments(party: PartyLine | None) -> set[Segment]:
    """All segments that belong to the party's name and address."""
    return set() if party is None else {*party.segments, *party.address}


def provenance_of(segments: Sequence[Segment]) -> tuple[float | None, tuple[str, ...]]:
    """The lowest confidence of the segments' words and the engines that support all of them."""
    return joint_provenance((segment, 0, len(segment.text)) for segment in segments)


@dataclass(frozen=True, slots=True)
class _Run:
    """A text column with what each of its lines needs to know of the others: their kinds, whether contacts or
    registrations are among them, and how many names stand before each line."""

    lines: Sequence[Segment]
    kinds: Sequence[LineKind]
    reachable: bool
    names_before: Sequence[int]

    @classmethod
    def of(cls, page: PartyPage, lines: Sequence[Segment]) -> _Run:
        kinds = [page.kinds[line] for line in lines]
        names = [kind.name and not is_salutation(line.text) for kind, line in zip(kinds, lines, strict=True)]
        reachable = any(kind.contact or kind.registration for kind in kinds)
        return cls(lines, kinds, reachable, list(accumulate(names, initial=0)))


def _facts(page: PartyPage, column: _Run, place: int, head: int, domains: Sequence[str]) -> dict[str, float]:
    """``place``: of the name's first line in its column; ``head``: of the line that its block begins with."""
    run, kinds = column.lines, column.kinds
    segment, context = run[place], page.context
    after = kinds[place + 1 : place + 1 + ADDRESS_LINES]
    key = squeezed(segment.text)
    before = column.names_before[head]
    sender = sender_parts(segment.text)
    under = [page.kinds[s] for s in _column_below(page, segment)]
    nameless = column.reachable or any(k.contact or k.registration for k in under)
    addressed = any(k.postal for k in after[:5]) and not nameless
    return {
        "top": max(0.0, 1.0 - segment.box.center[1] / (0.6 * context.page.height)),
        "relative_height": min(2.0, max(0.0, segment.height / context.line_height - 1.0)) * 1.5,
        "legal_form": float(page.kinds[segment].legal_form or _gains_legal_form(page, run, place)),
        "contact_near": float(any(kind.contact or kind.registration for kind in (*after, *under))),
        "contact_within": float(kinds[place].contact or _tells_numbers(page, segment)),
        "address_below": float(any(kind.address for kind in after[:3])),
        "addressed": float(addressed),
        "domain": float(len(key) >= 4 and any(len(d) >= 4 and partial_ratio(d, key) >= 88 for d in domains)),
        "first_of_block": float(not before),
        "sender_line": float(bool(sender)),
        "continuation": float(
            place > 0 and page.kinds[run[place - 1]].name and continues_name(page, run[place - 1], segment)
        ),
        "legal_form_below": float(place + 1 < len(run) and _is_trade_name(page, segment, run[place + 1])),
        "address_like": float(kinds[place].address and not kinds[place].legal_form and not sender),
        "prose": float(len(segment.text.split()) > 8 and not sender),
        "x": segment.box.center[0] / context.page.width,
        "words": min(len(segment.text.split()), 12) / 12,
        "capitals": sum(c.isupper() for c in segment.text) / max(1, sum(c.isalpha() for c in segment.text)),
        "digits": sum(c.isdigit() for c in segment.text) / max(1, len(segment.text)),
        "above": float(before),
        "postal_below": float(any(kind.postal for kind in after[:4])),
        **label_facts(page, run[head]),
    }


def _tells_numbers(page: PartyPage, segment: Segment) -> bool:
    """Whether a line goes on with numbers of its company, as feet do: "Acme AB, Box 7, org.nr 556677-8899"."""
    terms = (term for label in page.context.labels_of(segment) for term in _OWN_NUMBERS if label.meaning(term))
    return next(terms, None) is not None


def _column_below(page: PartyPage, segment: Segment) -> list[Segment]:
    """What stands under a name as far as an address reaches, however its lines are aligned, up to the next company."""
    found: list[Segment] = []
    reach = _HEAD * page.context.line_height
    for other in page.context.from_height(segment.box.bottom - 0.3 * segment.height):
        gap = other.box.top - segment.box.bottom
        if gap > _BEYOND * reach:
            break
        if gap < -0.3 * segment.height or other.box.horizontal_overlap(segment.box) <= 0:
            continue
        if gap > reach or page.kinds[other].legal_form:
            break
        found.append(other)
    return found


def label_facts(page: PartyPage, segment: Segment) -> dict[str, float]:
    """Which party's label without a name of its own stands nearest above or left of the segment, fading with
    distance."""
    if segment in page.inline:
        term = page.inline[segment][0]
        return {name: float(name == f"{term.strip('_')}_label") for name in _LABELS}
    best: dict[str, float] = {}
    height = page.context.line_height
    for label, term in page.party_labels:
        if label.segment is segment or label.segment in page.inline:  # it names what stands behind it
            continue
        gap = (segment.box.top - label.box.bottom) / height
        beside = same_row(label.box, segment.box) and 0 <= segment.box.left - label.box.right <= 25 * height
        below = -0.4 <= gap <= 7 and _aligned(label.box, segment.box, height) and not _parted(page, label, segment)
        if beside or below:
            strength = 1.0 if beside else 1.0 - 0.08 * max(0.0, gap)
            best[f"{term.strip('_')}_label"] = max(best.get(f"{term.strip('_')}_label", 0.0), strength)
    if best:
        nearest = max(best, key=lambda name: best[name])
        return {**dict.fromkeys(_LABELS, 0.0), nearest: best[nearest]}
    return dict.fromkeys(_LABELS, 0.0)


def _aligned(label: BoundingBox, name: BoundingBox, height: float) -> bool:
    """Whether a name stands under its label: indented at most, or with its right edge or its middle."""
    edges = abs(name.right - label.right), abs(name.center[0] - label.center[0])
    return -1.5 * height <= name.left - label.left <= 4 * height or min(edges) <= height


def _parted(page: PartyPage, label: Label, segment: Segment) -> bool:
    """Whether another party's label, or another name line, stands between the label and the segment."""
    column = [
        s
        for s in page.context.segments
        if s is not segment and s is not label.segment
        and label.box.bottom - 2 <= s.box.center[1] <= segment.box.top
        and s.box.horizontal_overlap(segment.box) > 0
    ]  # fmt: skip
    return any(other.segment in column for other, _ in page.party_labels) or any(page.kinds[s].name for s in column)


def _party(
    page: PartyPage, run: Sequence[Segment], place: int, block: BlockNames, facts: dict[str, float]
) -> PartyLine:
    segment = run[place]
    if segment in page.inline:
        _, start, end = page.inline[segment]
        name = without_title(segment.text[start:end])
        if segment.text.startswith(name, start):  # "Seller: Acme Ltd INVOICE"
            end = start + len(name)
        if not segment.text[end:].strip(" ,-") and run[place + 1 :] and continues_name(page, segment, run[place + 1]):
            whole, both = f"{segment.text[start:]} {run[place + 1].text}", (segment, run[place + 1])
            return PartyLine(" ".join(whole.split()), both, address_below(page, both), facts)
        return PartyLine(segment.text[start:end], (segment,), address_on(page, segment, end), facts, (start, end))
    sender = sender_parts(segment.text)
    if sender:
        start = segment.text.index(sender[0])
        own = sender_address(segment.text)
        address = () if own is None else (segment.part(*own),)
        return PartyLine(sender[0], (segment,), address, facts, (start, start + len(sender[0])))
    end = name_end(segment.text)
    if segment.text[end:].strip(DECORATION):
        return PartyLine(_bare(segment.text[:end]), (segment,), address_on(page, segment, end), facts, (0, end))
    segments = [segment, *block.rest.get(segment, ())]
    for following in run[place + len(segments) : place + 3]:
        if not continues_name(page, segments[-1], following):
            break
        segments.append(following)
    name = _bare(" ".join(s.text for s in segments))
    return PartyLine(name, tuple(segments), address_below(page, segments), facts)


def _bare(text: str) -> str:
    """The name in a text without decoration, title, label and registration."""
    plain = " ".join(text.split()).strip(DECORATION)
    owned = _owned().fullmatch(plain)
    return without_title(without_label(without_registration(owned["owner"] if owned else plain)))


def _gains_legal_form(page: PartyPage, run: Sequence[Segment], place: int) -> bool:
    first, following = run[place], run[place + 1 : place + 2]
    return any(
        continues_name(page, first, s) and (page.kinds[s].legal_form or ends_legal_form(first.text, s.text))
        for s in following
    )


def _is_trade_name(page: PartyPage, first: Segment, second: Segment) -> bool:
    """A brand or a person printed above the company's own name."""
    kinds = page.kinds[first], page.kinds[second]
    return not kinds[0].legal_form and kinds[1].legal_form and kinds[1].name and not continues_name(page, first, second)
