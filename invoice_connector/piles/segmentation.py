"""The likeliest division of pages into documents: a semi-Markov conditional random field (Sarawagi and Cohen 2004).

A division's score is linear in the features of its cuts and of its runs of pages. Forward and backward sums over all
divisions give the exact probability of every cut.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from invoice_connector.piles.evidence import CUT, NAMES, PAIR, RUN, Features, cut_features, pair_features, run_features
from invoice_connector.piles.pages import PageFacts

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Features of ``n`` pages. ``cuts``: shape (n, cut features), of a document beginning at each page but the first,
    whose row is 0. ``runs``: shape (n, n, pair and run features), of the document from page i to page j, both
    included; 0 where j < i."""

    cuts: Array
    runs: Array

    @classmethod
    def of(cls, pages: Sequence[PageFacts]) -> Evidence:
        count = len(pages)
        cuts = np.zeros((count, len(CUT)))
        runs = np.zeros((count, count, len(PAIR) + len(RUN)))
        for place in range(1, count):
            cuts[place] = _row(cut_features(pages[place - 1], pages[place]), CUT)
        for first in range(count):
            together = np.zeros(len(PAIR))
            for last in range(first, count):
                if last > first + 1:  # of neighbours the cut has it
                    together += _row(pair_features(pages[first], pages[last]), PAIR)
                runs[first, last] = [*together, *_row(run_features(pages[first : last + 1]), RUN)]
        return cls(cuts, runs)

    def scores(self, weights: Array) -> Array:
        """Log-scores of the runs, shape (n, n); the cut before a run is counted with it. ``weights`` as ``NAMES``."""
        return np.asarray((self.cuts @ weights[: len(CUT)])[:, None] + self.runs @ weights[len(CUT) :])


@dataclass(frozen=True, slots=True)
class Division:
    """``runs``: the first and the last page (from 0) of every document; ``chances``: for each of them, that exactly
    these pages are a document. ``cuts``: for each page, that a document begins there; 1 for the first."""

    runs: tuple[tuple[int, int], ...]
    chances: tuple[float, ...]
    cuts: tuple[float, ...]

    def least_sure(self, first: int, last: int) -> int:
        """The page (from 0) of which it is least sure whether a document begins there, of those that decide over the
        run."""
        begins = {begin for begin, _ in self.runs}
        decides = range(max(first, 1), min(last + 1, len(self.cuts) - 1) + 1)
        return max(decides, key=lambda at: 1.0 - self.cuts[at] if at in begins else self.cuts[at])


def divided(pages: Sequence[PageFacts]) -> Division:
    """The likeliest division of pages by the fitted weights."""
    scores = Evidence.of(pages).scores(_weights())
    chances, runs = run_probabilities(scores)[0], best_runs(scores)
    return Division(runs, tuple(float(chances[run]) for run in runs), tuple(map(float, cut_probabilities(scores))))


def cut_probabilities(scores: Array) -> Array:
    """For each page the probability that a document begins there, of the scores of all runs."""
    begun: Array = run_probabilities(scores)[0].sum(axis=1)
    return np.minimum(begun, 1.0)


def run_probabilities(scores: Array) -> tuple[Array, float]:
    """For each run the probability that it is a document, shape (n, n), and the log of the sum over all divisions."""
    count = len(scores)
    forward, backward = np.zeros(count + 1), np.zeros(count + 1)
    for last in range(count):
        forward[last + 1] = np.logaddexp.reduce(forward[: last + 1] + scores[: last + 1, last])
    for first in range(count - 1, -1, -1):
        backward[first] = np.logaddexp.reduce(scores[first, first:] + backward[first + 1 :])
    logs = forward[:-1, None] + scores + backward[None, 1:] - forward[count]
    return np.triu(np.exp(np.minimum(logs, 0.0))), float(forward[count])


def best_runs(scores: Array) -> tuple[tuple[int, int], ...]:
    """The first and last page of each document of the division with the highest score."""
    count = len(scores)
    best, begins = np.zeros(count + 1), np.zeros(count, dtype=int)
    for last in range(count):
        options = best[: last + 1] + scores[: last + 1, last]
        begins[last] = int(np.argmax(options))
        best[last + 1] = options[begins[last]]
    found, last = list[tuple[int, int]](), count - 1
    while last >= 0:
        found.append((int(begins[last]), last))
        last = found[-1][0] - 1
    return tuple(reversed(found))


@cache
def _weights() -> Array:
    text = resources.files("invoice_connector.piles").joinpath("weights.json").read_text("utf-8")
    fitted: Mapping[str, float] = json.loads(text)["weights"]
    return np.array([fitted[name] for name in NAMES])


def _row(features: Features, names: Sequence[str]) -> list[float]:
    return [features[name] for name in names]
