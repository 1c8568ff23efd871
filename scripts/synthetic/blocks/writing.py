"""A folder of documents in blocks with its index, written one after the other and taken up again where it stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from scripts.synthetic.blocks.browser import browser_page
from scripts.synthetic.blocks.documents import block_row, make_block_document

DPI = 150  # of the boxes in the index


def write_blocks(out: Path, count: int, seed: int, languages: Sequence[str], split: str) -> int:
    """Writes documents 1 to `count` that `index.jsonl` of the folder does not have yet; returns how many it wrote.

    A document depends on its number, the seed and its language only, whatever was written before it.
    """
    (out / "box").mkdir(parents=True, exist_ok=True)
    index = out / "index.jsonl"
    known = {json.loads(line)["file"] for line in index.read_text("utf-8").splitlines()} if index.exists() else set()
    missing = [at for at in range(count) if f"{at + 1:04d}.pdf" not in known]
    with browser_page() as page, index.open("a", encoding="utf-8") as rows:
        for at in track(missing, "documents", console=Console(stderr=True), transient=True):
            stem, own = f"{at + 1:04d}", seed * 1_000_003 + at
            document = make_block_document(page, own, languages[at % len(languages)])
            (out / f"{stem}.pdf").write_bytes(document.printed.pdf)
            boxes = _write_boxes(out, stem, document.printed.lines, len(document.printed.sizes))
            about = {
                "file": f"{stem}.pdf", "kind": "pdf", "layout": own, "split": split, "dpi": DPI, "seed": own,
                "boxes": boxes[0], "box_files": boxes,
            }  # fmt: skip
            rows.write(json.dumps(block_row(document, about), ensure_ascii=False) + "\n")
            rows.flush()
    return len(missing)


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
