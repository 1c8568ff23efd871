"""The compact verifier as one graph: the cells of a picture to the probability that the answer is yes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import apply_rotary_pos_emb_vision

from scripts.exporting.graphs import Graph, save

BEFORE, AFTER = ("<|vision_start|>",), ("<|vision_end|>", "?")  # the decision template around the picture's tokens


class _Verifier(nn.Module):
    """``cells`` (cells, 3 * 28 * 28), of a picture one cell high, to ``yes``, 0..1."""

    def __init__(self, model: Any, tokenizer: Any, decision: dict[str, Any]) -> None:
        super().__init__()
        self.tower, self.text, self.head = model.model.visual, model.model.language_model, model.lm_head
        self.before, self.after = (
            torch.tensor(tokenizer.convert_tokens_to_ids(list(tokens))) for tokens in (BEFORE, AFTER)
        )
        self.labels = torch.tensor(tokenizer.convert_tokens_to_ids(decision["labels"]["noul"]))
        self.temperature = float(decision["temperature"].get("noul", 1.0))
        self.yes = decision["noul_options"].index("true")

    def forward(self, cells: torch.Tensor) -> torch.Tensor:
        seen = self._seen(cells)
        embed = self.text.embed_tokens
        prompt = torch.cat([embed(self.before), seen, embed(self.after)])
        hidden = self.text(
            inputs_embeds=prompt[None], position_ids=self._places(cells.shape[0])[:, None], use_cache=False
        ).last_hidden_state
        scores = self.head(hidden[0, -1])[self.labels] / self.temperature
        yes: torch.Tensor = scores.softmax(0)[self.yes]
        return yes

    def _seen(self, cells: torch.Tensor) -> torch.Tensor:
        """The vision tower over one row of cells, all of which see each other."""
        hidden = self.tower.patch_embed(cells)
        column = torch.arange(cells.shape[0])
        turns = self.tower.rotary_pos_emb(hidden, torch.stack([torch.zeros_like(column), column], dim=1))
        for block in self.tower.blocks:
            hidden = hidden + self._attended(block.attn, block.norm1(hidden), turns)
            hidden = hidden + block.mlp(block.norm2(hidden))
        merged: torch.Tensor = self.tower.merger(hidden)
        return merged

    def _attended(self, attention: Any, hidden: torch.Tensor, turns: Any) -> torch.Tensor:
        count = hidden.shape[0]
        query, key, value = attention.qkv(hidden).reshape(count, 3, attention.num_heads, -1).unbind(1)
        query, key = apply_rotary_pos_emb_vision(query, key, *turns)
        query, key, value = (part.transpose(0, 1)[None] for part in (query, key, value))
        found = nn.functional.scaled_dot_product_attention(query, key, value)[0].transpose(0, 1).reshape(count, -1)
        out: torch.Tensor = attention.proj(found)
        return out

    def _places(self, cells: int) -> torch.Tensor:
        """Qwen2.5-VL's places in time, height and width, shape (3, tokens): text counts in all, a row in width."""
        start, column = len(BEFORE), torch.arange(cells)
        image = torch.stack([torch.zeros_like(column), torch.zeros_like(column), column]) + start
        after = (torch.arange(len(AFTER)) + start + cells).expand(3, -1)
        return torch.cat([torch.arange(start).expand(3, -1), image, after], dim=1)


def export(folder: Path) -> list[str]:
    """Names of the files written into the checkpoint's folder."""
    kind: Any = Qwen2_5_VLForConditionalGeneration
    model = kind.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    decision = json.loads((folder / "decision.json").read_text("utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    cells = torch.rand(9, 3 * model.config.vision_config.patch_size**2)
    graph = Graph(_Verifier(model, tokenizer, decision), {"cells": cells}, {"cells": {0: Dim("cells")}}, ("yes",))
    names = (
        "model.safetensors",
        "processor_config.json",
        "config.json",
        "decision.json",
        "decision_template.jinja",
        "tokenizer.json",
    )
    save(graph, folder / "verifier.onnx", [folder / name for name in names], {})
    return ["verifier.onnx"]
