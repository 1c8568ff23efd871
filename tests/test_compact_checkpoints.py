"""The package's own checkpoints as strangers would get them: in hub layout, from a hub, into an empty store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hub_server import REVISION, Hub, running
from PIL import Image, ImageDraw, ImageFont

from ocr_ensemble.document.page import ImageQuality, PageImage
from ocr_ensemble.engines.protocols import EngineSettings, FieldReader, LineCrop, LineReader
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.weights.catalogue import PROFILES, HubFiles, Part
from ocr_ensemble.weights.plan import plan
from ocr_ensemble.weights.pull import pull
from ocr_ensemble.weights.store import places_from_environment, resolve

BUNDLED = places_from_environment().bundled
OWN = EngineSettings(profile="standard", device="cpu", threads=1)
COMPACT = EngineSettings(device="cpu", threads=1)


def drawn(text: str, width: int = 420) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = Image.new("RGB", (width, 44), "white")
    ImageDraw.Draw(image).text((8, 6), text, "black", ImageFont.load_default(28))
    return np.array(image)


def page_with(*texts: str) -> tuple[PageImage, list[TextLine]]:
    """A page of lines, and the lines as an engine would have read them."""
    rows, lines = [], []
    for number, text in enumerate(texts):
        rows.append(drawn(text, 620))
        words, left = [], 8.0
        for token in text.split():
            width = ImageFont.load_default(28).getlength(token)
            box = BoundingBox.around([(left, 44 * number + 8), (left + width, 44 * number + 38)])
            words.append(Word(token, box))
            left += width + ImageFont.load_default(28).getlength(" ")
        lines.append(TextLine(text, BoundingBox.union(word.box for word in words), 0.9, tuple(words)))
    return PageImage(1, np.vstack(rows), ImageQuality(1.0, 1.0, 0.0, 0.0)), lines


@pytest.fixture(params=["trocr", "donut"])
def pulled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The engine whose compact checkpoint was pulled from a hub on this machine."""
    engine: str = request.param
    folder = BUNDLED / engine
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}
    part = Part(f"own-{engine}", engine, "Apache-2.0", 1, HubFiles(f"own/{engine}", REVISION))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("INVOICE_CONNECTOR_MODEL_FOLDER", str(tmp_path / "models"))
    monkeypatch.delenv("INVOICE_CONNECTOR_MODEL_MIRROR", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setitem(PROFILES, "standard", (part,))
    with running(Hub(files={f"own/{engine}": files})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        pull(plan(part), places_from_environment(), lambda _: None)
    yield engine


def test_a_pulled_compact_checkpoint_reads_as_the_bundled_one(pulled: str, tmp_path: Path) -> None:
    assert resolve(pulled, OWN).is_relative_to(tmp_path)
    own, bundled = create_engine(pulled, OWN), create_engine(pulled, COMPACT)
    if isinstance(own, LineReader) and isinstance(bundled, LineReader):
        crops = [LineCrop(BoundingBox(0, 0, 420, 44), drawn(text), "en") for text in ("Invoice 2025-17", "1 250,00")]
        readings = own.read_lines(crops)
        assert [r.text for r in readings] == [r.text for r in bundled.read_lines(crops)]
        assert all(reading.text for reading in readings)
    else:
        assert isinstance(own, FieldReader)
        assert isinstance(bundled, FieldReader)
        page, lines = page_with("Invoice no 2025-17", "Invoice date 12.03.2025", "Total 1 250,00", "Thank you")
        fields = own.read_fields(page, lines)
        assert fields
        assert [(f.name, f.text) for f in fields] == [(f.name, f.text) for f in bundled.read_fields(page, lines)]
