"""Whole invoices, credit notes and receipts with their exact truth.

A document is drawn once, in points; its PDF, its page images and its truth all come from the same commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from scripts.synthetic.deal_making import make_deal
from scripts.synthetic.deals import Deal
from scripts.synthetic.invoices import draw_invoice
from scripts.synthetic.layouts import HELD_OUT, InvoiceLayout, find_layout
from scripts.synthetic.receipts import draw_receipt
from scripts.synthetic.sheet import Mark, Page, Text

Box = tuple[float, float, float, float]

CREDIT_SHARE = 0.08  # of the invoices


@dataclass(frozen=True)
class LineTruth:
    """A printed line; box as left, top, right, bottom in points, page counted from 1."""

    page: int
    box: Box
    text: str


@dataclass(frozen=True)
class FieldTruth:
    """A place that shows a field. `name` is the contract's, or "invoice_lines.N.term", "vat_breakdown.N.term"."""

    name: str
    page: int
    box: Box
    text: str


@dataclass(frozen=True)
class SyntheticDocument:
    """A drawn document. `values` holds every field that the sale has, printed or not, as the contract writes it."""

    seed: int
    language: str
    layout: int
    deal: Deal
    pages: tuple[Page, ...]
    values: dict[str, str]
    lines: tuple[LineTruth, ...]
    places: tuple[FieldTruth, ...]

    @property
    def split(self) -> str:
        """ "test" for layouts kept from training, else "fit"."""
        return "test" if self.layout in HELD_OUT else "fit"

    @property
    def visible(self) -> dict[str, bool]:
        """Whether the pages show the field."""
        shown = {place.name for place in self.places}
        return {name: name in shown for name in self.values}

    def first_place(self, name: str) -> FieldTruth | None:
        """Where the field is shown first."""
        return next((place for place in self.places if place.name == name), None)


def make_document(seed: int, language: str, layout: int) -> SyntheticDocument:
    """The document of this seed; the same arguments give the same document (given the same fonts).

    Raises:
        ValueError: an unknown language or layout.
    """
    family = find_layout(layout)
    rng = np.random.default_rng([seed, layout, *language.encode()])
    if isinstance(family, InvoiceLayout):
        deal = make_deal(rng, language, "credit" if rng.random() < CREDIT_SHARE else "invoice")
        pages = draw_invoice(rng, deal, family)
    else:
        deal = make_deal(rng, language, "receipt")
        pages = draw_receipt(rng, deal, family)
    return assemble(seed, language, layout, deal, pages)


def assemble(seed: int, language: str, layout: int, deal: Deal, pages: tuple[Page, ...]) -> SyntheticDocument:
    """A document from a sale and the pages drawn of it."""
    places = (*field_places(pages), *_currency_in_labels(pages, deal.country.currency))
    lines = tuple(LineTruth(number, text.box(), text.text) for number, text in _texts(pages))
    return SyntheticDocument(seed, language, layout, deal, pages, field_values(deal, places), lines, places)


def field_values(deal: Deal, places: tuple[FieldTruth, ...]) -> dict[str, str]:
    """Values by contract name: amounts with a point, dates ISO 8601, tax numbers as printed without blanks."""
    printed = {place.name: "".join(place.text.split()) for place in reversed(places)}
    seller, payment = deal.seller, deal.payment
    values = {
        "invoice_number": deal.number, "issue_date": deal.issue_date.isoformat(),
        "currency_code": deal.country.currency,
        "invoice_type_code": {"invoice": "380", "credit": "381"}.get(deal.kind, ""),
        "due_date": deal.due_date.isoformat() if deal.due_date else "", "seller_name": seller.name,
        "seller_address": seller.address, "payment_account_identifier": payment.account,
        "payment_service_provider_identifier": payment.bic, "remittance_information": payment.reference,
        "seller_vat_identifier": printed.get("seller_vat_identifier", seller.vat_identifier),
        "seller_legal_registration_identifier": seller.registration_identifier,
        "total_without_vat": f"{deal.total_without_vat:.2f}", "total_vat": f"{deal.total_vat:.2f}",
        "total_with_vat": f"{deal.total_with_vat:.2f}", "amount_due": f"{deal.amount_due:.2f}",
        "rounding_amount": f"{deal.rounding_amount:.2f}" if deal.rounding_amount else "",
        "paid_amount": f"{deal.paid_amount:.2f}" if deal.paid_amount else "",
        "payment_terms": deal.payment_terms, "purchase_order_reference": deal.order_number,
    }  # fmt: skip
    if deal.buyer is not None:
        values["buyer_name"], values["buyer_address"] = deal.buyer.name, deal.buyer.address
        values["buyer_reference"] = deal.buyer.contact
        values["buyer_vat_identifier"] = printed.get("buyer_vat_identifier", deal.buyer.vat_identifier)
    optional = ("payment_terms", "purchase_order_reference", "buyer_reference", "buyer_vat_identifier")
    return {name: value for name, value in values.items() if value and (name not in optional or name in printed)}


def invoice_line_values(deal: Deal) -> list[dict[str, Any]]:
    """The lines as the contract's JSON writes them."""
    return [
        {
            "item_number": line.item_number, "description": line.description,
            "quantity": f"{line.quantity.normalize():f}",
            "unit_price": f"{line.unit_price:.2f}", "net_amount": f"{line.amount:.2f}",
            "vat_rate": f"{line.vat_rate.normalize():f}",
        }
        for line in deal.lines
    ]  # fmt: skip


def vat_values(deal: Deal) -> list[dict[str, str]]:
    """The tax breakdown as the contract's JSON writes it."""
    return [
        {
            "rate": f"{row.rate.normalize():f}",
            "taxable_amount": f"{row.taxable_amount:.2f}",
            "tax_amount": f"{row.tax_amount:.2f}",
        }
        for row in deal.vat
    ]


def field_places(pages: tuple[Page, ...]) -> Iterator[FieldTruth]:
    """Every place that shows a field, in drawing order; the lines of a group are one place."""
    groups: dict[tuple[int, str], list[tuple[Text, Mark]]] = {}
    for at, (number, text) in enumerate(_texts(pages)):
        for mark in text.marks:
            key = mark.field if "#" in mark.field else f"{mark.field}#{at}.{mark.start}"
            groups.setdefault((number, key), []).append((text, mark))
    for (number, key), parts in groups.items():
        boxes = np.array([text.box(mark.start, mark.end) for text, mark in parts])
        left, top = boxes[:, :2].min(axis=0).tolist()
        right, bottom = boxes[:, 2:].max(axis=0).tolist()
        joiner = ", " if "address" in key else " "
        shown = joiner.join(text.text[mark.start : mark.end] for text, mark in parts)
        yield FieldTruth(key.partition("#")[0], number, (left, top, right, bottom), shown)


def _currency_in_labels(pages: tuple[Page, ...], currency: str) -> Iterator[FieldTruth]:
    """Labels such as "Summa SEK"."""
    for number, text in _texts(pages):
        for found in re.finditer(rf"\b{currency}\b", text.text):
            yield FieldTruth("currency_code", number, text.box(*found.span()), currency)


def _texts(pages: tuple[Page, ...]) -> Iterator[tuple[int, Text]]:
    for number, page in enumerate(pages, start=1):
        for text in page.texts:
            yield number, text
