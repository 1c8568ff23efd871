"""Words and phrases of one language, read from `words/<language>.toml`."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

LANGUAGES = ("sv", "en", "de", "fr", "es", "it", "pt")
BLOCK_LANGUAGES = (*LANGUAGES, "nl", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "sl", "lt", "lv", "tr", "ca")

_FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Ware:
    """Something sold. Prices per unit without tax, lowest and highest, in the language's main currency."""

    description: str
    unit: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Vocabulary:
    """All lists of a language. "#" in `cities`, `phones`, `phrases`, `extra_*` stands for a random digit.

    What only single lines and today's layouts draw (`words`, `units`, `phrases`, `receipt_phrases`, `labels`) is empty
    for the languages that documents in blocks add.
    """

    language: str
    words: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    stems: tuple[str, ...]
    trades: tuple[str, ...]
    legal_forms: tuple[str, ...]
    shops: tuple[str, ...]
    street_stems: tuple[str, ...]
    street_suffixes: tuple[str, ...]
    street_pattern: str
    cities: tuple[str, ...]
    phones: tuple[str, ...]
    domains: tuple[str, ...]
    units: tuple[str, ...]
    items: tuple[Ware, ...]
    shop_items: tuple[Ware, ...]
    phrases: tuple[str, ...]
    receipt_phrases: tuple[str, ...]
    payment_terms: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    extra_streets: tuple[str, ...] = ()
    extra_cities: tuple[str, ...] = ()


@functools.cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of one of `BLOCK_LANGUAGES`.

    Raises:
        ValueError: an unknown language; the message lists the known ones.
    """
    if language not in BLOCK_LANGUAGES:
        raise ValueError(f"no vocabulary for {language!r}; there are {', '.join(BLOCK_LANGUAGES)}")
    raw = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    by_blank = {name: tuple(raw.get(name, "").split()) for name in ("words", "first_names", "last_names", "stems")}
    pattern = raw["street_pattern"]
    street_stems = _phrases(raw["street_stems"]) if ";" in raw["street_stems"] else tuple(raw["street_stems"].split())
    plain = (
        "trades", "legal_forms", "shops", "cities", "phones", "domains", "units", "phrases",
        "receipt_phrases", "payment_terms",
    )  # fmt: skip
    return Vocabulary(
        language=language,
        **by_blank,
        **{name: _phrases(raw.get(name, "")) for name in plain},
        street_stems=street_stems,
        street_suffixes=tuple(each for each in raw["street_suffixes"].split(";") if each) or ("",),
        street_pattern=pattern,
        items=tuple(_ware(each) for each in _phrases(raw["items"])),
        shop_items=tuple(_ware(each) for each in _phrases(raw["shop_items"])),
        labels={name: _phrases(text) for name, text in raw.get("labels", {}).items()},
        extra_streets=_phrases(raw.get("extra_streets", "")),
        extra_cities=_phrases(raw.get("extra_cities", "")),
    )


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(";") if each.strip())


def _ware(text: str) -> Ware:
    """From "description|unit|low-high" or "description|low-high"; a low of 0 means cents."""
    parts = text.split("|")
    low, high = (Decimal(each) for each in parts[-1].split("-"))
    return Ware(parts[0], parts[1] if len(parts) == 3 else "", max(low, Decimal("0.10")), max(high, Decimal("0.40")))
