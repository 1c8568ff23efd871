"""Where each character of a candidate would stand in a crop: forced alignment by dynamic programming.

The crop becomes ink 0..1 on glyph rows (cap height and baseline found by matching row profiles). Then the candidate's
glyphs are laid over it from left to right, each stretched within limits, with free space between them, so that the
squared difference of the two is least. A wrong character leaves the others in their places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.glyphs import BASELINE, CAPITAL, ROWS, Ink, glyph, template

HIGHEST = 48  # pixels; higher crops are reduced first
BEARING = 3.0  # columns between two glyphs at nominal width
SPACE = 6.0  # columns of a space
EM = 12.0  # columns of an average character
RATIOS = (0.62, 0.76, 0.9, 1.05, 1.25, 1.5)  # of a glyph's width to its nominal width in this crop
STIFFNESS = 0.6  # price of stretching, in glyph energies per squared log ratio
SHOWN_GAP = 0.45  # EMs of free paper inside a line that are worth a cell
SHOWN_INK = 2.5  # squared ink left uncovered, in half-size pixels, that is worth a cell


@dataclass(frozen=True, slots=True)
class Span:
    """Columns of the canvas, `left` to `right`, that belong to `char`; "" is what no character covers."""

    char: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """`canvas`: the crop's ink 0..1 on glyph rows, shape (28, W); column x of it is column x / `scale` of the crop.

    `aspect`: width of this print over the font's."""

    canvas: Ink
    scale: float
    aspect: float
    spans: tuple[Span, ...]


def align(crop: NDArray[np.uint8], text: str) -> Alignment:
    """The best placement of the text's characters (spaces count nothing) in a crop of shape (H, W) or (H, W, 3)."""
    chars = text.replace(" ", "")
    ink, reduced = _ink(crop)
    capital, baseline = _fit_rows(ink, chars)
    canvas, scale = _canvas(ink, capital, baseline, len(chars))
    aspect = _aspect(canvas, text)
    return Alignment(canvas, scale * reduced, aspect, tuple(_spans(canvas, chars, aspect)))


def _ink(crop: NDArray[np.uint8]) -> tuple[Ink, float]:
    """Ink 0..1, dark or light print alike, and the factor by which the crop was reduced."""
    import cv2

    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop, np.float32)
    factor = min(1.0, HIGHEST / grey.shape[0])
    if factor < 1.0:
        size = (max(1, round(grey.shape[1] * factor)), HIGHEST)
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    low, middle, high = np.percentile(grey[::2, ::2], (1, 50, 99))
    if high - middle > middle - low:
        grey = 255 - grey
    blurred = np.asarray(cv2.blur(grey, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)
    reach = 2 * grey.shape[0] + 1
    paper = cv2.blur(blurred.max(axis=0, keepdims=True), (reach, 1), borderType=cv2.BORDER_REPLICATE)
    depth = np.maximum(np.asarray(paper, np.float32) - grey, 0)
    darkest = blurred.min(axis=0)
    strongest = max(24.0, float((paper[0] - darkest).max()))
    return np.clip((depth / strongest - 0.15) / 0.8, 0, 1).astype(np.float32), factor


_CAPITALS = np.geomspace(0.34, 1.0, 16)  # of the crop's height
_BASELINES = np.linspace(0.5, 1.05, 16)


def _fit_rows(ink: Ink, chars: str) -> tuple[float, float]:
    """Cap height and baseline in rows of the crop, under which the row profile is most like the text's."""
    height = ink.shape[0]
    wanted = np.sum([glyph(char).sum(axis=1) for char in chars], axis=0) if chars else np.ones(ROWS)
    found = ink.sum(axis=1)
    capitals, baselines = (grid.ravel() * height for grid in np.meshgrid(_CAPITALS, _BASELINES))
    rows = baselines[:, None] + (np.arange(ROWS) + 0.5 - BASELINE) * (capitals / CAPITAL)[:, None]
    profile = np.interp(rows - 0.5, np.arange(height), found, left=0, right=0)
    norm = float(np.linalg.norm(wanted) * np.linalg.norm(found)) + 1e-6
    likeness = profile @ wanted * np.sqrt(capitals / CAPITAL) / norm
    unusual = (np.log(capitals / height / 0.68) / 0.3) ** 2 + ((baselines / height - 0.85) / 0.12) ** 2
    best = int(np.argmax(likeness - 0.012 * unusual))
    return float(capitals[best]), float(baselines[best])


def _canvas(ink: Ink, capital: float, baseline: float, count: int) -> tuple[Ink, float]:
    import cv2

    scale = CAPITAL / capital
    width = max(8, round(ink.shape[1] * scale), 5 * count)
    across = width / ink.shape[1]
    if scale < 0.7:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.35 / scale), np.float32)
    shift = BASELINE - baseline * scale
    matrix = np.array([[across, 0, 0.5 * across - 0.5], [0, scale, shift + 0.5 * scale - 0.5]])
    canvas = cv2.warpAffine(ink, matrix, (width, ROWS), flags=cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(canvas, np.float32), across


def _aspect(canvas: Ink, text: str) -> float:
    """Width of the print over that of the font: the extent of the ink over the text's nominal width."""
    columns = np.flatnonzero(canvas.sum(axis=0) > 1.0)
    extent = float(columns[-1] - columns[0] + 1) if len(columns) else float(canvas.shape[1])
    nominal = sum(SPACE if char == " " else glyph(char).shape[1] + BEARING for char in text) - BEARING
    return float(np.clip(extent / max(nominal, 2.0), 0.5, 1.9))


def _spans(canvas: Ink, chars: str, aspect: float) -> list[Span]:
    import cv2

    half = np.asarray(cv2.resize(canvas, (canvas.shape[1] // 2, ROWS // 2), interpolation=cv2.INTER_AREA), np.float32)
    half = np.asarray(cv2.GaussianBlur(half, (0, 0), 0.4), np.float32)
    uncovered = np.concatenate([[0.0], np.cumsum((half**2).sum(axis=0), dtype=np.float64)])
    places = _places(half, chars, aspect, uncovered)
    spans: list[Span] = []
    end = 0
    for char, (left, right) in zip(chars, places, strict=True):
        spans += _gap(end, left, aspect, uncovered, inside=end > 0)
        spans.append(Span(char, 2.0 * left, 2.0 * right))
        end = right
    spans += _gap(end, half.shape[1], aspect, uncovered, inside=False)
    return spans or [Span("", 0.0, float(canvas.shape[1]))]


def _gap(left: int, right: int, aspect: float, uncovered: NDArray[np.float64], inside: bool) -> list[Span]:
    """Cells for what lies between two characters: free paper that shows a space, or ink that nothing accounts for."""
    width = 2.0 * (right - left) / (EM * aspect)
    inky = uncovered[right] - uncovered[left] > SHOWN_INK
    if not inky and not (inside and width > SHOWN_GAP):
        return []
    count = int(np.clip(round(width), 1, 8)) if inky else 1
    edges = np.linspace(2.0 * left, 2.0 * right, count + 1)
    return [Span("", float(a), float(b)) for a, b in pairwise(edges)]


def _widths(char: str, aspect: float) -> list[int]:
    """The widths that a glyph may take, in half-size columns."""
    nominal = aspect * glyph(char).shape[1] / 2
    wanted = {max(1, round(nominal * ratio)) for ratio in RATIOS}
    if nominal < 4:  # slabs make narrow characters wide in a fixed pitch
        wanted |= {round(nominal) + 1, round(nominal) + 2, round(nominal) + 3}
    return sorted(wanted)


def _costs(half: Ink, widths: dict[str, list[int]], aspect: float, uncovered: NDArray[np.float64]) -> dict[str, Any]:
    """By character: squared difference to the crop at each of its widths, by the column where it ends."""
    by_width: dict[int, list[tuple[str, int]]] = {}
    for char, allowed in widths.items():
        for row, width in enumerate(allowed):
            by_width.setdefault(width, []).append((char, row))
    length = half.shape[1]
    costs = {char: np.full((len(allowed), length + 1), np.inf) for char, allowed in widths.items()}
    columns = np.ascontiguousarray(half.T)  # so that a window of columns is one run of memory
    for width, group in by_width.items():
        if width > length:
            continue
        windows = np.lib.stride_tricks.as_strided(
            columns, (length - width + 1, width * columns.shape[1]), (columns.strides[0], columns.strides[1])
        )
        templates = np.stack([template(char, width) for char, _ in group], axis=1)
        likeness = windows @ templates
        energy = np.einsum("ij,ij->j", templates, templates)
        paper = uncovered[width:] - uncovered[:-width]
        for number, (char, row) in enumerate(group):
            stretch = math.log(2 * width / (aspect * glyph(char).shape[1])) ** 2
            costs[char][row, width:] = paper - 2 * likeness[:, number] + energy[number] * (1 + STIFFNESS * stretch)
    return costs


def _places(half: Ink, chars: str, aspect: float, uncovered: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Left and right of every character in half-size columns, at least total cost."""
    length = half.shape[1]
    widths = {char: _widths(char, aspect) for char in set(chars)}
    need = sum(widths[char][0] for char in chars)
    if need > length:  # more characters than room: narrower ones
        aspect *= 0.8 * length / need
        widths = {char: _widths(char, aspect) for char in set(chars)}
    costs = _costs(half, widths, aspect, uncovered)
    columns = np.arange(length + 1)
    starts = {char: np.maximum(columns - np.array(allowed)[:, None], 0) for char, allowed in widths.items()}
    before, sources, chosen = uncovered, [], []
    for char in chars:
        ends = before[starts[char]] + costs[char]
        best = ends.argmin(axis=0)
        chosen.append(starts[char][best, columns])
        slack = ends[best, columns] - uncovered
        lowest = np.minimum.accumulate(slack)
        sources.append(np.maximum.accumulate(np.where(slack == lowest, columns, 0)))
        before = lowest + uncovered
    places, position = [], length
    for source, start in zip(reversed(sources), reversed(chosen), strict=True):
        right = int(source[position])
        position = int(start[right])
        places.append((position, max(right, 1)))
    return places[::-1]
