"""The page as pieces of text that belong together: tokens, segments (no wide gap inside), blocks (stacked segments)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from invoice_connector.fields.amounts import CURRENCY_CODES, CURRENCY_SIGNS
from invoice_connector.fields.page import FieldPage
from ocr_ensemble.layout import Alternative, BoundingBox, TextLine, Word

# Gaps, in heights of the text beside them.
WIDE_GAP = 1.3  # columns: text beyond it belongs to something else
WIDE_TOWN = 2.5  # between a Swedish postal code and its town, which are set apart
LINE_SHARE = 0.75  # of a line's box that its letters fill, where a detector drew it
LOOSE_GAP = 0.85  # written as two spaces, so that "2  250,00" is never read as 2 250,00
WIDE_LETTERS = 2.2  # in widths of a letter: a full stop fills little of its place in a typewriter's face
LOOSE_LETTERS = 1.5  # the same in widths of a letter: one space of a typewriter's face is wide, but still one
OVERLAP = 0.8  # of two pieces of one line, cut where a letter stands
_MONEY = "|".join(map(re.escape, sorted({*CURRENCY_CODES, *CURRENCY_SIGNS}, key=len, reverse=True)))
_GLUED = re.compile(rf"(?!(?:{_MONEY})-?\d)(?P<words>.*?[^\W\d_]{{3}}:?)(?P<amount>(?:{_MONEY})?-?\d+[.,]\d\d)")
_CONTACT = re.compile(r"\(?(?:tele?|telp|phone|telefon|tfn|tlf|fax|telefax|e-?mail|h/p)(?:[.:)]|no\b|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place and the engines that read it. ``line_height``: of the line's box as its engine drew it.
    ``others``: per character what came second in the vote, None for nothing; empty when unknown."""

    text: str
    box: BoundingBox
    confidence: float | None
    engines: tuple[str, ...]
    line_height: int
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
    pieces: list[list[Token]] = []
    for index, line in enumerate(page.lines):
        engines = page.engines[index] if page.engines else ()
        pieces += _split(list(_tokens(line, engines)))
    segments = [_segment(page.number, tokens) for tokens in _joined([piece for piece in pieces if piece])]
    ordered = sorted(segments, key=lambda s: (s.box.top + s.box.bottom, s.box.left))
    return tuple(part for segment in ordered for part in _contacts_apart(segment))


def blocks_of(segments: Sequence[Segment]) -> tuple[Block, ...]:
    """Segments grouped into blocks, ordered by their top."""
    open_blocks: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.box.top, s.box.left)):
        below = [block for block in open_blocks if _continues(block[-1], segment)]
        if below:
            nearest = min(below, key=lambda block: segment.box.top - block[-1].box.bottom)
            nearest.append(segment)
        else:
            open_blocks.append([segment])
    return tuple(Block(tuple(block), BoundingBox.union(s.box for s in block)) for block in open_blocks)


def same_row(a: BoundingBox, b: BoundingBox) -> bool:
    """Whether two boxes stand on one printed line."""
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)  # written out: this is asked thousands of times a page
    return shared > 0 and shared >= 0.45 * min(a.bottom - a.top, b.bottom - b.top)


def typical_height(segments: Iterable[Segment]) -> float:
    """Median height of the page's text in pixels; 1.0 for an empty page."""
    heights = [segment.height for segment in segments]
    return float(median(heights)) if heights else 1.0


def _tokens(line: TextLine, engines: tuple[str, ...]) -> Iterator[Token]:
    others = line.alternatives or ()
    behind = 0
    for word in _words(line):
        start = line.text.find(word.text, behind)
        own = others[start : start + len(word.text)] if start >= 0 else ()
        for part in _unglued(word):
            yield Token(part.text, part.box, part.confidence, engines, line.box.height, own[: len(part.text)])
            own = own[len(part.text) :]
        behind = max(behind, start + len(word.text))


def _words(line: TextLine) -> list[Word]:
    """The line's words; where the engine gave none, cut out of the line's box by share of letters."""
    texts = line.text.split()
    if line.words and [word.text for word in line.words] == texts:
        return list(line.words)
    if line.words and "".join(word.text for word in line.words) == "".join(texts):
        return [word for word in line.words if word.text.strip()]
    words, position, scale = [], 0, line.box.width / max(1, len(line.text))
    for text in texts:
        position = line.text.index(text, position)
        left = line.box.left + scale * position
        right = left + scale * len(text)
        box = BoundingBox.around([(left, line.box.top), (right, line.box.bottom)])
        words.append(Word(text, box, line.confidence))
        position += len(text)
    return words


def _unglued(word: Word) -> list[Word]:
    """A word and the amount behind it where the engine lost the space between them: "TotalRM21.85"."""
    glued = _GLUED.fullmatch(word.text)
    if glued is None:
        return [word]
    box, share = word.box, glued.end("words") / len(word.text)
    middle = box.left + max(1, round(share * box.width))
    left, right = replace(box, right=middle), replace(box, left=min(middle, box.right - 1))
    return [Word(glued["words"], left, word.confidence), Word(glued["amount"], right, word.confidence)]


def _split(tokens: list[Token]) -> list[list[Token]]:
    pieces: list[list[Token]] = [tokens[:1]]
    for before, token in pairwise(tokens):
        gap = token.box.left - before.box.right
        wide = WIDE_TOWN if _heads_town(pieces[-1], token) else WIDE_GAP
        if gap > max(wide * _em(before, token), WIDE_LETTERS * _pitch(before, token)) or not same_row(
            before.box, token.box
        ):
            pieces.append([])
        pieces[-1].append(token)
    return pieces


def _heads_town(tokens: Sequence[Token], following: Token) -> bool:
    """Whether a postal code as in "111 22  Stockholm" ends before a word."""
    code = " ".join(token.text for token in tokens[-2:])
    return following.text[:1].isupper() and following.text.isalpha() and re.fullmatch(r"\d{3} \d{2}", code) is not None


def _contacts_apart(segment: Segment) -> list[Segment]:
    tokens = list(segment.tokens)
    texts = [token.text for token in tokens]
    inside = [number for number in range(1, len(texts)) if _begins_contact(texts[number:])]
    if not inside:
        return [segment]
    return [_segment(segment.page, tokens[start:end]) for start, end in pairwise([0, *inside, len(tokens)])]


def _begins_contact(texts: Sequence[str]) -> bool:
    """Whether a telephone number or the like begins here; "Nordvik Tele AB" is a name."""
    if not _CONTACT.match(texts[0]):
        return False
    following = texts[1].rstrip(",.;") if len(texts) > 1 else ""
    return not texts[0][-1].isalpha() or not following or not following.isalpha() or following.lower() == "no"


def _em(one: Token, other: Token) -> float:
    """The height gaps are measured in. Boxes of words may hug letters without ascenders while those of others hold the
    whole line, so the line's box counts as well."""
    return max(min(one.box.height, other.box.height), LINE_SHARE * min(one.line_height, other.line_height))


def _pitch(one: Token, other: Token) -> float:
    """Width of a letter of the longer token in pixels."""
    longer = max(one, other, key=lambda token: len(token.text))
    return longer.box.width / len(longer.text)


def _joined(pieces: list[list[Token]]) -> list[list[Token]]:
    """Pieces that stand close together on one row, as one."""
    pieces.sort(key=lambda tokens: tokens[0].box.left)
    grown: list[list[Token]] = []
    for piece in pieces:
        first = piece[0].box
        for tokens in grown:
            last = tokens[-1].box
            if not (last.top < first.bottom and first.top < last.bottom):
                continue
            height, gap = min(first.height, last.height), first.left - last.right
            loose = WIDE_TOWN if _heads_town(tokens, piece[0]) else LOOSE_GAP
            wide = max(loose * height, LOOSE_LETTERS * _pitch(tokens[-1], piece[0]))
            near = -OVERLAP * height <= gap <= wide
            if near and _level(first, last):
                tokens.extend(piece)
                break
        else:
            grown.append(list(piece))
    return grown


def _level(one: BoundingBox, other: BoundingBox) -> bool:
    """Whether two boxes stand at one height, also when one of them holds the whole line and one only its letters."""
    lower, higher = sorted((one.height, other.height))
    shared = one.vertical_overlap(other)
    return shared >= 0.6 * higher or (shared >= 0.9 * lower and abs(one.center[1] - other.center[1]) <= 0.1 * higher)


def _segment(page: int, tokens: list[Token]) -> Segment:
    text, starts = tokens[0].text, [0]
    for before, token in pairwise(tokens):
        gap = token.box.left - before.box.right
        text += "  " if gap > max(LOOSE_GAP * _em(before, token), LOOSE_LETTERS * _pitch(before, token)) else " "
        starts.append(len(text))
        text += token.text
    return Segment(page, text, tuple(tokens), tuple(starts), BoundingBox.union(token.box for token in tokens))


def _continues(above: Segment, below: Segment) -> bool:
    gap = below.box.top - above.box.bottom
    if gap > 2 * above.height:
        return False
    height = min(above.height, below.height)
    if not -0.4 * height <= gap <= 1.1 * height or max(above.height, below.height) > 2.2 * height:
        return False
    centred = abs(above.box.center[0] - below.box.center[0]) <= 1.5 * height
    return abs(above.box.left - below.box.left) <= 1.2 * height or centred


def _slice(token: Token, start: int, end: int) -> BoundingBox:
    if (start, end) == (0, len(token.text)):
        return token.box
    scale = token.box.width / len(token.text)
    left, right = token.box.left + scale * start, token.box.left + scale * end
    return BoundingBox.around([(left, token.box.top), (right, token.box.bottom)])
