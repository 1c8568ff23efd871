"""Files that come again: read once, known after, within bounds."""

from __future__ import annotations

import io
import resource
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from test_ensemble import Reader, ensemble, transcription

from ocr_ensemble.cache import ReadingCache
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.reading import DocumentReading
from ocr_ensemble.settings import EnsembleSettings


def picture(text: str) -> bytes:
    image = Image.new("RGB", (420, 120), "white")
    ImageDraw.Draw(image).text((20, 40), text, "black", ImageFont.load_default(28))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def test_a_file_that_comes_again_is_not_read_again_and_says_so() -> None:
    engine = Reader("a", transcription("a", "Faktura"))
    reader = ensemble(engine)
    first, second, other = reader.read(picture("1")), reader.read(picture("1")), reader.read(picture("2"))
    assert engine.calls == 2
    own = [run for reading in (first, second, other) for run in reading.runs if run.engine == "a"]
    assert [run.cached for run in own] == [False, True, False]
    assert second.runs[0].milliseconds == 0
    assert second.text == first.text
    assert second.pages[0].lines == first.pages[0].lines


def test_a_reading_in_which_an_engine_failed_is_tried_again() -> None:
    broken, well = Reader("a", RuntimeError("boom")), Reader("b", transcription("b", "Faktura"))
    reader = ensemble(broken, well)
    reader.read(picture("1"))
    broken.result = transcription("a", "Faktura")
    assert reader.read(picture("1")).engines_used == ("a", "b")


def test_the_least_recently_used_reading_leaves_first() -> None:
    cache, reading = ReadingCache(2), DocumentReading(())
    cache.put("a", reading)
    cache.put("b", reading)
    cache.get("a")
    cache.put("c", reading)
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]
    assert len(cache) == 2
    off = ReadingCache(0)
    off.put("a", reading)
    assert off.get("a") is None


@pytest.mark.slow
def test_memory_stays_flat_over_files_that_come_again() -> None:
    """A real engine; the bound holds although more files come than are kept."""
    engine = create_engine("tesseract", EnsembleSettings().engine)
    reader = OCREnsemble(EnsembleSettings(engines=("tesseract",), cached_documents=20), {"tesseract": engine})
    pictures = [picture(f"Invoice {number}") for number in range(60)]

    def one_pass() -> int:
        for content in pictures:
            assert "nvoice" in reader.read(content).text
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()

    one_pass()
    sizes = np.array([one_pass() for _ in range(3)]) / 2**20
    assert sizes[-1] - sizes[0] < 20
    assert all(run.cached for content in pictures[-20:] for run in reader.read(content).runs)
