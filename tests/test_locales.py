"""The words of each language: what their files may hold, and that a new one needs no code."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import invoice_connector
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


ESTONIAN = """
[labels]
invoice_number = ["arve number"]
issue_date = ["arve kuupäev"]
due_date = ["maksetähtaeg"]
seller = ["müüja"]
buyer = ["ostja"]
amount_due = ["tasuda kokku"]
total_vat = ["käibemaks"]
total_without_vat = ["summa km-ta"]

[words]
legal_forms = ["oü"]
"""
READ_ESTONIAN = """
from invoice_connector.fields import FieldPage, extract
from ocr_ensemble.layout import BoundingBox, TextLine
rows = [
    ("Müüja:", "Metsakohvik OÜ"), ("Ostja:", "Rannamaja OÜ"), ("Arve number:", "20417"),
    ("Arve kuupäev:", "12.03.2026"), ("Maksetähtaeg:", "26.03.2026"), ("Summa km-ta:", "1 000,00"),
    ("Käibemaks:", "240,00"), ("Tasuda kokku:", "1 240,00"),
]
lines = []
for number, row in enumerate(rows):
    for left, text in zip((60, 400), row, strict=True):
        box = BoundingBox(left, 60 + 60 * number, left + 10 * len(text), 80 + 60 * number)
        lines.append(TextLine(text, box, 1.0))
fields = extract([FieldPage(1, 1000, 1400, tuple(lines))]).fields
print({name: str(field.value) for name, field in sorted(fields.items())})
"""


def test_a_new_language_is_one_file_and_no_code(tmp_path: Path) -> None:
    shutil.copytree(Path(invoice_connector.__file__).parent, tmp_path / "invoice_connector")
    (tmp_path / "invoice_connector" / "locales" / "et.toml").write_text(ESTONIAN, "utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", READ_ESTONIAN],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = ast.literal_eval(done.stdout)
    wanted = {
        "invoice_number": "20417", "issue_date": "2026-03-12", "due_date": "2026-03-26",
        "seller_name": "Metsakohvik OÜ", "buyer_name": "Rannamaja OÜ",
        "amount_due": "1240.00", "total_vat": "240.00", "total_without_vat": "1000.00",
    }  # fmt: skip
    assert {name: found.get(name) for name in wanted} == wanted
