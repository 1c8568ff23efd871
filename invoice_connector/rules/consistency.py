"""Rules an invoice must keep: EN 16931's sums, dates in order, check digits. A violation never changes a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from invoice_connector.fields.identifier_rules import check_identifiers
from invoice_connector.invoice import CENT, DATE_FIELDS, Invoice, Violation, plain, rounded_by
from invoice_connector.rules.vat import check_vat

_ODDS = 0.01  # the probability of another meaning of a print from which it has to be looked at
_SUM_TOLERANCE = CENT  # amounts are printed with two decimals; nothing else may differ
_RATE_TOLERANCE = 2  # times what an amount is rounded by: tax is rounded per line by some sellers, per rate by others


def check(invoice: Invoice) -> tuple[Violation, ...]:
    """All rules whose terms are on the invoice, and its conflicts; a term that was not found breaks no rule."""
    return (*(violation for rule in _RULES for violation in rule(invoice)), *invoice.conflicts)


def _line_sum(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-10: the lines' net amounts make up the printed sum of the lines.

    Where no such sum is printed, a difference only shows when the lines make more than the total with VAT and all
    allowances: a line may have been missed, but none can be too many.
    """
    net, whole = invoice.amount("total_without_vat"), invoice.amount("total_with_vat")
    total = sum((line.net_amount for line in invoice.lines), Decimal(0))
    printed = invoice.printed_sums.get("line_total")
    slack = rounded_by(*(line.net_amount for line in invoice.lines)) * len(invoice.lines)
    if printed is not None and invoice.lines:
        if abs(total - printed) > slack:
            yield Violation(
                "BR-CO-10",
                f"The {len(invoice.lines)} invoice lines add up to {total}, but the page says {printed} for all lines.",
            )
        return
    if len(invoice.lines) < 2 or net is None or whole is None or net <= 0:
        return
    if total > max(net, whole) + _adjusted(invoice, charge=False) + slack:
        yield Violation(
            "BR-CO-10",
            f"The {len(invoice.lines)} invoice lines add up to {total}, but the total without VAT says {net}.",
            ("total_without_vat",),
        )


def _adjustments(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-11 and BR-CO-12: the allowances and the charges of the document make up their printed sums."""
    for rule, name, what, charge in (
        ("BR-CO-11", "allowance_total", "allowances", False),
        ("BR-CO-12", "charge_total", "charges", True),
    ):
        printed, single = invoice.printed_sums.get(name), [a for a in invoice.adjustments if a.charge is charge]
        total = _adjusted(invoice, charge)
        if printed is not None and single and abs(total - printed) > _SUM_TOLERANCE:
            yield Violation(rule, f"The {what} add up to {total}, but the page says {printed} for all {what}.")


def _net(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-13: the sum of the lines less allowances plus charges is the total without VAT."""
    net, lines = invoice.amount("total_without_vat"), invoice.printed_sums.get("line_total")
    if net is None or lines is None or net == lines:
        return
    allowances = invoice.printed_sums.get("allowance_total", _adjusted(invoice, charge=False))
    charges = invoice.printed_sums.get("charge_total", _adjusted(invoice, charge=True))
    expected = lines - allowances + charges
    if abs(expected - abs(net)) > _SUM_TOLERANCE:
        yield Violation(
            "BR-CO-13",
            f"The lines' sum {lines} less allowances {allowances} plus charges {charges} makes {expected}, "
            f"but the total without VAT says {net}.",
            ("total_without_vat",),
        )


def _adjusted(invoice: Invoice, charge: bool) -> Decimal:
    return sum((a.amount for a in invoice.adjustments if a.charge is charge), Decimal(0))


def _vat_sum(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-14: the total VAT is the sum of the tax per rate."""
    vat = invoice.amount("total_vat")
    if vat is None or not invoice.vat_breakdown:
        return
    total = sum((rate.tax_amount for rate in invoice.vat_breakdown), Decimal(0))
    if abs(total - vat) > rounded_by(total, vat) * len(invoice.vat_breakdown):
        yield Violation("BR-CO-14", f"VAT per rate adds up to {total}, but the total VAT says {vat}.", ("total_vat",))


def _whole(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-15: total without VAT and VAT make up the total with VAT (a receipt's may be printed rounded), with what is
    added to both, such as a tip."""
    net, vat, whole = (invoice.amount(n) for n in ("total_without_vat", "total_vat", "total_with_vat"))
    if net is None or vat is None or whole is None:
        return
    rounding = invoice.amount("rounding_amount") or Decimal(0)
    taxed = whole - invoice.printed_sums.get("untaxed", Decimal(0))
    if min(abs(net + vat - taxed), abs(net + vat + rounding - taxed)) > _SUM_TOLERANCE:
        yield Violation(
            "BR-CO-15",
            f"The total without VAT {net} and the VAT {vat} make {net + vat}, but the total with VAT says {whole}.",
            ("total_without_vat", "total_vat", "total_with_vat"),
        )


def _payable(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-16: the amount due is the total with VAT less what was paid or is withheld, plus rounding and what is left
    of earlier invoices."""
    whole, due = invoice.amount("total_with_vat"), invoice.amount("amount_due")
    if whole is None or due is None:
        return
    paid = abs(invoice.amount("paid_amount") or Decimal(0))
    rounding = invoice.amount("rounding_amount") or Decimal(0)
    carried, withheld = (invoice.printed_sums.get(name, Decimal(0)) for name in ("balance_forward", "withheld"))
    whole += carried - withheld
    expected = whole - paid + rounding
    if min(abs(expected - due), abs(whole - paid - due)) > _SUM_TOLERANCE:
        terms = f"The total with VAT {whole - carried + withheld}"
        terms += f" and {carried} from earlier" if carried else ""
        terms += f" less {withheld} withheld" if withheld else ""
        terms += f" less {paid} already paid" if paid else ""
        terms += f" with rounding {rounding}" if rounding else ""
        yield Violation(
            "BR-CO-16", f"{terms} leaves {expected}, but the amount due says {due}.", ("total_with_vat", "amount_due")
        )


def _rates(invoice: Invoice) -> Iterator[Violation]:
    """BR-CO-17: the tax of a rate is its base times the rate."""
    for entry in invoice.vat_breakdown:
        if entry.taxable_amount is None:
            continue
        unit = rounded_by(entry.taxable_amount, entry.tax_amount)
        expected = (entry.taxable_amount * entry.rate / 100).quantize(unit)
        if abs(expected - entry.tax_amount) > _RATE_TOLERANCE * unit:
            yield Violation(
                "BR-CO-17",
                f"{entry.rate} % of {entry.taxable_amount} is {expected}, but the VAT for it says {entry.tax_amount}.",
                ("total_vat",),
            )


def dates_in_order(invoice: Invoice) -> Iterator[Violation]:
    """DATES-IN-ORDER: no invoice is due before it was issued."""
    issued, due = invoice.day("issue_date"), invoice.day("due_date")
    if issued is not None and due is not None and due < issued:
        yield Violation(
            "DATES-IN-ORDER",
            f"The invoice is due on {due.isoformat()}, before it was issued on {issued.isoformat()}.",
            ("issue_date", "due_date"),
        )


def _ambiguous_dates(invoice: Invoice) -> Iterator[Violation]:
    """Numbers alone that are two days: which of them is meant has to be looked up where the odds are no proof."""
    for name in DATE_FIELDS:
        field = invoice.fields.get(name)
        others = [other for other in field.other_meanings if (other.confidence or 0.0) > _ODDS] if field else []
        if field and others:
            sure = f" (probability {field.confidence:.2f})" if field.confidence is not None else ""
            or_else = " or ".join(f"{plain(other.value)} ({other.confidence:.2f})" for other in others)
            yield Violation(
                "AMBIGUOUS-DATE",
                f"The {name.replace('_', ' ')} is printed as {field.text!r}, which is {plain(field.value)}{sure} or "
                f"{or_else}; the seller's country, other dates and the terms do not tell which, so ask the seller.",
                (name,),
            )


_RULES: tuple[Callable[[Invoice], Iterator[Violation]], ...] = (
    _line_sum,
    _adjustments,
    _net,
    _vat_sum,
    _whole,
    _payable,
    _rates,
    check_vat,
    dates_in_order,
    _ambiguous_dates,
    check_identifiers,
)
