"""The characters that the compact recognisers can read, and the mapping of text to and from class numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

CHARACTERS = (
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿŒœŸ"
    "£§°·¿¡«»–—‘’“”„•€²³½×ºª±µ©®™…"
)
BLANK = 0  # CTC's "no character"; class i + 1 is CHARACTERS[i], as EasyOCR numbers them
CLASSES = len(CHARACTERS) + 1

_INDEX = {char: number for number, char in enumerate(CHARACTERS, start=1)}
_EQUIVALENTS = str.maketrans({
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\t": " ", "\u2212": "-", "\u2010": "-",
    "\u2011": "-", "‚": ",", "´": "'", "✓": "•", "●": "•", "▪": "•", "Œ": "Œ",
})  # fmt: skip


def normalise(text: str) -> str:
    """NFC, single spaces, look-alikes folded; characters outside the alphabet are dropped."""
    composed = unicodedata.normalize("NFC", text).translate(_EQUIVALENTS)
    return " ".join("".join(char for char in composed if char in _INDEX).split())


def encode(text: str) -> list[int]:
    """Class numbers of a normalised text.

    Raises:
        KeyError: a character outside the alphabet.
    """
    return [_INDEX[char] for char in text]


def decode_greedy(classes: Iterable[int]) -> str:
    """The text of a path of classes: repeats merged, blanks dropped."""
    previous, out = BLANK, []
    for number in classes:
        if number not in (previous, BLANK):
            out.append(CHARACTERS[number - 1])
        previous = number
    return "".join(out)


def decode_batch(paths: Sequence[Sequence[int]]) -> list[str]:
    """`decode_greedy` of every row of (N, T)."""
    return [decode_greedy(path) for path in paths]
