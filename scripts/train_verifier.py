"""Train the compact verifier: a Qwen2.5-VL of 3 M parameters that answers whether a crop shows exactly a text.

    python -m scripts.training.verifier_pairs --lines /tmp/training/lines --out /tmp/training/pairs &
    python -m scripts.train_verifier --sroie DIR --hours 1
    python -m scripts.train_verifier --sroie DIR --export verifier/checkpoints/compact
    python -m scripts.train_verifier --sroie DIR --evaluate verifier/checkpoints/compact

Run again with the same `--run` it goes on from the checkpoint. Trained on synthetic pairs only; temperature and
calibration are fitted on SROIE's fit split. The vision tower is also taught directly which character stands in each
cell of the picture and where crop and candidate differ; those two heads are thrown away.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scripts.training.evaluation import LabelledLines, held_out_lines, sroie_crops
from scripts.training.run import (
    WORK,
    Progress,
    RunFolder,
    learning_rate,
    mixed_precision,
    run_options,
    set_learning_rate,
    spend,
)
from scripts.training.verifier_evaluation import candidates, figures, fit_temperature, scores, trial_sets, trials
from scripts.training.verifier_model import Answers, Heads, answer, build_model, save_hub_format, to_patches
from scripts.training.verifier_pairs import UNKNOWN, Pair, PairLoader
from verifier.calibration import CALIBRATION_FILE, calibration_for, fit
from verifier.prompts import Form

ORIGIN, LICENCE = "scripts/train_verifier.py", "Apache-2.0"


@dataclass(frozen=True)
class Settings:
    """One run; `hours` is training time, `cells` a batch."""

    pairs: Path
    lines: Path
    run: Path
    sroie: Path | None
    hours: float
    cells: int = 448
    peak_rate: float = 1.2e-3
    evaluate_minutes: float = 8.0


def pair_loss(given: Answers, heads: Heads, batch: list[Pair]) -> torch.Tensor:
    """Cross-entropy of the answer, and of what each cell of the picture truly holds."""
    device = given.logits.device
    answers = torch.tensor([0 if pair.right else 1 for pair in batch], device=device)
    classes = torch.from_numpy(np.concatenate([pair.classes for pair in batch])).long().to(device)
    differs = torch.from_numpy(np.concatenate([pair.differs for pair in batch])).float().to(device)
    loss = functional.cross_entropy(given.logits.float(), answers)
    loss = loss + 0.5 * functional.cross_entropy(heads.classes(given.cells).float(), classes, ignore_index=UNKNOWN)
    where = heads.differs(given.cells)[:, 0].float()
    return loss + 2.0 * functional.binary_cross_entropy_with_logits(where, differs)


class Trainer:
    """The parts of a run, restored from its checkpoint where there is one."""

    def __init__(self, settings: Settings):
        self.settings, self.folder = settings, RunFolder(settings.run)
        self.progress = Progress(settings.hours * 3600)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model, self.heads = build_model().to(self.device), Heads().to(self.device)
        self.parameters = [*self.model.parameters(), *self.heads.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=settings.peak_rate, weight_decay=0.02, betas=(0.9, 0.98), fused=True
        )
        state, used = self.folder.load(), {}
        if state is not None:
            self.model.load_state_dict(state["model"])
            self.heads.load_state_dict(state["heads"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.progress.seconds, self.progress.steps = state["seconds"], state["steps"]
            self.progress.lines, used = state["lines"], state["used"]
        self.loader = PairLoader(settings.pairs, settings.cells, used, seed=self.progress.steps)
        self.sets = trial_sets(settings.lines, settings.sroie)
        self.loss = 0.0

    def step(self, batch: list[Pair]) -> None:
        """One batch."""
        set_learning_rate(self.optimiser, learning_rate(self.progress.share, self.settings.peak_rate))
        patches = to_patches(np.concatenate([pair.cells for pair in batch])).to(self.device)
        with mixed_precision(self.device):
            given = answer(self.model, patches, [len(pair.cells) for pair in batch])
            loss = pair_loss(given, self.heads, batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.progress.tick(len(batch))
        value = float(loss.detach())
        self.loss = 0.98 * self.loss + 0.02 * value if self.loss else value

    def note(self) -> None:
        """Checkpoint and one more point of the curve."""
        progress = self.progress
        self.folder.save({
            "model": self.model.state_dict(), "heads": self.heads.state_dict(),
            "optimiser": self.optimiser.state_dict(), "seconds": progress.seconds, "steps": progress.steps,
            "lines": progress.lines, "used": dict(self.loader.used),
        })  # fmt: skip
        self.model.eval()
        found: dict[str, float] = {}
        for name, given in self.sets.items():
            odds = scores(self.model, given)
            found |= figures(odds / fit_temperature(odds, given.right), given, name)
        self.model.train()
        rate = self.optimiser.param_groups[0]["lr"]
        self.folder.log(seconds=progress.seconds, steps=progress.steps, pairs=progress.lines, loss=self.loss,
                        rate=rate, **found)  # fmt: skip
        progress.rest()


def train(settings: Settings) -> None:
    """Run until the hours are spent."""
    torch.manual_seed(0)
    trainer = Trainer(settings)
    trainer.model.train()
    pauses = (150.0, settings.evaluate_minutes * 60.0)
    spend(trainer.progress, trainer.loader, trainer.step, trainer.note, pauses)
    trainer.note()


def export(run: Path, sroie: Path, target: Path) -> None:
    """Write the trained model in hub format, its calibration fitted on SROIE's fit split, and its manifest."""
    from ocr_ensemble.weights.store import record

    model = build_model()
    model.load_state_dict(RunFolder(run).trained()["model"])
    model.eval()
    given = trials(sroie_crops(sroie, "fit"))
    odds = scores(model, given)
    temperature = round(fit_temperature(odds, given.right), 3)
    save_hub_format(model, temperature, target)
    calibration = asdict(fit((odds / temperature).tolist(), given.right.tolist()))
    (target / CALIBRATION_FILE).write_text(json.dumps(calibration, indent=1) + "\n", "utf-8")
    record(target, ORIGIN, LICENCE)


def evaluate(checkpoint: Path, lines: Path, sroie: Path) -> None:
    """Print what a checkpoint reaches on SROIE's test split and on held-out synthetic lines, and what it costs."""
    from transformers import Qwen2_5_VLForConditionalGeneration
    from transformers.decision import DecisionConfig

    model: Any = Qwen2_5_VLForConditionalGeneration.from_pretrained(checkpoint, dtype=torch.float32)
    model.eval()
    temperature = DecisionConfig.from_pretrained(checkpoint).temperature["noul"]
    calibration = calibration_for(Form.EACH, checkpoint.name, checkpoint)
    sets = {"sroie_test": sroie_crops(sroie, "test")}
    if (lines / "held_out.npz").exists():
        sets["held_out"] = held_out_lines(lines / "held_out.npz")
    for name, labelled in sets.items():
        given = trials(labelled)
        odds = np.array([calibration.log_odds(value) for value in scores(model, given) / temperature])
        for key, value in figures(odds, given, name).items():
            print(f"{key:28} {value:.4f}" if value < 1.5 else f"{key:28} {value:.0f}", flush=True)
    for key, value in question_cost(model, sets["sroie_test"]).items():
        print(f"{key:28} {value:.2f}", flush=True)


def question_cost(model: Any, lines: LabelledLines, count: int = 200) -> dict[str, float]:
    """Milliseconds of one core for a question: making its picture, and answering it in a batch."""
    few = LabelledLines(lines.images[:count], lines.texts[:count])
    asked = len(candidates(few.texts))
    trials(few)  # glyphs are rendered once per process
    start = time.process_time()
    given = trials(few)
    middle = time.process_time()
    scores(model, given)
    end = time.process_time()
    return {"ms_picture": (middle - start) * 1000 / asked, "ms_answer": (end - middle) * 1000 / asked}


def main() -> None:
    """Train, export what was trained, or evaluate an export."""
    parser = run_options(__doc__, "verifier", hours=1.0)
    parser.add_argument("--pairs", type=Path, default=WORK / "pairs")
    parser.add_argument("--sroie", type=Path, help="folder with index.jsonl, to evaluate and to calibrate on")
    parser.add_argument("--evaluate", type=Path, metavar="DIR", help="print the figures of an exported checkpoint")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if (options.export or options.evaluate) and not options.sroie:
        parser.error("--export and --evaluate need --sroie")
    if options.export:
        export(options.run, options.sroie, options.export)
    elif options.evaluate:
        evaluate(options.evaluate, options.lines, options.sroie)
    else:
        train(Settings(options.pairs, options.lines, options.run, options.sroie, options.hours))


if __name__ == "__main__":
    main()
