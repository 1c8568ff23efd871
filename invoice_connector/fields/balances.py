"""What stands between the totals and outside of the VAT's arithmetic: tips, stamp duty, earlier balances, what is
withheld; and an amount under the total that no sum has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.early_payment import early_amounts
from invoice_connector.fields.features import Scene, best_link, cash_less_change
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.rows import Row
from invoice_connector.fields.totals import earlier_balances, named_amounts
from invoice_connector.invoice import Invoice, InvoiceField, Violation

_NEXT = 3.5  # line heights under a total in which a correction stands
_WIDEST = 4.0  # line heights between the right edges of two amounts of one column
_DEBTS = frozenset({"paid_amount", "_balance", "_withheld"})  # what is to be paid is less or more by these
_SAID = frozenset(
    {
        "total_with_vat", "total_without_vat", "total_vat", "amount_due", "rounding_amount", "_tender", "_allowance",
        "_charge", "_untaxed", "_line_total", "_allowance_total", "_charge_total", "due_date", "payment_terms",
    }
)  # fmt: skip


def after_withholding(scene: Scene, totals: Mapping[str, Chosen]) -> dict[str, Chosen]:
    """The totals; where net and VAT less what is named as withheld make a total that is called payable, it is what is
    due, and the total with VAT is not printed."""
    found = dict(totals)
    net, vat, whole = (found.get(name) for name in ("total_without_vat", "total_vat", "total_with_vat"))
    due = found.get("amount_due", whole)
    if net is None or vat is None or whole is None or due is None or due.field.value != whole.field.value:
        return found
    made = sum((each.field.value for each in (net, vat) if isinstance(each.field.value, Decimal)), Decimal(0))
    kept = made - whole.field.value if isinstance(whole.field.value, Decimal) else Decimal(0)
    if _withholds(scene, kept) and _is_called_payable(scene, whole.field):
        del found["total_with_vat"]
        found.setdefault("amount_due", replace(whole, field=replace(whole.field, name="amount_due")))
    return found


def _withholds(scene: Scene, amount: Decimal) -> bool:
    return amount > 0 and amount in named_amounts(scene, "_withheld")


def _is_called_payable(scene: Scene, field: InvoiceField) -> bool:
    """Whether the label of a total rather means what is due."""
    places = [c for c in scene.of_kind(Kind.AMOUNT) if (c.page, c.box) == (field.page, field.box)]
    return any(best_link(scene, c, "amount_due")[1] > best_link(scene, c, "total_with_vat")[1] for c in places)


def outside_sums(scene: Scene, amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Named amounts that close a sum of the totals: ``untaxed`` above VAT, ``balance_forward`` and ``withheld`` in the
    amount due, ``tendered`` less its change."""
    net, vat, whole = (amounts.get(name) for name in ("total_without_vat", "total_vat", "total_with_vat"))
    due, rounding = amounts.get("amount_due"), amounts.get("rounding_amount", Decimal(0))
    found: dict[str, Decimal] = {}
    if vat is not None and whole is not None:
        taxed = _printed_amounts(scene) if net is None else {net}
        gaps = (whole - base - vat for base in sorted(taxed))
        untaxed = named_amounts(scene, "_untaxed")
        if gap := next((gap for gap in gaps if gap and abs(gap) in untaxed), None):
            found["untaxed"] = gap
    if whole is not None and due is not None:
        gap = due - whole + abs(amounts.get("paid_amount", Decimal(0))) - rounding
        if gap and gap in earlier_balances(scene).carried:
            found["balance_forward"] = gap
        elif gap < 0 and -gap in named_amounts(scene, "_withheld"):
            found["withheld"] = -gap
    elif net is not None and vat is not None and due is not None and _withholds(scene, net + vat - due):
        found["withheld"] = net + vat - due
    settled = cash_less_change(scene) if scene.receipt else frozenset()
    if paid := next((amount for amount in (whole, due) if amount in settled), None):
        found["tendered"] = paid
    return found


def _printed_amounts(scene: Scene) -> set[Decimal]:
    return {candidate.amount for candidate in scene.of_kind(Kind.AMOUNT)}


def split_total(rows: Sequence[Row], fields: Mapping[str, InvoiceField], rest: Invoice) -> Iterator[Violation]:
    """TOTAL-COMPETES: all of the total is read as due, and two amounts under it, which nothing else explains, make it
    up together: one of them is paid, or due at another day. A discount for early payment and what it leaves are no
    such two."""
    whole, due = fields.get("total_with_vat"), fields.get("amount_due")
    last = due or whole
    if last is None or rest.is_receipt or "paid_amount" in fields or (whole and whole.value != last.value):
        return
    if not isinstance(last.value, Decimal):
        return
    known = _explained(fields, rest) | {abs(line.net_amount) for line in rest.lines}
    early = early_amounts(rows)
    under = [
        c
        for row in rows
        for c in row.money
        if (c.has_mark or c.decimals == 2)
        and c.amount
        and c not in early
        and abs(c.amount) not in known
        and (c.page, c.box.top) >= (last.page, last.box.bottom)
    ]
    amounts = Counter(abs(c.amount) for c in under)
    for part in under:
        other = abs(last.value) - abs(part.amount)
        if amounts[other] > (other == abs(part.amount)):
            yield Violation(
                "TOTAL-COMPETES",
                f"{abs(part.amount)} and {other} under {last.text} make it up together, so one of them may be paid, "
                "or due at another day; look what is to be paid now.",
                (last.name,),
            )
            return


def _explained(fields: Mapping[str, InvoiceField], rest: Invoice) -> set[Decimal]:
    """The amounts of fields, of the VAT's rows and of the sums that were found."""
    known = {abs(field.value) for field in fields.values() if isinstance(field.value, Decimal)}
    known |= {abs(a) for e in rest.vat_breakdown for a in (e.tax_amount, e.taxable_amount) if a is not None}
    return known | {abs(amount) for amount in rest.printed_sums.values()}


def competing_amounts(rows: Sequence[Row], fields: Mapping[str, InvoiceField], rest: Invoice) -> Iterator[Violation]:
    """TOTAL-COMPETES: one amount right below the total, in its column or called a payment, that no sum and no other
    place on the pages explains, as where somebody wrote another total under it, or a deposit nothing is less by."""
    known = _explained(fields, rest)
    early = early_amounts(rows)
    names = [name for name in ("amount_due", "total_with_vat") if name in fields and not rest.is_receipt]
    under = [(row, c) for row in rows for c in _under(row, [fields[name] for name in names])]
    named = [c for row, c in under if row.terms & _DEBTS]
    below = named or [c for _, c in under]
    printed = {abs(c.amount) for row in rows for c in row.money}
    open_ones = [
        c
        for c in below
        if abs(c.amount) not in known and c not in early and not {abs(c.amount - whole) for whole in known} & printed
    ]  # what is handed over has its change
    if len(below) == 1 and open_ones:
        name, other = names[0], open_ones[0].text
        yield Violation(
            "TOTAL-COMPETES",
            f"{other} stands right under {fields[name].text} and is in none of its sums; look what is to be paid.",
            (name,),
        )


def _under(row: Row, totals: Sequence[InvoiceField]) -> Iterator[Candidate]:
    if row.terms & _SAID or row.percents:
        return
    places = [total.box for total in totals if total.page == row.page]
    height = row.context.line_height
    for amount in row.money:
        gaps = (
            amount.box.center[1] - place.center[1]
            for place in places
            if row.terms & _DEBTS or abs(amount.box.right - place.right) <= _WIDEST * height
        )
        if any(0.6 * height < gap <= _NEXT * height for gap in gaps):
            yield amount
