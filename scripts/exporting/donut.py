"""The compact Donut as two graphs: pictures to what the decoder looks at, and one step of it with its cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim

from ocr_ensemble.engines.device import Device, Kind
from ocr_ensemble.engines.donut_runtimes import DECODER, ENCODER, NOTES, on_torch
from scripts.exporting.graphs import Graph, save


class _Encoder(nn.Module):
    """``pixels`` (N, C, H, W) to keys and values of all decoder layers, (layers, N, heads, places, width of a head)."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.encoder = model.encoder
        self.projection: nn.Module = getattr(model, "enc_to_dec_proj", nn.Identity())
        self.layers: Any = nn.ModuleList(layer.encoder_attn for layer in model.decoder.model.decoder.layers)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.projection(self.encoder(pixels).last_hidden_state)
        keys = [_heads(layer.k_proj(hidden), layer) for layer in self.layers]
        values = [_heads(layer.v_proj(hidden), layer) for layer in self.layers]
        return torch.stack(keys), torch.stack(values)


class _Step(nn.Module):
    """The likeliest token (N,) after ``token`` (N, 1), its probability, and the cache one token longer.

    ``forbidden`` tokens are left out."""

    def __init__(self, model: Any, forbidden: tuple[int, ...]) -> None:
        super().__init__()
        self.decoder, self.head = model.decoder.model.decoder, model.decoder.lm_head
        barred = torch.zeros(self.head.out_features)
        barred[list(forbidden)] = -torch.inf
        self.barred = nn.Parameter(barred)

    def forward(
        self,
        token: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        seen_keys: torch.Tensor,
        seen_values: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        places = self.decoder.embed_positions
        place = torch.full_like(token, keys.shape[3] + places.offset)
        hidden = self.decoder.embed_tokens(token) + nn.functional.embedding(place, places.weight)
        hidden = self.decoder.layernorm_embedding(hidden)
        cache = []
        for number, layer in enumerate(self.decoder.layers):
            start = layer.self_attn_layer_norm(hidden)
            cache.append(
                (
                    torch.cat([keys[number], _heads(layer.self_attn.k_proj(start), layer.self_attn)], dim=2),
                    torch.cat([values[number], _heads(layer.self_attn.v_proj(start), layer.self_attn)], dim=2),
                )
            )
            hidden = hidden + _attended(layer.self_attn, start, *cache[-1])
            start = layer.encoder_attn_layer_norm(hidden)
            hidden = hidden + _attended(layer.encoder_attn, start, seen_keys[number], seen_values[number])
            start = layer.final_layer_norm(hidden)
            hidden = hidden + layer.fc2(layer.activation_fn(layer.fc1(start)))
        chances = (self.head(self.decoder.layer_norm(hidden))[:, -1] + self.barred).softmax(1)
        best = chances.max(1)
        return best.indices, best.values, torch.stack([k for k, _ in cache]), torch.stack([v for _, v in cache])


def _heads(states: torch.Tensor, attention: Any) -> torch.Tensor:
    """(N, T, width) to (N, heads, T, width of a head)."""
    return states.view(states.shape[0], -1, attention.num_heads, attention.head_dim).transpose(1, 2)


def _attended(attention: Any, hidden: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    query = _heads(attention.q_proj(hidden), attention)
    found = nn.functional.scaled_dot_product_attention(query, keys, values)
    out: torch.Tensor = attention.out_proj(found.transpose(1, 2).reshape(hidden.shape))
    return out


def export(folder: Path) -> list[str]:
    """Names of the files written into the checkpoint's folder."""
    torched = on_torch(folder, Device("cpu", Kind.CPU, 1))
    model, search = torched.hub.model, torched.hub.search
    decoder = model.config.decoder
    layers, heads = decoder.decoder_layers, decoder.decoder_attention_heads
    notes = {
        "start": search.start, "end": search.end, "padding": search.padding, "limit": search.limit,
        "cache": [layers, heads, decoder.d_model // heads],
    }  # fmt: skip
    names = ("model.safetensors", "config.json", "generation_config.json", "tokenizer.json")
    made_of = [folder / name for name in names]
    height, width = model.config.encoder.image_size
    pictures, length = Dim("pictures"), Dim("length")
    pixels = torch.rand(2, model.config.encoder.num_channels, height, width)
    encoder = Graph(_Encoder(model), {"pixels": pixels}, {"pixels": {0: pictures}}, ("seen_keys", "seen_values"))
    save(encoder, folder / ENCODER, made_of, {NOTES: json.dumps(notes)})
    cache = torch.rand(layers, 2, heads, 3, decoder.d_model // heads)
    seen = torch.rand(layers, 2, heads, 7, decoder.d_model // heads)
    step = Graph(
        _Step(model, search.forbidden),
        {
            "token": torch.full((2, 1), 5), "keys": cache, "values": cache.clone(),
            "seen_keys": seen, "seen_values": seen.clone(),
        },
        {
            "token": {0: pictures}, "keys": {1: pictures, 3: length}, "values": {1: pictures, 3: length},
            "seen_keys": {1: pictures, 3: Dim("places")}, "seen_values": {1: pictures, 3: Dim("places")},
        },
        ("best", "chance", "longer_keys", "longer_values"),
    )  # fmt: skip
    save(step, folder / DECODER, made_of, {})
    return [ENCODER, DECODER]
