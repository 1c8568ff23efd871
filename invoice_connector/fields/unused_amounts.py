"""Amounts that labels name and the totals chosen together leave out, since they break a sum: the sums still hold them
to it, so that a net total, VAT or total that does not fit is said and not only absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.links import Relation
from invoice_connector.invoice import CENT, Invoice, Violation

_PARTS = ("total_without_vat", "total_vat", "total_with_vat")
_WORDS = {"total_without_vat": "total without VAT", "total_vat": "VAT", "total_with_vat": "total with VAT"}
_NAMED_BY = 0.6  # evidence of a label from which an amount is called so
_MOST = 4  # labelled amounts of one term of which sums are tried


def left_out_amounts(scene: Scene, values: Mapping[str, Decimal], rest: Invoice) -> Iterator[Violation]:
    """BR-CO-15: of net, VAT and total one was not chosen, although labels name amounts so, and none of these, alone or
    added up as the VAT of several rates is, makes the sum come out.

    ``values``: the chosen totals; ``rest``: what else was found, such as the VAT of each rate and a tip beside the sum.
    """
    missing = [name for name in _PARTS if name not in values]
    if len(missing) != 1:
        return
    (name,) = missing
    labelled = _labelled(scene, name, frozenset(abs(value) for value in values.values()))
    if not labelled:
        return
    wanted = _wanted(name, values, rest.printed_sums)
    slack = 5 * CENT if scene.receipt else 2 * CENT  # as the choice of the totals allows
    amounts = list(dict.fromkeys(abs(candidate.amount) for candidate in labelled))
    sums = [sum(some, Decimal(0)) for size in range(1, _MOST + 1) for some in combinations(amounts[:8], size)]
    if name == "total_vat":
        sums.append(sum((abs(entry.tax_amount) for entry in rest.vat_breakdown), Decimal(0)))
    if any(abs(made - abs(each)) <= slack for made in sums for each in wanted):
        return
    known = [part for part in _PARTS if part != name]
    first, second = (f"the {_WORDS[part]} {values[part]}" for part in known)
    yield Violation(
        "BR-CO-15",
        f"{labelled[0].text} is printed as the {_WORDS[name]}, but it does not fit {first} and {second}, which need "
        f"{wanted[0]}; look which of them is wrong.",
        tuple(known),
    )


def _wanted(name: str, values: Mapping[str, Decimal], printed_sums: Mapping[str, Decimal]) -> list[Decimal]:
    """What the missing part has to be, without and with what stands beside the sum."""
    net, vat, whole = (values.get(part, Decimal(0)) for part in _PARTS)
    beside = [Decimal(0), printed_sums.get("untaxed", Decimal(0)), values.get("rounding_amount", Decimal(0))]
    gap = {"total_without_vat": whole - vat, "total_vat": whole - net, "total_with_vat": net + vat}[name]
    return [gap, *(gap + sign * amount for amount in beside[1:] for sign in (1, -1) if amount)]


def _labelled(scene: Scene, name: str, taken: frozenset[Decimal]) -> Sequence[Candidate]:
    """The amounts beside a label that means ``name`` and no other total."""
    found = []
    for candidate in scene.of_kind(Kind.AMOUNT):
        link, evidence = best_link(scene, candidate, name)
        beside = link is not None and link.relation in (Relation.SAME, Relation.RIGHT)
        if (
            beside
            and evidence >= _NAMED_BY
            and candidate.has_mark
            and candidate.amount
            and abs(candidate.amount) not in taken
        ):
            others = max(best_link(scene, candidate, part)[1] for part in _PARTS if part != name)
            if others < evidence:
                found.append(candidate)
    return found
