"""Puts questions to a backend within a budget and turns its answers into verdicts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.layout import BoundingBox
from verifier.calibration import Calibration, calibration_for, candidate_log_odds, distribution
from verifier.decisions import MAX_OPTIONS, Answer, DecisionBackend, Loading
from verifier.errors import VerifierError
from verifier.prompts import PROMPT_VERSION, Form, decisions_for
from verifier.verdict import Question, Verdict

if TYPE_CHECKING:
    from verifier.pictures import PictureStyle

logger = logging.getLogger(__name__)

MARGIN = 0.15  # of the box's height, on each side of a crop
ROUND = 8  # questions that are put at once; the budget is looked at in between


@dataclass(frozen=True, slots=True)
class Budget:
    """What one document may cost: ``questions`` put, and ``milliseconds`` after which none is begun."""

    questions: int = 18
    milliseconds: float = 10_000.0


class Purse:
    """What is left of one document's budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._started = perf_counter()
        self._put = 0

    @property
    def left(self) -> int:
        """Questions that may still be put; 0 once the time is up."""
        return self.left_within(1.0)

    def left_within(self, share: float) -> int:
        """The same for askers that may only use a share (0..1) of the time."""
        late = (perf_counter() - self._started) * 1000 >= self._budget.milliseconds * share
        return 0 if late else max(0, self._budget.questions - self._put)

    def spend(self, questions: int) -> None:
        self._put += questions


@dataclass(frozen=True, slots=True)
class Asked:
    """``verdicts``: one per question, None for those that were not put or not answered; ``error`` why, if it broke."""

    verdicts: tuple[Verdict | None, ...]
    error: VerifierError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inquiry:
    """A question and the pixels, shape (H, W, 3), RGB, that it is about."""

    question: Question
    crop: NDArray[np.uint8]


class Verifier:
    """One backend with the form of picture its model was made for. Safe to use from several threads."""

    def __init__(
        self, backend: DecisionBackend, style: PictureStyle, form: Form = Form.AMONG, folder: Path | None = None
    ) -> None:
        self.backend = backend
        self.style = style
        self.form = form
        self._folder = folder

    @property
    def name(self) -> str:
        """Of the backend, as the log has it: "local", "chat"."""
        return self.backend.name

    @property
    def model(self) -> str:
        """The checkpoint's own name, without the folders before it."""
        return self.backend.model.rstrip("/").rsplit("/", 1)[-1]

    @property
    def calibration(self) -> Calibration:
        """How the model's numbers become probabilities."""
        return calibration_for(self.form, self.model, self._folder)

    def prepare(self) -> None:
        """Loads what has to be loaded, so that no budget pays for it. Raises VerifierError."""
        if isinstance(self.backend, Loading):
            self.backend.load()

    def ask(self, inquiries: Sequence[Inquiry], purse: Purse, share: float = 1.0) -> Asked:
        """Verdicts in the order of the questions; ``share`` of the time (0..1) that they may use.

        An error ends the asking; what was answered before it counts.
        """
        verdicts: list[Verdict | None] = []
        for start in range(0, len(inquiries), ROUND):
            part = inquiries[start : start + min(ROUND, purse.left_within(share))]
            if not part:
                break
            purse.spend(len(part))
            try:
                verdicts += self._verdicts(part)
            except VerifierError as error:
                logger.warning("the verifier was asked and failed: %s", error)
                return Asked(_filled(verdicts, len(inquiries)), error)
            if len(part) < min(ROUND, len(inquiries) - start):
                break
        return Asked(_filled(verdicts, len(inquiries)))

    def _verdicts(self, inquiries: Sequence[Inquiry]) -> list[Verdict]:
        started = perf_counter()
        groups = [decisions_for(i.crop, i.question.options, self.form, self.style) for i in inquiries]
        answers = iter(self.backend.decide([decision for group in groups for decision in group]))
        answered = [[next(answers) for _ in group] for group in groups]
        each = (perf_counter() - started) * 1000 / len(inquiries)
        return [self._verdict(i.question, a, each) for i, a in zip(inquiries, answered, strict=True)]

    def _verdict(self, question: Question, answers: Sequence[Answer], milliseconds: float) -> Verdict:
        calibration = self.calibration
        probabilities, none = distribution(candidate_log_odds(self.form, answers), calibration)
        stated = any(answer.stated for answer in answers)
        return Verdict(
            question,
            probabilities,
            none,
            milliseconds,
            f"{PROMPT_VERSION}/{self.form}",
            self.model,
            stated,
            calibration.fitted and not stated,
        )


def question_of(subject: str, page: int, box: BoundingBox, texts: Sequence[str]) -> Question:
    """Distinct texts as options, the first one first; spaces and their number make no new option."""
    distinct: dict[str, str] = {}
    for text in texts:
        key = "".join(text.split())
        if key:
            distinct.setdefault(key, " ".join(text.split()))
    return Question(subject, page, box, tuple(distinct.values())[:MAX_OPTIONS])


def crop_of(pixels: NDArray[np.uint8], box: BoundingBox) -> NDArray[np.uint8]:
    """The pixels in the box and a margin around it; shape (H, W, 3)."""
    height, width = pixels.shape[:2]
    grown = box.padded(max(2, round(box.height * MARGIN)), width, height)
    return pixels[grown.top : grown.bottom, grown.left : grown.right]


def noted(verdict: Verdict, note: str) -> Verdict:
    """The verdict with a remark added."""
    return replace(verdict, note=f"{verdict.note}; {note}" if verdict.note else note)


def _filled(verdicts: Sequence[Verdict | None], count: int) -> tuple[Verdict | None, ...]:
    return (*verdicts, *[None] * (count - len(verdicts)))
