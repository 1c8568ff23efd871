"""The free fonts that synthetic documents are set in.

Everything comes from Debian packages (`scripts/system-packages.txt`); `find_fonts` uses whatever of them is installed
and leaves out faces that lack the letters of the seven languages.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import ImageFont

Category = Literal["sans", "serif", "mono", "thermal", "typewriter"]

FONT_ROOT = Path("/usr/share/fonts")

# Category and weight by the start of the file name; the weight is how often a family's faces are drawn
# relative to the others of its category. The first match counts.
_FAMILIES: tuple[tuple[str, Category, float], ...] = (
    ("spleen", "thermal", 3.0), ("terminus", "thermal", 4.0), ("3270", "thermal", 3.0), ("ProggyTiny", "thermal", 1.0),
    ("DotGothic", "thermal", 1.0), ("OCRA", "thermal", 0.7), ("OCRB", "thermal", 2.0),
    ("agave", "mono", 1.0), ("Anonymous", "mono", 1.0), ("Cousine", "mono", 2.0), ("DejaVuSansMono", "mono", 3.0),
    ("FiraCode", "mono", 1.0), ("FreeMono", "mono", 2.0), ("Hack", "mono", 2.0), ("Hermit", "mono", 0.5),
    ("Inconsolata", "mono", 2.0), ("JetBrains", "mono", 0.7), ("LiberationMono", "mono", 3.0),
    ("monof5", "mono", 0.3), ("mononoki", "mono", 1.0), ("NotoMono", "mono", 2.0), ("NotoSansMono", "mono", 2.0),
    ("MplusCode", "mono", 1.5), ("Mplus1Code", "mono", 1.0),
    ("NimbusMono", "typewriter", 2.0), ("Courier", "typewriter", 3.0), ("gnutypewriter", "typewriter", 1.0),
    ("GNUTypewriter", "typewriter", 1.0), ("TlwgMono", "typewriter", 1.0), ("TlwgTypewriter", "typewriter", 1.0),
    ("texgyrecursor", "typewriter", 1.0), ("lmmono", "typewriter", 0.6),
    ("Arimo", "sans", 3.0), ("LiberationSans", "sans", 4.0), ("NimbusSans", "sans", 3.0), ("FreeSans", "sans", 2.0),
    ("DejaVuSans", "sans", 3.0), ("Carlito", "sans", 3.0), ("OpenSans", "sans", 2.0), ("Roboto", "sans", 2.0),
    ("Lato", "sans", 1.0), ("Cabin", "sans", 1.0), ("Cantarell", "sans", 1.0), ("Gillius", "sans", 0.5),
    ("Switzera", "sans", 1.0), ("Universalis", "sans", 0.5), ("VeranaSans", "sans", 1.0), ("Junction", "sans", 0.5),
    ("Karla", "sans", 1.0), ("Mplus", "sans", 0.5), ("Play", "sans", 0.7), ("Andika", "sans", 0.5),
    ("texgyreheros", "sans", 2.0), ("texgyreadventor", "sans", 0.5), ("URWGothic", "sans", 0.5),
    ("lmsans", "sans", 0.5),
    ("Caladea", "serif", 1.5), ("DejaVuSerif", "serif", 1.5), ("EBGaramond", "serif", 0.7),
    ("FreeSerif", "serif", 2.0), ("GenBas", "serif", 0.7), ("GenBkBas", "serif", 0.7), ("C059", "serif", 1.0),
    ("P052", "serif", 1.0), ("URWBookman", "serif", 1.0), ("LiberationSerif", "serif", 4.0), ("Tinos", "serif", 3.0),
    ("NimbusRoman", "serif", 3.0), ("Quattrocento", "serif", 0.5), ("RobotoSlab", "serif", 0.7),
    ("texgyretermes", "serif", 1.0), ("texgyrebonum", "serif", 0.5), ("texgyrepagella", "serif", 0.5),
    ("texgyreschola", "serif", 0.5), ("Verana", "serif", 0.5), ("lmroman", "serif", 0.3),
)  # fmt: skip

_UNREADABLE = ("hairline", "thin", "math", "dunh", "unslanted", "caps", "black", "karlatamil", "extralight")
_STRIKES = (12, 14, 16, 18, 20, 22, 24, 28, 32)  # sizes that Terminus has as bitmaps; it has no outlines

REQUIRED = "AZaz09.,:-"
_UNASSIGNED = ("\uffff", "\U000f1234")  # drawn as the face's box for missing characters


@dataclass(frozen=True)
class FontFace:
    """A face on disk; `sizes` lists the pixel sizes of a bitmap face and is empty for outlines."""

    path: Path
    category: Category
    weight: float
    bold: bool
    italic: bool
    sizes: tuple[int, ...] = ()

    def nearest_size(self, size: int) -> int:
        """The size in pixels that this face can be drawn at."""
        return min(self.sizes, key=lambda each: abs(each - size)) if self.sizes else size


@functools.lru_cache(maxsize=4096)
def load_font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels (em). Basic layout: no ligatures, so a character stays a picture of its own."""
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def missing_glyphs(face: FontFace, text: str) -> str:
    """The characters of `text` that the face would draw as an empty box (or not at all)."""
    size = face.nearest_size(24)
    return "".join(sorted(char for char in set(text) if not _has_glyph(face.path, size, char)))


@functools.lru_cache(maxsize=200_000)
def _has_glyph(path: Path, size: int, char: str) -> bool:
    return char.isspace() or _ink(path, size, char) not in (b"", *(_ink(path, size, each) for each in _UNASSIGNED))


@functools.lru_cache(maxsize=200_000)
def _ink(path: Path, size: int, char: str) -> bytes:
    mask = load_font(path, size).getmask(char)
    return bytes(mask) if mask.getbbox() else b""


def _family(path: Path) -> tuple[str, Category, float] | None:
    flat = path.stem.lower().replace("-", "").replace("_", "")
    if any(word in flat for word in _UNREADABLE):
        return None
    return next((family for family in _FAMILIES if flat.startswith(family[0].lower())), None)


def _face(path: Path, category: Category, weight: float) -> FontFace:
    name = path.stem.lower()
    bold = any(word in name for word in ("bold", "heavy", "demi"))
    italic = any(word in name for word in ("italic", "oblique", "slanted"))
    sizes = _STRIKES if path.suffix == ".otb" else ()
    return FontFace(path, category, weight * (0.35 if italic else 1.0), bold, italic, sizes)


@functools.lru_cache(maxsize=4)
def find_fonts(root: Path = FONT_ROOT) -> tuple[FontFace, ...]:
    """All usable faces below `root`, sorted by path; a family's weight is shared by its faces.

    Raises:
        FileNotFoundError: no usable face; the message names the packages to install.
    """
    paths = sorted(path for path in root.rglob("*") if path.suffix in (".ttf", ".otf", ".otb"))
    families = {path: family for path in paths if (family := _family(path)) is not None}
    members = Counter(family[0] for family in families.values())
    faces = [_face(path, kind, weight / members[start]) for path, (start, kind, weight) in families.items()]
    usable = tuple(face for face in faces if not missing_glyphs(face, REQUIRED))
    if not usable:
        raise FileNotFoundError(f"no usable font below {root}; apt-get install fonts-dejavu fonts-liberation")
    return usable
