"""Export the compact checkpoints as ONNX graphs, so that they run without torch and transformers.

    python -m scripts.export_checkpoints

The graphs lie beside the weights that they were made of, name them by their SHA-256, and are refused beside others:
run this after training. Weights are stored in half precision, as in the checkpoints, and computed with in single.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.store import places_from_environment, today
from scripts.exporting import donut, easyocr, trocr, verifier

PLACES = places_from_environment()
EXPORTS: dict[Path, Callable[[Path], list[str]]] = {
    PLACES.bundled / "trocr": trocr.export,
    PLACES.bundled / "easyocr": easyocr.export,
    PLACES.bundled / "donut": donut.export,
    PLACES.verifier: verifier.export,
}


def main() -> None:
    for folder, export in EXPORTS.items():
        for name in export(folder):
            print(f"{folder / name}: {(folder / name).stat().st_size / 1e6:.1f} MB")
        manifest = manifests.read(folder)
        manifests.write(folder, replace(manifest, recorded=today(), files=manifests.records(folder)))


if __name__ == "__main__":
    main()
