"""The business terms of EN 16931 that a stored document supports: printed, following from others, or missing.

Nothing is made up. A term follows from others only by arithmetic or by convention: an address without a country lies in
the seller's, a line without a quantity is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any

from db.records import JobRecord
from invoice_connector.exports.places import PostalAddress, endpoint, postal_address, vat_country
from invoice_connector.fields.identifiers import vat_valid
from invoice_connector.invoice import CENT
from invoice_connector.locales import alternatives

CREDIT_NOTE = "381"
PIECE = "C62"  # "one": units are not read from pages
_DATA = "xml"  # the engine of what is stated as data, with codes
_MOST_ADJUSTMENTS = 4
_KNOWN_TYPES = frozenset({"380", "381", "384", "386", "389", "393", "751"})


@cache
def _reverse_charge() -> re.Pattern[str]:
    return re.compile(alternatives("reverse_charge"), re.IGNORECASE)


@cache
def _f_tax() -> re.Pattern[str]:
    return re.compile(rf"\b{alternatives('f_tax')}", re.IGNORECASE)


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
        signed = tuple(_signed(entry, sign) for entry in breakdown)
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
        self.problems.extend(_contradictions(terms))
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
            return tuple(_stated_adjustment(entry) for entry in stated)
        found = [
            (str(entry["reason"]), Decimal(entry["amount"]), bool(entry["charge"]))
            for entry in self._record.adjustments
        ]
        if not found or not lines or sum((line.net_amount for line in lines), Decimal(0)) == net:
            return ()
        fitting = []
        for rates in product(vat, repeat=len(found)) if len(found) <= _MOST_ADJUSTMENTS else ():
            chosen = tuple(
                AdjustmentTerms(*entry, rate.category, rate.rate) for entry, rate in zip(found, rates, strict=True)
            )
            if len(vat) == 1 or not any(True for _ in _base_differences(lines, chosen, vat)):
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
            return _stated_rates(printed)
        if not printed:
            single = _single_rate(net, vat)
            found = [] if single is None else [(single, net, vat)]
        else:
            entries = [(entry["rate"], entry.get("taxable_amount"), entry["tax_amount"]) for entry in printed]
            found = self._with_bases([(Decimal(r), _decimal(base), Decimal(tax)) for r, base, tax in entries], net)
        return [self._vat(rate, base, tax) for rate, base, tax in found]

    def _with_bases(
        self, printed: Sequence[tuple[Decimal, Decimal | None, Decimal]], net: Decimal
    ) -> list[tuple[Decimal, Decimal, Decimal]]:
        """The rates with their bases. One that is not printed is what the lines of its rate add up to, with charges and
        allowances where that makes the printed taxes and the total hold in one way only; else nothing."""
        known = [(rate, base, tax) for rate, base, tax in printed if base is not None]
        if len(known) == len(printed):
            return known
        if len(printed) == 1:
            return [(printed[0][0], net, printed[0][2])]
        sums = {rate: Decimal(0) for rate, _, _ in printed}
        for line in self._record.invoice_lines:
            rate = _decimal(line.get("vat_rate"))
            if rate not in sums or line.get("net_amount") is None:
                return []
            sums[rate] += Decimal(line["net_amount"])
        signed = [Decimal(a["amount"]) * (1 if a["charge"] else -1) for a in self._record.adjustments]
        ways = list[list[tuple[Decimal, Decimal, Decimal]]]()
        for rates in product(sums, repeat=len(signed)) if len(signed) <= _MOST_ADJUSTMENTS else ():
            bases = dict(sums)
            for rate, amount in zip(rates, signed, strict=True):
                bases[rate] += amount
            fits = all(abs(bases[rate] * rate / 100 - tax) <= CENT for rate, _, tax in printed)
            if fits and sum(bases.values()) == net:
                ways.append([(rate, bases[rate], tax) for rate, _, tax in printed])
        return ways[0] if len(ways) == 1 else []

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
            net = _decimal(line.get("net_amount"))
            rate = _decimal(line.get("vat_rate"))
            entry = _rate_of(rate, line.get("vat_category"), breakdown)
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
        return _decimal(self._values.get(name))


def _stated_rates(stated: Sequence[Mapping[str, Any]]) -> list[VatTerms]:
    """Rates with their categories; those that are alike as one, since EN 16931 has each once."""
    found: dict[tuple[str, Decimal], VatTerms] = {}
    for entry in stated:
        rate, base, tax = (Decimal(entry[name] or 0) for name in ("rate", "taxable_amount", "tax_amount"))
        why = (entry.get("exemption_code", ""), entry.get("exemption_reason", ""))
        key = (entry["category"], rate)
        before = found.get(key, VatTerms(*key, Decimal(0), Decimal(0), why if any(why) else None))
        found[key] = replace(before, taxable_amount=before.taxable_amount + base, tax_amount=before.tax_amount + tax)
    return list(found.values())


def _stated_adjustment(entry: Mapping[str, Any]) -> AdjustmentTerms:
    rate = Decimal(entry.get("vat_rate") or 0)
    return AdjustmentTerms(entry["reason"], Decimal(entry["amount"]), entry["charge"], entry["vat_category"], rate)


def _rate_of(rate: Decimal | None, category: str | None, breakdown: Sequence[VatTerms]) -> VatTerms | None:
    """The entry of the breakdown that a line belongs to; the only one for a line that names no rate."""
    if rate is None and category is None:
        return breakdown[0] if len(breakdown) == 1 else None
    fitting = [entry for entry in breakdown if category in (None, entry.category) and entry.rate == (rate or 0)]
    return fitting[-1] if fitting else None


def _line(line: Mapping[str, Any], net: Decimal, entry: VatTerms) -> LineTerms:
    """A line whose quantity times price, with its adjustment, is its net amount."""
    quantity = _decimal(line.get("quantity")) or Decimal(1)
    price = _decimal(line.get("unit_price"))
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


def _contradictions(terms: InvoiceTerms) -> Iterator[str]:
    """The sums of EN 16931 that do not hold."""
    adjusted = terms.line_total - terms.adjusted(charge=False) + terms.adjusted(charge=True)
    if terms.lines and adjusted != terms.total_without_vat:
        what = "lines with charges and allowances" if terms.adjustments else "lines"
        yield (
            f"{'BR-CO-13' if terms.adjustments else 'BR-CO-10'} the {what} add up to {adjusted}, the total without VAT "
            f"is {terms.total_without_vat}; a line, a charge or an allowance is missing"
        )
    elif terms.lines and len(terms.vat) > 1:
        for entry, base in _base_differences(terms.lines, terms.adjustments, terms.vat):
            yield f"BR-S-08 what is taxed at {entry.rate} % adds up to {base}, its base is {entry.taxable_amount}"
    tax = sum((entry.tax_amount for entry in terms.vat), Decimal(0))
    if tax != terms.total_vat:
        yield f"BR-CO-14 VAT per rate adds up to {tax}, the total VAT is {terms.total_vat}"
    for entry in terms.vat:
        expected = (entry.taxable_amount * entry.rate / 100).quantize(CENT, ROUND_HALF_UP)
        if abs(expected - entry.tax_amount) >= 1:  # the official rule tolerates less than one unit
            yield f"BR-CO-17 {entry.rate} % of {entry.taxable_amount} is {expected}, its VAT is {entry.tax_amount}"
    if terms.total_without_vat + terms.total_vat != terms.total_with_vat:
        yield (
            f"BR-CO-15 {terms.total_without_vat} and VAT {terms.total_vat} make "
            f"{terms.total_without_vat + terms.total_vat}, the total with VAT is {terms.total_with_vat}"
        )
    left = terms.total_with_vat - terms.paid + terms.rounding
    if left != terms.amount_due:
        yield f"BR-CO-16 {left} is left to pay, the amount due is {terms.amount_due}"
    yield from _missing(terms)


def _missing(terms: InvoiceTerms) -> Iterator[str]:
    """The terms that EN 16931 asks for because of others."""
    if terms.amount_due > 0 and terms.due is None and "payment_terms" not in terms.texts:
        yield "BT-9 due date or BT-20 payment terms: not found (BR-CO-25)"
    if any(entry.category == "S" for entry in terms.vat) and terms.seller.vat_identifier is None:
        yield "BT-31 seller VAT identifier: not found (BR-S-02)"
    for term, party in (("BT-31 seller", terms.seller), ("BT-48 buyer", terms.buyer)):
        if party.vat_identifier is not None and vat_country(party.vat_identifier) is None:
            yield f"{term} VAT identifier: {party.vat_identifier} begins with no country (BR-CO-09)"
    if any(entry.category == "AE" for entry in terms.vat) and terms.buyer.vat_identifier is None:
        yield "BT-48 buyer VAT identifier: not found (BR-AE-02)"


def _base_differences(
    lines: Sequence[LineTerms], adjustments: Sequence[AdjustmentTerms], vat: Sequence[VatTerms]
) -> Iterator[tuple[VatTerms, Decimal]]:
    """The rates whose base is not what their lines, charges and allowances add up to, with that sum."""
    for entry in vat:
        kind = (entry.category, entry.rate)
        base = sum((line.net_amount for line in lines if (line.category, line.rate) == kind), Decimal(0))
        base += sum((found.signed for found in adjustments if (found.category, found.rate) == kind), Decimal(0))
        if base != entry.taxable_amount:
            yield entry, base


def _signed(entry: VatTerms, sign: int) -> VatTerms:
    return VatTerms(entry.category, entry.rate, entry.taxable_amount * sign, entry.tax_amount * sign, entry.reason)


def _single_rate(net: Decimal, vat: Decimal) -> Decimal | None:
    """The rate, in steps of half a per cent, that gives exactly this VAT; None when there is none."""
    if net == 0:
        return None
    rate = (vat / net * 200).quantize(Decimal(1), ROUND_HALF_UP) / 2
    exact = (net * rate / 100).quantize(CENT, ROUND_HALF_UP) == vat
    return rate.normalize() if exact and 0 <= rate <= 30 else None


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


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
