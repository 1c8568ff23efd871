"""Donut on its two runtimes: torch through transformers for any checkpoint, ONNX Runtime for one that was exported."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines import deadline
from ocr_ensemble.engines.device import Device
from ocr_ensemble.engines.encoder_decoder import EncoderDecoder, Pixels, Tokens
from ocr_ensemble.engines.hub_models import BATCH, HubModel, configured_start, greedy_search, load, version_of
from ocr_ensemble.engines.normalisation import Normalisation
from ocr_ensemble.errors import WeightsIncompleteError
from ocr_ensemble.exported import ExportedGraph

NAME = "donut"
ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
NOTES = "generation"  # in the encoder's metadata: special tokens, limit and the shape of the cache, as JSON
MAX_TOKENS = 768  # of one page
SEPARATOR = "<sep/>"
TAG = re.compile(r"<(/?)s_(.*)>", re.DOTALL)
# Tasks that public checkpoints were pretrained on; a checkpoint's own task is another.
PRETRAINING = frozenset({"<s_iitcdip>", "<s_synthdog>"})


class DonutModel(EncoderDecoder, Protocol):
    """``task``: the prompt that asks for fields; ``added``: the tokens that the tokenizer has beside its vocabulary;
    ``grey``: the encoder sees one channel only."""

    task: str
    added: Mapping[str, int]
    grey: bool


class ExportedDonut:
    """DonutModel: two graphs, and greedy search over the second with its cache of keys and values."""

    at_once = BATCH
    runs_on = "cpu"
    grey = False

    def __init__(self, folder: Path, threads: int) -> None:
        from tokenizers import Tokenizer

        self.version = version_of("onnxruntime", folder)
        self._encoder, self._decoder = (ExportedGraph.load(NAME, folder / name, threads) for name in (ENCODER, DECODER))
        self._notes = json.loads(self._encoder.notes[NOTES])
        self._normalisation = Normalisation.load(NAME, folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.added: Mapping[str, int] = {
            token.content: number for number, token in self._tokenizer.get_added_tokens_decoder().items()
        }
        self.task = str(self._tokenizer.id_to_token(self._notes["start"]))

    def read(self, pictures: Sequence[Pixels]) -> list[Tokens]:
        seen_keys, seen_values = self._encoder.run(pixels=self._normalisation.of(pictures))
        layers, heads, width = self._notes["cache"]
        keys = values = np.zeros((layers, len(pictures), heads, 0, width), np.float32)
        token = np.full(len(pictures), self._notes["start"], np.int64)
        ended = np.zeros(len(pictures), bool)
        tokens: list[NDArray[np.int64]] = []
        chances: list[NDArray[np.float32]] = []
        while len(tokens) < self._notes["limit"] and not ended.all():
            deadline.check()
            token, chance, keys, values = self._decoder.run(
                token=token[:, None], keys=keys, values=values, seen_keys=seen_keys, seen_values=seen_values
            )
            token = np.where(ended, self._notes["padding"], token)
            ended |= token == self._notes["end"]
            tokens.append(token)
            chances.append(np.clip(chance, 0.0, 1.0))
        rows = zip(np.stack(tokens, axis=1).tolist(), np.stack(chances, axis=1).tolist(), strict=True)
        return [Tokens.until(self._notes["end"], ids, probabilities) for ids, probabilities in rows]

    def decode(self, ids: Sequence[int], special: bool = False) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=not special))


class TorchDonut:
    """DonutModel."""

    def __init__(self, hub: HubModel) -> None:
        self.version, self.at_once, self.read, self.decode = hub.version, hub.at_once, hub.read, hub.decode
        self.hub = hub
        self.runs_on = hub.runs_on
        self.added: Mapping[str, int] = hub.processor.tokenizer.get_added_vocab()
        self.task = str(hub.processor.tokenizer.convert_ids_to_tokens(hub.search.start))
        self.grey = bool(hub.model.config.encoder.num_channels == 1)


def on_torch(folder: Path, device: Device) -> TorchDonut:
    """Raises WeightsIncompleteError when files are missing or the checkpoint's task is unclear."""
    model, processor = load(NAME, folder, "DonutProcessor", device)
    tokenizer = processor.tokenizer
    forbidden = () if tokenizer.unk_token_id is None else (tokenizer.unk_token_id,)
    prompt = _prompt(model, tags_of(tokenizer.get_added_vocab()))
    search = greedy_search(model, tokenizer, prompt, MAX_TOKENS, forbidden)
    return TorchDonut(HubModel(model, processor, device, search, version_of("transformers", folder)))


def tags_of(added: Mapping[str, int]) -> dict[int, str]:
    """The structural ones of the added tokens, by number."""
    return {number: text for text, number in added.items() if text == SEPARATOR or TAG.fullmatch(text)}


def _prompt(model: Any, tags: Mapping[int, str]) -> int:
    """The task's token: what the configuration starts with, else the one opening tag that nothing closes.

    Raises WeightsIncompleteError when there is no such tag, or several.
    """
    for start in (model.generation_config.decoder_start_token_id, configured_start(model)):
        if start is not None and start in tags and tags[start] not in PRETRAINING:
            return int(start)
    closed = {tag.replace("</", "<", 1) for tag in tags.values() if tag.startswith("</")}
    tasks = [
        number for number, tag in tags.items() if tag.startswith("<s_") and tag not in closed and tag not in PRETRAINING
    ]
    if len(tasks) != 1:
        found = ", ".join(sorted(tags[number] for number in tasks)) or "none"
        raise WeightsIncompleteError(
            NAME, f"the checkpoint's task is unclear ({found}); name its token as decoder_start_token_id in config.json"
        )
    return tasks[0]
