"""Documents in blocks with their truth: what the printed pages show, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from playwright.sync_api import Page

from scripts.synthetic.blocks.browser import Printed, print_html
from scripts.synthetic.blocks.draft import Draft, make_draft
from scripts.synthetic.blocks.items import TRUTH
from scripts.synthetic.blocks.letterhead import BRAND
from scripts.synthetic.blocks.page import invoice_html
from scripts.synthetic.blocks.receipt import receipt_html
from scripts.synthetic.blocks.sales import Sale, in_currency, in_english, make_sale
from scripts.synthetic.blocks.sheets import Sheet, sheet_html
from scripts.synthetic.blocks.style import make_style
from scripts.synthetic.culture import COUNTRIES
from scripts.synthetic.deals import Kind
from scripts.synthetic.documents import CREDIT_SHARE, FieldTruth, field_values, invoice_line_values, vat_values
from scripts.synthetic.draw import chance, pick
from scripts.synthetic.more_countries import MORE_COUNTRIES, every_country
from scripts.synthetic.rendering import Picture

RECEIPT_SHARE = 0.1
COLLECTED_SHARE = 0.3  # of the businesses in drawn layouts; composed ones vary theirs more than a list can
_ATTEMPTS = 8
_CONTINENT = tuple(each for each in (*COUNTRIES, *MORE_COUNTRIES) if each.language != "en")
ROLLS = (58, 72, 80)  # widths of receipt paper in millimetres


@dataclass(frozen=True)
class BlockDocument:
    """A printed document; `values` holds what `printed` shows, and `hidden` what the sale has beside it."""

    language: str
    sale: Sale
    printed: Printed
    places: tuple[FieldTruth, ...]
    values: dict[str, str]

    @property
    def visible(self) -> dict[str, bool]:
        """Whether the pages show the field."""
        shown = {place.name for place in self.places}
        return {name: name in shown for name in self.values}


def make_block_document(page: Page, seed: int, language: str, sheet: Sheet | None = None) -> BlockDocument:
    """The document of the seed: the same arguments give the same one, given the same fonts and browser. One whose text
    leaves its paper is composed anew. Without a `sheet` its blocks are put together at random."""
    for attempt in range(_ATTEMPTS):
        document = _compose(page, np.random.default_rng([seed, 77 + attempt, *language.encode()]), language, sheet)
        if document is not None:
            return document
    raise ValueError(f"nothing of {_ATTEMPTS} tries for seed {seed} in {language} fits its paper; take another seed")


def _fits(draft: Draft, printed: Printed) -> bool:
    """Whether the words of every printed mark stand whole in its places: the edge of the paper cuts nothing off."""
    shown: dict[int, str] = {}
    for place in printed.places:
        shown[place.mark] = shown.get(place.mark, "") + place.text
    return all(_bare(word) in _bare(text) for mark, text in shown.items() for word in draft.ink.marks[mark][1].split())


def _bare(text: str) -> str:
    """Without case and blanks, and without hyphens, which are control characters in the text layer at a line's end."""
    return re.sub(r"[\s\x02\ufffe-]", "", text.casefold())


def _compose(page: Page, rng: np.random.Generator, language: str, sheet: Sheet | None) -> BlockDocument | None:
    """A random document; None where its text leaves the paper."""
    every = every_country(language)
    country = every[0] if chance(rng, 0.5) else pick(rng, every)
    abroad = language == "en" and chance(rng, 0.4)
    if abroad:
        country = pick(rng, _CONTINENT)
    if chance(rng, 0.04):
        country = in_currency(rng, country)
    sale = make_sale(rng, country, _kind(rng, sheet), COLLECTED_SHARE if sheet else 0.0)
    if abroad:
        sale = in_english(rng, sale)
    return composed(page, rng, sale, language, sheet)


def composed(
    page: Page, rng: np.random.Generator, sale: Sale, language: str, sheet: Sheet | None = None
) -> BlockDocument | None:
    """The document of a sale, all else being random; None where its text leaves the paper."""
    country = sale.deal.country
    draft = make_draft(rng, sale, make_style(rng, country.language, country.code), language)
    roll = pick(rng, ROLLS) if sale.deal.kind == "receipt" else None
    if sheet is not None:
        html = sheet_html(draft, sheet, roll)
    else:
        html = invoice_html(draft) if roll is None else receipt_html(draft, roll)
    printed = print_html(page, html, roll)
    if not _fits(draft, printed):
        return None
    places = (*_field_places(draft, printed), *_currency(draft, printed))
    return BlockDocument(language, sale, printed, places, _values(draft, places))


def _kind(rng: np.random.Generator, sheet: Sheet | None) -> Kind:
    if chance(rng, RECEIPT_SHARE) if sheet is None else sheet.is_receipt:
        return "receipt"
    return "credit" if chance(rng, CREDIT_SHARE) else "invoice"


def _field_places(draft: Draft, printed: Printed) -> list[FieldTruth]:
    """The marks that reached a page; the lines of a group are one place."""
    boxes: dict[int, tuple[int, np.ndarray]] = {}
    for place in printed.places:
        box = np.array(place.box)
        if place.mark in boxes and boxes[place.mark][0] == place.page:
            before = boxes[place.mark][1]
            box = np.array([*np.minimum(before[:2], box[:2]), *np.maximum(before[2:], box[2:])])
        if place.mark not in boxes or boxes[place.mark][0] == place.page:
            boxes[place.mark] = (place.page, box)
    groups: dict[str, list[int]] = {}
    for mark, (field, _) in enumerate(draft.ink.marks):
        if mark in boxes:
            groups.setdefault(field if "#" in field else f"{field}#mark{mark}", []).append(mark)
    out = []
    for key, marks in groups.items():
        page = boxes[marks[0]][0]
        parts = np.array([boxes[mark][1] for mark in marks if boxes[mark][0] == page])
        left, top = parts[:, :2].min(axis=0).tolist()
        right, bottom = parts[:, 2:].max(axis=0).tolist()
        joiner = ", " if "address" in key else " "
        text = joiner.join(draft.ink.marks[mark][1] for mark in marks)
        out.append(FieldTruth(key.partition("#")[0], page, (left, top, right, bottom), text))
    if any(place.name == "seller_name" for place in out):
        return [place for place in out if place.name != BRAND]
    return [replace(place, name="seller_name") if place.name == BRAND else place for place in out]


def _currency(draft: Draft, printed: Printed) -> list[FieldTruth]:
    """Labels such as "Total EUR"."""
    code = draft.voice.country.currency
    return [
        FieldTruth("currency_code", page, box, code)
        for page, box, text in printed.lines
        if re.search(rf"\b{code}\b", text)
    ]


def _values(draft: Draft, places: tuple[FieldTruth, ...]) -> dict[str, str]:
    """By contract name, as the printed page has them: the brand where no full name is printed."""
    values = field_values(draft.sale.deal, places)
    shown = {place.name for place in places}
    printed = {place.name: place.text for place in reversed(places)}
    if printed.get("seller_name", "").casefold() == draft.sale.brand.casefold():
        values["seller_name"] = draft.sale.brand
    for name in ("invoice_number", "payment_account_identifier"):
        if name in printed:
            values[name] = printed[name]
    if "buyer_reference" in shown:
        values["buyer_reference"] = printed["buyer_reference"]
    return values


def block_row(document: BlockDocument, pictures: Sequence[Picture], about: dict[str, Any]) -> dict[str, Any]:
    """The index's object of one document, in the form of `generate_documents.index_row`; boxes in pixels."""
    deal = document.sale.deal
    shown = {place.name for place in document.places}
    places = [
        {
            "name": place.name,
            "page": place.page,
            "box": pictures[place.page - 1].box(place.box),
            "text": place.text,
        }
        for place in document.places
    ]
    rows = [
        {name: value for name, value in line.items() if name not in TRUTH or f"invoice_lines.{at}.{name}" in shown}
        for at, line in enumerate(invoice_line_values(deal))
    ]
    return {
        "language": document.language, "pages": len(document.printed.sizes), "truth": document.values,
        "visible": document.visible, "document": deal.kind, "country": deal.country.code,
        "sizes": [[picture.image.shape[1], picture.image.shape[0]] for picture in pictures],
        "invoice_lines": rows, "vat_breakdown": vat_values(deal), "places": places,
        "alternatives": _alternatives(document), **about,
    }  # fmt: skip


def _alternatives(document: BlockDocument) -> dict[str, list[str]]:
    """Values that are as right: other forms of the account, an address printed with its country, the seller's order."""
    accounts = [*document.sale.account.others, document.sale.deal.payment.iban]
    order = document.sale.facts["order_number"]  # its label may be taken for that of the buyer's order
    found = {"payment_account_identifier": accounts, "purchase_order_reference": [str(order)]}
    for name in ("seller_address", "buyer_address"):
        found[name] = [place.text for place in document.places if place.name == name]
    own = document.values
    kept = {
        name: [each for each in dict.fromkeys(values) if each and each != own.get(name)]
        for name, values in found.items()
    }
    return {name: values for name, values in kept.items() if values}
