"""What is looked up in a page's text: countries, towns, currencies, labels and kinds of papers. No text raises."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from invoice_connector.evidence.country import PlacedText, seller_country
from invoice_connector.evidence.currency import find_currencies
from invoice_connector.evidence.folding import folded
from invoice_connector.fields.kind_phrases import numbers_in, signs_in, titles_in
from invoice_connector.fields.labels import is_label, title_code
from invoice_connector.locales import alternatives, phrase_pattern, words

NAMES = (
    "Istanbul",
    "Lisbon",
    "Finland",
    "Türkiye",
    "Suisse",
    "Swiss francs",
    "Danish kroner",
    "US dollars",
    "Türk lirası",
)
TWINS: dict[str, list[str]] = defaultdict(list)  # characters that a pattern without case takes for the same
for code in range(0x80, 0x3000):
    for letter in "abcdefghijklmnopqrstuvwxyzéèöüßıkſ":
        if chr(code) != letter and regex.fullmatch(letter, chr(code), regex.IGNORECASE):
            TWINS[letter].append(chr(code))


@st.composite
def in_any_case(draw: st.DrawFn, name: str) -> str:
    return "".join(draw(st.sampled_from([c, c.upper(), c.lower(), *TWINS[c.lower()]])) for c in name)


def names_in_any_case() -> st.SearchStrategy[str]:
    return st.sampled_from(NAMES).flatmap(in_any_case)


@given(st.one_of(st.text(max_size=60), st.lists(st.one_of(names_in_any_case(), st.text(max_size=8))).map(", ".join)))
@example("İstanbul")
@example("Kadıköy, İSTANBUL, TÜRKİYE")
@example("FİNLAND")
@example("100 SWİSS FRANCS")
def test_no_text_raises(text: str) -> None:
    seller_country([PlacedText(text)], "tr")
    for language in ("en", "tr", "de"):
        find_currencies(text, language)
    for look_up in (is_label, title_code, titles_in, numbers_in, signs_in):
        look_up(text)


PRINTED = ("paid_stamp", "files_of_terms", "amounts", "conversion", "days", "share_capital", "credit_balance")


@given(
    st.sampled_from(PRINTED),
    st.lists(st.one_of(st.sampled_from(words(*PRINTED)).flatmap(in_any_case), st.text(max_size=4))).map(" ".join),
)
@example("paid_stamp", "SALDATO İL 5.3.")
def test_phrases_are_found_as_one_pattern_of_all_finds_them(name: str, text: str) -> None:
    pattern = re.compile(rf"(?<!\w){alternatives(name)}(?!\w)", re.IGNORECASE)
    finder = phrase_pattern(name)
    for found, wanted in ((finder.search(text), pattern.search(text)), (finder.match(text), pattern.match(text))):
        assert (found and found.span()) == (wanted and wanted.span())


@given(names_in_any_case())
def test_a_fold_is_the_same_for_all_that_a_pattern_takes_for_the_same(name: str) -> None:
    same = [plain for plain in NAMES if regex.fullmatch(plain, name, regex.IGNORECASE)]
    assert {folded(plain) for plain in same} <= {folded(name)}


@pytest.mark.parametrize("town", ["İstanbul", "ISTANBUL", "istanbul", "İSTANBUL", "Istanbul"])
def test_a_town_is_found_however_its_i_is_written(town: str) -> None:
    assert seller_country([PlacedText(f"Moda Cad. 5, 34710 {town}", "seller")], "en").likeliest == "TR"
