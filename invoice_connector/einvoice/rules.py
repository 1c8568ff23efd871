"""The rules of EN 16931 that the terms of an e-invoice must keep, by their ids there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.invoice import CENT, Violation

_REQUIRED = {
    "BR-02": "invoice_number", "BR-03": "issue_date", "BR-04": "invoice_type_code", "BR-05": "currency_code",
    "BR-06": "seller_name", "BR-07": "buyer_name", "BR-08": "seller_address", "BR-10": "buyer_address",
    "BR-13": "total_without_vat", "BR-14": "total_with_vat", "BR-15": "amount_due",
}  # fmt: skip
_REQUIRED_OF_LINES = {"BR-22": "quantity", "BR-24": "net_amount", "BR-25": "description", "BR-26": "unit_price"}
_NOT_OF_MINIMUM = frozenset({"BR-10"})
_NATIONAL = "FatturaPA"  # its own law asks for less, and rounds its lines
_UNIT = Decimal(1)  # by less than which the official rules let a rate's tax and base differ
_ROUNDED = 2 * CENT
_TRANSFERS = frozenset({"30", "58"})  # UNTDID 4461: credit transfer, SEPA credit transfer
_TOTALS = (("BR-CO-11", "allowance_total", "allowances", False), ("BR-CO-12", "charge_total", "charges", True))


def check_data(invoice: EmbeddedInvoice) -> tuple[Violation, ...]:
    """One sentence for each rule that the terms break, with the fields it concerns."""
    rules: tuple[Callable[[EmbeddedInvoice], Iterator[Violation]], ...] = (
        _present, _lines, _line_amounts, _line_sum, _adjustments, _net, _vat, _whole, _due, _rates, _payment,
        _account,
    )  # fmt: skip
    return tuple(violation for rule in rules for violation in rule(invoice))


def _profile(invoice: EmbeddedInvoice) -> str:
    return (invoice.profile or "").lower()


def _has_lines(invoice: EmbeddedInvoice) -> bool:
    """Whether the profile states invoice lines: Factur-X MINIMUM and BASIC WL do not."""
    return not any(name in _profile(invoice) for name in (":minimum", ":basicwl"))


def _present(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    """BR-01 to BR-15, and BR-09 and BR-11 of the countries."""
    if not invoice.profile:
        yield Violation("BR-01", "The e-invoice names no specification that it follows.")
    exempt = {"BR-15"} if invoice.syntax == _NATIONAL else set()
    exempt |= _NOT_OF_MINIMUM if ":minimum" in _profile(invoice) else set()
    for rule, name in _REQUIRED.items():
        if rule not in exempt and name not in invoice.fields:
            yield Violation(rule, f"The e-invoice has no {name.replace('_', ' ')}.", (name,))
    for rule, side in (("BR-09", "seller"), ("BR-11", "buyer")):
        if f"{side}_address" in invoice.fields and side not in invoice.countries:
            yield Violation(rule, f"The {side}'s address has no country.", (f"{side}_address",))


def _lines(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    """BR-16 and what each line must have."""
    if not _has_lines(invoice):
        return
    if not invoice.invoice_lines:
        yield Violation("BR-16", "The e-invoice has no invoice line.")
    for number, line in enumerate(invoice.invoice_lines, start=1):
        for rule, name in _REQUIRED_OF_LINES.items():
            if line.get(name) is None and invoice.syntax != _NATIONAL:
                yield Violation(rule, f"Line {number} of the e-invoice has no {name.replace('_', ' ')}.")


def _line_amounts(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    """Peppol's R120, which every profile means: quantity times price, charges and allowances make a line's amount."""
    if invoice.syntax == _NATIONAL:
        return
    for number, line in enumerate(invoice.invoice_lines, start=1):
        quantity, price, net = (line.get(name) for name in ("quantity", "unit_price", "net_amount"))
        if quantity is None or price is None or net is None:
            continue
        base = Decimal(line.get("base_quantity") or 1) or Decimal(1)
        changed = Decimal(line.get("charge_amount") or 0) - Decimal(line.get("discount_amount") or 0)
        expected = (Decimal(quantity) * Decimal(price) / base + changed).quantize(CENT, ROUND_HALF_UP)
        if abs(expected - Decimal(net)) > _ROUNDED:
            message = f"{quantity} times {price} makes {expected} in line {number}, but its net amount says {net}."
            yield Violation("PEPPOL-EN16931-R120", message)


def _line_sum(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    stated, lines = _sum_of(invoice, "line_total"), invoice.invoice_lines
    total = sum((Decimal(line.get("net_amount") or 0) for line in lines), Decimal(0))
    if stated is not None and lines and total != stated:
        yield Violation("BR-CO-10", f"The {len(lines)} invoice lines add up to {total}, but the sum says {stated}.")


def _adjustments(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    if invoice.syntax == _NATIONAL:
        return
    for rule, name, what, charge in _TOTALS:
        total, stated = _adjusted(invoice, charge), _sum_of(invoice, name) or Decimal(0)
        if total != stated:
            yield Violation(rule, f"The {what} add up to {total}, but their sum says {stated}.")


def _net(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    stated, lines = _amount(invoice, "total_without_vat"), _sum_of(invoice, "line_total")
    if stated is None or lines is None:
        return
    allowances = _sum_of(invoice, "allowance_total") or Decimal(0)
    charges = _sum_of(invoice, "charge_total") or Decimal(0)
    total = lines - allowances + charges
    if total != stated:
        message = f"Lines, charges and allowances make {total}, but the total without VAT says {stated}."
        yield Violation("BR-CO-13", message, ("total_without_vat",))


def _vat(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    """BR-CO-14 and BR-CO-18."""
    rates, stated = invoice.vat_breakdown, _amount(invoice, "total_vat")
    if not rates and ":minimum" not in _profile(invoice):
        yield Violation("BR-CO-18", "The e-invoice has no VAT breakdown.", ("total_vat",))
    total = sum((Decimal(rate.get("tax_amount") or 0) for rate in rates), Decimal(0))
    if rates and stated is not None and total != stated:
        message = f"The VAT of all rates adds up to {total}, but the total VAT says {stated}."
        yield Violation("BR-CO-14", message, ("total_vat",))


def _whole(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    net, vat, whole = (_amount(invoice, name) for name in ("total_without_vat", "total_vat", "total_with_vat"))
    if net is None or whole is None or (vat is None and invoice.vat_breakdown):
        return
    rounding = _amount(invoice, "rounding_amount") if invoice.syntax == _NATIONAL else None
    total = net + (vat or 0) + (rounding or 0)
    if total != whole and not (invoice.syntax == _NATIONAL and abs(total - whole) < _UNIT):
        message = f"{net} and VAT {vat or 0} make {total}, but the total with VAT says {whole}."
        yield Violation("BR-CO-15", message, ("total_with_vat", "total_without_vat", "total_vat"))


def _due(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    whole, due = _amount(invoice, "total_with_vat"), _amount(invoice, "amount_due")
    if whole is None or due is None:
        return
    national = invoice.syntax == _NATIONAL
    first, *others = _left_nationally(invoice, whole) if national else [_left(invoice, whole)]
    if min(abs(left - due) for left in (first, *others)) > (_ROUNDED if national else 0):
        yield Violation("BR-CO-16", f"{first} is left to pay, but the amount due says {due}.", ("amount_due",))


def _left(invoice: EmbeddedInvoice, whole: Decimal) -> Decimal:
    paid, rounding = (_amount(invoice, name) or Decimal(0) for name in ("paid_amount", "rounding_amount"))
    return whole - paid + rounding


def _left_nationally(invoice: EmbeddedInvoice, whole: Decimal) -> list[Decimal]:
    """What FatturaPA leaves to pay: nobody transfers to the seller what is withheld, or VAT that the buyer pays to the
    state. Its total may hold the rounding, the stamp duty and the allowances of the document, or not."""
    withheld, split, stamp = (_sum_of(invoice, name) or Decimal(0) for name in ("withheld", "split_vat", "stamp_duty"))
    left = [whole - withheld - split]
    for beside in (_amount(invoice, "rounding_amount") or Decimal(0), stamp, -_adjusted(invoice, charge=False)):
        left += [amount + beside for amount in left]
    return left


def _rates(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    """BR-CO-17: base and rate make each tax."""
    for entry in invoice.vat_breakdown:
        base, tax, rate = (entry.get(name) for name in ("taxable_amount", "tax_amount", "rate"))
        if base is None or tax is None:
            continue
        expected = Decimal(base) * Decimal(rate or 0) / 100
        if abs(expected - Decimal(tax)) >= _UNIT:
            message = f"{rate or 0} % of {base} is {expected.normalize():f}, but its VAT says {tax}."
            yield Violation("BR-CO-17", message, ("total_vat",))


def _payment(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    due = _amount(invoice, "amount_due")
    told = {"due_date", "payment_terms"} & invoice.fields.keys()
    if due is not None and due > 0 and not told and invoice.syntax != _NATIONAL and _has_lines(invoice):
        message = "An amount is due, but the e-invoice has neither a due date nor payment terms."
        yield Violation("BR-CO-25", message, ("due_date",))


def _account(invoice: EmbeddedInvoice) -> Iterator[Violation]:
    code = next((code for code in invoice.means if code in _TRANSFERS), None)
    if code is not None and not invoice.accounts and invoice.syntax != _NATIONAL:
        message = f"The e-invoice asks for a credit transfer (code {code}), but names no account to pay to."
        yield Violation("BR-61", message, ("payment_account_identifier",))


def _adjusted(invoice: EmbeddedInvoice, charge: bool) -> Decimal:
    return sum((Decimal(row["amount"]) for row in invoice.adjustments if row["charge"] is charge), Decimal(0))


def _amount(invoice: EmbeddedInvoice, name: str) -> Decimal | None:
    return _decimal(invoice.fields, name)


def _sum_of(invoice: EmbeddedInvoice, name: str) -> Decimal | None:
    return _decimal(invoice.sums, name)


def _decimal(values: Mapping[str, str], name: str) -> Decimal | None:
    return Decimal(values[name]) if name in values else None
