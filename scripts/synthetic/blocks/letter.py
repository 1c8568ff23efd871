"""Heads of letters: the buyer's address stands where a window envelope shows it, the sender's beside or above it, and
mostly nothing says which is whose."""

from __future__ import annotations

from scripts.synthetic.blocks.draft import Draft, columns
from scripts.synthetic.blocks.html import div
from scripts.synthetic.blocks.letterhead import letterhead, logo
from scripts.synthetic.blocks.meta import entries, meta, title
from scripts.synthetic.blocks.parties import buyer_lines, party_block, seller_lines, sender_line
from scripts.synthetic.draw import pick, whole

_WINDOW_RIGHT = {"FR": 0.85, "BE": 0.6, "SE": 0.7, "NO": 0.4, "DK": 0.25, "FI": 0.3, "CH": 0.6, "IT": 0.75, "ES": 0.6}
_ELSEWHERE = 0.4  # how often the window is at the right in other countries
_LABELLED = 0.15  # how often a party of a letter has a label all the same


def letter_head(draft: Draft) -> str:
    """All above the items: banner, addresses, title and references."""
    rng = draft.rng
    numbered = draft.chance(0.22)
    rows = entries(draft, numbered, False)
    beside = meta(draft, rows, pick(rng, ("list", "table", "stacked"))) if draft.chance(0.3) else ""
    top = _banner(draft)
    addresses = _addresses(draft, beside)
    parts = [title(draft, numbered, False)]
    if not beside:
        listed = meta(draft, rows, pick(rng, ("list", "table", "spread", "boxes", "over", "dots")))
        parts.insert(int(draft.chance(0.7)), listed)
    gap = pick(rng, (4, 8, 14, 22))
    below = "".join(div(part, "margin-bottom:4mm") for part in parts)
    if draft.chance(0.12):
        return top + div(below) + div(addresses, f"margin:{gap}mm 0")
    return top + div(addresses, f"margin:{gap}mm 0") + below


def _banner(draft: Draft) -> str:
    """Something above the addresses, or nothing."""
    align = pick(draft.rng, ("left", "right", "center"))
    if draft.chance(0.3):
        return letterhead(draft, align)
    if draft.chance(0.35):
        return div(logo(draft), f"text-align:{align};margin-bottom:4mm")
    return ""


def _addresses(draft: Draft, beside: str) -> str:
    """Both parties in one row, or the sender's block above the buyer's; ``beside`` goes with the sender's."""
    rng = draft.rng
    right = draft.chance(_WINDOW_RIGHT.get(draft.voice.country.code, _ELSEWHERE))
    buyer = party_block(draft, draft.label("bill_to") if draft.chance(_LABELLED) else "", buyer_lines(draft), "above")
    if draft.chance(0.3):
        buyer = sender_line(draft) + buyer
    seller = _sender(draft, right) + div(beside, "margin-top:4mm")
    drop = div(buyer, f"margin-top:{pick(rng, (0, 0, 6, 14, 24))}mm")
    if draft.chance(0.15):
        side = pick(rng, ("", "text-align:right", "margin-left:60%"))
        return div(seller, f"{side};margin-bottom:6mm") + div(buyer, "margin-left:55%" if right else "")
    pair = [seller, drop] if right else [drop, seller]
    align = pick(rng, ("flex-start", "flex-start", "flex-end"))
    return columns(pair, [whole(rng, 3, 5) for _ in pair], align, pick(rng, (4, 10, 18)))


def _sender(draft: Draft, left: bool) -> str:
    """The sender's own block, at the left or at the right."""
    if draft.chance(0.3):
        return letterhead(draft, "left" if left or draft.chance(0.5) else "right")
    label = draft.label("seller") if draft.chance(_LABELLED / 2) else ""
    block = party_block(draft, label, seller_lines(draft), "above")
    return block if left or draft.chance(0.6) else div(block, "text-align:right")
