"""Batches of stored lines for CTC training, of similar widths, with truth for every frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from scripts.training.charset import BLANK, encode
from scripts.training.shards import HEIGHT, read_shard

Padding = Literal["edge", "border"]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class LoaderSettings:
    """`columns`: padded pixel columns a batch; `widest`: lines beyond it are squeezed to it.

    `padding`: what fills a line up to its batch's width on the right. "edge" repeats the last column, as EasyOCR
    does; "border" is the median of the picture's outermost pixels, as the TrOCR reader does.
    """

    columns: int = 4096
    widest: int = 1024
    multiple: int = 32
    padding: Padding = "edge"
    extra: int = 0
    shards_at_once: int = 2


@dataclass(frozen=True)
class Batch:
    """`pixels` (N, 1, 32, W) in -1..1; `edges[i]` (len(texts[i]), 2): each character's left and right in pixels."""

    pixels: torch.Tensor
    texts: list[str]
    edges: list[NDArray[np.float32]]

    def ctc_targets(self) -> tuple[torch.Tensor, torch.Tensor]:
        """All class numbers in a row, and the length of each text."""
        codes = [encode(text) for text in self.texts]
        flat = torch.tensor([number for code in codes for number in code], dtype=torch.long)
        return flat, torch.tensor([len(code) for code in codes], dtype=torch.long)

    def frame_targets(self, frames: int, stride: float, offset: float) -> torch.Tensor:
        """(N, frames): the class of the character at pixel `stride * t + offset`, blank beside the text."""
        out = np.full((len(self.texts), frames), BLANK, np.int64)
        for row, (text, edges) in enumerate(zip(self.texts, self.edges, strict=True)):
            spans = np.clip(np.ceil((edges - offset) / stride), 0, frames).astype(int)
            for number, (left, right) in zip(encode(text), spans, strict=True):
                out[row, left:right] = number
        return torch.from_numpy(out)


def pad_right(image: Pixels, width: int, padding: Padding) -> Pixels:
    """The picture filled up to `width` columns, or squeezed when it is wider."""
    if image.shape[1] > width:
        return np.asarray(cv2.resize(image, (width, image.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    if image.shape[1] == width:
        return image
    missing = width - image.shape[1]
    if padding == "edge":
        return np.pad(image, ((0, 0), (0, missing)), mode="edge")
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return np.pad(image, ((0, 0), (0, missing)), constant_values=int(np.median(border)))


def to_tensor(images: Sequence[Pixels], settings: LoaderSettings, width: int | None = None) -> torch.Tensor:
    """(N, 1, 32, W) in -1..1, W the widest picture rounded up to the settings' multiple unless given."""
    wanted = width or -(-max(image.shape[1] for image in images) // settings.multiple) * settings.multiple
    wanted = min(wanted, settings.widest)
    stacked = np.stack([pad_right(image, wanted, settings.padding) for image in images])
    return torch.from_numpy(stacked).unsqueeze(1).float().div_(127.5).sub_(1.0)


def _vary(image: Pixels, edges: NDArray[np.float32], rng: np.random.Generator) -> tuple[Pixels, NDArray[np.float32]]:
    """A stored line made a little different each time: width and contrast."""
    if rng.random() < 0.4:
        width = max(4, round(image.shape[1] * rng.uniform(0.82, 1.18)))
        edges = edges * np.float32(width / image.shape[1])
        image = np.asarray(cv2.resize(image, (width, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.4:
        low, high = rng.uniform(0, 40), rng.uniform(200, 255)
        image = np.asarray(cv2.LUT(image, np.linspace(low, high, 256).astype(np.uint8)), np.uint8)
    return image, edges


def _groups(widths: NDArray[np.int64], settings: LoaderSettings, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Indices of lines of similar width, each group within the settings' columns, in random order."""
    order = np.argsort(widths * rng.uniform(0.9, 1.1, len(widths)))
    groups, start = [], 0
    for stop in range(1, len(order) + 1):
        widest = min(settings.widest, int(widths[order[start:stop]].max())) + settings.extra
        if stop == len(order) or (stop + 1 - start) * widest > settings.columns:
            groups.append(order[start:stop])
            start = stop
    return [groups[number] for number in rng.permutation(len(groups))]


class ShardLoader:
    """Batches from a folder of shards that may still be growing; the least used shards come first."""

    def __init__(self, folder: Path, settings: LoaderSettings, used: dict[str, int] | None = None, seed: int = 0):
        self.folder, self.settings, self.seed = folder, settings, seed
        self.used: Counter[str] = Counter(used or {})

    def _next_paths(self) -> list[Path]:
        paths = sorted(self.folder.glob("[0-9]*.npz"), key=lambda path: (self.used[path.name], path.name))
        if not paths:
            raise FileNotFoundError(f"no shards in {self.folder}; run python -m scripts.training.shards --out first")
        return paths[: self.settings.shards_at_once]

    def __iter__(self) -> Iterator[Batch]:
        while True:
            rng = np.random.default_rng((self.seed, sum(self.used.values())))
            paths = self._next_paths()
            shards = [read_shard(path) for path in paths]
            images = [image for shard in shards for image in shard.images]
            texts = [text for shard in shards for text in shard.texts]
            edges = [each for shard in shards for each in shard.edges]
            widths = np.array([image.shape[1] for image in images], np.int64)
            for group in _groups(widths, self.settings, rng):
                yield self._batch([(images[i], texts[i], edges[i]) for i in group], rng)
            self.used.update(path.name for path in paths)

    def _batch(self, lines: list[tuple[Pixels, str, NDArray[np.float32]]], rng: np.random.Generator) -> Batch:
        varied = [_vary(image, edges, rng) for image, _, edges in lines]
        widest = self.settings.widest
        edges = [each * np.float32(min(1.0, widest / image.shape[1])) for image, each in varied]
        needed = max(image.shape[1] for image, _ in varied) + int(rng.integers(0, self.settings.extra + 1))
        width = -(-needed // self.settings.multiple) * self.settings.multiple
        pixels = to_tensor([image for image, _ in varied], self.settings, width)
        return Batch(pixels, [text for _, text, _ in lines], edges)
