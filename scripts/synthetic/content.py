"""Single lines as invoices and receipts print them, for training and testing recognisers."""

from __future__ import annotations

import numpy as np

from scripts.synthetic.culture import countries
from scripts.synthetic.draw import pick
from scripts.synthetic.line_kinds import LINE_KINDS
from scripts.synthetic.vocabulary import LANGUAGES, vocabulary

MAX_LENGTH = 45  # characters

_WEIGHTS = np.array([share for _, share in LINE_KINDS]) / sum(share for _, share in LINE_KINDS)


def line_text(rng: np.random.Generator, language: str | None = None) -> str:
    """One line or word group, 1 to `MAX_LENGTH` characters, in one of `LANGUAGES` (a random one without `language`).

    Raises:
        ValueError: an unknown language.
    """
    chosen = language if language is not None else pick(rng, LANGUAGES)
    words = vocabulary(chosen)
    country = pick(rng, countries(chosen))
    make, _ = LINE_KINDS[int(rng.choice(len(LINE_KINDS), p=_WEIGHTS))]
    text = make(rng, words, country)
    return _shorten(rng, _recase(rng, " ".join(text.split())))


def _recase(rng: np.random.Generator, text: str) -> str:
    draw = float(rng.random())
    if draw < 0.33:
        return text.replace("ß", "SS").upper()
    if draw < 0.38:
        return text.lower()
    return text[:1].upper() + text[1:] if draw < 0.75 else text


def _shorten(rng: np.random.Generator, text: str) -> str:
    """At most `MAX_LENGTH` characters, cut at a blank where there is one."""
    if len(text) <= MAX_LENGTH:
        return text
    cut = text.rfind(" ", 8, MAX_LENGTH + 1)
    return text[: cut if cut > 0 else MAX_LENGTH].rstrip()
