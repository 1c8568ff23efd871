"""Which lines under a name, or anywhere, are an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.lines import LineKind, address_end, is_care_of, sender_address
from invoice_connector.fields.party_pages import PartyPage, stripped
from invoice_connector.fields.vocabulary import countries, squeezed
from invoice_connector.locales import alternatives
from ocr_ensemble.page_layout import same_row

ADDRESS_LINES = 6
_NAMED = re.compile(r"[^\d|•●·∙]+[|•●·∙]")  # a name before the street
_REACH = 40.0  # line heights that lines may be passed over
_BEYOND = 20.0  # line heights: nothing further down belongs to a name, not even what is taller


def address_below(page: PartyPage, name: Sequence[Segment]) -> tuple[Segment, ...]:
    """The address lines under a name: registration and contact lines before them are passed over, others end it."""
    lines: list[Segment] = []
    headings = page.headings
    last = name[-1]
    for segment in page.context.from_height(last.box.bottom - 0.3 * last.height):
        if segment.box.center[1] <= last.box.bottom - 0.3 * last.height or segment in name:
            continue
        gap = (segment.box.top - last.box.bottom) / max(1.0, page.context.line_height)
        if gap > _BEYOND or segment.box.top - name[-1].box.bottom > _REACH * page.context.line_height:
            break
        if segment.box.horizontal_overlap(name[-1].box) <= 0:
            continue
        kind = page.kinds[segment]
        if segment in headings or (lines and _heading().match(segment.text)):  # another party, or its other address
            break
        if gap > 2.5 or len(lines) >= ADDRESS_LINES:
            break
        if lines and is_care_of(segment.text) and any(page.kinds[line].postal for line in lines):
            break
        house = not lines and _house().search(segment.text) and _leads_to_address(page, segment)
        if kind.address or house or (lines and _goes_on(page, lines, segment)):
            lines.append(segment)
        elif lines and kind.contact and any(page.kinds[s].address for s in _before(page, segment)):
            continue  # the telephone beside the town
        elif lines or kind.title or (gap > 1.5 and not (kind.registration or kind.labelled or kind.contact)):
            break
        last = segment
    return tuple(lines)


def _before(page: PartyPage, segment: Segment) -> list[Segment]:
    """What stands on the same row, further left."""
    return [s for s in page.context.segments if s.box.right <= segment.box.left and same_row(s.box, segment.box)]


def _leads_to_address(page: PartyPage, house: Segment) -> bool:
    """Whether an address stands right under what may be the name of a house."""
    under = (
        s for s in page.context.segments if s.box.top >= house.box.center[1] and s.box.horizontal_overlap(house.box) > 0
    )
    following = next((s for s in under if s is not house), None)
    return following is not None and page.kinds[following].address


def _goes_on(page: PartyPage, lines: Sequence[Segment], segment: Segment) -> bool:
    """Whether an address goes on with a line that only its place shows; after the town only where it must, with a
    country, or with a state centred below it."""
    if not ends_address(page.kinds[segment], segment):
        return False
    town = any(page.kinds[line].postal for line in lines)
    if not town or lines[-1].text.rstrip().endswith(",") or squeezed(segment.text) in countries():
        return True
    return page.kinds[lines[-1]].postal and _is_centred_below(lines[-1], segment)


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
    if heading and heading.end() < len(lines[0].text):
        lines = (lines[0].part(heading.end(), len(lines[0].text)), *lines[1:])
    last = lines[-1]
    context = next(context for context in contexts if context.page.number == last.page)
    registrations = [
        label.start
        for label in context.labels_of(last)
        if label.start and any(label.meaning(term) for term in ("vat_identifier", "legal_registration"))
    ]
    _, end = stripped(last.text, 0, min([*registrations, address_end(last.text)]))
    return (*lines[:-1], last.part(0, end)) if 0 < end < len(last.text) else tuple(lines)
