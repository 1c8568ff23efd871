"""A processed document as text for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from invoice_connector.commands.terminal import one_line

ORDER = (
    "seller_name", "invoice_number", "issue_date", "due_date", "currency_code", "total_without_vat", "total_vat",
    "total_with_vat", "rounding_amount", "paid_amount", "amount_due",
)  # fmt: skip


def report(document: Mapping[str, Any]) -> str:
    """``document`` is the contract's JSON."""
    return "\n".join(map(one_line, _lines(document)))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"{document['file']}: {document['status'].replace('_', ' ')}"
    if document["error"]:
        yield f"  {document['error']['type']}: {document['error']['message']}"
    fields = document["fields"]
    for name in sorted(fields, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        found = fields[name]
        sure = "   ?" if found["confidence"] is None else f"{found['confidence']:4.2f}"
        yield f"  {name.replace('_', ' '):<38} {found['value']:<34} {sure}  page {found['page']}"
    for code in document.get("codes", ()):
        broken = f": not counted, {code['problem']}" if "problem" in code else ""
        yield f"  code on page {code['page']}: {code['kind'].replace('_', ' ')} ({code['symbology']}){broken}"
    for broken in document["violations"]:
        yield f"  ! {broken['message']}"
    for left in document.get("not_read", ()):
        yield f"  not read: {left['part']} ({left['reason']})"
    if document["engines_used"]:
        times = document["engine_processing_times"]
        used = ", ".join(f"{name} {times.get(name, 0.0):.0f} ms" for name in document["engines_used"])
        yield f"  engines: {used}; most text from {document['primary_engine']}"
    verification = document["verification"]
    if verification["feedback"] and not document["error"]:
        yield f"  verifier: {verification['feedback']}"
    total = document["timings_ms"].get("total", 0.0)
    yield f"  {total:.0f} ms in all; job {document['job_id']}"
    yield f"  audit: number {document['audit']['sequence']}, {document['audit']['hash']}"
