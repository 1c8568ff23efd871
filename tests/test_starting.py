"""What starts quickly: nothing is imported that the document at hand does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_models

from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.engines.registry import engine_versions, known_engines
from ocr_ensemble.errors import EngineUnavailableError

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "invoice_connector" / "samples"
PROCESS = """
import sys
from invoice_connector.cli import main
assert main(["process", *sys.argv[1:]]) == 0
print("MODULES", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
# Of the libraries that this package installs, those that take longest.
HEAVY = {
    "torch", "torchvision", "transformers", "easyocr", "rapidocr", "skimage", "sklearn", "scipy", "matplotlib",
    "pandas",
}  # fmt: skip
# What only other documents need: containers and e-invoices, languages without a table, a PDF with data in it.
OF_OTHERS = {"babel", "lxml", "olefile", "pypdf"}
DECODERS = {"pillow_heif", "pypdfium2"}  # which meet foreign bytes in a process of their own
# Of what a text layer needs none: what reads pictures, and tells the language of a text by itself. The verifier has a
# field in doubt read again, so that it may need them.
OF_PICTURES = {"langdetect", "openvino", "tesserocr"}


@pytest.mark.parametrize(
    ("name", "verified", "spared"),
    [
        pytest.param("faktura.pdf", "never", OF_OTHERS | DECODERS | OF_PICTURES, id="a PDF with a text layer"),
        pytest.param("faktura-foto.jpg", "always", OF_OTHERS | DECODERS, id="a photo"),
    ],
)
def test_reading_with_the_default_engines(name: str, verified: str, spared: set[str], tmp_path: Path) -> None:
    arguments = [str(SAMPLES / name), "--db", f"sqlite:///{tmp_path / 'log.db'}", "--verify-when", verified]
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, *arguments],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "2"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    loaded = set(done.stdout.rpartition("MODULES")[2].split())
    assert "onnxruntime" in loaded or verified == "never", "the verifier was not asked"
    assert not loaded & (HEAVY | spared)


def test_doctor_looks_without_loading_and_loads_when_asked(tmp_path: Path) -> None:
    for deep, modules in ((["--deep"], {"onnxruntime", "openvino"}), ([], set[str]())):
        script = PROCESS.replace('"process", *', "*")
        arguments = ["doctor", *deep, "--db", f"sqlite:///{tmp_path / 'log.db'}"]
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
        )
        said, _, loaded = done.stdout.rpartition("MODULES")
        assert {line.split()[1] for line in said.splitlines()} >= {"trocr", "easyocr", "donut", "verifier"}
        assert "missing" not in said
        assert not set(loaded.split()) & HEAVY
        assert {"onnxruntime", "openvino"} & set(loaded.split()) == modules


def test_a_look_gives_the_version_that_the_engine_has(tmp_path: Path) -> None:
    tiny_models.save_all(tmp_path)
    for settings in (EngineSettings(), EngineSettings(weights=tmp_path)):
        looked = engine_versions(known_engines(), settings, deep=False)
        assert looked == engine_versions(known_engines(), settings, deep=True)


def test_a_look_finds_what_is_missing(tmp_path: Path) -> None:
    for engine in ("trocr", "easyocr", "donut"):
        (tmp_path / engine).mkdir()
    looked = engine_versions(("easyocr",), EngineSettings(weights=tmp_path), deep=False)
    assert isinstance(looked["easyocr"], EngineUnavailableError)
    looked = engine_versions(("trocr", "easyocr", "donut"), EngineSettings(profile="standard"), deep=False)
    assert all(isinstance(found, EngineUnavailableError) for found in looked.values())


ENCODER = """
import os, numpy
from invoice_connector.fields.text_encoder import embedded
before = len(os.listdir("/proc/self/task"))
embedded(["Fakturadatum"])
print(len(os.listdir("/proc/self/task")) - before, os.environ.get("OMP_NUM_THREADS"))
"""
MATRICES = """
import os
from invoice_connector.cli import main
main(["jobs", "list", "--db", "sqlite:///nowhere.db"])
import numpy
print(len(os.listdir("/proc/self/task")) - 1, os.environ.get("OMP_NUM_THREADS"))
"""


@pytest.mark.parametrize("script", [ENCODER, MATRICES])
def test_nothing_starts_threads_that_wait_by_spinning(script: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "OPENBLAS_"))}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["0", "None"]
