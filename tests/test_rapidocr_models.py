"""RapidOCR's networks without RapidOCR's code: the same pictures go in and the same lines come out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from rapidocr.ch_ppocr_det import TextDetector
from rapidocr.ch_ppocr_det.utils import DBPostProcess, DetPreProcess
from rapidocr.ch_ppocr_rec import TextRecognizer

from ocr_ensemble.engines import rapidocr, rapidocr_detection, rapidocr_models
from ocr_ensemble.engines.rapidocr_boxes import line_corners
from ocr_ensemble.errors import EngineUnavailableError

THEIRS = DBPostProcess(thresh=0.3, box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, use_dilation=True)


def ink_map(rng: np.random.Generator) -> NDArray[np.float32]:
    """A map with lines in any direction, faint ones, specks and lines over the edge among them."""
    ink = np.zeros((rng.integers(2, 12) * 32, rng.integers(2, 12) * 32), dtype=np.float32)
    for _ in range(rng.integers(1, 30)):
        place = (float(rng.uniform(0, ink.shape[1])), float(rng.uniform(0, ink.shape[0])))
        size = (float(rng.uniform(1, 120)), float(rng.uniform(1, 14)))
        turned = float(rng.choice([0.0, 90.0, float(rng.uniform(-8, 8)), float(rng.uniform(0, 180))]))
        corners = cv2.boxPoints((place, size, turned)).astype(np.int32)
        cv2.fillPoly(ink, [corners], float(rng.uniform(0.2, 1.0)))
    return np.asarray(cv2.GaussianBlur(ink, (3, 3), 0), dtype=np.float32)


@pytest.mark.parametrize("seed", range(40))
def test_lines_are_those_that_rapidocr_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = ink_map(rng)
    width, height = int(rng.integers(100, 2000)), int(rng.integers(100, 2000))
    boxes, _ = THEIRS(ink[None, None], (height, width))
    found = line_corners(ink, width, height)
    np.testing.assert_array_equal(found, TextDetector.sorted_boxes(boxes) if len(boxes) else np.empty((0, 4, 2)))


def test_nothing_is_found_on_an_empty_map() -> None:
    assert line_corners(np.zeros((64, 64), dtype=np.float32), 640, 640).shape == (0, 4, 2)


@pytest.mark.parametrize("size", [(40, 900), (736, 1000), (2000, 1400), (33, 15), (700, 735)])
def test_a_page_goes_in_as_rapidocr_would_put_it(size: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    theirs = DetPreProcess(736, "min")(image)
    enlarged = max(1.0, rapidocr_detection.MIN_SIDE / min(size))
    fitted = rapidocr_detection._in_steps(image, enlarged)
    assert theirs is not None
    assert fitted is not None
    ours = rapidocr_detection._normalised(fitted)
    assert ours.shape == theirs.shape
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(("height", "width", "widest"), [(30, 200, 20.0), (48, 320, 320 / 48), (7, 900, 100.0)])
def test_a_line_goes_in_as_rapidocr_would_put_it(height: int, width: int, widest: float) -> None:
    class Shape:
        rec_image_shape = (3, 48, 320)

    pixels = np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)
    of_their_kind: Any = Shape()
    theirs = TextRecognizer.resize_norm_img(of_their_kind, pixels[:, :, ::-1], widest)
    np.testing.assert_array_equal(rapidocr._padded(pixels, int(48 * widest)), theirs)


def test_a_network_compiles_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A file stands where the folder should be made."""
    (tmp_path / "ocr-ensemble").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = rapidocr_models._model(rapidocr_models.DETECTION)
    network = rapidocr_models.OpenVINONetwork(rapidocr_models._compiled(path, 1))
    assert network(np.zeros((1, 3, 32, 32), dtype=np.float32)).shape == (1, 1, 32, 32)


def test_a_library_without_its_models_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailableError, match="brings no model"):
        rapidocr_models._model("no such kind")
    monkeypatch.setattr(rapidocr_models, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailableError, match="pip install rapidocr"):
        rapidocr_models.version()
