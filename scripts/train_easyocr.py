"""Train the compact EasyOCR recogniser: EasyOCR's own CTC network, on synthetic lines only.

    python -m scripts.training.shards --out /tmp/training/lines &
    python -m scripts.train_easyocr --lines /tmp/training/lines --sroie DIR --hours 2
    python -m scripts.train_easyocr --export DIR

Run again with the same `--run` it goes on from the checkpoint. The export is what `easyocr.Reader` takes as a custom
`recog_network`: NAME.yaml, NAME.py, NAME.pth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml  # type: ignore[import-untyped]
from easyocr.model.vgg_model import Model
from torch import nn

from scripts.training.charset import CHARACTERS, CLASSES, decode_batch
from scripts.training.evaluation import LabelledLines, Pixels, every_nth, held_out_lines, measure, sroie_crops
from scripts.training.loader import Batch, LoaderSettings, ShardLoader, to_tensor
from scripts.training.losses import ctc_loss, frame_loss
from scripts.training.run import Progress, RunFolder, learning_rate, mixed_precision, run_script, set_learning_rate
from scripts.training.shards import HEIGHT

STRIDE, OFFSET = 4.0, 4.0  # pixels between frames of the network and place of the first one
LANGUAGES = ("sv", "en", "de", "fr", "es", "it", "pt")
NETWORK: dict[str, int] = {"input_channel": 1, "output_channel": 128, "hidden_size": 128}
LOADER = LoaderSettings()
NETWORK_MODULE = '''"""EasyOCR's own network; its sizes are in the YAML file."""

from easyocr.model.vgg_model import Model

__all__ = ["Model"]
'''


@dataclass(frozen=True)
class Settings:
    """One run; `hours` is training time and sets the learning-rate cycle."""

    lines: Path
    run: Path
    sroie: Path | None
    hours: float
    peak_rate: float = 1.5e-3
    evaluate_minutes: float = 8.0


class FrameHead(nn.Module):
    """A throw-away classifier of what stands at each frame: the renderer knows, and CTC converges sooner for it."""

    def __init__(self, width: int):
        super().__init__()
        self.linear = nn.Linear(width, CLASSES)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(N, T, width) to (N, T, classes)."""
        out: torch.Tensor = self.linear(features)
        return out


def features_of(model: Any, pixels: torch.Tensor) -> torch.Tensor:
    """(N, T, channels): the network up to its recurrent layers, as in `Model.forward`."""
    visual = model.FeatureExtraction(pixels)
    pooled: torch.Tensor = model.AdaptiveAvgPool(visual.permute(0, 3, 1, 2)).squeeze(3)
    return pooled


def train_step(model: Any, head: FrameHead, batch: Batch, device: torch.device, share: float) -> torch.Tensor:
    """The loss of one batch; the frame loss fades out over the run's first half."""
    weight = max(0.0, 1.0 - 2.0 * share)
    with mixed_precision(device):
        visual = features_of(model, batch.pixels.to(device))
        context = model.SequenceModeling(visual)
        logits = model.Prediction(context)
        loss = ctc_loss(logits, batch)
        if weight > 0:
            loss = loss + weight * frame_loss(head(visual), batch, STRIDE, OFFSET)
    return loss


def reader(model: Any, device: torch.device) -> Any:
    """A function from pictures of height 32 to texts (greedy)."""

    @torch.no_grad()
    def read(images: Sequence[Pixels]) -> list[str]:
        model.eval()
        logits = model(to_tensor(images, LOADER).to(device), "")
        model.train()
        return decode_batch(logits.argmax(2).tolist())

    return read


def evaluate(model: Any, device: torch.device, sets: dict[str, LabelledLines]) -> dict[str, float]:
    """Figures of every set."""
    figures: dict[str, float] = {}
    for name, lines in sets.items():
        figures |= measure(reader(model, device), lines, name)
    return figures


def evaluation_sets(lines: Path, sroie: Path | None, full: bool = False) -> dict[str, LabelledLines]:
    """Held-out synthetic lines and SROIE crops: of the fit split while training, of the test split at the end."""
    sets = {"held_out": held_out_lines(lines / "held_out.npz", None if full else 200)}
    if sroie:
        sets["sroie_fit"] = every_nth(sroie_crops(sroie, "fit"), 250)
        if full:
            sets["sroie_test"] = sroie_crops(sroie, "test")
    return sets


def train(settings: Settings) -> None:
    """Run until the hours are spent."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(0)
    folder, progress = RunFolder(settings.run), Progress(settings.hours * 3600)
    model: Any = Model(num_class=CLASSES, **NETWORK).to(device)
    head = FrameHead(NETWORK["output_channel"]).to(device)
    model = model.to(memory_format=torch.channels_last)  # a quarter faster on a CPU
    optimiser = torch.optim.AdamW(
        [*model.parameters(), *head.parameters()], lr=settings.peak_rate, weight_decay=0.01, fused=True
    )
    used: dict[str, int] = {}
    if state := folder.load():
        model.load_state_dict(state["model"])
        head.load_state_dict(state["head"])
        optimiser.load_state_dict(state["optimiser"])
        progress.seconds, progress.steps, progress.lines = state["seconds"], state["steps"], state["lines"]
        used = state["used"]
    loader = ShardLoader(settings.lines, LOADER, used, seed=progress.steps)
    sets, due, running = evaluation_sets(settings.lines, settings.sroie), progress.seconds + 240, 0.0

    def note() -> None:
        folder.save({"model": model.state_dict(), "head": head.state_dict(), "optimiser": optimiser.state_dict(),
                     "seconds": progress.seconds, "steps": progress.steps, "lines": progress.lines,
                     "used": dict(loader.used)})  # fmt: skip
        folder.log(seconds=progress.seconds, steps=progress.steps, lines=progress.lines, loss=running,
                   rate=optimiser.param_groups[0]["lr"], **evaluate(model, device, sets))  # fmt: skip

    progress.rest()
    for batch in loader:
        set_learning_rate(optimiser, learning_rate(progress.share, settings.peak_rate))
        loss = train_step(model, head, batch, device, progress.share)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_([*model.parameters(), *head.parameters()], 3.0)
        optimiser.step()
        progress.tick(len(batch.texts))
        value = float(loss.detach())
        running = 0.98 * running + 0.02 * value if running else value
        if progress.seconds >= due or progress.share >= 1.0:
            note()
            progress.rest()
            due = progress.seconds + settings.evaluate_minutes * 60
        if progress.share >= 1.0:
            break
    sets = evaluation_sets(settings.lines, settings.sroie, full=True)
    note()


def export(run: Path, target: Path, name: str = "compact") -> None:
    """Write NAME.yaml, NAME.py and NAME.pth (half precision) for `easyocr.Reader(recog_network=NAME)`."""
    state = RunFolder(run).trained()
    target.mkdir(parents=True, exist_ok=True)
    halves = {f"module.{key}": value.half() if value.is_floating_point() else value
              for key, value in state["model"].items()}  # fmt: skip
    torch.save(halves, target / f"{name}.pth")
    config = {"network_params": NETWORK, "imgH": HEIGHT, "lang_list": list(LANGUAGES), "character_list": CHARACTERS}
    (target / f"{name}.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    (target / f"{name}.py").write_text(NETWORK_MODULE, "utf-8")


def main() -> None:
    """Train, or export what was trained."""
    run_script(__doc__, "easyocr", lambda *given: train(Settings(*given)), export)


if __name__ == "__main__":
    main()
