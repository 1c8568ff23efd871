"""What the verifier was asked and what it answered, as frozen values."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ocr_ensemble.layout import BoundingBox, checked_confidence

CONFIRMED = 0.7  # probability from which an option counts as seen
_ONE_SHAPE = str.maketrans("I|1" + "0", "lll" + "O")  # glyphs that most sans-serif typefaces draw alike


@dataclass(frozen=True, slots=True)
class Question:
    """Which of ``options`` (texts some engine read) stands in the box? ``subject`` is a field name or ``line``."""

    subject: str
    page: int
    box: BoundingBox
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One probability (0..1) per option of the question, and ``none`` for none of them; together 1.

    ``stated``: the model named an option without a probability. ``calibrated``: the numbers went through a fit for
    this checkpoint. ``note``: what became of the verdict where that is not plain from the numbers.
    """

    question: Question
    probabilities: tuple[float, ...]
    none: float
    milliseconds: float
    prompt_version: str
    model: str = ""
    stated: bool = False
    calibrated: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(self.question.options):
            raise ValueError(f"{len(self.probabilities)} probabilities for {len(self.question.options)} options")
        for value in (*self.probabilities, self.none):
            checked_confidence(value)

    @property
    def best(self) -> int | None:
        """The likeliest option; None when "none of them" is likelier than each."""
        top = max(range(len(self.probabilities)), key=lambda index: self.probabilities[index])
        return top if self.probabilities[top] > self.none else None

    @property
    def confirms(self) -> bool:
        """Whether it was plainly the first option that was seen: a bare majority confirms nothing."""
        return self.best == 0 and self.probabilities[0] >= CONFIRMED

    @property
    def refuses(self) -> bool:
        """Whether another text, or none of them, was likelier seen than the first option; a text whose print looks the
        same, such as "EI" for "El", is not another, nor one with other accents, which engines drop."""
        if self.best is None:
            return True
        first, seen = (_shape(self.question.options[index]) for index in (0, self.best))
        return first != seen


def _shape(text: str) -> str:
    """The text without what is told by a close look only: accents, and which of two glyphs alike it is."""
    letters = unicodedata.normalize("NFD", text)
    return "".join(char for char in letters if not unicodedata.combining(char)).translate(_ONE_SHAPE)


@dataclass(frozen=True, slots=True)
class Verification:
    """The verifier's word on one document. ``used`` is False when it was off, out of reach or had nothing to ask;
    ``verified`` is then None, never True. ``feedback`` says in words what was confirmed, what is in doubt, or why
    nothing was asked; ``failed``: the error that kept it from answering, all questions or the rest of them."""

    used: bool
    feedback: str
    backend: str | None = None
    model: str | None = None
    verified: bool | None = None
    confidence: float | None = None
    verdicts: tuple[Verdict, ...] = ()
    failed: str | None = None

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        if self.verified is not None and not self.used:
            raise ValueError("nothing is verified unless the verifier was used")


NOT_CONFIGURED = Verification(used=False, feedback="no verifier is configured")
NOT_REACHED = Verification(used=False, feedback="not asked: the document was not read to the end")
NOT_PRINTED = Verification(used=False, feedback="not asked: an e-invoice states its values and has no picture")
