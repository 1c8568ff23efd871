"""A training run on disk: settings, clock, checkpoint, curve; it goes on where it was killed."""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import torch

B = TypeVar("B")

WORK = Path(tempfile.gettempdir()) / "training"  # checkpoints and stored lines; never inside the checkout
WARM_UP = 0.04  # share of the run
LONGEST_STEP = 30.0  # seconds; more means that the process or the machine was suspended
FLOOR = 0.004  # final learning rate over the highest


def learning_rate(progress: float, peak: float) -> float:
    """One cycle over `progress` 0..1: linear warm-up, then a cosine down to almost nothing."""
    if progress < WARM_UP:
        return peak * max(0.02, progress / WARM_UP)
    turn = min(1.0, (progress - WARM_UP) / (1.0 - WARM_UP))
    return peak * (FLOOR + (1.0 - FLOOR) * 0.5 * (1.0 + math.cos(math.pi * turn)))


def mixed_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the machine multiplies it in hardware: CUDA, and processors with AVX-512 BF16 or AMX (2.7 times
    as fast there); elsewhere it would only be slower."""
    able = torch.cpu.get_capabilities()
    enabled = device.type == "cuda" or bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The rate of every group, times the group's own "scale" where it has one."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)


@dataclass
class Progress:
    """What a run has spent: seconds of training (evaluation and pauses excluded), steps and lines."""

    budget_seconds: float
    seconds: float = 0.0
    steps: int = 0
    lines: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """0..1 of the budget; the schedule hangs on the clock, so a slow machine still anneals."""
        return min(1.0, self.seconds / self.budget_seconds)

    def tick(self, lines: int) -> None:
        """Count a step of `lines` lines and the time since the last `tick` or `rest`."""
        now = time.monotonic()
        self.seconds += min(now - self.started, LONGEST_STEP)
        self.started = now
        self.steps += 1
        self.lines += lines

    def rest(self) -> None:
        """Leave out the time since the last `tick`."""
        self.started = time.monotonic()


def spend(
    progress: Progress,
    batches: Iterable[B],
    step: Callable[[B], object],
    note: Callable[[], object],
    pauses: tuple[float, float],
) -> None:
    """Steps, a batch each, until the budget is spent, and notes between them: the first after ``pauses[0]`` seconds of
    training, each further one ``pauses[1]`` later."""
    due = progress.seconds + pauses[0]
    progress.rest()
    for batch in batches:
        if progress.share >= 1.0:
            break
        step(batch)
        if progress.seconds >= due:
            note()
            due = progress.seconds + pauses[1]


def run_options(description: str | None, name: str, hours: float = 2.0) -> argparse.ArgumentParser:
    """What all training scripts take; ``name`` is that of the run's folder."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, default=WORK / "lines")
    parser.add_argument("--run", type=Path, default=WORK / name)
    parser.add_argument("--hours", type=float, default=hours)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--export", type=Path, metavar="DIR", help="write what was trained as it is loaded, and stop")
    return parser


def run_script(
    description: str | None,
    name: str,
    train: Callable[[Path, Path, Path | None, float], object],
    export: Callable[[Path, Path], object],
) -> None:
    """Of a reader of lines: trains it, given stored lines, the run's folder, SROIE's and the hours, or exports it."""
    parser = run_options(description, name)
    parser.add_argument("--sroie", type=Path, help="folder with index.jsonl, to evaluate on")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.export:
        export(options.run, options.export)
    else:
        train(options.lines, options.run, options.sroie, options.hours)


class RunFolder:
    """`checkpoint.pt` and `curve.jsonl` of one run."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.checkpoint = folder / "checkpoint.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Replace the checkpoint; a kill in between leaves the old one."""
        partial = self.checkpoint.with_suffix(f".{os.getpid()}.part")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def load(self) -> dict[str, Any] | None:
        """The last checkpoint; None on a fresh start."""
        if not self.checkpoint.exists():
            return None
        state: dict[str, Any] = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        return state

    def trained(self) -> dict[str, Any]:
        """The last checkpoint; raises FileNotFoundError when nothing was trained yet."""
        state = self.load()
        if state is None:
            raise FileNotFoundError(f"no checkpoint in {self.folder}; train first")
        return state

    def log(self, **values: float | int | str) -> None:
        """One more line of the curve, also on stdout."""
        row = json.dumps({key: round(value, 5) if isinstance(value, float) else value for key, value in values.items()})
        with (self.folder / "curve.jsonl").open("a", encoding="utf-8") as file:
            file.write(row + "\n")
        print(row, flush=True)
