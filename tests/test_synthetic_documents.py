"""Synthetic invoices and receipts: reproducible, arithmetically right, and true to their pictures."""

from __future__ import annotations

import functools
import importlib
import json
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from stdnum import iban, iso11649, luhn
from stdnum.es import ccc
from stdnum.eu import vat as eu_vat
from stdnum.se import orgnr

from scripts import generate_documents, make_samples
from scripts.synthetic import identifiers
from scripts.synthetic.content import MAX_LENGTH, line_text
from scripts.synthetic.culture import COUNTRIES, AmountStyle, format_amount
from scripts.synthetic.documents import SyntheticDocument, make_document
from scripts.synthetic.layouts import HELD_OUT, LAYOUTS
from scripts.synthetic.rendering import Picture, photograph, render_pdf, scan, to_pdf
from scripts.synthetic.vocabulary import LANGUAGES

DPI = 100
VAT_COUNTRIES = ("SE", "FI", "IE", "DE", "AT", "FR", "BE", "ES", "IT", "PT")


@functools.cache
def documents(count: int = 80) -> list[SyntheticDocument]:
    """Documents over all languages and layouts."""
    return [make_document(at, LANGUAGES[at % len(LANGUAGES)], LAYOUTS[at % len(LAYOUTS)]) for at in range(count)]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_line_text_is_reproducible_short_and_varied(language: str) -> None:
    first, second = ([line_text(np.random.default_rng([at, 5]), language) for at in range(300)] for _ in range(2))
    assert first == second
    assert all(1 <= len(text) <= MAX_LENGTH and text == text.strip() for text in first)
    assert len(set(first)) > 270


def test_line_text_refuses_an_unknown_language(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match="there are sv, en"):
        line_text(rng, "xx")


def test_the_same_seed_gives_the_same_document() -> None:
    first, second = make_document(3, "sv", 7), make_document(3, "sv", 7)
    assert first == second
    assert to_pdf(first.pages) == to_pdf(second.pages)
    assert make_document(4, "sv", 7).values != first.values


def test_sums_hold() -> None:
    for document in documents():
        check_sums(document)


def check_sums(document: SyntheticDocument) -> None:
    deal, values = document.deal, document.values
    total, due = Decimal(values["total_with_vat"]), Decimal(values["amount_due"])
    rounding, paid = Decimal(values.get("rounding_amount", "0")), Decimal(values.get("paid_amount", "0"))
    assert Decimal(values["total_without_vat"]) + Decimal(values["total_vat"]) == total
    assert total - paid + rounding == due
    lines = sum((line.amount for line in deal.lines), Decimal(0)) + deal.charge - deal.allowance
    assert lines == (total if deal.kind == "receipt" else Decimal(values["total_without_vat"]))
    for row in deal.vat:
        assert abs(row.taxable_amount * row.rate / 100 - row.tax_amount) <= Decimal("0.01")
    assert deal.due_date is None or deal.due_date > deal.issue_date


def test_printed_fields_read_as_their_values() -> None:
    for document in documents():
        check_printed_fields(document)


def check_printed_fields(document: SyntheticDocument) -> None:
    """What stands in a field's place is its value in some local form."""
    for place in document.places:
        value = document.values.get(place.name)
        shown = place.text.upper()
        if value is None or place.name in ("currency_code", "invoice_type_code"):
            continue
        if place.name.startswith(("total_", "amount_", "rounding_")):
            assert re.sub(r"[^\d-]", "", shown) == value.replace(".", ""), place
        elif place.name.endswith("_date"):
            assert f"{int(value[8:])}" in re.findall(r"[1-9]\d*", shown) or value.replace("-", "") == shown, place
        elif place.name != "paid_amount":
            assert "".join(shown.split()) == "".join(value.replace("ß", "SS").upper().split()) or "ß" in value, place


def test_identifiers_have_right_check_digits(rng: np.random.Generator) -> None:
    for _ in range(30):
        assert orgnr.is_valid(identifiers.organisation_number(rng))
        for number in (identifiers.bankgiro(rng), identifiers.plusgiro(rng)):
            assert luhn.is_valid(re.sub(r"\D", "", number))
        reference = identifiers.ocr_number(rng, length_digit=True)
        assert luhn.is_valid(reference)
        assert len(reference) % 10 == int(reference[-2])
        assert iso11649.is_valid(identifiers.rf_reference(rng))
        for country in VAT_COUNTRIES:
            assert eu_vat.is_valid(identifiers.vat_identifier(rng, country)), country
        for country in [each.code for each in COUNTRIES if each.code not in ("AU", "MY")]:
            assert iban.is_valid(identifiers.iban(rng, country)), country
        assert ccc.is_valid(identifiers.iban(rng, "ES")[4:])


@pytest.mark.parametrize("country", ["GB", "CH", "AU"])
def test_vat_identifiers_outside_the_union(country: str, rng: np.random.Generator) -> None:
    modules = {"GB": "stdnum.gb.vat", "CH": "stdnum.ch.vat", "AU": "stdnum.au.abn"}
    module = importlib.import_module(modules[country])
    assert all(module.is_valid(identifiers.vat_identifier(rng, country)) for _ in range(30))


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (AmountStyle(" ", ","), "-1 234 567,50"),
        (AmountStyle("'", "."), "-1'234'567.50"),
        (AmountStyle("", ","), "-1234567,50"),
    ],
)
def test_amounts_in_local_forms(style: AmountStyle, text: str) -> None:
    assert format_amount(Decimal("-1234567.5"), style) == text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_truth_box_holds_ink_and_the_text_layer_holds_the_fields(layout: int) -> None:
    document = make_document(11, LANGUAGES[layout % len(LANGUAGES)], layout)
    pdf = to_pdf(document.pages)
    pictures = render_pdf(pdf, DPI)
    assert len(pictures) == len(document.pages)
    for line in document.lines:
        assert has_ink(pictures[line.page - 1], line.box), line
    for place in document.places:
        assert has_ink(pictures[place.page - 1], place.box), place
    layer = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    for place in document.places:
        if "address" not in place.name and "name" not in place.name:
            assert "".join(place.text.split()) in "".join(layer.split()), place


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_and_layout_has_its_core_fields(language: str) -> None:
    for layout in LAYOUTS[:: 2 if language != "sv" else 1]:
        document = make_document(2, language, layout)
        for name in ("invoice_number", "issue_date", "seller_name", "seller_address", "total_with_vat", "amount_due"):
            assert document.visible[name], (layout, name)
        assert document.split == ("test" if layout in HELD_OUT else "fit")
        assert all(0 <= line.box[0] < line.box[2] <= document.pages[line.page - 1].width + 1 for line in document.lines)


@pytest.mark.parametrize("spoil", [scan, photograph])
def test_boxes_follow_the_page_through_scan_and_photo(spoil: object, rng: np.random.Generator) -> None:
    document = make_document(5, "de", 1)
    clean = render_pdf(to_pdf(document.pages), DPI)[0]
    assert callable(spoil)
    picture: Picture = spoil(clean, rng)
    moved = [line for line in document.lines if line.page == 1]
    found = sum(has_ink(picture, line.box, contrast=12) for line in moved)
    assert found >= 0.97 * len(moved)


def has_ink(picture: Picture, box: tuple[float, float, float, float], contrast: int = 40) -> bool:
    """Whether the box has both light and dark pixels."""
    left, top, right, bottom = picture.box(box)
    part = picture.image[max(top, 0) : bottom, max(left, 0) : right].astype(int)
    return bool(part.size) and int(part.max() - part.min()) >= contrast


def test_the_command_writes_documents_truth_and_boxes(tmp_path: Path) -> None:
    arguments = ["--count", "3", "--seed", "9", "--languages", "sv,fr", "--layouts", "21,22", "--dpi", "72"]
    assert generate_documents.main([str(tmp_path / "a"), *arguments]) == 0
    assert generate_documents.main([str(tmp_path / "b"), *arguments]) == 0
    rows = [json.loads(line) for line in (tmp_path / "a" / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["language"] for row in rows] == ["sv", "fr", "sv"]
    for row in rows:
        assert (tmp_path / "a" / row["file"]).read_bytes() == (tmp_path / "b" / row["file"]).read_bytes()
        assert row["truth"].keys() == row["visible"].keys()
        first = (tmp_path / "a" / row["boxes"]).read_text(encoding="utf-8").splitlines()[0].split(",", 8)
        assert len(first) == 9
        assert all(re.fullmatch(r"-?\d+", part) for part in first[:8])


def test_bundled_samples_match_their_truth() -> None:
    """The PDF's text layer shows every field of truth.json that is printed as it is stored."""
    truth = json.loads((make_samples.SAMPLES / "truth.json").read_text(encoding="utf-8"))
    assert set(truth) == {"faktura.pdf", "faktura-skannad.png", "faktura-foto.jpg"}
    for name, fields in truth.items():
        assert (make_samples.SAMPLES / name).stat().st_size < 500_000
        assert Decimal(fields["total_without_vat"]) + Decimal(fields["total_vat"]) == Decimal(fields["total_with_vat"])
        assert {"remittance_information", "due_date", "payment_account_identifier", "rounding_amount"} <= fields.keys()
        assert luhn.is_valid(fields["remittance_information"])
    pdf = pypdfium2.PdfDocument(make_samples.SAMPLES / "faktura.pdf")
    layer = pdf[0].get_textpage().get_text_range()
    for name in ("invoice_number", "issue_date", "due_date", "seller_name", "payment_account_identifier"):
        assert truth["faktura.pdf"][name] in layer
