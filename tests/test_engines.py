"""Real engines on a real picture: the same lines, boxes on the ink, and one behaviour however Tesseract is called."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocr_ensemble.crops import crop_box, crop_polygon
from ocr_ensemble.document.page import ImageQuality, PageImage
from ocr_ensemble.engines import rapidocr, rapidocr_again, rapidocr_models, tesseract
from ocr_ensemble.engines.ctc import best_path
from ocr_ensemble.engines.deadline import DeadlineError, within
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.engines.regions import Region, read_regions
from ocr_ensemble.engines.registry import create_engine
from ocr_ensemble.engines.runner import attempt
from ocr_ensemble.layout import BoundingBox, TextLine
from ocr_ensemble.reading import Reading, RunStatus
from scripts.hostile.watch import resident_bytes

TEXTS = ("Invoice number 2025-0417", "Total amount 1250.00 EUR", "Thank you for your order")
TOPS = (40, 120, 200)


@pytest.fixture(scope="module")
def page() -> PageImage:
    image = Image.new("RGB", (640, 280), "white")
    draw = ImageDraw.Draw(image)
    for text, top in zip(TEXTS, TOPS, strict=True):
        draw.text((40, top), text, fill="black", font=ImageFont.load_default(size=30))
    return PageImage(1, np.asarray(image), ImageQuality(1.0, 1.0, 0.0, 0.0))


def assert_reads(lines: tuple[TextLine, ...], page: PageImage) -> None:
    assert [line.text for line in lines] == list(TEXTS)
    for line, top in zip(lines, TOPS, strict=True):
        assert line.box.contains((60, top + 18))
        assert line.confidence is not None
        assert line.confidence > 0.8
        assert [word.text for word in line.words] == line.text.split()
        for word in line.words:
            assert (crop_box(page.pixels, word.box) < 128).any(), f"no ink in the box of {word.text}"
            assert word.box.intersection_area(line.box) > 0.7 * word.box.area


def crops(page: PageImage) -> list[LineCrop]:
    boxes = [BoundingBox(30, top - 4, 600, top + 42) for top in TOPS]
    return [LineCrop(box, crop_box(page.pixels, box)) for box in boxes]


def test_rapidocr_reads_pages_and_lines(page: PageImage) -> None:
    engine = rapidocr.create(EngineSettings())
    assert_reads(engine.read_page(page).lines, page)
    readings = engine.read_lines(crops(page))
    assert [reading.text for reading in readings] == list(TEXTS)
    assert all(len(reading.char_confidences or ()) == len(reading.text) for reading in readings)


def test_rapidocr_finds_nothing_on_a_blank_page() -> None:
    blank = PageImage(1, np.full((300, 300, 3), 255, np.uint8), ImageQuality(0.0, 0.0, 0.0, 0.0))
    assert rapidocr.create(EngineSettings()).read_page(blank).lines == ()


def test_rapidocr_gives_back_the_memory_that_a_page_of_unusual_size_took(page: PageImage) -> None:
    engine = rapidocr.create(EngineSettings())
    engine.read_page(page)
    before = resident_bytes()
    noise = np.random.default_rng(1).integers(0, 255, (2400, 2400, 3), np.uint8)
    engine.read_page(PageImage(1, noise, page.quality))  # takes 1.1 GB on the way
    assert resident_bytes() - before < 400_000_000
    assert_reads(engine.read_page(page).lines, page)


def test_rapidocr_reads_a_crop_that_is_too_long_for_a_line(page: PageImage) -> None:
    rule = LineCrop(BoundingBox(0, 0, 6000, 16), np.zeros((16, 6000, 3), np.uint8))
    readings = rapidocr.create(EngineSettings()).read_lines([rule, *crops(page), rule])
    assert [reading.text for reading in readings[1:-1]] == list(TEXTS)


def test_rapidocr_again_reads_what_an_outline_cuts_off(page: PageImage) -> None:
    engine = rapidocr_again.create(EngineSettings())
    # The first letter stands at columns 43 to 45, before the outline.
    tight = Region(BoundingBox(46, 44, 410, 70), ((46, 44), (410, 44), (410, 70), (46, 70)))
    (first,) = read_regions(rapidocr.create(EngineSettings()), page, [tight]).lines
    (again,) = read_regions(engine, page, [tight]).lines
    assert (first.text, again.text) == (TEXTS[0][1:], TEXTS[0])
    assert again.box == tight.box  # so that it goes to the place it was asked about
    assert again.words[0].box.left < tight.box.left
    (reading,) = engine.read_lines([engine.cut(page, Region(BoundingBox(30, 0, 640, 280)))])
    assert (reading.engine, reading.preparation) == (rapidocr_again.NAME, rapidocr_again.PREPARATION)


@given(st.lists(st.floats(0.1, 5000.0), max_size=40))
def test_every_crop_is_in_one_batch_and_no_batch_is_too_wide(aspects: list[float]) -> None:
    order = sorted(range(len(aspects)), key=aspects.__getitem__)
    batches = list(rapidocr._batches(order, aspects))
    assert [index for batch in batches for index in batch] == order
    for batch in batches:
        widest = min(rapidocr.MAX_ASPECT, max(aspects[index] for index in batch))
        assert len(batch) <= rapidocr.BATCH
        assert len(batch) * widest <= rapidocr.BATCH_ASPECT


@pytest.mark.parametrize("way", ["tesserocr", "pytesseract"])
def test_tesseract_behaves_alike_in_process_and_as_a_program(way: str, page: PageImage) -> None:
    tessdata, installed = tesseract._installed_languages()
    if way == "tesserocr":
        backend: tesseract.Backend = tesseract.InProcess(tessdata)
    else:
        backend = tesseract.Program()
    engine = tesseract.TesseractReader(backend, installed)
    assert_reads(engine.read_page(page).lines, page)
    readings = engine.read_lines(crops(page))
    assert [reading.text for reading in readings] == list(TEXTS)
    assert all(readings[0].box.intersection_area(word.box) > 0 for word in readings[0].words)


def test_tesseract_splits_a_row_at_a_wide_gap() -> None:
    image = Image.new("RGB", (1200, 120), "white")
    draw = ImageDraw.Draw(image)
    draw.text((40, 40), "Total amount", fill="black", font=ImageFont.load_default(size=30))
    draw.text((900, 40), "1250.00", fill="black", font=ImageFont.load_default(size=30))
    page = PageImage(1, np.asarray(image), ImageQuality(1.0, 1.0, 0.0, 0.0))
    assert [line.text for line in tesseract.create(EngineSettings()).read_page(page).lines] == [
        "Total amount",
        "1250.00",
    ]


def test_a_slanted_line_is_cut_out_upright() -> None:
    pixels = np.full((200, 200, 3), 255, np.uint8)
    for step in range(100):
        pixels[60 + step // 2 : 72 + step // 2, 40 + step] = 0
    crop = crop_polygon(pixels, ((40, 58), (140, 108), (140, 122), (40, 72)))
    rows = (crop < 128).all(axis=2).mean(axis=1)
    assert rows.max() > 0.9
    assert crop.shape[1] > 4 * crop.shape[0]


def test_best_path_collapses_repeats_and_drops_blanks() -> None:
    characters = ["blank", "a", "b"]
    classes = [1, 1, 0, 1, 2, 2, 0]
    probabilities = np.full((len(classes), 3), 0.1, np.float32)
    probabilities[np.arange(len(classes)), classes] = 0.8
    decoded = best_path(probabilities, characters)
    assert (decoded.text, decoded.columns) == ("aab", (0, 3, 4))
    assert decoded.confidence == pytest.approx(0.8)
    assert best_path(np.tile(np.float32([0.9, 0.05, 0.05]), (4, 1)), characters).confidence is None


def test_what_a_character_may_be_instead_is_told_where_there_is_doubt() -> None:
    rows = np.float32([[0.0, 0.6, 0.3, 0.1], [1.0, 0.0, 0.0, 0.0], [0.6, 0.0, 0.4, 0.0], [0.3, 0.0, 0.004, 0.696]])
    decoded = best_path(rows, ["blank", "l", "T", "I"])
    assert decoded.text == "lI"
    assert decoded.alternatives == (("T", pytest.approx(0.3)), None)


@pytest.mark.parametrize(
    ("sign", "latin"), [("：", ":"), ("（", "("), ("×", "x"), ("é", "é"), ("\u3000", "\u3000"), ("冰", "冰")]
)
def test_signs_of_wide_print_are_read_as_those_of_latin_print(sign: str, latin: str) -> None:
    assert rapidocr._in_latin(sign) == latin


def faint_spaces(text: str, odds: float = 6.0) -> str:
    """What is read of ``text`` when its spaces, written as ``_``, have a probability of 0.2 where a blank has 0.8."""
    characters = ["blank", *sorted({*text, " "} - {"_"})]
    rows = np.zeros((2 * len(text), len(characters)), np.float32)
    rows[:, 0] = 1.0
    for at, char in enumerate(text):
        rows[2 * at] = np.eye(len(characters))[0 if char == "_" else characters.index(char)]
        if char == "_":
            rows[2 * at, [0, characters.index(" ")]] = 0.8, 0.2
    decoded = best_path(rows, characters, space_odds=odds)
    assert len(decoded.text) == len(decoded.confidences) == len(decoded.columns)
    assert all(0.0 <= confidence <= 1.0 for confidence in decoded.confidences)
    return decoded.text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("#482103_15/07/2026", "#482103 15/07/2026"),
        ("NO._17", "NO. 17"),
        ("_TOTAL_", "TOTAL"),
        ("AB _CD_ EF", "AB CD EF"),
        ("1_234,_50", "1 234,50"),
        ("12_:_35", "12 : 35"),
        ("9_.50", "9.50"),
    ],
)
def test_a_faint_space_counts_between_words_and_not_within_a_number(text: str, read: str) -> None:
    assert faint_spaces(text) == read
    assert faint_spaces(text, odds=1.0) == text.replace("_", "")


def test_a_space_that_is_certain_stays_within_a_number_also_where_it_begins_faintly() -> None:
    rows = np.float32([[0, 1, 0, 0], [0, 0, 1, 0], [0.8, 0, 0, 0.2], [0.1, 0, 0, 0.9], [0, 1, 0, 0]])
    assert best_path(rows, ["blank", "5", ",", " "], space_odds=6.0).text == "5, 5"


def test_rapidocr_keeps_little_of_the_many_shapes_it_meets(monkeypatch: pytest.MonkeyPatch) -> None:

    def growth() -> int:
        rapidocr_models.network.cache_clear()
        engine = rapidocr.create_recognizer(EngineSettings())
        engine.read_lines([long_crop(1200)])
        before = resident_bytes()
        for width in range(340, 1200, 10):
            engine.read_lines([long_crop(width)])
        return resident_bytes() - before

    bounded = growth()
    monkeypatch.setattr(rapidocr_models, "SHAPES_KEPT", 5000)
    try:
        assert bounded < 0.7 * growth()
    finally:
        rapidocr_models.network.cache_clear()


def test_both_looks_share_one_model_and_read_alike_at_the_same_time() -> None:
    settings = EngineSettings()
    readers = [rapidocr.create_recognizer(settings) for _ in range(2)]
    networks = [reader._recognizer for reader in readers]
    crops = [[crop_of_text(text) for text in texts] for texts in (("Total 12.50", "Summa"), ("VAT 20 %", "2025-01-31"))]
    alone = [[reading.text for reading in readers[0].read_lines(lines)] for lines in crops]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            together = pool.map(lambda reader, lines: reader.read_lines(lines), readers, crops)
            assert [[reading.text for reading in read] for read in together] == alone
    assert networks[0] is not networks[1]
    assert isinstance(networks[0], rapidocr_models.OpenVINONetwork)
    assert networks[0]._compiled is networks[1]._compiled  # type: ignore[attr-defined]


def crop_of_text(text: str) -> LineCrop:
    image = Image.new("RGB", (240, 40), "white")
    ImageDraw.Draw(image).text((8, 6), text, fill="black", font=ImageFont.load_default(size=24))
    return LineCrop(BoundingBox(0, 0, 240, 40), np.asarray(image))


def long_crop(width: int) -> LineCrop:
    return LineCrop(BoundingBox(0, 0, width, 48), np.full((48, width, 3), 200, np.uint8))


@pytest.mark.parametrize("name", ["tesseract", "pytesseract", "rapidocr", "trocr", "easyocr"])
def test_an_engine_stops_at_its_time_limit_and_can_be_used_again(name: str, page: PageImage) -> None:
    """Its time is over before it begins: any longer limit would hang on the machine."""
    if name == "pytesseract":
        _, installed = tesseract._installed_languages()
        engine: Any = tesseract.TesseractReader(tesseract.Program(), installed)
    else:
        engine = create_engine(name, EngineSettings())

    def read_lines(seconds: float) -> list[Reading]:
        with within(seconds):
            found: list[Reading] = engine.read_lines(crops(page))
            return found

    stopped = attempt(name, lambda: read_lines(0.0), 60.0)
    assert stopped.status is RunStatus.TIMED_OUT and not stopped.hangs
    assert f"{name} was not done with the page within 60 s and stopped" in str(stopped.error)
    read = attempt(name, lambda: read_lines(60.0), 60.0)
    assert read.result is not None and len(read.result) == len(TEXTS)


@pytest.mark.parametrize("way", ["tesserocr", "pytesseract"])
def test_tesseract_ends_a_dense_page_by_its_own_deadline(way: str) -> None:
    tessdata, _ = tesseract._installed_languages()
    backend: tesseract.Backend = tesseract.InProcess(tessdata) if way == "tesserocr" else tesseract.Program()
    page = np.full((3000, 2200), 255, np.uint8)
    for row in range(30, 2990, 24):
        cv2.putText(page, "Position 4711 Kugelschreiber 12.50 " * 6, (5, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 1)
    with within(0.3), pytest.raises(DeadlineError):
        backend.tsv(page, "eng", tesseract.SINGLE_BLOCK)
