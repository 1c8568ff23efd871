"""Labelled folders: an ``index.jsonl`` beside documents, line boxes and field truth.

Two forms are read. Receipts: ``{"image", "boxes", "fields", "split"}`` with SROIE's key names. Invoices:
``{"file", "split", "truth", "visible"}`` with the contract's names, optionally ``"boxes"``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ocr_ensemble.layout import BoundingBox

RECEIPT_FIELDS = {
    "company": "seller_name",
    "date": "issue_date",
    "address": "seller_address",
    "total": "total_with_vat",
}


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A line's true text and its box in pixels of the file's first page as stored."""

    box: BoundingBox
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One document. ``truth`` holds only the fields that the page shows."""

    path: Path
    split: str
    boxes: tuple[LabelledBox, ...] = ()
    truth: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None


def read_dataset(folder: Path, split: str | None = None) -> list[Sample]:
    """All samples of the split (None: all), in the order of the index."""
    rows = (json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines() if line.strip())
    return [_sample(folder, row) for row in rows if split is None or row["split"] == split]


def _sample(folder: Path, row: Mapping[str, object]) -> Sample:
    boxes = tuple(read_boxes(folder / str(row["boxes"]))) if row.get("boxes") else ()
    if "image" in row:
        keys = json.loads((folder / str(row["fields"])).read_text("utf-8"))
        truth = {name: str(keys[key]) for key, name in RECEIPT_FIELDS.items() if keys.get(key)}
        return Sample(folder / str(row["image"]), str(row["split"]), boxes, truth)
    given, visible = row["truth"], row["visible"]
    assert isinstance(given, Mapping)
    assert isinstance(visible, Mapping)
    truth = {name: str(value) for name, value in given.items() if visible.get(name) and value is not None}
    language = row.get("language")
    return Sample(folder / str(row["file"]), str(row["split"]), boxes, truth, str(language) if language else None)


def read_boxes(path: Path) -> Iterator[LabelledBox]:
    """Rows of eight corner coordinates and a text that may hold commas."""
    for row in path.read_text("utf-8", errors="replace").splitlines():
        cells = row.split(",", 8)
        if len(cells) == 9 and cells[8].strip():
            xs, ys = [int(float(x)) for x in cells[:8:2]], [int(float(y)) for y in cells[1:8:2]]
            box = BoundingBox(min(xs), min(ys), max(*xs, min(xs) + 1), max(*ys, min(ys) + 1))
            yield LabelledBox(box, cells[8].strip())
