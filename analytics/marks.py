"""How readings, boxes and runs are marked on a page; the templates draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from analytics.models.job import Run

CERTAIN, LIKELY = 0.95, 0.8
"""From which confidence on something is drawn as certain, or as likely; below is in doubt."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar of 100: from ``x`` on, ``width`` long."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text that does or does not differ from the chosen one."""

    text: str
    differs: bool


def timeline(runs: Sequence[Run]) -> list[tuple[Run, Stretch]]:
    """The runs one after another on a width of 100; one that took no time is a hairline."""
    total = sum(run.milliseconds for run in runs) or 1.0
    placed, before = [], 0.0
    for run in runs:
        width = max(0.4, run.milliseconds / total * 100)
        placed.append((run, Stretch(round(min(before, 99.6), 2), round(width, 2))))
        before += run.milliseconds / total * 100
    return placed


def certainty(confidence: Any) -> str:
    """The CSS class of a confidence; what is no number is unknown."""
    if not isinstance(confidence, int | float):
        return "unknown"
    return "certain" if confidence >= CERTAIN else "likely" if confidence >= LIKELY else "doubtful"


def compared(reading: str, chosen: str) -> list[Part]:
    """``reading`` in parts; those that differ from ``chosen`` are marked, what it lacks is an empty part."""
    return [
        Part(reading[step.src_start : step.src_end], step.tag != "equal")
        for step in Levenshtein.opcodes(reading, chosen)
    ]


def marked(text: str, markers: tuple[str, str]) -> list[Part]:
    """``text`` in parts; those between the markers are marked. A marker without its partner marks nothing."""
    parts: list[Part] = []
    first, *pieces = text.split(markers[0])
    parts.append(Part(first, False))
    for piece in pieces:
        inside, sign, after = piece.partition(markers[1])
        parts += [Part(inside, bool(sign)), Part(after, False)]
    return [part for part in parts if part.text]


def box_of(value: Mapping[str, Any]) -> tuple[int, int, int, int] | None:
    """The ``box`` of a stored line or field as x, y, width, height; None when it has none that can be drawn."""
    box = value.get("box")
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(edge, int | float) for edge in box):
        return None
    left, top, right, bottom = box
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None
