"""What the models of texts share: their probabilities, and how they lie in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

Matrix = NDArray[np.float32]
Half = NDArray[np.float16]  # of which few rows are looked up, and computed with in single precision


def softmax(scores: Matrix) -> Matrix:
    """Shape (texts, classes), rows that add up to 1, for scores of that shape."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    whole: Matrix = shares / shares.sum(axis=1, keepdims=True)
    return whole


def to_safetensors(classes: Sequence[str], arrays: Mapping[str, Matrix]) -> bytes:
    """The arrays in half precision, and the classes, none of which has a blank."""
    stored = {name: array.astype(np.float16) for name, array in arrays.items()}
    return save(stored, metadata={"classes": " ".join(classes)})


def from_safetensors(stored: bytes, half: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The classes, and the arrays by name, of what ``to_safetensors`` made: all but ``half`` in single precision."""
    length = int.from_bytes(stored[:8], "little")
    classes = re.search(rb'"classes":"([^"]+)"', stored[8 : 8 + length])
    assert classes is not None
    arrays = {name: array if name == half else array.astype(np.float32) for name, array in load(stored).items()}
    return tuple(classes[1].decode().split(" ")), arrays
