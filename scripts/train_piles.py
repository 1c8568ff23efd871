#!/usr/bin/env python
"""Fits the weights by which a file of several documents is divided; writes ``piles/weights.json``.

    python scripts/train_piles.py --pool POOL

Piles are put together of generated documents: of the drawn layouts that are for training, and of documents in blocks.
``POOL`` gets the documents of one to four pages and their pages as they are read. The weights make the true divisions
of the piles likeliest among all divisions; a fifth of the piles is held out first, to say how good they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.piles
from invoice_connector.piles.evidence import CUT, NAMES
from invoice_connector.piles.pages import PageFacts
from invoice_connector.piles.segmentation import Array, Evidence, cut_probabilities, run_probabilities
from scripts.evaluation.pages import PageCache
from scripts.synthetic.draw import chance, pick, whole
from scripts.synthetic.pile_pool import suppliers
from scripts.synthetic.piles import Pile, Single, make_pile
from scripts.synthetic.vocabulary import LANGUAGES

SUPPLIERS = {"drawn": 300, "blocks": 300}
ALONE = 0.3  # share of the piles that are one document
CODED = 0.3  # share of the piles with payment codes, which generated pages do not have
MISREAD = 0.06  # share of what a page says that is not found
NOTHING: dict[str, Any] = {"printed": None, "title": None} | dict.fromkeys(
    ("numbers", "totals", "days", "identities", "codes"), frozenset()
)
WORDS = ("head", "foot")
STIFFNESS = 0.0005  # of the penalty on large weights, per pile


@dataclass(frozen=True, eq=False)
class Example:
    """A pile's evidence and the places (from 0) of the first pages of its documents."""

    evidence: Evidence
    begins: frozenset[int]

    @property
    def runs(self) -> list[tuple[int, int]]:
        """The first and last page of every document."""
        places = sorted(self.begins)
        return list(zip(places, [*(place - 1 for place in places[1:]), len(self.evidence.cuts) - 1], strict=True))


def begins_of(pile: Pile) -> frozenset[int]:
    """Where the documents begin; a loose sheet lies behind the document before it."""
    return frozenset(min(part) - 1 for part in pile.parts) | ({0} if pile.pages else set())


def examples(groups: Sequence[Sequence[Single]], pages: PageCache, count: int, seed: int) -> Iterator[Example]:
    """Piles of the suppliers' documents, some of a single one."""
    for at in range(count):
        rng = np.random.default_rng([seed, at])
        pile = make_pile(rng, groups, 1 if chance(rng, ALONE) else whole(rng, 2, 12))
        facts = _with_codes(rng, [pages.facts(page) for page in pile.pages], pile)
        yield Example(Evidence.of([_misread(rng, page) for page in facts]), begins_of(pile))


def _with_codes(rng: np.random.Generator, facts: list[PageFacts], pile: Pile) -> list[PageFacts]:
    """In some piles every document has a payment code of its own, on its first page or on its last one."""
    if not chance(rng, CODED):
        return facts
    last = chance(rng, 0.5)
    for number, part in enumerate(pile.parts):
        place = part[-1 if last else 0] - 1
        facts[place] = replace(facts[place], codes=frozenset({str(number)}))
    return facts


def _misread(rng: np.random.Generator, page: PageFacts) -> PageFacts:
    """The page as it may come out of a scan: some of what it says is not found."""
    lost: dict[str, Any] = {name: nothing for name, nothing in NOTHING.items() if chance(rng, MISREAD)}
    seen = {name: frozenset(w for w in sorted(getattr(page, name)) if not chance(rng, MISREAD)) for name in WORDS}
    if chance(rng, MISREAD):  # another language is found, or a sheet of other paper is used
        lost["language"] = pick(rng, LANGUAGES)
    if chance(rng, MISREAD / 2):
        lost["size"] = (page.size[0], round(page.size[1] * rng.uniform(0.4, 0.9)))
    return replace(page, **{**seen, **lost})


def loss(weights: Array, every: Sequence[Example]) -> tuple[float, Array]:
    """Mean negative log-likelihood of the true divisions with the penalty, and its gradient."""
    value, slope, split = 0.0, np.zeros(len(weights)), len(CUT)
    for example in every:
        evidence = example.evidence
        scores = evidence.scores(weights)
        chances, whole_sum = run_probabilities(scores)
        value += whole_sum
        slope[:split] += chances.sum(axis=1) @ evidence.cuts
        slope[split:] += np.tensordot(chances, evidence.runs, axes=2)
        for first, last in example.runs:
            value -= scores[first, last]
            slope[:split] -= evidence.cuts[first]
            slope[split:] -= evidence.runs[first, last]
    count = len(every)
    return value / count + STIFFNESS * float(weights @ weights) / 2, slope / count + STIFFNESS * weights


def fit(every: Sequence[Example]) -> Array:
    found = minimize(loss, np.zeros(len(NAMES)), args=(every,), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x)


def report(name: str, weights: Array, every: Sequence[Example]) -> None:
    """Prints how many decisions are right, and how many wrong ones are sure."""
    wrong, sure_wrong, total, doubtful, files = 0, 0, 0, 0, 0
    for example in every:
        chances = cut_probabilities(example.evidence.scores(weights))
        true = np.array([place in example.begins for place in range(len(chances))])
        off = (chances >= 0.5) != true
        unsure = np.minimum(chances, 1 - chances).max() > 0.01
        wrong, total = wrong + int(off.sum()), total + len(chances) - 1
        sure_wrong += 0 if unsure else int(off.sum())
        doubtful, files = doubtful + int(unsure), files + 1
    print(f"{name}: {files} files, {total} decisions, {1 - wrong / max(total, 1):.2%} right, "
          f"{sure_wrong} wrong and sure, {doubtful} files in doubt")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=Path, required=True, help="where the documents of piles are kept")
    parser.add_argument("--piles", type=int, default=400, help="of each renderer (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path(invoice_connector.piles.__path__[0]) / "weights.json")
    options = parser.parse_args(arguments)
    pages = PageCache(options.pool / "pages")
    groups = {name: suppliers(options.pool, name, "fit", count) for name, count in SUPPLIERS.items()}
    made = {name: list(examples(group, pages, options.piles, 11)) for name, group in groups.items()}
    every = [example for group in made.values() for example in group]
    held = [example for at, example in enumerate(every) if at % 5 == 0]
    report("held out", fit([example for at, example in enumerate(every) if at % 5]), held)
    weights = fit(every)
    report("fitted", weights, every)
    for name, group in made.items():
        report(name, weights, group)
    fitted = {name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)}
    options.out.write_text(json.dumps({"piles": len(every), "weights": fitted}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
