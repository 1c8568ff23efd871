"""Alignment and vote: what must hold whatever the engines read."""

from __future__ import annotations

import itertools
import math
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_ensemble.fusion.align import GAP, align, graphemes
from ocr_ensemble.fusion.confidence import calibrated
from ocr_ensemble.fusion.letters import LetterModel, bundled_letters
from ocr_ensemble.fusion.vote import build_network, vote, vote_by_columns
from ocr_ensemble.fusion.weights import GlyphClass, VoteWeights, bundled_weights
from ocr_ensemble.layout import BoundingBox, Word
from ocr_ensemble.reading import Reading, Slot
from scripts.train_letters import ORDER, count_letters

BOX = BoundingBox(10, 10, 410, 40)
LETTERS = "abcO0l1I5S .,:-åÖé€"
texts = st.text(alphabet=LETTERS, min_size=1, max_size=14).map(lambda text: " ".join(text.split()) or "a")
confidences = st.one_of(st.none(), st.floats(0, 1))
alternatives = st.tuples(st.sampled_from(LETTERS), st.floats(0, 1))
engines = st.sampled_from(["rapidocr", "tesseract", "trocr", "a new engine"])


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    text = unicodedata.normalize("NFC", draw(texts))
    whole = draw(confidences)
    of_all = {"min_size": len(text), "max_size": len(text)}
    fine = None if whole is None else tuple(draw(st.lists(st.floats(0, 1), **of_all)))
    others = draw(st.none() | st.lists(st.none() | alternatives, **of_all).map(tuple))
    return Reading(draw(engines), text, BOX, whole, char_confidences=fine, alternatives=others)


slots = st.lists(readings(), min_size=1, max_size=4, unique_by=lambda reading: reading.engine).map(
    lambda found: Slot(1, BOX, tuple(found))
)


@given(st.lists(texts, min_size=1, max_size=5))
def test_every_text_can_be_read_back_from_the_columns(given_texts: list[str]) -> None:
    columns = align([graphemes(text) for text in given_texts])
    for number, text in enumerate(given_texts):
        assert "".join(column[number] for column in columns) == unicodedata.normalize("NFC", text)
    assert all(any(glyph != GAP for glyph in column) for column in columns)


@given(slots, st.randoms())
def test_the_order_of_engines_does_not_change_the_vote(slot: Slot, random: object) -> None:
    shuffled = list(slot.readings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = vote(slot), vote(Slot(1, BOX, tuple(shuffled)))
    assert one.line == other.line
    assert one.votes == other.votes


@given(readings(), st.lists(engines, min_size=1, max_size=4, unique=True))
def test_a_unanimous_reading_is_never_changed(reading: Reading, names: list[str]) -> None:
    copies = tuple(replace(reading, engine=name) for name in names)
    assert vote(Slot(1, BOX, copies)).line.text == reading.text


@given(readings(), st.booleans())
def test_one_reading_alone_comes_to_what_its_columns_say(reading: Reading, placed: bool) -> None:
    boxes = [BoundingBox(10 + 40 * at, 10, 40 + 40 * at, 40) for at in range(len(reading.text.split()))]
    words = tuple(Word(text, box) for text, box in zip(reading.text.split(), boxes, strict=True))
    slot = Slot(1, BOX, (replace(reading, words=words if placed else ()),))
    assert vote(slot) == vote_by_columns(slot, bundled_weights())


@given(slots)
def test_every_character_was_read_in_its_position_by_some_engine(slot: Slot) -> None:
    network = build_network(slot.readings)
    text = graphemes(vote(slot).line.text)
    position = 0
    for column, others in zip(network.columns, network.alternatives, strict=True):
        if position < len(text) and text[position] in {*column, *(other[0] for other in others if other)}:
            position += 1
    assert position == len(text)


@given(slots)
def test_no_confidence_leaves_0_to_1(slot: Slot) -> None:
    for consensus in (vote(slot), calibrated(vote(slot), ("rapidocr", "tesseract"))):
        values = [consensus.line.confidence, *(consensus.line.char_confidences or ())]
        values += [word.confidence for word in consensus.line.words]
        assert all(value is None or 0.0 <= value <= 1.0 for value in values)
        assert all(0.0 <= share <= 1.0 for share in consensus.support.values())


@given(slots)
def test_words_are_the_text(slot: Slot) -> None:
    line = vote(slot).line
    assert [word.text for word in line.words] == line.text.split(" ") if line.text else line.words == ()


@settings(max_examples=200)
@given(readings(), readings())
def test_a_copy_of_a_reading_never_takes_its_lead_away(one: Reading, other: Reading) -> None:
    """Engines whose weights are positive can only add to what they read."""
    flat = {glyph.value: (1.0, 0.0) for glyph in GlyphClass}
    terms = {"first": flat, "second": flat, "copy": dict.fromkeys(flat, (0.2, 0.0))}
    weights = VoteWeights("test", terms, flat, bundled_weights().letters)
    first = Reading("first", one.text, BOX, 0.9)
    rivals = (first, Reading("second", other.text, BOX, 0.9))
    copied = (*rivals, Reading("copy", one.text, BOX, 0.9))
    before, after = vote(Slot(1, BOX, rivals), weights), vote(Slot(1, BOX, copied), weights)
    if before.line.text == one.text:
        assert after.line.text == one.text


def test_the_surer_engine_wins_a_contested_character_and_the_votes_say_so() -> None:
    sure = Reading("rapidocr", "Total 125,00", BOX, 0.99, char_confidences=(0.99,) * 12)
    unsure = Reading("tesseract", "Total 128,00", BOX, 0.6, char_confidences=(0.9,) * 8 + (0.3,) + (0.9,) * 3)
    consensus = vote(Slot(1, BOX, (unsure, sure)))
    assert consensus.line.text == "Total 125,00"
    assert [(v.position, [option[0] for option in v.options]) for v in consensus.votes] == [(8, ["5", "8"])]
    assert consensus.support == {"rapidocr": 1.0, "tesseract": 11 / 12}


def test_a_second_thought_counts_where_readings_differ_and_nowhere_else() -> None:
    def read(engine: str, text: str, at: int, other: str) -> Reading:
        others: list[tuple[str, float] | None] = [None] * len(text)
        others[at] = (other, 0.4)
        certain = tuple(0.55 if index == at else 0.99 for index in range(len(text)))
        return Reading(engine, text, BOX, 0.9, char_confidences=certain, alternatives=tuple(others))

    flat = {glyph.value: (0.0, 1.0) for glyph in GlyphClass} | {"alternative": (1.0, 0.0)}
    weights = VoteWeights("test", {"first": flat, "second": flat}, flat)
    first, second = read("first", "lOTAL", 0, "T"), read("second", "jOTAL", 0, "T")
    consensus = vote(Slot(1, BOX, (first, second)), weights)
    assert consensus.line.text == "TOTAL"
    assert consensus.votes[0].options[0][2] == ("first", "second")
    assert vote(Slot(1, BOX, (first, replace(first, engine="second"))), weights).line.text == "lOTAL"


def test_a_space_that_one_engine_lost_is_voted_back() -> None:
    lost = Reading("rapidocr", "47500SUBANG JAYA", BOX, 0.97, char_confidences=(0.97,) * 16)
    kept = Reading("tesseract", "47500 SUBANG JAYA", BOX, 0.95, char_confidences=(0.95,) * 17)
    assert vote(Slot(1, BOX, (lost, kept))).line.text == "47500 SUBANG JAYA"


def test_unknown_engines_vote_with_the_cautious_default() -> None:
    weights = bundled_weights()
    assert not weights.is_fitted("a new engine")
    assert weights.is_fitted("rapidocr")
    assert weights.weight("a new engine", GlyphClass.DIGIT, 0.99) < weights.weight("rapidocr", GlyphClass.DIGIT, 0.99)


@pytest.mark.parametrize(("odd", "sound"), [("287", "2.87"), ("14 73", "14.73"), ("T0TA1", "TOTAL")])
def test_what_looks_odd_is_less_likely_right_however_sure_the_engines_are(odd: str, sound: str) -> None:
    def probability(text: str) -> float:
        read = tuple(
            Reading(name, text, BOX, 0.99, char_confidences=(0.99,) * len(text)) for name in ("rapidocr", "tesseract")
        )
        return calibrated(vote(Slot(1, BOX, read)), ("rapidocr", "tesseract")).probability or 0.0

    assert probability(odd) < probability(sound)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("RCUNDING ADJ", "ROUNDING ADJ"),
        ("GST 1D: 000204816350", "GST ID: 000204816350"),
        ("Fakturadat um", "Fakturadatum"),
        ("RMO.00", "RM0.00"),
    ],
)
def test_letters_decide_between_readings_that_are_equally_likely_as_print(wrong: str, right: str) -> None:
    def read(text: str, engine: str) -> Reading:
        return Reading(engine, text, BOX, 0.8)

    flat = {glyph.value: (1.0, 0.0) for glyph in GlyphClass}
    weights = VoteWeights("test", {"first": flat, "second": flat}, flat, bundled_weights().letters)
    for engines in (("first", "second"), ("second", "first")):
        slot = Slot(1, BOX, (read(wrong, engines[0]), read(right, engines[1])))
        assert vote(slot, weights).line.text == right


@given(st.text(alphabet="0123456789., -", min_size=1, max_size=12), st.integers(1, 9))
def test_letters_never_tell_one_amount_from_another(text: str, shift: int) -> None:
    other = "".join(str((int(char) + shift) % 10) if char.isdigit() else char for char in text)
    assert bundled_letters().log_probability(text) == bundled_letters().log_probability(other)


@given(st.lists(st.text(alphabet="ab0", max_size=3), min_size=1, max_size=30))
def test_all_texts_share_one_probability(lines: list[str]) -> None:
    letters = LetterModel(ORDER, count_letters(lines))
    texts_of = ("".join(signs) for length in range(4) for signs in itertools.product("ab0", repeat=length))
    assert 0.0 < sum(math.exp(letters.log_probability(text)) for text in texts_of) <= 1.0 + 1e-9


def test_a_sign_that_no_line_had_is_possible() -> None:
    assert math.isfinite(bundled_letters().log_probability("漢字 ǅ İ"))
