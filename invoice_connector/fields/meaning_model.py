"""What a sentence or a title means in words that no locale has.

Two models of one form, fitted by ``scripts/train_sentences.py`` on texts in all languages of the locales: what a
sentence says of the paper that it stands on (``sentences.safetensors``), and what kind of paper a title names
(``titles.safetensors``). The first class of each is ``NOTHING``: what honest invoices say, thanks, terms, conditions;
what is no title. A logistic regression over character n-grams, which costs next to nothing, tells which few texts of a
document the multilingual encoder is asked about; a network with one hidden layer over its embedding and the n-grams'
log-odds gives the probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from invoice_connector.fields.label_model import buckets_of
from invoice_connector.fields.text_encoder import embedded, encoder_runs
from invoice_connector.fields.text_models import Half, Matrix, from_safetensors, softmax, to_safetensors

NOTHING = "nothing"
_ARRAYS = ("spelling", "spelling_bias", "hidden", "hidden_bias", "meaning", "bias")
_WORDS = 40  # of a sentence that are read: what it is about is said by then
_NUMBER = re.compile(r"\d+(?:[.,:/' -]?\d+)*")


@dataclass(frozen=True, slots=True, eq=False)
class MeaningModel:
    """``classes``: ``NOTHING`` first. ``spelling`` has shape (buckets,), ``spelling_bias`` (1,); ``hidden``
    (WIDTH + 1, units), for the embedding and the log-odds of the n-grams, ``hidden_bias`` (units,); ``meaning``
    (units, classes), ``bias`` (classes,).

    Texts are ``plain``.
    """

    classes: tuple[str, ...]
    spelling: Matrix | Half
    spelling_bias: Matrix
    hidden: Matrix
    hidden_bias: Matrix
    meaning: Matrix
    bias: Matrix

    def suspicion(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts,): the log-odds by spelling alone that each text means something."""
        scores = np.repeat(self.spelling_bias, len(texts))
        for row, text in enumerate(texts):
            buckets = buckets_of(text, len(self.spelling))
            if buckets:
                scores[row] += self.spelling[buckets].astype(np.float32).sum() / np.sqrt(len(buckets))
        return scores

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts, classes), rows that add up to 1. The encoder must run here."""
        features = np.column_stack([embedded(texts), self.suspicion(texts)])
        units = np.maximum(features @ self.hidden + self.hidden_bias, 0.0)
        return softmax(units @ self.meaning + self.bias)

    def to_bytes(self) -> bytes:
        return to_safetensors(self.classes, {name: getattr(self, name) for name in _ARRAYS})

    @classmethod
    def from_bytes(cls, stored: bytes) -> MeaningModel:
        classes, arrays = from_safetensors(stored, half="spelling")
        return cls(classes, **arrays)


def plain(text: str) -> str:
    """A text as the models see it: every number a 5, blanks single and none before a colon, no more than the first
    words, no shouting."""
    read = _NUMBER.sub("5", " ".join(text.split()[:_WORDS])).replace(" :", ":")
    return read.capitalize() if read.isupper() else read


@lru_cache(maxsize=2)
def meaning_model(name: str) -> MeaningModel | None:
    """The model ``sentences`` or ``titles`` that comes with the package; None where its file is missing or no encoder
    runs."""
    place = files("invoice_connector.fields") / f"{name}.safetensors"
    return MeaningModel.from_bytes(place.read_bytes()) if encoder_runs() and place.is_file() else None
