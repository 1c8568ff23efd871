"""Charts as SVG files, drawn on the server: they need no script and nothing from elsewhere.

Drawing takes a while, so equal charts are drawn once; every argument is a frozen value.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analytics.language import Language
from analytics.marks import certainty

WIDE, NARROW, HEIGHT = 570, 330, 190
"""Pixels of a chart on a desk and on a phone."""
LEAST_DAYS = 7
LEAST_RISK = 0.04
"""A chart of risks reaches at least so far up."""
_CACHED = 128
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 24, 8, 24
_LOCK = threading.Lock()
_FONT = {"font.size": 8.5, "font.sans-serif": ["DejaVu Sans"]}
_SETTINGS: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "invoice", **_FONT}


@dataclass(frozen=True, slots=True)
class Look:
    """For which page a chart is drawn."""

    language: Language
    dark: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class DayBar:
    day: date
    completed: int
    needs_review: int
    failed: int


@dataclass(frozen=True, slots=True)
class Band:
    """``count`` things whose share lies from ``low`` to below ``high``, both in 0..1."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How sure ``weight`` readings were on average, and which share of them was right."""

    confidence: float
    accuracy: float
    weight: int


@dataclass(frozen=True, slots=True)
class Risk:
    coverage: float
    risk: float
    at_most: float


@dataclass(frozen=True, slots=True)
class _Palette:
    """The colours of ``static/style.css``; an image cannot use those."""

    ink: str
    line: str
    accent: str
    good: str
    warn: str
    bad: str


_LIGHT = _Palette("#5b6472", "#e4e7ec", "#3352cc", "#17804a", "#b26200", "#c0322b")
_DARK = _Palette("#98a2b3", "#272e3a", "#8aa2ff", "#4cc38a", "#f0a94b", "#ff8078")


@lru_cache(_CACHED)
def days(bars: tuple[DayBar, ...], look: Look) -> bytes:
    """Documents per day, stacked by how they ended. ``bars`` holds at least one day, oldest first."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure, axes, colours = _axes(look)
        places = [bar.day.toordinal() for bar in bars]
        ground = [0] * len(bars)
        for name, colour in (("completed", colours.good), ("needs_review", colours.warn), ("failed", colours.bad)):
            heights = [getattr(bar, name) for bar in bars]
            axes.bar(places, heights, 0.78, ground, color=colour)
            ground = [below + height for below, height in zip(ground, heights, strict=True)]
        last = places[-1] + 0.6
        axes.set_xlim(min(places[0] - 0.6, last - LEAST_DAYS), last)
        ticks = _day_ticks(bars[0].day, bars[-1].day, 4 if look.narrow else 7)
        midnight = datetime.min.time()
        axes.set_xticks(
            [day.toordinal() for day in ticks], [look.language.day(datetime.combine(day, midnight)) for day in ticks]
        )
        _count_axis(axes, look)
        return _svg(figure)


@lru_cache(_CACHED)
def histogram(bands: tuple[Band, ...], look: Look) -> bytes:
    """How many things are how sure."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure, axes, colours = _axes(look)
        by_certainty = {"certain": colours.good, "likely": colours.warn, "doubtful": colours.bad}
        for band in bands:
            width = band.high - band.low
            colour = by_certainty[certainty(band.low + 1e-9)]
            axes.bar((band.low + band.high) / 2, band.count, 0.8 * width, color=colour)
        axes.set_xlim(0, 1)
        _percent_axis(axes.xaxis, look)
        _count_axis(axes, look)
        return _svg(figure)


@lru_cache(_CACHED)
def risk(points: tuple[Risk, ...], accepted: float, look: Look) -> bytes:
    """Risk over coverage, with its upper bound; a line at the accepted risk. ``points`` by falling threshold."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure, axes, colours = _axes(look)
        coverage = [0.0, *(point.coverage for point in points)]
        measured, bound = [point.risk for point in points], [point.at_most for point in points]
        axes.axhline(accepted, color=colours.warn, linewidth=1, linestyle=(0, (1, 2)))
        axes.plot(coverage, [bound[0], *bound], color=colours.ink, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.plot(coverage, [measured[0], *measured], color=colours.accent, linewidth=2)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, max(LEAST_RISK, 1.15 * max(measured)))
        _percent_axis(axes.xaxis, look)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: _precise_percent(share, look)))
        return _svg(figure)


@lru_cache(_CACHED)
def reliability(marks: tuple[Mark, ...], look: Look) -> bytes:
    """Share of right readings over confidence; on the diagonal a confidence keeps its word."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure, axes, colours = _axes(look)
        most = max(mark.weight for mark in marks)
        axes.plot([0, 1], [0, 1], color=colours.ink, linewidth=1, linestyle=(0, (4, 3)))
        axes.scatter(
            [mark.confidence for mark in marks],
            [mark.accuracy for mark in marks],
            [14 + 60 * mark.weight / most for mark in marks],
            color=colours.accent,
            alpha=0.85,
            linewidths=0,
            zorder=3,
            clip_on=False,
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        _percent_axis(axes.xaxis, look)
        _percent_axis(axes.yaxis, look)
        return _svg(figure)


def _axes(look: Look) -> tuple[Figure, Axes, _Palette]:
    colours = _DARK if look.dark else _LIGHT
    width = NARROW if look.narrow else WIDE
    figure = Figure(figsize=(width / 96, HEIGHT / 96))
    left, right, bottom, top = _LEFT / width, 1 - _RIGHT / width, _BOTTOM / HEIGHT, 1 - _TOP / HEIGHT
    axes = figure.add_axes((left, bottom, right - left, top - bottom))
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.spines["bottom"].set_color(colours.line)
    axes.grid(axis="y", color=colours.line, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=5, colors=colours.ink)
    return figure, axes, colours


def _count_axis(axes: Axes, look: Look) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: look.language.number(round(value))))


def _percent_axis(axis: Axis, look: Look) -> None:
    ticks = [0.25 * number for number in range(5)]
    axis.set_ticks(ticks, [look.language.percent(tick) for tick in ticks])


def _precise_percent(share: float, look: Look) -> str:
    """With a decimal where there is one."""
    whole = abs(100 * share - round(100 * share)) < 1e-6
    return look.language.percent(share, 0 if whole else 1)


def _day_ticks(first: date, last: date, most: int) -> Sequence[date]:
    """At most ``most`` days, evenly apart, the last one among them."""
    step = -(-((last - first).days + 1) // most)
    return [last - timedelta(days=step * number) for number in range(((last - first).days // step) + 1)]


def _svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    return file.getvalue()
