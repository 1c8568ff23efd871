"""The compact checkpoints on ONNX Runtime give what torch and transformers give, and start without them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_compact_checkpoints import page_with

from ocr_ensemble.engines import donut, donut_runtimes, easyocr, trocr
from ocr_ensemble.engines.device import Device, Kind
from ocr_ensemble.engines.donut_area import FigureArea
from ocr_ensemble.engines.easyocr_files import custom_reader
from ocr_ensemble.engines.easyocr_runtimes import TorchRecognizer
from ocr_ensemble.engines.hub_models import version_of
from ocr_ensemble.engines.normalisation import Normalisation
from ocr_ensemble.engines.protocols import EngineSettings, LineCrop
from ocr_ensemble.engines.trocr_runtimes import ENCODER, on_torch
from ocr_ensemble.errors import WeightsIncompleteError
from ocr_ensemble.exported import MADE_OF, ExportedGraph
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Reading
from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.store import BUNDLED_VERIFIERS, places_from_environment
from scripts.synthetic.lines import LineSettings, line_stream
from verifier.backends.exported import ExportedVerifier
from verifier.backends.local import LocalBackend
from verifier.backends.pipeline import LocalSettings, PipelineVerifier
from verifier.errors import VerifierUnavailableError
from verifier.pictures import BESIDE, PictureStyle
from verifier.prompts import Form, decisions_for

BUNDLED = places_from_environment().bundled
COMPACT = BUNDLED_VERIFIERS / "compact"
CPU = EngineSettings(device="cpu", threads=1)
TORCH = Device("cpu", Kind.CPU, 1)
TOLERANCE = 1e-3

few_and_many = pytest.mark.parametrize("count", [16, pytest.param(1000, marks=pytest.mark.slow)])


def lines(count: int, seed: int = 3) -> Iterator[tuple[LineCrop, str]]:
    """Pictures of lines with their texts."""
    for line in islice(line_stream(seed, LineSettings()), count):
        pixels = np.repeat(np.asarray(line.image)[:, :, None], 3, axis=2)
        yield LineCrop(BoundingBox(0, 0, pixels.shape[1], pixels.shape[0]), pixels), line.text


def assert_same(found: list[Reading], expected: list[Reading]) -> None:
    assert [reading.text for reading in found] == [reading.text for reading in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=TOLERANCE)
        assert one.char_confidences == pytest.approx(other.char_confidences, abs=TOLERANCE)
        assert [place and place[0] for place in one.alternatives or ()] == [
            place and place[0] for place in other.alternatives or ()
        ]
        assert [place[1] for place in one.alternatives or () if place] == pytest.approx(
            [place[1] for place in other.alternatives or () if place], abs=TOLERANCE
        )


@few_and_many
def test_trocr_reads_the_same(count: int) -> None:
    crops = [crop for crop, _ in lines(count)]
    preparation = trocr.read_preparation(BUNDLED / "trocr")
    assert preparation is not None
    expected = trocr.TrOCRReader(on_torch(BUNDLED / "trocr", TORCH, preparation.widths), preparation)
    exported = trocr.create(CPU)
    assert exported.version.split("+")[1:] == expected.version.split("+")[1:]
    assert_same(exported.read_lines(crops), expected.read_lines(crops))


@few_and_many
def test_easyocr_reads_the_same(count: int) -> None:
    crops = [crop for crop, _ in lines(count)]
    reader, height, weights = custom_reader(BUNDLED / "easyocr", TORCH)
    version = version_of("easyocr", BUNDLED / "easyocr", weights)
    expected = easyocr.EasyOCRLineReader(TorchRecognizer(reader, height, TORCH, version))
    exported = easyocr.create(CPU)
    assert exported.version.split("+")[1:] == version.split("+")[1:]
    assert_same(exported.read_lines(crops), expected.read_lines(crops))


@few_and_many
def test_donut_writes_the_same(count: int) -> None:
    folder = BUNDLED / "donut"
    area = FigureArea.load(folder)
    exported, expected = donut_runtimes.ExportedDonut(folder, 1), donut_runtimes.on_torch(folder, TORCH)
    assert (exported.task, exported.added, exported.grey) == (expected.task, dict(expected.added), expected.grey)
    written = 0
    for number in range(count // 8):
        page, lines = page_with(*_labelled(np.random.default_rng(number)))
        pictures = donut.DonutReader(exported, area)._pictures(page, lines)
        for one, other in zip(exported.read(pictures), expected.read(pictures), strict=True):
            assert one.ids == other.ids
            assert exported.decode(one.ids, special=True) == expected.decode(other.ids, special=True)
            assert exported.decode(one.ids) == expected.decode(other.ids)
            assert (*one.probabilities, one.end) == pytest.approx((*other.probabilities, other.end), abs=TOLERANCE)
            written += len(one.ids)
    assert written > 5 * count


def _labelled(rng: np.random.Generator) -> Iterator[str]:
    """Lines of an invoice whose values Donut looks for."""
    yield f"Invoice no {rng.integers(2000, 2030)}-{rng.integers(10, 99999)}"
    yield f"Invoice date {rng.integers(10, 29)}.{rng.integers(10, 13)}.20{rng.integers(10, 30)}"
    for label in rng.permutation(["Total", "Subtotal", "VAT", "Amount due", "Summa", "Moms"])[:4]:
        yield f"{label} {rng.integers(100, 999999) / 100:,.2f}"


@few_and_many
def test_the_verifier_answers_the_same(count: int) -> None:
    style, rng = PictureStyle.load(COMPACT), np.random.default_rng(1)
    decisions = [
        decision
        for crop, text in lines(count // 2)
        for decision in decisions_for(crop.pixels, [text, _misread(text, rng)], Form.EACH, style)
    ]
    settings = LocalSettings(threads=1, device="cpu")
    found = [answer.probabilities[0] for answer in ExportedVerifier(COMPACT, 1).answers(decisions)]
    expected = [answer.probabilities[0] for answer in PipelineVerifier(COMPACT, settings).answers(decisions)]
    assert found == pytest.approx(expected, abs=TOLERANCE)
    assert min(found) < 0.1 and max(found) > 0.9


def _misread(text: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(text)))
    return text[:at] + "8" + text[at + 1 :]


@pytest.mark.parametrize(
    ("folder", "weights"),
    [
        (BUNDLED / "trocr", "model.safetensors"),
        (BUNDLED / "donut", "model.safetensors"),
        (BUNDLED / "easyocr", "compact.pth"),
        (COMPACT, "model.safetensors"),
    ],
)
def test_a_graph_belongs_to_the_weights_beside_it(folder: Path, weights: str, tmp_path: Path) -> None:
    for graph in folder.glob("*.onnx"):
        made_of = json.loads(ExportedGraph.load("trocr", graph, 1).notes[MADE_OF])
        assert weights in made_of
        assert made_of == {name: manifests.sha256(folder / name) for name in made_of}
    copied = shutil.copytree(folder, tmp_path / "copied")
    content = bytearray((copied / weights).read_bytes())
    content[-1] ^= 1
    (copied / weights).write_bytes(content)
    for graph in copied.glob("*.onnx"):
        with pytest.raises(WeightsIncompleteError, match=f"was not made of the {weights} beside it; make it anew"):
            ExportedGraph.load("trocr", graph, 1)
        graph.write_bytes(graph.read_bytes()[:1000])
        with pytest.raises(WeightsIncompleteError, match="cannot be loaded"):
            ExportedGraph.load("trocr", graph, 1)


def test_one_s_own_weights_beside_an_old_graph_are_told_apart(tmp_path: Path) -> None:
    own = shutil.copytree(BUNDLED / "trocr", tmp_path / "trocr")
    (own / manifests.NAME).unlink()
    settings = EngineSettings(device="cpu", threads=1, weights=tmp_path)
    assert trocr.create(settings).version == trocr.create(CPU).version
    (own / "config.json").write_text((own / "config.json").read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(WeightsIncompleteError, match=r"config\.json"):
        trocr.create(settings)
    (own / ENCODER).unlink()
    assert trocr.create(settings).version != trocr.create(CPU).version


@pytest.mark.parametrize(
    ("folder", "size"), [(BUNDLED / "trocr", (32, 448)), (BUNDLED / "donut", (48, 384)), (COMPACT, (28, 84))]
)
def test_pictures_are_prepared_as_by_the_library(folder: Path, size: tuple[int, int]) -> None:
    from transformers import AutoImageProcessor

    processor: Any = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    own = Normalisation.load("any", folder).of([pixels, 255 - pixels])
    for picture, found in zip((pixels, 255 - pixels), own, strict=True):
        values = processor(images=picture, return_tensors="np", input_data_format="channels_last")
        # The verifier's processor gives cells side by side, each a row.
        cut = found.reshape(3, 28, 3, 28).transpose(2, 0, 1, 3) if folder == COMPACT else found
        assert np.abs(cut.ravel() - np.asarray(values["pixel_values"]).ravel()).max() < 1e-5


def test_the_compact_verifier_refuses_what_its_graph_cannot_see() -> None:
    ((crop, text),) = lines(1)
    backend = LocalBackend(COMPACT, LocalSettings(threads=1, device="cpu"))
    with pytest.raises(VerifierUnavailableError, match="rows of cells"):
        backend.decide(decisions_for(crop.pixels, [text], Form.EACH, BESIDE))
    with pytest.raises(VerifierUnavailableError, match="one candidate at a time"):
        backend.decide(decisions_for(crop.pixels, [text, "other"], Form.AMONG, BESIDE))


def test_all_bundled_weights_are_small() -> None:
    folders = [*(folder for folder in BUNDLED.iterdir() if folder.is_dir()), COMPACT]
    sizes = [path.stat().st_size for folder in folders for path in folder.iterdir()]
    assert len(folders) == 4
    assert sum(sizes) < 60_000_000
