"""What comes from outside is taken or refused in a sentence, at a cost that its length bounds; and nothing that is
printed steers a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from db import inputs
from db.inputs import InputError
from invoice_connector.commands.terminal import one_line, printable, show_json, tell
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.einvoice.parse import parse_invoice
from invoice_connector.pipeline.request import Request
from invoice_connector.review.corrections import CorrectionError, corrected
from invoice_connector.settings import ConnectorSettings
from scripts.hostile.healthy import INVOICE_XML

numbers = st.decimals(allow_nan=True).map(str) | st.integers(-(10**40), 10**40).map(str) | st.text(max_size=30)
huge = st.builds(
    "{}1{}e{}".format, st.sampled_from(["", "-"]), st.sampled_from(["", "0", ".5"]), st.integers(-(10**12))
)
LONGEST = 2 * (inputs.WHOLE_DIGITS + inputs.DECIMALS)


@given(numbers | huge)
@example("1e99999999")
@example("0e99999999")
@example("1e-9999999")
@example("9" * 5000)
@example("١٢٣")
@example("1_000")
def test_an_amount_is_short_however_it_is_written_out(text: str) -> None:
    try:
        value = inputs.amount(text)
    except InputError as error:
        assert len(str(error)) < 400
    else:
        assert value.is_finite()
        assert len(f"{value:f}") <= LONGEST
        assert inputs.checked_amount(value) == value
        assert abs(value - Decimal("0.01")) >= 0  # arithmetic holds: no overflow


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=6))
def test_every_amount_of_an_invoice_is_taken_as_it_is(value: Decimal) -> None:
    assert inputs.amount(str(value)) == inputs.amount(f"{value:f}") == value


@given(st.dates(min_value=date(inputs.FIRST_YEAR, 1, 1)))
def test_every_day_is_taken_as_it_is(day: date) -> None:
    assert inputs.day(day.isoformat()) == day
    assert inputs.moment(day.isoformat()).date() == day


@given(st.text(max_size=30) | st.integers().map(str))
@example("0000-00-00")
@example("2026-02-30")
@example("2026-11-30T25:00")
@example("9" * 10_000)
def test_anything_is_a_day_a_moment_a_number_or_refused(text: str) -> None:
    for check in (inputs.day, inputs.moment, lambda given: inputs.integer(given, 1, 10**6)):
        try:
            found = check(text)
        except InputError as error:
            assert len(str(error)) < 300
        else:
            assert isinstance(found, int) or found.year >= inputs.FIRST_YEAR


@given(st.text(max_size=300, alphabet=st.characters()), st.booleans())
def test_a_text_is_taken_whole_or_refused(text: str, lines: bool) -> None:
    try:
        found = inputs.text(text, lines=lines)
    except InputError:
        found = None
    allowed = "\t\n\r" if lines else ""
    plain = all(unicodedata.category(c) not in ("Cc", "Cs") or c in allowed for c in text)
    assert found == (text if plain and len(text) <= inputs.SHORT_TEXT else None)


@given(st.none() | st.text(max_size=600, alphabet=st.characters()))
def test_any_file_name_can_be_stored(name: str | None) -> None:
    kept = inputs.file_name(name)
    assert 0 < len(kept) <= inputs.FILE_NAME
    kept.encode()
    assert inputs.text(kept, limit=inputs.FILE_NAME) == inputs.file_name(kept) == kept


@pytest.mark.parametrize(("name", "value"), [("total_with_vat", "1e99999999"), ("amount_due", "9" * 10**6),
                                             ("due_date", "1" * 10**6), ("seller_name", "x" * 10**6),
                                             ("seller_name", "a\x1b[2Jb"), ("x" * 10**6, "1")])  # fmt: skip
def test_a_review_of_any_size_is_refused_in_a_sentence(name: str, value: str) -> None:
    with pytest.raises(CorrectionError) as raised:
        corrected(name, value)
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize(("name", "value", "why"), [
    ("currency_code", "XXQ", "ISO 4217"), ("currency_code", "kr", "ISO 4217"),
    ("payment_account_identifier", "DE89 3704 0044 0532 0130 01", "check digits"),
    ("payment_account_identifier", "DE89 3704 0044 0532 0130", "20 characters"),
    ("payment_account_identifier", "XX89 3704 0044 0532 0130 00", "no country"),
])  # fmt: skip
def test_a_review_cannot_store_a_currency_or_an_iban_that_cannot_be(name: str, value: str, why: str) -> None:
    with pytest.raises(CorrectionError, match=why):
        corrected(name, value)


@pytest.mark.parametrize(("name", "value", "stored"), [
    ("currency_code", "sek", "SEK"), ("payment_account_identifier", "5050-1055", "5050-1055"),
    ("payment_account_identifier", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
])  # fmt: skip
def test_a_review_stores_them_as_the_contract_writes_them(name: str, value: str, stored: str) -> None:
    assert corrected(name, value) == stored


@pytest.mark.parametrize("code", ["klingon", "swe", "SV", "q", "xx", "../sv"])
def test_no_language_but_one_of_iso_639_is_taken(code: str) -> None:
    with pytest.raises(ValidationError, match="ISO 639-1"):
        ConnectorSettings(language=code)


def test_what_an_erp_expects_is_bounded() -> None:
    for amount in ("1e999999999", "1e-9999999", "NaN"):
        with pytest.raises(InputError, match="expected_amount is an amount with a decimal point"):
            Request("job", "a.pdf", expected_amount=Decimal(amount))
    with pytest.raises(InputError, match="customer_id has 201 characters"):
        Request("job", "a.pdf", customer_id="x" * 201)


@pytest.mark.parametrize("amount", [b"1e999999", b"0e99999999", b"NaN", b"9" * 5000, b"1." + b"1" * 5000])
def test_an_embedded_invoice_with_an_amount_that_is_none_is_refused(amount: bytes) -> None:
    with pytest.raises(EmbeddedInvoiceError, match=r"is an amount with a decimal point|has 5,00\d characters"):
        parse_invoice(INVOICE_XML.replace(b"125.00", amount), "invoice.xml")


def test_an_embedded_invoice_with_a_text_without_end_is_refused() -> None:
    with pytest.raises(EmbeddedInvoiceError, match="at most 2,000 are allowed"):
        parse_invoice(INVOICE_XML.replace(b"4711", b"x" * 1_000_000), "invoice.xml")


@given(st.text(alphabet=st.characters()) | st.sampled_from(["\x1b[31mred", "\x9b2J", "a\u202efdp.exe", "\ud800"]))
def test_what_is_printed_steers_no_terminal(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown if c not in "\n\t")
    assert "\u202e" not in shown
    assert printable(shown) == shown
    assert "\n" not in one_line(text)


@given(st.text(alphabet=st.characters()))
def test_json_that_is_printed_reads_back_as_it_was(text: str) -> None:
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        show_json({"file": text})
        tell(text)
    assert json.loads(out.getvalue()) == {"file": text}
    assert printable(out.getvalue()) == out.getvalue()
    assert printable(error.getvalue()) == error.getvalue()
