#!/usr/bin/env python
"""Each engine alone and the ensemble, side by side in one run, on a labelled folder.

    python scripts/benchmark.py ../shared/data/sroie --split test
    python scripts/benchmark.py ../shared/data/zugferd --split test [--render 150]

Prints a table and writes JSON with ``--json FILE``. Times are wall times of warm engines on the same pages, taken in
turn, so that a machine that slows down slows all arms alike.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import platform
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.page import Document
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import DocumentReading, Transcription
from ocr_ensemble.settings import EnsembleSettings, Policy
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.fields import FieldScore, Mark, score_fields
from scripts.evaluation.labels import is_right, label_of, says_the_same
from scripts.evaluation.measures import (
    TextScore,
    on_source,
    reliability,
    score_text,
)

BASELINE = "rapidocr as it comes"
WITH_WORD_BOXES = "rapidocr with word boxes"


@dataclass(frozen=True, slots=True)
class Page:
    """What one arm read of one page; ``width`` and ``height`` in pixels of the image the boxes refer to."""

    number: int
    width: int
    height: int
    lines: tuple[TextLine, ...]
    engines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """An arm's pages and the map from the file's own pixels (2 x 3, affine) of the first page; ``read_by`` counts the
    lines that each engine read."""

    pages: tuple[Page, ...]
    from_source: NDArray[np.float64]
    read_by: Counter[str] = field(default_factory=Counter)


Arm = Callable[[Path], Read]


@dataclass(slots=True)
class Tally:
    """What adds up over documents."""

    text: TextScore = field(default_factory=TextScore)
    fields: FieldScore = field(default_factory=FieldScore)
    seconds: list[float] = field(default_factory=list)
    pages: int = 0
    lines: int = 0
    read_by: Counter[str] = field(default_factory=Counter)
    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    said: list[bool] = field(default_factory=list)  # right in letters and digits


def rapidocr_as_it_comes(word_boxes: bool = False) -> Arm:
    """RapidOCR's own call with its own settings on the file as stored. Without ``word_boxes``, as it comes, a line that
    spans two labels counts for the one that its centre lies in."""
    from PIL import Image
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})

    def read(path: Path) -> Read:
        with Image.open(path) as image:
            pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
        output: Any = engine(pixels, return_word_box=word_boxes)
        words = output.word_results if word_boxes else [()] * len(output.txts or ())
        lines = tuple(_rapidocr_lines(output, words)) if output.txts else ()
        height, width = pixels.shape[:2]
        return Read((_page(1, width, height, lines, "rapidocr"),), np.eye(2, 3))

    return read


def _rapidocr_lines(output: Any, words_of_lines: Sequence[Any]) -> Iterator[TextLine]:
    for corners, text, score, words in zip(output.boxes, output.txts, output.scores, words_of_lines, strict=True):
        placed = tuple(Word(word, BoundingBox.around(map(tuple, quad))) for word, _, quad in words)
        yield TextLine(text, BoundingBox.around(map(tuple, corners)), float(score), placed)


def single_engine(name: str) -> Arm:
    """The product's pipeline with one engine."""
    return ensemble(EnsembleSettings(engines=(name,), policy=Policy.SINGLE))


def ensemble(settings: EnsembleSettings) -> Arm:
    """The whole pipeline: decoding, preprocessing, reading, fusing."""
    reader = OCREnsemble(settings)

    def read(path: Path) -> Read:
        document = load_document(path, limits=settings.limits)
        return _read(document, reader.read_document(document))

    return read


def _read(document: Document, reading: DocumentReading) -> Read:
    pages = []
    for page in reading.pages:
        found = FieldPage.of_reading(page)
        pages.append(Page(page.number, page.width, page.height, found.lines, found.engines))
    readers = ({read.engine for read in consensus.slot.readings} for page in reading.pages for consensus in page.lines)
    return Read(
        tuple(pages), np.asarray(document.pages[0].from_source).reshape(2, 3), Counter(chain.from_iterable(readers))
    )


def _page(number: int, width: int, height: int, lines: tuple[TextLine, ...], engine: str) -> Page:
    transcription = Transcription(engine, "", number, lines)
    return Page(number, width, height, lines, FieldPage.of_transcription(transcription, width, height).engines)


def measure(arms: dict[str, Arm], samples: Sequence[Sample], render_dpi: int | None) -> dict[str, Tally]:
    """Runs every arm on every document, in turn; the first document is read once beforehand to warm up."""
    tallies = {name: Tally() for name in arms}
    failed: dict[str, list[str]] = {}
    for name, arm in arms.items():
        _attempt(arm, samples[0], name, failed)
    failed.clear()
    for sample in track(samples, "documents", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        shown = rendered(sample, render_dpi) if render_dpi else sample
        for name, arm in arms.items():
            started = perf_counter()
            read = _attempt(arm, shown, name, failed)
            seconds = perf_counter() - started
            if read is not None:
                _count(tallies[name], read, shown, seconds)
    for name, messages in failed.items():
        print(f"{name} failed on {len(messages)}: {'; '.join(messages[:3])}", file=sys.stderr)
    return tallies


def _attempt(arm: Arm, sample: Sample, name: str, failed: dict[str, list[str]]) -> Read | None:
    try:
        return arm(sample.path)
    except Exception as error:
        failed.setdefault(name, []).append(f"{sample.path.name}: {type(error).__name__}: {error}")
        return None


def rendered(sample: Sample, dpi: int) -> Sample:
    """A PDF's pages as one multi-page TIFF, so that only the picture is left."""
    import tempfile

    import pypdfium2

    content = sample.path.read_bytes()
    name = f"{hashlib.sha256(content).hexdigest()[:16]}-{dpi}.tiff"  # files of two folders may have one name
    target = Path(tempfile.gettempdir()) / "invoice-benchmark" / name
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        document = pypdfium2.PdfDocument(content)
        images = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
        buffer = io.BytesIO()
        images[0].save(buffer, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw", dpi=(dpi, dpi))
        target.write_bytes(buffer.getvalue())
    return replace(sample, path=target)


def _count(tally: Tally, read: Read, sample: Sample, seconds: float) -> None:
    tally.seconds.append(seconds / max(1, len(read.pages)))
    tally.pages += len(read.pages)
    tally.lines += sum(len(page.lines) for page in read.pages)
    tally.read_by += read.read_by
    if sample.boxes:
        truth = [(labelled.box, labelled.text) for labelled in sample.boxes]
        lines = on_source(read.pages[0].lines, read.from_source)
        tally.text += score_text(lines, truth)
        for line in lines:
            label = label_of(line.box, truth)
            if label is not None and line.confidence is not None:
                tally.confidence.append(line.confidence)
                tally.right.append(is_right(line.text, label))
                tally.said.append(says_the_same(line.text, label))
    if sample.truth:
        pages = [FieldPage(p.number, p.width, p.height, p.lines, p.engines) for p in read.pages]
        tally.fields += score_fields(extract(pages).fields, sample)


def summary(name: str, tally: Tally, baseline: Tally | None) -> dict[str, Any]:
    """One arm's figures; rates as fractions, times in seconds a page (median)."""
    seconds = statistics.median(tally.seconds) if tally.seconds else float("nan")
    row: dict[str, Any] = {"arm": name, "pages": tally.pages, "seconds_per_page": seconds}
    if baseline is not None and baseline.seconds:
        row["time_ratio"] = sum(tally.seconds) / sum(baseline.seconds)
    if tally.text.lines:
        row |= {"cer": tally.text.cer, "lines_exact": tally.text.lines_exact, "word_f1": tally.text.word_f1}
    if tally.confidence:
        row["lines_judged"] = len(tally.confidence)
        row |= reliability(tally.confidence, tally.right)
        row |= {f"{name}_of_letters_and_digits": v for name, v in reliability(tally.confidence, tally.said).items()}
    if tally.lines:
        row["read_by"] = {engine: count / tally.lines for engine, count in sorted(tally.read_by.items())}
    if tally.fields.counts:
        row["fields_right"] = tally.fields.overall
        row["fields"] = {
            field_name: {str(mark): tally.fields.count(field_name, mark) for mark in Mark}
            for field_name in sorted(tally.fields.counts)
        }
    return row


def print_tables(rows: Sequence[dict[str, Any]]) -> None:
    columns = {
        "cer": "CER", "lines_exact": "lines exact", "word_f1": "word F1", "ece": "ECE", "auroc": "AUROC",
        "coverage_at_2_percent_risk": "kept at 2 % risk", "ece_of_letters_and_digits": "ECE *",
        "auroc_of_letters_and_digits": "AUROC *", "coverage_at_1_percent_risk_of_letters_and_digits": "kept at 1 % *",
        "coverage_at_2_percent_risk_of_letters_and_digits": "kept at 2 % *", "fields_right": "fields right",
        "seconds_per_page": "s/page", "time_ratio": "time ratio",
    }  # fmt: skip
    shown = {key: title for key, title in columns.items() if any(key in row for row in rows)}
    _print_table(["", *shown.values()], ([row["arm"], *(_cell(row.get(key), key) for key in shown)] for row in rows))
    if any("ece" in row for row in rows):
        print("\n* right when letters, digits and what separates digits are")
    if engines := sorted({engine for row in rows for engine in row.get("read_by", {})}):
        print("\nShare of the lines that each engine read\n")
        _print_table(["", *engines], ([row["arm"], *_shares(row, engines)] for row in rows))
    if fields := sorted({name for row in rows for name in row.get("fields", {})}):
        print("\nFields: right / wrong / missing\n")
        _print_table(
            ["", *(row["arm"] for row in rows)], ([name, *(_marks(row, name) for row in rows)] for name in fields)
        )


def _shares(row: dict[str, Any], engines: Sequence[str]) -> list[str]:
    return [_cell(row.get("read_by", {}).get(engine), "read_by") for engine in engines]


def _marks(row: dict[str, Any], name: str) -> str:
    counts = row.get("fields", {}).get(name, {})
    return " / ".join(str(counts.get(mark, 0)) for mark in Mark)


def _print_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    print(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for cells in lines:
        print(f"| {' | '.join(cells)} |")


def _cell(value: float | None, key: str) -> str:
    if value is None:
        return ""
    if key in ("seconds_per_page", "time_ratio") or key.startswith(("auroc", "ece")):
        return f"{value:.3f}"
    return f"{100 * value:.2f} %"


def arms_for(samples: Sequence[Sample], render_dpi: int | None, chosen: Sequence[str] | None) -> dict[str, Arm]:
    """All arms that make sense for these documents; ``chosen`` names keep only those."""
    pictures = render_dpi is not None or samples[0].path.suffix != ".pdf"
    arms: dict[str, Callable[[], Arm]] = {
        "rapidocr": lambda: single_engine("rapidocr"),
        "tesseract": lambda: single_engine("tesseract"),
        "ensemble (fallback)": lambda: ensemble(EnsembleSettings()),
        "ensemble (fusion)": lambda: ensemble(EnsembleSettings(policy=Policy.FUSION)),
    }
    if pictures and render_dpi is None:
        arms = {BASELINE: rapidocr_as_it_comes, WITH_WORD_BOXES: lambda: rapidocr_as_it_comes(True), **arms}
    if not pictures:
        arms = {"pdf_text": lambda: single_engine("pdf_text"), **arms}
    return {name: make() for name, make in arms.items() if not chosen or name in chosen}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a folder with index.jsonl")
    parser.add_argument("--split", default="test", help="split to read (default test; all for every document)")
    parser.add_argument("--limit", type=int, help="only the first N documents")
    parser.add_argument("--render", type=int, metavar="DPI", help="read PDF pages as pictures of this resolution")
    parser.add_argument("--arms", help="comma-separated names of the arms to run (default all)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw reliability and risk-coverage of lines there")
    arguments = parser.parse_args()
    samples = read_dataset(arguments.dataset, None if arguments.split == "all" else arguments.split)[: arguments.limit]
    if not samples:
        parser.error(f"{arguments.dataset} has no documents of split {arguments.split}")
    chosen = [name.strip() for name in arguments.arms.split(",")] if arguments.arms else None
    tallies = measure(arms_for(samples, arguments.render, chosen), samples, arguments.render)
    baseline = tallies.get(BASELINE)
    rows = [summary(name, tally, baseline) for name, tally in tallies.items()]
    print_tables(rows)
    if arguments.plots:
        from scripts.evaluation.plots import plot_reliability, plot_risk_coverage

        judged = {name: (tally.confidence, tally.right) for name, tally in tallies.items() if tally.confidence}
        plot_reliability(judged, arguments.plots / "reliability.png", "lines")
        plot_risk_coverage(judged, arguments.plots / "risk-coverage.png", "lines")
    if arguments.json:
        about = {"dataset": arguments.dataset.name, "split": arguments.split, "documents": len(samples)}
        about |= {"commit": _commit(), "machine": f"{platform.machine()}, Python {platform.python_version()}"}
        arguments.json.write_text(json.dumps({**about, "arms": rows}, indent=1) + "\n", "utf-8")
    return 0


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
