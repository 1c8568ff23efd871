"""Sellers, buyers and the addresses that are neither, in the ways that documents show them."""

from __future__ import annotations

import functools
import tomllib
from html import escape
from pathlib import Path

from scripts.synthetic.blocks.draft import Draft, Entry, columns, lines
from scripts.synthetic.blocks.html import cell, div, row, table
from scripts.synthetic.draw import pick, whole
from scripts.synthetic.parties import Party, ascii_slug

_DEPARTMENTS = Path(__file__).parents[2] / "names" / "departments.toml"
_SEPARATORS = (", ", " · ", " | ", " - ", " • ", "  ", " – ")


def address_lines(draft: Draft, party: Party, field: str, one_line: float = 0.2) -> list[str]:
    """HTML of street and place, in one line or two; the field's lines are one group."""
    group = f"{field}#{len(draft.ink.marks)}" if field else ""
    street, place = draft.party(group, party.street), draft.party(group, party.place)
    if draft.chance(one_line):
        return [f"{street}{pick(draft.rng, _SEPARATORS[:4])}{place}"]
    out = [street, place]
    if draft.chance(0.12 if party.country == draft.voice.country.code else 0.85):
        out.append(draft.party(group, draft.territory(party)))
    return out


def contact_entries(draft: Draft) -> list[Entry]:
    """Telephone, mail and web of the seller, some of them."""
    return _reached(draft, draft.sale.deal.seller, (0.8, 0.8, 0.6, 0.15))


def _reached(draft: Draft, party: Party, shares: tuple[float, ...]) -> list[Entry]:
    every = [
        (draft.label("phone"), party.phone), (draft.label("email"), party.mail), (draft.label("website"), party.web),
        ("Fax", party.phone[:-2] + f"{whole(draft.rng, 10, 99)}"),
    ]  # fmt: skip
    kept = [each for each, share in zip(every, shares, strict=True) if draft.chance(share)]
    return [(label, escape(value)) for label, value in kept]


def identifier_entries(draft: Draft) -> list[Entry]:
    """VAT and registration number of the seller."""
    seller, out = draft.sale.deal.seller, []
    if seller.registration_identifier and draft.chance(0.6):
        field = "seller_legal_registration_identifier"
        out.append((draft.label(field), draft.ink.show(field, seller.registration_identifier)))
    if draft.chance(0.9):
        out.append((draft.label("seller_vat_identifier"), draft.vat(seller, "seller_vat_identifier")))
    if draft.chance(0.3):
        out.reverse()
    return out


def labelled(draft: Draft, entries: list[Entry]) -> list[str]:
    """ "Label: value" lines, sometimes without the labels of what speaks for itself."""
    bare = draft.chance(0.35)
    own = {draft.label("email"), draft.label("website")}
    return [
        value if bare and label in own else f'<span class="l">{draft.announced(label)}</span> {value}'
        for label, value in entries
    ]


def seller_lines(draft: Draft) -> list[str]:
    """The seller as a block of lines."""
    seller = draft.sale.deal.seller
    name = f'<span class="n">{draft.party("seller_name", seller.name)}</span>'
    out = [name, *address_lines(draft, seller, "seller_address")]
    if draft.sale.brand != seller.name and draft.chance(0.06):
        out.insert(0, escape(draft.sale.brand))
    if draft.chance(0.06):
        out.insert(1, escape(draft.sale.people[0]))
    if draft.chance(0.5):
        out += labelled(draft, contact_entries(draft))
    if draft.chance(0.6):
        out += labelled(draft, identifier_entries(draft))
    return out


def buyer_lines(draft: Draft) -> list[str]:
    """The buyer as a block of lines."""
    buyer, sale = draft.sale.deal.buyer, draft.sale
    assert buyer is not None
    name = f'<span class="n">{draft.party("buyer_name", buyer.name)}</span>'
    address = address_lines(draft, buyer, "buyer_address", 0.12)
    out = [name, *address]
    if draft.chance(0.08):
        out.insert(0, escape(pick(draft.rng, draft.words.sentences["salutations"])))
    if not sale.private:
        out = _with_contacts(draft, out)
        person = (
            f"{pick(draft.rng, ('Attn', 'Att.', 'c/o', draft.label('contact_person')))}{pick(draft.rng, (' ', ': '))}"
        )
        if draft.chance(0.2):
            out.insert(pick(draft.rng, (1, 1, len(out))), person + escape(sale.people[1]))
        if draft.chance(0.08):
            out += labelled(draft, [(draft.label("customer_number"), escape(str(sale.facts["customer_number"])))])
        if draft.chance(0.4):
            out += labelled(draft, [(draft.label("buyer_vat_identifier"), draft.vat(buyer, "buyer_vat_identifier"))])
    if draft.chance(0.3):  # what a customer's record holds is printed with its address
        out += labelled(draft, _reached(draft, buyer, (0.6, 0.6, 0.15, 0.0)))
    return out


def _with_contacts(draft: Draft, block: list[str]) -> list[str]:
    """The block with whom the letter is for, above or below the company, which no word announces."""
    contacts = []
    if draft.chance(0.14):
        contacts.append(draft.sale.people[1])
    if draft.chance(0.1):
        contacts.append(pick(draft.rng, departments(draft.voice.country.language)))
    above = draft.chance(0.5)
    lines_of_contacts = [escape(each.upper() if draft.capitals else each) for each in contacts]
    return [*lines_of_contacts, *block] if above else [block[0], *lines_of_contacts, *block[1:]]


@functools.cache
def departments(language: str) -> tuple[str, ...]:
    """Parts of a company that letters are addressed to."""
    every = tomllib.loads(_DEPARTMENTS.read_text("utf-8"))
    return tuple(every.get(language, every["en"]))


def other_lines(draft: Draft) -> list[str]:
    """Where the goods go: the buyer's name at another address, or another business."""
    party = draft.sale.ship_to
    texts = [each.upper() if draft.capitals else each for each in (party.name, party.street, party.place)]
    return [f'<span class="n">{escape(texts[0])}</span>', *map(escape, texts[1:])]


def sender_line(draft: Draft) -> str:
    """The small line above a letter's address window."""
    seller = draft.sale.deal.seller
    sign = pick(draft.rng, _SEPARATORS)
    name = draft.ink.show("seller_name", seller.name)
    parts = [name, *address_lines(draft, seller, "seller_address", 0.0)[:2]]
    rule = "border-bottom:.5pt solid #555;" if draft.chance(0.5) else ""
    return f'<div style="font-size:.68em;{rule}display:inline-block;margin-bottom:2mm">{sign.join(parts)}</div>'


def party_block(draft: Draft, label: str, body: list[str], frame: str) -> str:
    """A party with or without its label: above, to the left, or as the head of a box."""
    if not label:
        return f"<div>{lines(body)}</div>"
    if frame == "left":
        return table([row((cell(label, "padding-right:5mm;white-space:nowrap", "l"), cell(lines(body))))])
    if frame == "box":
        return (
            f'<div style="border:.7pt solid var(--a);padding:2mm 3mm"><div class="l">{label}</div>{lines(body)}</div>'
        )
    if frame == "head":
        head = f'<div style="background:var(--t);padding:1mm 2mm;font-weight:bold">{label}</div>'
        return f'<div>{head}<div style="padding:1mm 2mm">{lines(body)}</div></div>'
    if frame == "rule":
        return div(div(label, kind="l") + lines(body), "border-left:2pt solid var(--a);padding-left:3mm")
    return f'<div><div class="l">{label}</div>{lines(body)}</div>'


def fields_block(draft: Draft, who: str) -> str:
    """A party as a list of labelled fields is left to a label beside every line: name, address, number."""
    party = draft.sale.deal.seller if who == "seller" else draft.sale.deal.buyer
    assert party is not None
    rows = [(draft.label("seller" if who == "seller" else "bill_to"), draft.ink.show(f"{who}_name", party.name))]
    address = address_lines(draft, party, f"{who}_address", 0.5)
    rows += [("", each) for each in address]
    if who == "seller" or not draft.sale.private:
        rows.append((draft.label(f"{who}_vat_identifier"), draft.vat(party, f"{who}_vat_identifier")))
    body = "".join(
        f'<tr><td class="l" style="padding-right:4mm">{draft.announced(label)}</td><td>{value}</td></tr>'
        for label, value in rows
    )
    return f"<table>{body}</table>"


def parties(draft: Draft, with_seller: bool) -> str:
    """All parties of the document beside or below each other."""
    rng = draft.rng
    if with_seller and draft.chance(0.12):
        return columns([fields_block(draft, "seller"), fields_block(draft, "buyer")], (1, 1))
    frame = pick(rng, ("above", "above", "above", "left", "box", "head", "rule"))
    blocks = []
    if with_seller:
        labelled_pair = draft.chance(0.8)
        seller_label = draft.label("seller") if labelled_pair and draft.chance(0.8) else ""
        blocks.append((seller_label, seller_lines(draft)))
    else:
        labelled_pair = draft.chance(0.6)
    blocks.append((draft.label("bill_to") if labelled_pair else "", buyer_lines(draft)))
    if with_seller and draft.chance(0.25 if labelled_pair else 0.45):
        blocks.reverse()
    if draft.chance(0.2):
        blocks.append((draft.label("ship_to_label"), other_lines(draft)))
    if len(blocks) > 1 and draft.chance(0.12):
        return _table(draft, blocks)
    colon = draft.voice.colon if draft.chance(0.6) else ""
    built = [party_block(draft, label + colon if label else "", body, frame) for label, body in blocks]
    if len(built) == 1:
        sender = sender_line(draft) if draft.chance(0.3) and not with_seller else ""
        return f'<div class="g">{sender}{built[0]}</div>'
    if draft.chance(0.15):
        return "".join(f'<div class="g">{each}</div>' for each in built)
    return columns(built, [whole(rng, 3, 4) for _ in built])


def _table(draft: Draft, blocks: list[tuple[str, list[str]]]) -> str:
    """Labels as the heading row of a table."""
    width = 100 // len(blocks)
    rule = pick(draft.rng, ("border:.6pt solid #888;", "border-bottom:.6pt solid #888;", ""))
    heads = "".join(
        f'<th style="{rule}padding:1mm 2mm;background:var(--t);width:{width}%">{label}</th>' for label, _ in blocks
    )
    cells = "".join(f'<td style="{rule}padding:1mm 2mm">{lines(body)}</td>' for _, body in blocks)
    return f'<table class="g" style="width:100%"><tr>{heads}</tr><tr>{cells}</tr></table>'


def contact_block(draft: Draft) -> str:
    """Who to ask at the seller: a name, a direct line, a mailbox; none of it is a field."""
    person, seller, rng = draft.sale.people[0], draft.sale.deal.seller, draft.rng
    mailbox = f"{ascii_slug(person.split()[0])}@{seller.mail.split('@')[1]}"
    rows = [(draft.label("seller_reference"), person), (draft.label("phone"), f"{seller.phone}-{whole(rng, 10, 99)}")]
    rows += [(draft.label("email"), mailbox)] * draft.chance(0.6)
    return lines(labelled(draft, [(label, escape(value)) for label, value in rows]))
