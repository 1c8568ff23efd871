"""The measures of the benchmark, each defined once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocr_ensemble.layout import BoundingBox, TextLine, Word

CALIBRATION_BINS = 15


@dataclass(frozen=True, slots=True)
class TextScore:
    """Counts that add up over pages. ``edits`` over ``characters`` is the CER, spaces ignored, upper-cased."""

    edits: int = 0
    characters: int = 0
    exact: int = 0
    lines: int = 0
    words_right: int = 0
    words_read: int = 0
    words_true: int = 0

    def __add__(self, other: TextScore) -> TextScore:
        return TextScore(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def cer(self) -> float:
        return self.edits / max(1, self.characters)

    @property
    def lines_exact(self) -> float:
        return self.exact / max(1, self.lines)

    @property
    def word_f1(self) -> float:
        return 2 * self.words_right / max(1, self.words_read + self.words_true)


def plain(text: str) -> str:
    """Upper-cased without spaces, as CER compares."""
    return "".join(text.upper().split())


def moved(box: BoundingBox, matrix: NDArray[np.float64]) -> BoundingBox:
    """The box around a box's corners after an affine map, shape (2, 3)."""
    corners = np.array([[x, y, 1.0] for x in (box.left, box.right) for y in (box.top, box.bottom)])
    return BoundingBox.around([(float(x), float(y)) for x, y in corners @ matrix.T])


def on_source(lines: Iterable[TextLine], from_source: NDArray[np.float64]) -> list[TextLine]:
    """The lines with their boxes in pixels of the file as stored, where its labels are.

    Mapping labels to the page instead would be unfair on a page that was levelled: the box around a turned box reaches
    into its neighbours, while the centre of a word stays where it is.
    """
    back = np.linalg.inv(np.vstack([from_source, [0.0, 0.0, 1.0]]))[:2]
    return [
        replace(
            line,
            box=moved(line.box, back),
            words=tuple(replace(word, box=moved(word.box, back)) for word in line.words),
        )
        for line in lines
    ]


def text_in(words: Iterable[Word], box: BoundingBox) -> str:
    """The words whose centre lies in the box, in reading order, joined by spaces."""
    return " ".join(word.text for word in words if box.contains(word.box.center))


def words_of(lines: Iterable[TextLine]) -> list[Word]:
    """All words in reading order; a line without word boxes counts as one word."""
    return [word for line in lines for word in (line.words or (Word(line.text, line.box),))]


def score_text(lines: Sequence[TextLine], truth: Sequence[tuple[BoundingBox, str]]) -> TextScore:
    """One page's lines against its labelled boxes."""
    words = words_of(lines)
    total = TextScore()
    for box, label in truth:
        edits = Levenshtein.distance(plain(text_in(words, box)), plain(label))
        total += TextScore(edits, len(plain(label)), int(edits == 0), 1)
    read = Counter(token for line in lines for token in line.text.upper().split())
    true = Counter(token for _, label in truth for token in label.upper().split())
    return total + TextScore(words_right=(read & true).total(), words_read=read.total(), words_true=true.total())


def expected_calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance of confidence and accuracy over 15 bins of equal mass (Naeini et al. 2015)."""
    order = np.argsort(confidence, kind="stable")
    sure, hit = np.asarray(confidence, float)[order], np.asarray(right, float)[order]
    bins = zip(np.array_split(sure, CALIBRATION_BINS), np.array_split(hit, CALIBRATION_BINS), strict=True)
    return float(sum(len(s) * abs(s.mean() - h.mean()) for s, h in bins if len(s)) / max(1, len(sure)))


def auroc(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Chance that a right item has the higher confidence than a wrong one; nan when all are right or wrong."""
    from scipy.stats import rankdata

    hit = np.asarray(right, bool)
    ranks = rankdata(confidence)
    positive, negative = int(hit.sum()), int((~hit).sum())
    if not positive or not negative:
        return float("nan")
    return float((ranks[hit].sum() - positive * (positive + 1) / 2) / (positive * negative))


def risk_coverage(
    confidence: Sequence[float], right: Sequence[bool]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk when the surest 1, 2, ... items are kept (El-Yaniv and Wiener 2010)."""
    order = np.argsort(-np.asarray(confidence, float), kind="stable")
    wrong = (~np.asarray(right, bool)[order]).cumsum()
    kept = np.arange(1, len(order) + 1)
    return kept / max(1, len(order)), wrong / kept


def coverage_at_risk(confidence: Sequence[float], right: Sequence[bool], risk: float) -> float:
    """The largest share of items that can be kept with at most ``risk`` wrong among them."""
    coverage, risks = risk_coverage(confidence, right)
    within = coverage[risks <= risk]
    return float(within.max()) if len(within) else 0.0


def area_under_risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Mean risk over all coverages; lower is better."""
    _, risks = risk_coverage(confidence, right)
    return float(risks.mean()) if len(risks) else float("nan")


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> dict[str, float]:
    """What probabilities are worth: calibration, ranking, and what can be kept at a wanted share of wrong ones."""
    return {
        "ece": expected_calibration_error(confidence, right),
        "auroc": auroc(confidence, right),
        "aurc": area_under_risk_coverage(confidence, right),
        "coverage_at_1_percent_risk": coverage_at_risk(confidence, right, 0.01),
        "coverage_at_2_percent_risk": coverage_at_risk(confidence, right, 0.02),
    }
