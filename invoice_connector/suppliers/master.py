"""Own companies and suppliers as the master data have them: frozen, checked, and as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from db import inputs
from db.records import EVERYONE
from invoice_connector.suppliers.names import tokens
from invoice_connector.suppliers.printed import OWN_KEYS, domain_key, identifier_keys, name_keys

MOST_VALUES = 50
"""Of one list: names, accounts, addresses."""
_ID = re.compile(r"[^\s/?#\\][^/?#\\\x00-\x1f]{0,99}")
_T = TypeVar("_T", bound="Record")


class MasterDataError(ValueError):
    """A record that no company or supplier has; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Record:
    """What companies and suppliers share. ``names`` begins with the one that is booked, others are aliases; ``id`` is
    that of whoever keeps the list.

    Raises MasterDataError.
    """

    id: str
    names: tuple[str, ...] = ()
    vat_identifiers: tuple[str, ...] = ()
    registration_identifiers: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    customer_id: str = EVERYONE

    def __post_init__(self) -> None:
        _check(self)

    @property
    def name(self) -> str:
        return self.names[0] if self.names else self.id

    @property
    def identifiers(self) -> tuple[str, ...]:
        return (*self.vat_identifiers, *self.registration_identifiers)


@dataclass(frozen=True, slots=True)
class Company(Record):
    """An own company of whoever books, which is never the seller. ``customer_id``: whose it is, ``*`` for all."""

    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supplier(Record):
    """A supplier as the ERP has it; ``accounts`` are IBANs, bankgiro, plusgiro or others, as printed."""

    accounts: tuple[str, ...] = ()
    currency: str | None = None
    payment_terms: str | None = None

    def __post_init__(self) -> None:
        Record.__post_init__(self)
        if not self.names:
            raise MasterDataError(f"the supplier {inputs.shown(self.id)} has no name; give one")
        try:
            inputs.currency(self.currency or "EUR")
        except inputs.InputError as error:
            raise MasterDataError(str(error)) from error

    @property
    def own_keys(self) -> frozenset[str]:
        """Those of its keys that it shares with nobody: numbers and whole names."""
        return frozenset(key for key in self.keys() if key[0] in OWN_KEYS)

    def keys(self) -> frozenset[str]:
        """What a page that it sent is likely to share with it."""
        numbers = (*self.identifiers, *self.accounts)
        of_numbers = (key for number in numbers for key in identifier_keys(number))
        of_names = (key for name in self.names for key in name_keys(name))
        of_domains = (key for domain in self.domains if (key := domain_key(domain)))
        return frozenset((*of_numbers, *of_names, *of_domains))


def to_json(record: Record) -> dict[str, Any]:
    """Plain JSON without what is empty; ``of_json`` reads it."""
    found = {each.name: getattr(record, each.name) for each in fields(record)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if value}


def of_json(kind: type[_T], data: Mapping[str, Any]) -> _T:
    """The record that ``data`` describes; a single text stands for a list of one. Raises MasterDataError."""
    allowed = {each.name: each.type for each in fields(kind)}
    if unknown := sorted(data.keys() - allowed.keys()):
        what = kind.__name__.lower()
        raise MasterDataError(f"{unknown[0]!r} is nothing that a {what} has; there are {', '.join(allowed)}")
    given: dict[str, Any] = {
        name: _listed(value) if _is_list(kind, name) else value for name, value in data.items() if value
    }
    names = given.get("names", ())
    called = "-".join(tokens(names[0])) if names and isinstance(names[0], str) else ""
    number = given.get("id", called)
    return kind(**{**given, "id": str(number) if isinstance(number, int) else number})


def _is_list(kind: type[Any], name: str) -> bool:
    return next(each.type for each in fields(kind) if each.name == name) == "tuple[str, ...]"


def _listed(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else (value,)


def _check(record: Record) -> None:
    """Texts of bounded length without control characters, in lists of bounded length."""
    if not isinstance(record.id, str) or not _ID.fullmatch(record.id):
        raise MasterDataError(f"an id has 1 to 100 characters, without / ? # and \\; got {record.id!r:.60}")
    for what, value in _texts(record):
        if not isinstance(value, str) or not value.strip():
            raise MasterDataError(f"{what} of {record.id!r} is a text that is not empty; got {value!r:.60}")
        long = what in ("addresses", "payment_terms")
        try:
            inputs.text(value, f"{what} of {record.id!r}", inputs.LONG_TEXT if long else inputs.SHORT_TEXT, lines=long)
        except inputs.InputError as error:
            raise MasterDataError(str(error)) from error


def _texts(record: Record) -> Iterator[tuple[str, Any]]:
    for each in fields(record):
        value = getattr(record, each.name)
        if not isinstance(value, tuple):
            yield from () if value is None else ((each.name, value),)
            continue
        if len(value) > MOST_VALUES:
            raise MasterDataError(f"{record.id!r} has {len(value)} {each.name}; at most {MOST_VALUES} are allowed")
        yield from ((each.name, item) for item in value)
