"""Pairs of a crop and a right or wrong candidate, composed into cells and stored with truth for every cell.

    python -m scripts.training.verifier_pairs --lines /tmp/training/lines --out /tmp/training/pairs

A shard is an uncompressed `.npz`: `cells` uint8 (all cells, 28, 28, 3), `starts` int64 (N + 1,), `right` int8 (N,),
`classes` int16 (all cells,) the true character in each cell, `differs` int8 (all cells,). Writing resumes.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.training.charset import BLANK, encode, normalise
from scripts.training.metrics import fold
from scripts.training.run import WORK
from scripts.training.shards import read_shard
from scripts.training.verifier_corruptions import corrupt
from verifier.alignment import Alignment, align
from verifier.glyphs import printable
from verifier.pictures import CELL, overlay

LONGEST = 48  # cells of a picture in training
UNKNOWN = -1


@dataclass(frozen=True)
class Line:
    """A grey crop, its text, and each character's left and right in pixels, shape (len(text), 2)."""

    image: NDArray[np.uint8]
    text: str
    edges: NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """`cells` (N, 28, 28, 3); `classes` (N,): the character truly there, `BLANK` or `UNKNOWN`; `differs` (N,) 0 or 1,
    -1 where it cannot be said."""

    cells: NDArray[np.uint8]
    right: bool
    classes: NDArray[np.int16]
    differs: NDArray[np.int8]


def easy_share(shard: int) -> float:
    """Gross differences first, mostly single characters later."""
    return max(0.12, 0.7 - 0.09 * shard)


def part_of(line: Line, rng: np.random.Generator) -> Line:
    """Now and then only some of a line's characters, cut between them as a box around one word or number is."""
    count = len(line.text)
    if count < 4 or rng.random() > 0.35:
        return line
    words = [place + 1 for place, char in enumerate(line.text) if char == " "]
    first = int(rng.choice([0, *words]))
    last = int(rng.choice([place - 1 for place in words if place - 1 > first] + [count]))
    if last - first < 2:
        return line
    before = line.edges[first - 1, 1] if first else 0.0
    after = line.edges[last, 0] if last < count else float(line.image.shape[1])
    left = int(rng.uniform(before, max(before, line.edges[first, 0])))
    right = int(np.ceil(rng.uniform(min(after, line.edges[last - 1, 1]), after)))
    text, edges = line.text[first:last], line.edges[first:last] - left
    if right - left < 6:
        return line
    stripped = text.strip()
    offset = text.index(stripped)
    return Line(line.image[:, left:right], stripped, edges[offset : offset + len(stripped)])


def right_candidate(text: str, rng: np.random.Generator) -> str:
    """The text itself; now and then in upper case or with a space more or less, which counts as right."""
    kind = rng.random()
    if kind < 0.25 and "ß" not in text:
        text = text.upper()
    elif kind < 0.28:
        text = text.lower()
    if rng.random() < 0.15 and " " in text:
        text = text.replace(" ", "", 1)
    return text


def compose(line: Line, candidate: str, right: bool) -> Pair:
    """The picture of a pair, cut into cells, with the truth about each."""
    alignment = align(line.image, printable(candidate))
    picture = overlay(alignment)
    cells = picture.reshape(CELL, -1, CELL, 3).transpose(1, 0, 2, 3)
    classes, differs = _truth(alignment, line)
    if right:
        differs = np.where([bool(span.char) for span in alignment.spans], 0, differs).astype(np.int8)
    return Pair(cells[:LONGEST], right, classes[:LONGEST], differs[:LONGEST])


def _truth(alignment: Alignment, line: Line) -> tuple[NDArray[np.int16], NDArray[np.int8]]:
    marks = [number for number, char in enumerate(line.text) if char != " "]
    edges = line.edges[marks] * alignment.scale
    middles = edges.mean(axis=1)
    codes = encode(normalise("".join(line.text[number] for number in marks).upper()).replace(" ", ""))
    texts = [fold(line.text[number]) for number in marks]
    known = len(codes) == len(marks)
    classes, differs = [], []
    for span in alignment.spans:
        inside = np.flatnonzero((middles > span.left) & (middles < span.right))
        if not span.char:
            classes.append(BLANK if not len(inside) else UNKNOWN)
            differs.append(int(len(inside) > 0))
            continue
        middle = (span.left + span.right) / 2
        there = np.flatnonzero((edges[:, 0] <= middle) & (middle <= edges[:, 1]))
        classes.append(BLANK if not len(there) else codes[there[0]] if known else UNKNOWN)
        differs.append(int(not any(texts[number] == fold(span.char) for number in there)))
    return np.array(classes, np.int16), np.array(differs, np.int8)


def pairs(lines: list[Line], rng: np.random.Generator, easy: float) -> Iterator[Pair]:
    """A right and a wrong candidate for each line; some wrong ones are another line's text."""
    for line in lines:
        seen = part_of(line, rng)
        yield compose(seen, right_candidate(seen.text, rng), True)
        other = lines[int(rng.integers(len(lines)))].text
        if rng.random() < 0.3 * easy and fold(other) != fold(seen.text):
            wrong = other
        else:
            wrong = corrupt(right_candidate(seen.text, rng), rng, easy)
        yield compose(seen, wrong, False)


def write_shard(path: Path, made: list[Pair]) -> None:
    """Store pairs; the file appears only when it is complete."""
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez(
            file,
            cells=np.concatenate([pair.cells for pair in made]),
            starts=np.cumsum([0, *(len(pair.cells) for pair in made)]),
            right=np.array([pair.right for pair in made], np.int8),
            classes=np.concatenate([pair.classes for pair in made]),
            differs=np.concatenate([pair.differs for pair in made]),
        )
    partial.replace(path)


def read_pairs(path: Path) -> list[Pair]:
    """The pairs that `write_shard` stored."""
    with np.load(path) as data:
        cells, starts, right = data["cells"], data["starts"], data["right"]
        classes, differs = data["classes"], data["differs"]
    bounds = list(pairwise(starts))
    return [Pair(cells[a:b], bool(yes), classes[a:b], differs[a:b]) for (a, b), yes in zip(bounds, right, strict=True)]


def stored_lines(path: Path) -> list[Line]:
    """The lines of a shard of rendered lines."""
    shard = read_shard(path)
    return [Line(*parts) for parts in zip(shard.images, shard.texts, shard.edges, strict=True)]


class PairLoader:
    """Batches of pairs from a folder that may still be growing; the least used shards come first.

    `cells` a batch, padding included; pairs of similar length go together."""

    def __init__(self, folder: Path, cells: int, used: dict[str, int] | None = None, seed: int = 0):
        self.folder, self.cells, self.seed = folder, cells, seed
        self.used: Counter[str] = Counter(used or {})

    def __iter__(self) -> Iterator[list[Pair]]:
        while True:
            rng = np.random.default_rng((self.seed, sum(self.used.values())))
            paths = sorted(self.folder.glob("[0-9]*.npz"), key=lambda path: (self.used[path.name], path.name))
            if not paths:
                raise FileNotFoundError(f"no pairs in {self.folder}; run python -m scripts.training.verifier_pairs")
            stored = [pair for path in paths[:2] for pair in read_pairs(path)]
            yield from (self._varied(batch, rng) for batch in self._batches(stored, rng))
            self.used.update(path.name for path in paths[:2])

    def _batches(self, stored: list[Pair], rng: np.random.Generator) -> Iterator[list[Pair]]:
        order = np.argsort([len(pair.cells) * rng.uniform(0.9, 1.1) for pair in stored])
        groups: list[list[int]] = [[]]
        for number in order:
            longest = max([len(stored[number].cells), *(len(stored[other].cells) for other in groups[-1][-1:])])
            if groups[-1] and (len(groups[-1]) + 1) * longest > self.cells:
                groups.append([])
            groups[-1].append(int(number))
        for place in rng.permutation(len(groups)):
            yield [stored[number] for number in groups[place]]

    def _varied(self, batch: list[Pair], rng: np.random.Generator) -> list[Pair]:
        """The crop's ink a little stronger or weaker, one row up or down."""
        out = []
        for pair in batch:
            cells = pair.cells.copy()
            if (shift := int(rng.integers(-1, 2))) != 0:
                cells[..., ::2] = np.roll(cells[..., ::2], shift, axis=1)
            strength = rng.uniform(0.7, 1.15)
            cells[..., ::2] = np.minimum(cells[..., ::2] * strength, 255).astype(np.uint8)
            out.append(Pair(cells, pair.right, pair.classes, pair.differs))
        return out


def make_shard(lines: Path, out: Path, number: int, count: int) -> None:
    """Pairs of `count` lines, taken from the shards of lines in turn."""
    path = out / f"{number:05d}.npz"
    if path.exists():
        return
    rng = np.random.default_rng(70_000 + number)
    shards = sorted(lines.glob("[0-9]*.npz"))
    stored = stored_lines(shards[number % len(shards)])
    chosen = [stored[place] for place in rng.choice(len(stored), min(count, len(stored)), replace=False)]
    write_shard(path, list(pairs(chosen, rng, easy_share(number))))
    print(path, flush=True)


def main() -> None:
    """Compose the shards that are not there yet, in order."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--lines", type=Path, default=WORK / "lines")
    parser.add_argument("--out", type=Path, default=WORK / "pairs")
    parser.add_argument("--shards", type=int, default=60)
    parser.add_argument("--count", type=int, default=1500, help="lines a shard; each makes two pairs")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.shards):
        make_shard(options.lines, options.out, number, options.count)


if __name__ == "__main__":
    main()
