"""BT-5, the currency: every print of one with its place, joined with the seller's country."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from invoice_connector.evidence.currency import (
    CurrencyBelief,
    Mention,
    Place,
    PrintedCurrency,
    currency_belief,
    find_currencies,
    is_conversion,
    is_statement,
    national_currencies,
)
from invoice_connector.fields.candidates import provenance
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.rows import Row
from invoice_connector.fields.statements import shortened
from invoice_connector.invoice import Alternative, InvoiceField, Violation
from ocr_ensemble.page_layout import same_row

_ASSUMED_BELOW = 0.99  # the probability from which the seller's country alone is enough
_BESIDE = 1.2  # of the line's height: the gap between a total and its currency
_NUMBERS = ("payment_account_identifier", "seller_vat_identifier")  # where the seller's country is printed
_ORDER = (Place.TOTAL, Place.STATED, Place.ROW, Place.HEADING, Place.AMOUNT, Place.ELSEWHERE, Place.CONVERSION)
_OF_AMOUNTS = frozenset({Place.TOTAL, Place.ROW, Place.AMOUNT})
_HAS_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d[.,]\d|\d{4}")
_BEFORE, _BEHIND = re.compile(r"\d ?$"), re.compile(r" ?[-−–]?\d")
_LIKELY_COUNTRY = 0.9
_GUESS = 0.5  # the probability below which a currency that is not printed is not named at all
_SHOWN = 0.01  # the probability from which another currency is shown


@dataclass(frozen=True, slots=True)
class _Print:
    mention: Mention
    segment: Segment
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.segment.text[self.start : self.end]


def currency_field(scene: Scene, chosen: Mapping[str, Chosen]) -> tuple[Chosen | None, tuple[Violation, ...]]:
    """The currency with its probability, and the violations that say that it is only assumed or another one is stated.

    Its place is that of its best print; where none is printed, that of the number that shows the seller's country, or
    of a total. None for a document without totals and any currency, or whose currency anybody may guess.
    """
    totals = {name: item.field for name, item in chosen.items() if name in _TOTALS}
    names = [str(chosen[name].field.value) for name in ("seller_name", "buyer_name") if name in chosen]
    prints = [found for context in scene.contexts for found in _prints(scene, context, totals, names)]
    if not prints and not totals:
        return None, ()
    country = scene.contexts[0].country
    belief = currency_belief([found.mention for found in prints], country)
    best = belief.likeliest
    own = [found for found in prints if best in found.mention.codes]
    own.sort(key=lambda found: (_ORDER.index(found.mention.place), len(found.mention.codes)))
    if not own and not totals and not chosen.keys() & set(_NUMBERS):
        return None, ()  # a sign of another country's money, alone
    if own:
        misread = 1.0 - currency_belief([], country).odds[best]  # what the country expects is not read by mistake
        read = [provenance(found.segment, found.start, found.end)[0] for found in own]
        misread *= math.prod(0.0 if letters is None else 1.0 - letters for letters in read)
        field = _printed_field(own[0], belief, 1.0 - misread)
    else:
        field = _countrys_field(chosen, totals, belief)
    doubts = (*_assumed(belief, field, bool(own)), *_stated_otherwise(prints, best))
    if not own and belief.odds[best] < _GUESS:
        return None, doubts
    facts = {"share": belief.odds[best], "score": 0.0, "receipt": float(scene.receipt)}
    country_says = best in national_currencies(country.likeliest) and country.odds[country.likeliest] >= _LIKELY_COUNTRY
    return Chosen(field, facts | {"printed": float(bool(own)), "country": float(country_says)}), doubts


def due_in_another(rows: Sequence[Row], amounts: Mapping[str, InvoiceField], code: str | None) -> Iterator[Violation]:
    """TOTAL-COMPETES: a row says what is to be paid in another currency than that of the totals, ``code``."""
    known = {field.value for field in amounts.values()}
    for row in rows if code else ():
        text = " ".join(segment.text for segment in row.segments)
        if "amount_due" not in row.terms or is_conversion(text):
            continue
        codes = {codes for one in find_currencies(text, row.context.language) for codes in one.codes}
        other = next((candidate for candidate in row.money if candidate.value not in known), None)
        if codes and code not in codes and other is not None:
            message = (
                f"The page says that {other.text} is to be paid in {' or '.join(sorted(codes))}, and its totals are in "
                f"{code}; look what is to be paid."
            )
            yield Violation("TOTAL-COMPETES", message, ("amount_due",))
            return


_TOTALS = ("total_with_vat", "amount_due", "total_without_vat", "total_vat")


def _prints(
    scene: Scene, context: PageContext, totals: Mapping[str, InvoiceField], names: Sequence[str]
) -> Iterator[_Print]:
    """The currencies that a page names, but for those in a company's name, "Euro Garden SCS", or in one of ``names``,
    those of the seller and the buyer."""
    own = [total for total in totals.values() if total.page == context.page.number]
    for segment in context.segments:
        if scene.kinds[segment].legal_form and not any(map(str.isdigit, segment.text)):
            continue
        found = _outside(names, segment.text, find_currencies(segment.text, context.language))
        several = len({one.codes for one in found}) > 1
        for one in found:
            place = _place(context, segment, (one.start, one.end), own, several)
            yield _Print(Mention(one.codes, place), segment, one.start, one.end)


def _outside(names: Sequence[str], text: str, found: Sequence[PrintedCurrency]) -> list[PrintedCurrency]:
    """Those that do not stand in one of the names."""
    folded = [re.finditer(re.escape(name), text, re.IGNORECASE) for name in names if found]
    taken = [match.span() for matches in folded for match in matches]
    return [one for one in found if not any(start <= one.start and one.end <= end for start, end in taken)]


def _place(
    context: PageContext, segment: Segment, span: tuple[int, int], totals: list[InvoiceField], several: bool
) -> Place:
    text, box = segment.text, segment.box_of(*span)
    if any(same_row(total.box, box) and _gap(total, box.left, box.right) <= _BESIDE * box.height for total in totals):
        return Place.TOTAL
    bracketed = text[: span[0]].rstrip().endswith("(") and any(map(str.isdigit, text))
    if bracketed or is_conversion(text):
        return Place.CONVERSION
    if not several and (_is_labelled(context, segment, span[0]) or is_statement(text)):
        return Place.STATED
    if any(same_row(total.box, box) for total in totals):
        return Place.ROW
    if _BEFORE.search(text[: span[0]]) or _BEHIND.match(text[span[1] :]):
        return Place.AMOUNT
    row = [other.text for other in context.segments if same_row(other.box, box)]
    return Place.ELSEWHERE if several or any(_NUMBER.search(other) for other in row) else Place.HEADING


def _gap(total: InvoiceField, left: float, right: float) -> float:
    return max(left - total.box.right, total.box.left - right, 0.0)


def _is_labelled(context: PageContext, segment: Segment, start: int) -> bool:
    """Whether a label for currencies stands before it, in its line or further left on the row."""
    for label in context.labels:
        if label.meaning("currency_code"):
            before = label.segment is segment and label.end <= start
            beside = label.segment is not segment and label.box.left <= segment.box.left
            if before or (beside and same_row(label.box, segment.box)):
                return True
    return False


def _printed_field(found: _Print, belief: CurrencyBelief, sure: float) -> InvoiceField:
    _, engines = provenance(found.segment, found.start, found.end)
    box, page = found.segment.box_of(found.start, found.end), found.segment.page
    text = found.text
    odds = {code: share * sure for code, share in belief.odds.items() if share >= _SHOWN}
    del odds[belief.likeliest]
    others = tuple(Alternative(code, text, share, page, box) for code, share in odds.items())
    return InvoiceField(
        name="currency_code",
        value=belief.likeliest,
        text=text,
        confidence=belief.odds[belief.likeliest] * sure,
        page=page,
        box=box,
        engines=engines,
        alternatives=others[:3],
    )


def _stated_otherwise(prints: Sequence[_Print], best: str) -> Iterator[Violation]:
    """CURRENCY-DIFFERS: a sentence or a label without a number says which currency the amounts are in, none says that
    of the amounts, and no amount is printed in the stated one."""
    stated = [one for one in prints if one.mention.place is Place.STATED and not _HAS_DIGIT.search(one.segment.text)]
    beside = [one for one in prints if one.mention.place in _OF_AMOUNTS]
    if any(best in one.mention.codes for one in stated):
        return
    for one in stated:
        signs = [other.text for other in beside if not set(one.mention.codes) & set(other.mention.codes)]
        if signs and len(signs) == len(beside):
            message = (
                f"The page says {shortened(one.segment.text)!r}, but its amounts carry {signs[0]!r} ({best}); ask the "
                "seller which currency is meant, and enter it."
            )
            yield Violation("CURRENCY-DIFFERS", message, ("currency_code",))
            return


def _countrys_field(
    chosen: Mapping[str, Chosen], totals: Mapping[str, InvoiceField], belief: CurrencyBelief
) -> InvoiceField:
    numbers = [chosen[name].field for name in _NUMBERS if name in chosen]
    place = next(iter((*numbers, *totals.values())))
    others = [(code, share) for code, share in belief.odds.items() if share >= _SHOWN and code != belief.likeliest]
    return InvoiceField(
        name="currency_code",
        value=belief.likeliest,
        text=place.text,
        confidence=belief.odds[belief.likeliest],
        page=place.page,
        box=place.box,
        engines=place.engines,
        alternatives=tuple(Alternative(code, place.text, share, place.page, place.box) for code, share in others[:3]),
    )


def _assumed(belief: CurrencyBelief, field: InvoiceField, printed: bool) -> tuple[Violation, ...]:
    share = belief.odds[belief.likeliest]
    if belief.named or share >= _ASSUMED_BELOW:
        return ()
    others = ", ".join(str(other.value) for other in field.alternatives)
    printed_alone = f"the pages print only {field.text!r}" if printed else "the pages print none beside the totals"
    or_else = f"; it may be {others}" if others else ""
    message = (
        f"The currency {belief.likeliest} is only assumed (probability {share:.2f}): {printed_alone}, and little says "
        f"in which country the seller is{or_else}; enter the currency that is meant."
    )
    return (Violation("CURRENCY-ASSUMED", message, ("currency_code",)),)
