#!/usr/bin/env python
"""Fields, their probabilities and what could be booked, per family of documents, language and field.

    python scripts/benchmark_fields.py --cache CACHE ../shared/data/sroie ../shared/data/zugferd [--render 150]

Every document is read once with the default engines; CACHE keeps the readings, so that a second run takes seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.records import JobStatus
from invoice_connector.invoice import Invoice
from invoice_connector.pipeline.process import extracted
from invoice_connector.rules.calibration import calibrated
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import NEEDED, RISK, decide, doubts
from invoice_connector.rules.kinds import check_paper
from invoice_connector.rules.sentences import check_remarks
from invoice_connector.rules.witnesses import with_witnesses
from ocr_ensemble.settings import EnsembleSettings
from scripts.benchmark import rendered
from scripts.evaluation.datasets import KINDS, Sample, read_dataset
from scripts.evaluation.fields import FieldScore, Mark, judge, lines_right, score_fields
from scripts.evaluation.measures import auroc, coverage_at_risk, expected_calibration_error
from scripts.evaluation.readings import ReadingCache

BOOKED_FIELDS = tuple(name for need in NEEDED for name in need.names)  # wrong ones among these are booked wrong
KEY_FIELDS = ("seller_name", "seller_address", "issue_date", "total_with_vat")  # the four that SROIE asks for


@dataclass(slots=True)
class Tally:
    """What adds up over the documents of one group."""

    documents: int = 0
    score: FieldScore = field(default_factory=FieldScore)
    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    all_four: list[bool] = field(default_factory=list)
    totals: list[tuple[float, bool]] = field(default_factory=list)  # trust in the total (0 without one), whether right
    booked: int = 0  # documents that would be approved without a look, alone in the log
    booked_wrong: int = 0  # of those, with a wrong key field
    booked_total_wrong: int = 0
    lines: list[bool] = field(default_factory=list)  # whether all net amounts of the document's lines are right

    def add(self, sample: Sample, invoice: Invoice) -> None:
        self.documents += 1
        own = score_fields(invoice.fields, sample)
        self.score += own
        whole = lines_right(invoice, sample)
        if whole is not None:
            self.lines.append(whole)
        for found in invoice.fields.values():
            right = judge(found, sample)
            if right is not None and found.confidence is not None:
                self.confidence.append(found.confidence)
                self.right.append(right)
        if all(name in sample.truth for name in KEY_FIELDS):
            self.all_four.append(all(own.count(name, Mark.RIGHT) for name in KEY_FIELDS))
        if "total_with_vat" in sample.truth:
            total = invoice.fields.get("total_with_vat")
            trust = total.confidence or 0.0 if total else 0.0
            self.totals.append((trust, bool(own.count("total_with_vat", Mark.RIGHT))))
        stops = (*check(invoice), *check_paper(invoice), *doubts(invoice))
        if decide(stops or check_remarks(invoice)) is JobStatus.COMPLETED:
            wrong = {name for name in BOOKED_FIELDS if own.count(name, Mark.WRONG)}
            self.booked += 1
            self.booked_wrong += bool(wrong)
            self.booked_total_wrong += bool(wrong & {"total_with_vat", "amount_due"})


def tallies(samples: Iterable[tuple[Sample, Invoice]]) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """By family and split, and by language."""
    families: dict[str, Tally] = defaultdict(Tally)
    languages: dict[str, Tally] = defaultdict(Tally)
    for sample, invoice in samples:
        families[f"{sample.family} {sample.split}"].add(sample, invoice)
        if sample.language:
            languages[sample.language].add(sample, invoice)
        families["all"].add(sample, invoice)
    return families, languages


def print_groups(title: str, groups: dict[str, Tally]) -> None:
    print(f"\n| {title} | documents | fields right | wrong | missing | ECE | AUROC | kept at 1 % risk | all four "
          "| totals booked at 1 % risk | approved | with a wrong key field | with a wrong total "
          "| all lines |")  # fmt: skip
    print("|" + "---|" * 14)
    for name, tally in groups.items():
        marks = [sum(tally.score.count(n, mark) for n in tally.score.counts) for mark in Mark]
        whole = max(1, sum(marks))
        trust, right = [t for t, _ in tally.totals], [r for _, r in tally.totals]
        cells = [f"{100 * count / whole:.1f} %" for count in marks]
        cells += [f"{expected_calibration_error(tally.confidence, tally.right):.3f}"]
        cells += [f"{auroc(tally.confidence, tally.right):.3f}"]
        cells += [f"{100 * coverage_at_risk(tally.confidence, tally.right, RISK):.1f} %"]
        cells += [f"{sum(tally.all_four)}/{len(tally.all_four)}" if tally.all_four else ""]
        cells += [f"{100 * coverage_at_risk(trust, right, RISK):.1f} %" if trust else ""]
        cells += [str(count) for count in (tally.booked, tally.booked_wrong, tally.booked_total_wrong)]
        cells += [f"{sum(tally.lines)}/{len(tally.lines)}" if tally.lines else ""]
        print(f"| {name} | {tally.documents} | " + " | ".join(cells) + " |")


def print_fields(groups: dict[str, Tally]) -> None:
    names = sorted({name for tally in groups.values() for name in tally.score.counts})
    print("\n| right / wrong / missing | " + " | ".join(groups) + " |")
    print("|" + "---|" * (len(groups) + 1))
    for name in names:
        counts = [[tally.score.count(name, mark) for mark in Mark] for tally in groups.values()]
        cells = [f"{c[0]} / {c[1]} / {c[2]} ({100 * c[0] / sum(c):.0f} %)" if sum(c) else "" for c in counts]
        print(f"| {name} | " + " | ".join(cells) + " |")


def print_errors(results: Sequence[tuple[Sample, Invoice]], names: Sequence[str]) -> None:
    for sample, invoice in results:
        for name in names:
            found = invoice.fields.get(name)
            true = sample.truth.get(name)
            right = judge(found, sample) if found else name not in sample.truth
            if right is False:
                sure = f"{found.confidence:.2f} {found.text!r}" if found and found.confidence is not None else "nothing"
                print(f"{sample.family} {sample.path.name} {name}: {true!r} but {sure}")


def read(arguments: argparse.Namespace) -> Iterable[tuple[Sample, Invoice]]:
    engines = arguments.engines.split(",") if arguments.engines else EnsembleSettings().engines
    cache = ReadingCache(arguments.cache, tuple(engines))
    for folder in arguments.datasets:
        split = None if arguments.split == "all" else arguments.split
        samples = read_dataset(folder, split, arguments.kinds.split(","))[: arguments.limit]
        if arguments.render and any(sample.path.suffix == ".pdf" for sample in samples):
            named = [replace(s, family=f"{s.family} {arguments.render} dpi") for s in samples]
            samples = [rendered(sample, arguments.render) for sample in named if sample.path.suffix == ".pdf"]
        for sample, reading in cache.read(samples):
            yield sample, calibrated(with_witnesses(extracted(reading), reading))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders with index.jsonl or truth.jsonl")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--split", default="test", help="split to read (default test; all for every document)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of documents that are there in several kinds")
    parser.add_argument("--engines", help="comma-separated, instead of the default ones")
    parser.add_argument("--limit", type=int, help="only the first N documents of each folder")
    parser.add_argument("--render", type=int, metavar="DPI", help="read PDF pages as pictures of this resolution")
    parser.add_argument("--errors", help="comma-separated fields whose errors are listed (all for every field)")
    arguments = parser.parse_args()
    results = list(read(arguments))
    if arguments.errors:
        every = sorted({name for sample, _ in results for name in sample.truth})
        print_errors(results, every if arguments.errors == "all" else arguments.errors.split(","))
    families, languages = tallies(results)
    print_groups("family", families)
    if languages:
        print_groups("language", languages)
    print_fields(families)
    if languages:
        print_fields(languages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
