"""Documents composed of blocks: what the truth says stands on the printed pages, and nothing else."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from stdnum import iban

from invoice_connector.invoice import FIELD_NAMES
from scripts import generate_documents
from scripts.evaluation.datasets import read_dataset
from scripts.synthetic import national_identifiers
from scripts.synthetic.blocks.browser import browser_page
from scripts.synthetic.blocks.documents import BlockDocument, make_block_document
from scripts.synthetic.blocks.draft import make_block_voice
from scripts.synthetic.blocks.names import business_name
from scripts.synthetic.more_countries import MORE_COUNTRIES, every_country
from scripts.synthetic.vocabulary import BLOCK_LANGUAGES

pytestmark = pytest.mark.slow
LOOSE = ("currency_code", "invoice_type_code", "seller_address", "buyer_address")


@pytest.fixture(scope="module")
def documents() -> list[BlockDocument]:
    """One of every language."""
    with browser_page() as page:
        return [make_block_document(page, 900 + at, language) for at, language in enumerate(BLOCK_LANGUAGES)]


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return bare(" ".join(sheet.get_textpage().get_text_bounded() for sheet in document))


def bare(text: str) -> str:
    return re.sub(r"[\s\x02\ufffe-]", "", text)  # a hyphen at a line's end is a control character in the text layer


def test_what_a_place_shows_is_on_the_page(documents: list[BlockDocument]) -> None:
    for document in documents:
        text = text_of(document.printed.pdf)
        assert len(document.places) > 8
        for place in document.places:
            assert all(bare(part) in text for part in place.text.split(", ")), place
            assert place.box[0] < place.box[2] <= document.printed.sizes[place.page - 1][0] + 1, place


def test_visible_fields_are_printed_and_hidden_ones_are_not_marked(documents: list[BlockDocument]) -> None:
    for document in documents:
        printed = {place.name: place.text for place in reversed(document.places)}
        for name, value in document.values.items():
            assert name in FIELD_NAMES
            assert document.visible[name] == (name in printed)
            if name.startswith(("total_", "amount_")) and name in printed:
                assert re.sub(r"[^\d-]", "", printed[name]) == value.replace(".", ""), name
            elif name in printed and name not in (*LOOSE, "issue_date", "due_date", "paid_amount", "rounding_amount"):
                assert bare(printed[name]).upper() == bare(value).upper(), name


def test_sums_hold(documents: list[BlockDocument]) -> None:
    for document in documents:
        values = {
            name: Decimal(value) for name, value in document.values.items() if "total" in name or "amount" in name
        }
        assert values["total_without_vat"] + values["total_vat"] == values["total_with_vat"]
        paid, rounding = values.get("paid_amount", Decimal(0)), values.get("rounding_amount", Decimal(0))
        assert values["total_with_vat"] - paid + rounding == values["amount_due"]


def test_the_same_seed_gives_the_same_document_whatever_came_before() -> None:
    with browser_page() as page:
        first, _, again, other = (
            make_block_document(page, seed, language)
            for seed, language in ((31, "nl"), (32, "de"), (31, "nl"), (33, "nl"))
        )
    assert first.values == again.values
    assert first.printed.lines == again.printed.lines
    assert other.values != first.values


def test_a_folder_is_a_dataset_and_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    arguments = [str(tmp_path), "--renderer", "blocks", "--seed", "4", "--languages", "sv,pl,tr", "--count"]
    assert generate_documents.main([*arguments, "2"]) == 0
    before = (tmp_path / "index.jsonl").read_text("utf-8")
    assert generate_documents.main([*arguments, "3"]) == 0
    assert (tmp_path / "index.jsonl").read_text("utf-8").startswith(before)
    samples = read_dataset(tmp_path, "fit")
    assert [sample.language for sample in samples] == ["sv", "pl", "tr"]
    assert len({sample.group for sample in samples}) == 3
    for sample in samples:
        assert sample.absent
        assert sample.truth["invoice_number"]
        assert sample.invoice_lines
        assert sample.boxes
    rows = [json.loads(line) for line in (tmp_path / "index.jsonl").read_text("utf-8").splitlines()]
    assert all({"places", "vat_breakdown", "sizes", "visible"} <= row.keys() for row in rows)


def test_a_language_of_blocks_is_refused_by_the_drawn_layouts(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="only --renderer blocks"):
        generate_documents.main([str(tmp_path), "--languages", "nl"])


@pytest.mark.parametrize("language", BLOCK_LANGUAGES)
def test_names_and_labels_vary(language: str) -> None:
    rng = np.random.default_rng(3)
    country = every_country(language)[0]
    names = {business_name(rng, country).full for _ in range(400)}
    assert len(names) > 385
    labels = {make_block_voice(rng, country, "invoice").labels["invoice_number"].casefold() for _ in range(80)}
    assert len(labels) >= 4


def test_identifiers_of_more_countries_have_right_check_digits() -> None:
    rng = np.random.default_rng(1)
    for country in {each.code for each in MORE_COUNTRIES}:
        if country in national_identifiers.BBAN:
            assert iban.is_valid(national_identifiers.iban(rng, country), check_country=False), country
