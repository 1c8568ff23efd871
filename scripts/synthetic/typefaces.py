"""Typefaces for whole documents: TrueType faces in pairs of regular and bold, known to reportlab."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from scripts.synthetic.fonts import FONT_ROOT

Category = Literal["sans", "serif", "mono", "thermal"]

NEEDED = "ÅÄÖÉÜÑÇÃÕÀÈÊÍÓÚåäöéüßñçãõàèêíóú€£%&@/º°²³§·'"

# Stems of the regular and the bold file. Only faces that businesses really set their papers in.
_PAIRS: dict[Category, tuple[tuple[str, str], ...]] = {
    "sans": (
        ("Arimo-Regular", "Arimo-Bold"), ("Carlito-Regular", "Carlito-Bold"), ("DejaVuSans", "DejaVuSans-Bold"),
        ("FreeSans", "FreeSansBold"), ("Lato-Regular", "Lato-Bold"), ("LiberationSans-Regular", "LiberationSans-Bold"),
        ("OpenSans-Regular", "OpenSans-Bold"), ("Roboto-Regular", "Roboto-Bold"), ("Andika-Regular", "Andika-Bold"),
        ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
        ("LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold"),
        ("Play-Regular", "Play-Bold"), ("NotoSans-Regular", "NotoSans-Bold"),
    ),
    "serif": (
        ("Tinos-Regular", "Tinos-Bold"), ("Caladea-Regular", "Caladea-Bold"), ("DejaVuSerif", "DejaVuSerif-Bold"),
        ("FreeSerif", "FreeSerifBold"), ("GenBasR", "GenBasB"), ("LiberationSerif-Regular", "LiberationSerif-Bold"),
        ("DejaVuSerifCondensed", "DejaVuSerifCondensed-Bold"),
    ),
    "mono": (
        ("Cousine-Regular", "Cousine-Bold"), ("DejaVuSansMono", "DejaVuSansMono-Bold"), ("FreeMono", "FreeMonoBold"),
        ("LiberationMono-Regular", "LiberationMono-Bold"), ("NotoSansMono-Regular", "NotoSansMono-Bold"),
        ("Hack-Regular", "Hack-Bold"), ("Anonymous Pro", "Anonymous Pro B"), ("Inconsolata", "Inconsolata-Bold"),
        ("NotoMono-Regular", "NotoMono-Regular"),
    ),
    "thermal": (
        ("3270-Regular", "3270-Regular"), ("DejaVuSansMono", "DejaVuSansMono-Bold"),
        ("mononoki-Regular", "mononoki-Bold"),
        ("agave-r-autohinted", "agave-b-autohinted"), ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
        ("Cousine-Regular", "Cousine-Bold"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Typeface:
    """Names under which reportlab knows the regular and the bold face (the same one where there is no bold)."""

    regular: str
    bold: str

    def name(self, bold: bool) -> str:
        return self.bold if bold else self.regular


@functools.cache
def typefaces(category: Category) -> tuple[Typeface, ...]:
    """The installed typefaces of a category that have all letters of the seven languages.

    Raises:
        FileNotFoundError: none is installed; the message names packages.
    """
    found = tuple(
        Typeface(regular, bold) for regular, bold in _PAIRS[category] if _register(regular) and _register(bold)
    )
    if not found:
        raise FileNotFoundError(
            f"no {category} typeface below {FONT_ROOT}; apt-get install fonts-dejavu fonts-liberation"
        )
    return found


def find_typeface(regular: str) -> Typeface:
    """The typeface whose regular file has this stem, or the first installed one where it is missing."""
    every = typefaces("sans") + typefaces("serif") + typefaces("mono")
    return next((face for face in every if face.regular == regular), every[0])


def text_width(text: str, name: str, size: float) -> float:
    """Width in points; the PDF sets letters without kerning, so this is exact."""
    return float(pdfmetrics.stringWidth(text, name, size))


@functools.cache
def _files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(FONT_ROOT.rglob("*.ttf"))}


@functools.cache
def _register(stem: str) -> bool:
    """Whether the face is installed, can be embedded by reportlab (TrueType outlines only) and has the letters."""
    path = _files().get(stem)
    if path is None:
        return False
    try:
        font = TTFont(stem, str(path))
    except TTFError:
        return False
    if any(ord(char) not in font.face.charToGlyph for char in NEEDED):
        return False
    pdfmetrics.registerFont(font)
    return True
