#!/usr/bin/env python
"""How files that hold several documents are divided: generated piles, and files that are one document.

    python scripts/benchmark_piles.py --pool POOL --cache CACHE
    python scripts/benchmark_piles.py --pool POOL --cache CACHE --scans 10 --through 10

Half of the piles are of drawn layouts that no fitting saw, half of documents in blocks of other seeds. Pages are read
from their text layers, with ``--scans`` those of so many small piles from degraded pictures; ``--through`` takes so
many small piles through all of ``process``. A decision is whether a document begins on a page; it is reviewed when one
of the documents that it bounds is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.ids import new_job_id
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.several import RULE
from invoice_connector.piles.dividing import Part, divided_pages
from invoice_connector.piles.pages import PageFacts, facts_of
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import Tools, processed_all
from invoice_connector.pipeline.request import Request
from invoice_connector.rules.decision import RISK
from ocr_ensemble.document.isolation import Isolation
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.settings import EnsembleSettings
from scripts.evaluation.datasets import read_dataset
from scripts.evaluation.pages import PageCache
from scripts.evaluation.readings import ReadingCache
from scripts.synthetic.draw import whole
from scripts.synthetic.pile_pool import RENDERERS, suppliers
from scripts.synthetic.piles import Pile, joined, make_pile

SUPPLIERS = 80  # of each renderer
SEED = 77
REAL = (("templates", None), ("zugferd", None), ("streams", None))  # files that are one document each
SMALL = 4  # documents of a small pile


@dataclass
class Tally:
    """Decisions over pages, and documents. ``whole``: documents with exactly their pages."""

    files: int = 0
    pages: int = 0
    decisions: int = 0
    wrong: int = 0
    passed: int = 0
    documents: int = 0
    whole: int = 0
    reviewed: int = 0
    untouched: int = 0
    in_order: int = 0
    shuffled: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, pile: Pile, parts: Sequence[Part], name: str) -> None:
        """``parts``: what the file was divided into."""
        loose = {page - 1 for page in pile.loose}
        true = {min(place - 1 for place in part) for part in pile.parts}
        found = {min(part.places): part for part in parts}
        wrong = {page for page in (true ^ set(found)) - loose if page > 0}
        passed = {place for place in wrong if not any(_bounds(part, place) and part.doubt for part in parts)}
        self.files, self.pages = self.files + 1, self.pages + len(pile.pages)
        self.decisions += len(pile.pages) - 1
        self.wrong, self.passed = self.wrong + len(wrong), self.passed + len(passed)
        self.documents += len(pile.parts)
        exact = {tuple(page - 1 for page in sorted(part)) for part in pile.parts}
        self.whole += len(exact & {tuple(sorted(part.places)) for part in parts})
        self.reviewed += sum(part.doubt is not None for part in parts)
        self.untouched += all(part.doubt is None for part in parts)
        moved = [part for part in pile.parts if list(part) != sorted(part)]
        self.shuffled += len(moved)
        self.in_order += sum(tuple(page - 1 for page in part) in {each.places for each in parts} for part in moved)
        if wrong:
            self.examples.append(f"{name}: pages {sorted(place + 1 for place in wrong)}{' unreviewed' * bool(passed)}")

    def text(self, name: str) -> str:
        return (
            f"{name}: {self.files} files, {self.pages} pages, {self.documents} documents; decisions right "
            f"{1 - self.wrong / max(self.decisions, 1):.2%} of {self.decisions}, wrong and unreviewed {self.passed} "
            f"({self.passed / max(self.decisions, 1):.2%}); documents whole {self.whole / max(self.documents, 1):.2%}, "
            f"reviewed for their bounds {self.reviewed / max(self.documents, 1):.1%}; files without any review "
            f"{self.untouched}; shuffled documents mended {self.in_order} of {self.shuffled}"
        )


def _bounds(part: Part, place: int) -> bool:
    """Whether a document beginning at the place, or not, decides over the part."""
    return min(part.places) <= place <= max(part.places) + 1


def piles(pool: Path, renderer: str, count: int, most: int) -> Iterator[Pile]:
    groups = suppliers(pool, renderer, "test", SUPPLIERS)
    for at in range(count):
        rng = np.random.default_rng([SEED, RENDERERS.index(renderer), at])
        yield make_pile(rng, groups, whole(rng, 2, most))


def divide(pages: Sequence[PageFacts], name: str) -> tuple[Part, ...]:
    return divided_pages(pages, name, RISK).parts


def generated(options: argparse.Namespace, cache: PageCache, count: int, most: int) -> None:
    for renderer in RENDERERS:
        tally = Tally()
        for at, pile in enumerate(piles(options.pool, renderer, count // 2, most)):
            facts = [cache.facts(page) for page in pile.pages]
            tally.add(pile, divide(facts, f"{renderer} {at}"), f"{renderer} {at}")
        print(tally.text(renderer), *tally.examples, sep="\n  ", flush=True)


def through(options: argparse.Namespace) -> None:
    """Whole files down the path of ``process``."""
    settings = EnsembleSettings(
        engines=("pdf_text",), engine=EngineSettings(threads=1), isolation=Isolation(enabled=False)
    )
    tools = Tools(OCREnsemble(settings))
    right, wrong, stopped, passed = 0, 0, 0, 0
    for renderer in RENDERERS:
        for pile in piles(options.pool, renderer, options.through // 2, SMALL):
            request = Request(new_job_id(), f"{renderer}.pdf")
            outcomes = processed_all(joined(pile.pages), request, tools)
            found = {tuple(_pages(outcome, len(pile.pages))): outcome for outcome in outcomes}
            exact = [part for part in pile.parts if part in found]
            right, wrong = right + len(exact), wrong + len(found) - len(exact)
            stopped += sum(RULE in {broken.rule for broken in outcome.violations} for outcome in outcomes)
            passed += sum(found[pages].status == "completed" for pages in found if pages not in pile.parts)
    print(f"through process: {right} documents whole, {wrong} not; {stopped} stopped for their bounds; "
          f"{passed} of those that are not whole booked")  # fmt: skip


def _pages(outcome: Outcome, count: int) -> list[int]:
    return list((outcome.request.container or {}).get("pages", range(1, count + 1)))


def alone(options: argparse.Namespace) -> None:
    """Files of one document: how many are divided, and how many stopped."""
    cache = ReadingCache(options.cache, engines=("pdf_text",), compare=False)
    for folder, split in REAL:
        files, pages, wrong, stopped = 0, 0, 0, 0
        for sample, reading in cache.read(read_dataset(options.shared / folder, split)):
            if len(reading.pages) < 2:
                continue
            parts = divided_pages(
                [facts_of(FieldPage.of_reading(page)) for page in reading.pages], sample.path.name, RISK
            ).parts
            files, pages = files + 1, pages + len(reading.pages)
            wrong += len(parts) > 1
            stopped += len(parts) == 1 and parts[0].doubt is not None
        print(f"{folder}: {files} files of one document with {pages} pages; divided {wrong}, stopped {stopped}")


def generated_alone(options: argparse.Namespace, cache: PageCache) -> None:
    """The same of generated documents of two to four pages."""
    for renderer in RENDERERS:
        files, wrong, stopped = 0, 0, 0
        for documents in suppliers(options.pool, renderer, "test", SUPPLIERS):
            for single in documents:
                if len(single.pages) > 1:
                    parts = divide([cache.facts(page) for page in single.pages], renderer)
                    files, wrong = files + 1, wrong + (len(parts) > 1)
                    stopped += len(parts) == 1 and parts[0].doubt is not None
        print(f"{renderer}: {files} generated documents of several pages; divided {wrong}, stopped {stopped}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=Path, required=True, help="where generated documents and their pages are kept")
    parser.add_argument("--cache", type=Path, required=True, help="where readings of real files are kept")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="real files (%(default)s)")
    parser.add_argument("--piles", type=int, default=200, help="%(default)s")
    parser.add_argument("--scans", type=int, default=0, help="small piles read from pictures")
    parser.add_argument("--through", type=int, default=0, help="small piles through all of process")
    options = parser.parse_args(arguments)
    cache = PageCache(options.pool / "pages")
    if options.scans:
        generated(options, PageCache(options.pool / "scans", scanned=True), options.scans, SMALL)
        return 0
    if options.through:
        through(options)
        return 0
    alone(options)
    generated_alone(options, cache)
    generated(options, cache, options.piles, 12)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
