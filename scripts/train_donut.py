"""Train the compact Donut: a Swin encoder and MBart decoder that write the fields of figure areas, synthetic ones only.

    python -m scripts.training.shards --out /tmp/training/lines --workers 1
    python -m scripts.training.donut_pages --out /tmp/training/areas --workers 1
    python -m scripts.train_donut --lines /tmp/training/lines --areas /tmp/training/areas --hours 2
    python -m scripts.train_donut --start ocr_ensemble/checkpoints/donut --run /tmp/training/more --hours 2
    python -m scripts.train_donut --export DIR

Run again with the same `--run` it goes on from the checkpoint. The model is given rows that begin with a label of an
amount, a date or a number (`ocr_ensemble/engines/donut_area.py`), two to a picture of 48 x 384 pixels. It first learns
to read all text of such pictures, as Donut did, then more and more to write fields only; with `--start` it begins with
the weights of an exported checkpoint, which can read. What it learns from besides:
the class of the character at each place of the encoder, and where the decoder has to look for the next one. The curve
has the share of fields that are exactly as printed, on layouts that training never sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scripts.training.donut_model import (
    FIELDS_TASK,
    LONGEST,
    NEAR,
    READING_TASK,
    Heads,
    Target,
    build_model,
    build_processor,
    field_target,
    glyph_classes,
    pixel_values,
    read_fields,
    reading_target,
    save_hub_format,
    target_batch,
)
from scripts.training.donut_pages import AREA, FIELDS, Shown, TrainingArea, read_shard
from scripts.training.losses import attention_loss
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
from scripts.training.shards import HEIGHT as LINE_HEIGHT
from scripts.training.shards import Shard
from scripts.training.shards import read_shard as read_lines

BLANK_WEIGHT = 0.15  # most places hold nothing
RECOMBINED = 0.5  # share of the pictures
TWINS = ("total_with_vat", "amount_due")
GROUPS = {
    "totals": ("total_without_vat", "total_vat", "total_with_vat", "amount_due"),
    "dates": ("issue_date", "due_date"),
    "numbers": ("invoice_number",),
    "all": FIELDS,
}


@dataclass(frozen=True)
class Settings:
    """One run; `hours` is training time. Whole pictures are read until `fields_only` of the run (0..1)."""

    lines: Path
    areas: Path
    run: Path
    hours: float
    batch: int
    start: Path | None = None
    peak_rate: float = 1.0e-3
    fields_only: float = 0.6
    evaluate_minutes: float = 8.0
    evaluate_areas: int = 120


@dataclass(frozen=True)
class Lesson:
    """One batch: pictures and what is to be written of them."""

    areas: list[TrainingArea]
    targets: list[Target]
    task: str


def area_batches(folder: Path, size: int, seed: int) -> Iterator[list[TrainingArea]]:
    """Endless, shard after shard in random order; shards may still be growing in number. Half the pictures are rows
    of two different ones, so that a row's own label tells its field, not the row above."""
    rng = np.random.default_rng([seed, 7])
    while True:
        paths = sorted(folder.glob("[0-9]*.npz"))
        if not paths:
            raise FileNotFoundError(f"no shards in {folder}; run python -m scripts.training.donut_pages --out first")
        areas = [area for area in read_shard(paths[int(rng.integers(len(paths)))]) if area.fields or rng.random() < 0.2]
        order = rng.permutation(len(areas))
        for start in range(0, len(order) - size + 1, size):
            chosen = [areas[number] for number in order[start : start + size]]
            others = chosen[1:] + chosen[:1]
            yield [
                recombined(area, other) if rng.random() < RECOMBINED else area
                for area, other in zip(chosen, others, strict=True)
            ]


def recombined(upper: TrainingArea, lower: TrainingArea) -> TrainingArea:
    """The first row of one picture above the last row of the other; `upper` when both rows show the same field."""
    edge = (AREA.rows - 1) * AREA.row_height
    kept = [shown for shown in upper.fields if (shown.box[1] + shown.box[3]) / 2 < edge]
    added = [shown for shown in lower.fields if (shown.box[1] + shown.box[3]) / 2 >= edge]
    if {shown.name for shown in kept} & {shown.name for shown in added}:
        return upper
    characters = [glyph for glyph in upper.characters if glyph[2] < edge]
    characters += [glyph for glyph in lower.characters if glyph[2] >= edge]
    pixels = np.vstack([upper.pixels[:edge], lower.pixels[edge:]])
    return TrainingArea(pixels, kept + added, characters, upper.document)


def with_twin(area: TrainingArea) -> TrainingArea:
    """The total named as the amount due too, or the other way round, where only one of them is shown.

    Half the invoices print one figure for both, and a row does not tell which half it is of. Named on some rows of
    either kind, both are always written, and the row that is only the one's is the surest of it.
    """
    found = [shown for shown in area.fields if shown.name in TWINS]
    if len(found) != 1:
        return area
    both = [Shown(name, found[0].text, found[0].box) for name in TWINS]
    fields = [twin for shown in area.fields for twin in (both if shown is found[0] else [shown])]
    return replace(area, fields=fields)


def line_batches(folder: Path, size: int, seed: int) -> Iterator[list[list[Row]]]:
    """Endless: rows of a picture each, from stored lines that fit."""
    rng = np.random.default_rng([seed, 17])
    while True:
        paths = sorted(folder.glob("[0-9]*.npz"))
        if not paths:
            raise FileNotFoundError(f"no shards in {folder}; run python -m scripts.training.shards --out first")
        rows = list(_rows(read_lines(paths[int(rng.integers(len(paths)))])))
        order = rng.permutation(len(rows))
        step = size * AREA.rows
        for start in range(0, len(order) - step + 1, step):
            chosen = [rows[number] for number in order[start : start + step]]
            yield [chosen[at : at + AREA.rows] for at in range(0, step, AREA.rows)]


Row = tuple[Any, list[tuple[str, float]]]  # picture (row height, width) and each character with its middle


def _rows(shard: Shard) -> Iterator[Row]:
    scale = AREA.row_height / LINE_HEIGHT
    for image, text, edges in zip(shard.images, shard.texts, shard.edges, strict=True):
        width = round(image.shape[1] * scale)
        if width <= AREA.width:
            small = cv2.resize(image, (max(1, width), AREA.row_height), interpolation=cv2.INTER_AREA)
            yield small, [(char, float(middle) * scale) for char, middle in zip(text, edges.mean(1), strict=True)]


def reading_lesson(processor: Any, pictures: Sequence[Sequence[Row]]) -> Lesson:
    """Pictures of stored lines, and all that they say."""
    areas, targets = [], []
    for rows in pictures:
        picture = np.zeros((AREA.rows * AREA.row_height, AREA.width), np.uint8)
        placed = []
        for number, (image, glyphs) in enumerate(rows):
            top = number * AREA.row_height
            band = picture[top : top + AREA.row_height]
            band[:] = int(np.median(image[[0, -1]]))
            band[:, : image.shape[1]] = image
            placed.append([(char, x, top + AREA.row_height / 2) for char, x in glyphs])
        known = [glyph for row in placed for glyph in row if glyph[0] != " "]
        areas.append(TrainingArea(picture, [], known, 0))
        targets.append(reading_target(processor, placed))
    return Lesson(areas, targets, READING_TASK)


def train_step(model: Any, heads: Heads, processor: Any, lesson: Lesson, guidance: float) -> torch.Tensor:
    """Cross-entropy of the next token, of the glyphs at the encoder's places, and of where the decoder looks.

    Some tokens it sees are wrong, so that it learns to look at the picture.
    """
    device = model.device
    inputs, labels, places = (each.to(device) for each in target_batch(processor, lesson.targets, lesson.task))
    wrong = (torch.rand(inputs.shape, device=device) < 0.08) & (torch.arange(inputs.shape[1], device=device) > 0)
    inputs = torch.where(wrong, torch.randint_like(inputs, 4, model.config.decoder.vocab_size), inputs)
    with mixed_precision(device):
        out = model(
            pixel_values=pixel_values(lesson.areas).to(device), decoder_input_ids=inputs, use_cache=False,
            output_attentions=True,
        )  # fmt: skip
        glyphs = heads(out.encoder_last_hidden_state)
    weight = torch.ones(glyphs.shape[-1], device=device)
    weight[0] = BLANK_WEIGHT
    loss = functional.cross_entropy(out.logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100)
    truth = glyph_classes(lesson.areas).to(device)
    loss = loss + guidance * functional.cross_entropy(glyphs.float().flatten(0, 2), truth.flatten(), weight)
    looks = [attention_loss(weights, places, NEAR) for weights in out.cross_attentions]
    return loss + 0.5 * guidance * torch.stack(looks).mean()


@torch.no_grad()
def evaluate(model: Any, processor: Any, areas: Sequence[TrainingArea], size: int) -> dict[str, float]:
    """`NAME_exact` for every group: the share of printed fields of a document that are read exactly, the surest
    reading of its pictures counting; `invented`: fields that a document's pictures do not show, over all it wrote."""
    model.eval()
    shown: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    found: dict[int, dict[str, tuple[float, str]]] = defaultdict(dict)
    for start in range(0, len(areas), size):
        batch = areas[start : start + size]
        done = model.generate(
            pixel_values(batch).to(model.device), num_beams=1, do_sample=False, max_new_tokens=LONGEST,
            return_dict_in_generate=True, output_scores=True,
        )  # fmt: skip
        sure = model.compute_transition_scores(done.sequences, done.scores, normalize_logits=True).clamp(min=-20.0)
        for area, sequence, score in zip(batch, done.sequences, sure.mean(1).tolist(), strict=True):
            for field in area.fields:
                shown[area.document][field.name].add(field.text)
            for name, text in read_fields(processor, sequence).items():
                best = found[area.document].get(name)
                if isinstance(text, str) and (best is None or score > best[0]):
                    found[area.document][name] = (score, text)
    model.train()
    figures = {}
    for group, names in GROUPS.items():
        asked = [(document, name) for document, fields in shown.items() for name in fields if name in names]
        right = sum(found[document].get(name, (0.0, ""))[1] in shown[document][name] for document, name in asked)
        figures[f"{group}_exact"] = right / max(1, len(asked))
    written = [(document, name) for document, fields in found.items() for name in fields]
    invented = sum(name not in shown[document] for document, name in written)
    return {**figures, "invented": invented / max(1, len(written)), "documents": float(len(shown))}


class Trainer:
    """The parts of a run, restored from its checkpoint where there is one."""

    def __init__(self, settings: Settings):
        self.settings, self.folder = settings, RunFolder(settings.run)
        self.progress = Progress(settings.hours * 3600)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.processor = build_processor()
        self.model = build_model(self.processor).to(self.device)
        self.model.decoder.set_attn_implementation("eager")  # the others do not say where they look
        if settings.start:
            self.model.load_state_dict(type(self.model).from_pretrained(settings.start).float().state_dict())
        self.heads = Heads(self.model.config.encoder.hidden_size).to(self.device)
        self.optimiser = torch.optim.AdamW(
            [*self.model.parameters(), *self.heads.parameters()], lr=settings.peak_rate, weight_decay=0.02, fused=True
        )
        if (state := self.folder.load()) is not None:
            self.model.load_state_dict(state["model"])
            self.heads.load_state_dict(state["heads"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.progress.seconds, self.progress.steps = state["seconds"], state["steps"]
            self.progress.lines = state["areas"]
        steps = self.progress.steps
        self.rng = np.random.default_rng([steps, 11])
        self.areas = area_batches(settings.areas, settings.batch, steps)
        self.lines = line_batches(settings.lines, settings.batch, steps)
        self.held_out = read_shard(settings.areas / "held_out.npz")
        self.loss = 0.0

    def lesson(self) -> Lesson:
        """Lines to read with a probability that falls to nothing at `fields_only`, fields to write otherwise."""
        read = 0.85 * (1.0 - self.progress.share / self.settings.fields_only)
        if not self.settings.start and self.rng.random() < read:
            return reading_lesson(self.processor, next(self.lines))
        areas = [with_twin(area) if self.rng.random() < 0.5 else area for area in next(self.areas)]
        return Lesson(areas, [field_target(self.processor, area) for area in areas], FIELDS_TASK)

    def step(self) -> None:
        """One batch."""
        share, settings = self.progress.share, self.settings
        set_learning_rate(self.optimiser, learning_rate(share, settings.peak_rate))
        lesson = self.lesson()
        loss = train_step(self.model, self.heads, self.processor, lesson, max(0.2, 1.0 - share))
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.progress.tick(len(lesson.areas))
        value = float(loss.detach())
        self.loss = 0.98 * self.loss + 0.02 * value if self.loss else value

    def note(self, full: bool = False) -> None:
        """Checkpoint and one more point of the curve."""
        progress = self.progress
        self.folder.save({
            "model": self.model.state_dict(), "heads": self.heads.state_dict(),
            "optimiser": self.optimiser.state_dict(), "seconds": progress.seconds, "steps": progress.steps,
            "areas": progress.lines,
        })  # fmt: skip
        areas = self.held_out if full else self.held_out[: self.settings.evaluate_areas]
        figures = evaluate(self.model, self.processor, areas, self.settings.batch)
        self.folder.log(seconds=progress.seconds, steps=progress.steps, areas=progress.lines, loss=self.loss,
                        **figures)  # fmt: skip
        progress.rest()


def train(settings: Settings) -> None:
    """Run until the hours are spent."""
    torch.manual_seed(0)
    trainer = Trainer(settings)
    trainer.model.train()
    pauses = (settings.evaluate_minutes * 60.0,) * 2
    spend(trainer.progress, repeat(None), lambda _: trainer.step(), trainer.note, pauses)
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
    parser = run_options(__doc__, "donut")
    parser.add_argument("--areas", type=Path, default=WORK / "areas")
    parser.add_argument("--start", type=Path, metavar="DIR", help="a checkpoint in hub format to go on from")
    parser.add_argument("--batch", type=int, default=32, help="pictures; 256 on a large GPU")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.export:
        export(options.run, options.export)
    else:
        train(Settings(options.lines, options.areas, options.run, options.hours, options.batch, options.start))


if __name__ == "__main__":
    main()
