"""The invoice as booked: EN 16931 business terms, frozen, amounts as ``Decimal``, days as ``date``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ocr_ensemble.layout import BoundingBox, checked_confidence

FieldValue = Decimal | date | str

CENT = Decimal("0.01")  # what sums of printed amounts may differ by

AMOUNT_FIELDS = (
    "total_without_vat",
    "total_vat",
    "total_with_vat",
    "paid_amount",
    "rounding_amount",
    "amount_due",
)
DATE_FIELDS = ("issue_date", "due_date")
TEXT_FIELDS = (
    "invoice_number",
    "invoice_type_code",
    "currency_code",
    "buyer_reference",
    "purchase_order_reference",
    "payment_terms",
    "seller_name",
    "seller_legal_registration_identifier",
    "seller_vat_identifier",
    "seller_address",
    "buyer_name",
    "buyer_vat_identifier",
    "buyer_address",
    "remittance_information",
    "payment_account_identifier",
    "payment_service_provider_identifier",
)
DATA_FIELDS = ("payment_means_type_code",)  # texts that only e-invoices state
PAYABLE = ("total_with_vat", "amount_due")
"""The amounts that are asked for: where one of the two is printed, it is both."""
FIELD_NAMES = frozenset(AMOUNT_FIELDS + DATE_FIELDS + TEXT_FIELDS)
"""Of what a page can show."""
STATED_NAMES = FIELD_NAMES | {*DATA_FIELDS}
"""Of what a page or an e-invoice can."""


def rounded_by(*amounts: Decimal | None) -> Decimal:
    """What rounding may take from or add to an amount that is printed like these: a whole unit where none of them has
    decimals, as forints and yen have none, else a cent."""
    places = [amount.as_tuple().exponent for amount in amounts if amount is not None]
    return Decimal(1) if places and all(place == 0 for place in places) else CENT


def plain(value: FieldValue) -> str:
    """The value as the contract writes it: decimal point, ISO 8601 day, or the text itself."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


class Evidence(StrEnum):
    """What can witness a value. Two of one kind are one witness: they err together."""

    ENGINES = "engines"  # engines of different families read the same in this place
    PICTURE = "picture"  # the text layer and the pixels of the page say the same
    LABEL = "label"  # a label beside, above or in the same line names it
    PLACE = "place"  # it stands where such a value stands: a letterhead, a letter's date
    ONLY = "only one"  # no other value of its kind is on the pages
    SUM = "sum"  # arithmetic over the amounts of the page gives it
    IN_WORDS = "in words"  # the page spells the amount
    CHECK_DIGITS = "check digits"  # the form has check digits, and they hold
    REPEATED = "repeated"  # the page says it again in another place
    IDENTITY = "identity"  # a register, mail domain, account holder or legal form belongs to it
    COUNTRY = "country"  # it fits the seller's country
    DOCUMENT_MODEL = "document model"  # a model that reads fields found the same
    VERIFIER = "verifier"  # the verifier saw it in the picture
    EMBEDDED = "embedded data"  # the invoice data inside the file say the same
    EXPECTED = "expected"  # the sender of the file expected it
    MASTER_DATA = "master data"  # the supplier's record says so
    LAYOUT = "layout"  # printed as on an approved document of the supplier
    LAYOUTS = "layouts"  # as on two or more
    CODE = "code"  # a code on the page says so
    APPROVED = "approved"  # approved documents of the supplier have the same value


@dataclass(frozen=True, slots=True)
class Witness:
    """One independent reason to believe a value; ``detail`` in words: the label's text, the sum, the engines."""

    kind: Evidence
    detail: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A runner-up for a field: another place, or another way to read the same print."""

    value: FieldValue
    text: str
    confidence: float | None
    page: int
    box: BoundingBox


@dataclass(frozen=True, slots=True)
class InvoiceField:
    """One business term as printed.

    ``text`` is the print itself, ``value`` what it says; ``page`` counts from 1; ``box`` in pixels of the page
    image; ``engines`` are those that read the text; ``verified`` is None when the verifier was not asked; ``witnesses``
    are of different kinds and agree with the value.
    Raises ValueError for a name outside the contract.
    """

    name: str
    value: FieldValue
    text: str
    confidence: float | None
    page: int
    box: BoundingBox
    engines: tuple[str, ...] = ()
    verified: bool | None = None
    alternatives: tuple[Alternative, ...] = ()
    witnesses: tuple[Witness, ...] = ()

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        if self.name not in STATED_NAMES:
            raise ValueError(f"{self.name!r} is no field of the contract")

    def witnessed(self, *more: Witness) -> InvoiceField:
        """The field with further witnesses; the first of each kind stays."""
        kept: dict[Evidence, Witness] = {}
        for witness in (*self.witnesses, *more):
            kept.setdefault(witness.kind, witness)
        return replace(self, witnesses=tuple(kept.values()))

    @property
    def other_meanings(self) -> tuple[Alternative, ...]:
        """What else the field's own print can mean, with the probabilities: 4 March for "03/04/2026"."""
        return tuple(
            other
            for other in self.alternatives
            if other.confidence is not None
            and (other.page, other.box, other.text) == (self.page, self.box, self.text)
            and type(other.value) is type(self.value)
        )


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """BG-25. Amounts without VAT where the page shows them so; ``vat_rate`` in per cent; None when not printed.

    ``box``: the row of the net amount. ``unit`` as printed (BT-130 is a code for it); a discount is printed in per cent
    (BT-138) or as an amount (BT-136). ``boxes``: the place of each printed value, by its name here. ``vat_category``:
    the code (UNCL 5305) where data state it.
    """

    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    net_amount: Decimal
    vat_rate: Decimal | None
    page: int
    box: BoundingBox
    unit: str | None = None
    discount_percentage: Decimal | None = None
    discount_amount: Decimal | None = None
    boxes: Mapping[str, BoundingBox] = field(default_factory=dict)
    vat_category: str = ""


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """BG-23: one rate in per cent, the amount it applies to (None when not printed) and the tax. Where data state them,
    ``category`` is its code (UNCL 5305) and ``exemption`` the code and the text of the reason for no VAT."""

    rate: Decimal
    taxable_amount: Decimal | None
    tax_amount: Decimal
    page: int
    box: BoundingBox
    category: str = ""
    exemption: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """BG-20 or, when ``charge``, BG-21: a discount or charge of the whole document, ``amount`` without sign, and its
    VAT where data state it."""

    reason: str
    amount: Decimal
    charge: bool
    page: int
    box: BoundingBox
    vat_rate: Decimal | None = None
    vat_category: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """BG-4 or BG-7: who sells or buys; None for what is not printed."""

    name: str | None = None
    address: str | None = None
    vat_identifier: str | None = None
    legal_registration_identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, by its EN 16931 id where it has one. ``message`` is a sentence that names both sides; ``page``
    (counted from 1) and ``box``: the place that it is about, None where it has none or its fields tell it."""

    rule: str
    message: str
    fields: tuple[str, ...] = ()
    page: int | None = None
    box: BoundingBox | None = None

    def to_json(self) -> dict[str, Any]:
        """As in the JSON of the contract."""
        place = {"page": self.page, "box": None if self.box is None else list(self.box.as_tuple())}
        told = {name: value for name, value in place.items() if value is not None}
        return {"rule": self.rule, "message": self.message, "fields": list(self.fields), **told}


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What kind of paper a document is. ``probability`` in 0..1; ``not_booked``: that it is none which is booked;
    ``code``: UNTDID 1001, None where there is none; ``seen``: the print that speaks most for it, may be empty;
    ``opposite``: the probability of what books the other way, a credit note for an invoice and the reverse."""

    value: str
    probability: float
    not_booked: float
    code: str | None = None
    seen: str = ""
    opposite: float = 0.0


@dataclass(frozen=True, slots=True)
class Invoice:
    """What the pages of one document say. A term that was not found is absent from ``fields``.

    ``printed_sums`` may hold "line_total" (BT-106), "allowance_total" (BT-107) and "charge_total" (BT-108), and where
    they close a sum of the totals "untaxed" (a tip or stamp duty), "balance_forward" (of earlier invoices, in what is
    due), "withheld" and "tendered" (cash less change). ``conflicts``: what on the pages speaks against a value.
    ``paid_at_once``: cash or a card was taken for all of it, as at a till. ``uncounted``: amounts among the ``lines``
    that are none of theirs, so that the lines are not all. ``remarks``: sentences that nothing here accounts for.
    """

    fields: Mapping[str, InvoiceField] = field(default_factory=dict)
    lines: tuple[InvoiceLine, ...] = ()
    vat_breakdown: tuple[VatBreakdown, ...] = ()
    language: str | None = None
    page_languages: tuple[str | None, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    printed_sums: Mapping[str, Decimal] = field(default_factory=dict)
    conflicts: tuple[Violation, ...] = ()
    document_kind: DocumentKind | None = None
    paid_at_once: bool = False
    uncounted: tuple[Decimal, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    @property
    def is_receipt(self) -> bool:
        """Whether the paper was paid when it was printed."""
        return self.paid_at_once or (self.document_kind is not None and self.document_kind.value == "till_receipt")

    def amount(self, name: str) -> Decimal | None:
        """The field's amount, None when absent."""
        value = self._value(name)
        return value if isinstance(value, Decimal) else None

    def day(self, name: str) -> date | None:
        """The field's date, None when absent."""
        value = self._value(name)
        return value if isinstance(value, date) else None

    def text(self, name: str) -> str | None:
        """The field's value as the contract writes it, None when absent."""
        value = self._value(name)
        return None if value is None else plain(value)

    @property
    def seller(self) -> Party:
        """What the page says of the seller; None for what it does not say."""
        return Party(
            self.text("seller_name"),
            self.text("seller_address"),
            self.text("seller_vat_identifier"),
            self.text("seller_legal_registration_identifier"),
        )

    @property
    def buyer(self) -> Party:
        """The same of the buyer."""
        return Party(self.text("buyer_name"), self.text("buyer_address"), self.text("buyer_vat_identifier"))

    def _value(self, name: str) -> FieldValue | None:
        found = self.fields.get(name)
        return None if found is None else found.value
