"""A drawing surface that keeps every word's place: the source of both the PDF and its truth.

Units are points (1/72 inch), the origin is the top left corner of the page, y grows downwards, text stands on its
baseline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from scripts.synthetic.typefaces import Typeface, text_width

Align = Literal["left", "right", "centre"]

A4 = (595.28, 841.89)

_DESCENDERS = frozenset("gjpqy,;()[]{}|QJ@$§_/ç")
_HIGH_LETTERS = frozenset("ÅÄÖÉÜÑÃÕÀÈÊÍÓÚÇÂÔÁÌÒÙŒŞ")


@dataclass(frozen=True)
class Run:
    """A piece of text that shows a field: "name", "name#group" (the lines of a group show one value) or "name|name"."""

    text: str
    field: str = ""


@dataclass(frozen=True)
class Mark:
    """Characters start..end (exclusive) of a text that show `field`."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class Type:
    """How text is set: points, weight, RGB colour 0..1, which side of the text stands at x."""

    size: float
    bold: bool = False
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    align: Align = "left"

    def right(self) -> Type:
        return replace(self, align="right")

    def centre(self) -> Type:
        return replace(self, align="centre")

    def strong(self) -> Type:
        return replace(self, bold=True)

    def sized(self, size: float) -> Type:
        return replace(self, size=size)

    def coloured(self, colour: tuple[float, float, float]) -> Type:
        return replace(self, colour=colour)


@dataclass(frozen=True)
class Text:
    """Set text: x is its left edge, y its baseline, `font` a reportlab name."""

    x: float
    y: float
    text: str
    font: str
    size: float
    colour: tuple[float, float, float]
    marks: tuple[Mark, ...]

    def box(self, start: int = 0, end: int | None = None) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of characters start..end, close about their ink."""
        part = self.text[start:end]
        left = self.x + text_width(self.text[:start], self.font, self.size)
        right = left + text_width(part, self.font, self.size)
        rise = 0.95 if any(char in _HIGH_LETTERS for char in part) else 0.77
        drop = 0.23 if any(char in _DESCENDERS for char in part) else 0.04
        return left, self.y - rise * self.size, right, self.y + drop * self.size


@dataclass(frozen=True)
class Rule:
    """A straight line, or dots where `dashed`."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.6
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    dashed: bool = False


@dataclass(frozen=True)
class Area:
    """A rectangle, filled, outlined or both."""

    left: float
    top: float
    right: float
    bottom: float
    fill: tuple[float, float, float] | None = None
    stroke: tuple[float, float, float] | None = None
    width: float = 0.6
    radius: float = 0.0


@dataclass(frozen=True)
class Polygon:
    """A filled shape of a logo; two points mean a circle: its centre, and a point on it."""

    points: tuple[tuple[float, float], ...]
    fill: tuple[float, float, float]


Command = Text | Rule | Area | Polygon


@dataclass(frozen=True)
class Page:
    """A finished page, width and height in points."""

    width: float
    height: float
    commands: tuple[Command, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        return tuple(command for command in self.commands if isinstance(command, Text))


class Sheet:
    """Collects the commands of one document, page after page."""

    def __init__(self, face: Typeface, size: tuple[float, float] = A4) -> None:
        self.face = face
        self.width, self.height = size
        self._pages: list[list[Command]] = [[]]
        self._at = 0

    @property
    def page_number(self) -> int:
        return len(self._pages)

    def new_page(self) -> None:
        """Starts a page; everything that follows goes there."""
        self._pages.append([])
        self._at = len(self._pages) - 1

    def on_page(self, number: int) -> Sheet:
        """This sheet, now drawing on page `number` (from 1)."""
        self._at = number - 1
        return self

    def measure(self, text: str, style: Type) -> float:
        """Width of the text in points."""
        return text_width(text, self.face.name(style.bold), style.size)

    def text(self, x: float, y: float, content: str | tuple[Run, ...], style: Type) -> float:
        """Sets a line and returns its width; an empty one draws nothing."""
        runs = (Run(content),) if isinstance(content, str) else content
        whole = "".join(run.text for run in runs)
        if not whole.strip():
            return 0.0
        width = self.measure(whole, style)
        left = x - width * {"left": 0.0, "centre": 0.5, "right": 1.0}[style.align]
        font = self.face.name(style.bold)
        self._pages[self._at].append(Text(left, y, whole, font, style.size, style.colour, _marks(runs)))
        return width

    def fitted(self, at: tuple[float, float], content: str | tuple[Run, ...], style: Type, width: float) -> float:
        """Like `text`, in a smaller size where it would be wider than `width`."""
        whole = content if isinstance(content, str) else "".join(run.text for run in content)
        needed = self.measure(whole, style)
        smaller = style if needed <= width else style.sized(style.size * max(0.55, width / needed))
        return self.text(at[0], at[1], content, smaller)

    def draw(self, command: Rule | Area | Polygon) -> None:
        self._pages[self._at].append(command)

    def wrap(self, text: str, style: Type, width: float) -> list[str]:
        """Lines no wider than `width`, broken at blanks."""
        lines: list[str] = []
        for word in text.split():
            if lines and self.measure(f"{lines[-1]} {word}", style) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def finish(self, height: float | None = None) -> tuple[Page, ...]:
        """The pages; `height` cuts a receipt to its length."""
        return tuple(Page(self.width, height or self.height, tuple(commands)) for commands in self._pages)


def _marks(runs: tuple[Run, ...]) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    at = 0
    for run in runs:
        if run.field:
            marks.extend(Mark(field, at, at + len(run.text)) for field in run.field.split("|"))
        at += len(run.text)
    return tuple(marks)
