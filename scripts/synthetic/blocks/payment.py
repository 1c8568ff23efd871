"""How to pay: lines, tables, boxes, a sentence or a slip; and what stands at the foot of the page."""

from __future__ import annotations

from html import escape

from scripts.synthetic.blocks.accounts import printed_account
from scripts.synthetic.blocks.draft import Draft, Entry, columns, lines
from scripts.synthetic.blocks.meta import meta
from scripts.synthetic.blocks.parties import address_lines, contact_entries, identifier_entries, labelled
from scripts.synthetic.blocks.swiss import qr_bill
from scripts.synthetic.draw import pick, whole


def payment_entries(draft: Draft) -> list[Entry]:
    """Bank, account, BIC and reference with their labels."""
    account, rng = draft.sale.account, draft.rng
    payment, field = account.payment, "payment_account_identifier"
    label = {"bankgiro": pick(rng, ("Bankgiro", "BG", "Bankgironr")), "plusgiro": pick(rng, ("Plusgiro", "PG"))}.get(
        payment.account_kind
    )
    if label is None and payment.account_kind == "iban":
        label = draft.label("iban") if draft.chance(0.85) else draft.label("account")
    if label is None:
        label = account.label or draft.label("account") if draft.chance(0.7) else draft.label("account")
    out: list[Entry] = [(label, draft.ink.show(field, printed_account(rng, payment)))]
    if account.routing[1] and draft.chance(0.9):
        out.insert(0 if draft.chance(0.7) else 1, (escape(account.routing[0]), escape(account.routing[1])))
    if payment.iban and payment.iban != payment.account and draft.chance(0.7):
        out.append((draft.label("iban"), escape(payment.iban)))
    if payment.bic and draft.chance(0.75):
        name = "payment_service_provider_identifier"
        out.append((draft.label("bic"), draft.ink.show(name, payment.bic)))
    if draft.chance(0.55):
        out.insert(0 if draft.chance(0.6) else len(out), (draft.label("bank"), escape(payment.bank)))
    if payment.reference:
        name = "remittance_information"
        out.append((draft.label(name), draft.ink.show(name, payment.reference)))
    if draft.chance(0.25):
        holder = draft.ink.show("seller_name", draft.sale.deal.seller.name)
        out.insert(0, (draft.label("payee"), holder))
    return out


def payment(draft: Draft) -> str:
    """The payment part in the flow of the page."""
    if (
        draft.words.qr_bill
        and draft.voice.country.code == "CH"
        and draft.sale.deal.kind == "invoice"
        and draft.chance(0.8)
    ):
        return qr_bill(draft)
    rows = payment_entries(draft)
    form = pick(draft.rng, ("list", "list", "table", "over", "boxes", "inline", "stacked", "slip"))
    if form == "slip":
        return _slip(draft, rows)
    head = f"<b>{draft.label('payment_method')}</b>" if draft.chance(0.3) else ""
    sentence = f"<div>{_pay_sentence(draft)}</div>" if draft.chance(0.25) else ""
    return f'<div class="g">{head}{sentence}{meta(draft, rows, form)}</div>'


def _pay_sentence(draft: Draft) -> str:
    deal = draft.sale.deal
    day = draft.day(deal.due_date, "due_date") if deal.due_date else draft.day(deal.issue_date)
    number = draft.ink.show("invoice_number", deal.number)
    return draft.sentence("pay", amount=draft.money(deal.amount_due, "amount_due"), date=day, number=number)


def _slip(draft: Draft, rows: list[Entry]) -> str:
    """A slip to tear off: payee, payer, account, amount, day."""
    deal = draft.sale.deal
    seller = [
        draft.ink.show("seller_name", deal.seller.name),
        *address_lines(draft, deal.seller, "seller_address", 0.0),
    ]
    buyer = (
        [draft.ink.show("buyer_name", deal.buyer.name), *address_lines(draft, deal.buyer, "buyer_address", 0.0)]
        if deal.buyer
        else []
    )
    cells = [(draft.label("payee"), lines(seller)), (draft.label("bill_to"), lines(buyer)), *rows]
    if deal.due_date:
        cells.append((draft.label("due_date"), draft.day(deal.due_date, "due_date")))
    cells.append((draft.label("amount_due"), draft.money(deal.amount_due, "amount_due")))
    rule = pick(draft.rng, ("border:.6pt solid #555;", "border-bottom:.5pt solid #999;"))
    body = "".join(
        f'<div style="{rule}padding:1mm 2mm"><div style="font-size:.72em">{label}</div>{value}</div>'
        for label, value in cells
    )
    return (
        '<div style="border-top:.8pt dashed #555;padding-top:3mm;margin-top:5mm;break-inside:avoid">'
        f'<div style="display:grid;grid-template-columns:repeat({pick(draft.rng, (2, 3))},1fr)">{body}</div></div>'
    )


def notes(draft: Draft) -> str:
    """Terms, thanks, advertising."""
    deal = draft.sale.deal
    parts = []
    if draft.chance(0.5):
        parts.append(draft.sentence("terms"))
    if deal.payment_terms and draft.chance(0.15):
        parts.append(
            f"{draft.announced(draft.label('payment_terms'))} {draft.ink.show('payment_terms', deal.payment_terms)}"
        )
    if draft.chance(0.35):
        parts.append(draft.label("thank_you"))
    if draft.chance(0.15):
        parts.append(draft.sentence("slogans"))
    if parts and draft.chance(0.2):
        parts.insert(0, f"<b>{draft.label('notes')}</b>")
    size = pick(draft.rng, (0.75, 0.85, 1.0))
    return f'<div class="g" style="font-size:{size}em">{lines(parts)}</div>' if parts else ""


def foot(draft: Draft, needs: frozenset[str]) -> str:
    """The foot: what the page still lacks of `needs` (name, ids, account), and what it repeats."""
    seller, rng = draft.sale.deal.seller, draft.rng
    groups: list[list[str]] = []
    if "name" in needs or draft.chance(0.4):
        name = draft.ink.show("seller_name", seller.name)
        groups.append([name, *(address_lines(draft, seller, "seller_address", 0.3) if draft.chance(0.85) else [])])
    if draft.chance(0.45):
        groups.append(labelled(draft, contact_entries(draft)))
    if "account" in needs:
        groups.append(labelled(draft, payment_entries(draft)))
    if "ids" in needs or draft.chance(0.15):
        groups.append(labelled(draft, identifier_entries(draft)))
    if draft.chance(0.3):
        groups.append(list(dict.fromkeys(draft.sentence("foot") for _ in range(whole(rng, 1, 2)))))
    groups = [group for group in groups if group]
    if not groups:
        return ""
    if draft.chance(0.15):
        rng.shuffle(groups)
    size = f"font-size:{pick(rng, (0.68, 0.75, 0.85))}em;"
    rule = pick(rng, ("", "border-top:.6pt solid var(--a);", "border-top:.5pt solid #999;", "background:var(--t);"))
    if draft.chance(0.15):
        text = "".join(f"<div>{'  '.join(group)}</div>" for group in groups)
        return f'<div style="{size}{rule}padding:2mm 0;text-align:center;white-space:pre-wrap">{text}</div>'
    if draft.chance(0.35):
        sign = pick(rng, (" · ", " | ", ", ", " • ", " - "))
        text = sign.join(part for group in groups for part in group)
        return f'<div style="{size}{rule}padding:2mm 0;text-align:{pick(rng, ("center", "left"))}">{text}</div>'
    inner = columns([lines(group) for group in groups], [whole(rng, 3, 4) for _ in groups])
    return f'<div style="{size}{rule}padding-top:2mm">{inner}</div>'
