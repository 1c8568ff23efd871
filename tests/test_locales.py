"""The words of each language: what their files may hold, and that a new one needs no code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.evidence.folding import unaccented
from invoice_connector.fields.line_patterns import contact_word, salutation, street_word
from invoice_connector.fields.statements import Topic
from invoice_connector.locales import (
    LocaleError,
    alternatives,
    locales,
    parse_locale,
    read_locales,
    sentence_pattern,
    words,
)
from scripts.known_languages import README, known_languages

ROOT = Path(__file__).parent.parent


def test_every_bundled_file_is_read_and_has_words() -> None:
    for language, locale in locales().items():
        assert len(language) == 2
        assert locale.labels or locale.words, language


def test_a_folder_with_a_new_language_gives_its_words(tmp_path: Path) -> None:
    (tmp_path / "et.toml").write_text('[labels]\ninvoice_number = ["arve number"]\n', "utf-8")
    assert read_locales(tmp_path)["et"].labels["invoice_number"] == ("arve number",)


def test_every_key_is_explained() -> None:
    """In the documentation, in code type."""
    explained = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "locales.md").read_text("utf-8")))
    tables = ("labels", "weak_labels", "document_kinds", "other_kinds", "kind_signs", "words")
    keys = {key for locale in locales().values() for table in tables for key in getattr(locale, table)}
    assert not keys - explained
    assert explained - keys <= {"xx", "_", "months", "sentences", "term_names"}


def test_every_list_that_is_looked_up_is_there() -> None:
    """A misspelt key would find nothing, in silence."""
    sources = [path.read_text("utf-8") for path in (ROOT / "invoice_connector").rglob("*.py")]
    calls = [
        call
        for text in sources
        for call in re.findall(
            r"(?<!\w)(?:alternatives|phrase_pattern|sentence_pattern|words|words_of)\(([^()]*)\)", text
        )
    ]
    asked = {key for call in calls for key in re.findall(r"""(?<!\w)["'](\w+)["']""", call)}
    asked |= {f"{topic}_sentence" for topic in Topic} | {"settled", "retained"}
    known = {key for locale in locales().values() for key in locale.words}
    assert not asked - known
    assert len(asked) > 30


@pytest.mark.parametrize("name", ["street_words", "salutations", "days", "date_links", "ordinals", "telephone"])
def test_a_lists_pattern_finds_each_of_its_words_and_no_other(name: str) -> None:
    pattern = re.compile(alternatives(name), re.IGNORECASE)
    listed = words(name)
    assert all(pattern.fullmatch(word) and pattern.fullmatch(word.upper()) for word in listed)
    beginnings = {word[:end].lower() for word in listed for end in range(1, len(word))} - {w.lower() for w in listed}
    assert not [word for word in beginnings if pattern.fullmatch(word)]
    assert all(len(pattern.match(word)[0]) == len(word) for word in listed)  # type: ignore[index]
    assert not re.search(alternatives("no such list"), "rue street")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "trotz unserer ersten Mahnung"), ("fr", "Cette Créance a été cédée"), ("tr", "HATIRLATMAMIZA RAĞMEN")],
)
def test_phrases_of_sentences_have_gaps_and_endings(language: str, sentence: str) -> None:
    lists = ("overdue_sentence", "assigned_sentence")
    assert any(sentence_pattern(name, language).search(unaccented(sentence)) for name in lists)
    assert not any(sentence_pattern(name, "sv").search(unaccented(sentence)) for name in lists)


def test_an_apostrophe_is_also_the_typographic_one() -> None:
    assert re.fullmatch(alternatives("date_links"), "d’")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        *[(line, street_word) for line in ("Keizersgracht 12", "Nørregade 7", "Mannerheimintie 4", "Kossuth utca 5")],
        *[(line, street_word) for line in ("ul. Długa 8", "Brīvības iela 3", "Gedimino prospektas 9", "nám. Míru 2")],
        *[(line, street_word) for line in ("Karl Johans gate 1", "Passeig de Gràcia 4", "Atatürk Caddesi 11")],
        *[(line, salutation) for line in ("Dhr.", "Señores:", "Szanowni Państwo", "Sayın", "Hr.", "Spett.le")],
        *[(line, contact_word) for line in ("Puhelin 09 123", "Tālrunis: 67", "Telefoon 020", "Sähköposti")],
    ],
)
def test_words_of_many_languages_tell_lines(text: str, pattern: Callable[[], re.Pattern[str]]) -> None:
    assert pattern().search(text)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        *[(line, street_word) for line in ("Business plan", "Temps plein", "Consulting services", "Bahnhof Buffet")],
        *[(line, salutation) for line in ("Hr. Berg", "Pan Foods Ltd", "Familie Weber")],
    ],
)
def test_other_lines_are_not_told_by_them(text: str, pattern: Callable[[], re.Pattern[str]]) -> None:
    assert not pattern().search(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[labels", "et.toml"),
        ("[label]\n", "label"),
        ("labels = 3\n", "labels"),
        ('[labels]\ninvoice_number = "arve"\n', "invoice_number"),
        ('[labels]\ninvoice_number = [""]\n', "invoice_number"),
        ("[sentences]\nor = 3\n", "or in"),
        ('[sentences]\nconfirmed = "{whom} kinnitatud"\n', "whom"),
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
[document_kinds]
invoice = ["arve", "müügiarve"]
credit_note = ["kreeditarve"]

[labels]
invoice_number = ["arve number", "arve nr"]
issue_date = ["arve kuupäev", "kuupäev"]
due_date = ["maksetähtaeg", "tasuda hiljemalt"]
payment_terms = ["maksetingimus", "maksetingimused"]
seller = ["müüja", "tarnija"]
buyer = ["ostja", "klient", "arve saaja"]
amount_due = ["tasuda", "kokku tasuda", "tasumisele kuuluv summa"]
total_vat = ["käibemaks", "käibemaks kokku"]
total_without_vat = ["summa km-ta", "kokku käibemaksuta"]
remittance_information = ["viitenumber"]
vat_identifier = ["kmkr nr", "kmkr number"]
legal_registration = ["registrikood", "reg nr"]
iban = ["arvelduskonto", "pangakonto"]
_amount = ["hind", "kogus", "ühiku hind"]
_text = ["kirjeldus"]

[words]
legal_forms = ["oü", "as", "mtü"]
street_words = ["mnt", "tn", "pst", "tänav", "puiestee"]
days = ["päev", "päeva"]
telephone = ["telefon", "tel"]
buyers_own = ["teie", "kliendi", "ostja"]
tax_names = ["kmkr", "km"]
"""
ROWS = {
    790: ((50, "Metsakohvik OÜ"), (420, "ARVE")),
    774: ((50, "Pärnu mnt 48"),),
    760: ((50, "10119 Tallinn"),),
    720: ((50, "Ostja:"), (350, "Arve number:"), (470, "20417")),
    704: ((50, "Rannamaja OÜ"), (350, "Arve kuupäev:"), (470, "12. märts 2026")),
    688: ((50, "Kesk tn 7"), (350, "Maksetähtaeg:"), (470, "26. märts 2026")),
    672: ((50, "80010 Pärnu"), (350, "Viitenumber:"), (470, "2041708")),
    560: ((50, "Kirjeldus"), (350, "Kogus"), (470, "Hind")),
    540: ((50, "Kohviubade tarne"), (350, "1"), (470, "1 000,00")),
    440: ((350, "Summa km-ta:"), (470, "1 000,00")),
    424: ((350, "Käibemaks 24%:"), (470, "240,00")),
    400: ((350, "Kokku tasuda EUR:"), (470, "1 240,00")),
    76: ((50, "Registrikood 14283952"), (230, "KMKR nr EE101594017")),
    60: ((50, "Arvelduskonto EE382200221020145685"),),
}
PRINTED = {
    "invoice_number": "20417", "issue_date": "2026-03-12", "due_date": "2026-03-26",
    "seller_name": "Metsakohvik OÜ", "buyer_name": "Rannamaja OÜ",
    "amount_due": "1240.00", "total_vat": "240.00", "total_without_vat": "1000.00", "remittance_information": "2041708",
    "seller_vat_identifier": "EE101594017", "seller_legal_registration_identifier": "14283952",
    "payment_account_identifier": "EE382200221020145685",
}  # fmt: skip


def read(folder: Path, own: Path | None) -> dict[str, Any]:
    """The JSON that the command prints for the Estonian invoice, with the locale files of ``own``."""
    canvas = Canvas(str(folder / "arve.pdf"), pagesize=(595, 842), invariant=True)
    for y, cells in ROWS.items():
        for x, text in cells:
            canvas.drawString(x, y, text)
    canvas.save()
    command = ["process", "--json", "--engines", "pdf_text", "--db", "sqlite:///audit.db", "arve.pdf"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INVOICE_CONNECTOR_VERIFY": "never"}
    environment |= {"INVOICE_CONNECTOR_LOCALES_PATH": str(own)} if own else {}
    done = subprocess.run(
        [sys.executable, "-m", "invoice_connector", *command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_new_language_is_one_file_and_no_code(tmp_path: Path) -> None:
    """The command reads an Estonian invoice with a file of Estonian words, and without it some of it at most."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "et.toml").write_text(ESTONIAN, "utf-8")
    found, without = read(tmp_path, tmp_path / "own"), read(tmp_path, None)
    assert (found["language"], found["document_kind"]["value"]) == ("et", "invoice")
    assert {name: found["fields"].get(name, {}).get("value") for name in PRINTED} == PRINTED
    assert without["language"] != "et"
    missed = {name for name, value in PRINTED.items() if without["fields"].get(name, {}).get("value") != value}
    assert missed


def test_a_file_of_a_known_language_adds_to_it(tmp_path: Path) -> None:
    (tmp_path / "sv.toml").write_text('[labels]\ninvoice_number = ["räkningens nummer"]\n', "utf-8")
    code = 'from invoice_connector.locales import locales; print(locales()["sv"].labels["invoice_number"])'
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INVOICE_CONNECTOR_LOCALES_PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "fakturanummer" in done.stdout
    assert "räkningens nummer" in done.stdout


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INVOICE_CONNECTOR_LOCALES_PATH": str(tmp_path / "none")}
    code = "from invoice_connector.locales import locales; locales()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "LocaleError: INVOICE_CONNECTOR_LOCALES_PATH is" in done.stderr


def test_the_readme_lists_the_languages_and_countries_that_are_known() -> None:
    assert known_languages() in README.read_text("utf-8"), "run python scripts/known_languages.py --write"
