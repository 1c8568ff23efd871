"""Labelled line pictures that are only ever evaluated on: held-out synthetic lines and SROIE's boxes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.synthetic.lines import fit_height
from scripts.training.metrics import character_error_rate, exact_rate, folded_error_rate
from scripts.training.shards import HEIGHT, read_shard

Pixels = NDArray[np.uint8]
Reader = Callable[[Sequence[Pixels]], list[str]]


@dataclass(frozen=True)
class LabelledLines:
    """Pictures of height 32 and their texts."""

    images: list[Pixels]
    texts: list[str]


def sroie_crops(folder: Path, split: str) -> LabelledLines:
    """All labelled boxes of a split ("fit" or "test"), cut out upright by their extremes, grey, height 32."""
    images: list[Pixels] = []
    texts: list[str] = []
    for row in map(json.loads, (folder / "index.jsonl").read_text("utf-8").splitlines()):
        if row["split"] != split:
            continue
        page = cv2.imread(str(folder / row["image"]), cv2.IMREAD_GRAYSCALE)
        for line in (folder / row["boxes"]).read_text("utf-8", errors="replace").splitlines():
            *corners, text = line.split(",", 8)
            if len(corners) != 8 or not text.strip() or page is None:
                continue
            xs, ys = [max(0, int(x)) for x in corners[::2]], [max(0, int(y)) for y in corners[1::2]]
            crop = page[min(ys) : max(ys), min(xs) : max(xs)]
            if crop.size:
                images.append(fit_height(np.asarray(crop, np.uint8), HEIGHT))
                texts.append(text)
    return LabelledLines(images, texts)


def held_out_lines(path: Path, limit: int | None = None) -> LabelledLines:
    """Synthetic lines of a shard that no training sees."""
    shard = read_shard(path)
    return LabelledLines(shard.images[:limit], shard.texts[:limit])


def every_nth(lines: LabelledLines, count: int) -> LabelledLines:
    """About `count` lines, spread evenly."""
    step = max(1, len(lines.texts) // count)
    return LabelledLines(lines.images[::step], lines.texts[::step])


def read_sorted(read: Reader, images: Sequence[Pixels], batch: int = 32) -> list[str]:
    """Texts in the order of `images`, read in batches of similar width."""
    order = sorted(range(len(images)), key=lambda number: images[number].shape[1])
    texts = [""] * len(images)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        for number, text in zip(chosen, read([images[number] for number in chosen]), strict=True):
            texts[number] = text
    return texts


def measure(read: Reader, lines: LabelledLines, name: str) -> dict[str, float]:
    """`NAME_cer` (folded), `NAME_cer_strict` (case and spaces count), `NAME_exact` (folded), `NAME_lines`."""
    texts = read_sorted(read, lines.images)
    return {
        f"{name}_cer": folded_error_rate(texts, lines.texts),
        f"{name}_cer_strict": character_error_rate(texts, lines.texts),
        f"{name}_exact": exact_rate(texts, lines.texts),
        f"{name}_lines": len(lines.texts),
    }
