"""Wrong candidates as OCR makes them, and easy ones to begin with; pure functions of text and generator."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np

from scripts.training.charset import normalise
from scripts.training.metrics import fold

LOOK_ALIKES = {
    "0": "OQD869", "1": "lI|7i4!", "2": "Z7", "3": "8B5", "4": "9A1", "5": "S63$", "6": "8Gb05", "7": "1T2/",
    "8": "B3069", "9": "g4q80", "A": "4R", "B": "8ER3", "C": "GO(", "D": "O0B", "E": "FBC", "F": "PE", "G": "C6O",
    "H": "NMK", "I": "1lT|", "J": "I1U", "K": "XHR", "L": "I1E", "M": "NWH", "N": "MHW", "O": "0QDC", "P": "FR",
    "Q": "O0", "R": "PKA", "S": "58", "T": "I7Y", "U": "VJ", "V": "UY", "W": "VM", "X": "K", "Y": "VT", "Z": "27",
    "a": "eo", "b": "h6", "c": "eo", "e": "co", "f": "t", "g": "9q", "h": "bn", "i": "l1!j", "j": "i", "k": "x",
    "l": "1Iit", "m": "nw", "n": "hur", "o": "ec0a", "p": "q", "q": "g9", "r": "nt", "s": "5e", "t": "fl", "u": "vn",
    "v": "uy", "w": "v", "x": "k", "y": "v", "z": "2", ".": ",:-", ",": ".;'", ":": ".;", ";": ":,", "-": "~._=",
    "/": "1l7", "(": "C[{", ")": "]}J", "$": "S8", "€": "C6E", "£": "EL", "%": "x8", "'": ".,`", "#": "H8", "@": "a0Q",
    "*": "x+", "+": "t4", "&": "8S", "°": "o0", "ß": "B8", "å": "äa", "ä": "åa", "ö": "óo", "é": "èe", "ü": "ûu",
}  # fmt: skip
MERGES = (("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("vv", "w"), ("w", "vv"), ("ii", "u"), ("nn", "m"),
          ("RN", "M"), ("VV", "W"), ("IJ", "U"), ("I3", "B"), ("B", "13"), ("D", "I)"), ("K", "I<"))  # fmt: skip
SIGNS = ".,-:/'"
ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a"
Corruption = Callable[[str, np.random.Generator], str]


def _place(text: str, rng: np.random.Generator, wanted: str = "") -> int:
    """A place of a character that is no space; digits are three times as likely, only `wanted` where given."""
    weights = np.array([
        0.0 if char == " " or (wanted and char not in wanted) else 3.0 if char.isdigit() else 1.0 for char in text
    ])  # fmt: skip
    return int(rng.choice(len(text), p=weights / weights.sum())) if weights.any() else int(rng.integers(len(text)))


def _put(text: str, place: int, length: int, new: str) -> str:
    return text[:place] + new + text[place + length :]


def _pick(options: str, rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def look_alike(text: str, rng: np.random.Generator) -> str:
    """One character read as one that looks like it."""
    place = _place(text, rng)
    return _put(text, place, 1, _pick(LOOK_ALIKES.get(text[place], "0OI1Ee"), rng))


def same_kind(text: str, rng: np.random.Generator) -> str:
    """One character replaced by another of its kind: a digit by any digit, a letter by any letter."""
    place = _place(text, rng)
    char = text[place]
    kind = "0123456789" if char.isdigit() else "ABCDEFGHIJKLMNOPRSTUVWXYZ" if char.isupper() else "aeioucdlmnrstghpb"
    return _put(text, place, 1, _pick(kind if char.isalnum() else SIGNS, rng))


def dropped(text: str, rng: np.random.Generator) -> str:
    """One character missing."""
    return _put(text, _place(text, rng), 1, "")


def dropped_sign(text: str, rng: np.random.Generator) -> str:
    """A point, comma, minus or colon missing."""
    place = _place(text, rng, SIGNS)
    return _put(text, place, 1, "") if text[place] in SIGNS else text


def changed_sign(text: str, rng: np.random.Generator) -> str:
    """A comma for a point, a point for a colon and the like."""
    place = _place(text, rng, SIGNS)
    return _put(text, place, 1, _pick(SIGNS, rng)) if text[place] in SIGNS else text


def doubled(text: str, rng: np.random.Generator) -> str:
    """One character read twice."""
    place = _place(text, rng)
    return _put(text, place, 0, text[place])


def inserted(text: str, rng: np.random.Generator) -> str:
    """One character that is not there."""
    options = "0123456789" if any(char.isdigit() for char in text) else "ilItrnse"
    return _put(text, int(rng.integers(len(text) + 1)), 0, _pick(options + SIGNS, rng))


def transposed(text: str, rng: np.random.Generator) -> str:
    """Two neighbours exchanged."""
    if len(text) < 2:
        return text
    place = min(_place(text, rng), len(text) - 2)
    return _put(text, place, 2, text[place + 1] + text[place])


def merged(text: str, rng: np.random.Generator) -> str:
    """rn for m, d for cl and the like."""
    found = [(old, new) for old, new in MERGES if old in text]
    if not found:
        return text
    old, new = found[int(rng.integers(len(found)))]
    return text.replace(old, new, 1)


def accented(text: str, rng: np.random.Generator) -> str:
    """An accent lost, gained or mistaken."""
    places = [place for place, char in enumerate(text) if unicodedata.normalize("NFD", char)[0] in "AEIOUNaeioun"]
    if not places:
        return text
    place = int(rng.choice(places))
    base = unicodedata.normalize("NFD", text[place])[0]
    bare = base if base != text[place] and rng.random() < 0.6 else ""
    return _put(text, place, 1, bare or unicodedata.normalize("NFC", base + _pick(ACCENTS, rng)))


def cut_off(text: str, rng: np.random.Generator) -> str:
    """The first or last characters or words missing."""
    if len(text) < 3:
        return text
    count = int(rng.integers(1, max(2, len(text) // 2)))
    return text[count:] if rng.random() < 0.5 else text[:-count]


def scrambled(text: str, rng: np.random.Generator) -> str:
    """Easy: a third or more of the characters replaced."""
    for _ in range(max(2, len(text) // 3)):
        text = same_kind(text, rng)
    return text


OCR_LIKE: tuple[tuple[Corruption, float], ...] = (
    (look_alike, 0.34), (same_kind, 0.22), (dropped, 0.1), (dropped_sign, 0.07), (changed_sign, 0.07),
    (doubled, 0.06), (inserted, 0.04), (transposed, 0.05), (merged, 0.03), (accented, 0.02),
)  # fmt: skip
EASY: tuple[tuple[Corruption, float], ...] = ((scrambled, 0.6), (cut_off, 0.4))


def _draw(kinds: tuple[tuple[Corruption, float], ...], rng: np.random.Generator) -> Corruption:
    weights = np.array([weight for _, weight in kinds])
    return kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))][0]


def corrupt(text: str, rng: np.random.Generator, easy: float = 0.0) -> str:
    """A text that differs from `text` in more than case and spaces; `easy`: the share of gross differences, 0..1."""
    kinds = EASY if rng.random() < easy else OCR_LIKE
    for _ in range(20):
        wrong = normalise(_draw(kinds, rng)(text, rng))
        if fold(wrong) and fold(wrong) != fold(text):
            return wrong
    return text + ("1" if text[-1:] != "1" else "7")
