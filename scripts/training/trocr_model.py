"""The compact TrOCR: configuration, alphabet as tokens, variable-width encoding for training, hub format."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from torch import nn
from transformers import (
    PreTrainedTokenizerFast,
    TrOCRConfig,
    TrOCRProcessor,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessor,
)

from ocr_ensemble.engines.trocr_runtimes import FIRST_TOKEN, HEAD
from scripts.training.charset import CHARACTERS, CLASSES, encode
from scripts.training.loader import LoaderSettings
from scripts.training.shards import HEIGHT

WIDTH = 448  # pixels; wider lines are squeezed
STRIDE, OFFSET = 4.0, 2.0  # pixels between the encoder's columns and middle of the first one
DIMENSION = 160  # width of encoder and decoder
HEADS = 5
MIDDLE = 3  # the layer whose output the frame loss looks at
LOCAL_LAYERS, LOOK = 4, 1.4  # layers that start as looks at neighbouring columns, and how sharply
LOADER = LoaderSettings(widest=WIDTH, padding="border", extra=64)

_TokenizerClass: Any = PreTrainedTokenizerFast  # transformers leaves these constructors without types
_ProcessorClass: Any = TrOCRProcessor
_DecoderConfig: Any = TrOCRConfig

BOS, PAD, EOS, UNKNOWN = 0, 1, 2, 3  # as in the public TrOCR checkpoints, which also start with EOS
FIRST_CHARACTER = 4
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


def build_config() -> Any:
    """2.5 M parameters: 5 encoder layers and 2 decoder layers of width 160."""
    encoder = ViTConfig(
        hidden_size=DIMENSION, num_hidden_layers=5, num_attention_heads=HEADS, intermediate_size=4 * DIMENSION,
        image_size=[HEIGHT, WIDTH], patch_size=[HEIGHT, int(STRIDE)], num_channels=3,
    )  # fmt: skip
    decoder = _DecoderConfig(
        vocab_size=FIRST_CHARACTER + len(CHARACTERS), d_model=DIMENSION, decoder_layers=2,
        decoder_attention_heads=HEADS,
        decoder_ffn_dim=4 * DIMENSION, max_position_embeddings=96, dropout=0.05, is_decoder=True,
        add_cross_attention=True, cross_attention_hidden_size=DIMENSION, bos_token_id=BOS, pad_token_id=PAD,
        eos_token_id=EOS, decoder_start_token_id=EOS,
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = EOS, PAD, EOS
    return config


def build_model() -> Any:
    """A model with random weights, wave-shaped place embeddings and early layers that look at neighbouring columns."""
    model: Any = VisionEncoderDecoderModel(build_config())
    model.generation_config.decoder_start_token_id = EOS
    model.generation_config.bos_token_id, model.generation_config.pad_token_id = BOS, PAD
    model.generation_config.eos_token_id, model.generation_config.max_new_tokens = EOS, 70
    places = model.encoder.embeddings.position_embeddings
    with torch.no_grad():
        places.copy_(_waves(places.shape[1], places.shape[2]).unsqueeze(0))
        model.encoder.embeddings.patch_embeddings.projection.weight.mul_(3.0)  # else the waves drown the ink
        for layer in model.encoder.layers[:LOCAL_LAYERS]:
            _look_beside(layer.attention)
    return model


def _rates(width: int) -> torch.Tensor:
    """Radians a column of each pair of place embeddings, from 2.5 down to 0.0025."""
    return 2.5 * torch.exp(-math.log(1000.0) * torch.arange(0, width, 2) / width)


def _waves(count: int, width: int) -> torch.Tensor:
    angles = torch.arange(count).unsqueeze(1) * _rates(width)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _look_beside(attention: Any) -> None:
    """Head h starts as a look at the column h - 2 further: a transformer with a convolution's eye for neighbours
    (structured initialisation, Zheng et al. 2024), which learns from far fewer lines."""
    width, half = DIMENSION // HEADS, DIMENSION // HEADS // 2
    rates = _rates(DIMENSION)[:half]
    for head in range(HEADS):
        turn = (head - HEADS // 2) * rates
        query, key = torch.zeros(width, DIMENSION), torch.zeros(width, DIMENSION)
        for number in range(half):
            sine, cosine = number, DIMENSION // 2 + number
            key[number, sine] = key[half + number, cosine] = 1.0
            # sin(a + t) = sin a cos t + cos a sin t; cos(a + t) = cos a cos t - sin a sin t
            query[number, sine], query[number, cosine] = turn[number].cos(), turn[number].sin()
            query[half + number, cosine], query[half + number, sine] = turn[number].cos(), -turn[number].sin()
        rows = slice(head * width, (head + 1) * width)
        attention.q_proj.weight[rows] = LOOK * query
        attention.k_proj.weight[rows] = LOOK * key


class Heads(nn.Module):
    """Linear readers of the encoder's columns: CTC on its output, frames on a middle layer."""

    def __init__(self) -> None:
        super().__init__()
        self.ctc = nn.Linear(DIMENSION, CLASSES)
        self.frames = nn.Sequential(nn.LayerNorm(DIMENSION), nn.Linear(DIMENSION, CLASSES))


def encode_columns(model: Any, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The encoder on grey pictures (N, 1, 32, W) of any width up to the model's.

    Same as `model.encoder` at full width; a narrower picture gets the first of the place embeddings, so that
    training need not compute paper. Returns its output and a middle layer's, each (N, 1 + W / 4, DIMENSION).
    """
    encoder = model.encoder
    kernel = encoder.embeddings.patch_embeddings.projection
    columns = nn.functional.conv2d(pixels, kernel.weight.sum(1, keepdim=True), kernel.bias, stride=kernel.stride)
    hidden = columns.flatten(2).transpose(1, 2)
    start = encoder.embeddings.cls_token.expand(len(pixels), -1, -1)
    hidden = torch.cat([start, hidden], dim=1)
    hidden = hidden + encoder.embeddings.position_embeddings[:, : hidden.shape[1]]
    middle = hidden
    for number, layer in enumerate(encoder.layers, start=1):
        hidden = layer(hidden, None)
        middle = hidden if number == MIDDLE else middle
    return encoder.layernorm(hidden), middle


def token_batch(texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Decoder inputs and labels, both (N, longest + 1): inputs start with EOS, labels end with it, -100 is unused."""
    codes = [[number - 1 + FIRST_CHARACTER for number in encode(text)] for text in texts]
    length = max(map(len, codes)) + 1
    inputs = torch.full((len(codes), length), PAD, dtype=torch.long)
    labels = torch.full((len(codes), length), -100, dtype=torch.long)
    for row, code in enumerate(codes):
        inputs[row, : len(code) + 1] = torch.tensor([EOS, *code])
        labels[row, : len(code) + 1] = torch.tensor([*code, EOS])
    return inputs, labels


def column_places(edges: Sequence[NDArray[np.float32]], length: int) -> torch.Tensor:
    """(N, length): the encoder's place of each character, counted with its start token; -1 after the last."""
    places = torch.full((len(edges), length), -1, dtype=torch.long)
    for row, spans in enumerate(edges):
        columns = np.clip(np.round((spans.mean(1) - OFFSET) / STRIDE), 0, WIDTH / STRIDE - 1)
        places[row, : len(spans)] = torch.from_numpy(columns.astype(np.int64)) + 1
    return places


def decode_ids(tokens: torch.Tensor) -> list[str]:
    """Texts of generated tokens (N, T)."""
    rows = ([number - FIRST_CHARACTER for number in row if number >= FIRST_CHARACTER] for row in tokens.tolist())
    return ["".join(CHARACTERS[number] for number in row) for row in rows]


def build_tokenizer() -> Any:
    """One token a character, spaces included."""
    vocabulary = {token: number for number, token in enumerate([*SPECIALS, *CHARACTERS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIALS[UNKNOWN]))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, [("<s>", BOS), ("</s>", EOS)])
    names = {f"{name}_token": token for name, token in zip(("bos", "pad", "eos", "unk"), SPECIALS, strict=True)}
    return _TokenizerClass(
        tokenizer_object=tokenizer, **names, clean_up_tokenization_spaces=False, model_max_length=96
    )  # fmt: skip


def build_processor() -> Any:
    """Stretches a picture to 32 x 448, grey values to -1..1."""
    images = ViTImageProcessor(
        size={"height": HEIGHT, "width": WIDTH}, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3,
        do_convert_rgb=True,
    )  # fmt: skip
    return _ProcessorClass(image_processor=images, tokenizer=build_tokenizer())


def line_preparation() -> dict[str, Any]:
    """How a reader makes the picture of a line: grey, linear to `height`, filled up on the right with its border's
    median to the next of `widths`, or squeezed to `width`. Training saw all of `widths`."""
    return {"height": HEIGHT, "width": WIDTH, "widths": [*range(2 * HEIGHT, WIDTH, 2 * HEIGHT), WIDTH]}


def save_hub_format(model: Any, heads: Heads, target: Path) -> None:
    """`from_pretrained` files in half precision; beside them the CTC head (`ctc_head.safetensors`) and how a line
    becomes a picture (`line_preparation.json`)."""
    target.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(target)
    build_processor().save_pretrained(target)
    (target / "line_preparation.json").write_text(json.dumps(line_preparation(), indent=1) + "\n", "utf-8")
    head = {name: value.half().contiguous() for name, value in heads.ctc.state_dict().items()}
    save_file(head, target / HEAD, {FIRST_TOKEN: str(FIRST_CHARACTER)})
