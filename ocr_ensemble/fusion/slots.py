"""Which readings compete for one place: lines of several engines matched by geometry, splits and merges included.

The first transcription's lines are the anchors. Every word of the others goes to the anchor it lies in; a word that
spans several anchors is divided between its characters; words that lie in none form lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ocr_ensemble.layout import BoundingBox, Polygon, TextLine, Word
from ocr_ensemble.reading import Reading, Slot, Transcription

MIN_COVER = 0.4  # share of a word's area that must lie in a line for the word to belong to it
SPANS = 0.25  # a word with this share of its width in a second line is divided between the two
SHELF = 32  # pixels
SAME_PLACE = 0.7  # intersection over smaller area above which two lines of one engine are the same line


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with the confidence of each of its characters."""

    text: str
    box: BoundingBox
    confidences: tuple[float, ...] | None


@dataclass(slots=True, eq=False)
class _Place:
    """A slot while it fills."""

    box: BoundingBox
    polygon: Polygon | None
    readings: list[Reading] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlacedSlot:
    """A Slot and the corner points of its line, where an engine gave them, for cutting the crop."""

    slot: Slot
    polygon: Polygon | None


def match_lines(transcriptions: Sequence[Transcription]) -> tuple[PlacedSlot, ...]:
    """All places where at least one engine read text, in reading order.

    ``transcriptions`` are of one page, the most trusted segmentation first.
    """
    places: list[_Place] = []
    for transcription in transcriptions:
        _place_words(transcription, places)
    ordered = sorted((place for place in places if place.readings), key=lambda place: place.box.top)
    page = transcriptions[0].page if transcriptions else 1
    return tuple(
        PlacedSlot(Slot(page, place.box, tuple(place.readings)), place.polygon) for place in _reading_order(ordered)
    )


def _place_words(transcription: Transcription, places: list[_Place]) -> None:
    """Adds one engine's words to the places, and places for its words that lie in none.

    A line whose box is that of a place was read there on request: all of it belongs to that place alone.
    """
    existing = list(places)
    asked = {place.box: place for place in existing}
    nearby = _Shelves(existing)
    for line in _without_duplicates(transcription.lines):
        if not existing:  # nothing that its words could belong to
            places.append(_Place(line.box, line.polygon, [_whole(transcription.engine, line)]))
            continue
        if line.box in asked:
            asked[line.box].readings.append(_whole(transcription.engine, line))
            continue
        pieces = pieces_of(line)
        homes = [_home(piece, nearby.at(piece.box)) for piece in pieces]
        if pieces and not any(homes):
            places.append(_Place(line.box, line.polygon, [_whole(transcription.engine, line)]))
            continue
        stray: list[Piece] = []
        for piece, home in zip(pieces, homes, strict=True):
            if home is None:
                stray.append(piece)
            for place, part in _divided(piece, home, nearby.at(piece.box)):
                place.pieces.append(part)
        if stray:
            box = BoundingBox.union(piece.box for piece in stray)
            places.append(_Place(box, None, [_joined(transcription.engine, stray, box)]))
    for place in existing:
        if place.pieces:
            place.readings.append(_joined(transcription.engine, place.pieces, place.box))
            place.pieces = []


class _Shelves:
    """Places by height on the page, so that a word is compared with its neighbours only."""

    def __init__(self, places: Iterable[_Place]) -> None:
        self._shelves: dict[int, list[_Place]] = {}
        for place in places:
            for shelf in self._reach(place.box):
                self._shelves.setdefault(shelf, []).append(place)

    @staticmethod
    def _reach(box: BoundingBox) -> range:
        return range(box.top // SHELF, box.bottom // SHELF + 1)

    def at(self, box: BoundingBox) -> list[_Place]:
        """The places that share rows of pixels with the box, each once."""
        found = {id(place): place for shelf in self._reach(box) for place in self._shelves.get(shelf, ())}
        return [place for place in found.values() if place.box.vertical_overlap(box)]


def pieces_of(line: TextLine) -> list[Piece]:
    """The line's words; a line without word boxes is one piece."""
    spans = [match.span() for match in re.finditer(r"\S+", line.text)]
    if len(spans) != len(line.words):
        return [Piece(line.text, line.box, line.char_confidences)] if line.text.strip() else []
    return [
        Piece(word.text, word.box, _confidences(line, word, start, end))
        for word, (start, end) in zip(line.words, spans, strict=True)
    ]


def _confidences(line: TextLine, word: Word, start: int, end: int) -> tuple[float, ...] | None:
    if line.char_confidences is not None:
        return line.char_confidences[start:end]
    return None if word.confidence is None else (word.confidence,) * len(word.text)


def _home(piece: Piece, places: Sequence[_Place]) -> _Place | None:
    best, cover = None, MIN_COVER
    for place in places:
        shared = piece.box.intersection_area(place.box) / piece.box.area
        if shared > cover:
            best, cover = place, shared
    if best is None and (neighbours := _spanned(piece, places)):
        return neighbours[0]
    return best


def _spanned(piece: Piece, places: Sequence[_Place]) -> list[_Place]:
    """The places side by side that the piece reaches into, left to right."""
    reached = [
        place
        for place in places
        if piece.box.vertical_overlap(place.box) >= 0.5 * min(piece.box.height, place.box.height)
        and piece.box.horizontal_overlap(place.box) >= SPANS * piece.box.width
    ]
    return sorted(reached, key=lambda place: place.box.left)


def _divided(piece: Piece, home: _Place | None, places: Sequence[_Place]) -> list[tuple[_Place, Piece]]:
    """The piece with its place, or its characters divided between the places it spans."""
    if home is None:
        return []
    spanned = _spanned(piece, places)
    if len(spanned) < 2 or len(piece.text) < 2:
        return [(home, piece)]
    step = piece.box.width / len(piece.text)
    owners = [
        min(spanned, key=lambda place: _distance(piece.box.left + (index + 0.5) * step, place.box))
        for index in range(len(piece.text))
    ]
    return [
        (place, part)
        for place in spanned
        if (part := _part(piece, [i for i, owner in enumerate(owners) if owner is place], step)) is not None
    ]


def _part(piece: Piece, indices: Sequence[int], step: float) -> Piece | None:
    if not indices:
        return None
    first, last = indices[0], indices[-1] + 1
    left, right = piece.box.left + int(first * step), piece.box.left + int(last * step)
    box = BoundingBox(left, piece.box.top, max(right, left + 1), piece.box.bottom)
    return Piece(piece.text[first:last], box, piece.confidences[first:last] if piece.confidences else None)


def _distance(x: float, box: BoundingBox) -> float:
    return max(box.left - x, 0.0, x - box.right)


def _whole(engine: str, line: TextLine) -> Reading:
    return Reading(
        engine,
        line.text,
        line.box,
        line.confidence,
        char_confidences=line.char_confidences,
        words=line.words,
        alternatives=line.alternatives,
    )


def _joined(engine: str, pieces: Iterable[Piece], box: BoundingBox) -> Reading:
    """One engine's words in one place, joined by spaces as certain as the less certain neighbour."""
    ordered = sorted(pieces, key=lambda piece: piece.box.left)
    text = " ".join(piece.text for piece in ordered)
    words = tuple(Word(piece.text, piece.box, _mean(piece.confidences)) for piece in ordered)
    certain: list[float] = []
    for index, piece in enumerate(ordered):
        if piece.confidences is None:
            return Reading(engine, text, box, words=words)
        if index:
            certain.append(min(certain[-1], piece.confidences[0]))
        certain.extend(piece.confidences)
    return Reading(engine, text, box, _mean(certain), char_confidences=tuple(certain), words=words)


def _mean(values: Sequence[float] | None) -> float | None:
    return min(1.0, sum(values) / len(values)) if values else None


def _without_duplicates(lines: Iterable[TextLine]) -> list[TextLine]:
    """Lines without those that repeat the text of an earlier line in the same place (print laid over itself)."""
    kept: dict[str, list[TextLine]] = {}
    shelves: dict[tuple[str, int], list[BoundingBox]] = {}
    for line in lines:
        alike = kept.setdefault(line.text, [])
        reach = [(line.text, shelf) for shelf in range(line.box.top // SHELF, line.box.bottom // SHELF + 1)]
        near = (box for shelf in reach for box in shelves.get(shelf, ()))
        if line.text.strip() and not any(_same_place(line.box, box) for box in near):
            alike.append(line)
            for shelf in reach:
                shelves.setdefault(shelf, []).append(line.box)
    return [line for alike in kept.values() for line in alike]


def _same_place(one: BoundingBox, other: BoundingBox) -> bool:
    return one.intersection_area(other) > SAME_PLACE * min(one.area, other.area)


def _reading_order(places: Sequence[_Place]) -> list[_Place]:
    """Top to bottom by rows, left to right within a row; ``places`` are sorted by their top."""
    rows: list[list[_Place]] = []
    for place in places:
        row = next((row for row in reversed(rows[-4:]) if _same_row(place.box, row[-1].box)), None)
        if row is None:
            rows.append([place])
        else:
            row.append(place)
    return [place for row in rows for place in sorted(row, key=lambda place: place.box.left)]


def _same_row(one: BoundingBox, other: BoundingBox) -> bool:
    return one.vertical_overlap(other) > 0.5 * min(one.height, other.height)
