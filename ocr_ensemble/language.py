"""The language of a text among those the engines are set up for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "sv", "de", "fr", "es", "it", "pt")
MIN_LETTERS = 60  # below this langdetect guesses
MIN_PROBABILITY = 0.8
BEYOND_LATIN = "\u0250"  # the first character after Latin Extended-B, in which all languages here are written
MOST_LETTERS = 2500  # more tell no more: an invoice has 1,000 to 2,500, a page of terms 10,000 and above


@lru_cache(maxsize=8)  # of a page, the engines before and after its text layer ask the same
def detect_language(text: str) -> str | None:
    """ISO 639-1 code, or None when the text is too short or too mixed to tell. The same text gives the same answer."""
    prose = " ".join(re.findall(r"[^\W\d_]{2,}", text))[:MOST_LETTERS]
    if len(prose) < MIN_LETTERS:
        return None
    guesses = language_shares(prose)
    best = max(LANGUAGES, key=lambda code: guesses.get(code, 0.0))
    return best if guesses.get(best, 0.0) >= MIN_PROBABILITY else None


def language_shares(text: str) -> Mapping[str, float]:
    """The probabilities, 0..1, of the languages that a text may be in by langdetect; none for one without letters."""
    from langdetect import LangDetectException

    detector = _profiles(latin=max(filter(str.isalpha, text), default="") < BEYOND_LATIN).create()
    detector.append(text)
    try:
        return {guess.lang: float(guess.prob) for guess in detector.get_probabilities()}
    except LangDetectException:
        return {}


@lru_cache(maxsize=2)
def _profiles(*, latin: bool) -> Any:
    """langdetect's factory of detectors with its n-grams of all languages.

    ``latin``: with those of Latin letters alone, which are all that a text of such letters has, and need a third of the
    memory: most of the others are Chinese, Japanese and Korean.
    """
    from langdetect import DetectorFactory
    from langdetect.detector_factory import PROFILES_DIRECTORY
    from langdetect.utils.lang_profile import LangProfile

    factory: Any = DetectorFactory()
    factory.seed = 0
    files = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.is_file() and path.name[0] != ".")
    for number, path in enumerate(files):
        profile: Any = LangProfile(**json.loads(path.read_text("utf-8")))
        if latin:
            profile.freq = {gram: count for gram, count in profile.freq.items() if max(gram) < BEYOND_LATIN}
        factory.add_profile(profile, number, len(files))
    return factory
