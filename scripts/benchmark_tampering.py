"""Counts the honest documents of folders that are said to be changed (TAMPER), and what looking for signs takes.

    python scripts/benchmark_tampering.py ../shared/data/templates ../shared/data/streams
    python scripts/benchmark_tampering.py ../shared/data/sroie --engines pdf_text,tesseract

Copies within a picture are looked for in its key fields, so an engine must read it. Milliseconds are processor time a
page, decoding and reading included.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from invoice_connector.fields.extract import extract
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Invoice
from invoice_connector.rules.tampering import signs_of_change
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.page import Document
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import NoEngineError, OCRError
from ocr_ensemble.layer_check import TEXT_LAYER
from ocr_ensemble.reading import DocumentReading, PageReading
from ocr_ensemble.settings import EnsembleSettings

_SUFFIXES = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    ensemble = OCREnsemble(EnsembleSettings(engines=options.engines, confirming=()))
    for folder in options.folders:
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
        said, pages, started = 0, 0, process_time()
        for path in files:
            try:
                document = load_document(path)
            except OCRError as error:
                print(f"{path}: {error}")
                continue
            found = signs_of_change(document, *_read(document, ensemble))
            pages += len(document.pages)
            said += bool(found)
            for sign in found:
                print(f"{path}: {sign.message}")
        milliseconds = (process_time() - started) * 1000 / max(1, pages)
        print(f"{folder}: {said} of {len(files)} documents, {pages} pages, {milliseconds:.1f} ms a page")
    return 0


def _read(document: Document, ensemble: OCREnsemble) -> tuple[DocumentReading, Invoice]:
    try:
        reading = ensemble.read_document(document)
    except NoEngineError:
        reading = DocumentReading(
            tuple(PageReading(page.number, page.width, page.height, ()) for page in document.pages)
        )
    return reading, extract([FieldPage.of_reading(page) for page in reading.pages])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of honest documents")
    parser.add_argument("--engines", type=lambda text: tuple(text.split(",")), default=(TEXT_LAYER,))
    return parser


if __name__ == "__main__":
    sys.exit(main())
