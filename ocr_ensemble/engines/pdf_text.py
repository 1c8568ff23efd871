"""The PDF's own text layer as one more reader: what the producer wrote, where the page was judged trustworthy."""

from __future__ import annotations

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.reading import Transcription


class PdfTextReader:
    name = "pdf_text"
    version = "1"

    def read_page(self, page: PageImage) -> Transcription:
        """The text layer found while decoding; no lines when the page has none."""
        if page.text_layer is None:
            return Transcription(self.name, self.version, page.number, ())
        return page.text_layer


def create(settings: EngineSettings) -> PdfTextReader:
    del settings
    return PdfTextReader()
