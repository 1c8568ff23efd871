"""The syntaxes of e-invoices: where each keeps the terms, from ``syntaxes.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from string import Template
from typing import Any

import tomli
from lxml import etree

from invoice_connector.einvoice.tree import nodes_at

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_ITALIAN = "FatturaElettronica"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the parts of an address lie below ``path``; ``lines`` are its lines before the town."""

    path: str
    lines: tuple[str, ...]
    town: str
    country: str


@dataclass(frozen=True, slots=True)
class Syntax:
    """Paths by term. ``line``, ``rate`` and ``adjustment`` are those within each element of ``lines``, ``vat``,
    ``adjustments`` and ``charges``, the last of which are charges without saying so; ``codes`` map codes of the syntax
    to those of EN 16931."""

    name: str
    profile: str
    currency: str
    lines: str
    vat: str
    adjustments: tuple[str, ...]
    charges: tuple[str, ...]
    attachments: str
    notes: tuple[str, ...]
    payee: str
    fields: Mapping[str, str]
    sums: Mapping[str, str]
    addresses: Mapping[str, Address]
    line: Mapping[str, str]
    rate: Mapping[str, str]
    adjustment: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def code(self, kind: str, value: str | None) -> str | None:
        """The code of EN 16931 for one of this syntax: that of the longest beginning of it that is known."""
        table = self.codes.get(kind)
        if table is None:
            return value
        return table[max((begin for begin in table if (value or "").startswith(begin)), key=len)]


def syntax_of(root: Any) -> Syntax | None:
    """The syntax of a tree; None for XML that is no invoice.

    By the namespace for UBL, by what every version of it has for UN/CEFACT's, whatever it called its root.
    """
    name = etree.QName(root)
    if (name.namespace or "").startswith(_UBL):
        return syntaxes()["ubl"] if name.localname in ("Invoice", "CreditNote") else None
    if name.localname == _ITALIAN:
        return syntaxes()["fatturapa"]
    cii = syntaxes()["cii"]
    document, trade = (cii.fields["invoice_number"].rpartition("/")[0], cii.lines.rpartition("/")[0])
    return cii if nodes_at(root, document) and nodes_at(root, trade) else None


@cache
def syntaxes() -> Mapping[str, Syntax]:
    """All of them by key."""
    text = resources.files(__package__).joinpath("syntaxes.toml").read_text("utf-8")
    return {key: _syntax(table) for key, table in tomli.loads(text).items()}


def _syntax(table: dict[str, Any]) -> Syntax:
    names: dict[str, str] = {}
    for name, path in table.pop("names").items():  # each uses those before it
        names[name] = Template(path).safe_substitute(names)
    plain = _resolved(table, names)
    addresses = {
        name: Address(**{**given, "lines": tuple(given["lines"])}) for name, given in plain["addresses"].items()
    }
    lists = {name: tuple(plain[name]) for name in ("adjustments", "charges", "notes")}
    return Syntax(**{**plain, **lists, "addresses": addresses})


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, names) for inner in value]
    return Template(value).safe_substitute(names)
