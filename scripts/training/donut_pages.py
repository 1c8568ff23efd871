"""Rendered pages on disk with the fields they show, for training a document model.

    python -m scripts.training.donut_pages --out /tmp/training/pages --shards 40 --workers 2

A shard is an `.npz`: `pixels` uint8 (N, H, W), grey, the page fitted and centred as `DonutImageProcessor` does it;
`fields` and `lines` as JSON. Writing is resumable: finished shards are left alone. About 3 pages a second and core.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.synthetic.documents import SyntheticDocument, make_document
from scripts.synthetic.layouts import HELD_OUT, LAYOUTS
from scripts.synthetic.rendering import SCAN, THERMAL_SCAN, Picture, photograph, render_pdf, scan, to_pdf
from scripts.synthetic.vocabulary import LANGUAGES
from scripts.training.charset import normalise
from scripts.training.run import WORK

HEIGHT, WIDTH = 960, 704  # pixels of the whole page: an A4 page at 82 dpi
DPI = 120  # of rendering, before the page is shrunk
RECEIPT_SCALE = 1.4  # a receipt is narrow: it is rendered finer
HELD_OUT_SEED = 770_000_000
FIELDS = (
    "invoice_number", "issue_date", "due_date", "seller_name", "currency_code", "total_without_vat", "total_vat",
    "total_with_vat", "amount_due",
)  # fmt: skip

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class TrainingPage:
    """`pixels` (HEIGHT, WIDTH), grey; `fields` as printed, by contract name; `lines` from top to bottom."""

    pixels: Pixels
    fields: dict[str, str]
    lines: list[str]


def make_pages(seed: int, layouts: tuple[int, ...]) -> Iterator[TrainingPage]:
    """The pages of one document; language, layout and faults follow from the seed."""
    rng = np.random.default_rng([seed, 31])
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    document = make_document(seed, language, layouts[int(rng.integers(len(layouts)))])
    receipt = document.deal.kind == "receipt"
    for number, picture in enumerate(render_pdf(to_pdf(document.pages), DPI * (RECEIPT_SCALE if receipt else 1)), 1):
        yield TrainingPage(
            fitted(_worsened(picture, rng, receipt).image),
            fields_of(document, number),
            [normalise(line.text) for line in document.lines if line.page == number],
        )


def _worsened(picture: Picture, rng: np.random.Generator, receipt: bool) -> Picture:
    kind = rng.random()
    if kind < 0.4:
        return picture
    if kind < 0.8:
        return scan(picture, rng, THERMAL_SCAN if receipt else SCAN)
    return photograph(picture, rng)


def fields_of(document: SyntheticDocument, page: int) -> dict[str, str]:
    """What the page shows of `FIELDS`, in their order, as printed first."""
    shown: dict[str, str] = {}
    for place in document.places:
        if place.page == page and place.name in FIELDS and (text := normalise(place.text)):
            shown.setdefault(place.name, text)
    return {name: shown[name] for name in FIELDS if name in shown}


def fitted(image: Pixels, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """Grey, proportions kept, centred on black, as the processor pads."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    scale = min(height / grey.shape[0], width / grey.shape[1])
    size = (max(1, int(grey.shape[1] * scale)), max(1, int(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    out = np.zeros((height, width), np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out


def write_shard(path: Path, seed: int, layouts: tuple[int, ...], count: int) -> None:
    """Render the pages of `count` documents into `path`; the file appears only when it is complete."""
    pages = [page for number in range(count) for page in make_pages(seed + number, layouts)]
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            pixels=np.stack([page.pixels for page in pages]),
            fields=np.array(json.dumps([page.fields for page in pages])),
            lines=np.array(json.dumps([page.lines for page in pages])),
        )
    partial.replace(path)


def read_shard(path: Path) -> list[TrainingPage]:
    """The pages that `write_shard` stored."""
    with np.load(path) as data:
        pixels, fields, lines = data["pixels"], json.loads(str(data["fields"])), json.loads(str(data["lines"]))
    return [TrainingPage(*page) for page in zip(pixels, fields, lines, strict=True)]


def _job(out: Path, number: int, count: int) -> None:
    cv2.setNumThreads(1)
    path = out / f"{number:05d}.npz"
    if not path.exists():
        write_shard(path, number * count, tuple(sorted(set(LAYOUTS) - HELD_OUT)), count)


def main() -> None:
    """Render the shards that are not there yet, in order, after the held-out one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=WORK / "pages")
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--documents", type=int, default=500, help="a shard")
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
