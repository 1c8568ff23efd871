"""The six totals chosen together: each term's own candidates, weighed by whether the sums come out.

The joint probability of an assignment is the product of its terms' odds times a bonus for every equation that holds.
It factors at ``total_with_vat``: one side holds net and VAT, the other prepaid, rounding and payable, so that exact
marginal probabilities of every value are cheap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from invoice_connector.fields.amounts import find_percents
from invoice_connector.fields.candidates import Candidate, Kind, second_thoughts
from invoice_connector.fields.early_payment import early_amounts
from invoice_connector.fields.features import Scene, best_link, cash_less_change
from invoice_connector.fields.links import Relation
from invoice_connector.fields.ranking import Chosen, Ranked, field_of, rank
from invoice_connector.fields.rows import Row
from invoice_connector.fields.total_offers import Balances, offer_joined, offer_stacked, offer_without_balance
from invoice_connector.fields.total_scores import Option, Printed, due_score, rounding_score, sum_score
from invoice_connector.fields.vat import rate_shares
from invoice_connector.invoice import CENT, Alternative
from ocr_ensemble.page_layout import same_row
from ocr_ensemble.shelves import Shelves

TERMS = ("total_with_vat", "total_without_vat", "total_vat", "amount_due", "paid_amount", "rounding_amount")
_KEPT = dict(zip(TERMS, (6, 6, 6, 5, 2, 2), strict=True))  # candidates a term may bring
_Mass = dict[Decimal | None, float]  # a value's share of all assignments, not normalised

_UNLABELLED = -3.5  # an amount that nothing names; only sums can bring it in
_INHERITED = -2.5  # the payable amount where only a total is printed, and the other way round
_NAMED_ELSEWHERE = -3.0  # the payable amount as the total where a larger one is called so, and any but that as payable
_NAMED_BY = 0.6  # evidence of a label from which an amount is a charge or a discount
_HINTED = 0.4  # evidence from which an amount is withheld or an old balance: their words are used for nothing else
_NOTHING_LEFT = 3.0  # that nothing is left to pay, where a label says so
_BESIDE_TOTAL = -0.5  # net and VAT that only their row names
_SETTLED = 2.5  # cash less change is this total
_RECEIPT_WITHOUT = -2.0  # a receipt that prints no total
_ABSENT = Option(None, 0.0)


def choose_totals(scene: Scene, rows: Sequence[Row] = ()) -> dict[str, Chosen]:
    """The likeliest consistent set of totals, each with its marginal probability and runner-ups.

    ``rows`` are the document's printed rows. A value is printed, but for the VAT where two taxes beside each other are.
    """
    early = early_amounts(rows)
    rows = tuple(replace(row, amounts=tuple(c for c in row.amounts if c not in early)) for row in rows)
    amounts = [c for c in scene.of_kind(Kind.AMOUNT) if c not in early]
    ranked = {term: [item for item in rank(scene, term) if item.candidate not in early] for term in TERMS}
    payable = _called(scene, amounts, "amount_due")
    totals = _called(scene, amounts, "total_with_vat")
    options = _options(ranked, amounts, payable, totals)
    balances = earlier_balances(scene)
    page = _printed(scene, amounts, options, balances)
    page = replace(page, shares=rate_shares(rows, totals | payable))
    paid = [item for item in ranked["paid_amount"] if abs(item.candidate.amount) not in page.beside]
    _offer_paid(options, paid)
    _offer_row(options, amounts)
    offer_joined(options, rows)
    offer_without_balance(options, amounts, payable, balances)
    if page.receipt:
        _offer_rounded(options, amounts)
        options["total_with_vat"][-1] = Option(None, _RECEIPT_WITHOUT)
    else:
        offer_stacked(options, rows)
    _offer_second_thoughts(options)
    mass: dict[str, _Mass] = {term: {} for term in TERMS}
    best = max((_weigh(whole, options, page, mass) for whole in options["total_with_vat"]), key=lambda item: item[0])
    return {
        term: _field(term, option.candidate, option.voted or option.candidate, mass[term], ranked[term])
        for term, option in zip(TERMS, best[1], strict=True)
        if option.candidate is not None
    }


def earlier_balances(scene: Scene) -> Balances:
    """What labels call a balance brought forward, and the payments that were received for it."""
    amounts = scene.of_kind(Kind.AMOUNT)
    balances = [c.amount for c in amounts if _is_named(scene, c, "_balance", _HINTED)]
    return Balances.of(balances, [c.amount for c in amounts if _is_named(scene, c, "paid_amount", _HINTED)])


def named_amounts(scene: Scene, term: str) -> frozenset[Decimal]:
    """The amounts, without sign, that labels call ``term``, whose words are used for nothing else."""
    return frozenset(abs(c.amount) for c in scene.of_kind(Kind.AMOUNT) if _is_named(scene, c, term, _HINTED))


def _printed(
    scene: Scene, amounts: Sequence[Candidate], options: dict[str, list[Option]], balances: Balances
) -> Printed:
    return Printed(
        rates=_printed_rates(scene),
        amounts=frozenset(c.amount for c in amounts if c.has_mark),
        receipt=scene.receipt,
        settled=cash_less_change(scene) if scene.receipt else frozenset(),
        roundings=frozenset(o.amount for o in options["rounding_amount"] if o.amount and o.score > 0),
        lines_alone=_lines_alone(options, _adjustment(scene, amounts)),
        beside=named_amounts(scene, "_withheld") | {abs(amount) for amount in balances.carried},
        untaxed=named_amounts(scene, "_untaxed"),
        taxes=_sum_of_taxes(scene, amounts),
    )


def _sum_of_taxes(scene: Scene, amounts: Sequence[Candidate]) -> Decimal | None:
    """What all amounts that labels call VAT add up to, each value once; None where there is but one."""
    taxes = {c.amount for c in amounts if c.has_mark and c.amount and _is_named(scene, c, "total_vat")}
    return sum(taxes, Decimal(0)) if len(taxes) > 1 else None


def _weigh(
    whole: Option, options: dict[str, list[Option]], page: Printed, mass: dict[str, _Mass]
) -> tuple[float, tuple[Option, ...]]:
    """The best assignment with this total and its score; adds all assignments with it to ``mass``."""
    pairs = product(options["total_without_vat"], options["total_vat"])
    upper = [(points, pair) for pair in pairs if (points := sum_score(whole, *pair, page)) > -math.inf]
    triples = product(options["amount_due"], options["paid_amount"], options["rounding_amount"])
    lower = [(due_score(whole, *triple, page), triple) for triple in triples]
    score = whole.score + rounding_score(whole, page) + (_SETTLED if whole.amount in page.settled else 0.0)
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
) -> dict[str, list[Option]]:
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
                chosen[term].append(Option(candidate, max(_UNLABELLED, own[term][candidate])))
    return {term: [*found, _ABSENT] for term, found in chosen.items()}


def _best_per_value(scores: dict[Candidate, float], kept: int) -> list[Option]:
    best: dict[Decimal, Option] = {}
    for candidate, score in sorted(scores.items(), key=lambda item: -item[1]):
        if score > _UNLABELLED + 1 and candidate.amount not in best:
            best[candidate.amount] = Option(candidate, min(score, 12.0))
    return list(best.values())[:kept]


def _asked_for(term: str, chosen: dict[str, list[Option]]) -> set[Decimal]:
    """The values that would make net + VAT = total hold with the other two terms' labelled candidates."""
    a, b = (other for other in TERMS[:3] if other != term)
    pairs = product([o.amount for o in chosen[a][:4]], [o.amount for o in chosen[b][:4]])
    values = [(x, y) for x, y in pairs if x is not None and y is not None]
    if term == "total_with_vat":
        return {x + y for x, y in values}
    return {x - y for x, y in values if x != y}  # a is the total with VAT


def _offer_paid(options: dict[str, list[Option]], ranked: Sequence[Ranked]) -> None:
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
            options["paid_amount"].insert(0, Option(item.candidate, max(_UNLABELLED, item.score)))


def _offer_row(options: dict[str, list[Option]], amounts: Sequence[Candidate]) -> None:
    """Adds net and VAT that stand before a likely total on its own row, as in a receipt's table of rates:
    "Total 20.95 2.20 23.15"."""
    likely = {option.amount for option in options["total_with_vat"] if option.score > 0}
    pages: dict[int, Shelves[Candidate]] = {}
    for candidate in amounts:
        pages.setdefault(candidate.page, Shelves()).put(candidate, candidate.box)
    for whole in (candidate for candidate in amounts if candidate.amount in likely):
        beside = pages[whole.page].beside(whole.box)
        before = [c for c in beside if same_row(c.box, whole.box) and c.box.right <= whole.box.left]
        pair = sorted(before, key=lambda c: c.box.left)[-2:]
        if len(pair) < 2 or pair[0].amount + pair[1].amount != whole.amount:
            continue
        for term, candidate in zip(TERMS[1:3], pair, strict=True):
            known = {option.amount: option.score for option in options[term]}
            if candidate.decimals == 2 and known.get(candidate.amount, -math.inf) < _BESIDE_TOTAL:
                others = [option for option in options[term] if option.amount != candidate.amount]
                options[term] = [Option(candidate, _BESIDE_TOTAL), *others]


def _offer_rounded(options: dict[str, list[Option]], amounts: Sequence[Candidate]) -> None:
    """Adds, for every total and printed rounding, the amount that the two make up."""
    wholes = options["total_with_vat"]
    roundings = [o.amount for o in options["rounding_amount"] if o.amount]
    present = {o.amount for o in wholes}
    for whole, rounding in product(tuple(wholes), roundings):
        for candidate in amounts:
            wanted = whole.amount is not None and candidate.amount == whole.amount + rounding
            if wanted and candidate.has_mark and candidate.amount not in present:
                present.add(candidate.amount)
                wholes.insert(0, Option(candidate, whole.score - 0.5))


def _offer_second_thoughts(options: dict[str, list[Option]]) -> None:
    """Adds what amounts would be with the digits that came second in the vote, as unlikely as they were there."""
    for found in options.values():
        present = {option.amount for option in found}
        for option in tuple(found):
            for other, odds in second_thoughts(option.candidate) if option.candidate else ():
                if other.amount not in present:
                    present.add(other.amount)
                    found.insert(-1, Option(other, option.score + odds, option.candidate, odds))


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


def _lines_alone(options: dict[str, list[Option]], adjustment: Decimal) -> frozenset[tuple[Decimal, Decimal]]:
    """Pairs of a total and a sum that charges and discounts lead on from, whichever VAT there is."""
    if not adjustment:
        return frozenset()
    wholes, nets, taxes = ({o.amount for o in options[term] if o.amount is not None} for term in TERMS[:3])
    gaps = [(whole, net, whole - net - vat) for whole, net, vat in product(wholes, nets, taxes | {Decimal(0)})]
    net_totals = {(whole, net) for whole, net, gap in gaps if abs(gap) <= 2 * CENT}
    return frozenset((whole, net) for whole, net, gap in gaps if abs(gap - adjustment) <= 2 * CENT) - net_totals


def _add(mass: _Mass, option: Option, weight: float) -> None:
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
