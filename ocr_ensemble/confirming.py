"""Whether a text that was told is what the picture shows: engines read its place, the cheapest first.

One engine that reads the same confirms a text. A text differs only when all engines agree with one another on something
else: what none of them can read stays open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.protocols import LineCrop
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import Reading

ALIKE = 0.7  # of the letters and digits of two readings of one print, accents and case aside
SURE = 0.75  # mean confidence of a reading that may speak against a text
SAMPLE = 4  # lines of a page
_MARGIN = 0.2  # of the line's height, on every side
_DIGIT_WORTH = 3  # letters: a wrong digit is a wrong amount
_FEWEST_DIGITS = 3
_PAIRS = ("l1", "i1", "o0", "s5", "b8", "z2", "g9", "q9")
_LOOKALIKES = frozenset({*_PAIRS, *(pair[::-1] for pair in _PAIRS)})
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_DIGITS = re.compile(r"[0-9]")


def cut_wide(page: PageImage, box: BoundingBox, language: str | None) -> LineCrop:
    """The picture of a line with a margin; ``language`` is the ISO 639-1 code of its text."""
    wide = box.padded(max(3, round(_MARGIN * box.height)), page.width, page.height)
    return LineCrop(wide, page.pixels[wide.top : wide.bottom, wide.left : wide.right], language)


def sample(lines: Sequence[TextLine], most: int = SAMPLE) -> list[TextLine]:
    """Few lines that together hold most of the page's different characters: a font's map lies by the character."""
    chosen: list[TextLine] = []
    used = [frozenset(line.text) for line in lines]
    wanted = set(filter(_is_told, frozenset().union(*used)))
    while len(chosen) < most and wanted:
        gains = [_worth(found & wanted) / (8 + len(line.text)) for line, found in zip(lines, used, strict=True)]
        best = gains.index(max(gains))
        chosen.append(lines[best])
        wanted -= used[best]
    return chosen


def _worth(characters: Iterable[str]) -> int:
    return sum(_DIGIT_WORTH if char.isdigit() else 1 for char in characters)


def _is_told(char: str) -> bool:
    return bool(_LATIN.match(char) or _DIGITS.match(char))


def is_legible(text: str) -> bool:
    """Whether engines for Latin print can tell it: it has digits, or mostly Latin letters."""
    return bool(_DIGITS.search(text)) or _is_latin(text)


def _is_latin(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(bool(_LATIN.match(char)) for char in letters) > len(letters)


def tells_number(text: str) -> bool:
    """Whether a text holds a number that may be an amount, a day or an identifier."""
    return len(_DIGITS.findall(text)) >= _FEWEST_DIGITS


def same_print(told: str, seen: str) -> bool:
    """Whether ``seen`` may be a reading of the print that says ``told``: the same digits, and letters that are alike.

    Letters of other scripts are left out of it.
    """
    if not _is_latin(told):
        return _DIGITS.findall(told) == _DIGITS.findall(seen)
    one, other = _folded(told), _folded(seen)
    for edit in Levenshtein.editops(one, other):
        was = one[edit.src_pos] if edit.tag != "insert" else ""
        became = other[edit.dest_pos] if edit.tag != "delete" else ""
        if _DIGITS.search(was + became) and was + became not in _LOOKALIKES:
            return False
    return not one or float(Levenshtein.normalized_similarity(one, other)) >= ALIKE


def _folded(text: str) -> str:
    """Letters and digits without accents and case."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def confirmed_by(told: str, readings: Sequence[Reading]) -> tuple[str, ...]:
    """The engines among the readings that read the text so."""
    return tuple(dict.fromkeys(reading.engine for reading in readings if same_print(told, reading.text)))


def contradiction(told: str, readings: Sequence[Reading]) -> str | None:
    """What the picture shows instead, where all readings are sure, tell the same and not what was told."""
    if not readings or confirmed_by(told, readings):
        return None
    if any((reading.confidence or 0.0) < SURE or not reading.text.strip() for reading in readings):
        return None
    seen = readings[-1].text
    return seen if all(same_print(seen, reading.text) for reading in readings) else None
