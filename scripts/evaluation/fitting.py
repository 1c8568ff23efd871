"""Fitting the vote's weights and the lines' calibrators on labelled readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.fusion.vote import Network, ballots, letter_fit
from ocr_ensemble.fusion.weights import UNKNOWN_CONFIDENCE, GlyphClass, VoteWeights, logit
from scripts.evaluation.measures import expected_calibration_error

RIDGE = 1e-3  # pull of every coefficient towards 0 (weights) relative to the mean log loss
FOLDS = 5


@dataclass(frozen=True, slots=True)
class ColumnExample:
    """One column: per option the terms that add up to its log-odds, and what the line's letters say of it (at most 0);
    ``right`` indexes the options, -1 for none."""

    options: tuple[tuple[tuple[str, GlyphClass, float], ...], ...]
    letters: tuple[float, ...]
    right: int


def column_examples(network: Network, truth: Sequence[str]) -> Iterable[ColumnExample]:
    """One example per column; ``truth`` has the right glyph of each."""
    for position, true in enumerate(truth):
        terms: dict[str, list[tuple[str, GlyphClass, float]]] = {}
        for glyph, engine, counts_as, confidence in ballots(network, position):
            log_odds = logit(UNKNOWN_CONFIDENCE if confidence is None else confidence)
            terms.setdefault(glyph, []).append((engine, counts_as, log_odds))
        glyphs = sorted(terms)
        letters = letter_fit(glyphs, position, truth) if len(glyphs) > 1 else [0.0]
        options = tuple(tuple(terms[glyph]) for glyph in glyphs)
        yield ColumnExample(options, tuple(letters), glyphs.index(true) if true in terms else -1)


def fit_weights(
    examples: Sequence[ColumnExample], version: str, default: Mapping[str, tuple[float, float]]
) -> VoteWeights:
    """Offset and slope per engine and glyph class, and what letters count: a conditional logit over each column's
    options and "none"."""
    import torch

    names = sorted({(engine, glyph) for e in examples for option in e.options for engine, glyph, _ in option})
    place = {name: 2 * index for index, name in enumerate(names)}
    width = max(len(example.options) for example in examples) + 1
    features = np.zeros((len(examples), width, 2 * len(names) + 1), dtype=np.float32)
    present = np.zeros((len(examples), width), dtype=bool)
    present[:, 0] = True  # "none of them" has no terms: its log-odds stay 0
    for row, example in enumerate(examples):
        for number, (option, letters) in enumerate(zip(example.options, example.letters, strict=True), start=1):
            present[row, number] = True
            features[row, number, -1] = letters
            for engine, glyph, log_odds in option:
                features[row, number, place[engine, glyph]] += 1.0
                features[row, number, place[engine, glyph] + 1] += log_odds
    x, mask = torch.from_numpy(features), torch.from_numpy(~present)
    y = torch.tensor([example.right + 1 for example in examples])
    coefficients = torch.zeros(features.shape[2], requires_grad=True)
    optimizer = torch.optim.LBFGS([coefficients], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = (x @ coefficients).masked_fill(mask, -1e9)
        value = torch.nn.functional.cross_entropy(scores, y) + RIDGE * coefficients.square().mean()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    fitted = coefficients.detach().numpy()
    terms: dict[str, dict[str, tuple[float, float]]] = {}
    for (engine, glyph), start in place.items():
        terms.setdefault(engine, {})[glyph.value] = (round(float(fitted[start]), 4), round(float(fitted[start + 1]), 4))
    return VoteWeights(version, terms, default, round(float(fitted[-1]), 4))


@dataclass(frozen=True, slots=True)
class LineFit:
    """A logistic fit with the figures of its cross-validation."""

    intercept: float
    coefficients: Mapping[str, float]
    samples: int
    expected_calibration_error: float
    log_loss: float
    held_out: NDArray[np.float64]


def fit_lines(features: Sequence[Mapping[str, float]], right: Sequence[bool], groups: Sequence[str]) -> LineFit:
    """Logistic regression; figures come from folds that keep the lines of one document together."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.model_selection import GroupKFold, cross_val_predict

    names = sorted(features[0])
    x = np.array([[row[name] for name in names] for row in features])
    scale = np.maximum(x.std(axis=0), 1e-6)
    y = np.asarray(right, dtype=int)
    model = LogisticRegression(C=1.0, max_iter=2000)
    held_out = cross_val_predict(
        model, x / scale, y, groups=groups, cv=GroupKFold(min(FOLDS, len(set(groups)))), method="predict_proba"
    )[:, 1]
    model.fit(x / scale, y)
    coefficients = {name: round(float(c), 5) for name, c in zip(names, model.coef_[0] / scale, strict=True)}
    return LineFit(
        round(float(model.intercept_[0]), 5),
        coefficients,
        len(y),
        round(expected_calibration_error(list(held_out), list(right)), 4),
        float(log_loss(y, held_out)),
        held_out,
    )
