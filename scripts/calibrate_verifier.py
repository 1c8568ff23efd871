#!/usr/bin/env python
"""Fits how much a verifier's verdict counts beside what the engines knew, on lines in doubt of labelled pages.

    python scripts/calibrate_verifier.py ../shared/data/sroie --verifier compact

Every contested line of the split is put to the verifier. The weight under which the probabilities of the texts that
are kept fit best, and what the refusal of a field counts, are written into the checkpoint's `calibration.json`; record
its manifest again afterwards.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from invoice_connector.verify.document import Mode, Verifying
from invoice_connector.verify.questions import contested, line_at, line_inquiry
from ocr_ensemble.ensemble import OCREnsemble
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.fields import judge
from scripts.evaluation.labels import label_of, says_the_same
from scripts.evaluation.measures import on_source
from verifier.backends.create import CHECKPOINTS, VerifierSettings, create_verifier
from verifier.calibration import CALIBRATION_FILE
from verifier.judgement import judged
from verifier.verdict import Verdict
from verifier.verifier import Budget, Purse, Verifier

WEIGHTS = np.round(np.arange(0.0, 1.01, 0.02), 2)
ENDLESS = Budget(questions=10_000, milliseconds=math.inf)


@dataclass(frozen=True, slots=True)
class Example:
    """A line in doubt: its probability before the verdict, the verdict, and which options are right."""

    prior: float | None
    verdict: Verdict
    right: tuple[bool, ...]


def examples(samples: Sequence[Sample], ensemble: OCREnsemble, verifier: Verifier) -> Iterator[Example]:
    """The contested lines of the first pages whose label is certain."""
    for sample in track(samples, "documents", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        document = ensemble.load(sample.path.read_bytes(), sample.path.name)
        reading = ensemble.read_document(document)
        matrix = np.asarray(document.pages[0].from_source).reshape(2, 3)
        truth = [(labelled.box, labelled.text) for labelled in sample.boxes]
        for place in contested(reading, ensemble.settings.certain, everything=True):
            line, inquiry = line_at(reading, place), line_inquiry(document, reading, place)
            label = label_of(on_source([line.line], matrix)[0].box, truth)
            if place.page or label is None or inquiry is None:
                continue
            verdict = verifier.ask([inquiry], Purse(ENDLESS)).verdicts[0]
            if verdict is not None:
                right = tuple(says_the_same(option, label) for option in verdict.question.options)
                yield Example(line.probability, verdict, right)


def log_loss(found: Sequence[Example], weight: float) -> float:
    """Of the probability of the text that is kept or chosen."""
    losses = []
    for example in found:
        judgement = judged(example.verdict, example.prior, weight)
        right = example.right[judgement.chosen or 0]
        losses.append(-math.log(max(1e-6, judgement.confidence if right else 1.0 - judgement.confidence)))
    return float(np.mean(losses))


def field_verdicts(samples: Sequence[Sample], ensemble: OCREnsemble, verifier: Verifier) -> Iterator[tuple[bool, bool]]:
    """Whether each key field that the truth knows was refused, and whether it is right."""
    always = Verifying(lambda: verifier, Mode.ALWAYS, ENDLESS)
    for sample in track(samples, "fields", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        outcome = process(sample.path, Request(sample.path.name, sample.path.name), ensemble, always)
        fields = outcome.invoice.fields if outcome.invoice else {}
        for verdict in outcome.verification.verdicts:
            found = fields.get(verdict.question.subject)
            right = None if found is None else judge(found, sample)
            if right is not None:
                yield verdict.refuses, right


def refusal_log_odds(verdicts: Sequence[tuple[bool, bool]]) -> float:
    """How much likelier a wrong field is refused than a right one (Laplace's rule of succession for few)."""
    right = [refused for refused, is_right in verdicts if is_right]
    wrong = [refused for refused, is_right in verdicts if not is_right]
    shares = [(sum(group) + 1) / (len(group) + 2) for group in (wrong, right)]
    return max(0.0, math.log(shares[0] / shares[1]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a labelled folder with index.jsonl")
    parser.add_argument("--split", default="fit")
    parser.add_argument("--verifier", default="compact", help="a checkpoint's folder, or compact")
    parser.add_argument("--limit", type=int, help="only the first N documents")
    arguments = parser.parse_args()
    folder = CHECKPOINTS / "compact" if arguments.verifier == "compact" else Path(arguments.verifier)
    verifier = create_verifier(VerifierSettings(arguments.verifier))
    if verifier is None:
        parser.error("there is no verifier to calibrate")
    samples = [s for s in read_dataset(arguments.dataset, arguments.split) if s.boxes][: arguments.limit]
    found = list(examples(samples, OCREnsemble(), verifier))
    losses = [log_loss(found, float(weight)) for weight in WEIGHTS]
    best = int(np.argmin(losses))
    print(f"{len(found)} lines, log loss {losses[0]:.4f} without, {losses[best]:.4f} at weight {WEIGHTS[best]:g}, "
          f"{losses[-1]:.4f} with all of it")  # fmt: skip
    verdicts = list(field_verdicts(samples, OCREnsemble(), verifier))
    refusal = round(refusal_log_odds(verdicts), 2)
    print(f"{len(verdicts)} key fields, a refusal counts {refusal:g}")
    fitted = replace(verifier.calibration, weight=float(WEIGHTS[best]), refusal=refusal)
    (folder / CALIBRATION_FILE).write_text(json.dumps(asdict(fitted), indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
