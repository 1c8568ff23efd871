"""The words of each language: what their files may hold, and that a new one needs no code."""

from __future__ import annotations

from pathlib import Path

import pytest

from invoice_connector.locales import LocaleError, locales, parse_locale, read_locales


def test_every_bundled_file_is_read_and_has_words() -> None:
    for language, locale in locales().items():
        assert len(language) == 2
        assert locale.labels or locale.words, language


def test_a_folder_with_a_new_language_gives_its_words(tmp_path: Path) -> None:
    (tmp_path / "et.toml").write_text('[labels]\ninvoice_number = ["arve number"]\n', "utf-8")
    assert read_locales(tmp_path)["et"].labels["invoice_number"] == ("arve number",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[labels", "et.toml"),
        ("[label]\n", "label"),
        ("labels = 3\n", "labels"),
        ('[labels]\ninvoice_number = "arve"\n', "invoice_number"),
        ('[labels]\ninvoice_number = [""]\n', "invoice_number"),
    ],
)
def test_what_is_no_locale_is_refused_by_its_place(text: str, names: str) -> None:
    with pytest.raises(LocaleError, match=names):
        parse_locale("et", text)


def test_no_phrase_stands_in_both_tables() -> None:
    for language, locale in locales().items():
        for term, phrases in locale.labels.items():
            assert not set(phrases) & set(locale.weak_labels.get(term, ())), (language, term)
