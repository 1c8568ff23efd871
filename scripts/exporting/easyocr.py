"""The compact EasyOCR recogniser as one graph: grey lines to probabilities of classes per column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim

from ocr_ensemble.engines.device import Device, Kind
from ocr_ensemble.engines.easyocr_files import custom_reader
from ocr_ensemble.engines.easyocr_runtimes import GRAPH, NOTES, TorchRecognizer
from scripts.exporting.graphs import Graph, save


class _Recognizer(nn.Module):
    """``pixels`` (N, 1, height, W), -1..1, to ``probabilities`` (N, columns, classes)."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        # As in the network's own forward, whose pooling to one row is a mean.
        seen = self.network.FeatureExtraction(pixels).permute(0, 3, 1, 2).mean(3)
        logits: torch.Tensor = self.network.Prediction(self.network.SequenceModeling(seen))
        return logits.softmax(2)


def export(folder: Path) -> list[str]:
    """Names of the files written into the checkpoint's folder."""
    device = Device("cpu", Kind.CPU, 1)
    reader, height, weights = custom_reader(folder, device)
    recognizer = TorchRecognizer(reader, height, device, "")
    notes = {"height": height, "characters": recognizer.characters, "ignored": recognizer.ignored}
    graph = Graph(
        _Recognizer(recognizer.network),
        {"pixels": torch.rand(2, 1, height, 96)},
        {"pixels": {0: Dim("lines"), 3: Dim.DYNAMIC}},
        ("probabilities",),
    )
    made_of = [folder / name for name in (weights, "compact.yaml", "compact.py")]
    save(graph, folder / GRAPH, made_of, {NOTES: json.dumps(notes, ensure_ascii=False)})
    return [GRAPH]
