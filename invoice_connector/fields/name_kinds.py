"""Whether a line of a party's block names an organisation, a person, or a department or job.

A softmax over the multilingual encoder's embedding, fitted by ``scripts/train_names.py``: a block may print whom the
letter is for (BT-56 of EN 16931, the contact point) above or below who is invoiced (BT-44).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from invoice_connector.fields.legal_forms import has_legal_form
from invoice_connector.fields.text_encoder import embedded, encoder_runs
from invoice_connector.fields.text_models import Matrix, from_safetensors, softmax, to_safetensors

KINDS = ("organisation", "person", "department")


@dataclass(frozen=True, slots=True, eq=False)
class NameKinds:
    """``weights`` has shape (WIDTH, kinds), ``bias`` (kinds,); the kinds as ``KINDS``."""

    weights: Matrix
    bias: Matrix

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts, kinds), rows that add up to 1. The encoder must run here."""
        return softmax(embedded(list(map(plain, texts))) @ self.weights + self.bias)

    def to_bytes(self) -> bytes:
        return to_safetensors(KINDS, {"weights": self.weights, "bias": self.bias})

    @classmethod
    def from_bytes(cls, stored: bytes) -> NameKinds:
        _, arrays = from_safetensors(stored, half="")
        return cls(**arrays)


def plain(text: str) -> str:
    """A line as the model sees it: blanks single, no shouting."""
    read = " ".join(text.split())
    return read.title() if read.isupper() else read


@lru_cache(maxsize=1)
def name_kinds() -> NameKinds | None:
    """The model that comes with the package; None where no encoder runs."""
    place = files("invoice_connector.fields") / "names.safetensors"
    return NameKinds.from_bytes(place.read_bytes()) if encoder_runs() else None


_UNKNOWN = 1 / len(KINDS)  # where no encoder runs


def kinds_of_name(name: str) -> dict[str, float]:
    """The probability of each kind by its name; a legal form is an organisation's."""
    if has_legal_form(name):
        return dict.fromkeys(KINDS, 0.0) | {KINDS[0]: 1.0}
    model = name_kinds()
    if model is None:
        return dict.fromkeys(KINDS, _UNKNOWN)
    return dict(zip(KINDS, map(float, model.probabilities([name])[0]), strict=True))
