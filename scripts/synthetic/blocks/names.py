"""Names of businesses: many ways to build one, so that none can be learned by heart."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.synthetic.culture import Country
from scripts.synthetic.draw import chance, pick, whole
from scripts.synthetic.parties import person_name, place_parts
from scripts.synthetic.vocabulary import Vocabulary, vocabulary

_ENGLISH_FORMS = {
    "GB": ("Ltd", "Ltd", "Limited", "LLP", "PLC", "& Co Ltd"), "IE": ("Ltd", "Limited", "DAC", "PLC"),
    "US": ("Inc.", "LLC", "LLC", "Corp.", "Inc", "Co."), "CA": ("Inc.", "Ltd.", "Corp."),
    "AU": ("Pty Ltd", "Pty Ltd", "Pty Limited"), "NZ": ("Ltd", "Limited"), "ZA": ("(Pty) Ltd", "CC"),
    "SG": ("Pte Ltd", "Pte. Ltd."), "MY": ("Sdn Bhd", "Sdn. Bhd."),
}  # fmt: skip
_COLLECTED = Path(__file__).parent / "businesses"  # LANGUAGE.txt: a name as registered a line
_FORM_FIRST = frozenset(("lt", "lv"))  # UAB „Saulė“, SIA "Saule"
_ONSETS = ("b", "br", "c", "d", "f", "fl", "g", "gr", "k", "kl", "l", "m", "n", "p", "pl", "qu", "r", "s", "st", "t",
           "tr", "v", "vi", "w", "x", "z", "")  # fmt: skip
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "io", "y")
_CODAS = ("", "", "", "n", "r", "l", "s", "x", "m", "nt", "rd", "lis", "ra", "to", "via", "tec", "soft", "line")


@dataclass(frozen=True)
class BusinessName:
    """`full` as registered; `brand` what a logo says of it, the same where there is no legal form."""

    full: str
    brand: str


def business_name(
    rng: np.random.Generator, country: Country, legal: float = 0.8, collected: float = 0.0
) -> BusinessName:
    """A business of the country, with a legal form at the probability `legal`, or at the probability `collected` one
    of the names that people made up for its language."""
    if collected and (known := _collected(country.language)) and chance(rng, collected):
        own = pick(rng, known)
        return BusinessName(own, own)
    words = vocabulary(country.language)
    core = _core(rng, words)
    if not chance(rng, legal):
        return BusinessName(core, core)
    forms = _ENGLISH_FORMS[country.code] if country.language == "en" else words.legal_forms
    form = pick(rng, forms)
    if country.language in _FORM_FIRST and chance(rng, 0.7):
        opened, closed = pick(rng, (("„", "“"), ('"', '"'), ("", ""), ("", "")))
        return BusinessName(f"{form} {opened}{core}{closed}", core)
    return BusinessName(f"{core}{form}" if form.startswith(",") else f"{core} {form}", core)


@functools.cache
def _collected(language: str) -> tuple[str, ...]:
    """Names that people made up one by one, most of them without a legal form; none for some languages."""
    path = _COLLECTED / f"{language}.txt"
    return tuple(path.read_text("utf-8").split("\n")[:-1]) if path.exists() else ()


def _core(rng: np.random.Generator, words: Vocabulary) -> str:
    trade = pick(rng, words.trades)
    makers = (
        lambda: f"{pick(rng, words.stems)} {trade}", lambda: f"{pick(rng, words.stems)} {trade}",
        lambda: f"{pick(rng, words.last_names)} & {pick(rng, words.last_names)}",
        lambda: f"{pick(rng, words.last_names)} {trade}", lambda: f"{person_name(rng, words)} {trade}",
        lambda: f"{invented(rng)} {trade}", lambda: invented(rng), lambda: f"{invented(rng)} {invented(rng)}",
        lambda: f"{place_parts(rng, words)[1].split(' (')[0]} {trade}",
        lambda: f"{_initials(rng)} {trade}", lambda: f"{trade} {pick(rng, words.last_names)}",
        lambda: f"{trade} {whole(rng, 2, 365)}", lambda: f"{pick(rng, words.stems)}{invented(rng).lower()}",
        lambda: f"{pick(rng, words.stems)} & {pick(rng, words.stems)} {trade}",
        lambda: f"{pick(rng, words.stems)} {trade} {pick(rng, ('Group', 'International', 'Nord', 'Europe', '2000'))}",
        lambda: pick(rng, words.shops), lambda: person_name(rng, words),
    )  # fmt: skip
    return makers[int(rng.integers(len(makers)))]()


def invented(rng: np.random.Generator) -> str:
    """A made-up brand of two or three syllables."""
    body = "".join(pick(rng, _ONSETS) + pick(rng, _VOWELS) for _ in range(whole(rng, 1, 2)))
    return (body + pick(rng, _ONSETS) + pick(rng, _VOWELS)[0] + pick(rng, _CODAS)).capitalize()


def _initials(rng: np.random.Generator) -> str:
    letters = [pick(rng, "ABCDEFGHJKLMNPRSTV") for _ in range(whole(rng, 2, 3))]
    return pick(rng, ("", "", "&", ".")).join(letters)
