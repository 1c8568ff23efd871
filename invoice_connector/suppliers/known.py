"""What is known beforehand of who may stand on the pages of one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from rapidfuzz.fuzz import token_set_ratio

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.suppliers.layout import Lesson
from invoice_connector.suppliers.master import Company, Supplier
from invoice_connector.suppliers.names import is_form_of, is_same, pieces, plain_text
from invoice_connector.suppliers.printed import identifier_keys

_SAME_PLACE = 90  # per cent of an address's words that another line has
# Log-odds that a party with an own company's name, another form of it, or an own address is the buyer.
_OWN_NAME, _OWN_FORM, _OWN_PLACE = 6.0, 3.0, 2.0
_FOUND_BY = {"i": 4.0, "d": 2.0, "n": 1.0}  # log-odds that a party is the seller that is a supplier, by what else shows


@dataclass(frozen=True)
class Candidate:
    """A supplier that shares keys with the pages (``printed``); ``aliases``: how approved documents of it print its
    name."""

    supplier: Supplier
    keys: frozenset[str]
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.supplier.names, *self.aliases)


@dataclass(frozen=True)
class Known:
    """``companies``: those of whoever books; ``candidates``: suppliers that the pages may name; ``listed``: whether
    there is a list of suppliers, in which the seller should be; ``lessons``: what approved documents of a supplier that
    the pages name taught, the newest first; ``own_printed``: whether the pages name an own company at all."""

    companies: tuple[Company, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    listed: bool = False
    lessons: tuple[Lesson, ...] = ()
    own_printed: bool = False

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        """The keys of the own companies' numbers."""
        return frozenset(key for c in self.companies for number in c.identifiers for key in identifier_keys(number))

    def is_own_number(self, number: str) -> bool:
        return bool(self.own_numbers and identifier_keys(number) & self.own_numbers)

    def own_name(self, name: str) -> Company | None:
        """The own company of that name, None for somebody else's."""
        for company in self.companies:
            if any(is_same(own, piece) for own in company.names for piece in pieces(name)):
                return company
        return None

    def own_form(self, name: str) -> Company | None:
        """The own company of whose name this may be another form; None where it is the same, a supplier's, or
        somebody else's."""
        suppliers = (own for candidate in self.candidates for own in candidate.supplier.names)
        if not self.companies or self.own_name(name) is not None or any(is_same(own, name) for own in suppliers):
            return None
        return next((c for c in self.companies if any(is_form_of(name, own) for own in c.names)), None)

    def buyer_odds(self, name: str, address: Sequence[str]) -> float:
        """Log-odds more that a party is the buyer."""
        if not self.companies:
            return 0.0
        if self.own_name(name) is not None:
            return _OWN_NAME
        if self.own_form(name) is not None:
            return _OWN_FORM
        printed = plain_text(" ".join(address))
        places = (plain_text(place) for company in self.companies for place in company.addresses)
        here = printed and any(token_set_ratio(place, printed) >= _SAME_PLACE for place in places)
        return _OWN_PLACE if here else 0.0

    def seller_odds(self, name: str) -> float:
        """Log-odds more that a party is the seller: it is called as a supplier is, of whom there may be more here."""
        same = (c for c in self.candidates if any(is_same(own, name) for own in c.names))
        kinds = ({key[0] for key in candidate.keys} for candidate in same)
        found = max((max(_FOUND_BY.get(kind, 0.0) for kind in found) for found in kinds if found), default=0.0)
        return found - (_OWN_FORM if self.own_form(name) is not None else 0.0)


NOTHING = Known()


class Directory(Protocol):
    """Where it is found; ``directory.LogDirectory`` has the log's own."""

    def known(self, lines: Sequence[str], customer_id: str | None) -> Known:
        """What is known of the parties that the lines of a document may name, for one customer."""
        ...


@dataclass(frozen=True, slots=True)
class _EmptyDirectory:
    def known(self, lines: Sequence[str], customer_id: str | None) -> Known:
        return NOTHING


NOBODY = _EmptyDirectory()
"""Knows nothing of anybody."""


def same_account(one: str, other: str) -> bool:
    """Whether two prints are one account: a bank's own number may be a part of its IBAN."""
    first, second = sorted((alphanumeric(one), alphanumeric(other)), key=len)
    return first == second or (len(first) >= _LONG_ACCOUNT and second.endswith(first))


_LONG_ACCOUNT = 7
