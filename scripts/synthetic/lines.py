"""Pictures of single text lines, as a text detector or a hand-drawn box would cut them out of a page.

`render_line` is a pure function of text and generator. `line_stream` is the endless training set: texts from
`scripts.synthetic.content`, cut, re-cased and mixed with codes and numbers.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.synthetic import degrade, moving
from scripts.synthetic.content import line_text
from scripts.synthetic.degrade import Image
from scripts.synthetic.typesetting import Typeface, choose_typeface, set_text
from scripts.training.charset import normalise

LONGEST = 64  # characters
Kind = Literal["receipt", "office"]


@dataclass(frozen=True)
class LineSettings:
    """Difficulty 0 (clean print, generous boxes) to 1 (everything that happens); the share of receipts, 0..1."""

    difficulty: float = 1.0
    receipts: float = 0.6


@dataclass(frozen=True)
class Line:
    """A picture, its text, and the left and right edge of each character in pixels, shape (len(text), 2)."""

    image: Image
    text: str
    edges: NDArray[np.float32]


@dataclass(frozen=True)
class _Cut:
    """The crop in canvas pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


def render_line(text: str, rng: np.random.Generator, settings: LineSettings | None = None) -> Image:
    """The picture of one line, uint8 (H, W), H about 10..64 pixels."""
    return render_positioned(text, rng, settings or LineSettings()).image


def render_positioned(text: str, rng: np.random.Generator, settings: LineSettings) -> Line:
    """As `render_line`, with the place of every character."""
    kind: Kind = "receipt" if rng.random() < settings.receipts else "office"
    typeface = choose_typeface(text, kind, rng)
    ink, edges = set_text(text, typeface, rng)
    matrix = moving.skew_matrix(ink.shape, rng, 0.35 * settings.difficulty * rng.random() ** 2)
    ink = moving.warp(ink, matrix, paper=0)
    edges = _move_edges(edges, matrix, ink.shape[0] / 2)
    cut = _cut(ink, typeface, rng, settings.difficulty)
    ink = _with_neighbours(ink, cut, typeface, rng, settings.difficulty)
    canvas = _expose(ink, kind, typeface, rng, settings.difficulty)
    image = np.ascontiguousarray(canvas[cut.top : cut.bottom, cut.left : cut.right])
    if rng.random() < 0.03 * settings.difficulty:
        image = 255 - image
    return Line(image, text, np.clip(edges - cut.left, 0, image.shape[1]).astype(np.float32))


def _move_edges(edges: NDArray[np.float32], matrix: NDArray[np.float64], middle: float) -> NDArray[np.float32]:
    flat = edges.reshape(-1).astype(np.float64)
    moved = moving.move_points(np.column_stack([flat, np.full(len(flat), middle)]), matrix)
    return moved[:, 0].astype(np.float32).reshape(-1, 2)


def _cut(ink: Image, typeface: Typeface, rng: np.random.Generator, difficulty: float) -> _Cut:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 60), np.flatnonzero(ink.max(axis=0) > 60)
    if not len(rows):
        return _Cut(0, 0, ink.shape[1], ink.shape[0])
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    least = round(0.6 * typeface.height)
    if bottom - top < least:  # a lone dash or dot is boxed as high as its line
        top, bottom = typeface.top, max(typeface.bottom, bottom)
    height = bottom - top
    loose = rng.random() < 0.35
    low, high = (0.0, 0.35) if loose else (-0.05 * difficulty, 0.14)
    above, below = (rng.uniform(low, high, 2) * height).round().astype(int)
    before, after = (rng.uniform(low, 2.2 * high, 2) * height).round().astype(int)
    return _Cut(
        max(0, left - before), max(0, top - above), min(ink.shape[1], right + after), min(ink.shape[0], bottom + below)
    )


def _with_neighbours(ink: Image, cut: _Cut, typeface: Typeface, rng: np.random.Generator, difficulty: float) -> Image:
    """Bits of the line above or below, as tight line spacing leaves them in the box."""
    if rng.random() > 0.22 * difficulty:
        return ink
    letters = rng.choice(list("ABDEGHJLMPRTXadegjlpqty0123456789   "), int(rng.integers(3, 30)))
    other, _ = set_text("".join(letters).strip() or "gT", typeface, rng)
    rows = np.flatnonzero(other.max(axis=1) > 60)
    if not len(rows):
        return ink
    overlap = max(1, round(rng.uniform(0.03, 0.14) * (cut.bottom - cut.top)))
    above = rng.random() < 0.5
    shift = cut.top + overlap - (int(rows[-1]) + 1) if above else cut.bottom - overlap - int(rows[0])
    out = ink.copy()
    target = out[max(0, shift) : max(0, other.shape[0] + shift)]
    source = other[max(0, -shift) : max(0, -shift) + len(target)]
    width = min(out.shape[1], other.shape[1])
    target = target[: len(source), :width]
    np.maximum(target, source[:, :width], out=target)
    return out


def _profile(kind: Kind, typeface: Typeface, rng: np.random.Generator) -> degrade.Profile:
    if rng.random() < 0.12:
        return degrade.PHOTO
    if kind == "office":
        return degrade.OFFICE
    return degrade.DOT_MATRIX if typeface.dotted else degrade.THERMAL


def _expose(ink: Image, kind: Kind, typeface: Typeface, rng: np.random.Generator, difficulty: float) -> Image:
    paper = 255 - 60 * difficulty * rng.random() ** 2
    darkness = (paper - 20 * rng.random()) * (1.0 - 0.6 * difficulty * rng.random() ** 3)
    canvas = np.clip(paper - ink.astype(np.float32) * (darkness / 255.0), 0, 255).astype(np.uint8)
    profile = _profile(kind, typeface, rng) if rng.random() < difficulty else degrade.CLEAN
    return degrade.degrade(canvas, rng, profile, float(np.clip(typeface.height / 18, 0.35, 1.0)))


def fit_height(image: Image, height: int = 32) -> Image:
    """The picture at `height` pixels with its proportions kept, exactly as `easyocr.recognize` does it."""
    ratio = image.shape[1] / image.shape[0]
    return np.asarray(
        cv2.resize(image, (max(1, int(height * ratio)), height), interpolation=cv2.INTER_LINEAR), np.uint8
    )


# Texts


def _code(rng: np.random.Generator) -> str:
    """Identifiers, numbers and plain letter salad, so that no character depends on its context."""
    alphabet = (
        string.digits, string.digits + ".,", string.ascii_uppercase, string.ascii_uppercase + string.digits,
        string.ascii_uppercase + string.digits + "-/.:", string.ascii_lowercase,
        string.printable[:94], "ÅÄÖåäöéüèßÉÜñçáíóúâêôàùœæø&§€£%°'’–",
    )[int(rng.choice(8, p=[0.2, 0.15, 0.15, 0.15, 0.15, 0.05, 0.1, 0.05]))]  # fmt: skip
    return "".join(rng.choice(list(alphabet), int(rng.integers(1, 15))))


def _amount(rng: np.random.Generator) -> str:
    value = float(np.exp(rng.uniform(-2, 9)))
    text = f"{value:,.2f}"
    if rng.random() < 0.4:
        text = text.translate(str.maketrans(",.", rng.choice([" ,", ".,", "',"])))
    before = rng.choice(["", "", "", "", "RM", "$", "€", "£", "-", "RM ", "SEK ", "EUR ", "@"])
    after = rng.choice(["", "", "", "", "", " kr", " €", "%", " SR", " S", "-", " A", "*", " SEK", ":"])
    return f"{before}{text}{after}"


def _part(words: list[str], rng: np.random.Generator) -> str:
    start = int(rng.integers(0, len(words)))
    return " ".join(words[start : start + int(rng.integers(1, 4))])


def draw_text(rng: np.random.Generator) -> str:
    """A text for a training line, normalised to the alphabet, 1..`LONGEST` characters."""
    kind = rng.random()
    if kind < 0.14:
        text = _code(rng)
    elif kind < 0.27:
        text = _amount(rng)
    else:
        text = line_text(rng)
        if words := text.split():
            text = _part(words, rng) if len(words) > 1 and rng.random() < 0.6 else text
    if rng.random() < 0.35:
        upper = text.upper()
        text = text if "ß" in text else upper
    return normalise(text)[:LONGEST].strip() or "0"


def line_stream(seed: int, settings: LineSettings) -> Iterator[Line]:
    """An endless, reproducible stream of lines."""
    rng = np.random.default_rng(seed)
    while True:
        yield render_positioned(draw_text(rng), rng, settings)
