"""The benchmark's own measures, against fractions counted by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from invoice_connector.invoice import InvoiceField
from ocr_ensemble.fusion.vote import build_network
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Reading
from scripts.evaluation.datasets import read_boxes
from scripts.evaluation.fields import Mark, mark
from scripts.evaluation.labels import label_of, true_glyphs
from scripts.evaluation.measures import (
    area_under_risk_coverage,
    auroc,
    coverage_at_risk,
    expected_calibration_error,
    score_text,
)

BOX = BoundingBox(0, 0, 100, 20)


def line(text: str, top: int = 0) -> TextLine:
    words = tuple(
        Word(word, BoundingBox(10 * number, top, 10 * number + 9, top + 18)) for number, word in enumerate(text.split())
    )
    return TextLine(text, BoundingBox(0, top, 100, top + 20), 0.9, words)


def test_text_is_scored_by_box_without_spaces_and_case() -> None:
    truth = [(BOX, "Total 12.00"), (BoundingBox(0, 40, 100, 60), "CASH"), (BoundingBox(0, 80, 100, 100), "7")]
    score = score_text([line("total 12.OO"), line("CA SH", top=40)], truth)
    assert score.cer == (2 + 0 + 1) / (10 + 4 + 1)
    assert score.lines_exact == 1 / 3
    # Read: TOTAL 12.OO CA SH; true: TOTAL 12.00 CASH 7; one of them in common.
    assert score.word_f1 == 2 * 1 / (4 + 4)


def test_nothing_to_score_is_no_error() -> None:
    assert score_text([], []).cer == 0.0
    assert math.isnan(auroc([0.5, 0.6], [True, True]))
    assert expected_calibration_error([], []) == 0.0


def test_confidences_are_judged_by_their_order_and_their_size() -> None:
    confidence, right = [0.9, 0.8, 0.7, 0.6], [True, True, False, True]
    assert auroc(confidence, right) == 2 / 3
    assert coverage_at_risk(confidence, right, 0.0) == 0.5
    assert coverage_at_risk(confidence, right, 0.25) == 1.0
    assert area_under_risk_coverage(confidence, right) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    assert expected_calibration_error(confidence, right) == pytest.approx((0.1 + 0.2 + 0.7 + 0.4) / 4)


def test_labels_are_joined_and_given_up_where_they_are_cut() -> None:
    labels = [(BoundingBox(50, 0, 95, 20), "12.00"), (BoundingBox(0, 0, 45, 20), "TOTAL")]
    assert label_of(BOX, labels) == "TOTAL 12.00"
    assert label_of(BoundingBox(0, 0, 60, 20), labels) is None
    assert label_of(BoundingBox(0, 50, 60, 70), labels) is None


def test_the_truth_is_laid_along_the_columns_of_a_network() -> None:
    network = build_network([Reading("a", "Total 12.O0", BOX), Reading("b", "Tota1 12.00", BOX)])
    assert "".join(true_glyphs(network, "TOTAL 12.00")) == "Total 12.00"


@pytest.mark.parametrize(
    ("name", "value", "true", "expected"),
    [
        ("seller_name", "Seruling Ta K (Taman Maju) Sdn Bhd", "SERULING TA .K (TAMAN MAJU) SDN BHD", Mark.RIGHT),
        ("seller_name", "Tan Woon Yann", "SERULING TA .K (TAMAN MAJU) SDN BHD", Mark.WRONG),
        ("invoice_number", "td 0116", "TD0116", Mark.RIGHT),
        ("invoice_number", "TD0117", "TD0116", Mark.WRONG),
    ],
)
def test_fields_are_compared_as_their_kind_is(name: str, value: str, true: str, expected: Mark) -> None:
    assert mark(InvoiceField(name, value, value, 0.9, 1, BOX), name, true) is expected
    assert mark(None, name, true) is Mark.MISSING


def test_a_label_may_hold_commas(tmp_path: Path) -> None:
    path = tmp_path / "box.csv"
    path.write_text("1,2,11,2,11,8,1,8,NO. 5, JALAN MERANTI 18,\nno box\n", "utf-8")
    (found,) = read_boxes(path)
    assert (found.box.as_tuple(), found.text) == ((1, 2, 11, 8), "NO. 5, JALAN MERANTI 18,")
