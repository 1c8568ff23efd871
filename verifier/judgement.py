"""What a verdict means beside what the engines knew before: Bayes' rule over the readings and "none of them"."""

from __future__ import annotations

import math
from dataclasses import dataclass

from verifier.calibration import LEAST, log_odds
from verifier.verdict import Verdict

UNKNOWN = 0.7  # stands for a reading whose engine gives no probability
RIVALS = 0.7  # share of the remaining chance that the other readings hold; the rest is for what nobody read


@dataclass(frozen=True, slots=True)
class Judgement:
    """``chosen``: index of the option that is likeliest after the verdict, None for none of them; ``confidence``: the
    probability (0..1) of that option, or of the first one when none is chosen."""

    chosen: int | None
    confidence: float

    @property
    def doubtful(self) -> bool:
        return self.chosen is None


def posterior(verdict: Verdict, prior: float | None, weight: float) -> list[float]:
    """The probability of each option after the verdict; what is missing to 1 is that of none of them.

    ``prior`` is the probability of the first option before it, ``weight`` (0..1) what the verdict counts.
    """
    first = min(0.999, max(0.001, UNKNOWN if prior is None else prior))
    others = len(verdict.probabilities) - 1
    rest = 1.0 - first
    priors = [first, *[rest * RIVALS / others] * others] if others else [first]
    none = (rest * (1.0 - RIVALS) if others else rest) * max(LEAST, verdict.none) ** weight
    shares = [chance * max(LEAST, p) ** weight for chance, p in zip(priors, verdict.probabilities, strict=True)]
    total = sum(shares) + none
    return [share / total for share in shares]


def judged(verdict: Verdict, prior: float | None, weight: float = 1.0) -> Judgement:
    """``prior`` and ``weight`` as for ``posterior``.

    Another option is only chosen when the verifier itself prefers it, too.
    """
    after, best = posterior(verdict, prior, weight), verdict.best
    if best is None:
        return Judgement(None, after[0])
    if best and after[best] > after[0]:
        return Judgement(best, after[best])
    return Judgement(0, after[0])


def text_probability(verdict: Verdict, prior: float | None, weight: float = 1.0) -> float:
    """The probability (0..1) that the first option is what is printed, after the verdict."""
    before = log_odds(min(0.999, max(0.001, UNKNOWN if prior is None else prior)))
    after = before + weight * log_odds(verdict.probabilities[0])
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, after))))


def shifted(probability: float, by: float) -> float:
    """The probability (0..1) whose log-odds are ``by`` higher."""
    return 1.0 / (1.0 + math.exp(-(log_odds(probability) + by)))
