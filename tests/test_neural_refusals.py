"""Weights that TrOCR, EasyOCR and Donut refuse: changed, incomplete, or with code inside."""

from __future__ import annotations

import pickle
from dataclasses import replace
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest
import tiny_models
from safetensors.torch import load_file, save_file

from ocr_ensemble.engines import donut, easyocr, trocr
from ocr_ensemble.engines.hub_models import require
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.errors import (
    EngineUnavailableError,
    WeightsIncompleteError,
    WeightsMissingError,
    WeightsTamperedError,
)
from ocr_ensemble.weights.store import record

CPU = EngineSettings(device="cpu", threads=1)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_all(tmp_path_factory.mktemp("weights"))


MODULES: dict[str, Any] = {"trocr": trocr, "easyocr": easyocr, "donut": donut}


def copied(weights: Path, target: Path, engine: str) -> Path:
    (target / engine).mkdir()
    for path in (weights / engine).iterdir():
        if path.is_file():
            (target / engine / path.name).write_bytes(path.read_bytes())
    return target / engine


@pytest.mark.parametrize("engine", ["trocr", "easyocr", "donut"])
def test_one_flipped_byte_is_refused(weights: Path, tmp_path: Path, engine: str) -> None:
    folder = copied(weights, tmp_path, engine)
    record(folder, "own", "none")
    file = next(path for path in folder.iterdir() if path.suffix in (".safetensors", ".pth"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(WeightsTamperedError, match="was not loaded"):
        MODULES[engine].create(replace(CPU, weights=tmp_path))


@pytest.mark.parametrize(
    ("engine", "gone"),
    [("trocr", "config.json"), ("trocr", "vocab.json"), ("donut", "model.safetensors"), ("easyocr", "tiny.py")],
)
def test_a_missing_file_is_refused(weights: Path, tmp_path: Path, engine: str, gone: str) -> None:
    folder = copied(weights, tmp_path, engine)
    (folder / gone).unlink()
    if engine == "easyocr":
        record(folder, "own", "none")
    with pytest.raises(WeightsIncompleteError, match="put the whole checkpoint there") as caught:
        MODULES[engine].create(replace(CPU, weights=tmp_path))
    assert isinstance(caught.value, EngineUnavailableError)


def test_a_missing_tensor_is_not_made_up(weights: Path, tmp_path: Path) -> None:
    folder = copied(weights, tmp_path, "trocr")
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layernorm.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsIncompleteError, match=r"lacks 1 of the model's tensors \(encoder.layernorm.weight\)"):
        trocr.create(replace(CPU, weights=tmp_path))


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("it ran",))


def test_a_pickle_never_runs_even_when_trusted(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(weights, tmp_path, "easyocr")
    (folder / "tiny.pth").write_bytes(pickle.dumps(Bomb()))
    record(folder, "own", "none")
    with pytest.raises(WeightsTamperedError, match="would run code"):
        easyocr.create(replace(CPU, weights=tmp_path))
    assert "it ran" not in capsys.readouterr().out


def test_a_compiled_copy_beside_the_source_is_not_run(weights: Path, tmp_path: Path) -> None:
    folder = copied(weights, tmp_path, "easyocr")
    record(folder, "own", "none")
    cache = Path(cache_from_source(str(folder / "tiny.py")))
    cache.parent.mkdir()
    cache.write_bytes(b"not what was verified")
    easyocr.create(replace(CPU, weights=tmp_path))
    assert cache.read_bytes() == b"not what was verified"


def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="pip install no_such_package"):
        require("trocr", "no_such_package")
    monkeypatch.setenv("INVOICE_CONNECTOR_MODEL_FOLDER", str(tmp_path))
    with pytest.raises(WeightsMissingError, match="models pull standard"):
        trocr.create(EngineSettings(profile="standard"))
