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
FAR = 5.0  # standard deviations from the mean: an input beyond them counts as that far


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Boosted regression trees over named inputs. Arrays have shape (trees, nodes); a leaf's ``feature`` is -1.

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

    def log_odds(self, rows: Matrix) -> Matrix:
        """Shape (rows,) for ``rows`` of shape (rows, inputs)."""
        trees = np.arange(self.feature.shape[0])
        node = np.zeros((len(rows), len(trees)), dtype=np.int32)
        every = np.arange(len(rows))[:, None]
        while True:
            feature = self.feature[trees, node]
            inner = feature != _LEAF
            if not inner.any():
                total: Matrix = self.base + self.value[trees, node].sum(axis=1)
                return total
            left = rows[every, np.maximum(feature, 0)] <= self.threshold[trees, node]
            following = np.where(left, self.left[trees, node], self.right[trees, node])
            node = np.where(inner, following, node).astype(np.int32)

    def of(self, facts: Sequence[Mapping[str, float]]) -> Matrix:
        """The same for facts by name; a fact that is not given counts as 0."""
        rows = np.array([[row.get(name, 0.0) for name in self.inputs] for row in facts], dtype=np.float64)
        return self.log_odds(rows.reshape(len(facts), len(self.inputs)))

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
        rows = np.array([[row.get(name, 0.0) for name in self.inputs] for row in facts], dtype=np.float64)
        standard = (rows.reshape(len(facts), len(self.inputs)) - self.mean) / self.scale
        whole: Matrix = self.base + standard.clip(-FAR, FAR) @ self.weight
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
        whole: Matrix = (self.trees.of(facts) + self.line.of(facts)) / 2
        return whole

    def to_json(self) -> dict[str, Any]:
        return {"trees": self.trees.to_json(), "line": self.line.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Scorer:
        return cls(Forest.from_json(stored["trees"]), Logistic.from_json(stored["line"]))


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """``terms``: what a candidate is, by business term. ``trust``: whether a chosen field is right."""

    terms: Mapping[str, Scorer] = field(default_factory=dict)
    trust: Forest | None = None
    version: str = "none"

    def scores(self, term: str, facts: Sequence[Mapping[str, float]]) -> list[float]:
        """Log-odds that each candidate is ``term``; 0 where nothing was fitted for it."""
        model = self.terms.get(term)
        return [0.0] * len(facts) if model is None or not facts else [float(value) for value in model.of(facts)]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "terms": {name: scorer.to_json() for name, scorer in self.terms.items()},
            "trust": self.trust.to_json() if self.trust else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Ranker:
        terms = {name: Scorer.from_json(scorer) for name, scorer in stored["terms"].items()}
        trust = Forest.from_json(stored["trust"]) if stored["trust"] else None
        return cls(terms, trust, stored["version"])


@lru_cache(maxsize=1)
def bundled_ranker() -> Ranker:
    """The fitted models that come with the package."""
    place = files("invoice_connector.fields") / "ranker.json"
    return Ranker.from_json(json.loads(place.read_text("utf-8")))
