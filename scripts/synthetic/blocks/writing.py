"""A folder of documents in blocks with its index, written one after the other and taken up again where it stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from scripts.synthetic.blocks.browser import browser_page
from scripts.synthetic.blocks.documents import BlockDocument, block_row, make_block_document
from scripts.synthetic.blocks.streams import make_stream

DPI = 150  # of the boxes in the index


def write_blocks(out: Path, count: int, seed: int, languages: Sequence[str], split: str) -> int:
    """Writes documents 1 to `count` that `index.jsonl` of the folder does not have yet; returns how many it wrote.

    A document depends on its number, the seed and its language only, whatever was written before it.
    """
    known = _written(out)
    missing = [at for at in range(count) if f"{at + 1:04d}.pdf" not in known]
    with browser_page() as page:
        for at in track(missing, "documents", console=Console(stderr=True), transient=True):
            own = seed * 1_000_003 + at
            document = make_block_document(page, own, languages[at % len(languages)])
            _write(out, f"{at + 1:04d}", document, {"layout": own, "split": split, "seed": own})
    return len(missing)


def write_streams(out: Path, suppliers: int, each: int, seed: int, languages: Sequence[str]) -> int:
    """Writes `each` documents of every supplier that `index.jsonl` of the folder does not have yet, as `03_1.pdf`."""
    known = _written(out)
    missing = [at for at in range(suppliers) if f"{at + 1:02d}_{each}.pdf" not in known]
    with browser_page() as page:
        for at in track(missing, "suppliers", console=Console(stderr=True), transient=True):
            own = seed * 1_000_003 + at
            for place, document in enumerate(make_stream(page, own, languages[at % len(languages)], each), start=1):
                about = {"layout": own, "split": "test", "seed": own, "position": place}
                _write(out, f"{at + 1:02d}_{place}", document, about)
    return len(missing) * each


def _written(out: Path) -> set[str]:
    (out / "box").mkdir(parents=True, exist_ok=True)
    index = out / "index.jsonl"
    return {json.loads(line)["file"] for line in index.read_text("utf-8").splitlines()} if index.exists() else set()


def _write(out: Path, stem: str, document: BlockDocument, about: dict[str, Any]) -> None:
    (out / f"{stem}.pdf").write_bytes(document.printed.pdf)
    boxes = _write_boxes(out, stem, document.printed.lines, len(document.printed.sizes))
    files = {"file": f"{stem}.pdf", "kind": "pdf", "dpi": DPI, "boxes": boxes[0], "box_files": boxes}
    with (out / "index.jsonl").open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(block_row(document, {**files, **about}), ensure_ascii=False) + "\n")


def _write_boxes(
    out: Path, stem: str, lines: Sequence[tuple[int, tuple[float, float, float, float], str]], pages: int
) -> list[str]:
    """One file a page, `box/0001.csv`, further pages `box/0001.2.csv`: eight corner coordinates and the text."""
    names = [f"box/{stem}.csv" if number == 1 else f"box/{stem}.{number}.csv" for number in range(1, pages + 1)]
    for number, name in enumerate(names, start=1):
        rows = []
        for page, box, text in lines:
            if page == number:
                left, top, right, bottom = (round(value * DPI / 72) for value in box)
                rows.append(f"{left},{top},{right},{top},{right},{bottom},{left},{bottom},{text}\n")
        (out / name).write_text("".join(rows), encoding="utf-8")
    return names
