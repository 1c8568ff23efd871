"""The books of a small ERP in SQLite, and how the JSON of one document becomes an entry in them.

A document is booked once, balanced, and only when it is ``completed``. Everything else becomes a question for a person.
Amounts are whole cents: no rounding can creep in.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS invoices (
    job TEXT PRIMARY KEY, seller TEXT NOT NULL, number TEXT NOT NULL, issued TEXT NOT NULL, due TEXT,
    currency TEXT NOT NULL, to_pay INTEGER NOT NULL, pay_to TEXT, UNIQUE (seller, number)
);
CREATE TABLE IF NOT EXISTS postings (
    job TEXT NOT NULL REFERENCES invoices, account TEXT NOT NULL, debit INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS questions (job TEXT PRIMARY KEY, file TEXT NOT NULL, reasons TEXT NOT NULL);
"""
PURCHASES, INPUT_VAT, PAYABLE = "4000", "2641", "2440"
CREDIT_NOTE = "381"  # UNTDID 1001
OWN_CURRENCY = "SEK"  # of an invoice on which none is printed
NEEDED = ("seller_name", "issue_date", "total")


def opened(path: Path) -> sqlite3.Connection:
    """The books in a file, made with their tables when they are new."""
    books = sqlite3.connect(path)
    books.executescript(SCHEMA)
    return books


def values(document: dict[str, Any]) -> dict[str, str | None]:
    """What counts for each field by name: what a person put there, else what was read; ``total`` is the invoice's."""
    read = {name: field["value"] for name, field in document["fields"].items()}
    found = read | {name: correction["value"] for name, correction in document["corrections"].items()}
    return {**found, "total": found.get("total_with_vat") or found.get("amount_due")}


def book(books: sqlite3.Connection, document: dict[str, Any]) -> str:
    """Books a document or asks about it; gives "booked", "known" or "question". Calling it again changes nothing."""
    job, of = document["job_id"], values(document)
    with books:  # one transaction: an entry is there with all its postings, or not at all
        if books.execute("SELECT 1 FROM invoices WHERE job = ?", (job,)).fetchone():
            return "known"
        if document["status"] != "completed":
            return _ask(books, document, _reasons(document))
        if missing := [name for name in NEEDED if not of.get(name)]:  # a person may approve what lacks them
            return _ask(books, document, f"there is no {' and no '.join(missing)}")
        twin = books.execute(
            "SELECT job FROM invoices WHERE seller = ? AND number = ?", (of["seller_name"], _number(of))
        ).fetchone()
        if twin:
            return _ask(books, document, f"the same invoice was booked as {twin[0]}")
        _enter(books, job, of)
        books.execute("DELETE FROM questions WHERE job = ?", (job,))
    return "booked"


def _enter(books: sqlite3.Connection, job: str, of: dict[str, str | None]) -> None:
    sign = -1 if of.get("invoice_type_code") == CREDIT_NOTE else 1
    total = sign * abs(_cents(of["total"]))
    vat = sign * abs(_cents(of.get("total_vat")))
    to_pay = sign * abs(_cents(of.get("amount_due") or of["total"]))
    row = (job, of["seller_name"], _number(of), of["issue_date"], of.get("due_date"))
    money = (of.get("currency_code") or OWN_CURRENCY, to_pay, of.get("payment_account_identifier"))
    books.execute("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, *money))
    postings = ((PURCHASES, total - vat), (INPUT_VAT, vat), (PAYABLE, -total))  # their sum is 0, whatever was read
    books.executemany("INSERT INTO postings VALUES (?, ?, ?)", [(job, *posting) for posting in postings])


def _ask(books: sqlite3.Connection, document: dict[str, Any], reasons: str) -> str:
    row = (document["job_id"], document["file"], reasons)
    books.execute("INSERT OR REPLACE INTO questions VALUES (?, ?, ?)", row)
    return "question"


def _reasons(document: dict[str, Any]) -> str:
    """In sentences, as the reader gives them."""
    if document["error"]:
        return str(document["error"]["message"])
    return "\n".join(f"{found['rule']}: {found['message']}" for found in document["violations"])


def _number(of: dict[str, str | None]) -> str:
    """A till receipt may have none."""
    return of.get("invoice_number") or f"{of['issue_date']} {of['total']}"


def _cents(amount: str | None) -> int:
    return int((Decimal(amount or "0") * 100).to_integral_value())
