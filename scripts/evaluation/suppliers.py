"""Suppliers of labelled documents as an ERP would have them, hidden among invented ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from invoice_connector.suppliers.master import MasterDataError, Supplier
from invoice_connector.suppliers.names import tokens
from scripts.evaluation.datasets import Sample
from scripts.synthetic.blocks.names import business_name
from scripts.synthetic.culture import Country
from scripts.synthetic.identifiers import iban, registration_identifier, vat_identifier
from scripts.synthetic.more_countries import every_country
from scripts.synthetic.vocabulary import BLOCK_LANGUAGES

_NAMED_ONLY = 0.4  # share of lists' suppliers without any number
_CHANGED = 0.1  # share of the others that have changed their account since
_SIBLINGS = 0.1  # share of invented suppliers that are called much like a real one


@dataclass(frozen=True, slots=True)
class Sought:
    """A document and its supplier; ``listed``: whether the list has it."""

    sample: Sample
    supplier: Supplier
    listed: bool


def sought(samples: Sequence[Sample], listed: float, seed: int) -> list[Sought]:
    """The documents whose seller is named, each with that seller's record; a share of them is in the list."""
    rng = np.random.default_rng([seed, 1])
    found: list[Sought] = []
    by_seller: dict[str, tuple[Supplier, bool]] = {}
    for sample in samples:
        if name := sample.truth.get("seller_name"):
            key = "".join(tokens(name))
            if key and key not in by_seller:
                by_seller[key] = (supplier_of(f"S{len(by_seller)}", sample.truth, rng), bool(rng.random() < listed))
            if key:
                found.append(Sought(sample, *by_seller[key]))
    return found


def supplier_of(name: str, truth: Mapping[str, str], rng: np.random.Generator) -> Supplier:
    """The seller as somebody typed it in: some of its numbers, its name in another spelling."""
    fields = ("seller_vat_identifier", "seller_legal_registration_identifier", "payment_account_identifier")
    likely = 0.0 if rng.random() < _NAMED_ONLY else 0.85
    kept = [(truth[field],) if field in truth and rng.random() < likely else () for field in fields]
    vat, registration, account = kept
    if account and rng.random() < _CHANGED:
        account = (iban(rng, "DE"),)
    names = (_respelt(truth["seller_name"], rng),)
    return Supplier(name, names, vat, registration, accounts=account)


def _respelt(name: str, rng: np.random.Generator) -> str:
    words = name.split()
    formless = " ".join(words[:-1]) if len(words) > 1 and tokens(" ".join(words[:-1])) == tokens(name) else name
    ways = (name, name, name.upper(), name.replace(" & ", " and "), re.sub(r"[.,]", "", name), formless)
    return ways[int(rng.integers(len(ways)))]


def invented(count: int, seed: int, real: Sequence[str] = ()) -> Iterator[Supplier]:
    """Suppliers that sent nothing; some are called much like one of the names ``real``."""
    rng = np.random.default_rng([seed, 2])
    countries = [country for language in BLOCK_LANGUAGES for country in every_country(language)]
    for number in range(count):
        country = countries[int(rng.integers(len(countries)))]
        name = business_name(rng, country).full
        if real and rng.random() < _SIBLINGS:
            name = _sibling(real[int(rng.integers(len(real)))], name)
        try:
            yield _with_numbers(Supplier(f"X{number}", (name,)), country, rng)
        except MasterDataError:  # an invented name too long for a list
            continue


def _sibling(real: str, other: str) -> str:
    """The first word of one name and the rest of another."""
    rest = other.split()[1:] or other.split()
    return " ".join([*real.split(maxsplit=1)[:1], *rest])


def _with_numbers(supplier: Supplier, country: Country, rng: np.random.Generator) -> Supplier:
    try:
        vat = vat_identifier(rng, country.code)
        registration = registration_identifier(rng, country.code, vat)
        account = iban(rng, country.code)
    except (KeyError, ValueError):  # a country of which the generator knows no numbers
        return supplier
    registrations = (registration,) if registration else ()
    return replace(supplier, vat_identifiers=(vat,), registration_identifiers=registrations, accounts=(account,))
