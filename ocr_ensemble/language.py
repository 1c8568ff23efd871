"""The language of a text among those the engines are set up for."""

from __future__ import annotations

import re
from functools import lru_cache

LANGUAGES = ("en", "sv", "de", "fr", "es", "it", "pt")
MIN_LETTERS = 60  # below this langdetect guesses
MIN_PROBABILITY = 0.8
MOST_LETTERS = 4000  # more tell no more: an invoice has 1,000 to 2,500, a page of terms 10,000 and above


@lru_cache(maxsize=8)  # of a page, the engines before and after its text layer ask the same
def detect_language(text: str) -> str | None:
    """ISO 639-1 code, or None when the text is too short or too mixed to tell. The same text gives the same answer."""
    prose = " ".join(re.findall(r"[^\W\d_]{2,}", text))[:MOST_LETTERS]
    if len(prose) < MIN_LETTERS:
        return None
    from langdetect import DetectorFactory, LangDetectException, detect_langs

    DetectorFactory.seed = 0
    try:
        guesses = {guess.lang: float(guess.prob) for guess in detect_langs(prose)}
    except LangDetectException:
        return None
    best = max(LANGUAGES, key=lambda code: guesses.get(code, 0.0))
    return best if guesses.get(best, 0.0) >= MIN_PROBABILITY else None
