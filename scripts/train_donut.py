"""Train the compact Donut: a Swin encoder and MBart decoder that write a page's fields, on synthetic pages only.

    python -m scripts.training.donut_pages --out /tmp/training/pages --workers 2 &
    python -m scripts.train_donut --pages /tmp/training/pages --hours 6
    python -m scripts.train_donut --export DIR

Run again with the same `--run` it goes on from the checkpoint. The model is given the whole page, grey, in 960 x 704
pixels. It first learns to read all lines of a page, as Donut did, then more and more to write fields only. The curve
has the share of fields that are exactly as printed, on layouts that training never sees.

Cost: no weights are shipped yet. One busy CPU core trains on 0.2 pages a second, so half a million pages would take it
a month: this is work for a GPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scripts.training.donut_model import (
    LONGEST,
    build_model,
    build_processor,
    pixel_values,
    read_fields,
    save_hub_format,
    targets,
)
from scripts.training.donut_pages import FIELDS, TrainingPage, read_shard
from scripts.training.run import WORK, Progress, RunFolder, learning_rate, set_learning_rate

GROUPS = {
    "totals": ("total_without_vat", "total_vat", "total_with_vat", "amount_due"),
    "dates": ("issue_date", "due_date"),
    "numbers": ("invoice_number",),
    "all": FIELDS,
}


@dataclass(frozen=True)
class Settings:
    """One run; `hours` is training time. Whole pages are read until `fields_only` of the run (0..1)."""

    pages: Path
    run: Path
    hours: float
    batch: int
    peak_rate: float = 6.0e-4
    fields_only: float = 0.7
    evaluate_minutes: float = 15.0
    evaluate_pages: int = 100


def batches(folder: Path, size: int, seed: int) -> Iterator[list[TrainingPage]]:
    """Endless, shard after shard in random order; shards may still be growing in number."""
    rng = np.random.default_rng([seed, 7])
    while True:
        paths = sorted(folder.glob("[0-9]*.npz"))
        if not paths:
            raise FileNotFoundError(f"no shards in {folder}; run python -m scripts.training.donut_pages --out first")
        pages = read_shard(paths[int(rng.integers(len(paths)))])
        order = rng.permutation(len(pages))
        for start in range(0, len(order) - size + 1, size):
            yield [pages[number] for number in order[start : start + size]]


def train_step(model: Any, processor: Any, pages: Sequence[TrainingPage], reading: bool) -> torch.Tensor:
    """Cross-entropy of the next token; some tokens it sees are wrong, so that it learns to look at the page."""
    device = model.device
    inputs, labels = (each.to(device) for each in targets(processor, pages, reading))
    wrong = (torch.rand(inputs.shape, device=device) < 0.08) & (torch.arange(inputs.shape[1], device=device) > 0)
    inputs = torch.where(wrong, torch.randint_like(inputs, 4, model.config.decoder.vocab_size), inputs)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        logits = model(pixel_values=pixel_values(pages).to(device), decoder_input_ids=inputs, use_cache=False).logits
    return functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100)


@torch.no_grad()
def evaluate(model: Any, processor: Any, pages: Sequence[TrainingPage], size: int) -> dict[str, float]:
    """`NAME_exact` for every group: the share of printed fields read exactly; `invented`: fields a page does not show,
    over all that it wrote."""
    model.eval()
    right, shown, invented, written = dict.fromkeys(GROUPS, 0), dict.fromkeys(GROUPS, 0), 0, 0
    for start in range(0, len(pages), size):
        batch = pages[start : start + size]
        pixels = pixel_values(batch).to(model.device)
        sequences = model.generate(pixels, num_beams=1, do_sample=False, max_new_tokens=LONGEST)
        for page, sequence in zip(batch, sequences, strict=True):
            found = read_fields(processor, sequence)
            written += len(found)
            invented += len(set(found) - set(page.fields))
            for group, names in GROUPS.items():
                shown[group] += sum(name in page.fields for name in names)
                right[group] += sum(name in page.fields and found.get(name) == page.fields[name] for name in names)
    model.train()
    rates = {f"{group}_exact": right[group] / max(1, shown[group]) for group in GROUPS}
    return {**rates, "invented": invented / max(1, written), "pages": float(len(pages))}


class Trainer:
    """The parts of a run, restored from its checkpoint where there is one."""

    def __init__(self, settings: Settings):
        self.settings, self.folder = settings, RunFolder(settings.run)
        self.progress = Progress(settings.hours * 3600)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.processor = build_processor()
        self.model = build_model(self.processor).to(self.device)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=settings.peak_rate, weight_decay=0.02, fused=True
        )
        if (state := self.folder.load()) is not None:
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.progress.seconds, self.progress.steps = state["seconds"], state["steps"]
            self.progress.lines = state["pages"]
        self.rng = np.random.default_rng([self.progress.steps, 11])
        self.held_out = read_shard(settings.pages / "held_out.npz")
        self.loss = 0.0

    def step(self, pages: Sequence[TrainingPage]) -> None:
        """One batch: its lines with a probability that falls to nothing at `fields_only`, its fields otherwise."""
        share, settings = self.progress.share, self.settings
        set_learning_rate(self.optimiser, learning_rate(share, settings.peak_rate))
        reading = bool(self.rng.random() < 0.9 * (1.0 - share / settings.fields_only))
        loss = train_step(self.model, self.processor, pages, reading)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.progress.tick(len(pages))
        value = float(loss.detach())
        self.loss = 0.98 * self.loss + 0.02 * value if self.loss else value

    def note(self, full: bool = False) -> None:
        """Checkpoint and one more point of the curve."""
        progress = self.progress
        self.folder.save({
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "seconds": progress.seconds,
            "steps": progress.steps, "pages": progress.lines,
        })  # fmt: skip
        pages = self.held_out if full else self.held_out[: self.settings.evaluate_pages]
        figures = evaluate(self.model, self.processor, pages, self.settings.batch)
        self.folder.log(seconds=progress.seconds, steps=progress.steps, trained_pages=progress.lines, loss=self.loss,
                        pages_a_second=progress.lines / max(1.0, progress.seconds), **figures)  # fmt: skip
        progress.rest()


def train(settings: Settings) -> None:
    """Run until the hours are spent."""
    torch.manual_seed(int(time.time()))
    trainer = Trainer(settings)
    trainer.model.train()
    due = trainer.progress.seconds + settings.evaluate_minutes * 60
    trainer.progress.rest()
    for pages in batches(settings.pages, settings.batch, trainer.progress.steps):
        if trainer.progress.share >= 1.0:
            break
        trainer.step(pages)
        if trainer.progress.seconds >= due:
            trainer.note()
            due = trainer.progress.seconds + settings.evaluate_minutes * 60
    trainer.note(full=True)


def export(run: Path, target: Path) -> None:
    """Write the trained model and its processor in hub format."""
    state = RunFolder(run).trained()
    processor = build_processor()
    model = build_model(processor)
    model.load_state_dict(state["model"])
    save_hub_format(model, processor, target)


def main() -> None:
    """Train, or export what was trained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=WORK / "pages")
    parser.add_argument("--run", type=Path, default=WORK / "donut")
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--batch", type=int, default=8, help="pages; 48 on a large GPU")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--export", type=Path, metavar="DIR", help="write the hub-format files and stop")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.export:
        export(options.run, options.export)
    else:
        train(Settings(options.pages, options.run, options.hours, options.batch))


if __name__ == "__main__":
    main()
