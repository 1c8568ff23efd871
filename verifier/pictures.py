"""The picture that a verifier sees: a crop, and the candidate text rendered as a picture with it.

`BESIDE` is for public models: the crop above, the candidate below. A checkpoint's own `picture.json` may ask for
`overlay`: one square cell a character of the candidate, in which red is the crop where that character would stand,
green the character itself, blue the crop's wider surroundings. Print that no character accounts for gets cells too.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from verifier.alignment import Alignment, align
from verifier.glyphs import ROWS, draw_text, glyph, printable

NAME = "picture.json"
CELL = ROWS  # pixels, wide and high
WIDER = 2.2  # times what the red view shows, in the blue one
OUTSIDE = 0.5  # strength of the crop's ink beside the character's own span


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """`form`: how crop and candidate share the picture; `least_height`: pixels to which a smaller crop is enlarged
    (beside)."""

    form: Literal["beside", "overlay"] = "beside"
    least_height: int = 64

    def __post_init__(self) -> None:
        if self.form not in ("beside", "overlay") or self.least_height < 1:
            raise ValueError(f"{self} is no picture style: form is beside or overlay, least_height at least 1 pixel")

    @classmethod
    def load(cls, folder: Path) -> PictureStyle:
        """The style of a checkpoint's folder; `BESIDE` where it says nothing. Raises ValueError for a broken file."""
        path = folder / NAME
        if not path.is_file():
            return BESIDE
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path} is no picture style ({error}); install the checkpoint again") from error

    def save(self, folder: Path) -> None:
        """Write `picture.json`."""
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    def compose(self, crop: NDArray[np.uint8], candidate: str) -> Image.Image:
        """One RGB picture of a crop (H, W, 3), RGB, and a candidate text. Raises ValueError for an empty crop."""
        if crop.ndim != 3 or crop.shape[2] != 3 or not crop.size:
            raise ValueError(f"a crop has the shape (H, W, 3) and at least one pixel, not {crop.shape}")
        text = printable(candidate)
        if self.form == "overlay":
            return Image.fromarray(overlay(align(crop, text)))
        return Image.fromarray(_beside(crop, text, self.least_height))


BESIDE = PictureStyle()


def overlay(alignment: Alignment) -> NDArray[np.uint8]:
    """The cells of an alignment side by side, shape (28, 28 * cells, 3)."""
    import cv2

    spans = alignment.spans
    glyphs = [glyph(span.char) if span.char else np.zeros((ROWS, 1), np.float32) for span in spans]
    middles = np.array([(span.left + span.right) / 2 for span in spans])
    steps = np.array([
        np.clip((span.right - span.left) / ink.shape[1], 0.45, 2.5) if span.char else alignment.aspect
        for span, ink in zip(spans, glyphs, strict=True)
    ])  # fmt: skip
    offsets = np.arange(CELL) + 0.5 - CELL / 2
    near = middles[:, None] + offsets * steps[:, None]
    wide = middles[:, None] + offsets * (WIDER * alignment.aspect)
    columns = np.concatenate([near.ravel(), wide.ravel()]).astype(np.float32) - 0.5
    across = np.broadcast_to(columns, (ROWS, columns.size)).copy()
    down = np.broadcast_to(np.arange(ROWS, dtype=np.float32)[:, None], across.shape).copy()
    seen = cv2.remap(alignment.canvas, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    lefts, rights = (np.array([getattr(span, side) for span in spans])[:, None] for side in ("left", "right"))
    inside = (near > lefts - 1) & (near < rights + 1)
    red = seen[:, : near.size] * np.where(inside, 1.0, OUTSIDE).ravel()
    green = np.zeros_like(red)
    for number, ink in enumerate(glyphs):
        start = CELL * number + (CELL - ink.shape[1]) // 2
        green[:, start : start + ink.shape[1]] = ink
    picture = np.stack([red, green, seen[:, near.size :]], axis=2)
    return np.ascontiguousarray(np.clip(picture * 255, 0, 255).astype(np.uint8))


def _beside(crop: NDArray[np.uint8], text: str, least_height: int) -> NDArray[np.uint8]:
    import cv2

    factor = max(1.0, least_height / crop.shape[0])
    if factor > 1.0:
        size = (round(crop.shape[1] * factor), round(crop.shape[0] * factor))
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    ink = draw_text(text, max(12, round(0.6 * crop.shape[0])))
    if ink.shape[1] > crop.shape[1]:
        height = max(12, round(ink.shape[0] * crop.shape[1] / ink.shape[1]))
        ink = np.asarray(cv2.resize(ink, (crop.shape[1], height), interpolation=cv2.INTER_AREA), np.uint8)
    gap = crop.shape[0] // 8 + 2
    picture = np.full((crop.shape[0] + gap + ink.shape[0], max(crop.shape[1], ink.shape[1]), 3), 255, np.uint8)
    picture[: crop.shape[0], : crop.shape[1]] = crop
    picture[crop.shape[0] + gap :, : ink.shape[1]] = 255 - ink[:, :, None]
    return picture
