"""Writes synthetic invoices and receipts with their truth: test documents, and training data for field readers.

    python scripts/generate_documents.py OUT --count 200 --seed 1 --languages sv,en --layouts test --kind mixed
    python scripts/generate_documents.py OUT --renderer blocks --count 200 --seed 1
    python scripts/generate_documents.py OUT --renderer blocks --count 20 --each 8 --seed 1
    python scripts/generate_documents.py OUT --renderer sheets --count 200 --seed 1

The second command composes PDFs of blocks and lays them out in a browser, in three times as many languages; it goes on
where it stopped. The third gives 20 suppliers, of whom each sends eight invoices in one layout. The fourth
fills layouts that people drew one by one (`scripts/synthetic/blocks/sheets/`).

OUT gets the documents, `index.jsonl` (one JSON object a document) and `box/` (one CSV a page: eight corner coordinates
in pixels, clockwise from top left, then the text, which may contain commas). The boxes of a PDF with text layer are
those of its rendering at `--dpi`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np

from scripts.synthetic.blocks.sheets import all_sheets
from scripts.synthetic.blocks.writing import Wanted, write_blocks, write_streams
from scripts.synthetic.documents import SyntheticDocument, invoice_line_values, make_document, vat_values
from scripts.synthetic.layouts import HELD_OUT, LAYOUTS
from scripts.synthetic.output import save_pictures
from scripts.synthetic.rendering import KINDS, Picture, render_pdf, to_pdf, worsened
from scripts.synthetic.vocabulary import BLOCK_LANGUAGES, LANGUAGES

RECEIPT_ENLARGEMENT = 1.4  # a narrow receipt fills the picture as a page does: more pixels for each millimetre


@dataclass(frozen=True)
class Settings:
    """What to write. `kind` is one of `KINDS` or "mixed"; `dpi` is that of page images."""

    out: Path
    seed: int
    languages: tuple[str, ...]
    layouts: tuple[int, ...]
    kind: str
    dpi: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.renderer == "blocks" and options.each > 1:
        languages = options.languages or BLOCK_LANGUAGES
        written = write_streams(options.out, options.count, options.each, options.seed, languages)
        print(f"{written} more documents in {options.out}", file=sys.stderr)
        return 0
    if options.renderer in ("blocks", "sheets"):
        sheets = all_sheets(options.hands) if options.renderer == "sheets" else ()
        wanted = Wanted(options.languages or BLOCK_LANGUAGES, options.split, options.kind or "pdf", sheets)
        written = write_blocks(options.out, options.count, options.seed, wanted)
        print(f"{written} more documents in {options.out}", file=sys.stderr)
        return 0
    unknown = set(options.languages) - set(LANGUAGES)
    if unknown:
        raise SystemExit(f"{', '.join(sorted(unknown))}: only --renderer blocks has it")
    settings = Settings(
        out=options.out, seed=options.seed, languages=options.languages or LANGUAGES, layouts=options.layouts,
        kind=options.kind or "mixed", dpi=options.dpi,
    )  # fmt: skip
    (settings.out / "box").mkdir(parents=True, exist_ok=True)
    jobs = [(settings, at) for at in range(options.count)]
    if options.workers <= 1:
        rows = [write_one(job) for job in jobs]
    else:
        with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
            rows = list(pool.map(write_one, jobs, chunksize=4))
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (settings.out / "index.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(rows)} documents in {settings.out}", file=sys.stderr)
    return 0


def write_one(job: tuple[Settings, int]) -> dict[str, Any]:
    """Writes document number `at` (from 0) and returns its row of the index. Depends on nothing but its arguments."""
    settings, at = job
    cv2.setNumThreads(1)
    rng = np.random.default_rng([settings.seed, at])
    language = settings.languages[at % len(settings.languages)]
    layout = settings.layouts[int(rng.integers(len(settings.layouts)))]
    kind = KINDS[int(rng.integers(len(KINDS)))] if settings.kind == "mixed" else settings.kind
    document = make_document(settings.seed * 1_000_003 + at, language, layout)
    pdf = to_pdf(document.pages)
    dpi = round(settings.dpi * (RECEIPT_ENLARGEMENT if document.deal.kind == "receipt" else 1))
    pictures = tuple(worsened(picture, rng, kind, document.deal.kind) for picture in render_pdf(pdf, dpi))
    stem = f"{at + 1:04d}"
    if kind == "pdf":
        name = f"{stem}.pdf"
        (settings.out / name).write_bytes(pdf)
    else:
        name = save_pictures(settings.out, stem, pictures, dpi)
    boxes = [
        _write_boxes(settings.out, stem, number, document, picture) for number, picture in enumerate(pictures, start=1)
    ]
    return index_row(document, pictures, {"file": name, "kind": kind, "dpi": dpi, "box_files": boxes})


def index_row(document: SyntheticDocument, pictures: tuple[Picture, ...], about: dict[str, Any]) -> dict[str, Any]:
    """The index's object of one document; boxes are left, top, right, bottom in pixels."""
    deal = document.deal
    places = [
        {"name": place.name, "page": place.page, "box": pictures[place.page - 1].box(place.box), "text": place.text}
        for place in document.places
    ]
    others = [deal.payment.iban] if deal.payment.iban not in ("", deal.payment.account) else []
    return {
        "file": about["file"], "language": document.language, "layout": document.layout, "split": document.split,
        "pages": len(document.pages), "truth": document.values, "visible": document.visible,
        "boxes": about["box_files"][0],
        **about, "document": deal.kind, "country": deal.country.code, "seed": document.seed,
        "sizes": [[picture.image.shape[1], picture.image.shape[0]] for picture in pictures],
        "invoice_lines": invoice_line_values(deal), "vat_breakdown": vat_values(deal), "places": places,
        "alternatives": {"payment_account_identifier": others} if others else {},
    }  # fmt: skip


def _write_boxes(out: Path, stem: str, number: int, document: SyntheticDocument, picture: Picture) -> str:
    """Writes the box file of one page: `box/0001.csv`, further pages `box/0001.2.csv`."""
    name = f"box/{stem}.csv" if number == 1 else f"box/{stem}.{number}.csv"
    rows = []
    for line in document.lines:
        if line.page == number:
            corners = picture.quad(line.box).round().astype(int).ravel().tolist()
            rows.append(",".join(map(str, corners)) + f",{line.text}\n")
    (out / name).write_text("".join(rows), encoding="utf-8")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write to")
    parser.add_argument("--count", type=int, default=100, help="documents to write (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed writes the same documents (%(default)s)")
    parser.add_argument(
        "--languages", type=_languages, default=(), help="comma-separated, of " + ",".join(BLOCK_LANGUAGES)
    )
    parser.add_argument("--renderer", choices=("drawn", "blocks", "sheets"), default="drawn", help="%(default)s")
    parser.add_argument("--hands", nargs="+", default=[], metavar="NAME", help="with sheets: theirs alone")
    parser.add_argument("--each", type=int, default=1, help="documents of each supplier, with blocks (%(default)s)")
    parser.add_argument("--split", choices=("fit", "test"), default="fit", help="of documents in blocks (%(default)s)")
    parser.add_argument(
        "--layouts", type=_layouts, default=LAYOUTS, help="all, fit, test (held out from training), or numbers: 1,2,21"
    )
    parser.add_argument("--kind", choices=(*KINDS, "mixed"), help="mixed; of documents in blocks: pdf")
    parser.add_argument("--dpi", type=int, default=150, help="of page images and boxes, receipts finer (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes (%(default)s)")
    return parser


def _languages(text: str) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.split(","))
    unknown = [each for each in chosen if each not in BLOCK_LANGUAGES]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(BLOCK_LANGUAGES)}")
    return chosen


def _layouts(text: str) -> tuple[int, ...]:
    named = {"all": LAYOUTS, "fit": tuple(set(LAYOUTS) - HELD_OUT), "test": tuple(HELD_OUT)}
    if text in named:
        return tuple(sorted(named[text]))
    chosen = tuple(int(part) for part in text.split(",") if part.strip().isdigit())
    if not chosen or not set(chosen) <= set(LAYOUTS):
        raise argparse.ArgumentTypeError(f"{text!r}; there are all, fit, test and {', '.join(map(str, LAYOUTS))}")
    return chosen


if __name__ == "__main__":
    raise SystemExit(main())
