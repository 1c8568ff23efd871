"""Text set in a drawn typeface: which face, size, width and spacing, and where each character lands."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw

from scripts.synthetic.degrade import Image
from scripts.synthetic.fonts import Category, FontFace, find_fonts, load_font, missing_glyphs

_SHARES: dict[str, dict[Category, float]] = {
    "receipt": {"thermal": 0.33, "mono": 0.3, "typewriter": 0.12, "sans": 0.2, "serif": 0.05},
    "office": {"sans": 0.56, "serif": 0.22, "mono": 0.1, "typewriter": 0.1, "thermal": 0.02},
}


# Few sizes, so that the faces in memory are used again; the picture is scaled to the drawn size.
_SIZES = (14, 18, 22, 28, 36)


@functools.lru_cache(maxsize=100_000)
def _advance(path: Path, size: int, char: str) -> float:
    return load_font(path, size).getlength(char)


@dataclass(frozen=True)
class Typeface:
    """A face as it prints: `size` in pixels (em) before scaling, scale factors, extra space between letters.

    `top` and `bottom` are the rows of the canvas between which capitals and digits stand, after scaling.
    """

    face: FontFace
    size: int
    scale_x: float
    scale_y: float
    tracking: float
    hard_pixels: bool
    dotted: bool
    margin: int
    top: int
    bottom: int

    @property
    def height(self) -> int:
        """Height of capitals in pixels of the canvas."""
        return self.bottom - self.top


@functools.lru_cache(maxsize=8)
def _faces(category: Category) -> tuple[tuple[FontFace, ...], NDArray[np.float64]]:
    faces = tuple(face for face in find_fonts() if face.category == category)
    weights = np.cumsum([face.weight for face in faces])
    return faces, np.asarray(weights / weights[-1], np.float64) if faces else np.empty(0)


def choose_face(text: str, kind: Literal["receipt", "office"], rng: np.random.Generator) -> FontFace:
    """A face for this kind of document that has every character of `text`.

    Raises:
        LookupError: no installed face has them all.
    """
    shares = _SHARES[kind]
    names: list[Category] = list(shares)
    for _ in range(40):
        category = names[int(rng.choice(len(names), p=list(shares.values())))]
        faces, steps = _faces(category)
        if not faces:
            continue
        face = faces[min(int(np.searchsorted(steps, rng.random())), len(faces) - 1)]
        if not missing_glyphs(face, text):
            return face
    raise LookupError(f"no installed font has all characters of {text!r}")


def choose_typeface(text: str, kind: Literal["receipt", "office"], rng: np.random.Generator) -> Typeface:
    """A typeface with sizes from faint small print (10 pixels a line) to headings (about 60)."""
    face = choose_face(text, kind, rng)
    target = float(np.exp(rng.uniform(np.log(12), np.log(44))))  # em in pixels of the canvas
    receipt = kind == "receipt"
    hard = face.sizes != () or (receipt and rng.random() < 0.35)
    wanted = float(rng.uniform(13, 29)) if hard else target
    size = face.nearest_size(min(_SIZES, key=lambda each: abs(each - wanted)))
    grow = target / size
    squeeze = float(rng.uniform(0.55, 1.2)) if receipt and rng.random() < 0.6 else float(rng.normal(1.0, 0.05))
    scale_x, scale_y = grow * float(np.clip(squeeze, 0.5, 1.5)), grow
    tracking = float(rng.uniform(-0.04, 0.18)) * size if rng.random() < 0.12 else 0.0
    margin = round(0.45 * size) + 3
    _, top, _, bottom = load_font(face.path, size).getbbox("H0")
    return Typeface(
        face, size, scale_x, scale_y, tracking, hard, receipt and rng.random() < 0.12, margin,
        round((top + margin) * scale_y), round((bottom + margin) * scale_y),
    )  # fmt: skip


Run = tuple[float, str]  # left edge in unscaled canvas pixels, and what is drawn there


def _place(text: str, typeface: Typeface, rng: np.random.Generator) -> tuple[list[Run], NDArray[np.float32]]:
    """Runs to draw with their left edges, and the edges (N, 2) of all characters, in unscaled canvas pixels."""
    font = load_font(typeface.face.path, typeface.size)
    gap = 1.0 if rng.random() < 0.8 else float(rng.choice([0.75, 0.75, 1.5, 2.0, 3.0]))
    spaced = typeface.tracking != 0.0
    runs: list[Run] = []
    edges: list[tuple[float, float]] = []
    x = float(typeface.margin)
    for number, word in enumerate(text.split(" ")):
        if number:
            advance = max(2.0, font.getlength(" ") * (gap if rng.random() < 0.8 else 1.0) + typeface.tracking)
            edges.append((x, x + advance))
            x += advance
        pieces = list(word) if spaced else [word]
        for piece in pieces:
            if piece:
                runs.append((x, piece))
                ends = x + np.cumsum([_advance(typeface.face.path, typeface.size, char) for char in piece])
                edges.extend(zip([x, *ends[:-1]], ends, strict=True))
                x = float(ends[-1]) + typeface.tracking
    return runs, np.asarray(edges, np.float32).reshape(-1, 2)


def set_text(text: str, typeface: Typeface, rng: np.random.Generator) -> tuple[Image, NDArray[np.float32]]:
    """The ink of one line, uint8 (H, W), 255 where fully inked, with a margin all round.

    Also the left and right edge of each character in pixels, shape (len(text), 2).
    """
    font = load_font(typeface.face.path, typeface.size)
    runs, edges = _place(text, typeface, rng)
    ascent, descent = font.getmetrics()
    width = int(edges[-1, 1]) + 2 * typeface.margin
    canvas = PilImage.new("L", (max(4, width), ascent + descent + 2 * typeface.margin), 0)
    draw = ImageDraw.Draw(canvas)
    draw.fontmode = "1" if typeface.hard_pixels else "L"
    for x, run in runs:
        draw.text((x, typeface.margin), run, fill=255, font=font)
    ink = np.asarray(canvas)
    if (typeface.scale_x, typeface.scale_y) != (1.0, 1.0):
        size = (max(4, round(ink.shape[1] * typeface.scale_x)), max(8, round(ink.shape[0] * typeface.scale_y)))
        larger = typeface.scale_x >= 1 and typeface.scale_y >= 1
        kernel = cv2.INTER_NEAREST if larger and rng.random() < 0.4 else cv2.INTER_LINEAR
        ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if typeface.scale_x < 0.9 else kernel)
    return np.asarray(ink, np.uint8), edges * np.float32(typeface.scale_x)
