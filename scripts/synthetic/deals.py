"""What a document is about: who sold what to whom, and sums that hold to the cent.

Rounding follows EN 16931: tax is rounded once per rate (BR-CO-17), every other sum is exact.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from scripts.synthetic.culture import Country
from scripts.synthetic.parties import Party

Kind = Literal["invoice", "credit", "receipt"]

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class SoldLine:
    """One position. `amount` is quantity x price less discount: without tax on invoices, with tax on receipts."""

    item_number: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount_percent: Decimal
    vat_rate: Decimal

    @property
    def amount(self) -> Decimal:
        return cents(self.quantity * self.unit_price * (100 - self.discount_percent) / 100)


@dataclass(frozen=True)
class VatRow:
    """Tax at one rate (percent)."""

    rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True)
class Payment:
    """How to pay. Empty strings where the document does not say."""

    account_kind: str
    account: str
    iban: str
    bic: str
    bank: str
    reference: str


@dataclass(frozen=True)
class Deal:
    """A sale. `allowance` and `charge` are without tax, at the first rate; credit notes may carry negative amounts."""

    kind: Kind
    country: Country
    seller: Party
    buyer: Party | None
    number: str
    issue_date: datetime.date
    due_date: datetime.date | None
    clock: str
    lines: tuple[SoldLine, ...]
    allowance: Decimal
    charge: Decimal
    paid_amount: Decimal
    rounding_step: Decimal | None
    payment: Payment
    payment_terms: str
    customer_number: str
    order_number: str

    @property
    def includes_vat(self) -> bool:
        """Whether line amounts carry the tax, as on receipts."""
        return self.kind == "receipt"

    @property
    def line_total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def vat(self) -> tuple[VatRow, ...]:
        """Highest rate first."""
        rates = sorted({line.vat_rate for line in self.lines}, reverse=True)
        return tuple(self._vat_row(rate, rate == self.lines[0].vat_rate) for rate in rates)

    def _vat_row(self, rate: Decimal, with_extras: bool) -> VatRow:
        amount = sum((line.amount for line in self.lines if line.vat_rate == rate), ZERO)
        amount += (self.charge - self.allowance) if with_extras else ZERO
        if self.includes_vat:
            tax = cents(amount * rate / (100 + rate))
            return VatRow(rate, amount - tax, tax)
        return VatRow(rate, amount, cents(amount * rate / 100))

    @property
    def total_without_vat(self) -> Decimal:
        return sum((row.taxable_amount for row in self.vat), ZERO)

    @property
    def total_vat(self) -> Decimal:
        return sum((row.tax_amount for row in self.vat), ZERO)

    @property
    def total_with_vat(self) -> Decimal:
        return self.total_without_vat + self.total_vat

    @property
    def rounding_amount(self) -> Decimal:
        """What brings the sum to a multiple of `rounding_step` (öresavrundning)."""
        if self.rounding_step is None:
            return ZERO
        exact = self.total_with_vat - self.paid_amount
        return (exact / self.rounding_step).quantize(Decimal(1), ROUND_HALF_UP) * self.rounding_step - exact

    @property
    def amount_due(self) -> Decimal:
        return self.total_with_vat - self.paid_amount + self.rounding_amount


def cents(value: Decimal) -> Decimal:
    """Rounded half up to two places."""
    return value.quantize(CENT, ROUND_HALF_UP)
