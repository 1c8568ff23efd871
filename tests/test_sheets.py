"""Layouts that people drew: every one can be filled in any language and shows what an invoice must show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts import generate_documents
from scripts.evaluation.datasets import read_dataset
from scripts.synthetic.blocks.browser import browser_page
from scripts.synthetic.blocks.documents import BlockDocument, make_block_document
from scripts.synthetic.blocks.names import business_name
from scripts.synthetic.blocks.sheets import Sheet, all_sheets
from scripts.synthetic.more_countries import every_country
from scripts.synthetic.vocabulary import BLOCK_LANGUAGES

pytestmark = pytest.mark.slow
NEEDED = {"invoice_number", "issue_date", "seller_name"}


@pytest.fixture(scope="module")
def filled() -> dict[Sheet, BlockDocument]:
    """Each layout in another language than the one before."""
    with browser_page() as page:
        return {
            sheet: make_block_document(page, 700 + at, BLOCK_LANGUAGES[at % len(BLOCK_LANGUAGES)], sheet)
            for at, sheet in enumerate(all_sheets())
        }


def test_every_layout_shows_what_makes_an_invoice(filled: dict[Sheet, BlockDocument]) -> None:
    assert len({sheet.hand for sheet in filled}) >= 5
    for sheet, document in filled.items():
        shown = {name for name, visible in document.visible.items() if visible}
        needed = NEEDED if sheet.is_receipt else NEEDED | {"buyer_name"}
        assert needed <= shown, f"{sheet} lacks {needed - shown}"
        assert {"total_with_vat", "amount_due"} & shown, sheet


def test_a_receipt_has_no_buyer_and_is_printed_on_a_roll(filled: dict[Sheet, BlockDocument]) -> None:
    receipts = [document for sheet, document in filled.items() if sheet.is_receipt]
    assert receipts
    for document in receipts:
        assert "buyer_name" not in document.values
        assert document.printed.sizes[0][0] < 300


def test_templates_are_filled_not_printed(filled: dict[Sheet, BlockDocument]) -> None:
    for sheet, document in filled.items():
        for _, _, line in document.printed.lines:
            assert "{" not in line and "<" not in line and "object at" not in line, (sheet, line)


def test_layouts_take_turns_and_those_of_one_hand_are_a_group(tmp_path: Path) -> None:
    arguments = ["--renderer", "sheets", "--hands", "ash", "first", "--languages", "sv,de", "--count", "3"]
    assert generate_documents.main([str(tmp_path), *arguments]) == 0
    assert {sample.group for sample in read_dataset(tmp_path)} == {"layout ash"}


def test_an_unknown_hand_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="oak"):
        all_sheets(["oak"])


def test_collected_names_are_used() -> None:
    country = every_country("sv")[0]
    rng = np.random.default_rng(3)
    names = {business_name(rng, country, collected=0.3).full for _ in range(400)}
    assert names & set(Path("scripts/synthetic/blocks/businesses/sv.txt").read_text("utf-8").splitlines())
