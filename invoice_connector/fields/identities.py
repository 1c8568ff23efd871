"""Numbers that identify: the invoice, the parties, the account to pay to and what to quote when paying."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.domestic_accounts import form_of_account
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.identifiers import iban_length
from invoice_connector.fields.kind_phrases import numbers_in, titles_in
from invoice_connector.fields.links import Link
from invoice_connector.fields.number_parts import in_iban, in_telephone, in_vat_identifier, is_day
from invoice_connector.fields.ranking import Chosen, Ranked, best_field, rank
from invoice_connector.invoice import Violation
from invoice_connector.locales import alternatives

SELLER_OR_BUYER = "SELLER-OR-BUYER"
_IBAN_BEGUN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: [A-Z\d]{4}){2,}(?: [A-Z\d]{1,3})?(?!\w)")
_NAMED_WELL = 0.7  # evidence
_HOUSE = re.compile(r"\d{1,5}(?:[ /-]?[A-Za-z]|[/-]\d{1,4})?")
_BESIDE = 0.9  # evidence of a label on the number's own row
_NUMBER_FROM, _REFERENCE_FROM = -2.5, -2.0  # log-odds from which one is told; nearly every page has a number


def number_fields(scene: Scene, kind: str) -> dict[str, Chosen]:
    """Invoice number, order number, buyer's reference and payment reference; one print serves one of them.

    ``kind``: of the document. A credit note's own number is the one that is called so, not that of its invoice.
    """
    fields: dict[str, Chosen] = {}
    names = ("invoice_number", "purchase_order_reference", "remittance_information")
    every = {name: rank(scene, name) for name in names}
    pieces = pieces_of(scene, [item for ranked in every.values() for item in ranked])
    for name in names:
        ranked = [item for item in every[name] if not is_part_of_another(scene, item, name, pieces)]
        if name == "invoice_number":
            ranked = _of_own_kind(scene, ranked, kind)
        if name == "purchase_order_reference":  # BT-13 is the buyer's, BT-14 the seller's own
            ranked = [item for item in ranked if _is_called_buyers(scene, item, name)] or ranked
        apart = [item for item in ranked if not _numbers_a_house(scene, item, name)]
        lowest = _NUMBER_FROM if name == "invoice_number" else _REFERENCE_FROM
        keep(fields, best_field(name, apart, lowest) or best_field(name, ranked, lowest))
    return fields


def _of_own_kind(scene: Scene, ranked: list[Ranked], kind: str) -> list[Ranked]:
    """Without the numbers of the invoice that a credit note credits, or of the credit note that an invoice names,
    where labels tell them apart."""
    other = {"credit_note": "invoice", "invoice": "credit_note"}.get(kind)
    if other is None:
        return ranked
    called = {item: _called(scene, item) for item in ranked}
    own = [item for item in ranked if kind in called[item]]
    if own and any(other in called[item] for item in ranked):
        return own
    rest = [item for item in ranked if other not in called[item]]
    named = any(best_link(scene, item.candidate, "invoice_number")[1] > _NAMED_WELL for item in rest)
    return rest if named else ranked


def _is_called_buyers(scene: Scene, item: Ranked, name: str) -> bool:
    """Whether the number's label says that it is the buyer's: "Your order", "Ihre Bestellung"."""
    link, evidence = best_link(scene, item.candidate, name)
    return link is not None and evidence > _NAMED_WELL and bool(buyers_own().search(link.label.segment.text))


def _called(scene: Scene, item: Ranked) -> frozenset[str]:
    """The kinds whose number a label says that it is: of a credit note for "Credit note no."."""
    link, evidence = best_link(scene, item.candidate, "invoice_number")
    if link is None or evidence <= _NAMED_WELL:
        return frozenset()
    return kinds_named(link)


def kinds_named(link: Link) -> frozenset[str]:
    """The kinds of papers whose number the label's line speaks of, or that a label behind a word is the name of: "to
    invoice 2026-812", but not "Invoice 2026-812", as credit notes call themselves, too."""
    text, label = link.label.segment.text, link.label
    follows = any(map(str.isalpha, text[: label.start]))
    named = (*numbers_in(text), *(titles_in(text[label.start : label.end]) if follows else ()))
    return frozenset(kind for found in named for kind in found.kinds)


def account_fields(scene: Scene) -> dict[str, Chosen]:
    """The account to pay to and its bank."""
    fields: dict[str, Chosen] = {}
    ranked = [
        item
        for item in rank(scene, "payment_account_identifier")
        if _named_as_its_kind(scene, item) and not in_iban(scene, item.candidate)
    ]
    swedish = any(context.language == "sv" for context in scene.contexts)
    if swedish:  # where both are printed, a Swedish payer uses the giro
        ranked.sort(key=lambda item: (item.candidate.kind is Kind.IBAN, -item.score))
    name = "payment_account_identifier"
    keep(fields, best_field(name, ranked) or _formed(scene, ranked))
    name = "payment_service_provider_identifier"
    keep(fields, best_field(name, rank(scene, name)))
    return fields


def _formed(scene: Scene, ranked: Sequence[Ranked]) -> Chosen | None:
    """Where no account is likely, what has all of an IBAN's form but its check digits, a domestic account's, or a
    label right before it: none is to vanish."""
    formed = [item for item in ranked if _has_form(item.candidate) or _called_account(scene, item.candidate)]
    return best_field("payment_account_identifier", formed, threshold=-math.inf)


def _has_form(candidate: Candidate) -> bool:
    if candidate.kind is not Kind.IBAN:
        return candidate.kind is Kind.ACCOUNT and form_of_account(candidate.text) is not None
    value, behind = str(candidate.value), candidate.segment.text[candidate.end : candidate.end + 1]
    return len(value) == iban_length(value[:2]) and not behind.isalnum()


def cut_ibans(scene: Scene, chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """CHECK-IBAN: the pages print the beginning of an IBAN and no account was found: its rest was not read."""
    name = "payment_account_identifier"
    if name in chosen:
        return
    for context in scene.contexts:
        for segment in context.segments:
            found = _IBAN_BEGUN.search(segment.text)
            length = iban_length(found[0][:2]) if found else None
            if found and length and len(found[0].replace(" ", "")) < length:
                message = f"Of the IBAN that begins with {found[0]} the rest was not read; enter the account by hand."
                yield Violation("CHECK-IBAN", message, (name,))
                return


def pieces_of(scene: Scene, ranked: Sequence[Ranked]) -> frozenset[Candidate]:
    """The numbers that are pieces of an IBAN or of a VAT identifier."""
    candidates = {item.candidate for item in ranked}
    return frozenset(each for each in candidates if in_iban(scene, each) or in_vat_identifier(each))


def is_part_of_another(scene: Scene, item: Ranked, name: str, pieces: Container[Candidate]) -> bool:
    """Whether a number is a piece of an IBAN, a day, one digit without a label beside it or, unless a label of its own
    names it, a piece of a telephone number."""
    candidate, named = item.candidate, best_link(scene, item.candidate, name)[1]
    if candidate in pieces or is_day(scene, candidate) or (len(candidate.text) == 1 and named < _BESIDE):
        return True
    return named <= _NAMED_WELL and in_telephone(scene, candidate)


def _numbers_a_house(scene: Scene, item: Ranked, name: str) -> bool:
    """Whether a short number stands in an address and nothing but a "No." names it: "No. 37 & 39, Jalan Besar"."""
    if not _HOUSE.fullmatch(item.candidate.text):
        return False
    named = best_link(scene, item.candidate, name)[1] > _NAMED_WELL
    return not named and scene.kinds[item.candidate.segment].address


def keep(fields: dict[str, Chosen], chosen: Chosen | None) -> None:
    if chosen is not None:
        fields[chosen.field.name] = chosen


def _named_as_its_kind(scene: Scene, item: Ranked) -> bool:
    """A giro number has no form of its own: its label must say so, and an account's that it is one at a bank, since
    customers have accounts, too. An IBAN speaks for itself, and a domestic account's form does so beside a bank's
    name."""
    candidate = item.candidate
    if candidate.kind is Kind.IBAN:
        return True
    named = best_link(scene, candidate, candidate.kind.value)[1] > 0.35
    if candidate.kind is not Kind.ACCOUNT:
        return named
    form, at_bank = form_of_account(candidate.text), _is_at_bank(scene.context(candidate), candidate)
    if form is not None:
        return named or at_bank or form.alone
    return named and (at_bank or _called_account(scene, candidate))


def _called_account(scene: Scene, candidate: Candidate) -> bool:
    """Whether a label right before the number, or ending the line above it, calls it an account and nothing else, or
    names it on a line that names a bank."""
    link, evidence = best_link(scene, candidate, "account")
    if link is None:
        return False
    alone = evidence > _NAMED_WELL and link.label.meaning("_number") is None
    return alone or names_bank(candidate.segment.text)


@cache
def buyers_own() -> re.Pattern[str]:
    """What a number of the buyer's is called: "your", "Kunden", Portugal's "V/"."""
    return re.compile(rf"\b{alternatives('buyers_own')}(?:\b|(?<=/))", re.IGNORECASE)


def names_bank(text: str) -> bool:
    """Whether a text speaks of a bank or its number."""
    return bool(_bank().search(text))


@cache
def _bank() -> re.Pattern[str]:
    """What is said beside the number of an account or of its bank."""
    return re.compile(rf"{alternatives('bank_stems')}|\b{alternatives('bank_numbers')}\b", re.IGNORECASE)


def _is_at_bank(context: PageContext, candidate: Candidate) -> bool:
    """Whether its line, or one near above or below it, speaks of a bank."""
    box, reach = candidate.segment.box, 4.0 * context.line_height
    return any(
        names_bank(segment.text)
        for segment in context.segments
        if abs(segment.box.center[1] - box.center[1]) <= reach and segment.box.horizontal_overlap(box) > 0
    )
