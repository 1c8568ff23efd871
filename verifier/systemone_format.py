"""Decisions in the System One form that ``DecisionPipeline`` and ``/v1/systemone`` servers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verifier.decisions import MAX_PICTURES, Answer, Decision, Kind, checked_answer, placeholder
from verifier.errors import VerifierAnswerError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_QUESTIONS = 64  # of one request


def request_of(decisions: Sequence[Decision], asset: Callable[[Image], Any]) -> dict[str, Any]:
    """``state``, ``questions`` by number and ``assets``; each question names its own pictures only."""
    questions: dict[str, Any] = {}
    assets: dict[str, Any] = {}
    for index, decision in enumerate(decisions):
        names = {placeholder(n): f"<picture-{index}-{n}>" for n in range(1, len(decision.pictures) + 1)}
        assets |= {name: asset(picture) for name, picture in zip(names.values(), decision.pictures, strict=True)}
        instructions, *options = (_renamed(text, names) for text in (decision.instructions, *decision.options))
        question: dict[str, Any] = {"type": "noul", "instructions": instructions}
        if decision.kind is Kind.CHOICE:
            criteria = dict(zip(_labels(decision), options, strict=True))
            question = {"type": "choice", "instructions": instructions, "criteria": criteria}
        questions[str(index)] = question
    return {"state": "", "questions": questions, "assets": assets}


def answers_of(decisions: Sequence[Decision], answers: object) -> list[Answer]:
    """``answers`` is what came back under that key. Raises VerifierAnswerError unless every question is answered."""
    if not isinstance(answers, Mapping):
        raise VerifierAnswerError("the verifier's reply holds no answers; check that it speaks /v1/systemone")
    missing = [str(index) for index in range(len(decisions)) if not isinstance(answers.get(str(index)), Mapping)]
    if missing:
        raise VerifierAnswerError(f"the verifier left {len(missing)} of {len(decisions)} questions unanswered")
    return [_answer(decision, answers[str(index)]) for index, decision in enumerate(decisions)]


def batches(decisions: Sequence[Decision]) -> Iterator[list[Decision]]:
    """As many decisions as one request may hold, in order."""
    batch: list[Decision] = []
    pictures = 0
    for decision in decisions:
        if batch and (len(batch) == MAX_QUESTIONS or pictures + len(decision.pictures) > MAX_PICTURES):
            yield batch
            batch, pictures = [], 0
        batch.append(decision)
        pictures += len(decision.pictures)
    if batch:
        yield batch


def _answer(decision: Decision, answer: Mapping[str, Any]) -> Answer:
    if decision.kind is Kind.YES_NO:
        yes = answer.get("noul")
        return checked_answer(decision, [yes, 1.0 - yes if isinstance(yes, int | float) else None])
    probabilities = answer.get("probabilities")
    labels = _labels(decision)
    if not isinstance(probabilities, Mapping) or set(probabilities) != set(labels):
        raise VerifierAnswerError("the verifier answered outside the options it was given; its answer was dropped")
    return checked_answer(decision, [probabilities[label] for label in labels])


def _labels(decision: Decision) -> list[str]:
    """Neutral names: the options themselves are document text."""
    return [f"reading {number}" for number in range(1, len(decision.options))] + ["none"]


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text
