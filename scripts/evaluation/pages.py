"""Single pages of PDFs as field extraction reads them, kept on disk.

The files are pickles of this project's own frozen values, for measuring only: read none that you did not write.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from invoice_connector.fields.page import FieldPage
from invoice_connector.piles.pages import PageFacts, facts_of
from ocr_ensemble.document.isolation import Isolation
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.errors import BlankDocumentError
from ocr_ensemble.reading import PageReading
from ocr_ensemble.settings import EnsembleSettings
from scripts.synthetic.output import JPEG_QUALITY
from scripts.synthetic.rendering import render_pdf, scan

_EMPTY = (1654, 2339)  # pixels, about
_DPI = 150


@dataclass(frozen=True)
class PageCache:
    """Pages under ``folder``, read from their text layers or, ``scanned``, from pictures of a scanner."""

    folder: Path
    scanned: bool = False
    _facts: dict[bytes, PageFacts] = field(default_factory=dict)

    @cached_property
    def _ensemble(self) -> OCREnsemble:
        engine, own = EngineSettings(threads=1), Isolation(enabled=False)  # nothing foreign is read
        engines = EnsembleSettings().engines if self.scanned else ("pdf_text",)
        return OCREnsemble(EnsembleSettings(engines=engines, engine=engine, isolation=own))

    def facts(self, pdf: bytes) -> PageFacts:
        """What the only page of a PDF says of its document."""
        if pdf not in self._facts:
            self._facts[pdf] = facts_of(self.read(pdf))
        return self._facts[pdf]

    def read(self, pdf: bytes) -> FieldPage:
        """The only page of a PDF."""
        place = self.folder / f"{hashlib.sha256(pdf).hexdigest()[:32]}.pickle"
        if not place.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_suffix(".part")
            unfinished.write_bytes(pickle.dumps(self._read(pdf)))
            unfinished.replace(place)
        found: PageReading = pickle.loads(place.read_bytes())  # noqa: S301  written above
        return FieldPage.of_reading(found)

    def _scan(self, pdf: bytes) -> bytes:
        rng = np.random.default_rng(list(hashlib.sha256(pdf).digest()[:8]))
        (picture,) = render_pdf(pdf, _DPI)
        out = io.BytesIO()
        Image.fromarray(scan(picture, rng).image).save(out, "JPEG", quality=JPEG_QUALITY, dpi=(_DPI, _DPI))
        return out.getvalue()

    def _read(self, pdf: bytes) -> PageReading:
        try:
            document = self._ensemble.load(self._scan(pdf) if self.scanned else pdf)
        except BlankDocumentError:  # an empty sheet, which is none in a file that has others
            return PageReading(1, *_EMPTY, ())
        (page,) = self._ensemble.read_document(document).pages
        return page
