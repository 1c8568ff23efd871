"""UBL, UN/CEFACT and FatturaPA XML to the contract's terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from string import Template
from typing import Any

from db import inputs
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.einvoice.syntaxes import Syntax, syntax_of
from invoice_connector.einvoice.tree import nodes_at, safe_root, text_at
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS

Row = Mapping[str, str | None]
Rows = tuple[Row, ...]
_TEXTS = frozenset({"description", "unit", "vat_category", "category", "exemption_code", "exemption_reason", "reason"})
_ALWAYS = frozenset(  # columns of the contract; the others are absent where they are not stated
    {
        "description",
        "quantity",
        "unit_price",
        "net_amount",
        "vat_rate",
        "rate",
        "taxable_amount",
        "tax_amount",
        "amount",
    }
)
_MEANS, _ACCOUNT = "payment_means_type_code", "payment_account_identifier"
_ONCE = ("invoice_number", "total_without_vat", "total_with_vat", "amount_due")
_IN_ONE_CURRENCY = ("amount_due", "total_with_vat", "total_without_vat", "paid_amount")
_CHARGE = frozenset({"true", "1", "MG"})  # how syntaxes say that it is a charge


@dataclass(frozen=True, slots=True)
class EmbeddedInvoice:
    """An invoice as data. Values are spelled as in the contract's JSON; ``syntax`` is CII, UBL or FatturaPA,
    ``profile`` BT-24. ``sums`` may hold ``line_total`` (BT-106), ``allowance_total`` (BT-107), ``charge_total``
    (BT-108), and of FatturaPA ``withheld``, ``split_vat`` (that the buyer pays to the state) and ``stamp_duty``;
    ``countries`` of seller and buyer; ``attachments`` are names of files in it. ``notes``:
    what it says in words, of the whole and of its payment; ``payee``: who is paid (BT-59), where it says so;
    ``kind``: its type as the syntax codes it; ``means``: all means of payment (UNTDID 4461); ``accounts``: all to pay
    to; ``repeated``: the values of terms of which there may be one and are several; ``currencies`` of amounts by name.
    """

    syntax: str
    profile: str | None
    fields: Mapping[str, str]
    invoice_lines: Rows = ()
    vat_breakdown: Rows = ()
    adjustments: tuple[Mapping[str, Any], ...] = ()
    sums: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    payee: str | None = None
    kind: str | None = None
    means: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    repeated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)


def parse_invoice(content: bytes, name: str) -> EmbeddedInvoice | None:
    """The invoice in an XML file; None for XML that is no invoice. Raises EmbeddedInvoiceError."""
    root = safe_root(content, name)
    syntax = syntax_of(root)
    if syntax is None:
        return None
    try:
        return _Reader(root, syntax).invoice()
    except inputs.InputError as error:
        raise EmbeddedInvoiceError(f"{name} is no invoice of EN 16931: {error}") from error


class _Reader:
    """Takes the terms from a tree by the paths of its syntax."""

    def __init__(self, root: Any, syntax: Syntax) -> None:
        self._root, self._syntax = root, syntax
        self._currency = text_at(root, syntax.currency) or ""

    def invoice(self) -> EmbeddedInvoice:
        root, syntax = self._root, self._syntax
        return EmbeddedInvoice(
            syntax.name,
            text_at(root, syntax.profile),
            dict(self._fields()),
            tuple(self._row(node, syntax.line) for node in nodes_at(root, syntax.lines)),
            tuple(self._row(node, syntax.rate) for node in nodes_at(root, syntax.vat)),
            tuple(self._adjustments()),
            {name: value for name, path in syntax.sums.items() if (value := self._amount(root, path, name))},
            dict(self._countries()),
            tuple(self._attachments()),
            tuple(dict.fromkeys(self._notes())),
            text_at(root, syntax.payee),
            text_at(root, syntax.fields["invoice_type_code"]),
            tuple(syntax.code(_MEANS, code) or code for code in self._texts(syntax.fields[_MEANS])),
            tuple(dict.fromkeys(text.replace(" ", "") for text in self._texts(syntax.fields[_ACCOUNT]))),
            {name: texts for name in _ONCE if len(texts := self._different(name)) > 1},
            dict(self._currencies()),
        )

    def _fields(self) -> Iterator[tuple[str, str]]:
        for name, path in self._syntax.fields.items():
            if name in AMOUNT_FIELDS:
                value = self._amount(self._root, path, name)
            else:
                text = text_at(self._root, path)
                value = _day(text) if name in DATE_FIELDS else text and self._syntax.code(name, text)
            if value:
                yield name, value
        for name, address in self._syntax.addresses.items():
            for node in nodes_at(self._root, address.path)[:1]:
                parts = [text_at(node, path) for path in (*address.lines, address.town, address.country)]
                if printed := ", ".join(part for part in parts if part):
                    yield name, printed

    def _countries(self) -> Iterator[tuple[str, str]]:
        for name, address in self._syntax.addresses.items():
            for node in nodes_at(self._root, address.path)[:1]:
                if country := text_at(node, address.country):
                    yield name.partition("_")[0], country

    def _row(self, node: Any, columns: Mapping[str, str]) -> dict[str, str | None]:
        row = {
            name: text_at(node, path) if name in _TEXTS else self._amount(node, path, name)
            for name, path in columns.items()
        }
        for name in ("category", "vat_category"):
            if name in row:
                row[name] = self._syntax.code("category", row[name])
        return {name: value for name, value in row.items() if value is not None or name in _ALWAYS}

    def _adjustments(self) -> Iterator[Mapping[str, Any]]:
        """Allowances and charges that have an amount; zero ones say nothing."""
        for charges, paths in ((False, self._syntax.adjustments), (True, self._syntax.charges)):
            for node in (node for path in paths for node in nodes_at(self._root, path)):
                columns = {name: path for name, path in self._syntax.adjustment.items() if name != "charge"}
                row = self._row(node, columns)
                amount, sign = row.pop("amount"), text_at(node, self._syntax.adjustment["charge"])
                if amount is not None and Decimal(amount) != 0:
                    yield {"reason": "", **row, "amount": amount, "charge": charges or sign in _CHARGE}

    def _attachments(self) -> Iterator[str]:
        elements, _, attribute = self._syntax.attachments.partition("/@")
        for number, node in enumerate(nodes_at(self._root, elements), start=1):
            name = node.get(attribute) if attribute else "".join(node.itertext())
            yield " ".join((name or f"number {number}").split())[: inputs.SHORT_TEXT]

    def _texts(self, path: str) -> Iterator[str]:
        """The texts at all places that a path leads to, in the order of its ways and the document."""
        for node in (node for way in path.split() for node in nodes_at(self._root, way)):
            if text := " ".join("".join(node.itertext()).split()):
                yield inputs.text(text, path.rpartition("/")[2], inputs.LONG_TEXT)

    def _different(self, name: str) -> list[str]:
        """The values of a term at the first of its ways; sums have several parts."""
        way = self._syntax.fields[name].split()[0]
        return [] if ":" in way else list(dict.fromkeys(self._texts(way)))

    def _currencies(self) -> Iterator[tuple[str, str]]:
        for name in _IN_ONE_CURRENCY:
            way = self._syntax.fields.get(name, ":").split()[0]
            if ":" not in way and (code := text_at(self._root, f"{way}/@currencyID")):
                yield name, code

    def _notes(self) -> Iterator[str]:
        """Line by line: a note is often several, of which each says something else."""
        for node in (node for path in self._syntax.notes for node in nodes_at(self._root, path)):
            for line in "".join(node.itertext()).splitlines():
                if text := " ".join(line.split()):
                    yield inputs.text(text, "note", inputs.LONG_TEXT)

    def _amount(self, node: Any, path: str, name: str) -> str | None:
        text = text_at(node, Template(path).safe_substitute(currency=self._currency))
        return None if text is None else f"{inputs.amount(text, name):f}"


def _day(text: str | None) -> str | None:
    """ISO 8601, also for UN/CEFACT's 20260131 (format 102)."""
    digits = re.sub(r"\D", "", text or "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None
