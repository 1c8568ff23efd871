"""The business terms of EN 16931 that an export is made of, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from invoice_connector.exports.places import PostalAddress

CREDIT_NOTE = "381"
PIECE = "C62"  # "one": units are not read from pages


@dataclass(frozen=True, slots=True)
class PartyTerms:
    """BG-4 or BG-7. ``endpoint``: electronic address and its scheme (EAS code); ``legal_scheme`` an ICD code."""

    name: str | None
    address: PostalAddress
    vat_identifier: str | None = None
    legal_identifier: str | None = None
    legal_scheme: str | None = None
    endpoint: tuple[str, str] | None = None
    f_tax: bool = False


@dataclass(frozen=True, slots=True)
class LineTerms:
    """BG-25. ``adjustment``: net amount less quantity times price; negative is an allowance, positive a charge.
    ``unit``: a code of UN/ECE Recommendation 20."""

    description: str
    quantity: Decimal
    price: Decimal
    net_amount: Decimal
    category: str
    rate: Decimal | None
    adjustment: Decimal
    unit: str = PIECE


@dataclass(frozen=True, slots=True)
class AdjustmentTerms:
    """BG-20 or, when ``charge``, BG-21, with its VAT category (UNCL 5305) and rate in per cent."""

    reason: str
    amount: Decimal
    charge: bool
    category: str
    rate: Decimal

    @property
    def signed(self) -> Decimal:
        """What it adds to the total without VAT."""
        return self.amount if self.charge else -self.amount


@dataclass(frozen=True, slots=True)
class VatTerms:
    """BG-23: category code (UNCL 5305), rate in per cent, amounts. ``reason``: code and text of an exemption."""

    category: str
    rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal
    reason: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class InvoiceTerms:
    """All terms; amounts of a printed credit note are positive. ``texts``: the other terms of the contract by name."""

    type_code: str
    number: str
    issued: date
    due: date | None
    currency: str
    seller: PartyTerms
    buyer: PartyTerms
    lines: tuple[LineTerms, ...]
    vat: tuple[VatTerms, ...]
    total_without_vat: Decimal
    total_vat: Decimal
    total_with_vat: Decimal
    paid: Decimal
    rounding: Decimal
    amount_due: Decimal
    adjustments: tuple[AdjustmentTerms, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def line_total(self) -> Decimal:
        """BT-106."""
        return sum((line.net_amount for line in self.lines), Decimal(0))

    def adjusted(self, charge: bool) -> Decimal:
        """BT-107, or BT-108 for charges."""
        return sum((found.amount for found in self.adjustments if found.charge is charge), Decimal(0))
