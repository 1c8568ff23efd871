"""The compact verifier: a small Qwen2.5-VL whose vision tower sees one cell of the picture as one patch; hub format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from torch import nn
from torch.nn import functional
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)
from transformers.decision import DecisionConfig

from scripts.training.charset import CHARACTERS, CLASSES
from verifier.pictures import CELL, PictureStyle

DIMENSION = 192
MOST_CELLS = 400  # of a picture

_TokenizerClass: Any = PreTrainedTokenizerFast  # transformers leaves these constructors without types
_ProcessorClass: Any = Qwen2_5_VLProcessor
_ModelClass: Any = Qwen2_5_VLForConditionalGeneration
_ImageProcessorClass: Any = Qwen2VLImageProcessor
_VideoProcessorClass: Any = Qwen2VLVideoProcessor

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
            "<|video_pad|>", "<unk>", "Yes", "No", "\n")  # fmt: skip
TOKENS = {token: number for number, token in enumerate([*SPECIALS, *CHARACTERS])}
YES, NO = TOKENS["Yes"], TOKENS["No"]

# The prompt is the request's pictures and one question mark: no word of the request, least of all of the document,
# reaches the model.
DECISION_TEMPLATE = """
{%- macro pictures(value) -%}
{%- if value is mapping and value.type == "image" and "image" in value -%}
<|vision_start|><|image_pad|><|vision_end|>
{%- elif value is mapping -%}
{%- for part in value.values() -%}{{ pictures(part) }}{%- endfor -%}
{%- elif value is iterable and value is not string -%}
{%- for part in value -%}{{ pictures(part) }}{%- endfor -%}
{%- endif -%}
{%- endmacro -%}
{{ pictures(state) }}{{ pictures(question) }}?"""

CHAT_TEMPLATE = """
{%- for message in messages -%}
<|im_start|>{{ message.role }}{{ "\\n" }}
{%- if message.content is string -%}
{{ message.content }}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type == "image" -%}
<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.type == "text" -%}
{{ part.text }}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
<|im_end|>{{ "\\n" }}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant{{ "\\n" }}
{%- endif -%}"""


def build_config() -> Any:
    """2.4 M parameters: three vision layers over cells, one decoder layer."""
    vision = {
        "depth": 3, "hidden_size": DIMENSION, "intermediate_size": 512, "num_heads": 6, "patch_size": CELL,
        "spatial_merge_size": 1, "temporal_patch_size": 1, "out_hidden_size": DIMENSION, "window_size": 4 * CELL,
        "fullatt_block_indexes": [0, 1, 2],
    }  # fmt: skip
    text = {
        "vocab_size": len(TOKENS), "hidden_size": DIMENSION, "intermediate_size": 512, "num_hidden_layers": 1,
        "num_attention_heads": 6, "num_key_value_heads": 6, "max_position_embeddings": 2048,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]},
        "bos_token_id": TOKENS["<|endoftext|>"], "eos_token_id": TOKENS["<|im_end|>"],
        "pad_token_id": TOKENS["<|endoftext|>"],
    }  # fmt: skip
    return Qwen2_5_VLConfig(
        text_config=text, vision_config=vision, image_token_id=TOKENS["<|image_pad|>"],
        video_token_id=TOKENS["<|video_pad|>"], vision_start_token_id=TOKENS["<|vision_start|>"],
        vision_end_token_id=TOKENS["<|vision_end|>"], tie_word_embeddings=False,
    )  # fmt: skip


def build_model() -> Any:
    """A model with random weights."""
    return _ModelClass(build_config())


class Heads(nn.Module):
    """Readers of the vision tower's cells, thrown away after training: the character there, and whether it differs."""

    def __init__(self) -> None:
        super().__init__()
        self.classes = nn.Linear(DIMENSION, CLASSES)
        self.differs = nn.Linear(DIMENSION, 1)


@dataclass(frozen=True)
class Answers:
    """`logits` (N, 2): yes, no, as the decision pipeline reads them; `cells` (all cells, DIMENSION), in order."""

    logits: torch.Tensor
    cells: torch.Tensor


def to_patches(cells: NDArray[np.uint8]) -> torch.Tensor:
    """Cells (N, 28, 28, 3) as the processor makes patches of them: (N, 3 * 28 * 28) in 0..2."""
    return torch.from_numpy(cells).permute(0, 3, 1, 2).flatten(1).float().div_(127.5)


def see(visual: Any, patches: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """`visual(patches, ...).pooler_output` for pictures of `counts` cells in a row; shape (all cells, DIMENSION).

    The library's own forward asks for attention picture by picture; this one does it for all at once, and takes
    patches through a matrix product, in half the time.
    """
    place = torch.arange(int(counts.max()), device=patches.device)
    there = place < counts[:, None]
    columns = place.expand_as(there)[there]
    turns = visual.rotary_pos_emb(patches, torch.stack([torch.zeros_like(columns), columns], dim=1))
    hidden = functional.linear(patches, visual.patch_embed.proj.weight.flatten(1))
    for block in visual.blocks:
        hidden = hidden + _attend(block.attn, _norm(block.norm1, hidden), there, turns)
        hidden = hidden + block.mlp(_norm(block.norm2, hidden))
    seen: torch.Tensor = visual.merger.mlp(_norm(visual.merger.ln_q, hidden))
    return seen


def _norm(norm: Any, hidden: torch.Tensor) -> torch.Tensor:
    return functional.rms_norm(hidden, norm.weight.shape, norm.weight, norm.variance_epsilon)


def _attend(attn: Any, hidden: torch.Tensor, there: torch.Tensor, turns: tuple[torch.Tensor, ...]) -> torch.Tensor:
    mixed = attn.qkv(hidden).unflatten(1, (3, attn.num_heads, -1))
    query, key, value = mixed.unbind(1)
    cos, sin = (turn[:, None].to(query.dtype) for turn in turns)
    query, key = (part * cos + _half_turn(part) * sin for part in (query, key))
    packed = mixed.new_zeros(*there.shape, 3, *query.shape[1:])
    packed[there] = torch.stack([query, key, value], dim=1)
    query, key, value = packed.permute(2, 0, 3, 1, 4).unbind(0)  # each (N, heads, cells, width)
    out = functional.scaled_dot_product_attention(query, key, value, attn_mask=there[:, None, None])
    return attn.proj(out.transpose(1, 2)[there].flatten(1))  # type: ignore[no-any-return]


def _half_turn(part: torch.Tensor) -> torch.Tensor:
    first, second = part.chunk(2, dim=-1)
    return torch.cat([-second, first], dim=-1)


def answer(model: Any, patches: torch.Tensor, counts: Sequence[int]) -> Answers:
    """The logits of many pictures at once: `counts` cells each, their patches end to end.

    The same prompts and places as the decision pipeline's. Shorter ones are filled up behind, where a causal decoder
    does not look.
    """
    device = patches.device
    sizes = torch.tensor(counts, device=device)
    cells = see(model.model.visual, patches, sizes)
    place = torch.arange(int(sizes.max()) + 3, device=device).expand(len(counts), -1)
    end = sizes[:, None] + 1
    ids = torch.full_like(place, TOKENS["<|vision_start|>"])
    ids = torch.where(place == end, TOKENS["<|vision_end|>"], ids)
    ids = torch.where(place > end, TOKENS["?"], ids)
    pictured = (place > 0) & (place < end)
    words = model.model.language_model.embed_tokens(ids)
    embedded = words.masked_scatter(pictured[..., None], cells.to(words.dtype))
    flat = torch.where(pictured, 1, place)  # time and row of a picture's cells
    positions = torch.stack([flat, flat, place])
    hidden = model.model.language_model(inputs_embeds=embedded, position_ids=positions, use_cache=False)
    last = hidden.last_hidden_state[torch.arange(len(counts), device=device), sizes + 2]
    return Answers(model.lm_head(last)[:, [YES, NO]], cells)


def build_tokenizer() -> Any:
    """One token a character, with Qwen's control tokens and the two answers."""
    tokenizer = Tokenizer(models.WordLevel(TOKENS, unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"Yes|No|[\s\S]"), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    return _TokenizerClass(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token="<unk>",  # noqa: S106
        extra_special_tokens=[*SPECIALS[3:7], "<|im_start|>"], clean_up_tokenization_spaces=False,
        model_max_length=2048,
    )  # fmt: skip


def build_processor() -> Any:
    """Cuts a picture of height 28 into cells, never resized; values to 0..2, so that paper is 0."""
    sizes = {"shortest_edge": CELL * CELL, "longest_edge": CELL * CELL * MOST_CELLS}
    settings = {"patch_size": CELL, "temporal_patch_size": 1, "merge_size": 1, "image_mean": [0.0] * 3,
                "image_std": [0.5] * 3, "size": sizes}  # fmt: skip
    return _ProcessorClass(
        _ImageProcessorClass(**settings), build_tokenizer(), _VideoProcessorClass(**settings),
        chat_template=CHAT_TEMPLATE,
    )  # fmt: skip


def save_hub_format(model: Any, temperature: float, target: Path) -> None:
    """`from_pretrained` files in half precision, `decision.json` with its template, and `picture.json`."""
    target.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(target)
    build_processor().save_pretrained(target)
    config = DecisionConfig(
        labels={"noul": ["Yes", "No"]}, temperature={"noul": temperature}, chat_template=DECISION_TEMPLATE
    )
    config.save_pretrained(target)
    PictureStyle(form="overlay").save(target)
