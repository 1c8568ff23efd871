"""Labelled folders: an ``index.jsonl`` or ``truth.jsonl`` beside documents, with line boxes and field truth.

Three forms are read. Receipts: ``{"image", "boxes", "fields", "split"}`` with SROIE's key names. Invoices:
``{"file", "split", "truth", "visible"}`` with the contract's names, optionally ``"boxes"``. Invoices in several kinds
(``truth.jsonl``): ``{"file", "kinds", "family", "split", "truth"}``, where ``file`` is the stem of ``001.pdf``,
``001_scan.jpg`` and ``001_photo.jpg`` and ``truth`` holds what is printed, with the lines under ``lines``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from invoice_connector.invoice import AMOUNT_FIELDS
from ocr_ensemble.layout import BoundingBox

RECEIPT_FIELDS = {
    "company": "seller_name",
    "date": "issue_date",
    "address": "seller_address",
    "total": "total_with_vat",
}
KINDS = {"pdf": ".pdf", "scan": "_scan.jpg", "photo": "_photo.jpg"}  # by kind what follows the stem of a file's name
PAYABLE = ("total_with_vat", "amount_due")


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A line's true text and its box in pixels of the file's first page as stored."""

    box: BoundingBox
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One document. ``truth`` holds only the fields that the page shows.

    ``family`` is the folder's name and, where the index says it, the kind of document. ``others`` are further values
    that are as right, or right but not printed. ``absent`` is true when a field outside ``truth`` and ``others`` is
    known to be no field of this document. ``invoice_lines`` and ``vat_breakdown`` have the contract's keys. Documents
    of one ``group`` may look alike. ``twins`` names a term that is as right in the place of another one: where one
    amount is both the total and what is due, a page calls it either.
    """

    path: Path
    split: str
    boxes: tuple[LabelledBox, ...] = ()
    truth: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    family: str = ""
    group: str = ""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: bool = False
    invoice_lines: tuple[Mapping[str, str], ...] | None = None
    vat_breakdown: tuple[Mapping[str, str], ...] | None = None
    twins: Mapping[str, str] = field(default_factory=dict)


def read_dataset(folder: Path, split: str | None = None, kinds: Collection[str] = ("pdf",)) -> list[Sample]:
    """All samples of the split (None: all), in the order of the index; of a document in several kinds those asked."""
    index = folder / "index.jsonl"
    several = not index.exists()
    lines = (folder / "truth.jsonl" if several else index).read_text("utf-8").splitlines()
    rows = [row for line in lines if line.strip() and split in (None, (row := json.loads(line))["split"])]
    if several:
        return [_of_kind(folder, row, kind) for kind in KINDS if kind in kinds for row in rows if kind in row["kinds"]]
    return [_sample(folder, row) for row in rows]


def _of_kind(folder: Path, row: Mapping[str, Any], kind: str) -> Sample:
    """One kind of a document: amounts count with either sign, as credit notes print them."""
    truth = {name: str(value) for name, value in row["truth"].items() if name not in ("lines", "line_count")}
    payable = [name for name in PAYABLE if name in truth]
    return Sample(
        folder / f"{row['file']}{KINDS[kind]}",
        row["split"],
        truth=truth,
        language=row["language"],
        family=f"{folder.name} {kind}",
        group=row.get("family") or row["stream"],
        others={name: (truth[name].removeprefix("-"), f"-{truth[name]}") for name in AMOUNT_FIELDS & truth.keys()},
        invoice_lines=tuple(row["truth"].get("lines", ())),
        twins={name: next(other for other in PAYABLE if other != name) for name in payable if len(payable) == 1},
    )


def _sample(folder: Path, row: Mapping[str, object]) -> Sample:
    boxes = tuple(read_boxes(folder / str(row["boxes"]))) if row.get("boxes") else ()
    if "image" in row:
        keys = json.loads((folder / str(row["fields"])).read_text("utf-8"))
        truth = {name: str(keys[key]) for key, name in RECEIPT_FIELDS.items() if keys.get(key)}
        path = folder / str(row["image"])
        group = truth.get("seller_name", path.name)
        return Sample(path, str(row["split"]), boxes, truth, family=folder.name, group=group)
    given, visible = row["truth"], row["visible"]
    assert isinstance(given, Mapping)
    assert isinstance(visible, Mapping)
    known = {name: str(value) for name, value in given.items() if value is not None}
    others = row.get("alternatives") or {}
    assert isinstance(others, Mapping)
    complete = "invoice_lines" in row
    hidden = {name: (value,) for name, value in known.items() if complete and not visible.get(name)}
    return Sample(
        folder / str(row["file"]),
        str(row["split"]),
        boxes,
        truth={name: value for name, value in known.items() if visible.get(name)},
        language=str(row["language"]) if row.get("language") else None,
        family=" ".join(str(row[key]) for key in ("kind", "document") if key in row) or folder.name,
        group=f"layout {row['layout']}" if "layout" in row else known.get("seller_name", str(row["file"])),
        others=hidden | {name: tuple(map(str, values)) for name, values in others.items()},
        absent=complete,
        invoice_lines=_rows(row.get("invoice_lines")),
        vat_breakdown=_rows(row.get("vat_breakdown")),
    )


def _rows(given: object) -> tuple[Mapping[str, str], ...] | None:
    return tuple(given) if isinstance(given, list) else None


def read_boxes(path: Path) -> Iterator[LabelledBox]:
    """Rows of eight corner coordinates and a text that may hold commas."""
    for row in path.read_text("utf-8", errors="replace").splitlines():
        cells = row.split(",", 8)
        if len(cells) == 9 and cells[8].strip():
            xs, ys = [int(float(x)) for x in cells[:8:2]], [int(float(y)) for y in cells[1:8:2]]
            box = BoundingBox(min(xs), min(ys), max(*xs, min(xs) + 1), max(*ys, min(ys) + 1))
            yield LabelledBox(box, cells[8].strip())
