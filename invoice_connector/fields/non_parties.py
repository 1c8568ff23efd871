"""Lines that look like a name and are none: labels, salutations, towns, countries, headings, what has a price."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.labels import is_label
from invoice_connector.fields.lines import LineKind, is_salutation, sender_parts
from invoice_connector.fields.party_pages import PartyPage
from invoice_connector.fields.vocabulary import countries, squeezed
from invoice_connector.locales import words
from ocr_ensemble.page_layout import same_row

_HEADING_WORDS = 4


def names_nobody(page: PartyPage, run: Sequence[Segment], place: int) -> bool:
    """Whether the line is certainly no party's name, whatever it looks like."""
    segment, kind, text = run[place], page.kinds[run[place]], run[place].text.strip()
    if segment in page.inline:
        return is_salutation(text)
    if not kind.name or is_label(text) or text.endswith(":") or is_salutation(text) or _is_partner(text):
        return True
    if kind.legal_form:
        return False
    return _is_town(kind, segment, place) or squeezed(text) in countries() or _is_address_heading(text)


def _is_partner(text: str) -> bool:
    """ "Komplementärin: Acme Verwaltungs-GmbH": who is liable for the seller."""
    before, colon, _ = text.partition(":")
    return bool(colon) and squeezed(before) in _partners()


@lru_cache(maxsize=1)
def _partners() -> frozenset[str]:
    return frozenset(map(squeezed, words("general_partners")))


def priced_lines(page: PartyPage) -> frozenset[Segment]:
    """The lines that an amount stands right of: they are what the amount is for."""
    rows: list[list[Segment]] = []
    for segment in sorted(page.kinds, key=lambda own: own.box.center[1]):
        if rows and same_row(rows[-1][-1].box, segment.box):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    found = []
    for row in rows:
        last = max((segment.box.left for segment in row if _is_money(page, segment)), default=0)
        found += [segment for segment in row if segment.box.right <= last]
    return frozenset(found)


def _is_money(page: PartyPage, segment: Segment) -> bool:
    found = find_amounts(segment.text, page.context.mark)
    return len(found) == 1 and found[0].decimals == 2 and not segment.text.replace(found[0].text, "").strip()


def _is_town(kind: LineKind, segment: Segment, place: int) -> bool:
    """Whether a line is an address and no name: it has a postal code and stands under something or begins with it."""
    return kind.postal and not sender_parts(segment.text) and (place > 0 or segment.text[:1].isdigit())


def _is_address_heading(text: str) -> bool:
    """ "Adresse du magasin": few words, one of which says that an address follows."""
    printed = [squeezed(word) for word in text.split()]
    return len(printed) <= _HEADING_WORDS and not _address_words().isdisjoint(printed)


@lru_cache(maxsize=1)
def _address_words() -> frozenset[str]:
    return frozenset(map(squeezed, words("address")))
