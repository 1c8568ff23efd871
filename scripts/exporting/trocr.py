"""The compact TrOCR as two graphs: pictures to columns, and texts judged by the decoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim

from ocr_ensemble.engines.device import Device, Kind
from ocr_ensemble.engines.trocr_runtimes import DECODER, ENCODER, FIRST_TOKEN, HEAD, CTCHead, on_torch
from scripts.exporting.graphs import Graph, save


class _Encoder(nn.Module):
    """``pixels`` (N, 3, H, W) to ``hidden`` (N, 1 + columns, width) and ``columns`` (N, columns, classes)."""

    def __init__(self, encoder: Any, head: CTCHead) -> None:
        super().__init__()
        self.encoder = encoder
        self.weight = nn.Parameter(head.weight)
        self.bias = nn.Parameter(head.bias)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        start = self.encoder.embeddings
        columns = start.patch_embeddings.projection(pixels).flatten(2).transpose(1, 2)
        hidden = torch.cat([start.cls_token.expand(columns.shape[0], -1, -1), columns], dim=1)
        hidden = hidden + start.position_embeddings[:, : hidden.shape[1]]  # narrower pictures have the first places
        for layer in self.encoder.layers:
            hidden = layer(hidden)
        hidden = self.encoder.layernorm(hidden)
        return hidden, nn.functional.linear(hidden[:, 1:], self.weight, self.bias).softmax(2)


class _Judge(nn.Module):
    """Of each of the tokens ``wanted`` (N, L), the probability after the tokens ``given`` (N, L) up to there."""

    def __init__(self, decoder: Any) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, hidden: torch.Tensor, given: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        logits = self.decoder(input_ids=given, encoder_hidden_states=hidden, use_cache=False).logits
        chances: torch.Tensor = logits.softmax(2).gather(2, wanted.unsqueeze(2)).squeeze(2)
        return chances


def export(folder: Path) -> list[str]:
    """Names of the files written into the checkpoint's folder."""
    hub = on_torch(folder, Device("cpu", Kind.CPU, 1), ()).hub
    model, search = hub.model, hub.search
    head = CTCHead.load(folder, model)
    if head is None:
        raise ValueError(f"{folder} has no {HEAD}; only checkpoints that are read jointly are exported")
    lines, length, columns = Dim("lines"), Dim("length"), Dim("columns")
    made_of = [folder / name for name in ("model.safetensors", HEAD, "config.json", "generation_config.json")]
    encoder = Graph(
        _Encoder(model.encoder, head),
        {"pixels": torch.rand(2, 3, 32, 128)},
        {"pixels": {0: lines, 3: Dim.DYNAMIC}},
        ("hidden", "columns"),
    )
    notes = {FIRST_TOKEN: head.first_token, "start": search.start, "end": search.end, "padding": search.padding}
    save(encoder, folder / ENCODER, made_of, {name: str(token) for name, token in notes.items()})
    hidden = torch.rand(2, 33, model.config.encoder.hidden_size)
    tokens = torch.full((2, 7), 5, dtype=torch.long)
    judge = Graph(
        _Judge(model.decoder),
        {"hidden": hidden, "given": tokens, "wanted": tokens.clone()},  # one tensor given twice becomes one input
        {"hidden": {0: lines, 1: columns}, "given": {0: lines, 1: length}, "wanted": {0: lines, 1: length}},
        ("chances",),
    )
    save(judge, folder / DECODER, made_of, {})
    return [ENCODER, DECODER]
