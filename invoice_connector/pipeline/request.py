"""What is asked: one document as its sender handed it over, and how a person wants its file divided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from db import inputs


@dataclass(frozen=True, slots=True)
class ManualDivision:
    """How a person divides a file: ``documents``, each its pages (from 1) in their order; ``left_out``: pages that are
    no document's; ``by``: who said so; ``instead_of``: the jobs whose pages these are."""

    documents: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...] = ()
    by: str | None = None
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One document as its sender handed it over. ``customer_id``, ``invoice_number`` and ``expected_amount`` are what
    the ERP knows; ``source_path`` is where the file lies, None for an upload. ``container`` is the file that the
    document came in, as the contract writes it, and ``not_read`` what of that file became no document. ``broken``: the
    type and the message of the error for which it could not be taken out of that file; its bytes then only stand for
    it. ``remarks``: the sentences of the mail that the document came with. ``division``: the file's documents, where
    a person said so."""

    job_id: str
    source_name: str
    customer_id: str | None = None
    invoice_number: str | None = None
    expected_amount: Decimal | None = None
    source_path: str | None = None
    container: Mapping[str, Any] | None = None
    not_read: tuple[Mapping[str, Any], ...] = ()
    broken: tuple[str, str] | None = None
    remarks: tuple[str, ...] = ()
    division: ManualDivision | None = None

    def __post_init__(self) -> None:
        """Raises ``db.inputs.InputError`` for a value that no ERP has."""
        for name in ("customer_id", "invoice_number"):
            if (value := getattr(self, name)) is not None:
                inputs.text(value, name)
        if self.expected_amount is not None:
            inputs.checked_amount(self.expected_amount, "expected_amount")


def plain_request(request: Request) -> dict[str, Any]:
    """The request as plain JSON."""
    values = asdict(request)
    amount = values["expected_amount"]
    return {**values, "expected_amount": None if amount is None else str(amount)}


def request_of(values: Mapping[str, Any]) -> Request:
    """The request that ``plain_request`` wrote down. Raises InputError."""
    amount = values.get("expected_amount")
    parts, broken = tuple(values.get("not_read", ())), values.get("broken")
    plain = {"not_read": parts, "broken": None if broken is None else (broken[0], broken[1])}
    plain["remarks"] = tuple(values.get("remarks", ()))
    division = _division(values.get("division"))
    expected = None if amount is None else Decimal(amount)
    return Request(**{**values, **plain, "division": division, "expected_amount": expected})


def _division(values: Mapping[str, Any] | None) -> ManualDivision | None:
    if values is None:
        return None
    documents = tuple(map(tuple, values["documents"]))
    return ManualDivision(documents, tuple(values["left_out"]), values["by"], tuple(values["instead_of"]))
