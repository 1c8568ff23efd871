"""Any chat model that sees, or a decision checkpoint, through transformers' DecisionPipeline."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_ensemble.engines.device import Device, choose_device
from ocr_ensemble.engines.hub_models import quietly
from ocr_ensemble.errors import EngineUnavailableError
from verifier.decisions import Answer, Decision
from verifier.errors import VerifierUnavailableError
from verifier.systemone_format import answers_of, request_of

BATCH = 16  # prompts of one forward pass

Prompt = tuple[dict[str, Any], list[Any]]  # inputs of one prompt and the questions it asks


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """``min_pixels`` and ``max_pixels`` of one picture as the model sees it, None for the checkpoint's own;
    ``four_bit`` asks for bitsandbytes, which counts only where CUDA has it."""

    threads: int = 2
    device: str = "auto"
    four_bit: bool = False
    min_pixels: int | None = None
    max_pixels: int | None = None


class PipelineVerifier:
    """A runtime of ``LocalBackend``."""

    def __init__(self, folder: Path, settings: LocalSettings) -> None:
        """Raises VerifierUnavailableError when the libraries, the device or the checkpoint are not there."""
        for package in ("torch", "transformers"):
            if importlib.util.find_spec(package) is None:
                raise VerifierUnavailableError(f"{package} is not installed; install it with: pip install {package}")
        try:
            self._device = choose_device("verifier", settings.device, settings.threads)
        except EngineUnavailableError as error:
            raise VerifierUnavailableError(str(error)) from error
        with quietly():
            self.pipeline = _pipeline(folder, settings, self._device)

    def answers(self, decisions: Sequence[Decision]) -> list[Answer]:
        with self._device.computing():
            prompts = self.pipeline.preprocess(request_of(decisions, lambda picture: picture))["prompts"]
            scores = _scores(self.pipeline, self._device, prompts)
            return answers_of(decisions, self.pipeline.postprocess({"prompts": prompts, "scores": scores}))


def _pipeline(folder: Path, settings: LocalSettings, device: Device) -> Any:
    """The library's own DecisionPipeline over the checkpoint."""
    library: Any = importlib.import_module("transformers")

    model_kwargs: dict[str, Any] = {}
    place: dict[str, Any] = {"device": device.name}
    if settings.four_bit and device.is_gpu and importlib.util.find_spec("bitsandbytes") is not None:
        model_kwargs["quantization_config"] = library.BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=device.dtype
        )
        place = {"device_map": device.name}
    processor = library.AutoProcessor.from_pretrained(folder, local_files_only=True)
    _limit_pixels(processor.image_processor, settings)
    return library.pipeline(
        "decision",
        model=str(folder),
        processor=processor,
        tokenizer=processor.tokenizer,
        dtype=device.dtype,
        model_kwargs=model_kwargs,
        **place,
    )


def _limit_pixels(image_processor: Any, settings: LocalSettings) -> None:
    size = dict(image_processor.size)
    for key, limit in (("shortest_edge", settings.min_pixels), ("longest_edge", settings.max_pixels)):
        if limit is not None:
            size[key] = limit  # the Qwen-VL processors count pixels of the whole picture under these names
    image_processor.size = size


def _scores(pipeline: Any, device: Device, prompts: Sequence[Prompt]) -> list[list[Any]]:
    """The scores that the pipeline's own forward gives, many prompts in one pass."""
    from transformers.decision.modeling_utils import DecisionMixin

    if isinstance(pipeline.model, DecisionMixin):  # its head reads marks, one prompt at a time
        scores: list[list[Any]] = pipeline.forward({"prompts": prompts})["scores"]
        return scores
    ordered = sorted(range(len(prompts)), key=lambda index: prompts[index][0]["input_ids"].shape[-1])
    found: dict[int, list[Any]] = {}
    for start in range(0, len(ordered), BATCH):
        members = ordered[start : start + BATCH]
        found |= dict(zip(members, _forward(pipeline, device, [prompts[i] for i in members]), strict=True))
    return [found[index] for index in range(len(prompts))]


def _forward(pipeline: Any, device: Device, prompts: Sequence[Prompt]) -> list[list[Any]]:
    """One pass. Shorter prompts are filled up on the right, where nothing that is read can see it."""
    import torch
    from transformers.decision.modeling_utils import process_scores

    batch = _joined([inputs for inputs, _ in prompts], pipeline.tokenizer.pad_token_id or 0)
    if "pixel_values" in batch:
        batch["pixel_values"] = batch["pixel_values"].to(pipeline.model.dtype)
    places = sorted({int(mark) - 1 for inputs, _ in prompts for mark in inputs["marks"]})
    batch = {name: value.to(device.name) for name, value in batch.items()}
    keep = torch.tensor(places, device=device.name)
    logits = pipeline.model(**batch, use_cache=False, logits_to_keep=keep).logits.float().cpu()
    found = []
    for row, (inputs, questions) in enumerate(prompts):
        at = [places.index(int(mark) - 1) for mark in inputs["marks"]]
        labels = [logits[row, at[i], pipeline.label_token_ids(tuple(q.labels))] for i, q in enumerate(questions)]
        found.append(process_scores(pipeline.decision_config, inputs["input_ids"], inputs["marks"], questions, labels))
    return found


def _joined(prompts: Sequence[dict[str, Any]], filler: int) -> dict[str, Any]:
    """Tensors of tokens, one row per prompt, get the longest one's length; those of pictures go end to end."""
    import torch
    from torch.nn.functional import pad

    lengths = [inputs["input_ids"].shape[-1] for inputs in prompts]
    longest = max(lengths)
    batch = {}
    for name in (name for name in prompts[0] if name != "marks"):
        values = [inputs[name] for inputs in prompts]
        if values[0].shape == prompts[0]["input_ids"].shape:
            fill = filler if name == "input_ids" else 0
            values = [pad(value, (0, longest - value.shape[-1]), value=fill) for value in values]
        batch[name] = torch.cat(values)
    batch["attention_mask"] = torch.tensor([[1] * length + [0] * (longest - length) for length in lengths])
    return batch
