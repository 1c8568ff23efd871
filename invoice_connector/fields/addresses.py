"""Which lines under a name, or anywhere, are an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.lines import (
    LineKind,
    address_behind,
    address_end,
    address_start,
    is_care_of,
    is_town,
    is_wordy,
    sender_address,
    sender_parts,
    tells_street,
    town_end,
)
from invoice_connector.fields.party_pages import PartyPage, stripped
from invoice_connector.fields.vocabulary import countries, squeezed
from invoice_connector.locales import alternatives
from ocr_ensemble.page_layout import same_row

ADDRESS_LINES = 6
_NAMED = re.compile(r"[^\d|•●·∙]+[|•●·∙]")  # a name before the street
_REACH = 40.0  # line heights that lines may be passed over
_UNDER_NAME, _UNDER_LINE = 2.5, 1.5  # line heights from a name to its address, and from one line to the next
_UNEVEN = 1.5  # times the space above a line: below it begins something else
_CLOSE = 0.9  # line heights between the lines of one block
_PLACE_WORDS = 5
_BEYOND = 20.0  # line heights: nothing further down belongs to a name, not even what is taller


def address_below(page: PartyPage, name: Sequence[Segment]) -> tuple[Segment, ...]:
    """The address lines under a name: registration and contact lines before them are passed over, others end it."""
    lines: list[Segment] = []
    last, pitch = name[-1], _UNDER_NAME
    for segment in page.context.from_height(last.box.bottom - 0.3 * last.height):
        if segment.box.center[1] <= last.box.bottom - 0.3 * last.height or segment in name:
            continue
        gap = (segment.box.top - last.box.bottom) / max(1.0, page.context.line_height)
        if gap > _BEYOND or segment.box.top - name[-1].box.bottom > _REACH * page.context.line_height:
            break
        if segment.box.horizontal_overlap(name[-1].box) <= 0:
            continue
        kind = page.kinds[segment]
        if gap > min(_UNDER_NAME, max(_UNDER_LINE, _UNEVEN * pitch)) or len(lines) >= ADDRESS_LINES:
            break
        if _is_of_another(page, lines, segment, last is name[-1]):
            break
        whole = _is_complete(lines, page)
        if (kind.address and not whole) or _leads_on(page, lines, segment) or _goes_on(page, lines, segment):
            lines.append(segment)
        elif lines and kind.contact and any(page.kinds[s].address for s in _before(page, segment)):
            continue  # the telephone beside the town
        elif lines or kind.title or (gap > _UNDER_LINE and not (kind.registration or kind.labelled or kind.contact)):
            break
        last, pitch = segment, gap if lines or not _is_plain(kind) else pitch
    return tuple(lines)


def address_on(page: PartyPage, segment: Segment, end: int) -> tuple[Segment, ...]:
    """The address of a name that ends at ``end`` within its line: what follows there, with the town that the line has
    no room for; else what stands under the line."""
    place = address_behind(segment.text, end)
    if place is None:
        return address_below(page, [segment])
    street, below = segment.part(*place), address_below(page, [segment])
    if page.kinds[segment].postal or place[1] < len(segment.text):
        return (street,)
    close = below and below[0].box.top - segment.box.bottom <= _UNDER_LINE * page.context.line_height
    return (street, *(below if close else _town_below(page, segment)))


def _town_below(page: PartyPage, street: Segment) -> tuple[Segment, ...]:
    """A town close under the line that had no room for it, whose code stands before it there."""
    below = page.context.from_height(street.box.bottom)
    town = next((line for line in below if line.box.horizontal_overlap(street.box) > 0), None)
    near = town is not None and town.box.top - street.box.bottom <= _CLOSE * page.context.line_height
    return (town,) if town and near and page.kinds[town].name else ()


def _is_of_another(page: PartyPage, lines: Sequence[Segment], segment: Segment, first: bool) -> bool:
    """Whether a line announces another party, or its other address, or whom mail goes to behind the town; or is a
    company with its address, and not what stands ``first`` under a brand."""
    care_of = is_care_of(segment.text)
    behind_town = care_of and any(page.kinds[line].postal for line in lines)
    company = page.kinds[segment].legal_form and not (first or care_of) and bool(sender_parts(segment.text))
    return segment in page.headings or bool(lines and _heading().match(segment.text)) or behind_town or company


def _is_complete(lines: Sequence[Segment], page: PartyPage) -> bool:
    """Whether an address has its town and what stands before a town: nothing but a state or a country follows."""
    return any(is_town(page.kinds[line], line.text, place > 0) for place, line in enumerate(lines))


def _before(page: PartyPage, segment: Segment) -> list[Segment]:
    """What stands on the same row, further left."""
    return [s for s in page.context.segments if s.box.right <= segment.box.left and same_row(s.box, segment.box)]


def _leads_on(page: PartyPage, lines: Sequence[Segment], segment: Segment) -> bool:
    """Whether a line that its form does not tell stands between a name and the town: in an address that has begun, as
    the name of a house, or where no street is told before the town."""
    if _is_complete(lines, page) or not _is_plain(page.kinds[segment]):
        return False
    below = _down_to_town(page, segment)
    if lines or not below:
        return bool(below)
    if _house().search(segment.text) and page.kinds[below[1]].address:
        return True
    return _is_proper(segment.text) and not (
        tells_street(below[-1].text) or any(page.kinds[line].address for line in below[:-1])
    )


def _down_to_town(page: PartyPage, first: Segment) -> tuple[Segment, ...]:
    """The lines from ``first`` to the town, close under each other; empty where something else comes before a town."""
    found = [first]
    for segment in page.context.from_height(first.box.bottom):
        if segment.box.horizontal_overlap(first.box) <= 0:
            continue
        kind = page.kinds[segment]
        near = segment.box.top - found[-1].box.bottom <= _CLOSE * page.context.line_height
        if not near or len(found) >= ADDRESS_LINES or segment in page.headings:
            break
        found.append(segment)
        if is_town(kind, segment.text, True):
            return tuple(found)
        if not (kind.address or _is_plain(kind)):
            break
    return ()


def _is_plain(kind: LineKind) -> bool:
    """Whether nothing tells what a line is."""
    return not (kind.contact or kind.value or kind.labelled or kind.title or kind.registration or kind.legal_form)


def _is_proper(text: str) -> bool:
    """Whether a line may name a place, as "Church Hill" and "R63, 18 km" do; "Joiners and fitters" does not."""
    words = text.split()
    return len(words) <= _PLACE_WORDS and (words[-1][0].isupper() or any(map(str.isdigit, text)))


def below_name(scene: Scene, name: Sequence[Segment], address: Sequence[Segment]) -> tuple[Segment, ...]:
    """An address with the lines between it and the name: whom a letter goes to is told in full, the department too,
    while a letterhead has there what its company does."""
    context = next(context for context in scene.contexts if context.page.number == name[-1].page)
    above, street = name[-1].box, address[0]
    between = [
        segment
        for segment in context.from_height(above.bottom)
        if segment.box.center[1] < street.box.top and segment.box.horizontal_overlap(street.box) > 0
    ]
    edges = [above, *(segment.box for segment in between), street.box]
    close = all(lower.top - upper.bottom <= _CLOSE * context.line_height for upper, lower in pairwise(edges))
    plain = all(_is_plain(scene.kinds[segment]) and is_wordy(segment.text) for segment in between)
    return (*between, *address) if close and plain else tuple(address)


def _goes_on(page: PartyPage, lines: Sequence[Segment], segment: Segment) -> bool:
    """Whether an address goes on with a line that only its place shows; after the town only where it must, with a
    country, or with a state centred below it."""
    if not lines or not ends_address(page.kinds[segment], segment):
        return False
    town = any(page.kinds[line].postal for line in lines)
    if not town or lines[-1].text.rstrip().endswith(",") or squeezed(segment.text) in countries():
        return True
    behind_town = page.kinds[lines[-1]].postal
    return behind_town and (_is_centred_below(lines[-1], segment) or _is_region(page, lines[-1], segment))


def _is_region(page: PartyPage, town: Segment, region: Segment) -> bool:
    """One word close under the town, set as the town is and the block's last but for numbers and ways to get in touch,
    as a state or a province is printed."""
    reach = _CLOSE * page.context.line_height
    under = (s for s in page.context.from_height(region.box.bottom) if s.box.horizontal_overlap(region.box) > 0)
    below = next(under, None)
    last = below is None or below.box.top - region.box.bottom > reach or not page.kinds[below].name
    aligned = abs(town.box.left - region.box.left) <= 0.5 * town.height
    word = region.text.isalpha() and region.text[0].isupper() and not region.text.isupper()
    return word and aligned and last and region.box.top - town.box.bottom <= reach


def _is_centred_below(town: Segment, state: Segment) -> bool:
    """One or two words in the middle under the town, as receipts print a state; a letter's lines begin at the left."""
    if "," in re.split(r"\d", town.text)[-1]:  # "47610 Subang Jaya, Selangor": it has been printed already
        return False
    words = state.text.strip(".,").split()
    middle = abs(town.box.center[0] - state.box.center[0]) <= 0.8 * town.height
    indented = min(abs(town.box.left - state.box.left), abs(town.box.right - state.box.right)) > 0.8 * town.height
    near = state.box.top - town.box.bottom <= 0.5 * town.height
    return len(words) <= 2 and all(word.isalpha() for word in words) and middle and indented and near


@cache
def _house() -> re.Pattern[str]:
    """The name of a house: "Fenwick House"."""
    return re.compile(rf"[^\W\d_]{{3,}} {alternatives('house_names')}$", re.IGNORECASE)


@cache
def _heading() -> re.Pattern[str]:
    """What opens an address on its line: "Registered office address:", "Besöksadress:"."""
    owners, headings = alternatives("address_owners"), alternatives("address", "address_headings")
    return re.compile(rf"(?:{owners}\b\.? ?)*{headings} ?[:.]+ *", re.IGNORECASE)


def ends_address(kind: LineKind, segment: Segment) -> bool:
    """A line of an address that only its place shows: a town, a state, a country."""
    return kind.name and len(segment.text.split()) <= 6 and not kind.legal_form


def address_run(page: PartyPage, run: Sequence[Segment]) -> tuple[Segment, ...]:
    """The first stretch of address lines of a run that has a line with a postal code; empty when there is none."""
    lines: list[Segment] = []
    for segment in run:
        kind = page.kinds[segment]
        if kind.address and not kind.legal_form:
            lines.append(segment)
        elif lines and not (any(page.kinds[s].postal for s in lines) or ends_address(kind, segment)):
            lines = []
        elif lines:
            break
    return tuple(lines) if any(page.kinds[s].postal for s in lines) else ()


def trimmed_address(contexts: Sequence[PageContext], lines: Sequence[Segment]) -> tuple[Segment, ...]:
    """Address lines without what is printed behind the town, "20123 Milano - P.IVA 00743110157", " | www.acme.com", or
    before the street, "HQ Address: Lot 5"."""
    sender = sender_address(lines[0].text) if len(lines) == 1 and _NAMED.match(lines[0].text) else None
    if sender is not None:  # "Eva Berg · Parkallee 4 · 10437 Berlin"
        return (lines[0].part(*sender),)
    heading = _heading().match(lines[0].text)
    start = heading.end() if heading else address_start(lines[0].text)
    if 0 < start < len(lines[0].text):
        lines = (lines[0].part(start, len(lines[0].text)), *lines[1:])
    last = lines[-1]
    context = next(context for context in contexts if context.page.number == last.page)
    registrations = [
        label.start
        for label in context.labels_of(last)
        if label.start and any(label.meaning(term) for term in ("vat_identifier", "legal_registration"))
    ]
    _, end = stripped(last.text, 0, min([*registrations, address_end(last.text), town_end(last.text)]))
    return (*lines[:-1], last.part(0, end)) if 0 < end < len(last.text) else tuple(lines)
