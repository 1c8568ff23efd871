"""Candidates of one term, best first, and the probability that each is the one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invoice_connector.fields.candidates import Candidate
from invoice_connector.fields.features import Scene, features
from invoice_connector.fields.memory import taught_odds
from invoice_connector.fields.terms import TERMS, candidates_of
from invoice_connector.invoice import Alternative, FieldValue, InvoiceField

_KEPT_ALTERNATIVES = 3
_WORTH_KEEPING = 0.02
_NAMED = 1.0  # log-odds that a document model's agreement is worth; not fitted, for want of labelled pages
_OF_ITS_FORM = 3.0  # log-odds less that a form with check digits, which nothing else has, is asked for
_NO_RIVAL = -10.0
_WIDEST = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A candidate with its score (log-odds against "not on the page") for one term, and what the score is made of."""

    candidate: Candidate
    score: float
    facts: Mapping[str, float]

    @property
    def value(self) -> FieldValue:
        return self.candidate.value


def described(scene: Scene, name: str) -> tuple[list[Candidate], list[dict[str, float]]]:
    """All candidates of the term ``name``, and the features of each."""
    candidates = candidates_of(scene, name)
    return candidates, [features(scene, name, candidate, TERMS[name].labels) for candidate in candidates]


def rank(scene: Scene, name: str) -> list[Ranked]:
    """All candidates of the term ``name``, best first."""
    candidates, facts = described(scene, name)
    scores = scene.ranker.scores(name, facts)
    ranked = [
        Ranked(candidate, score + _NAMED * own["named"] + _from_elsewhere(scene, name, candidate), own)
        for candidate, score, own in zip(candidates, scores, facts, strict=True)
    ]
    return sorted(ranked, key=lambda item: -item.score)


def _from_elsewhere(scene: Scene, name: str, candidate: Candidate) -> float:
    """Log-odds that earlier documents of the supplier and the codes on the pages add."""
    taught = taught_odds(scene, name, (candidate.page, candidate.box), candidate.text, candidate.value)
    return taught + scene.said.odds(name, candidate.value)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A field with its raw confidence, and what speaks for and against it (``trust.INPUTS`` names what counts)."""

    field: InvoiceField
    facts: Mapping[str, float]


def best_field(name: str, ranked: Sequence[Ranked], threshold: float = -2.0) -> Chosen | None:
    """The best candidate as a field with its runner-ups; None when it scores below ``threshold``, which is lower for a
    form that nothing else has."""
    if not ranked or ranked[0].score < threshold - _OF_ITS_FORM * ranked[0].facts.get("self_evident", 0.0):
        return None
    best: dict[FieldValue, float] = {}
    for item in ranked:
        best.setdefault(item.value, item.score)
    whole = 1.0 + sum(math.exp(min(value, 30.0)) for value in best.values())
    shares = {value: math.exp(min(points, 30.0)) / whole for value, points in best.items()}
    winner = ranked[0]
    field = field_of(name, winner.candidate, shares[winner.value], others(ranked, shares))
    second = max((points for value, points in best.items() if value != winner.value), default=_NO_RIVAL)
    facts = {**winner.facts, "score": winner.score, "share": shares[winner.value]}
    return Chosen(field, facts | {"margin": min(_WIDEST, winner.score - second)})


def others(ranked: Sequence[Ranked], shares: dict[FieldValue, float]) -> tuple[Alternative, ...]:
    """Runner-ups worth keeping, one per value, and the other meanings of the winner's print."""
    winner = ranked[0].candidate
    odds = winner.shares[1:] or (None,) * len(winner.alternatives)
    meanings = zip(winner.alternatives, odds, strict=True)
    kept = [Alternative(value, winner.text, share, winner.page, winner.box) for value, share in meanings]
    seen = {winner.value, *winner.alternatives}
    for item in ranked[1:]:
        share = shares.get(item.value, 0.0)
        same_print = item.candidate.page == winner.page and item.candidate.box == winner.box  # another reading of it
        if item.value not in seen and (share >= _WORTH_KEEPING or same_print):
            seen.add(item.value)
            kept.append(Alternative(item.value, item.candidate.text, share, item.candidate.page, item.candidate.box))
    return tuple(kept[:_KEPT_ALTERNATIVES])


def field_of(
    name: str, candidate: Candidate, confidence: float, alternatives: tuple[Alternative, ...] = ()
) -> InvoiceField:
    """The candidate as a field; doubt about the letters themselves lowers the confidence."""
    letters = 1.0 if candidate.confidence is None else candidate.confidence
    return InvoiceField(
        name=name,
        value=candidate.value,
        text=candidate.text,
        confidence=min(1.0, max(0.0, confidence * letters)),
        page=candidate.page,
        box=candidate.box,
        engines=candidate.engines,
        alternatives=alternatives,
    )
