"""From pages of text to an Invoice: candidates by form, named by labels and place, settled by sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from invoice_connector.codes.said import Said
from invoice_connector.fields.adjustments import adjustments, printed_sums
from invoice_connector.fields.amounts_in_words import contradicting_words
from invoice_connector.fields.balances import after_withholding, competing_amounts, outside_sums, split_total
from invoice_connector.fields.candidates import Kind, find_candidates
from invoice_connector.fields.code_parties import with_code_parties
from invoice_connector.fields.codes import type_code_field
from invoice_connector.fields.context import contexts_of
from invoice_connector.fields.corrections import corrections
from invoice_connector.fields.credits import credit_conflicts
from invoice_connector.fields.currencies import currency_field, due_in_another
from invoice_connector.fields.exchanged import exchanged_parties
from invoice_connector.fields.familiarity import unfamiliar
from invoice_connector.fields.features import Scene, is_paid_at_once, scene_of
from invoice_connector.fields.identifier_rules import with_checked_identifiers
from invoice_connector.fields.identities import (
    account_fields,
    cut_ibans,
    number_fields,
)
from invoice_connector.fields.item_sums import item_conflicts
from invoice_connector.fields.items import invoice_lines
from invoice_connector.fields.kinds import BOOKED, TOLD_KINDS, document_kind, type_code_of
from invoice_connector.fields.letterheads import (
    address_beside,
    address_elsewhere,
    with_foots_legal_form,
    with_legal_form,
    without_own_address,
)
from invoice_connector.fields.line_amounts import line_conflicts
from invoice_connector.fields.line_totals import totals_in_lines
from invoice_connector.fields.memory import with_lessons, with_taught_order, words_of
from invoice_connector.fields.missing_pages import carried_totals, missing_pages
from invoice_connector.fields.model import Ranker, bundled_ranker
from invoice_connector.fields.new_accounts import broken_accounts, rival_accounts, unread_accounts
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.parties import PartyLine, find_parties, party_segments
from invoice_connector.fields.party_fields import party_fields
from invoice_connector.fields.payees import other_payee
from invoice_connector.fields.payment_means import means_statements, payment_means_of
from invoice_connector.fields.phrases import phrase_fields
from invoice_connector.fields.prose_amounts import contradicting_amounts, settled_amounts
from invoice_connector.fields.ranking import Chosen, best_field, rank
from invoice_connector.fields.recall import recalled
from invoice_connector.fields.registrations import mixed_parties, registration_fields
from invoice_connector.fields.remarks import remarks_of
from invoice_connector.fields.remembered import remembered
from invoice_connector.fields.rival_numbers import (
    borrowed_number,
    competing_numbers,
    numbers_named_alike,
    unfinished_number,
)
from invoice_connector.fields.roles import decide_roles, own_letterhead, with_known
from invoice_connector.fields.rows import Row, rows_of
from invoice_connector.fields.scope import searched
from invoice_connector.fields.several import several_documents
from invoice_connector.fields.statements import Statement, statement_conflicts, statements_of
from invoice_connector.fields.totals import choose_totals
from invoice_connector.fields.trust import trusted
from invoice_connector.fields.unused_amounts import left_out_amounts
from invoice_connector.fields.vat import explained, vat_breakdown
from invoice_connector.fields.vocabulary import Vocabulary
from invoice_connector.fields.whole_table import uncounted_amounts
from invoice_connector.fields.witnesses import with_page_witnesses
from invoice_connector.invoice import AMOUNT_FIELDS, FieldValue, Invoice, InvoiceField, Violation
from invoice_connector.suppliers.known import NOTHING, Known

_LIKELY_WRONG = 0.5
_GUESS = 0.08  # probability below which a buyer is noise: a dish from the receipt


def extract(pages: Sequence[FieldPage], language: str | None = None, known: Known = NOTHING) -> Invoice:
    """Reads the terms of one document; ``language`` (a hint such as "sv") only breaks ties, ``known`` are companies
    and suppliers that it may name.

    A value is always printed on a page, and a code on it only helps to tell which one: nothing is computed or
    corrected, but that two taxes printed beside each other are added. Without pages the invoice is empty, and a buyer
    that is most likely not printed is left out.
    """
    if not pages:
        return Invoice()
    words = {page.number: words_of(page) for page in pages} if known.lessons else {}
    said = Said(tuple(code for page in pages for code in page.codes))
    scene = replace(scene_of_pages(searched(pages), language, known=known), words=words, said=said)
    chosen, rest = choose(scene)
    fields = with_page_witnesses(scene, chosen, trusted(scene, chosen, rest))
    fields |= remembered(scene, fields, rest.document_kind)
    fields = with_lessons(scene, fields)
    fields |= with_lessons(scene, recalled(scene, [name for name, found in fields.items() if not _is_refuted(found)]))
    kept = {name: found for name, found in fields.items() if not _is_guess(found)}
    return with_checked_identifiers(replace(rest, fields=kept))


def _is_refuted(found: InvoiceField) -> bool:
    """Whether a field is more likely wrong than right."""
    return found.confidence is not None and found.confidence < _LIKELY_WRONG


def _is_guess(found: InvoiceField) -> bool:
    """Other fields need a label or a form of their own; of all that might be a name one always comes first."""
    party = found.name in ("buyer_name", "buyer_address")  # a seller there always is
    return party and found.confidence is not None and found.confidence < _GUESS


def scene_of_pages(
    pages: Sequence[FieldPage],
    language: str | None = None,
    ranker: Ranker | None = None,
    vocabulary: Vocabulary | None = None,
    known: Known = NOTHING,
) -> Scene:
    """All candidates of the pages with their labels; ranker and vocabulary are the bundled ones unless given."""
    contexts = with_taught_order(contexts_of(pages, language, vocabulary), known.lessons)
    scene = scene_of(contexts, [find_candidates(context) for context in contexts], ranker or bundled_ranker())
    return replace(scene, known=known)


def choose(scene: Scene) -> tuple[list[Chosen], Invoice]:
    """Every field with what speaks for it, and the invoice without its fields."""
    rows = rows_of(scene)
    totals = after_withholding(scene, _without_parts(choose_totals(scene, rows), rows))
    seller, buyer, parties, own = _parties(scene)
    said = statements_of(scene.contexts)
    kind = document_kind(scene, said)
    chosen = totals | _dates(scene) | number_fields(scene, kind.value) | account_fields(scene)
    chosen |= phrase_fields(scene.contexts)
    chosen |= registration_fields(scene, party_segments(seller), party_segments(buyer))
    chosen |= party_fields(scene, "seller", seller, parties) | party_fields(scene, "buyer", buyer, parties)
    amounts = {name: item.field for name, item in totals.items()}
    currency, doubts = currency_field(scene, chosen)
    code = type_code_of(kind, type_code_field(scene.contexts))
    for found in (currency, code):
        if found is not None:
            chosen[found.field.name] = found
    languages = tuple(context.language for context in scene.contexts)
    values, account = _values(amounts), chosen.get("payment_account_identifier")
    lines = invoice_lines(rows, amounts, scene.receipt)
    discounts = adjustments(rows, lines, values.get("total_without_vat"))
    rest = Invoice(
        lines=lines,
        vat_breakdown=vat_breakdown(rows, amounts, lines),
        language=next((name for name in languages if name), None),
        page_languages=languages,
        adjustments=discounts,
        printed_sums={**printed_sums(rows, lines), **outside_sums(scene, values)},
        document_kind=kind,
        paid_at_once=scene.receipt or is_paid_at_once(scene),
        conflicts=(
            *doubts,
            *own,
            *mixed_parties(scene, party_segments(seller), party_segments(buyer)),
            *exchanged_parties(scene, chosen, seller, buyer, parties),
            *other_payee(seller, buyer, parties, account.field if account else None),
        ),
        uncounted=uncounted_amounts(rows, amounts, lines, discounts),
    )
    conflicts = (*_conflicts(scene, rows, chosen, rest), *_told_conflicts(scene, rows, chosen, rest, said))
    remarks = () if _owes_nothing(rest, values) else _remarks(scene, chosen, rest)
    return list(chosen.values()), replace(rest, conflicts=conflicts, remarks=remarks)


def _remarks(scene: Scene, chosen: Mapping[str, Chosen], rest: Invoice) -> tuple[str, ...]:
    """What the decision may ask the meaning of."""
    settled = settled_amounts(scene, _values(_amounts(chosen)), rest)
    told = {name: found.field.value for name, found in chosen.items()}
    return remarks_of(scene.contexts, rest.lines, told, settled)


def _owes_nothing(rest: Invoice, values: Mapping[str, Decimal]) -> bool:
    """Whether the money was handed over, or nothing is left to pay."""
    return rest.is_receipt or values.get("amount_due") == 0


def _conflicts(scene: Scene, rows: Sequence[Row], chosen: Mapping[str, Chosen], rest: Invoice) -> Iterator[Violation]:
    """What on the pages speaks against the choice."""
    amounts = _amounts(chosen)
    values, code = _values(amounts), chosen.get("invoice_type_code")
    yield from unfamiliar(scene)
    yield from several_documents(scene)
    yield from missing_pages(scene)
    yield from carried_totals(rows, amounts)
    yield from competing_amounts(rows, amounts, rest)
    yield from split_total(rows, amounts, rest)
    currency = chosen.get("currency_code")
    yield from due_in_another(rows, amounts, str(currency.field.value) if currency else None)
    yield from left_out_amounts(scene, values, rest)
    yield from contradicting_words(scene.contexts, values)
    yield from item_conflicts(rows, amounts, rest)
    yield from line_conflicts(rows, rest)
    yield from totals_in_lines(rows, amounts, rest.lines)
    yield from competing_numbers(chosen, scene.receipt)
    yield from numbers_named_alike(scene, chosen)
    yield from unfinished_number(chosen)
    yield from rival_accounts(scene, chosen)
    cut = tuple(cut_ibans(scene, chosen))
    yield from cut or (*broken_accounts(scene, chosen), *unread_accounts(scene, chosen))
    if rest.document_kind is not None and rest.document_kind.value in BOOKED:
        yield from corrections(scene.contexts, values)
    if rest.document_kind is not None:
        yield from borrowed_number(scene, chosen, rest.document_kind.value)
    yield from rest.conflicts
    yield from credit_conflicts(rows, amounts, str(code.field.value) if code else None, scene.receipt)


def _told_conflicts(
    scene: Scene, rows: Sequence[Row], chosen: Mapping[str, Chosen], rest: Invoice, said: Sequence[Statement]
) -> Iterator[Violation]:
    """What sentences and stamps say against the choice."""
    values = _values(_amounts(chosen))
    if _owes_nothing(rest, values):
        return
    others = [statement for statement in said if statement.topic not in TOLD_KINDS]  # of which the kind tells
    credit = rest.document_kind is not None and rest.document_kind.code == "381"
    topics = {statement.topic for statement in others}
    means = () if credit else means_statements(payment_means_of(scene.contexts))
    others += {each.topic: each for each in means if each.topic not in topics}.values()
    yield from statement_conflicts(others, credit)
    yield from contradicting_amounts(scene, rows, values, rest)


def _amounts(chosen: Mapping[str, Chosen]) -> dict[str, InvoiceField]:
    """The fields of the totals."""
    return {name: chosen[name].field for name in AMOUNT_FIELDS if name in chosen}


def _values(amounts: Mapping[str, InvoiceField]) -> dict[str, Decimal]:
    return {name: field.value for name, field in amounts.items() if isinstance(field.value, Decimal)}


def _without_parts(totals: dict[str, Chosen], rows: Sequence[Row]) -> dict[str, Chosen]:
    """Without a net or VAT that a printed breakdown of several rates shows to be only one rate's share."""
    whole = totals.get("total_with_vat")
    amount = whole.field.value if whole else None
    sums = explained(rows, amount if isinstance(amount, Decimal) else None)
    if sums is None:
        return totals
    known = dict(zip(("total_without_vat", "total_vat"), sums, strict=True))
    return {name: c for name, c in totals.items() if name not in known or _near(c.field.value, known[name])}


def _near(value: FieldValue, amount: Decimal) -> bool:
    return isinstance(value, Decimal) and abs(value - amount) <= Decimal("0.02")


def _parties(
    scene: Scene,
) -> tuple[PartyLine | None, PartyLine | None, list[PartyLine], tuple[Violation, ...]]:
    """The seller, the buyer, all that may be one, and whether an own company seems to be the seller."""
    found = with_code_parties(find_parties(scene), scene)
    parties = with_known(found, scene)
    head = own_letterhead(found, scene.known, [str(c.value) for c in scene.of_kind(Kind.VAT)])
    seller, buyer = decide_roles(parties, scene.receipt)
    if seller is not None:
        named = with_legal_form(without_own_address(seller, parties), parties)
        seller = with_foots_legal_form(named, scene.contexts)
    if buyer is not None and not buyer.facts["buyer_label"] and (scene.receipt or is_paid_at_once(scene)):
        buyer = None  # a receipt names its customer with a label or not at all
    if seller is not None and not seller.address:
        others = [party for party in parties if party is not seller]
        address = address_beside(seller, parties) or address_elsewhere(scene, seller, others)
        seller = replace(seller, address=address)
    return seller, buyer, parties, tuple(_own_seller(scene.known, head, seller))


def _own_seller(known: Known, head: PartyLine | None, seller: PartyLine | None) -> Iterator[Violation]:
    """OWN-INVOICE: an own company seems to have written the pages (``head``), or to sell under another form of its
    name."""
    company = None if seller is None else known.own_form(seller.name)
    if head is not None:
        said = (
            f"the pages seem to be written by {head.name}, an own company, which is not the seller of what it is to pay"
        )
    elif seller is not None and company is not None:
        said = f"the seller is read as {seller.name}, which may be another form of the own company {company.name}"
    else:
        return
    yield Violation("OWN-INVOICE", f"{said}; look whether this is an invoice of ours", ("seller_name",))


def _dates(scene: Scene) -> dict[str, Chosen]:
    fields = {}
    for name in ("issue_date", "due_date"):
        ranked = rank(scene, name)
        own = [item for item in ranked if not item.facts["foreign"]]  # "your order 12 of 3 May" dates the order
        found = best_field(name, own) or best_field(name, ranked)
        if found is not None:
            fields[name] = found
    return fields
