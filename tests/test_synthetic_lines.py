"""Synthetic text lines: reproducible, drawn with real glyphs, cut and degraded without losing their shape."""

from __future__ import annotations

import importlib
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from scripts.synthetic import degrade, moving
from scripts.synthetic.fonts import FontFace, find_fonts, missing_glyphs
from scripts.synthetic.lines import LONGEST, LineSettings, draw_text, fit_height, line_stream, render_positioned
from scripts.synthetic.typesetting import choose_typeface, set_text
from scripts.training.charset import CHARACTERS, decode_greedy, encode, normalise
from scripts.training.loader import LoaderSettings, ShardLoader, pad_right
from scripts.training.shards import read_shard, write_shard

PACKAGE_OF = {
    "sans": "fonts-dejavu", "serif": "fonts-dejavu", "mono": "fonts-dejavu", "thermal": "fonts-3270",
    "typewriter": "fonts-courier-prime",
}  # fmt: skip
FAULTS = sorted(
    {step.fault for profile in degrade.PROFILES for step in profile.steps}, key=lambda fault: fault.__name__
)


@pytest.fixture(scope="module")
def faces() -> tuple[FontFace, ...]:
    return find_fonts()


def _page(colour: bool) -> np.ndarray:
    page = np.full((48, 160), 235, np.uint8)
    page[14:34:4, 20:140] = 30
    return np.repeat(page[..., None], 3, axis=2) if colour else page


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_keeps_shape_and_type_and_leaves_its_input_alone(fault: degrade.Fault, colour: bool) -> None:
    page = _page(colour)
    before = page.copy()
    for seed, strength in enumerate((0.0, 0.5, 1.0)):
        out = fault(page, np.random.default_rng(seed), strength)
        assert (out.shape, out.dtype) == (page.shape, np.uint8)
    assert np.array_equal(page, before)


@pytest.mark.parametrize("profile", degrade.PROFILES, ids=lambda profile: profile.name)
def test_a_profile_is_decided_by_the_seed(profile: degrade.Profile) -> None:
    pictures = [degrade.degrade(_page(False), np.random.default_rng(seed), profile) for seed in (7, 7, *range(8, 16))]
    assert np.array_equal(pictures[0], pictures[1])
    assert any(not np.array_equal(pictures[0], other) for other in pictures[2:])


def test_a_fault_of_one_pixel_pictures_does_not_fail() -> None:
    for profile in degrade.PROFILES:
        for seed in range(20):
            assert degrade.degrade(np.full((1, 1), 200, np.uint8), np.random.default_rng(seed), profile).shape == (1, 1)


def test_points_move_with_the_picture() -> None:
    page = np.full((60, 200), 255, np.uint8)
    page[29:32, 149:152] = 0
    matrix = moving.perspective_matrix(page.shape, np.random.default_rng(3), 1.0)
    (x, y), *_ = moving.move_points(np.array([[150.0, 30.0]]), matrix)
    rows, columns = np.nonzero(moving.warp(page, matrix) < 128)
    assert abs(columns.mean() - x) < 1.5
    assert abs(rows.mean() - y) < 1.5


def test_curl_moves_pixels_by_what_it_says() -> None:
    page = np.full((80, 300), 255, np.uint8)
    page[40:43] = 0
    down = moving.wave_displacement(page.shape, np.random.default_rng(1), 1.0)
    moved = moving.displace(page, down)
    dark = [float(np.nonzero(moved[:, x] < 128)[0].mean()) for x in (20, 150, 280)]
    assert dark == pytest.approx([41 + float(down[41, x]) for x in (20, 150, 280)], abs=1.2)


def test_every_category_of_fonts_is_installed_and_has_swedish_letters(faces: tuple[FontFace, ...]) -> None:
    for category, package in PACKAGE_OF.items():
        found = [face for face in faces if face.category == category and not missing_glyphs(face, "åäöÅÄÖ§")]
        assert found, f"no {category} face is installed; `apt-get install {package}` brings one"


def test_missing_glyphs_are_named(faces: tuple[FontFace, ...]) -> None:
    assert missing_glyphs(faces[0], "A 1中A") == "中"


@pytest.mark.parametrize("text", ["Å", "-", "1 250,00 kr", "FAKTURA Nº 2025/0017", "Straße 5, 10115 Berlin", "·"])
def test_the_whole_text_is_on_the_canvas(faces: tuple[FontFace, ...], text: str) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        ink, edges = set_text(text, choose_typeface(text, "receipt" if seed % 2 else "office", rng), rng)
        border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
        assert ink.max() > 30  # a dot of the smallest print is pale
        assert border.max() == 0, "ink touches the canvas"
        assert edges.shape == (len(text), 2)
        assert (np.diff(edges[:, 0]) >= 0).all()
        assert edges[-1, 1] <= ink.shape[1]


def test_characters_stand_where_the_edges_say(faces: tuple[FontFace, ...]) -> None:
    rng = np.random.default_rng(5)
    ink, edges = set_text("H H", choose_typeface("H H", "office", rng), rng)
    sums = [float(ink[:, round(left) : round(right)].sum()) for left, right in edges]
    assert sums[1] < 0.01 * float(ink.sum())  # a stroke's pale edge may reach over the whole column it ends in
    assert min(sums[0], sums[2]) > 0.4 * float(ink.sum())


def test_the_same_seed_gives_the_same_lines(faces: tuple[FontFace, ...]) -> None:
    first, again, other = (list(islice(line_stream(seed, LineSettings()), 8)) for seed in (11, 11, 12))
    assert [line.text for line in first] == [line.text for line in again]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert [line.text for line in first] != [line.text for line in other]


def test_lines_are_what_a_detector_would_cut(faces: tuple[FontFace, ...]) -> None:
    lines = list(islice(line_stream(1, LineSettings()), 60))
    heights = np.array([line.image.shape[0] for line in lines])
    assert heights.min() >= 5 and heights.max() <= 110
    assert 15 <= np.median(heights) <= 40
    for line in lines:
        assert line.image.dtype == np.uint8 and line.image.ndim == 2
        assert line.edges.shape == (len(line.text), 2)
        assert line.edges.min() >= 0 and line.edges.max() <= line.image.shape[1]


def test_easy_lines_have_more_contrast_than_hard_ones(faces: tuple[FontFace, ...]) -> None:
    def contrast(difficulty: float) -> float:
        lines = islice(line_stream(4, LineSettings(difficulty)), 60)
        return float(np.mean([np.ptp(np.percentile(line.image, [5, 95])) for line in lines]))

    assert contrast(0.0) > contrast(1.0) + 20


def test_texts_stay_inside_the_alphabet() -> None:
    rng = np.random.default_rng(0)
    texts = [draw_text(rng) for _ in range(300)]
    assert set("".join(texts)) <= set(CHARACTERS)
    assert all(1 <= len(text) <= LONGEST and text == normalise(text) for text in texts)
    assert sum(any(char.isdigit() for char in text) for text in texts) > 90


def test_a_path_of_classes_decodes_to_its_text() -> None:
    a, b = encode("Öa")
    assert decode_greedy([0, a, a, 0, a, b, 0, 0]) == "ÖÖa"
    assert normalise("  1\u00a0250,00\u2212  中 ") == "1 250,00-"


def test_fit_height_is_easyocr_s_own_resize() -> None:
    easyocr = importlib.import_module("easyocr.utils")
    crop = np.random.default_rng(0).integers(0, 255, (23, 117), dtype=np.uint8)
    (_, expected), *_ = easyocr.get_image_list([[0, 117, 0, 23]], [], crop, model_height=32)[0]
    assert np.array_equal(fit_height(crop), expected)


def test_a_shard_gives_back_its_lines_and_its_truth_by_frame(tmp_path: Path, faces: tuple[FontFace, ...]) -> None:
    write_shard(tmp_path / "00000.npz", 3, LineSettings(0.2), 12)
    shard = read_shard(tmp_path / "00000.npz")
    stored = list(islice(line_stream(3, LineSettings(0.2)), 12))
    assert shard.texts == [line.text for line in stored]
    assert [image.shape for image in shard.images] == [fit_height(line.image).shape for line in stored]

    batch = next(iter(ShardLoader(tmp_path, LoaderSettings(columns=4096), seed=1)))
    assert batch.pixels.shape[1:3] == (1, 32) and batch.pixels.shape[3] % 32 == 0
    assert float(batch.pixels.min()) >= -1.0 and float(batch.pixels.max()) <= 1.0
    frames = batch.frame_targets(batch.pixels.shape[3], 1.0, 0.0)
    for row, text in zip(frames.tolist(), batch.texts, strict=True):
        runs = [number for number, before in zip(row, [0, *row[:-1]], strict=True) if number not in (before, 0)]
        assert len(runs) <= len(text)
        assert set(runs) <= set(encode(text))


def test_padding_repeats_the_edge_or_the_border() -> None:
    image = np.full((32, 10), 200, np.uint8)
    image[:, -1], image[10:20, 3:6] = 90, 0
    assert (pad_right(image, 14, "edge")[:, 10:] == 90).all()
    assert (pad_right(image, 14, "border")[:, 10:] == 200).all()
    assert pad_right(image, 6, "edge").shape == (32, 6)


def test_rendering_a_positioned_line_reports_places_in_the_crop(faces: tuple[FontFace, ...]) -> None:
    line = render_positioned("AB 12", np.random.default_rng(2), LineSettings(0.0))
    middles = line.edges.mean(axis=1) / line.image.shape[1]
    assert (np.diff(middles) > 0).all()
    assert 0.0 < middles[0] < 0.35 and 0.65 < middles[-1] < 1.0
