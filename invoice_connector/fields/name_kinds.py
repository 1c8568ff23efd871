"""Whether a line of a party's block names an organisation, a person, or a department or job.

A softmax over the multilingual encoder's embedding, and one over character n-grams, which takes a hundredth of the time
and knows less; both fitted by ``scripts/train_names.py``. A block may print whom the letter is for (BT-56 of EN 16931,
the contact point) above or below who is invoiced (BT-44).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from invoice_connector.fields.label_model import buckets_of
from invoice_connector.fields.legal_forms import has_legal_form
from invoice_connector.fields.text_encoder import embedded, encoder_runs
from invoice_connector.fields.text_models import Half, Matrix, from_safetensors, softmax, to_safetensors

KINDS = ("organisation", "person", "department")
BUCKETS = 1 << 14  # of n-grams
_ARRAYS = ("weights", "bias", "spelling", "spelling_bias")


@dataclass(frozen=True, slots=True, eq=False)
class NameKinds:
    """``weights`` has shape (WIDTH, kinds), for embeddings, ``bias`` (kinds,); ``spelling`` (BUCKETS, kinds) and
    ``spelling_bias`` are those of n-grams; the kinds as ``KINDS``."""

    weights: Matrix
    bias: Matrix
    spelling: Matrix | Half
    spelling_bias: Matrix

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts, kinds), rows that add up to 1. The encoder must run here."""
        return softmax(embedded(list(map(plain, texts))) @ self.weights + self.bias)

    def by_spelling(self, texts: Sequence[str]) -> Matrix:
        """The same by the n-grams alone; no encoder need run."""
        scores = np.tile(self.spelling_bias, (len(texts), 1))
        for row, text in enumerate(texts):
            buckets = buckets_of(text, len(self.spelling))
            if buckets:
                scores[row] += self.spelling[buckets].astype(np.float32).sum(axis=0) / np.sqrt(len(buckets))
        return softmax(scores)

    def to_bytes(self) -> bytes:
        return to_safetensors(KINDS, {name: getattr(self, name) for name in _ARRAYS})

    @classmethod
    def from_bytes(cls, stored: bytes) -> NameKinds:
        _, arrays = from_safetensors(stored, half="spelling")
        return cls(**arrays)


def plain(text: str) -> str:
    """A line as the model sees it: blanks single, no shouting."""
    read = " ".join(text.split())
    return read.title() if read.isupper() else read


@lru_cache(maxsize=1)
def bundled_name_kinds() -> NameKinds:
    """The model that comes with the package."""
    return NameKinds.from_bytes((files("invoice_connector.fields") / "names.safetensors").read_bytes())


def name_kinds() -> NameKinds | None:
    """The same; None where no encoder runs."""
    return bundled_name_kinds() if encoder_runs() else None


_ORGANISATION = dict.fromkeys(KINDS, 0.0) | {KINDS[0]: 1.0}
_UNKNOWN = 1 / len(KINDS)  # where no encoder runs


def spelt_kinds(names: Sequence[str]) -> list[Mapping[str, float]]:
    """The probability of each kind by the spelling of each name; a legal form is an organisation's."""
    rows = bundled_name_kinds().by_spelling(names)
    return [_ORGANISATION if has_legal_form(name) else _shares(row) for name, row in zip(names, rows, strict=True)]


def _shares(row: Matrix) -> dict[str, float]:
    return dict(zip(KINDS, map(float, row), strict=True))


def kinds_of_name(name: str) -> Mapping[str, float]:
    """The probability of each kind by its name; a legal form is an organisation's."""
    if has_legal_form(name):
        return _ORGANISATION
    model = name_kinds()
    if model is None:
        return dict.fromkeys(KINDS, _UNKNOWN)
    return _shares(model.probabilities([name])[0])
