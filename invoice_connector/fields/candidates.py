"""Typed values found on a page by their form alone, each with its exact place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import product

from invoice_connector.evidence.date_order import Orders
from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.dates import PrintedDate, find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identifiers import Identifier, find_identifiers
from invoice_connector.fields.wrapped import wrapped_ibans
from invoice_connector.invoice import FieldValue
from ocr_ensemble.fusion.weights import logit
from ocr_ensemble.layout import BoundingBox


class Kind(StrEnum):
    AMOUNT = "amount"
    DATE = "date"
    TOKEN = "token"  # noqa: S105  letters and digits, at least one digit
    IBAN = "iban"
    BIC = "bic"
    BANKGIRO = "bankgiro"
    PLUSGIRO = "plusgiro"
    ORGNR = "orgnr"
    VAT = "vat"
    RF = "rf"
    DIGITS = "digits"
    ACCOUNT = "account"  # Australian and Asian account numbers without check digits
    REGISTER = "register"  # court register and number: HRB 12345


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A value at ``start``..``end`` of a segment. ``confidence``: the lowest of its words', None when unknown.

    ``currency``, ``decimals`` and ``has_mark`` as in ``amounts.Amount``; ``valid`` is the check digits' verdict.
    ``alternatives``: what else the same print can mean; ``shares``: the probabilities of the value and of each of
    them, empty where no odds are known.
    """

    kind: Kind
    value: FieldValue
    text: str
    segment: Segment
    start: int
    end: int
    box: BoundingBox
    confidence: float | None
    engines: tuple[str, ...]
    alternatives: tuple[FieldValue, ...] = ()
    shares: tuple[float, ...] = ()
    currency: str | None = None
    decimals: int = 0
    has_mark: bool = False
    valid: bool | None = None

    @property
    def page(self) -> int:
        return self.segment.page

    @property
    def amount(self) -> Decimal:
        """The value of an AMOUNT candidate."""
        assert isinstance(self.value, Decimal)
        return self.value


_IDENTIFIER_KINDS = (
    Kind.IBAN, Kind.BIC, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ORGNR, Kind.RF, Kind.DIGITS, Kind.ACCOUNT,
)  # fmt: skip
_WITH_LABELS = (Kind.VAT, Kind.REGISTER)  # their own letters may be a label: CHE-123.456.788 MWST, FN 12345, HRB 12345
_WRAPPED = (Kind.IBAN, Kind.ACCOUNT, Kind.DIGITS, Kind.TOKEN)  # what the beginning of a broken one may look like
_LONG_NUMBER = 5  # digits
_OF_MONTH = re.compile(r"\d{1,4}/\d{2}/\d{4}")
_MOST_DOUBTS = 6  # characters of an identifier; beyond it check digits hold by chance
_PHONE = re.compile(r"(?:\+\d{1,3}[ ()\d/-]{6,}|\(?0\d{1,4}\)?[ ]?[-/–][ ]?\d[\d -]{4,})")


def find_candidates(context: PageContext) -> tuple[Candidate, ...]:
    """Every typed value of the page, segment by segment."""
    found: list[Candidate] = []
    for segment in context.segments:
        if any(character.isdigit() for character in segment.text):
            found += _in_segment(context, segment)
        else:
            found += _identifiers(segment, segment.text, (Kind.BIC,))
    wrapped = _wrapped_ibans(context)
    begun = {(iban.segment, iban.start) for iban in wrapped}
    return (*(c for c in found if c.kind not in _WRAPPED or (c.segment, c.start) not in begun), *wrapped)


def _wrapped_ibans(context: PageContext) -> list[Candidate]:
    """IBANs that go on in the line below: "IBAN: ES91 2100 0418" over "4502 0005 1332"."""
    found = []
    for wrapped in wrapped_ibans(context.segments, context.by_height):
        kind = Kind.IBAN if wrapped.value[:1].isalpha() else Kind.ACCOUNT
        first = _candidate(kind, wrapped.upper, (wrapped.start, len(wrapped.upper.text)), wrapped.value)
        rest = _candidate(kind, wrapped.lower, (0, wrapped.end), wrapped.value)
        known = [part.confidence for part in (first, rest) if part.confidence is not None]
        whole = replace(first, text=wrapped.text, box=BoundingBox.union([first.box, rest.box]), valid=True)
        engines = tuple(name for name in first.engines if name in rest.engines)
        found.append(replace(whole, confidence=min(known, default=None), engines=engines))
    return found


def _in_segment(context: PageContext, segment: Segment) -> list[Candidate]:
    labels = [(label.start, label.end) for label in context.labels_of(segment)]
    text = _masked(segment.text, labels, " ")
    dates = find_dates(text, context.orders)
    found = [
        replace(_candidate(Kind.DATE, segment, (d.start, d.end), d.value), alternatives=d.alternatives, shares=d.shares)
        for d in dates
    ]
    found += _date_also_read(segment, text, dates, context.orders)
    identifiers = _identifiers(segment, text, _IDENTIFIER_KINDS)
    own = _identifiers(segment, segment.text, _WITH_LABELS)
    # "VAT NO 123 4567 82" is no Norwegian's.
    identifiers += [c for c in own if not any(a < c.start < b for a, b in labels) or c.text.endswith("MVA")]
    taken = [(d.start, d.end) for d in dates]
    taken += [(c.start, c.end) for c in identifiers if _is_surely_no_amount(c)]
    taken += [match.span() for match in _PHONE.finditer(text)]
    found += identifiers + _amounts(context, segment, _masked(text, taken, "x"))
    days = [(d.start, d.end) for d in dates if not _may_be_number(text, d)]
    whole = list(find_identifiers(segment.text, "series")) or _in_groups(text) or _in_series(text, days)
    used = days + [(number.start, number.end) for number in whole]
    tokens = [t for t in find_identifiers(text, "token") if not any(a <= t.start and t.end <= b for a, b in used)]
    found += [_candidate(Kind.TOKEN, segment, (token.start, token.end), token.value) for token in (*whole, *tokens)]
    return found


def _in_groups(text: str) -> list[Identifier]:
    """A number printed in groups with nothing else but a label, blanked in ``text``, beside it: "76 4410 9922 01"."""
    numbers = [n for n in find_identifiers(text, "digits") if " " in n.text and len(n.value) >= _LONG_NUMBER]
    return [n for n in numbers if not any(c.isalnum() for c in text[: n.start] + text[n.end :])]


def _in_series(text: str, days: Sequence[tuple[int, int]]) -> list[Identifier]:
    """A number with the letters of its series before it or its year set apart, where nothing but a label, blanked in
    ``text``, stands before: "Numero FPR 46/26", "Nr. 9 / 2024"; none of the ``days`` in figures."""
    found = [n for n in find_identifiers(text, "own_series") if not any(a < n.end and n.start < b for a, b in days)]
    return [number for number in found if not any(map(str.isalnum, text[: number.start]))]


def _may_be_number(text: str, day: PrintedDate) -> bool:
    """Whether the print of a day may as well be a number: 20260917, and 12/05/2026 with nothing but a label, blanked in
    ``text``, beside it, which is the twelfth of its month as many a country numbers them."""
    print_ = text[day.start : day.end]
    alone = not any(map(str.isalnum, text[: day.start] + text[day.end :]))
    return print_.isdigit() or (alone and bool(_OF_MONTH.fullmatch(print_)))


def _amounts(context: PageContext, segment: Segment, text: str) -> list[Candidate]:
    return [
        replace(
            _candidate(Kind.AMOUNT, segment, (amount.start, amount.end), amount.value),
            alternatives=amount.alternatives,
            currency=amount.currency,
            decimals=amount.decimals,
            has_mark=amount.has_mark,
        )
        for amount in find_amounts(text, context.mark, context.thousandths)
    ]


def second_thoughts(candidate: Candidate) -> list[tuple[Candidate, float]]:
    """The amount with one digit as it came second in the vote, and the log-odds (at most 0) of that digit."""
    segment, text = candidate.segment, candidate.text
    start = segment.text.find(text, candidate.start, candidate.end)
    found = []
    for place, (digit, share) in segment.second_thoughts(start, start + len(text)).items() if start >= 0 else ():
        at = place - start
        amount = _with_digit(candidate.amount, text, at, digit)
        if amount is not None:
            other = replace(candidate, text=text[:at] + digit + text[at + 1 :], value=amount, alternatives=())
            found.append((other, logit(share)))
    return found


def _with_digit(amount: Decimal, text: str, at: int, digit: str) -> Decimal | None:
    """The amount that ``text`` is with another digit in one place; None where that is no digit of the amount."""
    negative, digits, _ = amount.as_tuple()
    printed = [place for place, char in enumerate(text) if char.isdecimal()]
    whole = "".join(text[place] for place in printed)
    if not digit.isdecimal() or at not in printed or int(whole) != int("".join(map(str, digits))):
        return None
    changed = "".join(digit if place == at else text[place] for place in printed)
    value = Decimal(int(changed)).scaleb(min(0, int(amount.as_tuple().exponent)))
    return -value if negative else value


def _is_surely_no_amount(found: Candidate) -> bool:
    """Ten digits or more of a form with letters, a hyphen or check digits that hold."""
    long = sum(character.isdigit() for character in found.text) >= 10
    return long and (found.kind in (Kind.IBAN, Kind.VAT, Kind.RF) or bool(found.valid))


def _identifiers(segment: Segment, text: str, kinds: Iterable[Kind]) -> list[Candidate]:
    return [
        replace(_candidate(kind, segment, (found.start, found.end), value), text=printed, valid=valid)
        for kind in kinds
        for found in find_identifiers(text, kind.value)
        for printed, value, valid in _as_wholes(segment, found)
    ]


def _date_also_read(segment: Segment, text: str, dates: Sequence[PrintedDate], orders: Orders) -> list[Candidate]:
    """The date that is there with one character as it came second in the vote, where the vote's own reading is none."""
    doubts = segment.second_thoughts(0, len(text))
    if len(doubts) > _MOST_DOUBTS:
        return []
    found = []
    for place, (char, _) in doubts.items():
        changed = text[:place] + char + text[place + 1 :]
        found += [
            replace(
                _candidate(Kind.DATE, segment, (date.start, date.end), date.value),
                text=changed[date.start : date.end].strip(),
                alternatives=date.alternatives,
                shares=date.shares,
            )
            for date in find_dates(changed, orders)
            if date.start <= place < date.end and not any(d.start < date.end and date.start < d.end for d in dates)
        ]
    return found if len(found) == 1 else []


def _as_wholes(segment: Segment, found: Identifier) -> list[tuple[str, str, bool | None]]:
    """The identifier's print, value and verdict as voted and, where its check digits do not hold, as it also was read.

    Characters are voted one by one; the check digits speak for the whole. Of what engines read in those places it has
    to hold in one way only. The vote's own reading stays, as the runner-up.
    """
    voted = (found.text, found.value, found.valid)
    if found.valid is not False:
        return [voted]
    doubts = segment.second_thoughts(found.start, found.end)
    if not 0 < len(doubts) <= _MOST_DOUBTS:
        return [voted]
    choices = [(char, doubts.get(place, (char,))[0]) for place, char in enumerate(found.text, start=found.start)]
    read = {"".join(chars) for chars in product(*(dict.fromkeys(choice) for choice in choices))}
    holding = [
        whole for text in read for whole in find_identifiers(text, found.kind) if whole.valid and whole.text == text
    ]
    return [voted, *((whole.text, whole.value, True) for whole in holding if len(holding) == 1)]


def _candidate(kind: Kind, segment: Segment, span: tuple[int, int], value: FieldValue) -> Candidate:
    start, end = span
    confidence, engines = provenance(segment, start, end)
    text, box = segment.text[start:end].strip(), segment.box_of(start, end)
    return Candidate(kind, value, text, segment, start, end, box, confidence, engines)


def provenance(segment: Segment, start: int, end: int) -> tuple[float | None, tuple[str, ...]]:
    """The lowest confidence of the words of ``text[start:end]`` and the engines that support them all."""
    tokens = segment.tokens_of(start, end)
    known = [token.confidence for token in tokens if token.confidence is not None]
    shared = tuple(name for name in dict.fromkeys(tokens[0].engines) if all(name in token.engines for token in tokens))
    return (min(known) if known else None), shared


def joint_provenance(parts: Iterable[tuple[Segment, int, int]]) -> tuple[float | None, tuple[str, ...]]:
    """The lowest confidence of the words of several texts, as ``provenance`` tells it, and the engines of them all."""
    sources = [provenance(*part) for part in parts]
    known = [sure for sure, _ in sources if sure is not None]
    return min(known, default=None), tuple(name for name in sources[0][1] if all(name in own for _, own in sources))


def _masked(text: str, spans: Iterable[tuple[int, int]], filler: str) -> str:
    for start, end in spans:
        text = text[:start] + filler * (end - start) + text[end:]
    return text
