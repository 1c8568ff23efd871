"""Names that are broken over lines: in a narrow column, in large print, before a legal form."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache

from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.legal_forms import ends_legal_form, is_mostly_legal_form, starts_with_legal_form
from invoice_connector.fields.line_patterns import without_registration
from invoice_connector.fields.name_kinds import kinds_of_name, name_kinds
from invoice_connector.fields.party_pages import PartyPage
from invoice_connector.fields.vocabulary import countries, squeezed
from invoice_connector.locales import alternatives
from ocr_ensemble.layer_check import TEXT_LAYER
from ocr_ensemble.page_layout import same_row

_BRANCH = re.compile(r"\([^\W\d_][^()\d]+\)")  # a name's second line: "(JALAN MERANTI LAMA)"
_LETTERHEAD, _ALIKE = 1.6, 1.12  # the same where nothing else tells, and how unlike two lines of one name may be
_ACCENTED, _CAPITAL, _SMALL, _DESCENDER = 0.92, 0.72, 0.52, 0.21  # of the type's size, in usual faces
_HIGH, _DEEP = re.compile(r"[À-ÖØ-Þ](?<![ÆÇÐØÞ])"), re.compile(r"[gjpqyQ,;()|çþ]")
_TALL = re.compile(r"[A-ZÀ-Þbdfhiklt\d\"'“”„&!?()|]")
_LARGE = 1.3  # times the page's line height: a letterhead's print
_COLUMN = 4  # lines that show how wide a column is
_LINE_GAP = 1.1  # heights of white between two lines of a name
_HEADING_GAP = 3.0  # heights of white between a name and its address
_WHOLE = 0.8  # probability of a kind of name by which a line is one
_SHORT_NAME = 3  # words of a line that one more word below completes


def continues_name(page: PartyPage, first: Segment, second: Segment) -> bool:
    """A name broken over two lines: the second brings the legal form that the first lacks, or the rest of it."""
    if says_again(first, second):
        return False
    if ends_legal_form(first.text, second.text) or _goes_on_with_link(page, first, second):
        return True
    if page.kinds[second].postal or not page.kinds[second].name:
        return _is_logo_of_whole(page, first, second)
    if any(goes_on(page, first, second) for goes_on in (_is_wrapped, _is_open, _breaks_off)):
        return True
    more = _is_rest(page, first, second) or _brings_form(page, first, second)
    return more and not _are_two_names(page, first, second)


def _brings_form(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether the second line has the legal form of the name above it, or the branch of a company."""
    if page.kinds[first].legal_form:
        return bool(_BRANCH.fullmatch(second.text.strip()))
    rest = without_registration(second.text)
    numbered = any(map(str.isdigit, rest))  # "Incorporated Association A0090017" is a line of its own
    return not numbered and (starts_with_legal_form(rest) or is_mostly_legal_form(rest))


def _are_two_names(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether a person stands over a company, or anybody over a department, that had room beside them."""
    if name_kinds() is None:
        return False
    person = page.kinds[second].legal_form and kinds_of_name(first.text)["person"] >= _WHOLE
    department = not page.kinds[second].legal_form and kinds_of_name(second.text)["department"] >= _WHOLE
    return (person or department) and not lacked_room(page, (), first, second)


def _is_open(_page: PartyPage, first: Segment, _second: Segment) -> bool:
    """Whether a bracket or a quotation begins in a line and does not end there: UAB „Saulės" over "miestas“"."""
    text = first.text
    quoted = text.count('"') % 2 == 1 or text.count("„") > text.count("“") + text.count("”")
    return text.count("(") > text.count(")") or quoted


def says_again(first: Segment, second: Segment) -> bool:
    """Whether the second line begins with all of the first, as a company under its brand does."""
    return squeezed(second.text).startswith(squeezed(first.text))


def _goes_on_with_link(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether a line begins with what no name begins with: "& Partner", "de Moliceiro, Lda.", in capitals "DA ESTRELA"
    under a line of capitals."""
    found = link_first().match(second.text)
    if found is None or page.kinds[second].postal or any(map(str.isdigit, second.text)):
        return False
    apart = not found["word"] or found["word"].islower() or (first.text.isupper() and second.text.isupper())
    return apart and _lies_below(first, second, _LINE_GAP)


def _is_rest(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether a line is the rest of the name above it: elsewhere one line prints both, or a letterhead's print goes on
    in the same size, or it is one word between a name that is not whole, or lacked room, and its street."""
    if any(map(str.isdigit, second.text)) or page.kinds[first].address or not _lies_below(first, second, 1.0):
        return False
    if _is_printed_whole(page, first, second) or _are_one_letterhead(page, first, second):
        return True
    if page.kinds[second].address:
        return False
    formed = page.kinds[first].legal_form or page.kinds[second].legal_form
    own = squeezed(second.text) in page.domains  # a name of its own, below a slogan
    if formed or own or not _is_word(page, second) or first.text.isupper() != second.text.isupper():
        return False
    words = len(first.text.split())
    if min(first.height, second.height) >= _LARGE * page.context.line_height:
        return words <= _SHORT_NAME
    begun = words == 1 or (words <= _SHORT_NAME and (lacked_room(page, (), first, second) or not _is_whole(first)))
    return begun and _stands_over_address(page, second)  # below a whole name it is a department or a post


def _is_whole(segment: Segment) -> bool:
    """Whether a line is surely somebody's name by itself; where no encoder runs, nobody can tell."""
    kinds = kinds_of_name(segment.text)
    return name_kinds() is None or max(kinds["organisation"], kinds["person"]) >= _WHOLE


def _is_printed_whole(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether one line, or a web or mail address, prints both; a street's name behind a company's goes on with its
    number."""
    if squeezed(f"{first.text} {second.text}") in page.domains:
        return True
    house = r"(?! ?\d)" if page.kinds[second].address else ""
    whole = rf"{re.escape(_folded(first.text))} {re.escape(_folded(second.text))}(?!\w){house}"
    return bool(re.search(whole, page.text))


def _is_logo_of_whole(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether a letterhead goes on in the same print, with digits or what else, to a name that one line prints
    elsewhere: "Bakery" over "190"."""
    large = min(first.height, second.height) >= _LETTERHEAD * page.context.line_height
    return large and _lies_below(first, second, 1.0) and _is_printed_whole(page, first, second)


def _are_one_letterhead(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether both are set large and alike: a brand over its company is larger than that."""
    own = page.kinds[first].legal_form or squeezed(second.text) in page.domains
    large = min(first.height, second.height) >= _LETTERHEAD * page.context.line_height
    return not own and large and set_alike(first, second, _ALIKE)


def set_alike(first: Segment, second: Segment, most: float) -> bool:
    """Whether two lines are set in the same size, up to ``most`` times. A text layer's boxes are those of the ink, an
    engine's are as high as the line."""
    ink = all(TEXT_LAYER in token.engines for line in (first, second) for token in line.tokens)
    sizes = (_set_size(first), _set_size(second)) if ink else (first.height, second.height)
    return max(sizes) <= most * min(sizes)


def _set_size(segment: Segment) -> float:
    """About the size of the type in pixels: the ink's height by what its letters reach over and under the line."""
    text = segment.text
    over = _ACCENTED if _HIGH.search(text) else _CAPITAL if _TALL.search(text) else _SMALL
    return segment.height / (over + (_DESCENDER if _DEEP.search(text) else 0.0))


def _is_wrapped(page: PartyPage, first: Segment, second: Segment) -> bool:
    """Whether a column was too narrow for the name: one word over a company, which beside its first word would have
    been wider than all else there."""
    if not page.kinds[second].legal_form or page.kinds[first].legal_form or not _is_word(page, first):
        return False
    if not _lies_below(first, second, 0.8):
        return False
    column = next((run for run in page.runs if first in run), ())
    return len(column) >= _COLUMN and lacked_room(page, column, first, second)


def lacked_room(page: PartyPage, column: Sequence[Segment], first: Segment, second: Segment) -> bool:
    """Whether a line with the first word of the one below it would run into what stands right of it, or beyond all
    print of the page; under a name of one word, which is seldom whole, it is enough to be wider than all else of its
    column."""
    letter = first.box.width / len(first.text)
    end = first.box.right + letter * (1 + len(second.text.split()[0]))
    if len(first.text.split()) == 1:
        return end > max((line.box.right for line in column if line is not first), default=math.inf)
    beside = (other.box.left for other in page.context.by_height.beside(first.box) if _stands_right(first, other))
    return end > min((*beside, page.right))


def _stands_right(first: Segment, other: Segment) -> bool:
    return other.box.left >= first.box.right and same_row(first.box, other.box)


def _is_word(page: PartyPage, segment: Segment) -> bool:
    """One word that is no country and nothing that a label would be."""
    word = segment.text.strip()
    learned = any(label.segment is segment for label in page.context.learned)
    named = learned or squeezed(word) in countries() or page.context.labels_of(segment)
    return word.replace("-", "").isalpha() and not named


def _stands_over_address(page: PartyPage, segment: Segment) -> bool:
    """Whether an address is the next below, even where the name is set apart from it like a heading."""
    following = (s for s in page.context.from_height(segment.box.bottom) if s.box.horizontal_overlap(segment.box) > 0)
    below = next(following, None)
    return below is not None and page.kinds[below].address and _lies_below(segment, below, _HEADING_GAP)


def _lies_below(first: Segment, second: Segment, gap: float) -> bool:
    """Whether a line goes on below another: at one of its edges or centred under it, ``gap`` heights away at most."""
    height = min(first.height, second.height)
    a, b = first.box, second.box
    aside = min(abs(a.left - b.left), abs(a.center[0] - b.center[0]), abs(a.right - b.right))
    near = -0.5 * height <= b.top - a.bottom <= gap * height
    return near and aside <= height and max(first.height, second.height) <= 1.5 * height


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _breaks_off(page: PartyPage, first: Segment, second: Segment) -> bool:
    """A name that goes on right below: it ends with "and", or, in large print, with a preposition, or so does the
    seller's mail address say."""
    height, body = min(first.height, second.height), page.context.line_height
    left, middle = first.box.left - second.box.left, first.box.center[0] - second.box.center[0]
    if second.box.top - first.box.bottom > 0.8 * height or min(abs(left), abs(middle)) > height:
        return False
    address = page.kinds[second].address  # "Data DA" ends with a legal form that is a preposition elsewhere
    if _ends_with_and().search(first.text.rstrip()) and not address:
        return True
    if height < 1.15 * body or max(first.height, second.height) > 1.3 * height:
        return False
    if _ends_with_link().search(first.text) and not address:
        return True
    whole = squeezed(f"{first.text} {second.text}")
    return any(len(d) > len(squeezed(first.text)) + 2 and whole.startswith(d) for d in page.domains)


@cache
def _ends_with_and() -> re.Pattern[str]:
    """An "and" at the end of a line, or a broken word: "Pont-" over "Neuf SARL"."""
    return re.compile(rf"(?:&|\+|\b{alternatives('and')}|(?<=[^\W\d_])-)$", re.IGNORECASE)


@cache
def link_first() -> re.Pattern[str]:
    """What goes on with a name: "& Partner", "de Moliceiro"; ``word``: the one that it begins with, if it is one."""
    return re.compile(rf"(?:[&+]|(?P<word>{alternatives('and', 'name_links')})\b) ?[^\W\d_]", re.IGNORECASE)


@cache
def _ends_with_link() -> re.Pattern[str]:
    """What leads a name over to its next line."""
    return re.compile(rf"(?:&|\+|-|,|\b{alternatives('and', 'name_links')})$", re.IGNORECASE)
