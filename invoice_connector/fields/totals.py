"""The six totals chosen together: each term's own candidates, weighed by whether the sums come out.

The joint probability of an assignment is the product of its terms' odds times a bonus for every equation that holds.
It factors at ``total_with_vat``: one side holds net and VAT, the other prepaid, rounding and payable, so that exact
marginal probabilities of every value are cheap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.candidates import Candidate, Kind, second_thoughts
from invoice_connector.fields.features import Scene, best_link, cash_less_change
from invoice_connector.fields.geometry import same_row
from invoice_connector.fields.links import Relation
from invoice_connector.fields.ranking import Chosen, Ranked, field_of, rank
from invoice_connector.fields.rows import Row
from invoice_connector.fields.side_by_side import TaxRow, joined, joined_taxes
from invoice_connector.invoice import Alternative
from invoice_connector.vat_rates import highest_rate

TERMS = ("total_with_vat", "total_without_vat", "total_vat", "amount_due", "paid_amount", "rounding_amount")
CENT = Decimal("0.01")
_KEPT = dict(zip(TERMS, (6, 6, 6, 5, 2, 2), strict=True))  # candidates a term may bring
_Mass = dict[Decimal | None, float]  # a value's share of all assignments, not normalised

_UNLABELLED = -3.5  # an amount that nothing names; only sums can bring it in
_INHERITED = -1.2  # the payable amount where only a total is printed, and the other way round
_NAMED_ELSEWHERE = -3.0  # the payable amount as the total where a larger one is called so, and any but that as payable
_SUM_HOLDS, _SUM_FAILS = 3.0, -2.5
_RATE_PRINTED = 1.2
_BEFORE_ADJUSTMENT = 6.0  # what speaks against a net amount that charges and discounts lead on from
_NAMED_BY = 0.6  # evidence of a label from which an amount is a charge or a discount
_HINTED = 0.4  # evidence from which an amount is withheld or an old balance: their words are used for nothing else
_ROUNDED = 3.5
_DUE_HOLDS, _DUE_FAILS = 2.0, -2.5
_NOTHING_LEFT = 3.0  # that nothing is left to pay, where a label says so
_BESIDE_TOTAL = -0.5  # net and VAT that only their row names
_BESIDE = ("_withheld", "_balance")
_JOINED = 2.0  # two taxes whose names say that they stand beside each other
_SETTLED = 2.5  # cash less change is this total
_RECEIPT_WITHOUT = -2.0  # a receipt that prints no total


@dataclass(frozen=True, slots=True, eq=False)
class _Option:
    """A value for one term; candidate None says that the term is not printed. Where the candidate is what came second
    in the vote, ``voted`` is what won there, and ``odds``, at most 0, is the part of the score that it lost by."""

    candidate: Candidate | None
    score: float
    voted: Candidate | None = None
    odds: float = 0.0

    @property
    def amount(self) -> Decimal | None:
        return None if self.candidate is None else self.candidate.amount


@dataclass(frozen=True, slots=True)
class _Printed:
    """What the pages print: rates in per cent, amounts, whether they are a receipt's, what was paid on the spot, and
    what is labelled as rounding; ``lines_alone`` has the pairs of a total and a sum that is not yet the net total;
    ``beside``: what is withheld, and the balance brought forward, which no invoice's own total explains."""

    rates: frozenset[Decimal]
    amounts: frozenset[Decimal]
    receipt: bool
    settled: frozenset[Decimal]
    roundings: frozenset[Decimal]
    lines_alone: frozenset[tuple[Decimal, Decimal]]
    beside: frozenset[Decimal]

    def is_rounded(self, whole: Decimal, rounding: Decimal) -> bool:
        """Whether a total is the one after rounding, since the one before is not printed."""
        others = {whole - rounding, whole + rounding}
        return rounding in self.roundings and not others & self.amounts


_ABSENT = _Option(None, 0.0)


def choose_totals(scene: Scene, rows: Sequence[Row] = ()) -> dict[str, Chosen]:
    """The likeliest consistent set of totals, each with its marginal probability and runner-ups.

    ``rows`` are the document's printed rows. A value is printed, but for the VAT where two taxes beside each other are.
    """
    amounts = scene.of_kind(Kind.AMOUNT)
    ranked = {term: rank(scene, term) for term in TERMS}
    settled = cash_less_change(scene) if scene.receipt else frozenset()
    options = _options(
        ranked, amounts, _called(scene, amounts, "amount_due"), _called(scene, amounts, "total_with_vat")
    )
    printed = frozenset(c.amount for c in amounts if c.has_mark)
    roundings = frozenset(o.amount for o in options["rounding_amount"] if o.amount and o.score > 0)
    alone = _lines_alone(options, _adjustment(scene, amounts))
    beside = frozenset(abs(c.amount) for c in amounts if any(_is_named(scene, c, term, _HINTED) for term in _BESIDE))
    page = _Printed(_printed_rates(scene), printed, scene.receipt, settled, roundings, alone, beside)
    paid = [item for item in ranked["paid_amount"] if abs(item.candidate.amount) not in beside]
    _offer_paid(options, paid)
    _offer_row(options, amounts)
    _offer_joined(options, joined_taxes(rows))
    if page.receipt:
        _offer_rounded(options, amounts)
        options["total_with_vat"][-1] = _Option(None, _RECEIPT_WITHOUT)
    _offer_second_thoughts(options)
    mass: dict[str, _Mass] = {term: {} for term in TERMS}
    best = max((_weigh(whole, options, page, mass) for whole in options["total_with_vat"]), key=lambda item: item[0])
    return {
        term: _field(term, option.candidate, option.voted or option.candidate, mass[term], ranked[term])
        for term, option in zip(TERMS, best[1], strict=True)
        if option.candidate is not None
    }


def _weigh(
    whole: _Option, options: dict[str, list[_Option]], page: _Printed, mass: dict[str, _Mass]
) -> tuple[float, tuple[_Option, ...]]:
    """The best assignment with this total and its score; adds all assignments with it to ``mass``."""
    pairs = product(options["total_without_vat"], options["total_vat"])
    upper = [(points, pair) for pair in pairs if (points := _sum_score(whole, *pair, page)) > -math.inf]
    triples = product(options["amount_due"], options["paid_amount"], options["rounding_amount"])
    lower = [(_due_score(whole, *triple, page), triple) for triple in triples]
    score = whole.score + (_SETTLED if whole.amount in page.settled else 0.0)
    base = math.exp(score)
    up, low = (sum(math.exp(points) for points, _ in side) for side in (upper, lower))
    _add(mass["total_with_vat"], whole, base * up * low)
    for terms, side, other in ((TERMS[1:3], upper, low), (TERMS[3:], lower, up)):
        for points, chosen in side:
            for term, option in zip(terms, chosen, strict=True):
                _add(mass[term], option, base * other * math.exp(points))
    top_upper, top_lower = max(upper, key=lambda item: item[0]), max(lower, key=lambda item: item[0])
    return score + top_upper[0] + top_lower[0], (whole, *top_upper[1], *top_lower[1])


def _called(scene: Scene, amounts: Sequence[Candidate], term: str) -> frozenset[Decimal]:
    """The amounts that a label of their own calls payable, or the total: one that does not name the other as well."""
    (other,) = {"amount_due", "total_with_vat"} - {term}
    links = ((candidate, *best_link(scene, candidate, term)) for candidate in amounts)
    return frozenset(
        candidate.amount
        for candidate, link, value in links
        if link is not None and value > _NAMED_BY and not link.label.meaning(other)
    )


def _options(
    ranked: dict[str, list[Ranked]],
    amounts: Sequence[Candidate],
    payable: frozenset[Decimal],
    totals: frozenset[Decimal],
) -> dict[str, list[_Option]]:
    """Per term the best candidates, one per value, those that sums would ask for, and "not printed"."""
    own = {term: {item.candidate: item.score for item in items} for term, items in ranked.items()}
    for candidate in amounts:  # a lone total is payable; a lone payable amount is the total
        total, due = own["total_with_vat"][candidate], own["amount_due"][candidate]
        if not payable:
            own["amount_due"][candidate] = max(due, total + _INHERITED)
        elif candidate.amount not in payable:
            own["amount_due"][candidate] = due + _NAMED_ELSEWHERE
        named = any(amount > candidate.amount for amount in totals)
        own["total_with_vat"][candidate] = max(total, due + (_NAMED_ELSEWHERE if named else _INHERITED))
    for candidate in amounts:  # "Balance due 0.00"
        if candidate.amount == 0 and candidate.amount in payable:
            own["amount_due"][candidate] = max(own["amount_due"][candidate], _NOTHING_LEFT)
    chosen = {term: _best_per_value(scores, _KEPT[term]) for term, scores in own.items()}
    for term in TERMS[:3]:
        wanted = _asked_for(term, chosen)
        present = {option.amount for option in chosen[term]}
        for candidate in amounts:
            if candidate.amount in wanted - present and candidate.has_mark:
                present.add(candidate.amount)
                chosen[term].append(_Option(candidate, max(_UNLABELLED, own[term][candidate])))
    return {term: [*found, _ABSENT] for term, found in chosen.items()}


def _best_per_value(scores: dict[Candidate, float], kept: int) -> list[_Option]:
    best: dict[Decimal, _Option] = {}
    for candidate, score in sorted(scores.items(), key=lambda item: -item[1]):
        if score > _UNLABELLED + 1 and candidate.amount not in best:
            best[candidate.amount] = _Option(candidate, min(score, 12.0))
    return list(best.values())[:kept]


def _asked_for(term: str, chosen: dict[str, list[_Option]]) -> set[Decimal]:
    """The values that would make net + VAT = total hold with the other two terms' labelled candidates."""
    a, b = (other for other in TERMS[:3] if other != term)
    pairs = product([o.amount for o in chosen[a][:4]], [o.amount for o in chosen[b][:4]])
    values = [(x, y) for x, y in pairs if x is not None and y is not None]
    if term == "total_with_vat":
        return {x + y for x, y in values}
    return {x - y for x, y in values if x != y}  # a is the total with VAT


def _offer_paid(options: dict[str, list[_Option]], ranked: Sequence[Ranked]) -> None:
    """Adds the printed amounts that lie between a labelled total and a smaller labelled payable amount."""
    labelled = (
        [o.amount for o in options[term] if o.amount is not None and o.score > 0][:3]
        for term in ("total_with_vat", "amount_due")
    )
    wanted = {whole - due for whole, due in product(*labelled) if whole > due >= 0}
    present = {abs(o.amount) for o in options["paid_amount"] if o.amount is not None}
    for item in ranked:
        amount = abs(item.candidate.amount)
        if amount in wanted - present and item.candidate.has_mark:
            present.add(amount)
            options["paid_amount"].insert(0, _Option(item.candidate, max(_UNLABELLED, item.score)))


def _offer_row(options: dict[str, list[_Option]], amounts: Sequence[Candidate]) -> None:
    """Adds net and VAT that stand before a likely total on its own row, as in a receipt's table of rates:
    "Total 20.95 2.20 23.15"."""
    likely = {option.amount for option in options["total_with_vat"] if option.score > 0}
    for whole in amounts:
        before = [
            c for c in amounts if c.page == whole.page and same_row(c.box, whole.box) and c.box.right <= whole.box.left
        ]
        pair = sorted(before, key=lambda c: c.box.left)[-2:]
        if whole.amount not in likely or len(pair) < 2 or pair[0].amount + pair[1].amount != whole.amount:
            continue
        for term, candidate in zip(TERMS[1:3], pair, strict=True):
            known = {option.amount: option.score for option in options[term]}
            if candidate.decimals == 2 and known.get(candidate.amount, -math.inf) < _BESIDE_TOTAL:
                others = [option for option in options[term] if option.amount != candidate.amount]
                options[term] = [_Option(candidate, _BESIDE_TOTAL), *others]


def _offer_joined(options: dict[str, list[_Option]], choices: Iterable[tuple[TaxRow, ...]]) -> None:
    """Adds the sums of taxes beside each other that lead from a net total to one with VAT; then none of them alone is
    the VAT."""
    totals = [[o for o in options[term] if o.amount is not None] for term in TERMS[:2]]
    gaps = {whole.amount - net.amount for whole, net in product(*totals) if whole.amount and net.amount is not None}
    for taxes in choices:
        whole = joined(taxes)
        if whole.amount in gaps:
            parts = {tax.amount.amount for tax in taxes}
            others = [o for o in options["total_vat"] if o.amount not in parts | {whole.amount}]
            options["total_vat"] = [_Option(whole, _JOINED, taxes[0].amount), *others]
            return


def _offer_rounded(options: dict[str, list[_Option]], amounts: Sequence[Candidate]) -> None:
    """Adds, for every total and printed rounding, the amount that the two make up."""
    wholes = options["total_with_vat"]
    roundings = [o.amount for o in options["rounding_amount"] if o.amount]
    present = {o.amount for o in wholes}
    for whole, rounding in product(tuple(wholes), roundings):
        for candidate in amounts:
            wanted = whole.amount is not None and candidate.amount == whole.amount + rounding
            if wanted and candidate.has_mark and candidate.amount not in present:
                present.add(candidate.amount)
                wholes.insert(0, _Option(candidate, whole.score - 0.5))


def _offer_second_thoughts(options: dict[str, list[_Option]]) -> None:
    """Adds what amounts would be with the digits that came second in the vote, as unlikely as they were there."""
    for found in options.values():
        present = {option.amount for option in found}
        for option in tuple(found):
            for other, odds in second_thoughts(option.candidate) if option.candidate else ():
                if other.amount not in present:
                    present.add(other.amount)
                    found.insert(-1, _Option(other, option.score + odds, option.candidate, odds))


def _adjustment(scene: Scene, amounts: Sequence[Candidate]) -> Decimal:
    """Charges less discounts of the whole document, each amount counted once."""
    signed = {
        (sign, abs(candidate.amount))
        for candidate in amounts
        for term, sign in (("_charge", 1), ("_allowance", -1))
        if candidate.has_mark and _is_named(scene, candidate, term)
    }
    return sum((sign * amount for sign, amount in signed), Decimal(0))


def _is_named(scene: Scene, candidate: Candidate, term: str, least: float = _NAMED_BY) -> bool:
    link, value = best_link(scene, candidate, term)
    return link is not None and value > least and link.relation is not Relation.COLUMN


def _lines_alone(options: dict[str, list[_Option]], adjustment: Decimal) -> frozenset[tuple[Decimal, Decimal]]:
    """Pairs of a total and a sum that charges and discounts lead on from, whichever VAT there is."""
    if not adjustment:
        return frozenset()
    wholes, nets, taxes = ({o.amount for o in options[term] if o.amount is not None} for term in TERMS[:3])
    gaps = [(whole, net, whole - net - vat) for whole, net, vat in product(wholes, nets, taxes | {Decimal(0)})]
    net_totals = {(whole, net) for whole, net, gap in gaps if abs(gap) <= 2 * CENT}
    return frozenset((whole, net) for whole, net, gap in gaps if abs(gap - adjustment) <= 2 * CENT) - net_totals


def _sum_score(whole: _Option, net: _Option, vat: _Option, page: _Printed) -> float:
    score = net.score + vat.score
    if net.candidate is not None and net.candidate is vat.candidate:
        return -math.inf
    if (whole.amount, net.amount) in page.lines_alone:
        score -= _BEFORE_ADJUSTMENT
    if _is_too_much(whole.amount, net.amount, vat.amount):
        return -math.inf
    if None in (whole.amount, net.amount, vat.amount):
        if whole.amount is not None and net.amount is not None and abs(net.amount) > abs(whole.amount):
            score -= 2.0
        if whole.amount is not None and vat.amount is not None and abs(vat.amount) >= abs(whole.amount):
            score -= 2.0
        return score
    assert whole.amount is not None and net.amount is not None and vat.amount is not None
    if vat.amount * net.amount < 0:
        return -math.inf
    before_rounding = [whole.amount, *(whole.amount - r for r in page.roundings if page.is_rounded(whole.amount, r))]
    tolerance = 5 * CENT if page.receipt else 2 * CENT
    if all(abs(net.amount + vat.amount - amount) > tolerance for amount in before_rounding):
        taxed = {net.amount * rate / 100 for rate in page.rates}
        return score + (0.0 if any(abs(vat.amount - tax) <= CENT for tax in taxed) and vat.amount else _SUM_FAILS)
    if vat.amount == 0 or net.amount == 0:
        return score + 1.0
    rate = abs(vat.amount / net.amount * 100)
    printed = any(abs(rate - known) <= Decimal("0.15") for known in page.rates)
    return score + _SUM_HOLDS + (_RATE_PRINTED if printed else 0.0)


def _is_too_much(whole: Decimal | None, net: Decimal | None, vat: Decimal | None) -> bool:
    """Whether the VAT is a larger share of what it is on than any country has ever taken."""
    if vat is None or (net is None and whole is None):
        return False
    base = abs(net) if net is not None else abs(whole or 0) - abs(vat)
    return abs(vat) > base * highest_rate() / 100 + CENT


def _due_score(whole: _Option, due: _Option, paid: _Option, rounding: _Option, page: _Printed) -> float:
    score = due.score + paid.score + rounding.score
    if due.voted is not None and (due.voted, due.amount) == (whole.voted, whole.amount):
        score -= due.odds  # the same print, and one doubt
    # A receipt's total is the rounded one.
    if page.receipt and whole.amount is not None and rounding.amount in page.roundings:
        score += _ROUNDED if whole.amount - rounding.amount in page.amounts else 0.0
        score -= _ROUNDED if whole.amount + rounding.amount in page.amounts else 0.0
    if due.amount is None:
        return score - (2.0 if paid.amount else 0.0)
    if whole.amount is None:
        return score - 1.0
    expected = whole.amount - abs(paid.amount or Decimal(0))
    payable = {expected + (rounding.amount or Decimal(0))}
    if page.receipt or page.is_rounded(whole.amount, rounding.amount or Decimal(0)):
        payable.add(expected)
    if any(abs(due.amount - amount) <= CENT for amount in payable):
        return score + _DUE_HOLDS
    gaps = {abs(due.amount - amount) for amount in (*payable, expected)}
    if any(abs(gap - other) <= CENT for gap in gaps for other in page.beside):
        return score + _DUE_HOLDS
    return score + _DUE_FAILS


def _add(mass: _Mass, option: _Option, weight: float) -> None:
    mass[option.amount] = mass.get(option.amount, 0.0) + weight


def _field(term: str, candidate: Candidate, voted: Candidate, mass: _Mass, ranked: Sequence[Ranked]) -> Chosen:
    whole = sum(mass.values())
    shares = {value: weight / whole for value, weight in mass.items() if value is not None}
    runner_ups = sorted((v for v in shares if v != candidate.amount and shares[v] >= 0.02), key=lambda v: -shares[v])
    places = {item.candidate.amount: item.candidate for item in reversed(ranked)}
    alternatives = [Alternative(v, candidate.text, None, candidate.page, candidate.box) for v in candidate.alternatives]
    alternatives += [
        Alternative(v, places[v].text, shares[v], places[v].page, places[v].box) for v in runner_ups[:3] if v in places
    ]
    field = field_of(term, candidate, shares[candidate.amount], tuple(alternatives[:3]))
    if term == "paid_amount":  # "-50.00" before "amount due" is a subtraction; what was paid is 50.00
        field = replace(field, value=abs(candidate.amount))
    own = next(item for item in ranked if item.candidate is voted)
    second = max((share for value, share in shares.items() if value != candidate.amount), default=0.0)
    margin = math.log(shares[candidate.amount] + 1e-6) - math.log(second + 1e-6)
    return Chosen(field, {**own.facts, "score": own.score, "share": shares[candidate.amount], "margin": margin})


def _printed_rates(scene: Scene) -> frozenset[Decimal]:
    return frozenset(
        rate for context in scene.contexts for segment in context.segments for _, _, rate in find_percents(segment.text)
    )
