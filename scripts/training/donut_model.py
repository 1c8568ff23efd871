"""The compact Donut: configuration, tokens, target sequences, hub format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import (
    DonutImageProcessor,
    DonutProcessor,
    DonutSwinConfig,
    MBartConfig,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
)

from ocr_ensemble.engines.donut_area import with_places
from scripts.training.charset import CLASSES, encode
from scripts.training.donut_pages import AREA, FIELDS, HEIGHT, WIDTH, Box, TrainingArea
from scripts.training.trocr_model import BOS, EOS, PAD, build_tokenizer

LONGEST = 256  # tokens of a target; a transcription is cut there
CELL = 8  # pixels between the encoder's places
NEAR = tuple(
    row * (WIDTH // CELL) + column for row in (-1, 0, 1) for column in (-1, 0, 1)
)  # a place and those around it
FIELDS_TASK, READING_TASK = "<s_invoice>", "<s_read>"
_DonutProcessor: Any = DonutProcessor  # transformers leaves these constructors without types
_ImageProcessor: Any = DonutImageProcessor
_DecoderConfig: Any = MBartConfig
_Config: Any = VisionEncoderDecoderConfig


def build_processor(height: int = HEIGHT, width: int = WIDTH) -> Any:
    """One token a character and one a tag; the area's picture as it is, to -1..1."""
    tokenizer = build_tokenizer()
    tokenizer.model_max_length = 1024  # the targets are cut at LONGEST
    tags = [tag for name in FIELDS for tag in (f"<s_{name}>", f"</s_{name}>")]
    # The reading task has a closing tag, so that a reader finds one task only.
    tokenizer.add_tokens([FIELDS_TASK, READING_TASK, READING_TASK.replace("<", "</"), "<sep/>", *tags],
                         special_tokens=True)  # fmt: skip
    images = _ImageProcessor(
        size={"height": height, "width": width}, image_mean=[0.5] * 3, image_std=[0.5] * 3, do_align_long_axis=False
    )
    return _DonutProcessor(image_processor=images, tokenizer=tokenizer)


def build_model(processor: Any) -> Any:
    """1.2 M parameters. Two stages, not Donut's four: a place of the encoder is 8 x 8 pixels, about one letter."""
    size = processor.image_processor.size
    encoder: Any = DonutSwinConfig(
        image_size=[size["height"], size["width"]], patch_size=4, num_channels=3, embed_dim=48, depths=[1, 5],
        num_heads=[3, 6], window_size=4, drop_path_rate=0.0,
    )  # fmt: skip
    decoder = _DecoderConfig(
        vocab_size=len(processor.tokenizer), d_model=128, encoder_layers=2, decoder_layers=2, decoder_ffn_dim=512,
        encoder_ffn_dim=512, decoder_attention_heads=4, encoder_attention_heads=4, dropout=0.05, is_decoder=True,
        max_position_embeddings=LONGEST + 8, add_cross_attention=True, is_encoder_decoder=False, scale_embedding=True,
        add_final_layer_norm=True, bos_token_id=BOS, pad_token_id=PAD, eos_token_id=EOS,
    )  # fmt: skip
    config = _Config.from_encoder_decoder_configs(encoder, decoder)
    start = processor.tokenizer.convert_tokens_to_ids(FIELDS_TASK)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = start, PAD, EOS
    model: Any = VisionEncoderDecoderModel(config)
    own = model.generation_config
    own.decoder_start_token_id, own.pad_token_id, own.eos_token_id, own.max_new_tokens = start, PAD, EOS, LONGEST
    return model


@dataclass(frozen=True)
class Target:
    """Tokens to write after the task's token, and where each stands: (x, y) in pixels, None for a tag."""

    tokens: list[int]
    places: list[tuple[float, float] | None]


class Heads(nn.Module):
    """A throw-away reader of the encoder's places: what stands in the left and in the right half of each."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 2 * CLASSES)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """(N, places, width) to (N, places, 2, classes)."""
        out: torch.Tensor = self.linear(hidden).unflatten(2, (2, CLASSES))
        return out


def glyph_classes(areas: Sequence[TrainingArea]) -> torch.Tensor:
    """(N, places, 2): the character whose middle is in each half place, blank where there is none."""
    rows, columns = HEIGHT // CELL, WIDTH // CELL
    out = np.zeros((len(areas), rows, 2 * columns), np.int64)
    for number, area in enumerate(areas):
        for glyph, x, y in area.characters:
            column = min(2 * columns - 1, int(2 * x / CELL))
            for row in {int((y - 3) / CELL), int((y + 3) / CELL)}:
                if 0 <= row < rows:
                    out[number, row, column] = encode(glyph)[0]
    return torch.from_numpy(out.reshape(len(areas), rows * columns, 2))


def field_target(processor: Any, area: TrainingArea) -> Target:
    """`<s_total_vat>250,00</s_total_vat>...` from top to bottom."""
    tokens: list[int] = []
    places: list[tuple[float, float] | None] = []
    vocabulary = processor.tokenizer.get_vocab()
    for shown in area.fields:
        tokens += [vocabulary[f"<s_{shown.name}>"], *(vocabulary[char] for char in shown.text)]
        tokens.append(vocabulary[f"</s_{shown.name}>"])
        places += [None, *_glyph_places(shown.text, shown.box, area), None]
    return Target(tokens[:LONGEST], places[:LONGEST])


def _glyph_places(text: str, box: Box, area: TrainingArea) -> list[tuple[float, float] | None]:
    """Where each character of a field stands: its own place, or an even share of the box."""
    left, top, right, bottom = box
    inside = [c for c in area.characters if left - 2 <= c[1] <= right + 2 and top - 4 <= c[2] <= bottom + 4]
    known = sorted(inside, key=lambda c: c[1])
    if "".join(c[0] for c in known) == text.replace(" ", ""):
        found = iter(known)
        return [None if char == " " else next(found)[1:] for char in text]
    middle = (top + bottom) / 2
    return [(left + (n + 0.5) * (right - left) / len(text), middle) for n in range(len(text))]


def reading_target(processor: Any, rows: Sequence[Sequence[tuple[str, float, float]]]) -> Target:
    """All text of the rows, from top to bottom; a space stands nowhere."""
    vocabulary = processor.tokenizer.get_vocab()
    tokens: list[int] = []
    places: list[tuple[float, float] | None] = []
    for number, row in enumerate(rows):
        if number:
            tokens.append(vocabulary["<sep/>"])
            places.append(None)
        tokens += [vocabulary[glyph] for glyph, _, _ in row]
        places += [None if glyph == " " else (x, y) for glyph, x, y in row]
    return Target(tokens[:LONGEST], places[:LONGEST])


def target_batch(
    processor: Any, targets: Sequence[Target], task: str
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Decoder inputs and labels (N, longest), -100 unused, and the encoder's place of each label, -1 for none."""
    start = processor.tokenizer.convert_tokens_to_ids(task)
    length = max(len(target.tokens) for target in targets) + 1
    inputs = torch.full((len(targets), length), PAD, dtype=torch.long)
    labels = torch.full((len(targets), length), -100, dtype=torch.long)
    places = torch.full((len(targets), length), -1, dtype=torch.long)
    for row, target in enumerate(targets):
        count = len(target.tokens)
        inputs[row, : count + 1] = torch.tensor([start, *target.tokens])
        labels[row, : count + 1] = torch.tensor([*target.tokens, EOS if count < LONGEST else -100])
        places[row, :count] = torch.tensor([-1 if at is None else _place(*at) for at in target.places])
    return inputs, labels, places


def _place(x: float, y: float) -> int:
    column = min(WIDTH // CELL - 1, max(0, int(x / CELL)))
    return min(HEIGHT // CELL - 1, max(0, int(y / CELL))) * (WIDTH // CELL) + column


def pixel_values(areas: Sequence[TrainingArea]) -> torch.Tensor:
    """(N, 3, H, W), -1..1."""
    stacked = torch.stack([torch.from_numpy(with_places(area.pixels)) for area in areas])
    return stacked.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def read_fields(processor: Any, sequence: torch.Tensor) -> dict[str, Any]:
    """The fields of one generated sequence."""
    kept = [token for token in sequence.tolist() if token not in (PAD, EOS)]
    found: Any = processor.token2json(processor.tokenizer.decode(kept[1:]))
    return {name: text for name, text in found.items() if name in FIELDS} if isinstance(found, dict) else {}


def save_hub_format(model: Any, processor: Any, target: Path) -> None:
    """`from_pretrained` files, weights in half precision, and the area of the page that the model is given."""
    target.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(target)
    processor.save_pretrained(target)
    AREA.save(target)
