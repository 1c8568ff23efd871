"""TrOCR on its two runtimes: torch through transformers for any checkpoint, ONNX Runtime for one that was exported."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.engines.device import Device
from ocr_ensemble.engines.encoder_decoder import Pixels, Tokens
from ocr_ensemble.engines.hub_models import BATCH, HubModel, greedy_search, load, version_of
from ocr_ensemble.engines.normalisation import Normalisation
from ocr_ensemble.engines.trocr_ctc import Alphabet, read_jointly
from ocr_ensemble.errors import WeightsIncompleteError
from ocr_ensemble.exported import ExportedGraph

if TYPE_CHECKING:
    import torch

NAME = "trocr"
ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
HEAD = "ctc_head.safetensors"
FIRST_TOKEN = "first_token"  # noqa: S105  in the head's metadata: the token of class 1; class 0 is blank
MAX_TOKENS = 128  # of one line; a decoder that repeats itself is stopped here


class ExportedTrOCR:
    """EncoderDecoder: a checkpoint with a CTC head as two graphs."""

    at_once = BATCH
    runs_on = "cpu"

    def __init__(self, folder: Path, threads: int) -> None:
        from tokenizers import Tokenizer

        self.version = version_of("onnxruntime", folder)
        self._encoder, self._decoder = (ExportedGraph.load(NAME, folder / name, threads) for name in (ENCODER, DECODER))
        notes = self._encoder.notes
        self._alphabet = Alphabet(*(int(notes[name]) for name in (FIRST_TOKEN, "start", "end", "padding")))
        self._normalisation = Normalisation.load(NAME, folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def read(self, pictures: Sequence[Pixels]) -> list[Tokens]:
        hidden, columns = self._encoder.run(pixels=self._normalisation.of(pictures))

        def judge(given: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[Any]:
            return self._decoder.run(hidden=hidden, given=given, wanted=wanted)[0]

        return read_jointly(self._alphabet, columns, judge)

    def decode(self, ids: Sequence[int], special: bool = False) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=not special))


@dataclass(frozen=True, slots=True, eq=False)
class CTCHead:
    """``weight`` (classes, width) and ``bias`` (classes,): a linear reader of the encoder's columns."""

    weight: torch.Tensor
    bias: torch.Tensor
    first_token: int

    @classmethod
    def load(cls, folder: Path, model: Any) -> CTCHead | None:
        """The head beside a checkpoint; None where there is none."""
        path = folder / HEAD
        if not path.is_file():
            return None
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name).to(model.device, model.dtype) for name in ("weight", "bias")}
            first = int((file.metadata() or {}).get(FIRST_TOKEN, 4))
        return cls(tensors["weight"], tensors["bias"], first)

    def columns(self, hidden: torch.Tensor) -> torch.Tensor:
        """Probabilities, (N, columns, classes), of the encoder's output (N, 1 + columns, width)."""
        import torch

        return torch.nn.functional.linear(hidden[:, 1:], self.weight, self.bias).float().softmax(2)


class TorchTrOCR:
    """EncoderDecoder. ``widths`` of pictures that are prepared already, the last one the checkpoint's own; empty where
    its processor makes them all of one size. ``head``: None where the decoder writes the text."""

    def __init__(self, hub: HubModel, widths: Sequence[int], head: CTCHead | None) -> None:
        self.version, self.at_once, self.decode = hub.version, hub.at_once, hub.decode
        self.hub = hub
        self.runs_on = hub.runs_on
        self._resizes = not widths
        self._encoders = {width: narrowed(hub.model.encoder, width) for width in widths[:-1]}
        self._head = head

    def read(self, pictures: Sequence[Pixels]) -> list[Tokens]:
        hub = self.hub
        with hub.device.computing():
            pixels = hub.pixels(pictures, self._resizes)
            encoder = self._encoders.get(pixels.shape[3], hub.model.encoder)
            if self._head is None:
                return hub.search.read(hub.model, len(pictures), encoder_outputs=encoder(pixels))
            return self._read_jointly(self._head, encoder(pixels).last_hidden_state)

    def _read_jointly(self, head: CTCHead, hidden: torch.Tensor) -> list[Tokens]:
        import torch

        def judge(given: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[Any]:
            inputs, sought = (torch.from_numpy(ids).to(hidden.device) for ids in (given, wanted))
            logits = self.hub.model.decoder(input_ids=inputs, encoder_hidden_states=hidden, use_cache=False).logits
            chances = logits.float().softmax(2).gather(2, sought.unsqueeze(2)).squeeze(2)
            return np.asarray(chances.cpu().numpy())

        search = self.hub.search
        alphabet = Alphabet(head.first_token, search.start, search.end, search.padding)
        return read_jointly(alphabet, head.columns(hidden).cpu().numpy(), judge)


def narrowed(encoder: Any, width: int) -> Any:
    """The same encoder, weights shared, for pictures of ``width``: a row of columns needs only their place embeddings.

    Raises WeightsIncompleteError when the encoder does not cut its picture into one row of columns.
    """
    import torch

    config = copy.deepcopy(encoder.config)
    height, full = config.image_size
    patch = config.patch_size if isinstance(config.patch_size, list | tuple) else (config.patch_size,) * 2
    if height != patch[0] or full % patch[1] or width % patch[1]:
        raise WeightsIncompleteError(
            NAME, f"the encoder cannot take a width of {width}; remove it from line_preparation.json"
        )
    config.image_size = [height, width]
    weights = dict(encoder.state_dict())
    places = weights["embeddings.position_embeddings"]
    kept = places.shape[1] - (full - width) // patch[1]
    weights["embeddings.position_embeddings"] = places[:, :kept]
    with torch.device("meta"):
        narrow = type(encoder)(config)
    narrow.load_state_dict(weights, assign=True)
    return narrow.eval()


def on_torch(folder: Path, device: Device, widths: Sequence[int]) -> TorchTrOCR:
    """Raises EngineUnavailableError when a library is missing or the weights are not to be trusted."""
    model, processor = load(NAME, folder, "TrOCRProcessor", device)
    search = greedy_search(model, processor.tokenizer, None, MAX_TOKENS)
    hub = HubModel(model, processor, device, search, version_of("transformers", folder))
    return TorchTrOCR(hub, widths, CTCHead.load(folder, model))
