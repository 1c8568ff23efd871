"""An engine that replays recorded transcriptions: for tests and for comparing fusion settings without reading anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.errors import EngineFailedError
from ocr_ensemble.reading import Transcription


@dataclass(frozen=True, slots=True)
class ReplayReader:
    """Answers with the transcription recorded under the page's digest.

    Raises EngineFailedError for a page that was never recorded: a recording gap is no empty page.
    """

    name: str
    version: str
    recordings: Mapping[str, Transcription]

    def read_page(self, page: PageImage) -> Transcription:
        try:
            recorded = self.recordings[page.digest()]
        except KeyError as error:
            raise EngineFailedError(
                self.name, f"no recording of {self.name} for page {page.number}; record this page first"
            ) from error
        return replace(recorded, engine=self.name, version=self.version, page=page.number)
