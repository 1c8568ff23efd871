"""Train the compact TrOCR: a ViT encoder and TrOCR decoder of a few million parameters, on synthetic lines only.

    python -m scripts.training.shards --out /tmp/training/lines &
    python -m scripts.train_trocr --lines /tmp/training/lines --sroie DIR --hours 2
    python -m scripts.train_trocr --export DIR

Run again with the same `--run` it goes on from the checkpoint. The encoder sees a line as 4-pixel-wide columns and is
led by CTC and by the known place of each character; the decoder joins later. The export loads with
`VisionEncoderDecoderModel.from_pretrained` and `TrOCRProcessor.from_pretrained`; pictures narrower than the model's
aspect ratio are to be filled up on the right first (`scripts.training.loader.pad_right`, "border").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from scripts.training.charset import decode_batch
from scripts.training.evaluation import LabelledLines, Pixels, every_nth, held_out_lines, measure, sroie_crops
from scripts.training.loader import Batch, ShardLoader, to_tensor
from scripts.training.losses import attention_loss, ctc_loss, frame_loss
from scripts.training.run import (
    Progress,
    RunFolder,
    learning_rate,
    mixed_precision,
    run_script,
    set_learning_rate,
    spend,
)
from scripts.training.trocr_model import (
    LOADER,
    OFFSET,
    STRIDE,
    Heads,
    build_model,
    column_places,
    decode_ids,
    encode_columns,
    save_hub_format,
    token_batch,
)

LOOKING = 0.3  # weight of where the decoder looks


@dataclass(frozen=True)
class Settings:
    """One run; `hours` is training time. The decoder joins after `decoder_from` of the run (0..1)."""

    lines: Path
    run: Path
    sroie: Path | None
    hours: float
    peak_rate: float = 1.0e-3
    decoder_from: float = 0.27
    evaluate_minutes: float = 8.0


def decoder_loss(model: Any, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Cross-entropy of the next character and of where to look for it; some characters it sees are wrong, so that it
    does look."""
    inputs, labels = token_batch(batch.texts)
    inputs, labels = inputs.to(hidden.device), labels.to(hidden.device)
    wrong = (torch.rand(inputs.shape, device=hidden.device) < 0.08) & (inputs > 3)
    inputs = torch.where(wrong, torch.randint_like(inputs, 4, model.config.decoder.vocab_size), inputs)
    out = model.decoder(input_ids=inputs, encoder_hidden_states=hidden, use_cache=False, output_attentions=True)
    places = column_places(batch.edges, labels.shape[1]).to(hidden.device)
    looks = [attention_loss(weights, places, (-1, 0, 1)) for weights in out.cross_attentions]
    loss = functional.cross_entropy(out.logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100)
    return loss + LOOKING * torch.stack(looks).mean()


def train_step(model: Any, heads: Heads, batch: Batch, share: float, decoder_from: float) -> torch.Tensor:
    """The loss of one batch: CTC and frames first, with the decoder's from its start on."""
    device = heads.ctc.weight.device
    weight = max(0.0, 1.0 - share / decoder_from) if decoder_from > 0 else 0.0
    with mixed_precision(device):
        hidden, middle = encode_columns(model, batch.pixels.to(device))
        loss = ctc_loss(heads.ctc(hidden[:, 1:]), batch)
        if weight > 0:
            loss = loss + weight * frame_loss(heads.frames(middle[:, 1:]), batch, STRIDE, OFFSET)
        if share >= decoder_from:
            loss = loss + decoder_loss(model, hidden, batch)
    return loss


def ctc_reader(model: Any, heads: Heads) -> Any:
    """A function from pictures to texts that uses the encoder alone."""

    @torch.no_grad()
    def read(images: Sequence[Pixels]) -> list[str]:
        pixels = to_tensor(images, LOADER, LOADER.widest).to(heads.ctc.weight.device)
        hidden, _ = encode_columns(model, pixels)
        return decode_batch(heads.ctc(hidden[:, 1:]).argmax(2).tolist())

    return read


def decoder_reader(model: Any) -> Any:
    """A function from pictures to texts: greedy `generate`, as any TrOCR is used."""

    @torch.no_grad()
    def read(images: Sequence[Pixels]) -> list[str]:
        pixels = to_tensor(images, LOADER, LOADER.widest).to(model.device)
        return decode_ids(model.generate(pixels.expand(-1, 3, -1, -1), num_beams=1, do_sample=False))

    return read


def evaluate(model: Any, heads: Heads, sets: dict[str, LabelledLines], with_decoder: bool) -> dict[str, float]:
    """Figures of every set; those of the encoder alone carry "ctc" in their name."""
    model.eval()
    figures: dict[str, float] = {}
    for name, lines in sets.items():
        figures |= measure(ctc_reader(model, heads), lines, f"{name}_ctc")
        if with_decoder:
            figures |= measure(decoder_reader(model), lines, name)
    model.train()
    return figures


def evaluation_sets(lines: Path, sroie: Path | None, full: bool = False) -> dict[str, LabelledLines]:
    """Held-out synthetic lines and SROIE crops: of the fit split while training, of the test split at the end."""
    sets = {"held_out": held_out_lines(lines / "held_out.npz", None if full else 200)}
    if sroie:
        sets["sroie_fit"] = every_nth(sroie_crops(sroie, "fit"), 250)
        if full:
            sets["sroie_test"] = sroie_crops(sroie, "test")
    return sets


class Trainer:
    """The parts of a run, restored from its checkpoint where there is one."""

    def __init__(self, settings: Settings):
        self.settings, self.folder = settings, RunFolder(settings.run)
        self.progress = Progress(settings.hours * 3600)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model, self.heads = build_model().to(device), Heads().to(device)
        self.optimiser = torch.optim.AdamW(
            self._groups(), lr=settings.peak_rate, weight_decay=0.02, betas=(0.9, 0.98), fused=True
        )
        state, used = self.folder.load(), {}
        if state is not None:
            self.model.load_state_dict(state["model"])
            self.heads.load_state_dict(state["heads"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.progress.seconds, self.progress.steps = state["seconds"], state["steps"]
            self.progress.lines, used = state["lines"], state["used"]
        self.loader = ShardLoader(settings.lines, LOADER, used, seed=self.progress.steps)
        self.loss = 0.0

    def _groups(self) -> list[dict[str, Any]]:
        encoder = [*self.model.encoder.parameters(), *self.heads.parameters()]
        return [{"params": encoder}, {"params": list(self.model.decoder.parameters())}]

    def step(self, batch: Batch) -> None:
        """One batch."""
        share, settings = self.progress.share, self.settings
        set_learning_rate(self.optimiser, learning_rate(share, settings.peak_rate))
        loss = train_step(self.model, self.heads, batch, share, settings.decoder_from)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        for group in self.optimiser.param_groups:
            nn.utils.clip_grad_norm_(group["params"], 1.0)
        self.optimiser.step()
        self.progress.tick(len(batch.texts))
        value = float(loss.detach())
        self.loss = 0.98 * self.loss + 0.02 * value if self.loss else value

    def note(self, full: bool = False) -> None:
        """Checkpoint and one more point of the curve."""
        progress = self.progress
        self.folder.save({
            "model": self.model.state_dict(), "heads": self.heads.state_dict(),
            "optimiser": self.optimiser.state_dict(), "seconds": progress.seconds, "steps": progress.steps,
            "lines": progress.lines, "used": dict(self.loader.used),
        })  # fmt: skip
        sets = evaluation_sets(self.settings.lines, self.settings.sroie, full)
        figures = evaluate(self.model, self.heads, sets, progress.share > self.settings.decoder_from)
        rate = self.optimiser.param_groups[0]["lr"]
        self.folder.log(seconds=progress.seconds, steps=progress.steps, lines=progress.lines, loss=self.loss,
                        rate=rate, **figures)  # fmt: skip
        progress.rest()


def train(settings: Settings) -> None:
    """Run until the hours are spent."""
    torch.manual_seed(0)
    trainer = Trainer(settings)
    trainer.model.train()
    pauses = (240.0, settings.evaluate_minutes * 60.0)
    spend(trainer.progress, trainer.loader, trainer.step, trainer.note, pauses)
    trainer.note(full=True)


def export(run: Path, target: Path) -> None:
    """Write the trained model and its processor in hub format."""
    state = RunFolder(run).trained()
    model, heads = build_model(), Heads()
    model.load_state_dict(state["model"])
    heads.load_state_dict(state["heads"])
    save_hub_format(model, heads, target)


def main() -> None:
    """Train, or export what was trained."""
    run_script(__doc__, "trocr", lambda *given: train(Settings(*given)), export)


if __name__ == "__main__":
    main()
