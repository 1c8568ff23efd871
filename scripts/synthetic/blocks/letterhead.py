"""Letterheads: a drawn logo, the seller's name or brand, a slogan, and the address in many places or not at all."""

from __future__ import annotations

from scripts.synthetic.blocks.draft import Draft, lines
from scripts.synthetic.blocks.html import div
from scripts.synthetic.blocks.parties import address_lines, contact_entries, identifier_entries, labelled
from scripts.synthetic.draw import pick, whole

BRAND = "seller_brand"  # a mark that shows the seller's name where no page has it in full


def logo(draft: Draft) -> str:
    """A shape in the accent colour."""
    rng = draft.rng
    side = whole(rng, 9, 22)
    shape = pick(rng, (
        '<circle cx="50" cy="50" r="46" fill="{a}"/>', '<rect x="6" y="6" width="88" height="88" rx="14" fill="{a}"/>',
        '<path d="M50 4 96 90H4z" fill="{a}"/>', '<path d="M50 4 92 27v46L50 96 8 73V27z" fill="{a}"/>',
        '<circle cx="38" cy="50" r="32" fill="{a}"/><circle cx="66" cy="50" r="28" fill="{a}" opacity=".5"/>',
        '<rect x="8" y="50" width="20" height="44" fill="{a}"/><rect x="40" y="26" width="20" height="68" fill="{a}"/>'
        '<rect x="72" y="6" width="20" height="88" fill="{a}"/>',
        '<path d="M4 80Q50 -40 96 80" fill="none" stroke="{a}" stroke-width="14"/>',
        '<path d="M10 90V10L50 60 90 10V90" fill="none" stroke="{a}" stroke-width="12"/>',
        '<ellipse cx="50" cy="50" rx="48" ry="26" fill="none" stroke="{a}" stroke-width="8"/>',
    )).format(a=draft.style.accent)  # fmt: skip
    return f'<svg viewBox="0 0 100 100" style="width:{side}mm;height:{side}mm">{shape}</svg>'


def brand(draft: Draft) -> str:
    """The name as large text: in full, or as the brand without the legal form, which is no field unless it is all."""
    seller, rng = draft.sale.deal.seller, draft.rng
    full = draft.sale.brand == seller.name or draft.chance(0.6)
    text = seller.name if full else draft.sale.brand
    if draft.chance(0.2):
        text = text.upper()
    shown = draft.ink.show("seller_name" if full else BRAND, text)
    css = f"font-size:{float(rng.choice([1.2, 1.4, 1.7, 2.1, 2.6])):.1f}em;line-height:1.15;"
    css += pick(rng, ("font-weight:bold;", "font-weight:bold;", "", "letter-spacing:.06em;"))
    css += pick(rng, ("color:var(--a);", "color:var(--a);", ""))
    return f'<div class="h" style="{css}">{shown}</div>'


def letterhead(draft: Draft, align: str) -> str:
    """What stands at the head: `align` is left, center or right."""
    rng, seller = draft.rng, draft.sale.deal.seller
    kind = pick(rng, ("both", "both", "name", "name", "name", "logo"))
    name = brand(draft) if kind != "logo" else ""
    slogan = (
        f'<div style="font-style:italic;font-size:.9em">{draft.sentence("slogans")}</div>' if draft.chance(0.25) else ""
    )
    words = [slogan, name] if draft.chance(0.3) else [name, slogan]
    details: list[str] = []
    if draft.chance(0.65):
        if kind == "logo" and draft.chance(0.7):
            details.append(f'<span class="n">{draft.ink.show("seller_name", seller.name)}</span>')
        details += address_lines(draft, seller, "seller_address", 0.35)
        details += labelled(draft, contact_entries(draft)) if draft.chance(0.7) else []
        details += labelled(draft, identifier_entries(draft)) if draft.chance(0.35) else []
    if details and draft.chance(0.2):
        details = [pick(rng, (" · ", " | ", ", ", " • ")).join(details)]
    small = f'<div style="font-size:{pick(rng, (0.8, 0.9, 1.0))}em">{lines(details)}</div>'
    text = f"<div>{''.join(words)}</div>"
    picture = logo(draft) if kind != "name" else ""
    side = {"left": "flex-start", "center": "center", "right": "flex-end"}[align]
    mode = pick(rng, ("stack", "stack", "beside", "split", "band"))
    if mode == "split" and align == "left":
        right = f'<div style="text-align:{pick(rng, ("right", "left"))}">{small}</div>'
        return f'<div class="row" style="align-items:flex-start"><div>{picture}{text}</div>{right}</div>'
    if mode == "band" and not details:
        text = text.replace("color:var(--a);", "")
        return (
            f'<div style="background:var(--a);color:#fff;padding:4mm 5mm;text-align:{align}">{text}</div>'
            if name
            else picture
        )
    if mode == "beside":
        inner = f"<div>{picture}</div><div>{text}{small}</div>"
        return div(inner, f"display:flex;gap:4mm;justify-content:{side};text-align:{align};align-items:center")
    return f'<div style="text-align:{align}">{picture}{text}{small}</div>'
