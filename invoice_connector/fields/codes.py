"""Terms whose value is a code: the currency and the kind of document."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from invoice_connector.fields.amounts import CURRENCY_CODES, CURRENCY_SIGNS, iso_currency
from invoice_connector.fields.candidates import provenance
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment, same_row
from invoice_connector.fields.labels import title_code
from invoice_connector.fields.ranking import Chosen
from invoice_connector.invoice import InvoiceField

_WORD = re.compile(
    r"(?<![^\W\d_])(?:"
    + "|".join(sorted(CURRENCY_CODES))
    + r"|RM|kr|EURO?S?|Euro|S?Fr\.|zł|Kč|Rs)(?![^\W\d_])|€|£|₹|US\$|S\$|R\$|\$"
)
_GIRO = re.compile(r"\d{2,8}-\d{1,4}")
_COUNTRYS_OWN = 0.8  # that amounts without a sign are in the currency of the account's country
# Words that show a country, where the sign alone leaves several currencies open.
_COUNTRY_HINTS: tuple[tuple[str, str, str], ...] = (
    ("kr", "SEK", r"(?i:\bbankgiro|\bplusgiro|\bf-skatt|\böresavrundning|\böresutjämning)"),  # whatever is sold abroad
    ("kr", "NOK", r"\bmva\b|\bNorge\b|\bNorway\b|\bNO ?\d{9}"),
    ("kr", "DKK", r"\bCVR\b|\bDanmark\b|\bDenmark\b|\bDK ?\d{8}"),
    ("kr", "SEK", r"."),
    ("$", "MYR", r"\bSDN\.? ?BHD|\bMalaysia\b|\bJohor\b|\bSelangor\b|\bKuala Lumpur\b"),
    ("$", "SGD", r"\bSingapore\b|\bPTE\b"),
    ("$", "AUD", r"\bAustralia\b|\bABN\b|\bPTY\b"),
    ("$", "CAD", r"\bCanada\b|\bHST\b"),
    ("$", "USD", r"."),
    ("¥", "CNY", r"\bChina\b"),
    ("¥", "JPY", r"."),
)


def currency_field(scene: Scene, totals: Mapping[str, InvoiceField]) -> Chosen | None:
    """The currency the totals are printed in: named by a label, beside the totals, or anywhere on the pages."""
    votes: dict[str, float] = defaultdict(float)
    places: dict[str, tuple[float, Segment, tuple[int, int]]] = {}
    text = "\n".join(segment.text for context in scene.contexts for segment in context.segments)
    for context in scene.contexts:
        for segment in context.segments:
            for match in _WORD.finditer(segment.text):
                code = _code(match[0], text)
                weight = _weight(context, segment, match.start(), totals)
                votes[code] += weight
                if code not in places or weight > places[code][0]:
                    places[code] = (weight, segment, match.span())
    if not votes:
        return None
    best = max(votes, key=lambda code: votes[code])
    _, segment, (start, end) = places[best]
    share = votes[best] / (sum(votes.values()) + 0.1)
    confidence, engines = provenance(segment, start, end)
    field = InvoiceField(
        name="currency_code",
        value=best,
        text=segment.text[start:end],
        confidence=share if confidence is None else share * confidence,
        page=segment.page,
        box=segment.box_of(start, end),
        engines=engines,
    )
    return Chosen(field, {"share": share, "score": votes[best], "receipt": float(scene.receipt)})


def currency_of_country(chosen: Mapping[str, Chosen]) -> Chosen | None:
    """The currency of the country that the account to pay to, or else the seller's VAT number, belongs to.

    For documents that print amounts without any sign; the place is that of the number.
    """
    from babel.numbers import get_territory_currencies

    for name in ("payment_account_identifier", "seller_vat_identifier"):
        found = chosen.get(name)
        country = None if found is None else _country(name, str(found.field.value))
        if found is None or country is None:
            continue
        currency = next(iter(get_territory_currencies(country)), None)
        if currency is not None:
            confidence = None if found.field.confidence is None else _COUNTRYS_OWN * found.field.confidence
            field = replace(found.field, name="currency_code", value=currency, confidence=confidence, alternatives=())
            return Chosen(field, {"share": _COUNTRYS_OWN, "score": 0.0})
    return None


def _country(term: str, number: str) -> str | None:
    """ISO 3166 code of an IBAN's or VAT number's country; a giro number is Swedish."""
    if term == "payment_account_identifier" and _GIRO.fullmatch(number):
        return "SE"
    country = {"EL": "GR"}.get(number[:2], number[:2])
    return country if country.isalpha() and country.isupper() else None


def type_code_field(contexts: tuple[PageContext, ...]) -> Chosen | None:
    """381 where the document calls itself a credit note, 380 where it calls itself an invoice or receipt."""
    best: tuple[float, str, Segment] | None = None
    for context in contexts[:1]:
        for segment in context.segments:
            if len(segment.text) > 60 or segment.box.center[1] > 0.7 * context.page.height:
                continue
            found = title_code(segment.text)
            if found is None:
                continue
            code, _, share = found
            size = segment.height / context.line_height
            place = 1.0 - segment.box.center[1] / context.page.height
            rank = share + 0.6 * (size - 1.0) + 0.5 * place + (0.25 if code == "381" else 0.0)
            if best is None or rank > best[0]:
                best = (rank, code, segment)
    if best is None:
        return None
    rank, code, segment = best
    confidence, engines = provenance(segment, 0, len(segment.text))
    certainty = min(0.97, 0.5 + 0.3 * rank)
    field = InvoiceField(
        name="invoice_type_code",
        value=code,
        text=segment.text,
        confidence=certainty if confidence is None else certainty * confidence,
        page=segment.page,
        box=segment.box,
        engines=engines,
    )
    return Chosen(field, {"share": certainty, "score": rank})


def _code(printed: str, text: str) -> str:
    known = CURRENCY_SIGNS.get(printed) or (iso_currency(printed) if printed not in CURRENCY_SIGNS else "")
    if known:
        return known
    sign = printed.rstrip(".").lower()
    return next((code for key, code, hint in _COUNTRY_HINTS if key == sign and re.search(hint, text)), printed)


def _weight(context: PageContext, segment: Segment, start: int, totals: Mapping[str, InvoiceField]) -> float:
    """More for a code that a label announces or that stands on the row of a total."""
    weight = 1.0
    for label in context.labels:
        if label.meaning("currency_code") and same_row(label.box, segment.box) and label.box.left <= segment.box.left:
            announced = label.segment is not segment or label.end <= start
            weight += 6.0 if announced else 0.0
    for total in totals.values():
        if total.page == segment.page and same_row(total.box, segment.box):
            weight += 2.0
    return weight
