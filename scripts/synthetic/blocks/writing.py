"""A folder of documents in blocks with its index, written one after the other and taken up again where it stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from scripts.synthetic.blocks.browser import browser_page
from scripts.synthetic.blocks.documents import BlockDocument, block_row, make_block_document
from scripts.synthetic.blocks.sheets import Sheet
from scripts.synthetic.blocks.streams import make_stream
from scripts.synthetic.output import save_pictures
from scripts.synthetic.rendering import KINDS, Picture, render_pdf, worsened

DPI = 150  # of pictures, and of the boxes in the index


@dataclass(frozen=True)
class Wanted:
    """`kind` is one of `KINDS` or "mixed". `sheets` take turns, each in all languages; without them, pages are composed
    of blocks."""

    languages: Sequence[str]
    split: str
    kind: str
    sheets: Sequence[Sheet] = ()

    def of(self, at: int) -> tuple[str, Sheet | None]:
        """Language and layout of the document numbered `at`, from 0."""
        if not self.sheets:
            return self.languages[at % len(self.languages)], None
        turn, place = divmod(at, len(self.sheets))
        return self.languages[(place + turn) % len(self.languages)], self.sheets[place]


def write_blocks(out: Path, count: int, seed: int, wanted: Wanted) -> int:
    """Writes documents 1 to `count` that `index.jsonl` of the folder does not have yet; returns how many it wrote.

    A document depends on its number, the seed and what is wanted only, whatever was written before it.
    """
    known = _written(out)
    missing = [at for at in range(count) if f"{at + 1:04d}" not in known]
    with browser_page() as page:
        for at in track(missing, "documents", console=Console(stderr=True), transient=True):
            own = seed * 1_000_003 + at
            language, sheet = wanted.of(at)
            document = make_block_document(page, own, language, sheet)
            rng = np.random.default_rng(own)
            own_kind = KINDS[int(rng.integers(len(KINDS)))] if wanted.kind == "mixed" else wanted.kind
            rendered = render_pdf(document.printed.pdf, DPI)
            pictures = [worsened(picture, rng, own_kind, document.sale.deal.kind) for picture in rendered]
            drawn = {"layout": own} if sheet is None else {"layout": sheet.hand, "sheet": sheet.name}
            about = {"kind": own_kind, "split": wanted.split, "seed": own, **drawn}
            _write(out, f"{at + 1:04d}", document, pictures, about)
    return len(missing)


def write_streams(out: Path, suppliers: int, each: int, seed: int, languages: Sequence[str]) -> int:
    """Writes `each` documents of every supplier that `index.jsonl` of the folder does not have yet, as `03_1.pdf`."""
    known = _written(out)
    missing = [at for at in range(suppliers) if f"{at + 1:02d}_{each}" not in known]
    with browser_page() as page:
        for at in track(missing, "suppliers", console=Console(stderr=True), transient=True):
            own = seed * 1_000_003 + at
            for place, document in enumerate(make_stream(page, own, languages[at % len(languages)], each), start=1):
                about = {"kind": "pdf", "layout": own, "split": "test", "seed": own, "position": place}
                _write(out, f"{at + 1:02d}_{place}", document, render_pdf(document.printed.pdf, DPI), about)
    return len(missing) * each


def _written(out: Path) -> set[str]:
    """The stems of the files that the index has."""
    (out / "box").mkdir(parents=True, exist_ok=True)
    index = out / "index.jsonl"
    rows = index.read_text("utf-8").splitlines() if index.exists() else []
    return {Path(json.loads(row)["file"]).stem for row in rows}


def _write(out: Path, stem: str, document: BlockDocument, pictures: Sequence[Picture], about: dict[str, Any]) -> None:
    """The document's file, a PDF or, of another kind, its pictures; its boxes and its row of the index."""
    if about["kind"] == "pdf":
        name = f"{stem}.pdf"
        (out / name).write_bytes(document.printed.pdf)
    else:
        name = save_pictures(out, stem, tuple(pictures), DPI)
    boxes = _write_boxes(out, stem, document.printed.lines, pictures)
    files = {"file": name, "dpi": DPI, "boxes": boxes[0], "box_files": boxes}
    with (out / "index.jsonl").open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(block_row(document, pictures, {**files, **about}), ensure_ascii=False) + "\n")


def _write_boxes(
    out: Path,
    stem: str,
    lines: Sequence[tuple[int, tuple[float, float, float, float], str]],
    pictures: Sequence[Picture],
) -> list[str]:
    """One file a page, `box/0001.csv`, further pages `box/0001.2.csv`: eight corner coordinates and the text."""
    names = []
    for number, picture in enumerate(pictures, start=1):
        names.append(f"box/{stem}.csv" if number == 1 else f"box/{stem}.{number}.csv")
        rows = []
        for page, box, text in lines:
            if page == number:
                corners = picture.quad(box).round().astype(int).ravel().tolist()
                rows.append(",".join(map(str, corners)) + f",{text}\n")
        (out / names[-1]).write_text("".join(rows), encoding="utf-8")
    return names
