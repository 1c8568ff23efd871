"""The number that a page prints of itself: "Page 2 of 3", "1/3", "2 (4)", "Seite 2"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import says
from invoice_connector.locales import alternatives

_LONGEST = 40  # characters of a text that says it
_WORDS = 4  # of a page number with the word for a page
_PARTS = re.compile(r"\s[·•|]\s|\s{3,}")  # what parts a line's texts
_EDGE = 0.12  # of the page's height from above and below, where a number needs no word beside it in any form
_HUNDREDTHS = 100  # "74/100" ends an amount in words; no page is told by it unless it stands where pages are numbered
_AROUND = " -–—|·.:()[]"


@dataclass(frozen=True, slots=True)
class PageNumber:
    """``number`` from 1; ``count``: of how many, None where the page does not say."""

    number: int
    count: int | None = None


def page_number(segments: Sequence[Segment], height: int) -> PageNumber | None:
    """What the first line says that is a page number and nothing else; one without a count only where none has it.

    ``height`` of the page in pixels.
    """
    single = None
    for segment in segments:
        at_edge = _at_edge(segment, height)
        for text in _texts(segment, at_edge):
            found = _counted(text, at_edge)
            if found is not None:
                return found
            single = single or _alone(text)
    return single


def _texts(segment: Segment, at_edge: bool) -> list[str]:
    """The parts of a line that may be a page number, as a foot prints it: behind a bullet or a bar, or at its end."""
    if not any(map(str.isdigit, segment.text)):
        return []
    parts = [part.strip() for part in _PARTS.split(segment.text)]
    ends = [_end(part) if at_edge and len(part) > _LONGEST else part for part in parts]
    return [part for part in ends if len(part) <= _LONGEST and any(map(str.isdigit, part))]


def _end(text: str) -> str:
    """The last words of a long line from the word for a page on, or all of it."""
    words = text.split()[-_WORDS:]
    starts = [at for at, word in enumerate(words) if says(word, "page")]
    return " ".join(words[starts[-1] :]) if starts else text


def _counted(text: str, at_edge: bool) -> PageNumber | None:
    match = _pattern().search(text)
    if match is None:
        return None
    number, count = int(match["number"]), int(match["count"])
    rest = (text[: match.start()] + text[match.end() :]).strip(_AROUND)
    certain = match["of"].strip() not in ("(", "-", "–") and count != _HUNDREDTHS
    named = says(text[: match.start()], "page")
    return (
        PageNumber(number, count) if 1 <= number <= count and (named or (not rest and (certain or at_edge))) else None
    )


def _alone(text: str) -> PageNumber | None:
    """A word for a page and a number."""
    match = re.search(r"(\d{1,3})\W*$", text)
    if match is None or not int(match[1]) >= 1 or not says(text[: match.start()], "page"):
        return None
    return PageNumber(int(match[1])) if len(text[: match.start()].split()) == 1 else None


def _at_edge(segment: Segment, height: int) -> bool:
    return segment.box.bottom <= _EDGE * height or segment.box.top >= (1.0 - _EDGE) * height


@cache
def _pattern() -> re.Pattern[str]:
    of = rf"(?P<of> ?(?:/|{alternatives('page_of')})\s?| ?\(| ?[-–] ?)"
    return re.compile(rf"(?<![\d/.,-])(?P<number>\d{{1,3}}){of}(?P<count>\d{{1,3}})(?![\d/.,-])", re.IGNORECASE)
