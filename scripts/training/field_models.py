"""The models that rank candidates and say how sure a field is, fitted by scikit-learn and exported as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from invoice_connector.fields.model import FAR, Forest, Logistic, Matrix

RIDGE = 200.0  # how hard the coefficients of the logistic regressions are held to 0


@dataclass(frozen=True, slots=True)
class Options:
    """Inputs by name and the size of a forest; ``monotonic``: 1 for inputs that only speak for, -1 against."""

    inputs: tuple[str, ...]
    trees: int
    leaves: int
    monotonic: Mapping[str, int]
    rate: float = 0.1


def fit_forest(
    facts: Sequence[Mapping[str, float]], right: Sequence[bool], weights: Sequence[float], options: Options
) -> Forest:
    """Boosted trees for the log-odds of being right."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = np.array([[row.get(name, 0.0) for name in options.inputs] for row in facts], dtype=np.float64)
    model = HistGradientBoostingClassifier(
        max_iter=options.trees, max_leaf_nodes=options.leaves, learning_rate=options.rate, min_samples_leaf=20,
        l2_regularization=5.0, early_stopping=False, random_state=0,
        monotonic_cst=[options.monotonic.get(name, 0) for name in options.inputs],
    )  # fmt: skip
    model.fit(rows, np.asarray(right, dtype=int), sample_weight=np.asarray(weights))
    return exported(model, options.inputs)


def fit_logistic(
    facts: Sequence[Mapping[str, float]], right: Sequence[bool], weights: Sequence[float], options: Options
) -> Logistic:
    """A regression for the same, whose coefficients are held small."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([[row.get(name, 0.0) for name in options.inputs] for row in facts], dtype=np.float64)
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    standard = ((rows - mean) / scale).clip(-FAR, FAR)
    model = LogisticRegression(C=1 / RIDGE, max_iter=300)
    model.fit(standard, np.asarray(right, dtype=int), sample_weight=np.asarray(weights))
    return Logistic(options.inputs, float(model.intercept_[0]), mean, scale, model.coef_[0])


def exported(model: Any, inputs: Sequence[str]) -> Forest:
    """scikit-learn's trees as plain arrays."""
    trees = [predictors[0].nodes for predictors in model._predictors]
    width = max(len(nodes) for nodes in trees)

    def column(name: str, fill: float) -> NDArray[Any]:
        return np.array([np.pad(nodes[name].astype(float), (0, width - len(nodes)), constant_values=fill)
                         for nodes in trees])  # fmt: skip

    leaf = column("is_leaf", 1) > 0
    feature = np.where(leaf, -1, column("feature_idx", 0)).astype(np.int32)
    threshold = np.where(leaf, 0.0, column("num_threshold", 0))
    base = float(np.ravel(model._baseline_prediction)[0])
    return Forest(
        tuple(inputs), base, feature, threshold, column("left", 0).astype(np.int32),
        column("right", 0).astype(np.int32), np.where(leaf, column("value", 0), 0.0),
    )  # fmt: skip


def platt(log_odds: Matrix, right: Sequence[bool], weights: Sequence[float]) -> tuple[float, float]:
    """Slope and offset that make log-odds of folds that were not fitted right on the whole (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(log_odds[:, None], np.asarray(right, dtype=int), sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
