"""What starts quickly: nothing is imported that the document at hand does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "invoice_connector" / "samples"
PROCESS = """
import sys
from invoice_connector.cli import main
assert main(["process", *sys.argv[1:]]) == 0
print("MODULES", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
# Of the libraries that this package installs, those that take longest.
HEAVY = {"torch", "torchvision", "transformers", "easyocr", "skimage", "sklearn", "matplotlib", "pandas"}


@pytest.mark.parametrize(
    ("name", "spared"),
    [
        pytest.param("faktura.pdf", {"scipy", "openvino", "rapidocr"}, id="a PDF with a text layer"),
        pytest.param("faktura-foto.jpg", set[str](), id="a photo"),
    ],
)
def test_reading_with_the_default_engines_and_the_verifier(name: str, spared: set[str], tmp_path: Path) -> None:
    arguments = [str(SAMPLES / name), "--db", f"sqlite:///{tmp_path / 'log.db'}", "--verify", "always"]
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, *arguments],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "2"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    loaded = set(done.stdout.rpartition("MODULES")[2].split())
    assert "onnxruntime" in loaded, "the verifier was not asked"
    assert not loaded & (HEAVY | spared)
