"""What a candidate is by itself, whatever term it may be: its print, its place on the page, what stands beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.lines import LineKind
from ocr_ensemble.page_layout import same_row
from ocr_ensemble.shelves import Shelves

_PRICE = re.compile(r"\d[.,]\d\d$")
_MOST_ADDENDS = 400  # amounts above one that are looked at for its column's sum
_MOST_DAYS = 100  # that tell one date from another; a year more makes no difference
_MOST_ON_ROW = 6
KIND_CODES = {kind: float(number) for number, kind in enumerate(Kind)}


def own_features(
    contexts: tuple[PageContext, ...], per_page: Sequence[tuple[Candidate, ...]], kinds: Mapping[Segment, LineKind]
) -> dict[Candidate, dict[str, float]]:
    """By ``FEATURE_NAMES``, for the candidates of every page; ``kinds``: what every line looks like."""
    forms = _forms(tuple(candidate for candidates in per_page for candidate in candidates))
    sums: set[Candidate] = set()
    addends: set[Candidate] = set()
    for candidates in per_page:
        for total, parts in column_sums(candidates):
            sums.add(total)
            addends.update(parts)
    own: dict[Candidate, dict[str, float]] = {}
    for index, candidates in enumerate(per_page):
        rows = _Rows(candidates)
        for candidate in candidates:
            own[candidate] = (
                forms[candidate]
                | _place(contexts, index, candidate, rows)
                | {"column_sum": float(candidate in sums), "addend": float(candidate in addends)}
                | _line_form(kinds[candidate.segment])
            )
    return own


def column_sums(candidates: Sequence[Candidate]) -> list[tuple[Candidate, tuple[Candidate, ...]]]:
    """Amounts of one page that are the sum of two or more others right above them, aligned right, with those."""
    amounts = sorted((c for c in candidates if c.kind is Kind.AMOUNT and c.decimals == 2), key=lambda c: -c.box.bottom)
    placed = [(c.box.right, c.box.bottom, int(c.amount * 100)) for c in amounts]  # dense pages have a thousand
    found = []
    for index, candidate in enumerate(amounts):
        box, total, parts = candidate.box, 0, []
        wanted, nearest, lowest = placed[index][2], box.height, box.top + 3
        for at, (right, bottom, cents) in enumerate(placed[index + 1 : index + 1 + _MOST_ADDENDS], index + 1):
            if bottom > lowest or abs(right - box.right) > nearest:
                continue
            total += cents
            parts.append(amounts[at])
            if total == wanted != 0 and len(parts) >= 2:
                found.append((candidate, tuple(parts)))
                break
    return found


def _forms(candidates: Sequence[Candidate]) -> dict[Candidate, dict[str, float]]:
    """What the print of each candidate looks like, beside all others of the document."""
    amounts = [abs(c.amount) for c in candidates if c.kind is Kind.AMOUNT and c.has_mark]
    largest = max(amounts, default=Decimal(1)) or Decimal(1)
    usual = usual_decimals(candidates)
    repeats = Counter((c.kind, c.value) for c in candidates)
    kinds = Counter(c.kind for c in candidates)
    days = sorted({c.value for c in candidates if isinstance(c.value, date)})
    years = {str(day.year) for day in days}
    forms = {}
    for candidate in candidates:
        form = {
            "self_evident": float(_is_self_evident(candidate)),
            "valid": 0.0 if candidate.valid is None else 1.0 if candidate.valid else -1.0,
            "length": min(len(candidate.text), 30) / 30,
            "digits": sum(c.isdigit() for c in candidate.text) / max(1, len(candidate.text)),
            "repeats": min(repeats[candidate.kind, candidate.value] - 1, 4) / 4,
            "engines": float(len(candidate.engines)),
            "priced": float(bool(_PRICE.search(candidate.text))),
            "letters": sum(c.isalpha() for c in candidate.text) / max(1, len(candidate.text)),
            "letter_first": float(candidate.text[:1].isalpha()),
            "separators": sum(not c.isalnum() for c in candidate.text) / max(1, len(candidate.text)),
            "year_inside": float(any(year in candidate.text for year in years)),
            "kind": KIND_CODES[candidate.kind],
            "same_form": min(kinds[candidate.kind] - 1, 20) / 20,
        }
        if candidate.kind is Kind.AMOUNT:
            form |= _amount_form(candidate, largest, usual)
        if isinstance(candidate.value, date) and len(days) > 1:
            form["date_rank"] = days.index(candidate.value) / (len(days) - 1)
            form["days_later"] = min(_MOST_DAYS, (candidate.value - days[0]).days) / _MOST_DAYS
        forms[candidate] = form
    return forms


def _line_form(kind: LineKind) -> dict[str, float]:
    return {"address_line": float(kind.address or kind.postal), "contact_line": float(kind.contact)}


def _is_self_evident(candidate: Candidate) -> bool:
    return candidate.kind is Kind.REGISTER or (
        candidate.kind in (Kind.IBAN, Kind.RF, Kind.VAT) and bool(candidate.valid)
    )


def usual_decimals(candidates: Sequence[Candidate]) -> int:
    """Of the document's amounts: two as a rule, three of dinars, none where none of them has two or three."""
    counts = Counter(candidate.decimals for candidate in candidates if candidate.kind is Kind.AMOUNT)
    return max((2, 3), key=lambda decimals: counts[decimals]) if counts[2] or counts[3] else 0


def _amount_form(candidate: Candidate, largest: Decimal, usual: int) -> dict[str, float]:
    """``usual``: the decimals that the document's amounts have."""
    amount = candidate.amount
    return {
        "currency_mark": float(candidate.currency is not None),
        "two_decimals": float(candidate.decimals == usual),
        "integer": float(not candidate.has_mark and usual > 0),
        "negative": float(amount < 0),
        "zero": float(amount == 0),
        "share_of_largest": float(min(Decimal(1), abs(amount) / largest)),
    }


class _Rows:
    """What stands beside what on one page."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._of_kind: dict[Kind, Shelves[Candidate]] = {}
        for candidate in candidates:
            self._of_kind.setdefault(candidate.kind, Shelves()).put(candidate, candidate.box)
        days = (candidate for candidate in candidates if candidate.kind is Kind.DATE)
        self._first_day = min(days, key=lambda c: c.box.top, default=None)

    def is_last(self, candidate: Candidate) -> bool:
        box = candidate.box
        beside = self._of_kind[candidate.kind].beside(box)
        return not any(c.box.left > box.right and same_row(c.box, box) for c in beside)

    def amounts_beside(self, candidate: Candidate) -> int:
        amounts = self._of_kind.get(Kind.AMOUNT)
        beside = amounts.beside(candidate.box) if amounts is not None else ()
        return sum(c.decimals == 2 and same_row(c.box, candidate.box) for c in beside)

    def beside_date(self, candidate: Candidate) -> bool:
        first = self._first_day
        return first is not None and first is not candidate and same_row(first.box, candidate.box)


def _place(contexts: tuple[PageContext, ...], index: int, candidate: Candidate, rows: _Rows) -> dict[str, float]:
    """Where on the document and on its line the candidate stands."""
    context, segment, box = contexts[index], candidate.segment, candidate.box
    down = min(1.0, max(0.0, box.center[1] / context.page.height))
    return {
        "position": (index + down) / len(contexts),
        "top": 1.0 - down,
        "first_page": float(index == 0),
        "relative_height": min(3.0, box.height / context.line_height),
        "last_on_row": float(rows.is_last(candidate)),
        "date_row": float(rows.beside_date(candidate)),
        "amounts_on_row": min(_MOST_ON_ROW, rows.amounts_beside(candidate)) / _MOST_ON_ROW,
        "pages": min(10, len(contexts)) / 10,
        "from_segment_start": float(not any(c.isalnum() for c in segment.text[: candidate.start])),
        "whole_segment": float(candidate.end - candidate.start >= 0.8 * len(segment.text)),
    }
