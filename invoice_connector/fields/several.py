"""Evidence that the pages show more than one document: a second part with a number, a total, a head of its own.

The document is divided where one could begin: at each page, at a gutter through the page, below a total. The two sides
are compared, and what differs adds up; repeated numbers, pages that are counted on and sums carried forward speak
against it. The finding stops the document. Files are divided at their pages before (``invoice_connector/piles``); here
is seen what lies on one page, and what was left together all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene, evidence
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import says
from invoice_connector.fields.kinds import BOOKED
from invoice_connector.fields.page_numbers import page_number
from invoice_connector.fields.page_titles import titles_of
from invoice_connector.invoice import Violation

RULE = "SEVERAL-DOCUMENTS"
_ENOUGH = 4.0
_NUMBER, _TOTAL, _SUM, _DAY, _PARTY, _TITLE, _RESTART, _GUTTER = 3.0, 1.0, 1.0, 1.0, 1.5, 1.0, 1.5, 1.5
_CONTINUED, _REPEATED, _CARRIED = -4.0, -5.0, -2.0
_CLEAR = 1.2  # strength of a title
_NAMED = 0.5  # evidence of a label, weak ones such as "Total" included
_IDENTITIES = (Kind.VAT, Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ORGNR)
_FEWEST = 5  # segments of a document of its own
_GAP = 1.5  # lines of white above one
_LEVEL = 0.5  # share of the shorter side's height that both sides of a gutter share
_LATER_PAGES = 40


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one side of a division says of itself."""

    segments: tuple[Segment, ...]
    numbers: frozenset[str]
    totals: frozenset[Decimal]
    days: frozenset[str]
    identities: frozenset[str]
    title: str | None
    summed: bool
    counted: tuple[int, int] | None

    def mentions(self, text: str) -> bool:
        return any(text in alphanumeric(segment.text) for segment in self.segments)


@dataclass(frozen=True, slots=True, eq=False)
class _Division:
    """``where`` the second part lies, ``inside`` one page or not, and the points that the place itself is worth."""

    first: _Part
    second: _Part
    where: str
    inside: bool = False
    bonus: float = 0.0


def several_documents(scene: Scene) -> tuple[Violation, ...]:
    """One sentence when a second document was seen, saying where and by what; else nothing."""
    best: tuple[float, str] = (0.0, "")
    for division in _divisions(scene):
        first, second = division.first, division.second
        if not first.totals or not second.totals or (division.inside and first.totals & second.totals):
            continue  # a second document has a total of its own
        points, seen = _compared(division)
        if points > best[0]:
            best = (points, f"since {division.where} has {', '.join(seen)}")
    if best[0] < _ENOUGH:
        return ()
    message = (
        f"The file holds more than one document, {best[1]}; divide it and send each document as a file of its own."
    )
    return (Violation(RULE, message, ("invoice_number",)),)


def _compared(division: _Division) -> tuple[float, list[str]]:
    """Points for two documents, and what they are for."""
    first, second, points, seen = division.first, division.second, division.bonus, []
    known = max(first.numbers, key=len, default="")
    if first.numbers and second.numbers and not first.numbers & second.numbers:
        points += _NUMBER
        seen.append(f"another number ({min(second.numbers)} after {min(first.numbers)})")
    if len(known) > 2 and second.mentions(known):
        points += _REPEATED
    if first.totals and second.totals and not first.totals & second.totals:
        points += _TOTAL + (_SUM if first.summed and second.summed else 0.0)
        seen.append(f"another total ({max(second.totals)} beside {max(first.totals)})")
    if first.days and second.days and not first.days & second.days:
        points += _DAY
        seen.append(f"another date ({min(second.days)})")
    others = first.identities and second.identities and not first.identities & second.identities
    if others and not division.inside:  # seller and buyer stand side by side
        points += _PARTY
        seen.append("other identifiers of the seller")
    if first.title and second.title:
        points += _TITLE
        seen.append(f"a title of its own ({second.title!r})")
    if second.counted is not None and first.counted is not None:
        points += _RESTART if second.counted[0] == 1 else _CONTINUED
        seen += ["pages that are counted anew"] if second.counted[0] == 1 else []
    if any(says(segment.text, "carried_forward") for segment in second.segments[:_FEWEST]):
        points += _CARRIED
    return points, seen


def _divisions(scene: Scene) -> Iterator[_Division]:
    contexts = scene.contexts[:_LATER_PAGES]
    for index in range(1, len(contexts)):
        before = [segment for context in contexts[:index] for segment in context.segments]
        first, second = _part(scene, contexts[0], before), _part(scene, contexts[index], contexts[index].segments)
        yield _Division(first, second, f"page {contexts[index].page.number}")
    for context in contexts:
        for left, right in _gutters(context):
            where = f"the right half of page {context.page.number}"
            yield _Division(_part(scene, context, left), _part(scene, context, right), where, True, _GUTTER)
        for above, below in _below_totals(scene, context):
            where = f"the lower part of page {context.page.number}"
            yield _Division(_part(scene, context, above), _part(scene, context, below), where, True)


def _gutters(context: PageContext) -> Iterator[tuple[list[Segment], list[Segment]]]:
    """The segments left and right of a white strip through all of the print, where both sides stand side by side."""
    ordered = sorted(context.segments, key=lambda segment: segment.box.left)
    reach = 0
    for index, segment in enumerate(ordered):
        left, right = ordered[:index], ordered[index:]
        if min(len(left), len(right)) >= _FEWEST and segment.box.left - reach > 2 * context.line_height:
            (a, b), (c, d) = _extent(left), _extent(right)
            if min(b, d) - max(a, c) > _LEVEL * min(b - a, d - c):
                yield left, right
        reach = max(reach, segment.box.right)


def _below_totals(scene: Scene, context: PageContext) -> Iterator[tuple[list[Segment], list[Segment]]]:
    """The segments above and below a white row, with a labelled total on either side."""
    places = sorted(c.box.bottom for c in _totals(scene) if c.page == context.page.number)
    ordered = sorted(context.segments, key=lambda segment: segment.box.top)
    reach = 0
    for index, segment in enumerate(ordered):
        gap = segment.box.top - reach
        if places and places[0] <= segment.box.top < places[-1] and gap > _GAP * context.line_height and index:
            above, below = ordered[:index], ordered[index:]
            if min(len(above), len(below)) >= _FEWEST:
                yield above, below
        reach = max(reach, segment.box.bottom)


def _extent(segments: Sequence[Segment]) -> tuple[int, int]:
    return min(segment.box.top for segment in segments), max(segment.box.bottom for segment in segments)


def _part(scene: Scene, context: PageContext, segments: Sequence[Segment]) -> _Part:
    inside = set(map(id, segments))
    found = [c for c in scene.candidates if id(c.segment) in inside]
    totals = _amounts(scene, found, "total_with_vat") | _amounts(scene, found, "amount_due")
    nets, taxes = _amounts(scene, found, "total_without_vat"), _amounts(scene, found, "total_vat")
    titles = [
        title for segment in segments for title in titles_of(context, segment) if title.kind in (*BOOKED, "receipt")
    ]
    title = max(titles, key=lambda each: each.strength, default=None)
    printed = page_number(segments, context.page.height)
    return _Part(
        segments=tuple(segments),
        numbers=frozenset(
            alphanumeric(c.text) for c in found if c.kind is Kind.TOKEN and _is(scene, c, "invoice_number")
        ),
        totals=frozenset(totals),
        days=frozenset(alphanumeric(c.text) for c in found if c.kind is Kind.DATE and _is(scene, c, "issue_date")),
        identities=frozenset(alphanumeric(c.text) for c in found if c.kind in _IDENTITIES),
        title=title.text if title is not None and title.strength > _CLEAR else None,
        summed=any(net + tax in totals for net in nets for tax in taxes),
        counted=None if printed is None or printed.count is None else (printed.number, printed.count),
    )


def _amounts(scene: Scene, candidates: Sequence[Candidate], term: str) -> set[Decimal]:
    return {abs(c.amount) for c in candidates if c.kind is Kind.AMOUNT and _is(scene, c, term)}


def _totals(scene: Scene) -> list[Candidate]:
    terms = ("total_with_vat", "amount_due")
    return [c for c in scene.of_kind(Kind.AMOUNT) if any(_is(scene, c, term) for term in terms)]


def _is(scene: Scene, candidate: Candidate, term: str) -> bool:
    return any(evidence(link, term) > _NAMED for link in scene.links.get(candidate, ()))
