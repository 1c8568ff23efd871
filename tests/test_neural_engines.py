"""TrOCR and EasyOCR through the classes that load the public checkpoints, on random weights of that kind."""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
import torch
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from ocr_ensemble.crops import crop_box
from ocr_ensemble.document.page import ImageQuality, PageImage
from ocr_ensemble.engines import easyocr, trocr
from ocr_ensemble.engines.device import choose_device
from ocr_ensemble.engines.easyocr_runtimes import TorchRecognizer
from ocr_ensemble.engines.encoder_decoder import Tokens
from ocr_ensemble.engines.protocols import EngineSettings, FieldReader, LineCrop, LineReader, PageReader
from ocr_ensemble.engines.registry import create_engine, known_engines
from ocr_ensemble.engines.trocr_runtimes import TorchTrOCR, narrowed
from ocr_ensemble.errors import (
    EngineUnavailableError,
    WeightsTamperedError,
)
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Reading
from ocr_ensemble.weights import catalogue

TEXTS = ("Invoice number 2025-0417", "12.00", "Total amount 1250.00 EUR incl. VAT of 20 percent", "7", "Summa SEK")
CPU = EngineSettings(device="cpu", threads=1)
SIZE = 28


def crop(text: str) -> LineCrop:
    font = ImageFont.load_default(size=SIZE)
    width = math.ceil(font.getlength(text)) + 16
    image = Image.new("RGB", (width, SIZE + 12), "white")
    ImageDraw.Draw(image).text((8, 2), text, fill="black", font=font)
    return LineCrop(BoundingBox(5, 9, 5 + width, SIZE + 21), np.asarray(image), preparation="as it is")


@pytest.fixture(scope="module")
def crops() -> list[LineCrop]:
    return [crop(text) for text in TEXTS]


@pytest.fixture(scope="module")
def page() -> PageImage:
    image = Image.new("RGB", (420, 240), "white")
    for at, text in enumerate(TEXTS[:2]):
        ImageDraw.Draw(image).text((10, 40 + 80 * at), text, fill="black", font=ImageFont.load_default(size=SIZE))
    return PageImage(2, np.asarray(image), ImageQuality(1.0, 1.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one's own with a checkpoint for each engine."""
    return tiny_models.save_all(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def public_trocr(weights: Path) -> trocr.TrOCRReader:
    return trocr.create(replace(CPU, weights=weights))


@pytest.fixture(scope="module")
def custom_easyocr(weights: Path) -> easyocr.EasyOCRLineReader:
    return easyocr.create(replace(CPU, weights=weights))


def assert_sound(readings: Sequence[Reading], crops: Sequence[LineCrop]) -> None:
    assert [reading.box for reading in readings] == [crop.box for crop in crops]
    for reading in readings:
        assert reading.preparation == "as it is"
        assert reading.text == reading.text.strip()
        assert (reading.confidence is None) == (not reading.text)
        if reading.char_confidences is not None:
            assert len(reading.char_confidences) == len(reading.text)
            assert all(0.0 <= value <= 1.0 for value in reading.char_confidences)


def assert_batch_is_single(reader: LineReader, crops: Sequence[LineCrop]) -> None:
    together = reader.read_lines(crops)
    assert_sound(together, crops)
    alone = [reader.read_lines([crop])[0] for crop in crops]
    assert [reading.text for reading in together] == [reading.text for reading in alone]
    assert len({reading.text for reading in together}) > 1, "the pictures should not all read the same"
    for one, other in zip(together, alone, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
    backwards = reader.read_lines(list(reversed(crops)))
    assert [reading.text for reading in reversed(backwards)] == [reading.text for reading in together]
    assert reader.read_lines([]) == []


def test_the_registry_knows_them(weights: Path) -> None:
    names = ["pdf_text", "rapidocr", "tesseract", "rapidocr_again", "easyocr", "trocr", "donut"]
    assert list(known_engines())[:7] == names
    assert isinstance(create_engine("donut", replace(CPU, weights=weights)), FieldReader)


# TrOCR


def test_trocr_reads_in_batches_as_one_by_one(public_trocr: trocr.TrOCRReader, crops: list[LineCrop]) -> None:
    assert isinstance(public_trocr, LineReader)
    assert not isinstance(public_trocr, PageReader)
    assert_batch_is_single(public_trocr, crops)


def test_trocr_version_names_the_checkpoint(public_trocr: trocr.TrOCRReader, weights: Path) -> None:
    digest = hashlib.sha256((weights / "trocr" / "model.safetensors").read_bytes()).hexdigest()
    assert public_trocr.version.endswith(f"+trocr+{digest[:8]}")


def test_trocr_with_a_deit_encoder(tmp_path: Path, crops: list[LineCrop]) -> None:
    tiny_models.save_public_trocr(tmp_path / "trocr", encoder="deit")
    assert_sound(trocr.create(replace(CPU, weights=tmp_path)).read_lines(crops[:2]), crops[:2])


def test_trocr_confidences_follow_the_characters(public_trocr: trocr.TrOCRReader) -> None:
    assert isinstance(public_trocr._model, TorchTrOCR)
    tokenizer = public_trocr._model.hub.processor.tokenizer
    ids = tokenizer("aé€", add_special_tokens=False)["input_ids"]
    assert len(ids) == 6  # one, two and three bytes
    probabilities = (0.9, 0.5, 0.8, 0.7, 0.6, 0.95)
    assert public_trocr._text(Tokens(tuple(ids), probabilities, 1.0)) == ("aé€", (0.9, 0.5, 0.6))


def test_compact_trocr_loads_through_the_same_class(tmp_path: Path, crops: list[LineCrop]) -> None:
    model_module = importlib.import_module("scripts.training.trocr_model")
    model = tiny_models.lively(model_module.build_model())
    model.generation_config.max_new_tokens = 8
    model_module.save_hub_format(model, model_module.Heads(), tmp_path / "trocr")
    reader = trocr.create(replace(CPU, weights=tmp_path))
    assert_batch_is_single(reader, crops)
    readings = reader.read_lines(crops)
    assert all(reading.char_confidences is not None for reading in readings)


def test_compact_trocr_sees_lines_as_in_training(tmp_path: Path) -> None:
    model_module = importlib.import_module("scripts.training.trocr_model")
    loader = importlib.import_module("scripts.training.loader")
    lines = importlib.import_module("scripts.synthetic.lines")
    (tmp_path / trocr.PREPARATION).write_text(json.dumps(model_module.line_preparation()), "utf-8")
    preparation = trocr.read_preparation(tmp_path)
    assert preparation is not None
    for text in (*TEXTS, TEXTS[2] * 2):
        pixels = crop(text).pixels
        grey = np.asarray(Image.fromarray(pixels).convert("L"))
        picture = preparation.picture(pixels)
        assert picture.shape in {(32, width, 3) for width in preparation.widths}
        trained = loader.pad_right(lines.fit_height(grey), picture.shape[1], "border")
        assert np.abs(picture[:, :, 0].astype(int) - trained).max() <= 1  # two libraries round grey differently


def test_a_narrow_encoder_is_the_wide_one_without_paper(tmp_path: Path) -> None:
    model_module = importlib.import_module("scripts.training.trocr_model")
    model = tiny_models.lively(model_module.build_model()).eval()
    narrow = narrowed(model.encoder, 128)
    pixels = torch.rand(2, 1, 32, 128)
    with torch.no_grad():
        expected, _ = model_module.encode_columns(model, pixels)
        found = narrow(pixels.expand(-1, 3, -1, -1)).last_hidden_state
    assert torch.allclose(found, expected, atol=1e-4)


# EasyOCR


def test_easyocr_reads_given_lines(custom_easyocr: easyocr.EasyOCRLineReader, crops: list[LineCrop]) -> None:
    assert isinstance(custom_easyocr, LineReader)
    assert not isinstance(custom_easyocr, PageReader)
    assert_batch_is_single(custom_easyocr, crops)
    for reading in custom_easyocr.read_lines(crops):
        assert [word.text for word in reading.words] == reading.text.split()
        assert all(reading.box.contains((word.box.left, word.box.top)) for word in reading.words)


@pytest.mark.filterwarnings("ignore:'pin_memory' argument is set")
def test_easyocr_reads_what_easyocr_itself_reads(
    custom_easyocr: easyocr.EasyOCRLineReader, crops: list[LineCrop], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("easyocr.easyocr")
    assert module.imgH == 64, "building a reader must not change the height of others"
    monkeypatch.setattr(module, "imgH", 32)
    assert isinstance(custom_easyocr._recognizer, TorchRecognizer)
    wide = [line for line in crops if line.box.width > line.box.height]  # EasyOCR scales tall ones twice
    for reading, line in zip(custom_easyocr.read_lines(wide), wide, strict=True):
        grey = np.asarray(easyocr.grey_of(line.pixels))
        box = [0, grey.shape[1], 0, grey.shape[0]]
        ((_, text, confidence),) = custom_easyocr._recognizer.reader.recognize(
            grey, horizontal_list=[box], free_list=[]
        )
        assert reading.text == text.strip()
        assert (reading.confidence or 0.0) == pytest.approx(float(confidence), abs=1e-3)


def test_easyocr_leaves_no_import_behind(custom_easyocr: easyocr.EasyOCRLineReader, weights: Path) -> None:
    assert "tiny" not in sys.modules
    assert str(weights / "easyocr") not in sys.path


def test_official_easyocr_files_read_pages(
    tmp_path: Path, page: PageImage, crops: list[LineCrop], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = importlib.import_module("easyocr.config")
    # VGG-16 fills 138 million weights with random numbers before it loads its own.
    for name in ("kaiming_uniform_", "kaiming_normal_", "normal_"):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
    folder = tiny_models.save_official_easyocr(tmp_path / "easyocr")
    settings = replace(CPU, weights=tmp_path)
    with pytest.raises(WeightsTamperedError, match="nobody vouched for it"):
        easyocr.create(settings)
    files = {name: (folder / name).read_bytes() for name in ("craft_mlt_25k.pth", "latin_g2.pth")}
    pinned = [
        catalogue.ZippedFile(name, "", 0, len(content), hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    ]
    part = replace(catalogue.EASYOCR_LATIN, source=tuple(pinned))
    monkeypatch.setitem(catalogue.PROFILES, "standard", (part,))
    for entry in (config.detection_models["craft"], config.recognition_models["gen2"]["latin_g2"]):
        digest = hashlib.md5(files[entry["filename"]], usedforsecurity=False).hexdigest()
        monkeypatch.setitem(entry, "md5sum", digest)
    reader = easyocr.create(settings)
    assert isinstance(reader, PageReader)
    (line,) = reader.read_page(page).lines
    assert line.box.area > 0.9 * page.width * page.height
    assert line.polygon is not None
    assert [word.text for word in line.words] == line.text.split()
    assert_sound(reader.read_lines(crops[:2]), crops[:2])


def test_devices() -> None:
    device = choose_device("trocr", "cpu", 1)
    before = torch.get_num_threads()
    with device.computing():
        assert torch.get_num_threads() == 1
        assert not torch.is_grad_enabled()
    assert torch.get_num_threads() == before
    assert device.dtype is torch.float32
    assert choose_device("trocr", "auto", 0).threads == 1
    with pytest.raises(EngineUnavailableError, match="set the device to auto or cpu"):
        choose_device("trocr", "cuda:99", 1)


@pytest.mark.parametrize("seed", range(20))
def test_easyocr_s_own_formulas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = sorted(rng.integers(0, 256, 2).tolist())
    line = rng.integers(low, high + 1, (32, 90), dtype=np.uint8)
    library = importlib.import_module("easyocr.recognition")
    for wanted in (0.2, 0.5, 0.9):
        assert np.array_equal(easyocr.with_contrast(line, wanted), library.adjust_contrast_grey(line, wanted))
    chances = rng.random(1 + seed, dtype=np.float32)
    assert easyocr.mean_probability(chances) == pytest.approx(float(library.custom_mean(chances)))


# The compact checkpoints

MODULES: dict[str, Any] = {"trocr": trocr, "easyocr": easyocr}


@pytest.mark.parametrize(("engine", "in_a_line"), [("trocr", 1), ("easyocr", 3)])
def test_compact_line_readers_read(engine: str, in_a_line: int, crops: list[LineCrop]) -> None:
    reader = MODULES[engine].create(CPU)
    readings = reader.read_lines(crops)
    assert_sound(readings, crops)
    # The cards of the compact checkpoints promise 5 to 7 wrong characters in a hundred.
    wrong = [Levenshtein.distance(reading.text, text) for reading, text in zip(readings, TEXTS, strict=True)]
    assert max(wrong[:2]) <= in_a_line
    assert sum(wrong) <= 0.069 * sum(map(len, TEXTS))


def test_crops_of_a_page_are_read_where_they_are(custom_easyocr: easyocr.EasyOCRLineReader, page: PageImage) -> None:
    box = BoundingBox(5, 30, 400, 90)
    (reading,) = custom_easyocr.read_lines([LineCrop(box, crop_box(page.pixels, box))])
    assert reading.box == box
