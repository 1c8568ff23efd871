"""Fitted models as plain data: boosted trees and logistic regressions as numbers, evaluated with numpy. Made by
``train_fields.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_LEAF = -1
_MOST_NODES = 64  # of a tree: one bit each
_ROWS_AT_ONCE = 32  # whose comparisons stay in the processor's cache
FAR = 5.0  # standard deviations from the mean: an input beyond them counts as that far


@dataclass(frozen=True, slots=True, eq=False)
class _Splits:
    """All inner nodes of a forest, asked at once: each strikes the leaves on its other side out, and the one that is
    left of a tree is where the row ends. After QuickScorer (Lucchese et al., SIGIR 2015).

    Arrays have shape (trees, inner nodes); bit n of ``if_left`` and ``if_right`` is 1 while the row may end in node n.
    """

    feature: NDArray[np.intp]
    threshold: Matrix
    if_left: NDArray[np.uint64]
    if_right: NDArray[np.uint64]

    @classmethod
    def of(
        cls, feature: NDArray[np.int32], threshold: Matrix, left: NDArray[np.int32], right: NDArray[np.int32]
    ) -> _Splits:
        inner = feature != _LEAF
        leaves = _leaves_below(inner, left, right)
        tree = np.arange(len(feature))[:, None]
        order = np.argsort(~inner, axis=1, kind="stable")[:, : max(1, int(inner.sum(axis=1).max(initial=0)))]
        used = inner[tree, order]
        below = leaves[tree, order]
        without_left = below & ~leaves[tree, left[tree, order]]
        without_right = below & ~leaves[tree, right[tree, order]]
        every = leaves[:, :1]
        return cls(
            np.where(used, feature[tree, order], 0).astype(np.intp),
            threshold[tree, order],
            np.where(used, every & ~without_left, every),
            np.where(used, every & ~without_right, every),
        )

    def leaves(self, rows: Matrix) -> NDArray[np.intp]:
        """The node in which each row ends, shape (rows, trees)."""
        goes_left = rows.take(self.feature, axis=1) <= self.threshold
        ends = np.bitwise_and.reduce(np.where(goes_left, self.if_left, self.if_right), axis=2)
        places: NDArray[np.intp] = np.bitwise_count(ends - np.uint64(1)).astype(np.intp)
        return places


def _leaves_below(inner: NDArray[np.bool_], left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.uint64]:
    """The leaves that can be reached from each node, as bits by their number."""
    tree = np.arange(len(inner))[:, None]
    own = np.where(inner, np.uint64(0), np.uint64(1) << np.arange(inner.shape[1], dtype=np.uint64))
    leaves = own
    for _ in range(inner.shape[1]):  # no path is longer
        following = np.where(inner, leaves[tree, left] | leaves[tree, right], own)
        if np.array_equal(following, leaves):
            break
        leaves = following
    return leaves


def matrix_of(facts: Sequence[Mapping[str, float]], inputs: Sequence[str]) -> Matrix:
    """Facts by name as rows, shape (facts, inputs); a fact that is not given counts as 0."""
    rows = np.array([[row.get(name, 0.0) for name in inputs] for row in facts], dtype=np.float64)
    return rows.reshape(len(facts), len(inputs))


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Boosted regression trees over named inputs. Arrays have shape (trees, nodes), of at most 64 nodes; a leaf's
    ``feature`` is -1.

    A row goes to ``left`` when its input is at most ``threshold``. The sum of the leaves' ``value`` and ``base`` are
    log-odds.
    """

    inputs: tuple[str, ...]
    base: float
    feature: NDArray[np.int32]
    threshold: Matrix
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: Matrix
    _splits: _Splits = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.feature.shape[1] > _MOST_NODES:
            raise ValueError(f"a tree may have {_MOST_NODES} nodes, not {self.feature.shape[1]}")
        object.__setattr__(self, "_splits", _Splits.of(self.feature, self.threshold, self.left, self.right))

    def log_odds(self, rows: Matrix) -> Matrix:
        """Shape (rows,) for ``rows`` of shape (rows, inputs)."""
        total = np.empty(len(rows))
        trees = np.arange(self.feature.shape[0])
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            total[some] = self.value[trees, self._splits.leaves(rows[some])].sum(axis=1)
        whole: Matrix = self.base + total
        return whole

    def of(self, facts: Sequence[Mapping[str, float]]) -> Matrix:
        """The same for facts by name; a fact that is not given counts as 0."""
        return self.log_odds(matrix_of(facts, self.inputs))

    def to_json(self) -> dict[str, Any]:
        """Trees as lists of [feature, threshold, left, right] and, for leaves, [value]."""
        trees = [
            [
                [round(float(v), 5)] if f == _LEAF else [int(f), float(t), int(a), int(b)]
                for f, t, a, b, v in zip(*columns, strict=True)
            ]
            for columns in zip(self.feature, self.threshold, self.left, self.right, self.value, strict=True)
        ]
        return {"inputs": list(self.inputs), "base": self.base, "trees": [_trimmed(tree) for tree in trees]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Forest:
        trees = stored["trees"]
        shape = (len(trees), max((len(tree) for tree in trees), default=1))
        feature = np.full(shape, _LEAF, dtype=np.int32)
        left, right = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
        threshold, value = np.zeros(shape), np.zeros(shape)
        for number, tree in enumerate(trees):
            for place, node in enumerate(tree):
                if len(node) == 1:
                    value[number, place] = node[0]
                else:
                    feature[number, place], threshold[number, place] = node[0], node[1]
                    left[number, place], right[number, place] = node[2], node[3]
        return cls(tuple(stored["inputs"]), float(stored["base"]), feature, threshold, left, right, value)


def _trimmed(tree: list[list[float]]) -> list[list[float]]:
    """Without the unused nodes that only fill the array."""
    used, todo = set(), [0]
    while todo:
        place = todo.pop()
        used.add(place)
        if len(tree[place]) == 4:
            todo += [int(tree[place][2]), int(tree[place][3])]
    return tree[: max(used) + 1]


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Logistic regression over named inputs; arrays have shape (inputs,)."""

    inputs: tuple[str, ...]
    base: float
    mean: Matrix
    scale: Matrix
    weight: Matrix

    def of(self, facts: Sequence[Mapping[str, float]]) -> Matrix:
        """Log-odds, shape (facts,); a fact that is not given counts as 0."""
        return self.log_odds(matrix_of(facts, self.inputs))

    def log_odds(self, rows: Matrix) -> Matrix:
        """The same for ``rows`` of shape (rows, inputs)."""
        whole: Matrix = self.base + ((rows - self.mean) / self.scale).clip(-FAR, FAR) @ self.weight
        return whole

    def to_json(self) -> dict[str, Any]:
        arrays = {"mean": self.mean, "scale": self.scale, "weight": self.weight}
        rounded = {name: [round(float(value), 6) for value in array] for name, array in arrays.items()}
        return {"inputs": list(self.inputs), "base": self.base, **rounded}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Logistic:
        mean, scale, weight = (np.array(stored[name], dtype=np.float64) for name in ("mean", "scale", "weight"))
        return cls(tuple(stored["inputs"]), float(stored["base"]), mean, scale, weight)


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """The mean of two learners' log-odds: trees, which know what goes together, and a logistic regression, which goes
    on where the trees saw nothing of the kind (a page unlike those that both were fitted on)."""

    trees: Forest
    line: Logistic

    def of(self, facts: Sequence[Mapping[str, float]]) -> Matrix:
        """Log-odds, shape (facts,)."""
        rows = matrix_of(facts, self.trees.inputs)
        line = self.line.log_odds(rows) if self.line.inputs == self.trees.inputs else self.line.of(facts)
        whole: Matrix = (self.trees.log_odds(rows) + line) / 2
        return whole

    def to_json(self) -> dict[str, Any]:
        return {"trees": self.trees.to_json(), "line": self.line.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Scorer:
        return cls(Forest.from_json(stored["trees"]), Logistic.from_json(stored["line"]))


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """``terms``: what a candidate is, by business term. ``trust``: whether a chosen field is right. ``familiar``: the
    share of known labels below which pages are unlike those of the fit."""

    terms: Mapping[str, Scorer] = field(default_factory=dict)
    trust: Forest | None = None
    version: str = "none"
    familiar: float = 0.0

    def scores(self, term: str, facts: Sequence[Mapping[str, float]]) -> list[float]:
        """Log-odds that each candidate is ``term``; 0 where nothing was fitted for it."""
        model = self.terms.get(term)
        return [0.0] * len(facts) if model is None or not facts else [float(value) for value in model.of(facts)]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "familiar": self.familiar,
            "terms": {name: scorer.to_json() for name, scorer in self.terms.items()},
            "trust": self.trust.to_json() if self.trust else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Ranker:
        terms = {name: Scorer.from_json(scorer) for name, scorer in stored["terms"].items()}
        trust = Forest.from_json(stored["trust"]) if stored["trust"] else None
        return cls(terms, trust, stored["version"], stored.get("familiar", 0.0))


@lru_cache(maxsize=1)
def bundled_ranker() -> Ranker:
    """The fitted models that come with the package."""
    place = files("invoice_connector.fields") / "ranker.json"
    return Ranker.from_json(json.loads(place.read_text("utf-8")))
