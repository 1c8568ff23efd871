"""The business terms of EN 16931 that a stored document supports: printed, following from others, or missing.

Nothing is made up. A term follows from others only by arithmetic or by convention: an address without a country lies in
the seller's, a line without a quantity is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any

from db.records import JobRecord
from invoice_connector.exports.places import endpoint, postal_address
from invoice_connector.exports.term_rules import base_differences, contradictions
from invoice_connector.exports.terms import (
    CREDIT_NOTE,
    AdjustmentTerms,
    InvoiceTerms,
    LineTerms,
    PartyTerms,
    VatTerms,
)
from invoice_connector.exports.vat_terms import (
    MOST_ADJUSTMENTS,
    decimal_of,
    rate_of,
    single_rate,
    stated_adjustment,
    stated_rates,
    with_bases,
    with_sign,
)
from invoice_connector.fields.identifiers import vat_valid
from invoice_connector.invoice import CENT
from invoice_connector.locales import alternatives

_DATA = "xml"  # the engine of what is stated as data, with codes
_KNOWN_TYPES = frozenset({"380", "381", "384", "386", "389", "393", "751"})


@cache
def _reverse_charge() -> re.Pattern[str]:
    return re.compile(alternatives("reverse_charge"), re.IGNORECASE)


@cache
def _f_tax() -> re.Pattern[str]:
    return re.compile(rf"\b{alternatives('f_tax')}", re.IGNORECASE)


def invoice_terms(
    record: JobRecord, addresses: Mapping[str, str] = MappingProxyType({})
) -> tuple[InvoiceTerms | None, tuple[str, ...]]:
    """The terms, or None, and what is missing or contradictory, one line each with its BT number or rule.

    ``addresses``: electronic addresses of buyers by customer id, ``*`` for every other one.
    """
    reader = _Reader(record, addresses)
    terms = reader.terms()
    return (None if reader.problems else terms), tuple(reader.problems)


class _Reader:
    """Takes the terms from a stored document and collects what is missing."""

    def __init__(self, record: JobRecord, addresses: Mapping[str, str]) -> None:
        self._record = record
        self._address = addresses.get(record.customer_id or "") or addresses.get("*")
        self._is_data = record.primary_engine == _DATA
        self._values = {name: str(found["value"]) for name, found in record.fields.items()}
        self.problems: list[str] = []

    def terms(self) -> InvoiceTerms | None:
        net, vat, whole = self._totals()
        # Data say by their code what they are, and their signs stand; a paper's minus makes it a credit note.
        sign = -1 if whole is not None and whole < 0 and not self._is_data else 1
        code = self._values.get("invoice_type_code", "380")
        code = CREDIT_NOTE if sign < 0 else code if code in _KNOWN_TYPES or self._is_data else "380"
        number, issued = self._text("invoice_number", "BT-1"), self._day("issue_date", "BT-2")
        currency = self._text("currency_code", "BT-5")
        seller, buyer = self._parties()
        if net is None or vat is None or whole is None or number is None or issued is None or currency is None:
            return None
        breakdown = self._breakdown(net, vat)
        if not breakdown:
            self.problems.append(
                "BG-23 VAT breakdown: rates and amounts were not found, or do not make up the total VAT"
            )
            return None
        paid = self._amount("paid_amount") or Decimal(0)
        paid = paid if self._is_data else abs(paid)
        rounding = self._rounding(whole * sign, paid, sign)
        lines = tuple(self._lines(breakdown, sign))
        signed = tuple(with_sign(entry, sign) for entry in breakdown)
        terms = InvoiceTerms(
            type_code=code,
            number=number,
            issued=issued,
            due=self._day("due_date"),
            currency=currency,
            seller=seller,
            buyer=buyer,
            lines=lines,
            vat=signed,
            total_without_vat=net * sign,
            total_vat=vat * sign,
            total_with_vat=whole * sign,
            paid=paid,
            rounding=rounding,
            amount_due=self._due(whole * sign, paid, rounding, sign),
            adjustments=self._adjustments(lines, signed, net * sign),
            texts=self._values,
        )
        self.problems.extend(contradictions(terms))
        return terms

    def _totals(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """BT-109, BT-110, BT-112; one that is missing follows from the other two."""
        net, vat, whole = (self._amount(name) for name in ("total_without_vat", "total_vat", "total_with_vat"))
        if whole is None:
            due, paid = self._amount("amount_due"), self._amount("paid_amount")
            whole = net + vat if net is not None and vat is not None else due if paid is None else None
        elif net is not None and vat is not None and whole == net + vat + (self._amount("rounding_amount") or 0):
            whole = net + vat  # what is printed is the rounded total
        if net is None and vat is not None and whole is not None:
            net = whole - vat
        if vat is None and net is not None and whole is not None:
            vat = whole - net
        for value, name in (
            (net, "BT-109 total without VAT"),
            (vat, "BT-110 total VAT"),
            (whole, "BT-112 total with VAT"),
        ):
            if value is None:
                self.problems.append(f"{name}: not found")
        return net, vat, whole

    def _due(self, whole: Decimal, paid: Decimal, rounding: Decimal, sign: int) -> Decimal:
        found = self._amount("amount_due")
        return whole - paid + rounding if found is None else found * sign

    def _rounding(self, whole: Decimal, paid: Decimal, sign: int) -> Decimal:
        """BT-114; where it is printed without its sign, the one that leads to the amount due."""
        rounding, due = (self._amount("rounding_amount") or Decimal(0)) * sign, self._amount("amount_due")
        left = whole - paid
        return -rounding if due is not None and left + rounding != due * sign == left - rounding else rounding

    def _adjustments(
        self, lines: Sequence[LineTerms], vat: Sequence[VatTerms], net: Decimal
    ) -> tuple[AdjustmentTerms, ...]:
        """BG-20 and BG-21, unless the lines alone make the total: then what looks like one is among the lines.

        Where there are several rates, the VAT of each is the one that makes the bases of all rates hold.
        """
        stated = [entry for entry in self._record.adjustments if "vat_category" in entry]
        if stated and len(stated) == len(self._record.adjustments):
            return tuple(stated_adjustment(entry) for entry in stated)
        found = [
            (str(entry["reason"]), Decimal(entry["amount"]), bool(entry["charge"]))
            for entry in self._record.adjustments
        ]
        if not found or not lines or sum((line.net_amount for line in lines), Decimal(0)) == net:
            return ()
        fitting = []
        for rates in product(vat, repeat=len(found)) if len(found) <= MOST_ADJUSTMENTS else ():
            chosen = tuple(
                AdjustmentTerms(*entry, rate.category, rate.rate) for entry, rate in zip(found, rates, strict=True)
            )
            if len(vat) == 1 or not any(True for _ in base_differences(lines, chosen, vat)):
                fitting.append(chosen)
        if len(fitting) != 1:
            names = ", ".join(reason for reason, _, _ in found)
            self.problems.append(f"BT-95 or BT-102 VAT category of {names}: the page does not tell which rate applies")
            return ()
        return fitting[0]

    def _parties(self) -> tuple[PartyTerms, PartyTerms]:
        text, values = self._record.text, self._values
        vat, legal = values.get("seller_vat_identifier"), values.get("seller_legal_registration_identifier")
        address = postal_address(values.get("seller_address"), vat, _swedish(legal))
        country = address.country
        swedish = country == "SE" and legal is not None
        legal = re.sub(r"\D", "", legal) if swedish and legal else legal
        seller = PartyTerms(
            self._text("seller_name", "BT-27"),
            address,
            _prefixed(vat, country),
            legal,
            "0007" if swedish else None,
            endpoint(country, _prefixed(vat, country), legal),
            f_tax=swedish and bool(_f_tax().search(text)),
        )
        buyer_vat = values.get("buyer_vat_identifier")
        home = postal_address(values.get("buyer_address"), buyer_vat, country)
        name = self._text("buyer_name", "BT-44")
        buyer_vat = _prefixed(buyer_vat, home.country)
        reached = endpoint(home.country, buyer_vat, None)
        if self._address is not None:
            scheme, _, identifier = self._address.partition(":")
            reached = (identifier, scheme)
        buyer = PartyTerms(name, home, buyer_vat, endpoint=reached)
        if country is None:
            self.problems.append("BT-40 seller country: neither the address nor a VAT identifier tells it")
        if home.country is None:
            self.problems.append("BT-55 buyer country: neither the address nor a VAT identifier tells it")
        return seller, buyer

    def _breakdown(self, net: Decimal, vat: Decimal) -> list[VatTerms]:
        """The rates as printed; the one rate that explains the totals where none is; empty when nothing fits."""
        printed = self._record.vat_breakdown
        if printed and all("category" in entry for entry in printed):
            return stated_rates(printed)
        if not printed:
            single = single_rate(net, vat)
            found = [] if single is None else [(single, net, vat)]
        else:
            entries = [(entry["rate"], entry.get("taxable_amount"), entry["tax_amount"]) for entry in printed]
            found = with_bases(
                self._record, [(Decimal(r), decimal_of(base), Decimal(tax)) for r, base, tax in entries], net
            )
        return [self._vat(rate, base, tax) for rate, base, tax in found]

    def _vat(self, rate: Decimal, base: Decimal, tax: Decimal) -> VatTerms:
        if rate > 0:
            return VatTerms("S", rate, base, tax)
        if _reverse_charge().search(self._record.text):
            return VatTerms("AE", rate, base, tax, ("VATEX-EU-AE", "Reverse charge"))
        self.problems.append("BT-118 VAT category: the page does not say why no VAT is charged")
        return VatTerms("Z", rate, base, tax)

    def _lines(self, breakdown: Sequence[VatTerms], sign: int) -> Iterator[LineTerms]:
        if not self._record.invoice_lines:
            self.problems.append("BG-25 invoice lines: none were found")
        for number, line in enumerate(self._record.invoice_lines, start=1):
            net = decimal_of(line.get("net_amount"))
            rate = decimal_of(line.get("vat_rate"))
            entry = rate_of(rate, line.get("vat_category"), breakdown)
            if net is None or entry is None:
                missing = "BT-131 net amount" if net is None else "BT-152 VAT rate"
                self.problems.append(f"{missing} of line {number}: not found, or not among the rates of the totals")
                continue
            found = _line(line, net * sign, entry)
            yield replace(found, unit=line["unit"]) if self._is_data and line.get("unit") else found

    def _text(self, name: str, term: str) -> str | None:
        value = self._values.get(name, "").strip()
        if not value:
            self.problems.append(f"{term} {name.replace('_', ' ')}: not found")
        return value or None

    def _day(self, name: str, term: str = "") -> date | None:
        value = self._values.get(name)
        try:
            return date.fromisoformat(value or "")
        except ValueError:
            if term:
                self.problems.append(f"{term} {name.replace('_', ' ')}: not found")
            return None

    def _amount(self, name: str) -> Decimal | None:
        return decimal_of(self._values.get(name))


def _line(line: Mapping[str, Any], net: Decimal, entry: VatTerms) -> LineTerms:
    """A line whose quantity times price, with its adjustment, is its net amount."""
    quantity = decimal_of(line.get("quantity")) or Decimal(1)
    price = decimal_of(line.get("unit_price"))
    if price is None:
        price = net / quantity
        price = (
            price.quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize() if price != price.to_integral() else price
        )
    if price < 0:  # BR-27: the price is never negative, so the quantity is
        price, quantity = -price, -quantity
    if quantity * price * net < 0:
        quantity = -quantity
    adjustment = net - (quantity * price).quantize(CENT, ROUND_HALF_UP)
    description = str(line.get("description") or "").strip() or "-"
    rate = entry.rate if entry.category != "O" else None
    return LineTerms(description, quantity, price, net, entry.category, rate, adjustment)


def _swedish(legal: str | None) -> str | None:
    return "SE" if legal is not None and re.fullmatch(r"\d{6}-\d{4}", legal) else None


def _squeezed(text: str | None) -> str | None:
    return re.sub(r"[\s.-]", "", text).upper() if text else None


def _prefixed(identifier: str | None, country: str | None) -> str | None:
    """A VAT identifier with the prefix of its country, which invoices at home leave out; as it is printed where its
    check digits do not say that it belongs there."""
    squeezed = _squeezed(identifier)
    if squeezed is None or country is None or squeezed[:2].isalpha():
        return squeezed
    whole = ("EL" if country == "GR" else country) + squeezed
    return whole if vat_valid(whole) else squeezed
