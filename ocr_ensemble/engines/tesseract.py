"""Tesseract: in-process through tesserocr where it is installed, else through the tesseract program (pytesseract).

Both ways give Tesseract's TSV, which one parser turns into lines, so they behave alike.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.deadline import DeadlineError, check, remaining
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.errors import EngineUnavailableError
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Reading, Transcription

NAME = "tesseract"
REMEDY = "install it with: sudo apt-get install tesseract-ocr tesseract-ocr-{eng,swe,deu,fra,spa,ita,por}"
PACKAGES = {"en": "eng", "sv": "swe", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "pt": "por"}
SINGLE_BLOCK, SINGLE_LINE = 6, 7  # page segmentation modes; on receipts and invoices 6 loses least
LINE_MARGIN = 6  # white pixels around a single line; Tesseract drops glyphs that touch the edge
_LONGEST_SECONDS = 86_400.0  # what is said to Tesseract where there is no limit
COLUMN_GAP = 2.0  # in line heights: words farther apart than this are no longer one line


class Backend(Protocol):
    """Runs Tesseract on one picture: uint8, shape (H, W), grey; returns TSV rows without heading."""

    version: str

    def tsv(self, picture: NDArray[np.uint8], language: str, segmentation: int) -> str: ...


class InProcess:
    """tesserocr; one loaded Tesseract per language, since loading costs a tenth of a second."""

    def __init__(self, tessdata: str) -> None:
        import tesserocr

        self.version = f"{tesserocr.tesseract_version().split()[1]}+tesserocr"
        self._tesserocr = tesserocr
        self._tessdata = tessdata
        self._loaded: dict[str, object] = {}

    def tsv(self, picture: NDArray[np.uint8], language: str, segmentation: int) -> str:
        api = self._loaded.get(language)
        if api is None:
            api = self._tesserocr.PyTessBaseAPI(path=self._tessdata, lang=language, oem=self._tesserocr.OEM.LSTM_ONLY)
            self._loaded[language] = api
        height, width = picture.shape
        api.SetPageSegMode(segmentation)  # type: ignore[attr-defined]
        api.SetImageBytes(np.ascontiguousarray(picture).tobytes(), width, height, 1, width)  # type: ignore[attr-defined]
        if not api.Recognize(timeout=_milliseconds_left()):  # type: ignore[attr-defined]
            raise DeadlineError
        return str(api.GetTSVText(0))  # type: ignore[attr-defined]


class Program:
    """pytesseract; one process per picture."""

    def __init__(self) -> None:
        import pytesseract

        self.version = f"{pytesseract.get_tesseract_version()}+pytesseract"
        self._pytesseract = pytesseract

    def tsv(self, picture: NDArray[np.uint8], language: str, segmentation: int) -> str:
        from PIL import Image

        config = f"--psm {segmentation} --oem 1"
        seconds = _milliseconds_left() / 1000
        image = Image.fromarray(picture)
        try:
            text = self._pytesseract.image_to_data(image, lang=language, config=config, timeout=seconds)
        except self._pytesseract.TesseractError:
            raise
        except RuntimeError:  # what pytesseract says of a program that it ended
            check()
            raise
        return str(text).split("\n", 1)[1]


class TesseractReader:
    """PageReader and LineReader; one instance may be called from several threads, one call runs at a time."""

    name = NAME

    def __init__(self, backend: Backend, installed: frozenset[str]) -> None:
        self.version = backend.version
        self._backend = backend
        self._installed = installed
        self._lock = threading.Lock()

    def read_page(self, page: PageImage) -> Transcription:
        """Lines in reading order; words far apart on one height become lines of their own."""
        started = perf_counter()
        with self._lock:
            tsv = self._backend.tsv(grey_of(page.pixels), self._language(page.language), SINGLE_BLOCK)
        lines = tuple(line for words in _lines(tsv) for line in _split_at_gaps(words))
        return Transcription(self.name, self.version, page.number, lines, (perf_counter() - started) * 1000)

    def read_lines(self, crops: Sequence[LineCrop]) -> list[Reading]:
        with self._lock:
            return [self._read_line(crop) for crop in crops]

    def _read_line(self, crop: LineCrop) -> Reading:
        picture = np.pad(grey_of(crop.pixels), LINE_MARGIN, mode="edge")
        tsv = self._backend.tsv(picture, self._language(crop.language), SINGLE_LINE)
        offset = (crop.box.left - LINE_MARGIN, crop.box.top - LINE_MARGIN)
        words = tuple(_moved(word, *offset) for line in _lines(tsv) for word in line)
        if not words:
            return Reading(self.name, "", crop.box, preparation=crop.preparation)
        line = _text_line(words)
        return Reading(
            self.name,
            line.text,
            crop.box,
            line.confidence,
            char_confidences=line.char_confidences,
            words=words,
            preparation=crop.preparation,
        )

    def _language(self, code: str | None) -> str:
        """The traineddata to use: the page's language when it is installed, else English, else any."""
        wanted = PACKAGES.get(code or "en", "eng")
        if wanted in self._installed:
            return wanted
        return "eng" if "eng" in self._installed else sorted(self._installed)[0]


def _milliseconds_left() -> int:
    """For one picture; Tesseract takes 0 for no limit. Raises DeadlineError when the page's time is over."""
    return max(1, int(1000 * min(_LONGEST_SECONDS, remaining())))


def _lines(tsv: str) -> Iterator[tuple[Word, ...]]:
    """Words by line. A TSV row: level page block par line word left top width height confidence text."""
    current: tuple[str, ...] = ()
    words: list[Word] = []
    for row in tsv.splitlines():
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        if tuple(cells[1:5]) != current and words:
            yield tuple(words)
            words = []
        current = tuple(cells[1:5])
        left, top, width, height = (int(cell) for cell in cells[6:10])
        confidence = min(1.0, max(0.0, float(cells[10]) / 100))
        box = BoundingBox(left, top, left + max(1, width), top + max(1, height))
        words.append(Word(cells[11].strip(), box, confidence))
    if words:
        yield tuple(words)


def _split_at_gaps(words: tuple[Word, ...]) -> Iterator[TextLine]:
    height = float(np.median([word.box.height for word in words]))
    start = 0
    for index in range(1, len(words)):
        if words[index].box.left - words[index - 1].box.right > COLUMN_GAP * height:
            yield _text_line(words[start:index])
            start = index
    yield _text_line(words[start:])


def _text_line(words: tuple[Word, ...]) -> TextLine:
    """The words joined by spaces; a space is as certain as the less certain of its neighbours."""
    certain: list[float] = []
    for index, word in enumerate(words):
        confidence = word.confidence or 0.0
        if index:
            certain.append(min(confidence, words[index - 1].confidence or 0.0))
        certain.extend([confidence] * len(word.text))
    text = " ".join(word.text for word in words)
    box = BoundingBox.union(word.box for word in words)
    return TextLine(text, box, float(np.mean(certain)), words, tuple(certain))


def _moved(word: Word, right: int, down: int) -> Word:
    left, top = max(0, word.box.left + right), max(0, word.box.top + down)
    return Word(word.text, BoundingBox(left, top, left + word.box.width, top + word.box.height), word.confidence)


def _installed_languages() -> tuple[str, frozenset[str]]:
    """The tessdata folder and the languages in it, as the tesseract program itself reports them."""
    program = shutil.which("tesseract")
    if program is None:
        raise EngineUnavailableError(NAME, f"the tesseract program is not installed; {REMEDY}")
    listing = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False, timeout=20)  # noqa: S603
    heading, *languages = (listing.stdout or listing.stderr).strip().splitlines()
    folder = re.search(r'"(.+?)"', heading)
    known = frozenset(language.strip() for language in languages) - {"osd"}
    if not known:
        raise EngineUnavailableError(NAME, f"tesseract has no language data; {REMEDY}")
    return (folder.group(1) if folder else os.environ.get("TESSDATA_PREFIX", "")), known


def create(settings: EngineSettings) -> TesseractReader:
    """Raises EngineUnavailableError when the program or all its language data is missing."""
    del settings
    # Pages run side by side: one OpenMP thread per Tesseract is faster than two that wait for each other.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    tessdata, installed = _installed_languages()
    if importlib.util.find_spec("tesserocr") is not None and Path(tessdata).is_dir():
        return TesseractReader(InProcess(tessdata), installed)
    return TesseractReader(Program(), installed)
