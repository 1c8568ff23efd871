"""A PDF page's own text: glyphs to words and lines by geometry, and whether they can be trusted."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.beside_layer import told, untold_lines
from ocr_ensemble.document.ink import InkMap
from ocr_ensemble.document.mixed_print import mixed_numbers
from ocr_ensemble.document.raw import Glyphs
from ocr_ensemble.document.signs import Change, Sign
from ocr_ensemble.document.spacing import PlainGlyphs, usual_gap, words_of
from ocr_ensemble.layout import BoundingBox, TextLine, Word

_LINE_GAP = 1.5  # times the glyph height: a wider gap separates columns
_LEAST_HEIGHT = 5.0  # pixels, less than two points at 200 dpi: nobody reads smaller print
_SAME_BASELINE = 0.3  # times the glyph height
_MOST_UNMAPPED, _MOST_INVISIBLE, _MOST_INKLESS = 0.1, 0.5, 0.2  # shares of the glyphs
_LEAST_COVERAGE = 0.6  # share of the page's letters that stand inside the text's lines
_INK_CONTRAST = 24  # grey levels between paper and print inside a line's box
_OWN_TEXT = 50  # visible glyphs of a page that is more than a scan with its reading
_MOST_MIXED = 20
_MOST_HIDDEN, _LONGEST_HIDDEN = 50, 200  # lines of a page, characters of one
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_REPLACED = _LIGATURES | {0xA0: " ", 0xAD: "-", 0x02: "-", 0xFFFE: "-", 0x2011: "-"}
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]{4,}")
_VOWEL = re.compile(r"[AEIOUYÀ-ÆÈ-ÏÒ-ÖØ-Ýaeiouyà-æè-ïò-öø-ýÿ]")


@dataclass(frozen=True, slots=True)
class WordRows:
    """The ``words`` of each line, given by the indexes of their glyphs."""

    glyphs: PlainGlyphs
    words: list[list[list[int]]]


@dataclass(frozen=True, slots=True)
class JudgedText:
    """``lines`` in reading order, empty when not ``trusted``; ``reason`` in words for the audit log; ``untold`` the
    places of print that they do not hold; ``covered``: lines that something was painted over; ``hidden``: texts that
    nobody sees for another reason: white, tiny, clipped, in a mode or place that is not painted; ``signs``: numbers
    whose digits are set unlike each other."""

    trusted: bool
    reason: str
    lines: tuple[TextLine, ...] = ()
    untold: tuple[BoundingBox, ...] = ()
    covered: tuple[TextLine, ...] = ()
    hidden: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerText:
    """What a layer says before anyone looks at the print: ``fault`` in words, empty where there is none; ``lines`` that
    are visible; ``covered``, ``hidden`` and ``signs`` as in ``JudgedText``."""

    fault: str
    lines: tuple[TextLine, ...] = ()
    covered: tuple[TextLine, ...] = ()
    hidden: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()

    @classmethod
    def of(cls, glyphs: Glyphs, page: tuple[float, float]) -> LayerText:
        """``page``: width and height in pixels."""
        fault = _fault_of_glyphs(glyphs)
        if fault:
            own = np.count_nonzero(glyphs.visible) >= _OWN_TEXT  # else it is a scan's reading
            return cls(fault, hidden=_hidden_texts(glyphs, page) if own else ())
        seen = _word_rows(glyphs, glyphs.visible & _is_legible(glyphs, page))
        under = _lines_of(glyphs, glyphs.covered & _is_legible(glyphs, page), page)
        return cls("", _lines(seen, page), under, _hidden_texts(glyphs, page), _mixed_print(glyphs, seen, page))


def judge_text_layer(layer: LayerText, ink: InkMap) -> JudgedText:
    """Whether the text says what is printed, as far as that shows without reading the page."""
    if layer.fault:
        return JudgedText(False, layer.fault, hidden=layer.hidden)
    inked = [line for line in layer.lines if _has_ink(line.box, ink)]
    lost = 1 - sum(map(_letters_of, inked)) / max(1, sum(map(_letters_of, layer.lines)))
    if not inked or lost > _MOST_INKLESS:
        return JudgedText(False, f"{lost:.0%} of it stands where nothing is printed")
    share = coverage(inked, ink)
    if share < _LEAST_COVERAGE:
        return JudgedText(False, f"it covers {share:.0%} of the print only")
    if not _reads_like_words(" ".join(line.text for line in inked)):
        return JudgedText(False, "its words have no vowels: the font lies about its letters")
    reason = f"it covers {share:.0%} of the print"
    return JudgedText(True, reason, tuple(inked), untold_lines(inked, ink), layer.covered, layer.hidden, layer.signs)


def _fault_of_glyphs(glyphs: Glyphs) -> str:
    """Why the glyphs cannot be trusted wherever they stand; empty when they can."""
    printed = glyphs.codes != 32
    total = int(np.count_nonzero(printed))
    if not total:
        return "it is empty"
    unmapped = np.count_nonzero(printed & ~(glyphs.mapped & _meaningful(glyphs.codes))) / total
    if unmapped > _MOST_UNMAPPED:
        return f"{unmapped:.0%} of its glyphs have no meaning"
    invisible = np.count_nonzero(printed & ~glyphs.visible) / total
    if invisible > _MOST_INVISIBLE:
        return f"{invisible:.0%} of it is invisible: somebody else's reading of a picture"
    return ""


def _hidden_texts(glyphs: Glyphs, page: tuple[float, float]) -> tuple[str, ...]:
    """What the page says and nobody sees, line by line, though nothing was painted over it; the first of it."""
    unseen = ~(glyphs.visible & _is_legible(glyphs, page)) & ~glyphs.covered
    if not (unseen & (glyphs.codes != 32)).any():
        return ()
    return tuple(line.text[:_LONGEST_HIDDEN] for line in _lines_of(glyphs, unseen, page)[:_MOST_HIDDEN])


def _is_legible(glyphs: Glyphs, page: tuple[float, float]) -> NDArray[np.bool_]:
    """Shape (n,): whether a glyph stands on the page and is large enough to be read."""
    x, y = (glyphs.tight[:, 0] + glyphs.tight[:, 2]) / 2, (glyphs.tight[:, 1] + glyphs.tight[:, 3]) / 2
    on_page = (x >= 0) & (x < page[0]) & (y >= 0) & (y < page[1])
    return np.asarray(on_page & (glyphs.loose[:, 3] - glyphs.loose[:, 1] > _LEAST_HEIGHT), dtype=np.bool_)


def _lines_of(glyphs: Glyphs, chosen: NDArray[np.bool_], page: tuple[float, float]) -> tuple[TextLine, ...]:
    """The chosen glyphs as lines from top to bottom, then left to right; wide gaps split a row into several lines."""
    return _lines(_word_rows(glyphs, chosen), page)


def _lines(rows: WordRows, page: tuple[float, float]) -> tuple[TextLine, ...]:
    return tuple(_line(words, rows.glyphs, page) for words in rows.words)


def _mixed_print(glyphs: Glyphs, rows: WordRows, page: tuple[float, float]) -> tuple[Sign, ...]:
    """MIXED for each number whose digits are set unlike each other."""
    return tuple(
        Sign(Change.MIXED, _text_of(number, rows.glyphs), _box([rows.glyphs.tight[at] for at in number], page))
        for number in islice(mixed_numbers(glyphs, rows.words), _MOST_MIXED)
    )


def _word_rows(glyphs: Glyphs, chosen: NDArray[np.bool_]) -> WordRows:
    """The chosen glyphs, by the words of each line."""
    plain = PlainGlyphs.of(glyphs)
    usable = np.flatnonzero(chosen)
    from_top = usable[np.argsort(glyphs.baselines[usable], kind="stable")].tolist()
    pieces = [piece for row in _rows(from_top, plain) for piece in _split(row, plain, _LINE_GAP)]
    usual = usual_gap(plain, pieces)
    lines = (list(words_of(plain, _without_repeats(piece, plain), usual)) for piece in pieces)
    return WordRows(plain, [words for words in lines if words])


def _rows(from_top: list[int], glyphs: PlainGlyphs) -> Iterator[list[int]]:
    """Glyphs, given by baseline from the top, that share one; each row from left to right by its caller."""
    baselines, heights = glyphs.baselines, glyphs.heights
    row: list[int] = []
    for index in from_top:
        tolerance = _SAME_BASELINE * min(heights[index], heights[row[0]]) if row else 0.0
        if row and baselines[index] - baselines[row[0]] > tolerance:
            yield row
            row = []
        row.append(index)
    if row:
        yield row


def _split(row: list[int], glyphs: PlainGlyphs, gap: float) -> Iterator[list[int]]:
    """The row from left to right, cut where the white between glyphs exceeds ``gap`` glyph heights.

    Spaces do not bridge a gap: rows of spaces are how many programs move to the next column.
    """
    left, right, heights = glyphs.left, glyphs.right, glyphs.heights
    ordered = sorted(row, key=lambda index: (left[index], index))
    piece: list[int] = []
    reached = -math.inf
    for index in ordered:
        if piece and left[index] - reached > gap * heights[index]:
            yield piece
            piece = []
            reached = -math.inf
        piece.append(index)
        reached = max(reached, right[index])
    if piece:
        yield piece


def _line(row: Sequence[list[int]], glyphs: PlainGlyphs, page: tuple[float, float]) -> TextLine:
    words = [Word(_text_of(word, glyphs), _box([glyphs.tight[index] for index in word], page)) for word in row]
    return TextLine(
        " ".join(word.text for word in words), BoundingBox.union(word.box for word in words), None, tuple(words)
    )


def _text_of(word: list[int], glyphs: PlainGlyphs) -> str:
    return unicodedata.normalize("NFC", "".join(map(_character, [glyphs.codes[index] for index in word])))


@lru_cache(maxsize=1 << 12)
def _character(code: int) -> str:
    return _REPLACED.get(code) or chr(code)


def _without_repeats(piece: list[int], glyphs: PlainGlyphs) -> list[int]:
    """Bold is often the same glyph painted again, a hair apart."""
    kept: list[int] = []
    for index in piece:
        if kept and glyphs.codes[index] == glyphs.codes[kept[-1]] and not glyphs.spaces[index]:
            last = kept[-1]
            left, _, right, _ = glyphs.tight[last]
            if abs(glyphs.tight[index][0] - left) < 0.3 * (right - left):
                continue
        kept.append(index)
    return kept


def _box(boxes: list[list[float]], page: tuple[float, float]) -> BoundingBox:
    """The whole-pixel box around float boxes, cut at the page."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    left, top, right, bottom = (
        math.floor(min(lefts)),
        math.floor(min(tops)),
        math.ceil(max(rights)),
        math.ceil(max(bottoms)),
    )
    left, top = min(max(0, left), int(page[0]) - 1), min(max(0, top), int(page[1]) - 1)
    right, bottom = min(right, round(page[0])), min(bottom, round(page[1]))
    return BoundingBox(left, top, max(left + 1, right), max(top + 1, bottom))


def _meaningful(codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """False for controls, private use, U+FFFD and surrogates: what a font without a character map yields."""
    control = ((codes < 32) & (codes != 2)) | ((codes >= 0x7F) & (codes < 0xA0))
    private = ((codes >= 0xD800) & (codes <= 0xF8FF)) | (codes == 0xFFFD) | (codes >= 0xF0000)
    return np.asarray(~(control | private), dtype=np.bool_)


def _letters_of(line: TextLine) -> int:
    return sum(len(word.text) for word in line.words)


def _has_ink(box: BoundingBox, ink: InkMap) -> bool:
    left, top = int(box.left * ink.scale), int(box.top * ink.scale)
    right, bottom = int(np.ceil(box.right * ink.scale)) + 1, int(np.ceil(box.bottom * ink.scale)) + 1
    patch = ink.grey[max(0, top - 1) : bottom, max(0, left - 1) : right]
    return bool(patch.size and int(patch.max()) - int(patch.min()) >= _INK_CONTRAST)


def _reads_like_words(text: str) -> bool:
    """False when most longer Latin words have no vowel; true when there are too few to tell."""
    words = _LATIN_WORD.findall(text)
    return len(words) < 10 or sum(bool(_VOWEL.search(word)) for word in words) >= 0.6 * len(words)


def coverage(lines: list[TextLine], ink: InkMap) -> float:
    """Share of the page's letter-like ink whose centre lies in a line's box, 0..1; 1 for a page without such ink."""
    letters = ink.letters[:, :4]
    if not len(letters):
        return 1.0
    x, y = letters[:, 0] + letters[:, 2] // 2, letters[:, 1] + letters[:, 3] // 2
    areas = letters[:, 2] * letters[:, 3]
    return float(areas[told(lines, ink)[y, x]].sum() / areas.sum())
