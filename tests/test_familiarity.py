"""Pages whose labels nobody knows stop, whatever the models think of their fields."""

from __future__ import annotations

from field_pages import GERMAN, SWEDISH, page

from invoice_connector.fields import FieldPage, extract

# Georgian and Khmer labels: no locale has them, nor does another language's come near.
STRANGE = page([
    (60, 60, "Tamar Lomidze LLC"), (60, 85, "Rustaveli 12"), (60, 110, "0108 Tbilisi"),
    (600, 60, "ინვოისის ნომერი"), (800, 60, "20417"), (600, 85, "თარიღი"), (800, 85, "2026-03-18"),
    (600, 110, "გადახდის ვადა"), (800, 110, "2026-04-17"), (60, 300, "მყიდველი"), (60, 325, "Harbour Coffee Ltd"),
    (60, 500, "დასახელება"), (400, 500, "რაოდენობა"), (700, 500, "თანხა"), (60, 525, "Ordner A4"), (400, 525, "10"),
    (700, 525, "250.00"), (550, 700, "სულ გადასახდელი"), (850, 700, "250.00"),
])  # fmt: skip


def rules(paper: FieldPage) -> set[str]:
    return {found.rule for found in extract([paper]).conflicts}


def test_a_page_in_an_unknown_language_stops_and_says_how_little_is_known() -> None:
    (found,) = (found for found in extract([STRANGE]).conflicts if found.rule == "UNFAMILIAR")
    assert "Unlike anything seen" in found.message
    assert "%" in found.message


def test_pages_in_known_languages_are_familiar() -> None:
    assert "UNFAMILIAR" not in rules(GERMAN) | rules(SWEDISH)
