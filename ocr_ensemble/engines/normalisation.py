"""Pixels as a network was trained on them, by the numbers in its ``processor_config.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.errors import WeightsIncompleteError

CONFIG = "processor_config.json"


@dataclass(frozen=True, slots=True)
class Normalisation:
    """``scale`` of a pixel value of 0..255; ``mean`` and ``deviation`` per channel of the scaled ones."""

    scale: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def load(cls, engine: str, folder: Path) -> Normalisation:
        """Raises WeightsIncompleteError for a file out of form."""
        path = folder / CONFIG
        try:
            data = json.loads(path.read_text("utf-8"))["image_processor"]
            return cls(float(data["rescale_factor"]), tuple(data["image_mean"]), tuple(data["image_std"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WeightsIncompleteError(
                engine, f"{path} does not tell how pictures are prepared ({error}); put the whole checkpoint there"
            ) from error

    def of(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Shape (N, C, H, W), from pictures of one size, uint8, shape (H, W, C)."""
        factor = np.float32(self.scale) / np.asarray(self.deviation, np.float32)
        shift = np.asarray(self.mean, np.float32) / np.asarray(self.deviation, np.float32)
        values: NDArray[Any] = np.stack(pictures).astype(np.float32) * factor - shift
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2), dtype=np.float32)
