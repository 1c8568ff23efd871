"""Independent reasons to believe each field: engines, picture, sums, check digits, repetition, other data.

Engines of one family err together, and so do two sums over the same misread amount: a kind of evidence counts once.
What a label or the surroundings say is found during extraction (``fields.witnesses``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.identifier_rules import form_of
from invoice_connector.fields.line_totals import Place, are_in_lines
from invoice_connector.invoice import (
    CENT,
    PAYABLE,
    Evidence,
    Invoice,
    InvoiceField,
    VatBreakdown,
    Witness,
    plain,
    rounded_by,
)
from ocr_ensemble.layer_check import TEXT_LAYER
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import DocumentReading

_SAME_FAMILY = {"rapidocr_again": "rapidocr"}  # the same recogniser, cut wider
_SHORTEST = 4  # letters and digits of a text whose repetition means something


def with_witnesses(invoice: Invoice, reading: DocumentReading) -> Invoice:
    """The invoice, each field with the witnesses that the whole document gives it."""
    sums = _sums(invoice)
    lines = [
        (page.number, line.line.box, alphanumeric(line.line.text)) for page in reading.pages for line in page.lines
    ]
    fields = {}
    for name, field in invoice.fields.items():
        found = [*_of_print(field), *_of_form(field)]
        others = list(_repetitions(field, lines))
        if name not in PAYABLE or not are_in_lines([(field.page, field.box), *others], invoice.lines):
            found += [Witness(Evidence.SUM, sums[name])] if name in sums else []
            found += [Witness(Evidence.REPEATED, "the page says it again in another place")] if others else []
        fields[name] = field.witnessed(*found)
    return replace(invoice, fields=fields)


def with_data_witnesses(
    invoice: Invoice, embedded: Mapping[str, Any] | None, expected: Mapping[str, Any] | None
) -> Invoice:
    """The invoice, each field that the file's own data or its sender names alike with that witness.

    ``embedded`` and ``expected`` as in the JSON of the contract.
    """
    fields = dict(invoice.fields)
    differing = {each["field"] for each in (embedded or {}).get("differences", ())}
    for name in fields.keys() & (embedded or {}).get("fields", {}).keys() - differing:
        fields[name] = fields[name].witnessed(
            Witness(Evidence.EMBEDDED, "the invoice data inside the file say the same")
        )
    for name, answer in (expected or {}).items():
        for agreeing in (PAYABLE if name == "amount" else (name,)) if answer["agrees"] else ():
            if agreeing in fields and plain(fields[agreeing].value) == answer["found"]:
                fields[agreeing] = fields[agreeing].witnessed(Witness(Evidence.EXPECTED, "it was expected so"))
    return replace(invoice, fields=fields)


def _of_print(field: InvoiceField) -> Iterator[Witness]:
    families = list(dict.fromkeys(_SAME_FAMILY.get(name, name) for name in field.engines))
    seen = [name for name in families if name != TEXT_LAYER]
    if len(seen) > 1:
        yield Witness(Evidence.ENGINES, f"{' and '.join(seen)} read the same")
    if seen and TEXT_LAYER in families:
        yield Witness(Evidence.PICTURE, f"{seen[0]} reads in the picture what the text layer says")
    if field.verified:
        yield Witness(Evidence.VERIFIER, "the verifier saw it in the picture")


def _of_form(field: InvoiceField) -> Iterator[Witness]:
    value = plain(field.value)
    form = form_of(field.name, value)
    if form is not None and form.valid(value):
        yield Witness(Evidence.CHECK_DIGITS, f"the check digits of the {form.what} hold")


def _sums(invoice: Invoice) -> dict[str, str]:
    """Field name to the sum over other amounts of the page that gives its value, in words."""
    found: dict[str, str] = {}
    for names, words in (*_sums_of_totals(invoice), *_sums_of_rows(invoice)):
        for name in names:
            found.setdefault(name, words)
    whole, due = invoice.amount("total_with_vat"), invoice.amount("amount_due")
    if whole is not None and whole == due:  # one amount under two names
        for name, other in (("amount_due", "total_with_vat"), ("total_with_vat", "amount_due")):
            if other in found:
                found.setdefault(name, found[other])
    return found


def _sums_of_totals(invoice: Invoice) -> Iterator[tuple[tuple[str, ...], str]]:
    net, vat, whole, due = map(invoice.amount, ("total_without_vat", "total_vat", "total_with_vat", "amount_due"))
    paid, rounding = abs(invoice.amount("paid_amount") or Decimal(0)), invoice.amount("rounding_amount") or Decimal(0)
    beside = {name: invoice.printed_sums.get(name, Decimal(0)) for name in ("untaxed", "balance_forward", "withheld")}
    if net and vat and whole:
        taxed = whole - beside["untaxed"]
        if min(abs(net + vat - taxed), abs(net + vat + rounding - taxed)) <= CENT:
            more = f" with {beside['untaxed']} beside them" if beside["untaxed"] else ""
            yield ("total_without_vat", "total_vat", "total_with_vat"), f"{net} and VAT {vat}{more} make {whole}"
    if net and vat and due and not whole and abs(net + vat - beside["withheld"] - due) <= CENT:
        names = ("total_without_vat", "total_vat", "amount_due")
        yield names, f"{net} and VAT {vat} less {beside['withheld']} withheld leaves {due}"
    led = [
        f" {word} {amount}{why}"
        for word, amount, why in (
            ("and", beside["balance_forward"], " from earlier"),
            ("less", beside["withheld"], " withheld"),
            ("less", paid, " paid"),
            ("with rounding", rounding, ""),
        )
        if amount
    ]
    expected = (whole or 0) + beside["balance_forward"] - beside["withheld"] - paid + rounding
    if whole and due is not None and led and abs(expected - due) <= CENT:
        yield ("total_with_vat", "amount_due"), f"{whole}{''.join(led)} leaves {due}"
    tendered = invoice.printed_sums.get("tendered")
    for name, amount in (("total_with_vat", whole), ("amount_due", due)):
        if amount is not None and amount == tendered:
            yield (name,), f"what was handed over less the change is {amount}"


def _sums_of_rows(invoice: Invoice) -> Iterator[tuple[tuple[str, ...], str]]:
    """Lines and VAT rows that add up to a total; lines only where they are all of their table."""
    yield from _sums_of_lines(invoice)
    yield from _sums_of_rates(invoice)


def _sums_of_lines(invoice: Invoice) -> Iterator[tuple[tuple[str, ...], str]]:
    net, vat, whole = map(invoice.amount, ("total_without_vat", "total_vat", "total_with_vat"))
    lines = invoice.lines
    if not (len(lines) > 1 or any(line.quantity and line.unit_price for line in lines)):
        return
    adjusted = sum((a.amount if a.charge else -a.amount for a in invoice.adjustments), Decimal(0))
    beside = sum(invoice.uncounted, Decimal(0))
    total = sum((line.net_amount for line in lines), Decimal(0)) + adjusted + beside
    slack = rounded_by(*(line.net_amount for line in lines)) * len(lines)
    if invoice.uncounted:  # of a charge among the lines, or of a row that was not understood: all of them or none
        if vat and whole and abs(total + vat - whole) <= slack:
            words = f"the {len(lines)} invoice lines, {beside} beside them and VAT {vat} make {whole}"
            yield ("total_with_vat",), words
        return
    for name, amount in (("total_without_vat", net), ("total_with_vat", whole)):
        if amount and abs(total - amount) <= slack:
            yield (name,), f"the {len(lines)} invoice lines make {total}"
    if net is None and vat and whole and abs(total + vat - whole) <= slack:
        yield ("total_vat", "total_with_vat"), f"the {len(lines)} invoice lines make {total}, with VAT {vat} {whole}"


def _sums_of_rates(invoice: Invoice) -> Iterator[tuple[tuple[str, ...], str]]:
    net, vat, whole = map(invoice.amount, ("total_without_vat", "total_vat", "total_with_vat"))
    rates = invoice.vat_breakdown
    taxes = [row.tax_amount for row in rates]
    if vat is None and net and whole and any(taxes) and net + sum(taxes, Decimal(0)) == whole:
        yield ("total_without_vat", "total_with_vat"), f"{net} and VAT {' and '.join(map(str, taxes))} make {whole}"
    bases = [row.taxable_amount for row in rates if row.taxable_amount is not None]
    unit = rounded_by(*bases, *taxes)
    if not rates or len(bases) < len(rates) or any(_off_by(row) > 2 * unit for row in rates):
        return
    base, tax = sum(bases, Decimal(0)), sum(taxes, Decimal(0))
    words = " and ".join(f"{row.rate:f} % of {row.taxable_amount}" for row in rates)
    if vat and abs(tax - vat) <= unit * len(rates):
        yield ("total_vat", "total_without_vat") if net == base else ("total_vat",), f"{words} make {vat} VAT"
    if vat is None and tax and whole is not None and base + tax == whole:
        names = ("total_without_vat", "total_with_vat") if net == base else ("total_with_vat",)
        yield names, f"{words} make {tax} VAT, with {base} {whole}"


def _off_by(row: VatBreakdown) -> Decimal:
    """How far the tax of a rate is from what the rate makes of its base."""
    return abs(row.rate * (row.taxable_amount or 0) / 100 - row.tax_amount)


def _repetitions(field: InvoiceField, lines: list[tuple[int, BoundingBox, str]]) -> Iterator[Place]:
    """Where else the pages print the field's text."""
    text = alphanumeric(field.text)
    for page, box, line in lines if len(text) >= _SHORTEST else ():
        if text in line and not (page == field.page and box.intersection_area(field.box)):
            yield page, box
