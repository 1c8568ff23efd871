"""The page as pieces of text that belong together: tokens, segments (the layout's lines), blocks (stacked segments)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import median

from invoice_connector.fields.amounts import CURRENCY_CODES, CURRENCY_SIGNS
from invoice_connector.fields.page import FieldPage
from invoice_connector.locales import alternatives
from ocr_ensemble.layout import Alternative, BoundingBox, Word
from ocr_ensemble.page_layout import PlacedWord, is_loose, lines_of, placed_words, stacked

_MONEY = "|".join(map(re.escape, sorted({*CURRENCY_CODES, *CURRENCY_SIGNS}, key=len, reverse=True)))
_GLUED = re.compile(rf"(?!(?:{_MONEY})-?\d)(?P<words>.*?[^\W\d_]{{3}}:?)(?P<amount>(?:{_MONEY})?-?\d+[.,]\d\d)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place and the engines that read it. ``others``: per character what came second in the vote, None
    for nothing; empty when unknown."""

    text: str
    box: BoundingBox
    confidence: float | None
    engines: tuple[str, ...]
    others: tuple[Alternative | None, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Tokens of one printed line without a wide gap. ``starts[i]`` is where token i begins in ``text``."""

    page: int
    text: str
    tokens: tuple[Token, ...]
    starts: tuple[int, ...]
    box: BoundingBox

    @property
    def height(self) -> int:
        return self.box.height

    def box_of(self, start: int, end: int) -> BoundingBox:
        """The box of ``text[start:end]``; inside a token, letters are taken as equally wide."""
        return BoundingBox.union(part for token, a, b in self._parts(start, end) for part in [_slice(token, a, b)])

    def tokens_of(self, start: int, end: int) -> tuple[Token, ...]:
        return tuple(token for token, _, _ in self._parts(start, end))

    def second_thoughts(self, start: int, end: int) -> dict[int, Alternative]:
        """What came second in the vote and its share, by place in ``text``, for ``text[start:end]``."""
        return {
            offset + place: other
            for token, offset in zip(self.tokens, self.starts, strict=True)
            for place, other in enumerate(token.others)
            if other is not None and start <= offset + place < end
        }

    def part(self, start: int, end: int) -> Segment:
        """The piece ``text[start:end]`` as a segment of its own."""
        parts = self._parts(start, end)
        offsets = dict(zip(self.tokens, self.starts, strict=True))
        starts = tuple(max(0, offsets[token] - start) for token, _, _ in parts)
        tokens = tuple(token for token, _, _ in parts)
        return Segment(self.page, self.text[start:end], tokens, starts, self.box_of(start, end))

    def _parts(self, start: int, end: int) -> list[tuple[Token, int, int]]:
        first = max(0, bisect_right(self.starts, start) - 1)
        parts = []
        for token, offset in zip(self.tokens[first:], self.starts[first:], strict=True):
            a, b = max(start - offset, 0), min(end - offset, len(token.text))
            if offset >= end:
                break
            if a < b:
                parts.append((token, a, b))
        return parts or [(self.tokens[first], 0, len(self.tokens[first].text))]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Segments stacked below each other, top to bottom, that line up left or around one centre."""

    segments: tuple[Segment, ...]
    box: BoundingBox


def segments_of(page: FieldPage) -> tuple[Segment, ...]:
    """The page's segments in reading order, whatever lines the engine made of it: wide gaps split, narrow ones join.

    A telephone number or the like behind something else is a segment of its own: "81310 Skudai. Tel: 07-555 0140".
    """
    lines = lines_of(placed_words(page.lines))
    return tuple(part for line in lines for part in _contacts_apart(_segment(page, _unglued(line.words))))


def blocks_of(segments: Sequence[Segment]) -> tuple[Block, ...]:
    """Segments grouped into blocks, ordered by their top."""
    return tuple(Block(stack, BoundingBox.union(segment.box for segment in stack)) for stack in stacked(segments))


def typical_height(segments: Iterable[Segment]) -> float:
    """Median height of the page's text in pixels; 1.0 for an empty page."""
    heights = [segment.height for segment in segments]
    return float(median(heights)) if heights else 1.0


def _segment(page: FieldPage, words: Sequence[PlacedWord]) -> Segment:
    text, starts = words[0].word.text, [0]
    for before, word in pairwise(words):
        text += "  " if is_loose(before, word) else " "
        starts.append(len(text))
        text += word.word.text
    tokens = tuple(_token(page, word) for word in words)
    return Segment(page.number, text, tokens, tuple(starts), BoundingBox.union(token.box for token in tokens))


def _token(page: FieldPage, placed: PlacedWord) -> Token:
    word, start = placed.word, placed.start
    engines = page.engines[placed.line] if page.engines else ()
    others = page.lines[placed.line].alternatives or ()
    own = () if start is None else others[start : start + len(word.text)]
    return Token(word.text, word.box, word.confidence, engines, own)


def _unglued(words: Iterable[PlacedWord]) -> list[PlacedWord]:
    """The words, each apart from the amount behind it where the engine lost the space between: "TotalRM21.85"."""
    return [part for placed in words for part in _parts(placed)]


def _parts(placed: PlacedWord) -> list[PlacedWord]:
    word = placed.word
    glued = _GLUED.fullmatch(word.text)
    if glued is None:
        return [placed]
    cut = glued.end("words")
    middle = word.box.left + max(1, round(cut / len(word.text) * word.box.width))
    left, right = replace(word.box, right=middle), replace(word.box, left=min(middle, word.box.right - 1))
    return [
        replace(placed, word=Word(glued["words"], left, word.confidence)),
        replace(
            placed,
            word=Word(glued["amount"], right, word.confidence),
            start=None if placed.start is None else placed.start + cut,
        ),
    ]


def _contacts_apart(segment: Segment) -> list[Segment]:
    tokens = list(segment.tokens)
    texts = [token.text for token in tokens]
    inside = [number for number in range(1, len(texts)) if _begins_contact(texts[number:])]
    if not inside:
        return [segment]
    ends = [*(segment.starts[number] for number in inside), len(segment.text)]
    return [segment.part(start, len(segment.text[:end].rstrip())) for start, end in pairwise([0, *ends])]


@cache
def _contact() -> re.Pattern[str]:
    """What a way to get in touch begins with: "Tel.", "(Fax:"."""
    no = alternatives("number")
    return re.compile(rf"\(?{alternatives('telephone', 'email')}(?:[.:)]|{no}\b|$)", re.IGNORECASE)


def _begins_contact(texts: Sequence[str]) -> bool:
    """Whether a telephone number or the like begins here; "Nordvik Tele AB" is a name."""
    if not _contact().match(texts[0]):
        return False
    following = texts[1].rstrip(",.;") if len(texts) > 1 else ""
    return not texts[0][-1].isalpha() or not following or not following.isalpha() or following.lower() == "no"


def _slice(token: Token, start: int, end: int) -> BoundingBox:
    if (start, end) == (0, len(token.text)):
        return token.box
    scale = token.box.width / len(token.text)
    left, right = token.box.left + scale * start, token.box.left + scale * end
    return BoundingBox.around([(left, token.box.top), (right, token.box.bottom)])
