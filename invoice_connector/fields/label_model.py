"""What a phrase that no locale has is most likely the label of: a softmax over its character n-grams, and one over
what it means.

Fitted by ``scripts/train_labels.py`` on the phrases of all locales, names, addresses and prose. The first is a linear
classifier as fastText's (Joulin et al. 2016), with one hash per n-gram and no word vectors. Where it is not sure, and
a multilingual encoder runs, a classifier of the encoder's embedding has as much to say: it knows a label by its
likeness to labels of other languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from zlib import crc32

import numpy as np

from invoice_connector.fields.text_encoder import embedded, encoder_runs
from invoice_connector.fields.text_models import Half, Matrix, from_safetensors, softmax, to_safetensors

BUCKETS = 1 << 16  # so many that what was never seen says nothing
SIZES = (2, 3, 4, 5)  # characters of an n-gram
NO_LABEL = ("name", "address", "prose")  # what a text may be besides a label
SURE = 0.95  # probability of a class from which the n-grams' word is enough
SURE_OF_NOTHING = 0.9  # of all classes together that are no label: of ten such texts the encoder need not see eight
_ARRAYS = ("weights", "bias", "meaning", "meaning_bias")
_LONGEST = 4  # words of a text that the encoder is asked about: longer ones are prose, and take longest
_WORD = re.compile(r"[^\W\d_]+|[#°]|\d+")


@dataclass(frozen=True, slots=True, eq=False)
class LabelModel:
    """``classes``: the terms of the locales' labels and ``NO_LABEL``. ``weights`` has shape (buckets, classes),
    ``bias`` (classes,); ``meaning`` has shape (WIDTH, classes), for embeddings, ``meaning_bias`` (classes,)."""

    classes: tuple[str, ...]
    weights: Matrix | Half
    bias: Matrix
    meaning: Matrix
    meaning_bias: Matrix

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts, classes), rows that add up to 1."""
        shares = self.by_spelling(texts)
        short = np.array([len(text.split()) <= _LONGEST for text in texts], dtype=bool)
        nothing = shares[:, [self.classes.index(kind) for kind in NO_LABEL]].sum(axis=1)
        unsure = np.flatnonzero(short & (shares.max(axis=1, initial=0.0) < SURE) & (nothing < SURE_OF_NOTHING))
        if len(unsure) and encoder_runs():
            own = self._by_meaning(embedded([texts[int(row)] for row in unsure]))
            together = np.sqrt(shares[unsure] * own)  # a product of experts (Hinton 2002)
            shares[unsure] = together / together.sum(axis=1, keepdims=True)
        return shares

    def _by_meaning(self, embeddings: Matrix) -> Matrix:
        return softmax(embeddings @ self.meaning + self.meaning_bias)

    def by_spelling(self, texts: Sequence[str]) -> Matrix:
        """The same by the n-grams alone, in a hundredth of the time."""
        scores = np.tile(self.bias, (len(texts), 1))
        for row, text in enumerate(texts):
            buckets = buckets_of(text, len(self.weights))
            if buckets:
                scores[row] += self.weights[buckets].astype(np.float32).sum(axis=0) / np.sqrt(len(buckets))
        return softmax(scores)

    def to_bytes(self) -> bytes:
        return to_safetensors(self.classes, {name: getattr(self, name) for name in _ARRAYS})

    @classmethod
    def from_bytes(cls, stored: bytes) -> LabelModel:
        classes, arrays = from_safetensors(stored, half="weights")
        return cls(classes, **arrays)


def buckets_of(text: str, count: int = BUCKETS) -> list[int]:
    """The hashes of a text's words and character n-grams, each once; case, accents, signs and digits do not count."""
    return sorted({crc32(gram.encode()) % count for gram in _grams(folded(text))})


def folded(text: str) -> str:
    """Lower case, without accents and signs, every number a 0, words one blank apart: "Réf. 12:" -> "ref 0"."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("º", "°"))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join("0" if word.isdigit() else word for word in _WORD.findall(plain))


def _grams(text: str) -> Iterator[str]:
    yield from (f"w:{word}" for word in text.split())
    padded = f"^{text}$"
    for size in SIZES:
        yield from (padded[place : place + size] for place in range(len(padded) - size + 1))


@lru_cache(maxsize=1)
def bundled_label_model() -> LabelModel | None:
    """The model that comes with the package; None where its file is missing."""
    place = files("invoice_connector.fields") / "labels.safetensors"
    return LabelModel.from_bytes(place.read_bytes()) if place.is_file() else None
