"""Rendered lines on disk, so that several trainings share one rendering.

    python -m scripts.training.shards --out /tmp/training/lines --shards 80 --workers 2

A shard is an uncompressed `.npz`: `pixels` uint8 (32, total width), `starts` int64 (N + 1,) columns, `edges` float32
(characters, 2) in pixels of the line, `texts` as JSON. Writing is resumable: finished shards are left alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.synthetic.lines import Line, LineSettings, fit_height, line_stream
from scripts.training.run import WORK

HEIGHT = 32
WIDEST = 1024  # wider lines are left out: rare, and dear to train on
HELD_OUT_SEED = 990_000  # shards for training use seeds below


@dataclass(frozen=True)
class Shard:
    """Lines of height 32; `edges[i]` belongs to `texts[i]`, shape (len(text), 2), pixels."""

    images: list[NDArray[np.uint8]]
    texts: list[str]
    edges: list[NDArray[np.float32]]


def difficulty_of(shard: int) -> float:
    """Easy shards first, full difficulty from the ninth on, every seventh half as hard."""
    return 0.5 if shard % 7 == 6 else min(1.0, 0.3 + 0.12 * shard)


def _fitted(line: Line) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    image = fit_height(line.image, HEIGHT)
    return image, line.edges * np.float32(image.shape[1] / line.image.shape[1])


def _lines(seed: int, settings: LineSettings, count: int) -> Iterator[Line]:
    stream = line_stream(seed, settings)
    while count:
        line = next(stream)
        if HEIGHT * line.image.shape[1] <= WIDEST * line.image.shape[0]:
            count -= 1
            yield line


def write_shard(path: Path, seed: int, settings: LineSettings, count: int) -> None:
    """Render `count` lines into `path`; the file appears only when it is complete."""
    lines = list(_lines(seed, settings, count))
    fitted = [_fitted(line) for line in lines]
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez(
            file,
            pixels=np.concatenate([image for image, _ in fitted], axis=1),
            starts=np.cumsum([0, *(image.shape[1] for image, _ in fitted)]),
            edges=np.concatenate([edges for _, edges in fitted]),
            texts=np.array(json.dumps([line.text for line in lines])),
        )
    partial.replace(path)


def read_shard(path: Path) -> Shard:
    """The lines that `write_shard` stored."""
    with np.load(path) as data:
        pixels, starts, edges = data["pixels"], data["starts"], data["edges"]
        texts: list[str] = json.loads(str(data["texts"]))
    images = [pixels[:, left:right] for left, right in pairwise(starts)]
    stops = np.cumsum([len(text) for text in texts])
    return Shard(images, texts, np.split(edges, stops[:-1]))


def _job(out: Path, number: int, count: int, seed: int) -> None:
    cv2.setNumThreads(1)
    path = out / f"{number:05d}.npz"
    if not path.exists():
        write_shard(path, seed + number, LineSettings(difficulty_of(number)), count)


def main() -> None:
    """Render the shards that are not there yet, in order."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=WORK / "lines")
    parser.add_argument("--shards", type=int, default=80)
    parser.add_argument("--lines", type=int, default=5000, help="lines a shard")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    held_out = options.out / "held_out.npz"
    if not held_out.exists():
        write_shard(held_out, HELD_OUT_SEED, LineSettings(1.0), 2000)
    # A forked child would inherit OpenCV's threads in an undefined state.
    with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
        numbers = range(options.first, options.first + options.shards)
        for future in [pool.submit(_job, options.out, number, options.lines, options.seed) for number in numbers]:
            future.result()


if __name__ == "__main__":
    main()
