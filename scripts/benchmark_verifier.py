#!/usr/bin/env python
"""What the verifier adds to the probabilities of lines and fields, and what it costs, on labelled documents.

    python scripts/benchmark_verifier.py ../shared/data/sroie

Every document is read once and judged twice: without the verifier and with it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.verify.document import Mode, Verifying
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.fusion.vote import with_confidence
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.fields import judge
from scripts.evaluation.labels import label_of, says_the_same
from scripts.evaluation.measures import TextScore, on_source, reliability, score_text
from verifier.backends.create import VerifierSettings, create_verifier
from verifier.verifier import Budget


@dataclass(slots=True)
class Judged:
    """Probabilities with what is right of one kind of thing."""

    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def add(self, confidence: float | None, right: bool | None) -> None:
        if confidence is not None and right is not None:
            self.confidence.append(confidence)
            self.right.append(right)


@dataclass(slots=True)
class Tally:
    """What adds up over documents; ``milliseconds`` and ``questions`` of the verifier, one value a document."""

    text: TextScore = field(default_factory=TextScore)
    lines: Judged = field(default_factory=Judged)
    fields: Judged = field(default_factory=Judged)
    milliseconds: list[float] = field(default_factory=list)
    questions: list[int] = field(default_factory=list)

    def count(self, outcome: Outcome, sample: Sample) -> None:
        """Adds one document's lines and fields. A document that failed counts nothing."""
        if outcome.reading is None or outcome.document is None or outcome.invoice is None:
            return
        truth = [(labelled.box, labelled.text) for labelled in sample.boxes]
        matrix = np.asarray(outcome.document.pages[0].from_source).reshape(2, 3)
        lines = [with_confidence(c, c.probability).line for c in outcome.reading.pages[0].lines]
        placed = on_source(lines, matrix)
        self.text += score_text(placed, truth)
        for line in placed:
            label = label_of(line.box, truth)
            self.lines.add(line.confidence, None if label is None else says_the_same(line.text, label))
        for found in outcome.invoice.fields.values():
            self.fields.add(found.confidence, judge(found, sample))
        self.milliseconds.append(outcome.timings_ms.get("verify", 0.0))
        self.questions.append(len(outcome.verification.verdicts))


def print_table(tallies: dict[str, Tally]) -> None:
    print("| | CER | lines exact | of | ECE | AUROC | AURC | kept at 1 % | kept at 2 % | questions | ms |")
    print("|" + "---|" * 11)
    for name, tally in tallies.items():
        for kind, judged in (("lines", tally.lines), ("fields", tally.fields)):
            figures = reliability(judged.confidence, judged.right)
            cells = [f"{figures['ece']:.3f}", f"{figures['auroc']:.3f}", f"{figures['aurc']:.4f}"]
            cells += [f"{100 * figures[f'coverage_at_{percent}_percent_risk']:.1f} %" for percent in (1, 2)]
            cost = [f"{statistics.median(tally.questions):g}", f"{statistics.median(tally.milliseconds):.0f}"]
            text = [f"{100 * tally.text.cer:.2f} %", f"{100 * tally.text.lines_exact:.2f} %"]
            print("| " + " | ".join([name, *text, kind, *cells, *cost]) + " |")


def measure(samples: Sequence[Sample], chosen: str, budget: Budget) -> dict[str, Tally]:
    """Tallies by arm; all arms share one reading of each document."""
    verifier = create_verifier(VerifierSettings(chosen))
    arms = {"without": Verifying(mode=Mode.NEVER)}
    arms |= {f"with, {mode}": Verifying(lambda: verifier, mode, budget) for mode in (Mode.DOUBT, Mode.ALWAYS)}
    ensemble, tallies = OCREnsemble(), {name: Tally() for name in arms}
    for sample in track(samples, "documents", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        for name, verifying in arms.items():
            request = Request("benchmark", sample.path.name)
            tallies[name].count(process(sample.path, request, ensemble, verifying), sample)
    return tallies


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a labelled folder with index.jsonl")
    parser.add_argument("--split", default="test")
    parser.add_argument("--limit", type=int, help="only the first N documents")
    parser.add_argument("--verifier", default="auto", help="as for the command: auto, a profile, a folder or a URL")
    parser.add_argument("--questions", type=int, default=Budget().questions, help="at most so many a document")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    samples = [s for s in read_dataset(arguments.dataset, arguments.split) if s.boxes][: arguments.limit]
    budget = Budget(questions=arguments.questions, milliseconds=60_000.0)
    tallies = measure(samples, arguments.verifier, budget)
    print_table(tallies)
    if arguments.json:
        kinds = {name: {"lines": t.lines, "fields": t.fields} for name, t in tallies.items()}
        rows = {name: {k: reliability(j.confidence, j.right) for k, j in each.items()} for name, each in kinds.items()}
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
