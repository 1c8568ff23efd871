"""Jobs as a real run leaves them, for the tests of the log and the dashboard."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine

from db.database import open_database
from db.ids import new_job_id
from db.records import EngineRunRecord, JobRecord

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
_PAGE = {"page": 1, "width": 1240, "height": 1754}
_TEXTS = (
    ("Nordisk Kontorsmiljö AB", (90, 80, 560, 130), 0.99),
    ("FAKTURA", (900, 80, 1150, 130), 0.995),
    ("Fakturanummer 2026-1187", (760, 200, 1150, 232), 0.98),
    ("Fakturadatum 2026-11-18", (760, 244, 1150, 276), 0.97),
    ("Förfallodatum 2026-12-18", (760, 288, 1150, 320), 0.93),
    ("Höj- och sänkbart skrivbord 2 st 4 200,00", (90, 520, 1150, 556), 0.91),
    ("Skrivbordslampa LED 3 st 595,00", (90, 566, 1150, 602), 0.88),
    ("Frakt 1 st 345,00", (90, 612, 1150, 648), 0.64),
    ("Netto 10 530,00", (760, 900, 1150, 936), 0.97),
    ("Moms 25 % 2 632,50", (760, 946, 1150, 982), 0.96),
    ("Att betala SEK 13 162,50", (760, 992, 1150, 1036), 0.985),
    ("Bankgiro 5402-9681 OCR 20261187 4", (90, 1500, 1150, 1540), 0.41),
)


def fresh_log(content: bytes | None = None) -> Engine:
    """The one in-memory log of this process, empty or filled with ``content``; migrating a new one takes far longer."""
    engine, empty = _memory()
    raw = engine.raw_connection()
    _sqlite(raw).deserialize(content or empty)
    _sqlite(raw).execute("PRAGMA writable_schema = RESET")  # the search index keeps parts of the former file otherwise
    raw.close()
    return engine


def contents(engine: Engine) -> bytes:
    """The database file that an in-memory log would be."""
    raw = engine.raw_connection()
    content = _sqlite(raw).serialize()
    raw.close()
    return content


@cache
def _memory() -> tuple[Engine, bytes]:
    engine = open_database("sqlite://")
    return engine, contents(engine)


def _sqlite(raw: Any) -> sqlite3.Connection:
    connection = raw.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def sample_job(number: int = 1, **changes: Any) -> JobRecord:
    """A completed Swedish invoice read by three engines, ``number`` minutes after START; ``changes`` replace fields."""
    started = START + timedelta(minutes=number)
    runs = (
        EngineRunRecord(1, "rapidocr", "3.10.0", "ok", 812.4 + number % 50, 12, 251, 0.95),
        EngineRunRecord(1, "tesseract", "5.3.0", "ok", 196.0 + number % 50, 4, 96, 0.87),
        EngineRunRecord(1, "trocr", "compact", "unavailable", 0.0, error="weights are missing"),
    )
    record = JobRecord(
        id=new_job_id(int(started.timestamp() * 1e9)),
        status="completed",
        source_name=f"faktura-{1000 + number}.pdf",
        started_at=started,
        finished_at=started + timedelta(seconds=2),
        sha256=f"{number:064x}",
        media_type="application/pdf",
        page_count=1,
        customer_id="customer-123",
        invoice_number="2026-1187",
        language="sv",
        policy="fallback",
        profile="compact",
        device="cpu",
        confidence=0.943,
        primary_engine="rapidocr",
        engines_used=("rapidocr", "tesseract"),
        engine_processing_times={"rapidocr": 812.4, "tesseract": 196.0, "trocr": 0.0},
        engine_versions={"rapidocr": "3.10.0", "tesseract": "5.3.0"},
        timings_ms={"decode": 41.0, "prepare": 120.5, "read": 1008.4, "verify": 260.0, "extract": 12.0},
        verifier_used=True,
        verifier_backend="transformers",
        verifier_model="compact",
        verified=True,
        verifier_confidence=0.92,
        verifier_feedback="All nine fields match the picture.",
        quality=({"page": 1, "sharpness": 0.83, "contrast": 0.71},),
        preprocessing=({"page": 1, "rotation": 0, "deskew_degrees": 0.4, "steps": ["deskew"]},),
        pages=(_PAGE,),
        fallback_trace=_decisions(),
        vat_breakdown=({"rate": "25", "taxable_amount": "10530.00", "tax_amount": "2632.50"},),
        invoice_lines=_invoice_lines(),
        fields=_fields(),
        verdicts=(
            {
                "subject": "line",
                "page": 1,
                "box": [90, 612, 1150, 648],
                "none": 0.02,
                "options": [["Frakt 1 st 345,00", 0.94], ["Frakt 1 st 345,OO", 0.04]],
            },
            {
                "subject": "amount_due",
                "page": 1,
                "box": [760, 992, 1150, 1036],
                "none": 0.01,
                "options": [["13 162,50", 0.99]],
            },
        ),
        text="\n".join(text for text, _, _ in _TEXTS),
        lines=[_line(index) for index in range(len(_TEXTS))],
        runs=runs,
    )
    return replace(record, **changes)


def failed_job(number: int = 1, **changes: Any) -> JobRecord:
    """A file that could not be opened."""
    started = START + timedelta(minutes=number)
    record = JobRecord(
        id=new_job_id(int(started.timestamp() * 1e9)),
        status="failed",
        source_name="kvitto.jpg",
        started_at=started,
        finished_at=started + timedelta(milliseconds=31),
        error_type="DamagedDocumentError",
        error_message="kvitto.jpg is cut short; ask the sender for it again",
        timings_ms={"decode": 31.0},
    )
    return replace(record, **changes)


def _line(index: int) -> dict[str, Any]:
    text, box, confidence = _TEXTS[index]
    other = text.replace("0", "O", 1) if index % 3 == 1 else text
    readings = {"rapidocr": text, "tesseract": other} if confidence < 0.95 else {"rapidocr": text}
    votes = [] if other == text else [{"position": 3, "options": [["0", 2.1, ["rapidocr"]], ["O", 0.8, ["tesseract"]]]}]
    return {"page": 1, "box": list(box), "text": text, "confidence": confidence, "readings": readings, "votes": votes}


def _field(value: str, text: str, line: int, verified: bool | None = True) -> dict[str, Any]:
    _, box, confidence = _TEXTS[line]
    return {"value": value, "text": text, "confidence": confidence, "page": 1, "box": list(box),
            "engines": ["rapidocr", "tesseract"], "verified": verified}  # fmt: skip


def _fields() -> dict[str, Any]:
    return {
        "seller_name": _field("Nordisk Kontorsmiljö AB", "Nordisk Kontorsmiljö AB", 0, None),
        "invoice_number": _field("2026-1187", "2026-1187", 2),
        "issue_date": _field("2026-11-18", "2026-11-18", 3),
        "due_date": _field("2026-12-18", "2026-12-18", 4),
        "currency_code": _field("SEK", "SEK", 10),
        "total_without_vat": _field("10530.00", "10 530,00", 8),
        "total_vat": _field("2632.50", "2 632,50", 9),
        "total_with_vat": _field("13162.50", "13 162,50", 10),
        "amount_due": _field("13162.50", "13 162,50", 10),
        "payment_account_identifier": _field("5402-9681", "5402-9681", 11, verified=False),
    }


def _invoice_lines() -> tuple[dict[str, Any], ...]:
    rows = (
        ("Höj- och sänkbart skrivbord", "2", "4200.00", "8400.00"),
        ("Skrivbordslampa LED", "3", "595.00", "1785.00"),
    )
    return tuple(
        {"description": text, "quantity": count, "unit_price": price, "net_amount": net, "vat_rate": "25"}
        for text, count, price, net in rows
    )


def _decisions() -> tuple[dict[str, Any], ...]:
    return (
        {"page": 1, "engine": "rapidocr", "ran": True, "reason": "first in the order", "line": None},
        {"page": 1, "engine": "trocr", "ran": False, "reason": "weights are missing", "line": None},
        {"page": 1, "engine": "tesseract", "ran": True, "reason": "4 lines below 0.95 after rapidocr", "line": None},
    )
