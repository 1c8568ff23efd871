"""The text layer of a page compared with its picture, at a sample of lines or at those that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr_ensemble.confirming import (
    SAMPLE,
    SURE,
    confirmed_by,
    contradiction,
    cut_wide,
    is_legible,
    sample,
    tells_number,
)
from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.pool import EnginePool
from ocr_ensemble.engines.protocols import LineCrop, LineReader
from ocr_ensemble.engines.runner import attempt, recorded
from ocr_ensemble.errors import EngineError
from ocr_ensemble.language import detect_language
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Consensus, Decision, EngineRun, PageReading, Reading
from ocr_ensemble.settings import EnsembleSettings

TEXT_LAYER = "pdf_text"


@dataclass(frozen=True, slots=True)
class LineCheck:
    """A line that the layer told, and what engines read in its place; without readings it was not looked at."""

    told: TextLine
    readings: tuple[Reading, ...] = ()

    @property
    def seen_instead(self) -> str | None:
        """What all engines read in its place, where that is something else."""
        return contradiction(self.told.text, self.readings)


@dataclass(frozen=True, slots=True)
class Checked:
    lines: tuple[LineCheck, ...] = ()
    runs: tuple[EngineRun, ...] = ()

    @property
    def contradicted(self) -> tuple[LineCheck, ...]:
        return tuple(line for line in self.lines if line.seen_instead is not None)

    def reason(self) -> str:
        """Why the layer cannot be trusted."""
        worst = self.contradicted[0]
        return f"the text layer says {worst.told.text!r} where the picture shows {worst.seen_instead!r}"


@dataclass(frozen=True, slots=True)
class Beside:
    """What a page shows beside its text layer: a ``number`` that must be read, None when there is none, the ``stamps``
    that were read, and what finding them took."""

    number: str | None = None
    stamps: tuple[str, ...] = ()
    runs: tuple[EngineRun, ...] = ()


class LayerCheck:
    """Asks ``settings.first_look`` and the engines of ``settings.confirming`` in turn, each only about lines that none
    before it confirmed."""

    def __init__(self, pool: EnginePool, settings: EnsembleSettings) -> None:
        self._pool = pool
        self._settings = settings

    def of_sample(self, page: PageImage) -> Checked:
        """A few lines of the layer that hold most of its characters, fewer on every further page, which often are terms
        in the same fonts; nothing on a page without a layer."""
        layer = page.text_layer
        if layer is None or TEXT_LAYER not in self._settings.engines:
            return Checked()
        return self.of_lines(page, sample(layer.lines, max(1, SAMPLE + 1 - page.number)), thorough=False)

    def of_lines(self, page: PageImage, lines: Sequence[TextLine], thorough: bool = True) -> Checked:
        """Every line; unless ``thorough``, a later engine is asked only about lines that those before it surely read
        otherwise."""
        found, runs = self._confirmed_at_first(page, lines)
        for name in self._names:
            asked = [
                number
                for number, line in enumerate(lines)
                if is_legible(line.text) and _is_open(line, found[number], thorough)
            ]
            if not asked:
                continue
            readings, run = self._read(name, page, [lines[number] for number in asked])
            runs += [run] if run is not None else []
            for number, reading in zip(asked, readings, strict=False):
                found[number] = (*found[number], reading)
        return Checked(tuple(LineCheck(line, found[number]) for number, line in enumerate(lines)), tuple(runs))

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(name for name in self._settings.confirming if name in self._settings.engines)

    def _confirmed_at_first(
        self, page: PageImage, lines: Sequence[TextLine]
    ) -> tuple[dict[int, tuple[Reading, ...]], list[EngineRun]]:
        """The cheapest reader's readings of lines that it reads as they were told; what else it reads counts for
        nothing, as it misreads more often than the others."""
        found: dict[int, tuple[Reading, ...]] = dict.fromkeys(range(len(lines)), ())
        asked = [number for number, line in enumerate(lines) if is_legible(line.text)]
        if self._settings.first_look is None or not self._names or not asked:
            return found, []
        readings, run = self._read(self._settings.first_look, page, [lines[number] for number in asked])
        confirmed = zip(asked, readings, strict=False)
        found |= {number: (read,) for number, read in confirmed if confirmed_by(lines[number].text, [read])}
        return found, [run] if run is not None else []

    def beside(self, page: PageImage) -> Beside:
        """What is printed where the layer tells nothing, and the stamps; those that the PDF holds need no reading."""
        if TEXT_LAYER not in self._settings.engines:
            return Beside()
        names = self._names
        untold = page.untold if page.text_layer is not None else ()
        if not untold and not page.drawn:
            return Beside(stamps=page.askew)
        language = self._language(page)
        texts, runs = self._first_read(names, page, [cut_wide(page, box, language) for box in untold])
        drawn = [LineCrop(each.box, each.pixels, language) for each in page.drawn]
        stamps, more = self._first_read(names[::-1], page, drawn)  # the best at large letters last
        said = tuple(text for text in texts if not tells_number(text))  # words of a picture may be a stamp's
        return Beside(next(filter(tells_number, texts), None), (*page.askew, *said, *stamps), (*runs, *more))

    def _first_read(
        self, names: Sequence[str], page: PageImage, crops: Sequence[LineCrop]
    ) -> tuple[tuple[str, ...], tuple[EngineRun, ...]]:
        """What the first of the engines that reads lines surely reads."""
        for name in names if crops else ():
            readings, run = self._read_crops(name, page, crops)
            if run is not None:
                return tuple(each.text for each in readings if (each.confidence or 0.0) >= SURE), (run,)
        return (), ()

    def _read(
        self, name: str, page: PageImage, lines: Sequence[TextLine]
    ) -> tuple[Sequence[Reading], EngineRun | None]:
        # The first look reads all languages alike; which it is takes a third of a second to tell the first time.
        language = None if name == self._settings.first_look else self._language(page)
        readings, run = self._read_crops(name, page, [cut_wide(page, line.box, language) for line in lines])
        return [replace(reading, box=line.box) for reading, line in zip(readings, lines, strict=False)], run

    def _read_crops(
        self, name: str, page: PageImage, crops: Sequence[LineCrop]
    ) -> tuple[Sequence[Reading], EngineRun | None]:
        """What an engine for lines reads; no run of an engine that is missing or reads none."""
        try:
            engine = self._pool.get(name)
        except EngineError:
            return (), None
        if not isinstance(engine, LineReader):
            return (), None
        done = attempt(name, lambda: engine.read_lines(crops), self._settings.engine_seconds)
        if done.hangs:
            self._pool.discard(name)
        readings = done.result or ()
        run = recorded(done, name, engine.version, page.number, tuple(reading.text for reading in readings))
        return readings, run

    def _language(self, page: PageImage) -> str | None:
        if page.language is not None or page.text_layer is None:
            return page.language
        text = "\n".join(line.text for line in page.text_layer.lines)
        return self._settings.engine.language or detect_language(text)


def _is_open(line: TextLine, readings: Sequence[Reading], thorough: bool) -> bool:
    if thorough or not readings:
        return not confirmed_by(line.text, readings)
    return contradiction(line.text, readings) is not None


def without_layer(page: PageImage, checked: Checked) -> tuple[PageImage, tuple[Decision, ...]]:
    """The page and, where the picture contradicts its layer, the page without it and the reason."""
    if not checked.contradicted:
        return page, ()
    return replace(page, text_layer=None), (Decision(page.number, TEXT_LAYER, ran=False, reason=checked.reason()),)


def with_checks(page: PageReading, checked: Checked) -> PageReading:
    """The reading with what was read in the place of its lines; their texts and who supports them stay."""
    read = {check.told.box: tuple(r for r in check.readings if r.text.strip()) for check in checked.lines}
    lines = tuple(_with_readings(line, read.get(line.line.box, ())) for line in page.lines)
    return replace(page, lines=lines, runs=(*page.runs, *checked.runs))


def _with_readings(line: Consensus, readings: Sequence[Reading]) -> Consensus:
    if not readings:
        return line
    return replace(line, slot=replace(line.slot, readings=(*line.slot.readings, *readings)))


def beside_layer(read: Sequence[TextLine], told: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """Of the lines that an engine read, what does not stand where the layer tells something; divided by words."""
    parts = ((line, [word for word in line.words if not _is_told(word.box, told)]) for line in read)
    return tuple(
        line if len(words) == len(line.words) else _line_of(line, words)
        for line, words in parts
        if (words if line.words else not _is_told(line.box, told))
    )


def _is_told(box: BoundingBox, told: Sequence[TextLine]) -> bool:
    return 2 * sum(box.intersection_area(line.box) for line in told) >= box.area


def _line_of(line: TextLine, words: Sequence[Word]) -> TextLine:
    box = BoundingBox.union(word.box for word in words)
    return TextLine(" ".join(word.text for word in words), box, line.confidence, tuple(words))


def joined(page: PageReading, rest: PageReading, seen: str) -> PageReading:
    """What the layer tells of a page and what was read beside it."""
    reason = f"{seen!r} is printed beside the text layer: what it does not tell is read from the picture"
    return replace(
        page,
        lines=(*page.lines, *rest.lines),
        fields=(*page.fields, *rest.fields),
        runs=(*page.runs, *rest.runs),
        decisions=(*page.decisions, Decision(page.number, TEXT_LAYER, ran=True, reason=reason), *rest.decisions),
    )
