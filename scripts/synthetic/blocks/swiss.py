"""The payment part of Swiss invoices: SIX, "Swiss Implementation Guidelines QR-bill", version 2.3, chapter 3."""

from __future__ import annotations

from html import escape

from segno import make_qr
from stdnum import iban

from scripts.synthetic.blocks.draft import Draft, lines
from scripts.synthetic.blocks.html import div, span
from scripts.synthetic.draw import chance
from scripts.synthetic.identifiers import spaced
from scripts.synthetic.parties import Party

_MODULES = 33  # of a code that is drawn at random: it says nothing
_QR_BANKS = range(30_000, 32_000)  # whose accounts ask for a QR reference


def qr_bill(draft: Draft) -> str:
    """Receipt and payment part beside each other, on the same page or on one of their own."""
    words = draft.words.qr_bill
    top = "break-before:page;" if draft.chance(0.3) else "border-top:.6pt dashed #333;margin-top:6mm;"
    left = div(_title(words["receipt"]) + _parties(draft, 6.5) + _amount(draft, 6.5), "flex:0 0 34%;padding:3mm 2mm")
    middle = div(_title(words["part"]) + _code(draft) + _amount(draft, 8), "flex:0 0 52mm;padding:3mm 2mm")
    more = _entry(words["information"], draft.ink.show("invoice_number", draft.sale.deal.number), 8)
    right = div(_parties(draft, 8) + (more if draft.chance(0.5) else ""), "flex:1;padding:9mm 2mm 3mm 4mm")
    corner = "border-right:.6pt dashed #333;" if draft.chance(0.6) else ""
    return div(div(left, corner + "display:contents") + middle + right, f"{top}display:flex;break-inside:avoid")


def _title(text: str) -> str:
    return div(escape(text), "font-weight:bold;font-size:11pt;margin-bottom:2mm")


def _entry(label: str, value: str, size: float) -> str:
    head = div(escape(label), f"font-weight:bold;font-size:{size - 1}pt")
    return div(head + div(value, f"font-size:{size}pt"), "margin-bottom:1.6mm;line-height:1.2")


def _parties(draft: Draft, size: float) -> str:
    """Account and payee, reference, payer."""
    deal, words, ink = draft.sale.deal, draft.words.qr_bill, draft.ink
    seller, buyer = deal.seller, deal.buyer
    group = f"seller_address#{len(ink.marks)}"
    account = ink.show("payment_account_identifier", spaced(deal.payment.account))
    payee = [
        account,
        ink.show("seller_name", seller.name),
        ink.show(group, seller.street),
        ink.show(group, seller.place),
    ]
    out = _entry(words["account"], lines(payee), size)
    if deal.payment.reference:
        shown = ink.show("remittance_information", _grouped(deal.payment.reference))
        out += _entry(words["reference"], shown, size)
    if buyer is not None:
        group = f"buyer_address#{len(ink.marks)}"
        payer = [ink.show("buyer_name", buyer.name), ink.show(group, buyer.street), ink.show(group, buyer.place)]
        out += _entry(words["payer"], lines(payer), size)
    return out


def _grouped(reference: str) -> str:
    """Two digits and groups of five, as the standard has QR references; others in groups of four."""
    return f"{reference[:2]} {spaced(reference[2:], 5)}" if len(reference) == 27 else spaced(reference)


def _amount(draft: Draft, size: float) -> str:
    deal, words = draft.sale.deal, draft.words.qr_bill
    currency = _entry(words["currency"], draft.ink.show("currency_code", deal.country.currency), size)
    text = f"{deal.amount_due:,.2f}".replace(",", " ")
    return div(currency + _entry(words["amount"], draft.ink.show("amount_due", text), size), "display:flex;gap:5mm")


def _code(draft: Draft) -> str:
    """The code of the payment; random modules where the invented reference does not belong to the account's bank."""
    squares = [(x, y) for x in range(_MODULES) for y in range(_MODULES) if chance(draft.rng, 0.48)]
    size, text = _MODULES, _payload(draft)
    if text is not None:
        matrix = make_qr(text, error="M", boost_error=False).matrix
        size, squares = len(matrix), [(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]
    path = "".join(f"M{x} {y}h1v1h-1z" for x, y in squares)
    cross = '<path d="M-2.5-2.5h5v5h-5z"/><path d="M-.5-1.5h1v1h1v1h-1v1h-1v-1h-1v-1h1z" fill="#fff"/>'
    middle = f'<g transform="translate({size / 2} {size / 2})">{cross}</g>'
    picture = f'<svg viewBox="0 0 {size} {size}" style="width:46mm;height:46mm"><path d="{path}"/>{middle}</svg>'
    return span(picture)


def _payload(draft: Draft) -> str | None:
    """The text of the code: chapter 4 of the guidelines."""
    deal = draft.sale.deal
    account, reference = deal.payment.account.replace(" ", ""), deal.payment.reference
    wants_qr = account[4:9].isdigit() and int(account[4:9]) in _QR_BANKS
    if not iban.is_valid(account) or wants_qr != (len(reference) == 27) or deal.amount_due <= 0:
        return None
    kind = "QRR" if wants_qr else "SCOR" if reference.startswith("RF") else "NON"
    due = f"{deal.amount_due:.2f}"
    head = ["SPC", "0200", "1", account, *_address(deal.seller), *[""] * 7, due, deal.country.currency]
    tail = [*(_address(deal.buyer) if deal.buyer else [""] * 7), kind, reference if kind != "NON" else "", "", "EPD"]
    return "\n".join([*head, *tail])


def _address(party: Party) -> list[str]:
    return ["S", party.name[:70], party.street[:70], "", party.postal_code[:16], party.city[:35], party.country[:2]]
