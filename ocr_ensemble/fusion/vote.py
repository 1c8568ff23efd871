"""Character-level vote over aligned readings: every character of the result was read there by some engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocr_ensemble.fusion.align import GAP, Column, align, graphemes
from ocr_ensemble.fusion.letters import bundled_letters, folded
from ocr_ensemble.fusion.weights import (
    GlyphClass,
    VoteWeights,
    bundled_weights,
    glyph_alternatives,
    glyph_class,
    glyph_confidences,
)
from ocr_ensemble.layout import Alternative, BoundingBox, TextLine, Word
from ocr_ensemble.reading import Consensus, Reading, Slot, Vote

Ballot = tuple[str, str, GlyphClass, float | None]  # glyph, engine, what it counts as, confidence
Option = tuple[str, float, tuple[str, ...]]  # text, log-odds, engines
LETTER_PASSES = 2
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Network:
    """A confusion network: ``columns[i][j]`` is what ``readings[j]`` has in position i, with its confidence and the
    engine's second thought."""

    readings: tuple[Reading, ...]
    columns: tuple[Column, ...]
    confidences: tuple[tuple[float | None, ...], ...]
    alternatives: tuple[tuple[Alternative | None, ...], ...]


def build_network(readings: Sequence[Reading]) -> Network:
    """Aligns readings in an order of their own, so that the order they came in does not matter."""
    ordered = tuple(sorted(readings, key=lambda r: (-len(r.text), r.engine, r.preparation, r.text)))
    texts = [graphemes(reading.text) for reading in ordered]
    columns = align(texts)
    certain = [glyph_confidences(reading, text) for reading, text in zip(ordered, texts, strict=True)]
    others = [glyph_alternatives(reading, text) for reading, text in zip(ordered, texts, strict=True)]
    by_reading = list(zip(*columns, strict=True))
    return Network(
        ordered,
        tuple(columns),
        tuple(zip(*map(_column_confidences, by_reading, certain), strict=True)),
        tuple(zip(*map(_column_alternatives, by_reading, others), strict=True)),
    )


def _column_confidences(glyphs: Sequence[str], certain: Sequence[float | None]) -> list[float | None]:
    """Per column the glyph's confidence; a gap is as certain as the less certain of its neighbours."""
    values: list[float | None] = []
    read = 0
    for glyph in glyphs:
        if glyph == GAP:
            around = [value for value in certain[max(0, read - 1) : read + 1] if value is not None]
            values.append(min(around) if around else None)
        else:
            values.append(certain[read])
            read += 1
    return values


def _column_alternatives(glyphs: Sequence[str], alternatives: Sequence[Alternative | None]) -> list[Alternative | None]:
    following = iter(alternatives)
    return [None if glyph == GAP else next(following) for glyph in glyphs]


def vote(slot: Slot, weights: VoteWeights | None = None) -> Consensus:
    """The text with the greatest weight in every position, with word boxes, support and contested positions.

    The line's ``confidence`` is the product of its positions' probabilities, not yet calibrated.
    """
    scale = weights or bundled_weights()
    if len(slot.readings) == 1:
        glyphs = graphemes(slot.readings[0].text)
        if _is_evenly_spaced(slot.readings[0].text, glyphs):
            return _uncontested(slot, glyphs, scale)
    return vote_by_columns(slot, scale)


def vote_by_columns(slot: Slot, scale: VoteWeights) -> Consensus:
    """``vote`` for any number of readings, through their confusion network."""
    network = build_network(slot.readings)
    decided = [_options(network, position, scale) for position in range(len(network.columns))]
    if scale.letters:
        decided = _weigh_letters(decided, scale.letters)
    votes = tuple(Vote(position, options) for position, options in enumerate(decided) if len(options) > 1)
    support = _support(network, [options[0][0] for options in decided])
    return Consensus(slot, _line(slot, network, decided), support, votes)


def _is_evenly_spaced(text: str, glyphs: Sequence[str]) -> bool:
    """Whether there are words with single spaces between and nothing for the vote to put in order."""
    words = text.split()
    return bool(words) and " ".join(words) == text and glyphs.count(" ") == len(words) - 1


def _uncontested(slot: Slot, glyphs: Sequence[str], scale: VoteWeights) -> Consensus:
    """What ``vote_by_columns`` comes to for one reading; a PDF's text layer is most often alone."""
    reading = slot.readings[0]
    kinds = {glyph: glyph_class(glyph, NOTHING) for glyph in set(glyphs)}
    confidences = glyph_confidences(reading, list(glyphs))
    read = [(kinds[glyph], confidence) for glyph, confidence in zip(glyphs, confidences, strict=True)]
    shares = {each: _share([("", scale.weight(reading.engine, *each), ())]) for each in set(read)}
    probabilities = [shares[each] for each in read]
    text = "".join(glyphs)
    certain = tuple(share for glyph, share in zip(glyphs, probabilities, strict=True) for _ in glyph)
    words = _words_of(slot, glyphs, probabilities)
    line = TextLine(text, slot.box, math.prod(probabilities), words, certain, alternatives=(None,) * len(text))
    return Consensus(slot, line, {reading.engine: 1.0}, ())


def _words_of(slot: Slot, glyphs: Sequence[str], probabilities: Sequence[float]) -> tuple[Word, ...]:
    """The words of the slot's only reading, in its boxes."""
    cuts = [-1, *(at for at, glyph in enumerate(glyphs) if glyph == " "), len(glyphs)]
    boxes = [word.box for word in slot.readings[0].words]
    if len(boxes) != len(cuts) - 1:
        boxes = [slot.box] * (len(cuts) - 1)
    return tuple(
        Word("".join(glyphs[before + 1 : end]), box, math.prod(probabilities[before + 1 : end]))
        for (before, end), box in zip(pairwise(cuts), boxes, strict=True)
    )


def ballots(network: Network, position: int) -> list[Ballot]:
    """What each reading has in the position and, where they differ, what its engine thought of as second."""
    column = network.columns[position]
    present = frozenset(column)
    cast: list[Ballot] = [
        (glyph, reading.engine, glyph_class(glyph, present - {glyph}), confidence)
        for glyph, reading, confidence in zip(column, network.readings, network.confidences[position], strict=True)
    ]
    if len(present) > 1:
        cast += [
            (other[0], reading.engine, GlyphClass.ALTERNATIVE, other[1])
            for reading, other in zip(network.readings, network.alternatives[position], strict=True)
            if other is not None
        ]
    return cast


def _options(network: Network, position: int, weights: VoteWeights) -> tuple[Option, ...]:
    """What was read in the position with the log-odds that its engines give it, heaviest first."""
    totals: dict[str, float] = {}
    engines: dict[str, tuple[str, ...]] = {}
    for glyph, engine, counts_as, confidence in ballots(network, position):
        totals[glyph] = totals.get(glyph, 0.0) + weights.weight(engine, counts_as, confidence)
        engines[glyph] = (*engines.get(glyph, ()), engine)
    return _ranked((glyph, totals[glyph], engines[glyph]) for glyph in totals)


def _ranked(options: Iterable[Option]) -> tuple[Option, ...]:
    return tuple(sorted(options, key=lambda option: (-option[1], -len(option[2]), option[0])))


def _weigh_letters(decided: Sequence[tuple[Option, ...]], scale: float) -> list[tuple[Option, ...]]:
    """The options with what the letters of the whole line say about each; the most likely one loses nothing.

    Iterated conditional modes (Besag 1986): position by position, the others as they stand, twice.
    """
    weighed = list(decided)
    for _ in range(LETTER_PASSES):
        chosen = [options[0][0] for options in weighed]
        for position, options in enumerate(decided):
            if len({folded(text) for text, _, _ in options}) > 1:
                fit = letter_fit([text for text, _, _ in options], position, [each[0][0] for each in weighed])
                weighed[position] = _ranked(
                    (text, weight + scale * loss, engines)
                    for (text, weight, engines), loss in zip(options, fit, strict=True)
                )
        if chosen == [options[0][0] for options in weighed]:
            break
    return weighed


def letter_fit(options: Sequence[str], position: int, chosen: Sequence[str]) -> list[float]:
    """Per option the log-probability of the line's letters with it in its position, less that of the likeliest."""
    fits = []
    for option in options:
        line = [*chosen[:position], option, *chosen[position + 1 :]]
        fits.append(bundled_letters().log_probability("".join(line[index] for index in _without_spare_spaces(line))))
    return [fit - max(fits) for fit in fits]


def _share(options: Sequence[Option], place: int = 0) -> float:
    """Softmax share of one option among all and "none of them", whose log-odds are 0."""
    log_odds = [weight for _, weight, _ in options]
    top = max(0.0, *log_odds)
    return math.exp(log_odds[place] - top) / (math.exp(-top) + sum(math.exp(value - top) for value in log_odds))


def _runner_up(options: Sequence[Option]) -> Alternative | None:
    """The character that came second, where another one won."""
    if len(options) < 2 or not all(len(text) == 1 and not text.isspace() for text, _, _ in options[:2]):
        return None
    return options[1][0], _share(options, 1)


def _support(network: Network, chosen: Sequence[str]) -> dict[str, float]:
    """Share of the chosen characters that each engine read in the same position, 0..1."""
    written = [index for index, glyph in enumerate(chosen) if glyph != GAP]
    support: dict[str, float] = {}
    for number, reading in enumerate(network.readings):
        agreed = sum(network.columns[index][number] == chosen[index] for index in written)
        share = agreed / len(written) if written else 0.0
        support[reading.engine] = max(support.get(reading.engine, 0.0), share)
    return support


def _line(slot: Slot, network: Network, decided: Sequence[tuple[Option, ...]]) -> TextLine:
    """The voted line. Spaces at its ends and doubled spaces, left where a neighbour lost the vote, are dropped."""
    chosen = [options[0][0] for options in decided]
    probabilities = [_share(options) for options in decided]
    kept = _without_spare_spaces(chosen)
    text = "".join(chosen[index] for index in kept)
    char_confidences = tuple(probabilities[index] for index in kept for _ in chosen[index])
    runners_up = tuple(_runner_up(decided[index]) for index in kept for _ in chosen[index])
    confidence = 1.0
    for probability in probabilities:
        confidence *= probability
    words = _words(slot, network, chosen, kept, probabilities)
    return TextLine(text, slot.box, confidence, words, char_confidences, alternatives=runners_up)


def _without_spare_spaces(chosen: Sequence[str]) -> list[int]:
    kept: list[int] = []
    for index, glyph in enumerate(chosen):
        if glyph == GAP or (glyph == " " and (not kept or chosen[kept[-1]] == " ")):
            continue
        kept.append(index)
    if kept and chosen[kept[-1]] == " ":
        kept.pop()
    return kept


def _words(
    slot: Slot, network: Network, chosen: Sequence[str], kept: Sequence[int], probabilities: Sequence[float]
) -> tuple[Word, ...]:
    places = [_glyph_boxes(network, number) for number in range(len(network.readings))]
    words: list[Word] = []
    current: list[int] = []
    for index in [*kept, -1]:
        if index >= 0 and chosen[index] != " ":
            current.append(index)
            continue
        if current:
            box = _word_box(network, places, chosen, current) or slot.box
            certain = 1.0
            for position in current:
                certain *= probabilities[position]
            words.append(Word("".join(chosen[i] for i in current), box, certain))
        current = []
    return tuple(words)


def _word_box(
    network: Network,
    places: Sequence[Sequence[BoundingBox | None]],
    chosen: Sequence[str],
    indices: Sequence[int],
) -> BoundingBox | None:
    """The word's box from the reading that shares most of its characters; the smaller box on a tie."""
    best: tuple[int, int, BoundingBox] | None = None
    for number in range(len(network.readings)):
        boxes = [box for index in indices if (box := places[number][index]) is not None]
        if not boxes:
            continue
        union = BoundingBox.union(boxes)
        shared = sum(network.columns[index][number] == chosen[index] for index in indices)
        if best is None or (shared, -union.area) > (best[0], -best[1]):
            best = (shared, union.area, union)
    return best[2] if best else None


def _glyph_boxes(network: Network, number: int) -> list[BoundingBox | None]:
    """Per column the box of the reading's glyph, interpolated within its word."""
    boxes = _boxes_along(network.readings[number])
    placed: list[BoundingBox | None] = []
    position = 0
    for column in network.columns:
        glyph = column[number]
        if glyph == GAP:
            placed.append(None)
        else:
            placed.append(boxes[position] if position < len(boxes) else None)
            position += 1
    return placed


def _boxes_along(reading: Reading) -> list[BoundingBox | None]:
    """One box per grapheme of the reading; None for spaces."""
    words = iter(reading.words if len(reading.words) == len(reading.text.split()) else ())
    boxes: list[BoundingBox | None] = []
    for token in reading.text.split(" "):
        if boxes or token == "":
            boxes.append(None)
        count = len(graphemes(token))
        word = next(words, None) if count else None
        boxes.extend(_shares(word.box, count) if word else [None] * count)
    return boxes


def _shares(box: BoundingBox, count: int) -> list[BoundingBox]:
    step = box.width / count
    return [
        BoundingBox(
            box.left + int(index * step),
            box.top,
            max(box.left + int(index * step) + 1, box.left + round((index + 1) * step)),
            box.bottom,
        )
        for index in range(count)
    ]


def with_confidence(consensus: Consensus, confidence: float | None) -> Consensus:
    """The same consensus with a calibrated probability."""
    return replace(consensus, line=replace(consensus.line, confidence=confidence))
