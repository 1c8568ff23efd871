"""Approvals of values that break rules: refused, unless a person confirms them and says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from audit_samples import sample_job
from sqlalchemy import Engine

from db.audit import append_job
from db.database import open_database
from db.queries import get_job
from db.reviews import ReviewRequest
from invoice_connector.review.storing import UnconfirmedError, store_review

AMOUNTS = {"total_without_vat": "1000.00", "total_vat": "250.00", "total_with_vat": "1250.00"}
READ = {**AMOUNTS, "issue_date": "2026-10-14", "due_date": "2026-11-13", "seller_vat_identifier": "SE559987456601"}


def stored(engine: Engine, violations: tuple[str, ...] = (), **values: str) -> str:
    fields = {name: {"value": value, "text": value, "confidence": 0.9} for name, value in {**READ, **values}.items()}
    broken = [{"rule": rule, "message": rule} for rule in violations]
    record = sample_job(1, fields=fields, violations=broken, status="needs_review")
    append_job(engine, record)
    return record.id


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'audit.db'}")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"total_with_vat": "1350.00"}, "BR-CO-15"),
        ({"due_date": "2026-10-01"}, "DATES-IN-ORDER"),
        ({"issue_date": "2031-02-01", "due_date": None}, "DATE-IMPLAUSIBLE"),
        ({"seller_vat_identifier": "SE559987456701"}, "CHECK-VAT"),
    ],
)
def test_values_that_break_a_rule_need_a_confirmation_with_its_reason(
    engine: Engine, values: dict[str, str | None], rule: str
) -> None:
    job = stored(engine)
    with pytest.raises(UnconfirmedError, match="confirm them and say why"):
        store_review(engine, ReviewRequest(job, values, note="looked"))
    with pytest.raises(UnconfirmedError, match="say why in the note"):
        store_review(engine, ReviewRequest(job, values), confirmed=True)
    assert get_job(engine, job).corrections == {}
    review, _ = store_review(engine, ReviewRequest(job, values, "Anna", "printed so"), confirmed=True)
    assert review.note is not None and review.note.startswith("printed so") and rule in review.note


def test_what_was_read_and_broke_a_rule_is_not_approved_unseen_either(engine: Engine) -> None:
    job = stored(engine, ("BR-CO-15",), total_vat="150.00")
    with pytest.raises(UnconfirmedError, match=r"1150\.00"):
        store_review(engine, ReviewRequest(job, {}))
    review, _ = store_review(engine, ReviewRequest(job, {"total_vat": "250.00"}))
    assert review.note is None


def test_values_that_keep_the_rules_need_no_confirmation(engine: Engine) -> None:
    changed = {"total_without_vat": "1200.00", "total_vat": "300.00", "total_with_vat": "1500.00"}
    review, _ = store_review(engine, ReviewRequest(stored(engine), changed, note="as printed"), confirmed=True)
    assert review.note == "as printed"


def test_a_sum_that_held_on_the_page_with_amounts_beside_it_is_not_asked_again(engine: Engine) -> None:
    """A tip of 50 was read beside the sum: the page kept the rule, though net and VAT alone do not make the total."""
    job = stored(engine, total_with_vat="1300.00")
    store_review(engine, ReviewRequest(job, {"due_date": None}))


def test_a_document_that_is_not_to_be_booked_needs_no_right_values(engine: Engine) -> None:
    job = stored(engine, ("BR-CO-15",), total_vat="150.00")
    store_review(engine, ReviewRequest(job, {}, status="rejected"))
