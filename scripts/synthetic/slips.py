"""The paper of a receipt, and the ways to print a line on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.synthetic.deals import Deal
from scripts.synthetic.draw import chance, pick
from scripts.synthetic.layouts import ReceiptLayout
from scripts.synthetic.sheet import Rule, Run, Sheet, Type
from scripts.synthetic.voice import Voice


@dataclass(frozen=True)
class Slip:
    """Everything the parts of a receipt need; `left` and `right` bound the print, `capitals` means no lower case."""

    rng: np.random.Generator
    deal: Deal
    voice: Voice
    layout: ReceiptLayout
    style: Type
    left: float
    right: float
    capitals: bool

    @property
    def step(self) -> float:
        return self.style.size * 1.34

    def case(self, text: str) -> str:
        return text.replace("ß", "SS").upper() if self.capitals else text


def say(sheet: Sheet, slip: Slip, y: float, content: tuple[Run, ...], strong: bool = False) -> float:
    """One line of the head, aligned as the layout says."""
    runs = tuple(Run(slip.case(run.text), run.field) for run in content)
    style = slip.style.strong().sized(slip.style.size * 1.25) if strong else slip.style
    if slip.layout.head == "left":
        sheet.fitted((slip.left, y), runs, style, slip.right - slip.left)
    else:
        sheet.fitted(((slip.left + slip.right) / 2, y), runs, style.centre(), slip.right - slip.left)
    return y + style.size * 1.34


def row(
    sheet: Sheet, slip: Slip, y: float, row: tuple[str | tuple[Run, ...], tuple[Run, ...]], strong: bool = False
) -> float:
    """Something at the left edge, a value at the right edge."""
    label, value = row
    style = slip.style.strong() if strong else slip.style
    runs = (Run(label),) if isinstance(label, str) else label
    runs = tuple(Run(slip.case(run.text), run.field) for run in runs)
    space = slip.right - slip.left
    value_width = sheet.measure("".join(run.text for run in value), style)
    sheet.fitted((slip.left, y), runs, style, space - min(value_width, space * 0.6) - 5)
    sheet.fitted((slip.right, y), value, style.right(), space * 0.6)
    return y + style.size * 1.34


def separate(sheet: Sheet, slip: Slip, y: float) -> float:
    kind = pick(slip.rng, ("line", "hyphens", "hyphens", "equals", "blank"))
    if kind in ("hyphens", "equals"):
        mark = "-" if kind == "hyphens" else "="
        count = int((slip.right - slip.left) / sheet.measure(mark, slip.style))
        sheet.text(slip.left, y, mark * count, slip.style)
        return y + slip.step
    if kind == "line":
        sheet.draw(
            Rule(
                slip.left,
                y - slip.style.size * 0.4,
                slip.right,
                y - slip.style.size * 0.4,
                0.6,
                dashed=chance(slip.rng, 0.5),
            )
        )
    return y + slip.step * 0.6
