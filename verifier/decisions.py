"""Typed decisions: closed questions about pictures, answered by one probability per option."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from verifier.errors import VerifierAnswerError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PICTURES = 4  # a /v1/systemone request takes no more
MAX_OPTIONS = 4  # readings of one question; each has a picture of its own
SUM_TOLERANCE = 0.02  # servers round


class Kind(StrEnum):
    """What a Decision asks: yes or no, or which one of its options."""

    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """One closed question. ``instructions`` and ``options`` name each picture by its ``placeholder``.

    The options of YES_NO are "yes" and "no"; those of a CHOICE are what the model is shown beside each label.
    """

    kind: Kind
    instructions: str
    pictures: tuple[Image, ...]
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.options) < 2 or len(self.pictures) > MAX_PICTURES:
            raise ValueError(f"{len(self.options)} options and {len(self.pictures)} pictures make no decision")


@dataclass(frozen=True, slots=True)
class Answer:
    """One probability (0..1) per option of the Decision, together 1. ``stated``: the model named an option in words,
    so the numbers only say which."""

    probabilities: tuple[float, ...]
    stated: bool = False


class DecisionBackend(Protocol):
    """``name`` of the protocol and ``model`` as it calls itself: both go into the audit log."""

    name: str
    model: str

    def decide(self, decisions: Sequence[Decision]) -> list[Answer]:
        """One answer per decision, in order. Raises VerifierError."""
        ...


@runtime_checkable
class Loading(Protocol):
    """A backend that has to load something before its first answer."""

    def load(self) -> None:
        """Raises VerifierError."""
        ...


def placeholder(number: int) -> str:
    """What stands for picture ``number`` (from 1) in the text of a Decision; document text cannot contain it."""
    return f"<picture-{number}>"


def checked_answer(decision: Decision, probabilities: Sequence[object], stated: bool = False) -> Answer:
    """The answer, its probabilities scaled to sum exactly to 1.

    Raises VerifierAnswerError when a number is missing, is no probability, or when they do not add up.
    """
    numbers = [float(p) for p in probabilities if isinstance(p, int | float) and not isinstance(p, bool)]
    if len(numbers) != len(probabilities) or len(numbers) != len(decision.options):
        raise VerifierAnswerError(
            f"the verifier gave {len(numbers)} numbers for {len(decision.options)} options; its answer was dropped"
        )
    if not all(math.isfinite(p) and -SUM_TOLERANCE <= p <= 1 + SUM_TOLERANCE for p in numbers):
        raise VerifierAnswerError(f"the verifier answered {numbers}, which are no probabilities; they were dropped")
    kept = [min(1.0, max(0.0, p)) for p in numbers]
    total = sum(kept)
    if abs(total - 1.0) > SUM_TOLERANCE:
        raise VerifierAnswerError(f"the verifier's probabilities add up to {total:.3f}; its answer was dropped")
    return Answer(tuple(p / total for p in kept), stated)
