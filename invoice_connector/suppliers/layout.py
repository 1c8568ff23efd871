"""How a supplier prints each term, learned from approved documents, and how far a new print agrees with that.

A print is described by the text to its left and above it, its place on the page and the form of its characters. Weights
of what agrees are log-odds, fitted by ``scripts/fit_layouts.py`` on invented suppliers; they lie in ``layout.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from rapidfuzz.fuzz import ratio

from invoice_connector.evidence.date_order import ORDERS, DateOrder
from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.suppliers.names import is_same, plain_text
from ocr_ensemble.layout import BoundingBox

FEATURES = (
    "labelled",  # the text to its left, or above it, is that of an earlier document
    "unlabelled",  # earlier documents have a text there, and this one another
    "placed",  # it stands where an earlier one stands
    "in_column",  # its left or its right edge does
    "formed",  # its digits, letters and signs come in the same order
    "several",  # more than one earlier document agrees by label or place
    "strange",  # none does
    "same_value",  # of what stays from document to document: an earlier one has it
)
CONSTANT = (
    "seller_name", "seller_vat_identifier", "seller_legal_registration_identifier", "payment_account_identifier",
    "currency_code", "seller_address",
)  # fmt: skip
"""Terms that a supplier's documents have in common."""
_ACCOUNTS = 2  # approved documents that bear an account out: one correction that is wrong must not
_WORDS = 4  # of a label that are looked at
_FAR_LEFT, _GAP, _FAR_UP = 25.0, 2.5, 3.0  # heights of the print: to the first word, between words, up
_SAME_TEXT = 88  # per cent
_SAME_PLACE = 0.015  # of the page's width or height
_MOST_FORM = 12


@dataclass(frozen=True, slots=True)
class Print:
    """Where and how one value is printed: ``left`` and ``above`` are folded texts without digits; ``x``, ``right`` and
    ``y`` shares of the page's width and height; ``page`` from 1; ``form`` as in ``form_of``; ``order``: of a date of
    numbers alone, "DMY", "MDY" or "YMD" where its value tells that."""

    left: str
    above: str
    x: float
    right: float
    y: float
    page: int
    form: str
    order: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PageWords:
    """The words of a page with their boxes, as an array of shape (N, 4), and the page's size in pixels."""

    number: int
    width: int
    height: int
    texts: tuple[str, ...]
    boxes: np.ndarray

    @classmethod
    def of(cls, number: int, size: tuple[int, int], words: Sequence[tuple[str, Sequence[float]]]) -> PageWords:
        boxes = np.array([box for _, box in words], dtype=float).reshape(len(words), 4)
        return cls(number, *size, tuple(text for text, _ in words), boxes)

    def print_of(self, box: BoundingBox, text: str) -> Print:
        """The description of a value that is printed in the box."""
        size = max(1, box.height)
        return Print(
            self._left_of(box, size),
            self._above(box, size),
            round(box.left / self.width, 4),
            round(box.right / self.width, 4),
            round(box.center[1] / self.height, 4),
            self.number,
            form_of(text),
        )

    def follows(self, one: int, other: int) -> bool:
        """Whether a word stands behind another one on its row."""
        _, top, right, bottom = self.boxes[one]
        height = bottom - top
        apart = self.boxes[other, 0] - right
        beside = abs((self.boxes[other, 1] + self.boxes[other, 3]) - (top + bottom)) <= height
        return bool(beside and -height / 2 <= apart <= _GAP * height)

    def _left_of(self, box: BoundingBox, size: float) -> str:
        """The words that lead up to the box on its row, the nearest ones."""
        lefts, tops, rights, bottoms = self.boxes.T
        middle = (tops + bottoms) / 2
        on_row = (middle > box.top) & (middle < box.bottom) & ((lefts + rights) / 2 < box.left)
        order = sorted(np.flatnonzero(on_row), key=lambda place: -rights[place])
        found: list[str] = []
        edge, reach = float(box.left), _FAR_LEFT * size
        for place in order[:_WORDS]:
            if edge - rights[place] > reach:
                break
            found.insert(0, self.texts[place])
            edge, reach = float(lefts[place]), _GAP * size
        return _folded(" ".join(found))

    def _above(self, box: BoundingBox, size: float) -> str:
        """The words of the nearest row above the box that stand over it."""
        lefts, _, rights, bottoms = self.boxes.T
        over = (lefts < box.right) & (rights > box.left) & (bottoms <= box.top + size / 2)
        over &= box.top - bottoms <= _FAR_UP * size
        places = np.flatnonzero(over)
        if not len(places):
            return ""
        row = bottoms[places].max()
        nearest = [place for place in places if row - bottoms[place] <= size / 2]
        return _folded(
            " ".join(self.texts[place] for place in sorted(nearest, key=lambda place: lefts[place])[:_WORDS])
        )


def form_of(text: str) -> str:
    """The order of kinds of characters: "A9-9" for "FA2025-17"."""
    kinds = ["9" if c.isdigit() else "A" if c.isalpha() else " " if c.isspace() else c for c in text]
    return "".join(c for place, c in enumerate(kinds) if not place or kinds[place - 1] != c)[:_MOST_FORM]


def title_letters(text: str) -> str:
    """A title without its number, as titles are compared."""
    return "".join(filter(str.isalpha, alphanumeric(text)))


def _folded(text: str) -> str:
    return "".join(c for c in plain_text(text) if c.isalpha() or c == "%")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one approved document taught: the prints of each term, the values of ``CONSTANT`` terms and, under the
    title that told its kind ("" for none), the code of that kind; which ``supplier`` of the master data sent it, "" for
    none, and how its name was ``printed``."""

    job_id: str
    prints: Mapping[str, tuple[Print, ...]]
    values: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    supplier: str = ""
    printed: str = ""

    @property
    def orders(self) -> tuple[DateOrder, ...]:
        """Those of its dates that tell it."""
        told = {one.order for prints in self.prints.values() for one in prints}
        return tuple(order for order in ORDERS if order in told)

    def to_json(self) -> dict[str, Any]:
        prints = {term: [asdict(one) for one in prints] for term, prints in self.prints.items()}
        own = {"supplier": self.supplier, "printed": self.printed}
        return {"values": dict(self.values), "prints": prints, "kinds": dict(self.kinds), **own}

    @classmethod
    def of_json(cls, job_id: str, data: Mapping[str, Any]) -> Lesson:
        prints = {term: tuple(Print(**one) for one in prints) for term, prints in data["prints"].items()}
        rest = (data.get("kinds", {}), data.get("supplier", ""), data.get("printed", ""))  # not of the first version
        return cls(job_id, prints, data["values"], *rest)


def agreement(one: Print, term: str, lessons: Sequence[Lesson], value: str) -> dict[str, float] | None:
    """``FEATURES`` of a print that says ``value`` as that of a term; None where no lesson has the term."""
    taught = [lesson.prints[term] for lesson in lessons if lesson.prints.get(term)]
    if not taught:
        return None
    labelled = [any(_labelled(one, earlier) for earlier in prints) for prints in taught]
    placed = [any(_placed(one, earlier) for earlier in prints) for prints in taught]
    every = [earlier for prints in taught for earlier in prints]
    agreeing = sum(label or place for label, place in zip(labelled, placed, strict=True))
    return {
        "labelled": float(any(labelled)),
        "unlabelled": float(not any(labelled) and all(earlier.left or earlier.above for earlier in every)),
        "placed": float(any(placed)),
        "in_column": float(any(_in_column(one, earlier) for earlier in every)),
        "formed": float(any(one.form == earlier.form for earlier in every)),
        "several": float(agreeing > 1),
        "strange": float(not agreeing),
        "same_value": float(has_value(term, value, lessons)),
    }


def agreeing(one: Print, term: str, lessons: Sequence[Lesson]) -> int:
    """How many lessons have the term with that label or in that place."""
    taught = (lesson.prints.get(term, ()) for lesson in lessons)
    return sum(any(_labelled(one, earlier) or _placed(one, earlier) for earlier in prints) for prints in taught)


def has_value(term: str, value: str, lessons: Sequence[Lesson]) -> bool:
    """Whether earlier documents have the same value of a ``CONSTANT`` term: one of them, of an account two."""
    known = [lesson.values[term] for lesson in lessons if term in lesson.values]
    if term == "seller_name":
        return any(is_same(value, earlier) for earlier in known)
    same = sum(alphanumeric(value) == alphanumeric(earlier) for earlier in known)
    return same >= (_ACCOUNTS if term == "payment_account_identifier" else 1)


def odds(facts: Mapping[str, float] | None, use: str) -> float:
    """Log-odds that the agreement adds to a print being the term's: in the ``choice`` among candidates, or to the
    ``trust`` in the one that was chosen."""
    if facts is None:
        return 0.0
    weights = bundled_weights()[use]
    return sum(weights[name] * facts[name] for name in FEATURES)


def _labelled(one: Print, earlier: Print) -> bool:
    """By the left text where the earlier print has one: what stands above it may be another row's value."""
    pairs = ((one.left, earlier.left),) if earlier.left else ((one.above, earlier.above),)
    return any(first and second and ratio(first, second) >= _SAME_TEXT for first, second in pairs)


def _placed(one: Print, earlier: Print) -> bool:
    return one.page == earlier.page and abs(one.y - earlier.y) <= _SAME_PLACE and _in_column(one, earlier)


def _in_column(one: Print, earlier: Print) -> bool:
    return min(abs(one.x - earlier.x), abs(one.right - earlier.right)) <= _SAME_PLACE


@cache
def bundled_weights() -> Mapping[str, Mapping[str, float]]:
    """The fitted log-odds of ``FEATURES`` for each use."""
    found = json.loads((files(__package__) / "layout.json").read_text("utf-8"))
    return {use: {name: float(found[use][name]) for name in FEATURES} for use in ("choice", "trust")}
