"""The compact Donut: configuration, tokens, target sequences, hub format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DonutImageProcessor,
    DonutProcessor,
    DonutSwinConfig,
    MBartConfig,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
)

from scripts.training.donut_pages import FIELDS, HEIGHT, WIDTH, TrainingPage
from scripts.training.trocr_model import BOS, EOS, PAD, UNKNOWN, build_tokenizer

LONGEST = 320  # tokens of a target; a transcription is cut there
FIELDS_TASK, READING_TASK = "<s_invoice>", "<s_read>"
_DonutProcessor: Any = DonutProcessor  # transformers leaves these constructors without types
_ImageProcessor: Any = DonutImageProcessor
_DecoderConfig: Any = MBartConfig
_Config: Any = VisionEncoderDecoderConfig


def build_processor(height: int = HEIGHT, width: int = WIDTH) -> Any:
    """One token a character and one a tag; grey pictures, proportions kept, to -1..1."""
    tokenizer = build_tokenizer()
    tokenizer.model_max_length = 4096  # a page's lines; the targets are cut at LONGEST
    tags = [tag for name in FIELDS for tag in (f"<s_{name}>", f"</s_{name}>")]
    # The reading task has a closing tag, so that a reader finds one task only.
    tokenizer.add_tokens([FIELDS_TASK, READING_TASK, READING_TASK.replace("<", "</"), "<sep/>", *tags],
                         special_tokens=True)  # fmt: skip
    images = _ImageProcessor(
        size={"height": height, "width": width}, image_mean=[0.5], image_std=[0.5], do_align_long_axis=False
    )
    return _DonutProcessor(image_processor=images, tokenizer=tokenizer)


def build_model(processor: Any) -> Any:
    """6.7 M parameters. Three stages, not Donut's four: a place of the encoder is 16 x 16 pixels, a few letters."""
    size = processor.image_processor.size
    encoder: Any = DonutSwinConfig(
        image_size=[size["height"], size["width"]], patch_size=4, num_channels=1, embed_dim=64, depths=[2, 2, 4],
        num_heads=[2, 4, 8], window_size=8,
    )  # fmt: skip
    decoder = _DecoderConfig(
        vocab_size=len(processor.tokenizer), d_model=256, encoder_layers=3, decoder_layers=3, decoder_ffn_dim=768,
        encoder_ffn_dim=768, decoder_attention_heads=8, encoder_attention_heads=8, dropout=0.05, is_decoder=True,
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


def field_sequence(fields: dict[str, str]) -> str:
    """`<s_total_vat>250,00</s_total_vat>...`"""
    return "".join(f"<s_{name}>{text}</s_{name}>" for name, text in fields.items())


def targets(processor: Any, pages: Sequence[TrainingPage], reading: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Decoder inputs and labels, both (N, longest); -100 is unused. ``reading``: the page's lines, not its fields."""
    tokenizer = processor.tokenizer
    task = tokenizer.convert_tokens_to_ids(READING_TASK if reading else FIELDS_TASK)
    texts = ["<sep/>".join(page.lines) if reading else field_sequence(page.fields) for page in pages]
    codes = [tokenizer(text, add_special_tokens=False)["input_ids"][:LONGEST] for text in texts]
    length = max(map(len, codes)) + 1
    inputs = torch.full((len(codes), length), PAD, dtype=torch.long)
    labels = torch.full((len(codes), length), -100, dtype=torch.long)
    for row, code in enumerate(codes):
        inputs[row, : len(code) + 1] = torch.tensor([task, *code])
        labels[row, : len(code) + 1] = torch.tensor([*code, EOS if len(code) < LONGEST else -100])
    labels[labels == UNKNOWN] = -100
    return inputs, labels


def pixel_values(pages: Sequence[TrainingPage]) -> torch.Tensor:
    """(N, 1, H, W), -1..1."""
    stacked = torch.stack([torch.from_numpy(page.pixels) for page in pages])
    return stacked.unsqueeze(1).float().div_(127.5).sub_(1.0)


def read_fields(processor: Any, sequence: torch.Tensor) -> dict[str, Any]:
    """The fields of one generated sequence."""
    kept = [token for token in sequence.tolist() if token not in (PAD, EOS)]
    found: Any = processor.token2json(processor.tokenizer.decode(kept[1:]))
    return dict(found) if isinstance(found, dict) else {}


def save_hub_format(model: Any, processor: Any, target: Path) -> None:
    """`from_pretrained` files, weights in half precision."""
    target.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(target)
    processor.save_pretrained(target)
