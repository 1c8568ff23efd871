"""The words of a file's division: Swedish, English."""

from __future__ import annotations

PILES: dict[str, tuple[str, str]] = {
    "division": ("Filens dokument", "The documents of the file"),
    "division_note": (
        "Flytta sidor till det dokument de hör till. Dokumenten läses om så som de läggs, och de nuvarande avvisas.",
        "Move pages to the document that they belong to. The documents are read anew as they are laid, and the present "
        "ones are rejected.",
    ),
    "division_keys": (
        "Dra en sida, eller gå till den: vänster- och högerpil flyttar den, N börjar ett nytt dokument där eller fogar "
        "ihop, Delete utelämnar den.",
        "Drag a page, or go to it: the left and right arrows move it, N begins a document there or joins it, Delete "
        "leaves it out.",
    ),
    "division_pages": (
        "Sidor i varje dokument, med semikolon emellan",
        "Pages of each document, with semicolons between",
    ),
    "divide": ("Dela om", "Divide anew"),
    "divided_otherwise": ("En människa har delat filen på ett annat sätt.", "A person divided this file otherwise."),
    "divided_into": ("Till de nya dokumenten", "To the new documents"),
    "this_one": ("detta", "this one"),
    "left_out": ("Utelämnat", "Left out"),
    "new_document": ("nytt", "new"),
    "page_earlier": ("Flytta tidigare", "Move earlier"),
    "page_later": ("Flytta senare", "Move later"),
    "page_cut": ("Börja nytt dokument eller foga ihop", "Begin a document or join"),
    "page_leave": ("Utelämna eller ta tillbaka", "Leave out or take back"),
}
