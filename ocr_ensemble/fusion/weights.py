"""How much an engine's character counts in the vote: log-odds fitted per engine and character class.

The fit is a conditional logit over contested columns (which of the options is right?), made by
``scripts/calibrate.py`` and stored beside this module; raw confidences of different engines share no scale.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from itertools import accumulate

from ocr_ensemble.layout import Alternative
from ocr_ensemble.reading import Reading

CLIP = 1e-3  # confidences closer than this to 0 or 1 say no more than the clip
UNKNOWN_CONFIDENCE = 0.9  # stands in for an engine that gives none; its fitted offset carries the trust


class GlyphClass(StrEnum):
    LETTER = "letter"
    DIGIT = "digit"
    PUNCTUATION = "punctuation"
    SPACE = "space"
    NO_GLYPH = "no_glyph"  # nothing, where another engine read a glyph
    NO_SPACE = "no_space"  # nothing, where another engine read a space
    ALTERNATIVE = "alternative"  # an engine's second thought


@dataclass(frozen=True, slots=True)
class VoteWeights:
    """``terms[engine][glyph class]`` is (offset, slope): weight = offset + slope * logit(confidence).

    ``letters`` is what the log-probability of the line's letters counts beside them, 0 for nothing.
    """

    version: str
    terms: Mapping[str, Mapping[str, tuple[float, float]]]
    default: Mapping[str, tuple[float, float]]
    letters: float = 0.0

    def weight(self, engine: str, glyph_class: GlyphClass, confidence: float | None) -> float:
        """Log-odds of this engine's glyph; an engine without a fit gets the cautious default."""
        offset, slope = self.terms.get(engine, self.default).get(glyph_class, self.default[glyph_class])
        return offset + slope * logit(UNKNOWN_CONFIDENCE if confidence is None else confidence)

    def is_fitted(self, engine: str) -> bool:
        return engine in self.terms


def logit(probability: float) -> float:
    clipped = min(1 - CLIP, max(CLIP, probability))
    return math.log(clipped / (1 - clipped))


def sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def glyph_class(glyph: str, others: frozenset[str]) -> GlyphClass:
    """``others`` are the glyphs of the same column; they tell a missing space from a missing letter."""
    if not glyph:
        return GlyphClass.NO_SPACE if " " in others else GlyphClass.NO_GLYPH
    if glyph.isspace():
        return GlyphClass.SPACE
    if glyph.isalpha():
        return GlyphClass.LETTER
    return GlyphClass.DIGIT if glyph.isdigit() else GlyphClass.PUNCTUATION


def glyph_alternatives(reading: Reading, glyphs: list[str]) -> list[Alternative | None]:
    """One second thought per grapheme; None for graphemes of several code points."""
    if reading.alternatives is None or len("".join(glyphs)) != len(reading.alternatives):
        return [None] * len(glyphs)
    starts = accumulate((len(glyph) for glyph in glyphs), initial=0)
    return [
        reading.alternatives[start] if len(glyph) == 1 else None for glyph, start in zip(glyphs, starts, strict=False)
    ]


def glyph_confidences(reading: Reading, glyphs: list[str]) -> list[float | None]:
    """One confidence per grapheme: the least certain of its code points; the line's where the engine gives no finer."""
    if reading.char_confidences is None or len("".join(glyphs)) != len(reading.char_confidences):
        return [reading.confidence] * len(glyphs)
    values, start = [], 0
    for glyph in glyphs:
        values.append(min(reading.char_confidences[start : start + len(glyph)]))
        start += len(glyph)
    return list(values)


@lru_cache(maxsize=1)
def bundled_weights() -> VoteWeights:
    """The fit shipped with the package."""
    stored = json.loads(resources.files("ocr_ensemble.fusion").joinpath("weights.json").read_text("utf-8"))
    return VoteWeights(
        stored["version"],
        {engine: {name: (t[0], t[1]) for name, t in terms.items()} for engine, terms in stored["terms"].items()},
        {name: (t[0], t[1]) for name, t in stored["default"].items()},
        stored["letters"],
    )
