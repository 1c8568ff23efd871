"""Which lines are still in doubt: thresholds follow from a wanted error rate, not the other way round."""

from __future__ import annotations

import math
from collections.abc import Sequence


def in_doubt(probabilities: Sequence[float | None], certain: float, wanted_error: float, most: float) -> list[int]:
    """Indices of the lines that another engine should read, the most doubtful first.

    Lines at or above ``certain`` never are. The others are settled from the surest down for as long as the expected
    share of wrong lines among the settled stays within ``wanted_error`` (selective prediction, El-Yaniv and Wiener
    2010); the rest is in doubt, and at most the share ``most`` of all lines is named, or one where that is
    less than one. All values in 0..1; a line without a probability counts as wrong.
    """
    order = sorted(range(len(probabilities)), key=lambda index: -(probabilities[index] or 0.0))
    expected, settled = 0.0, 0
    for count, index in enumerate(order, start=1):
        probability = probabilities[index] or 0.0
        expected += 1.0 - probability
        if probability >= certain or expected <= wanted_error * count:
            settled = count
    doubtful = order[settled:][::-1]
    return doubtful[: max(1, math.floor(most * len(order))) if most > 0 else 0]
