"""A PDF page's own text: glyphs to words and lines by geometry, and whether they can be trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
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
from ocr_ensemble.document.spacing import Row, SetGlyphs, usual_gap, words_of
from ocr_ensemble.layout import BoundingBox, TextLine, Word

_LINE_GAP = 1.5  # times the glyph height: a wider gap separates columns
_LEAST_HEIGHT = 5.0  # pixels, less than two points at 200 dpi: nobody reads smaller print
_SAME_BASELINE = 0.3  # times the glyph height
_REPEATED = 0.3  # of its width, within which the same glyph is painted once more
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
        seen = _rows_of(glyphs, glyphs.visible & _is_legible(glyphs, page))
        under = _lines_of(glyphs, glyphs.covered & _is_legible(glyphs, page), page)
        return cls("", _lines(glyphs, seen, page), under, _hidden_texts(glyphs, page), _mixed_print(glyphs, seen, page))


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
    return _lines(glyphs, _rows_of(glyphs, chosen), page)


def _mixed_print(glyphs: Glyphs, rows: Sequence[Row], page: tuple[float, float]) -> tuple[Sign, ...]:
    """MIXED for each number whose digits are set unlike each other."""
    numbers = [np.array(number) for number in islice(mixed_numbers(glyphs, rows), _MOST_MIXED)]
    lines = _lines(glyphs, [Row(number, np.zeros(1, dtype=np.intp)) for number in numbers], page)
    return tuple(Sign(Change.MIXED, line.text, line.box) for line in lines)


def _rows_of(glyphs: Glyphs, chosen: NDArray[np.bool_]) -> list[Row]:
    """The chosen glyphs by lines and words."""
    placed = SetGlyphs.of(glyphs)
    pieces = [piece for row in _baselines(placed, np.flatnonzero(chosen)) for piece in _split(placed, row)]
    usual = usual_gap(placed, pieces)
    rows = (words_of(placed, _without_repeats(placed, piece), usual) for piece in pieces)
    return [row for row in rows if len(row.printed)]


def _baselines(placed: SetGlyphs, usable: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Glyphs that share a baseline, from the top. Most have that of the one before and its height: only where either
    changes it is asked whether another row begins."""
    if not len(usable):
        return []
    ordered = usable[np.argsort(placed.glyphs.baselines[usable], kind="stable")]
    baselines, heights = placed.glyphs.baselines[ordered], placed.heights[ordered]
    changes = np.flatnonzero((np.diff(baselines) != 0) | (np.diff(heights) != 0)) + 1
    breaks: list[int] = []
    baseline, height = float(baselines[0]), float(heights[0])
    for at, other, its_height in zip(
        changes.tolist(), baselines[changes].tolist(), heights[changes].tolist(), strict=True
    ):
        if other - baseline > _SAME_BASELINE * min(its_height, height):
            breaks.append(at)
            baseline, height = other, its_height
    return np.split(ordered, breaks)


def _split(placed: SetGlyphs, row: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The row from left to right, cut where the white between glyphs exceeds ``_LINE_GAP`` glyph heights.

    Spaces do not bridge a gap: rows of spaces are how many programs move to the next column.
    """
    ordered = row[np.lexsort((row, placed.left[row]))]
    reached = np.maximum.accumulate(placed.right[ordered])
    white = placed.left[ordered][1:] - reached[:-1]
    return np.split(ordered, np.flatnonzero(white > _LINE_GAP * placed.heights[ordered][1:]) + 1)


def _without_repeats(placed: SetGlyphs, piece: NDArray[np.intp]) -> NDArray[np.intp]:
    """Bold is often the same glyph painted again, a hair apart."""
    codes, spaces = placed.glyphs.codes[piece], placed.spaces[piece]
    left, _, right, _ = placed.glyphs.tight[piece].T
    again = (codes[1:] == codes[:-1]) & ~spaces[1:] & (np.abs(np.diff(left)) < _REPEATED * (right - left)[:-1])
    if not again.any():
        return piece
    kept: list[int] = []  # each is compared with the last one that stays
    for at in range(len(piece)):
        last = kept[-1] if kept else at
        is_same = bool(kept) and codes[at] == codes[last] and not spaces[at]
        if not (is_same and abs(left[at] - left[last]) < _REPEATED * (right[last] - left[last])):
            kept.append(at)
    return piece[kept]


def _lines(glyphs: Glyphs, rows: Sequence[Row], page: tuple[float, float]) -> tuple[TextLine, ...]:
    """The rows as lines of words; all boxes of a page at once, as it has thousands."""
    if not rows:
        return ()
    printed = np.concatenate([row.printed for row in rows])
    behind = np.cumsum([0, *(len(row.printed) for row in rows)])
    starts = np.concatenate([row.starts + before for row, before in zip(rows, behind[:-1].tolist(), strict=True)])
    boxes = _boxes(glyphs.tight[printed], starts, page)
    characters = list(map(_character, glyphs.codes[printed].tolist()))
    ends = [*starts[1:].tolist(), len(characters)]
    texts = (_composed(characters[start:end]) for start, end in zip(starts.tolist(), ends, strict=True))
    words = iter([Word(text, BoundingBox(*box)) for text, box in zip(texts, boxes.tolist(), strict=True)])
    return tuple(_line(tuple(islice(words, len(row.starts)))) for row in rows)


def _line(words: tuple[Word, ...]) -> TextLine:
    text, box = " ".join(word.text for word in words), BoundingBox.union(word.box for word in words)
    return TextLine(text, box, None, words)


def _composed(characters: Sequence[str]) -> str:
    return unicodedata.normalize("NFC", "".join(characters))


@lru_cache(maxsize=1 << 12)
def _character(code: int) -> str:
    return _REPLACED.get(code) or chr(code)


def _boxes(tight: NDArray[np.float64], starts: NDArray[np.intp], page: tuple[float, float]) -> NDArray[np.int64]:
    """The whole-pixel box around the glyphs of each word, cut at the page."""
    last, size = np.array([int(edge) - 1 for edge in page]), np.array([round(edge) for edge in page])
    first = np.clip(np.floor(np.minimum.reduceat(tight[:, :2], starts)), 0, last)
    end = np.minimum(np.ceil(np.maximum.reduceat(tight[:, 2:], starts)), size)
    return np.hstack([first, np.maximum(first + 1, end)]).astype(np.int64)


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
