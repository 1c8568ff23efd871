"""Stored invoices of several kinds for the tests of the ways out: fields as the reader leaves them in the log."""

from __future__ import annotations

from typing import Any

from audit_samples import sample_job

from db.records import AuditPosition, JobRecord, StoredJob

SWEDISH = {
    "invoice_number": "2026-1187", "invoice_type_code": "380", "issue_date": "2026-11-18", "due_date": "2026-12-18",
    "currency_code": "SEK", "seller_name": "Nordisk Kontorsmiljö AB", "seller_address": "Storgatan 1, 114 51 Stockholm",
    "seller_vat_identifier": "SE556036079301", "seller_legal_registration_identifier": "556036-0793",
    "buyer_name": "Exempel Handel AB", "buyer_address": "Ågatan 3, 582 22 Linköping",
    "buyer_vat_identifier": "SE556000424201", "buyer_reference": "Åsa Öberg", "remittance_information": "20261187 4",
    "payment_account_identifier": "5402-9681", "payment_terms": "30 dagar netto", "total_without_vat": "10530.00",
    "total_vat": "2632.50", "total_with_vat": "13162.50", "amount_due": "13162.50",
}  # fmt: skip
LINES = (
    ("Höj- och sänkbart skrivbord", "2", "4200.00", "8400.00", "25"),
    ("Skrivbordslampa LED", "3", "595.00", "1785.00", "25"),
    ("Frakt", None, None, "345.00", None),
)
VAT = (("25", "10530.00", "2632.50"),)


def stored_invoice(
    changes: dict[str, str | None] | None = None,
    lines: tuple[tuple[str | None, ...], ...] = LINES,
    vat: tuple[tuple[str | None, ...], ...] = VAT,
    **record: Any,
) -> StoredJob:
    """The Swedish invoice with other field values; None takes a field away."""
    values = {name: value for name, value in {**SWEDISH, **(changes or {})}.items() if value is not None}
    names = ("description", "quantity", "unit_price", "net_amount", "vat_rate")
    job = sample_job(
        1,
        **{
            "fields": {name: _field(value, row) for row, (name, value) in enumerate(values.items())},
            "invoice_lines": [dict(zip(names, line, strict=True)) for line in lines],
            "vat_breakdown": [dict(zip(("rate", "taxable_amount", "tax_amount"), v, strict=True)) for v in vat],
            **record,
        },
    )
    return StoredJob(job, AuditPosition(1, "sha256:" + "0" * 64), job.finished_at)


def _field(value: str, row: int) -> dict[str, Any]:
    box = [90, 80 + 40 * row, 560, 110 + 40 * row]
    return {"value": value, "text": value, "confidence": 0.97, "page": 1, "box": box, "engines": ["rapidocr"],
            "verified": None, "alternatives": []}  # fmt: skip


def german(**changes: str | None) -> dict[str, str | None]:
    """The fields of a German invoice in euros."""
    return {
        "currency_code": "EUR", "seller_name": "Muster GmbH", "seller_address": "Hauptstraße 5, 10115 Berlin",
        "seller_vat_identifier": "DE 136695976", "seller_legal_registration_identifier": None,
        "buyer_name": "Beispiel AG", "buyer_address": "Ring 2, 80331 München, Deutschland",
        "buyer_vat_identifier": "DE129273398", "remittance_information": "RF18 5390 0754 7034",
        "payment_account_identifier": "DE89 3704 0044 0532 0130 00",
        "payment_service_provider_identifier": "COBADEFFXXX", **changes,
    }  # fmt: skip


def record_of(**record: Any) -> JobRecord:
    return stored_invoice(**record).record
