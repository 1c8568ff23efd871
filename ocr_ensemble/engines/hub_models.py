"""Encoder-decoder checkpoints in hub format, computed by torch through transformers: public ones and one's own."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ocr_ensemble.engines.device import Device
from ocr_ensemble.engines.encoder_decoder import Pixels, Tokens
from ocr_ensemble.errors import EngineUnavailableError, WeightsIncompleteError
from ocr_ensemble.weights import manifest as manifests

if TYPE_CHECKING:
    import torch

# Layers that the public checkpoints leave out because reading does not use them.
UNUSED = (".pooler.",)
WEIGHTS_FILES = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
BATCH, GPU_BATCH = 16, 64


def require(engine: str, *packages: str) -> None:
    """Raises EngineUnavailableError for the first package that is not installed."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise EngineUnavailableError(engine, f"{package} is not installed; install it with: pip install {package}")


def version_of(package: str, folder: Path, *names: str) -> str:
    """Library version, checkpoint's folder, first 8 digits of its weights' SHA-256: what calibration hangs on."""
    weights = next((folder / name for name in names or WEIGHTS_FILES if (folder / name).is_file()), None)
    digest = manifests.remembered_sha256(weights)[:8] if weights else "unknown"
    return f"{importlib.metadata.version(package)}+{folder.name}+{digest}"


def load(engine: str, folder: Path, processor_class: str, device: Device) -> tuple[Any, Any]:
    """The VisionEncoderDecoderModel in ``folder``, ready to read, and its processor.

    Raises WeightsIncompleteError when files or tensors are missing or do not fit each other.
    """
    library: Any = importlib.import_module("transformers")
    try:
        with quietly():
            processor = getattr(library, processor_class).from_pretrained(folder, local_files_only=True)
            model, report = library.VisionEncoderDecoderModel.from_pretrained(
                folder, local_files_only=True, dtype=device.dtype, output_loading_info=True
            )
    except Exception as error:  # the library raises whatever its parsers raise
        reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise WeightsIncompleteError(
            engine, f"{engine} cannot be loaded from {folder} ({reason}); put the whole checkpoint there"
        ) from error
    # The library would fill a gap with random numbers and go on.
    gaps = [name for name in (*report["missing_keys"], *report["mismatched_keys"]) if not _unused(str(name))]
    if gaps:
        raise WeightsIncompleteError(
            engine, f"{folder} lacks {len(gaps)} of the model's tensors ({gaps[0]}); put the whole checkpoint there"
        )
    model = model.to(device.name).eval()
    if device.compiles:
        model.encoder.compile(dynamic=True)
    return model, processor


def _unused(name: str) -> bool:
    return any(part in name for part in UNUSED)


@contextmanager
def quietly() -> Iterator[None]:
    """Without the library's progress bars and remarks, which are for people who train."""
    logging: Any = importlib.import_module("transformers.utils.logging")
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


class _Probabilities:
    """A logits processor that changes nothing and notes the probability of what greedy search is about to choose."""

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        del input_ids
        self.steps.append(scores.float().log_softmax(-1).amax(-1).exp())
        return scores


@dataclass(frozen=True, slots=True)
class Greedy:
    """Greedy search. ``start``: the decoder's first token, or the task prompt; ``limit``: most tokens it generates."""

    start: int
    end: int
    padding: int
    limit: int
    forbidden: tuple[int, ...] = ()

    def read(self, model: Any, count: int, **encoder: Any) -> list[Tokens]:
        """Tokens of ``count`` pictures, given as ``pixel_values`` or ``encoder_outputs``."""
        import torch

        library: Any = importlib.import_module("transformers")
        config = library.GenerationConfig(
            max_new_tokens=self.limit, num_beams=1, do_sample=False, use_cache=True, pad_token_id=self.padding,
            eos_token_id=self.end, decoder_start_token_id=self.start, return_dict_in_generate=False,
            bad_words_ids=[[token] for token in self.forbidden] or None,
        )  # fmt: skip
        noted = _Probabilities()
        prompt = torch.full((count, 1), self.start, dtype=torch.long, device=model.device)
        with quietly():
            sequences = model.generate(
                **encoder, decoder_input_ids=prompt, generation_config=config, logits_processor=[noted]
            )
        chosen = sequences[:, -len(noted.steps) :].tolist()
        probabilities = torch.stack(noted.steps, dim=1).clamp(0.0, 1.0).tolist()
        return [Tokens.until(self.end, *row) for row in zip(chosen, probabilities, strict=True)]


class HubModel:
    """EncoderDecoder: a VisionEncoderDecoderModel that writes token by token, with its processor."""

    def __init__(self, model: Any, processor: Any, device: Device, search: Greedy, version: str) -> None:
        self.version = version
        self.at_once = GPU_BATCH if device.is_gpu else BATCH
        self.processor = processor
        self.search = search
        self.model = model
        self.device = device
        self.runs_on = device.name

    def read(self, pictures: Sequence[Pixels]) -> list[Tokens]:
        with self.device.computing():
            return self.search.read(self.model, len(pictures), pixel_values=self.pixels(pictures))

    def decode(self, ids: Sequence[int], special: bool = False) -> str:
        return str(
            self.processor.tokenizer.decode(
                list(ids), skip_special_tokens=not special, clean_up_tokenization_spaces=False
            )
        )

    def pixels(self, pictures: Sequence[Pixels], resizes: bool = True) -> torch.Tensor:
        """Prepared by the checkpoint's processor; shape (N, C, H, W)."""
        # torch does not take arrays that cannot be written to.
        writable = [np.require(picture, requirements=["C", "W"]) for picture in pictures]
        options = {} if resizes else {"do_resize": False}
        inputs = self.processor(images=writable, return_tensors="pt", input_data_format="channels_last", **options)
        pixels: torch.Tensor = inputs["pixel_values"].to(self.device.name, self.device.dtype)
        return pixels


def greedy_search(model: Any, tokenizer: Any, start: int | None, limit: int, forbidden: tuple[int, ...] = ()) -> Greedy:
    """With the checkpoint's own special tokens; ``limit`` is lowered to what its decoder has places for."""
    own = model.generation_config
    if start is None:
        candidates = (own.decoder_start_token_id, configured_start(model), tokenizer.cls_token_id)
        start = next((token for token in candidates if token is not None), tokenizer.bos_token_id)
    places = getattr(model.config.decoder, "max_position_embeddings", limit)
    limit = max(1, min(limit, own.max_new_tokens or limit, places - 2))
    return Greedy(start, tokenizer.eos_token_id, tokenizer.pad_token_id, limit, forbidden)


def configured_start(model: Any) -> int | None:
    """The decoder's first token as config.json names it; older files name it for the decoder only."""
    for config in (model.config, model.config.decoder):
        token = getattr(config, "decoder_start_token_id", None)
        if token is not None:
            return int(token)
    return None
