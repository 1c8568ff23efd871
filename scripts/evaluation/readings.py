"""Readings of labelled documents, kept on disk, so that experiments with fields cost seconds instead of hours.

The files are pickles of this project's own frozen values, for measuring only: read none that you did not write.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from invoice_connector.invoice import Invoice
from invoice_connector.pipeline.process import extracted
from invoice_connector.rules.decision import RISK
from invoice_connector.rules.picture_check import Seen, compare_with_picture, only_told
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.document.page import Document
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import OCRError
from ocr_ensemble.reading import DocumentReading
from ocr_ensemble.settings import EnsembleSettings
from scripts.evaluation.datasets import Sample


def _read(document: Document, ensemble: OCREnsemble, compare: bool) -> DocumentReading:
    """As ``process`` reads: with the engines that saw in the picture what a text layer tells, if they shall."""
    reading = ensemble.read_document(document)
    if not compare:
        return reading
    return compare_with_picture(document, reading, ensemble, extracted, RISK).reading


@dataclass(frozen=True, slots=True)
class ReadingCache:
    """Readings under ``folder``; ``engines`` are asked in order under the fallback policy, one thread each.

    ``compare``: text layers with the picture, as ``process`` does; without it PDFs take less time, and what the
    picture bears out is not known.
    """

    folder: Path
    engines: tuple[str, ...] = EnsembleSettings().engines
    compare: bool = True

    def read(self, samples: Sequence[Sample]) -> Iterator[tuple[Sample, DocumentReading]]:
        """Each document with its reading, from disk where it was read before; one that cannot be read is left out."""
        settings = EnsembleSettings(engines=self.engines, engine=EngineSettings(threads=1))
        ensemble = OCREnsemble(settings)
        for sample in track(samples, "reading", console=Console(stderr=True), transient=True):
            place = self._place(sample.path)
            if not place.exists():
                try:
                    reading = _read(load_document(sample.path, limits=settings.limits), ensemble, self.compare)
                except OCRError:
                    continue
                place.parent.mkdir(parents=True, exist_ok=True)
                unfinished = place.with_suffix(".part")
                unfinished.write_bytes(pickle.dumps(reading))
                unfinished.replace(place)
            yield sample, pickle.loads(place.read_bytes())  # noqa: S301  written by this class

    def compared(self, sample: Sample, reading: DocumentReading, extract: Callable[[DocumentReading], Invoice]) -> Seen:
        """The reading with the engines that see the fields of ``extract``, which knows more than ``read`` did and may
        have found them in other lines; the picture is looked at only for these."""
        invoice = extract(reading)
        if not (self.compare and any(only_told(page, invoice, reading) for page in reading.pages)):
            return Seen(reading, invoice)
        settings = EnsembleSettings(engines=self.engines, engine=EngineSettings(threads=1))
        document = load_document(sample.path, limits=settings.limits)
        return compare_with_picture(document, reading, OCREnsemble(settings), extract, RISK)

    def _place(self, path: Path) -> Path:
        parts = self.engines if self.compare else (*self.engines, "alone")
        key = hashlib.sha256(path.read_bytes() + "+".join(parts).encode()).hexdigest()
        return self.folder / f"{key[:32]}.pickle"
