"""Pictures of figure areas on disk with the fields they show, for training the compact Donut.

    python -m scripts.training.donut_pages --out /tmp/training/areas --shards 40 --workers 1

A shard is an `.npz`: `pixels` uint8 (N, H, W), grey; `fields`, `characters` and `lines` as JSON. Writing is resumable:
finished shards are left alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from invoice_connector.locales import locales
from ocr_ensemble.engines.donut_area import FigureArea, Piece
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from scripts.synthetic.degrade import degrade
from scripts.synthetic.documents import SyntheticDocument, make_document
from scripts.synthetic.layouts import HELD_OUT, LAYOUTS
from scripts.synthetic.rendering import POINTS_PER_INCH, SCAN, THERMAL_SCAN, render_pdf, to_pdf
from scripts.synthetic.sheet import Text
from scripts.synthetic.vocabulary import LANGUAGES
from scripts.training.charset import normalise
from scripts.training.run import WORK

DPI = 150
SCALE = DPI / POINTS_PER_INCH
CLEAN = 0.35  # share of pictures without faults
HELD_OUT_SEED = 770_000_000
FIELDS = (
    "invoice_number", "issue_date", "due_date", "total_without_vat", "total_vat", "total_with_vat", "amount_due",
)  # fmt: skip
AREA = FigureArea(
    tuple(
        dict.fromkeys(
            phrase
            for name in FIELDS
            for locale in locales().values()
            for phrase in (*locale.labels.get(name, ()), *locale.weak_labels.get(name, ()))
        )
    ),
    rows=2,
    pictures=9,
)
HEIGHT, WIDTH = AREA.rows * AREA.row_height, AREA.width

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shown:
    """A field as printed, in which document and where: `box` left, top, right, bottom in pixels of the picture."""

    name: str
    text: str
    box: Box


@dataclass(frozen=True)
class TrainingArea:
    """`pixels` (HEIGHT, WIDTH), grey; `fields` from top to bottom; `characters` as (glyph, x, y) of their middles;
    `document` tells which pictures belong together."""

    pixels: Pixels
    fields: list[Shown]
    characters: list[tuple[str, float, float]]
    document: int


def make_areas(seed: int, layouts: tuple[int, ...]) -> Iterator[TrainingArea]:
    """The pictures of one document; language, layout and faults follow from the seed."""
    rng = np.random.default_rng([seed, 31])
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    document = make_document(seed, language, layouts[int(rng.integers(len(layouts)))])
    profile = THERMAL_SCAN if document.deal.kind == "receipt" else SCAN
    for number, picture in enumerate(render_pdf(to_pdf(document.pages), DPI), 1):
        grey = np.asarray(cv2.cvtColor(picture.image, cv2.COLOR_RGB2GRAY), np.uint8)
        texts = [text for text in document.pages[number - 1].texts if text.text.strip()]
        lines = [_line(text, rng) for text in texts]
        for pieces in AREA.layout(sorted(lines, key=lambda line: (line.box.top, line.box.left))):
            drawn = AREA.draw(grey, pieces)
            yield TrainingArea(
                drawn if rng.random() < CLEAN else np.asarray(degrade(drawn, rng, profile), np.uint8),
                list(_fields(document, number, pieces)),
                list(_characters(texts, pieces)),
                seed,
            )


def _scaled(box: Box) -> Box:
    left, top, right, bottom = (SCALE * side for side in box)
    return left, top, right, bottom


def _line(text: Text, rng: np.random.Generator) -> TextLine:
    """A printed text as an engine would give it: words with boxes in pixels that are a little off."""
    words, start = [], 0
    for token in text.text.split(" "):
        if token.strip():
            left, top, right, bottom = _scaled(text.box(start, start + len(token)))
            off = rng.normal(0, 0.05 * max(4.0, bottom - top), 4)
            left, top = max(0.0, left + off[0]), max(0.0, top + off[1])
            corner = (max(left + 1, right + off[2]), max(top + 1, bottom + off[3]))
            words.append(Word(token, BoundingBox.around([(left, top), corner])))
        start += len(token) + 1
    return TextLine(text.text, BoundingBox.union(word.box for word in words), None, tuple(words))


def _placed(box: Box, pieces: Sequence[Piece]) -> Box | None:
    """A box in points of the page as pixels of the picture; None when its middle is not in the picture."""
    left, top, right, bottom = _scaled(box)
    x, y = (left + right) / 2, (top + bottom) / 2
    for piece in pieces:
        source = piece.source
        if source.left <= x < source.right and source.top <= y < source.bottom:
            wide, high = piece.width / source.width, AREA.row_height / source.height
            down = piece.row * AREA.row_height
            return (
                piece.left + (left - source.left) * wide, down + (top - source.top) * high,
                piece.left + (right - source.left) * wide, down + (bottom - source.top) * high,
            )  # fmt: skip
    return None


def _fields(document: SyntheticDocument, page: int, pieces: Sequence[Piece]) -> Iterator[Shown]:
    """The fields whose text is in the picture, from top to bottom, each once."""
    found = [
        Shown(shown.name, text, box)
        for shown in document.places
        if shown.page == page and shown.name in FIELDS
        if (box := _placed(shown.box, pieces)) and (text := normalise(shown.text))
    ]
    seen = set()
    for shown in sorted(found, key=lambda shown: (shown.box[1] // AREA.row_height, shown.box[0])):
        if shown.name not in seen:
            seen.add(shown.name)
            yield shown


def _characters(texts: Sequence[Text], pieces: Sequence[Piece]) -> Iterator[tuple[str, float, float]]:
    for text in texts:
        for number, char in enumerate(text.text):
            if normalise(char) and (box := _placed(text.box(number, number + 1), pieces)):
                yield normalise(char), (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def write_shard(path: Path, seed: int, layouts: tuple[int, ...], count: int) -> None:
    """Draw the areas of `count` documents into `path`; the file appears only when it is complete."""
    areas = [area for number in range(count) for area in make_areas(seed + number, layouts)]
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            pixels=np.stack([area.pixels for area in areas]),
            fields=np.array(json.dumps([[[s.name, s.text, s.box] for s in area.fields] for area in areas])),
            characters=np.array(json.dumps([[(c, round(x), round(y)) for c, x, y in a.characters] for a in areas])),
            documents=np.array([area.document for area in areas]),
        )
    partial.replace(path)


def read_shard(path: Path) -> list[TrainingArea]:
    """The areas that `write_shard` stored."""
    with np.load(path) as data:
        pixels, documents = data["pixels"], data["documents"].tolist()
        fields, characters = json.loads(str(data["fields"])), json.loads(str(data["characters"]))
    return [
        TrainingArea(image, [Shown(name, text, tuple(box)) for name, text, box in shown], chars, document)
        for image, shown, chars, document in zip(pixels, fields, characters, documents, strict=True)
    ]


def _job(out: Path, number: int, count: int) -> None:
    cv2.setNumThreads(1)
    path = out / f"{number:05d}.npz"
    if not path.exists():
        write_shard(path, number * count, tuple(sorted(set(LAYOUTS) - HELD_OUT)), count)


def main() -> None:
    """Render the shards that are not there yet, in order, after the held-out one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=WORK / "areas")
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--documents", type=int, default=200, help="a shard")
    parser.add_argument("--held-out", type=int, default=300, help="documents of layouts that training never sees")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    held_out = options.out / "held_out.npz"
    if not held_out.exists():
        write_shard(held_out, HELD_OUT_SEED, tuple(sorted(HELD_OUT)), options.held_out)
    # A forked child would inherit OpenCV's threads in an undefined state.
    with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
        numbers = range(options.shards)
        for future in [pool.submit(_job, options.out, number, options.documents) for number in numbers]:
            future.result()


if __name__ == "__main__":
    main()
