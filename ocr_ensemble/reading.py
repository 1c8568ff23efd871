"""What engines read and what the ensemble made of it: frozen values from Reading to DocumentReading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ocr_ensemble.layout import Alternative, BoundingBox, TextLine, Word, checked_confidence
from ocr_ensemble.page_layout import PageLayout, layout_of


@dataclass(frozen=True, slots=True)
class Reading:
    """One engine's text for one place (PAGE ``TextEquiv``).

    ``confidence`` is the engine's own number, ``probability`` the calibrated chance that ``text`` is right;
    both in 0..1 or None when unknown. ``preparation`` names how the crop was prepared when it was not read as it is.
    ``char_confidences`` and ``alternatives`` are as in ``TextLine``.
    """

    engine: str
    text: str
    box: BoundingBox
    confidence: float | None = None
    probability: float | None = None
    char_confidences: tuple[float, ...] | None = None
    words: tuple[Word, ...] = ()
    preparation: str = ""
    alternatives: tuple[Alternative | None, ...] | None = None

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        checked_confidence(self.probability)


@dataclass(frozen=True, slots=True)
class Transcription:
    """One engine's lines for one page (PAGE ``Page``), in reading order."""

    engine: str
    version: str
    page: int
    lines: tuple[TextLine, ...]
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A named value that a document model read without saying where. ``name`` is a contract field name."""

    engine: str
    name: str
    text: str
    page: int
    confidence: float | None = None

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Slot:
    """The readings that compete for one place (ROVER correspondence set); at least one."""

    page: int
    box: BoundingBox
    readings: tuple[Reading, ...]

    def __post_init__(self) -> None:
        if not self.readings:
            raise ValueError("a slot holds at least one reading")


@dataclass(frozen=True, slots=True)
class Vote:
    """A contested position: ``options`` are (text, weight, engines), heaviest first; text "" means no character."""

    position: int
    options: tuple[tuple[str, float, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Consensus:
    """The text chosen for one Slot, its calibrated probability of being right and where engines disagreed.

    ``support`` maps each engine to the share of the chosen characters that it read in the same position.
    """

    slot: Slot
    line: TextLine
    support: Mapping[str, float] = field(default_factory=dict)
    votes: tuple[Vote, ...] = ()

    @property
    def probability(self) -> float | None:
        """The calibrated chance (0..1) that the whole line is right; None when unknown."""
        return self.line.confidence


class RunStatus(StrEnum):
    OK = "ok"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class EngineRun:
    """One engine on one page: what it cost and gave. ``cached`` runs cost the look-up only."""

    engine: str
    version: str
    page: int
    status: RunStatus
    milliseconds: float
    lines: int = 0
    characters: int = 0
    confidence: float | None = None
    error: str | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Why an engine did or did not read. ``line`` indexes the page's slots; None stands for the whole page.
    ``limited``: time or a budget was spent, else it would have."""

    page: int
    engine: str
    ran: bool
    reason: str
    line: int | None = None
    limited: bool = False


CODE_ENGINE = "zxing"
"""The engine that reads codes; it reads no text."""


@dataclass(frozen=True, slots=True)
class PageCode:
    """A bar code or matrix code: ``kind`` as zxing names symbologies ("QRCode", "PDF417"), the ``text`` it holds."""

    kind: str
    text: str
    box: BoundingBox


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that was read of one page; ``width`` and ``height`` in pixels of the page image all boxes refer to.

    ``struck`` is what is crossed out, ``stamps`` texts at an angle or drawn beside a text layer; no line holds them.
    """

    number: int
    width: int
    height: int
    lines: tuple[Consensus, ...]
    fields: tuple[FieldReading, ...] = ()
    runs: tuple[EngineRun, ...] = ()
    decisions: tuple[Decision, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    struck: tuple[TextLine, ...] = ()
    stamps: tuple[str, ...] = ()
    codes: tuple[PageCode, ...] = ()

    @property
    def was_read(self) -> bool:
        """Whether an engine that reads text came to its end on this page, with or without any."""
        return any(run.status is RunStatus.OK and run.engine != CODE_ENGINE for run in self.runs)

    @property
    def layout(self) -> PageLayout:
        """The page's regions, lines and words in reading order."""
        return layout_of([consensus.line for consensus in self.lines])

    @property
    def text(self) -> str:
        """The text of the layout: a line each, a table's row with tabs between its cells."""
        return self.layout.text


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """All pages of one document."""

    pages: tuple[PageReading, ...]

    @property
    def text(self) -> str:
        """The text of the pages' layouts, pages parted by form feeds."""
        return "\f".join(page.text for page in self.pages)

    @property
    def confidence(self) -> float | None:
        """Mean probability of the lines weighted by their length; None when no line has one."""
        known = [
            (len(c.line.text), c.line.confidence)
            for page in self.pages
            for c in page.lines
            if c.line.confidence is not None
        ]
        total = sum(length for length, _ in known)
        return sum(length * p for length, p in known) / total if total else None

    @property
    def runs(self) -> tuple[EngineRun, ...]:
        """Of every engine on every page, in the order they ran."""
        return tuple(run for page in self.pages for run in page.runs)

    @property
    def engines_used(self) -> tuple[str, ...]:
        """Engines that delivered a reading, in the order they first ran."""
        return tuple(dict.fromkeys(run.engine for run in self.runs if run.status is RunStatus.OK and run.characters))

    @property
    def primary_engine(self) -> str | None:
        """The engine that supplied most characters of the final text; None when nothing was read."""
        supplied: dict[str, float] = {}
        for page in self.pages:
            for consensus in page.lines:
                for engine, share in consensus.support.items():
                    supplied[engine] = supplied.get(engine, 0.0) + share * len(consensus.line.text)
        return max(supplied, key=lambda engine: supplied[engine]) if supplied else None

    @property
    def engine_versions(self) -> dict[str, str]:
        """Version and checkpoint of each engine that ran."""
        return {run.engine: run.version for run in self.runs if run.version}

    @property
    def engine_processing_times(self) -> dict[str, float]:
        """Milliseconds per engine over all pages, failed runs included."""
        times: dict[str, float] = {}
        for run in self.runs:
            times[run.engine] = times.get(run.engine, 0.0) + run.milliseconds
        return times
