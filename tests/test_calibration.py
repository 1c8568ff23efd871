"""What witnesses are worth: more evidence never makes a key field less likely, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_connector.invoice import Alternative, Evidence, Invoice, InvoiceField, Witness
from invoice_connector.rules.calibration import GROUPS, KINDS, bundled_weights, calibrated
from invoice_connector.rules.decision import NEEDED
from ocr_ensemble.layout import BoundingBox

BOX = BoundingBox(0, 0, 10, 10)
SURE = st.floats(0.0, 1.0)


def of(name: str, sure: float | None, kinds: frozenset[Evidence]) -> float | None:
    witnesses = tuple(Witness(kind, "") for kind in kinds)
    field = InvoiceField(name, "4711", "4711", sure, 1, BOX, witnesses=witnesses)
    return calibrated(Invoice({name: field})).fields[name].confidence


def test_every_key_field_has_its_weights() -> None:
    assert set(GROUPS) == {name for need in NEEDED for name in need.names}
    assert set(GROUPS.values()) == set(bundled_weights())


@given(st.sampled_from(sorted(GROUPS)), SURE, SURE, st.frozensets(st.sampled_from(KINDS)), st.sampled_from(KINDS))
def test_more_evidence_and_a_surer_reading_never_make_a_field_less_likely(
    name: str, one: float, other: float, kinds: frozenset[Evidence], more: Evidence
) -> None:
    less, most = (of(name, sure, kinds) for sure in sorted((one, other)))
    assert less is not None and most is not None
    assert 0.0 <= less <= most <= 1.0
    assert (of(name, one, kinds | {more}) or 0.0) >= (of(name, one, kinds) or 0.0)


@pytest.mark.parametrize("kinds", [(), (Evidence.PICTURE, Evidence.CODE, Evidence.LABEL)])
def test_other_fields_and_those_of_no_known_probability_stay_as_they_are(kinds: tuple[Evidence, ...]) -> None:
    assert of("buyer_name", 0.7, frozenset(kinds)) == 0.7
    assert of("seller_name", None, frozenset(kinds)) is None


def test_no_witness_tells_between_a_day_and_a_month() -> None:
    other = Alternative(date(2026, 4, 3), "03/04/2026", 0.2, 1, BOX)
    day = InvoiceField("issue_date", date(2026, 3, 4), "03/04/2026", 0.7, 1, BOX, alternatives=(other,),
                       witnesses=(Witness(Evidence.LABEL, ""),))  # fmt: skip
    assert calibrated(Invoice({"issue_date": day})).fields["issue_date"] == day
    sure = replace(day, alternatives=())
    assert calibrated(Invoice({"issue_date": sure})).fields["issue_date"].confidence != 0.7
