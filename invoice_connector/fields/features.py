"""What speaks for a value being a term, as plain numbers: the input of the fitted scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from invoice_connector.codes.said import NOTHING_SAID, Said
from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.lines import LineKind, kind_of
from invoice_connector.fields.links import Link, Relation, find_links
from invoice_connector.fields.model import Ranker
from invoice_connector.fields.own_features import own_features
from invoice_connector.fields.page import named_in
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.fields.wording import ends_discount, heads_letter, is_taxed
from invoice_connector.invoice import FieldValue
from invoice_connector.suppliers.known import NOTHING, Known
from invoice_connector.suppliers.layout import PageWords

_LETTER = 0.5  # evidence of the place that a letter's date stands behind

FEATURE_NAMES = (
    "evidence",  # of the best label: place x strength x similarity x coverage, 0..1
    "rival",  # evidence of the best label of another term, 0..1
    "learned",  # the same as evidence and rival, by labels that only the label model knows
    "learned_rival",
    "same", "right", "below", "column",  # where the best label stands
    "similarity", "strength", "coverage", "gap", "between",  # of the best label
    "rank",  # how many values of its kind are nearer to the best label, up to 5, as a share of that
    "flush", "crossed",  # begins where the best label does; stands below it though one stands right of it
    "titled", "foreign",  # the best label follows the document's own name, or that of another document
    "currency_mark", "two_decimals", "integer", "negative", "zero", "share_of_largest", "repeats", "last_on_row",
    "position",  # 0 at the top of the first page, 1 at the foot of the last
    "top",  # 1 at the top of its page, 0 at the foot
    "relative_height", "first_page", "valid", "length", "digits", "from_segment_start", "whole_segment", "engines",
    "column_sum",  # the sum of two or more amounts printed above it in its column
    "addend",  # one of those
    "self_evident",  # of a form with check digits that hold and that nothing else has: IBAN, RF reference, VAT number
    "date_rank",  # 0 the earliest date of the document, 1 the latest
    "receipt",  # the document is one
    "date_row",  # stands on the printed row of the first date of its page
    "priced",  # the same print has two decimals
    "letters",  # share of letters in the print
    "letter_first", "separators",  # the print begins with a letter; how many of its characters are neither
    "year_inside",  # the print holds the year of one of the document's dates
    "days_later",  # than the earliest date of the document, up to 100, as a share of that
    "amounts_on_row",  # of two decimals, on the printed row, up to 6, as a share of that
    "address_line", "contact_line",  # what the line looks like
    "pages",
    "kind",  # which form of identifier it is, as ``own_features.KIND_CODES`` numbers them
    "same_form",  # how many others of its kind the document has, 0..1
    "named",  # a document model read the same value under this name (1), another one (-1), or nothing (0)
)  # fmt: skip
_PAID_LATER = frozenset({"due_date", "iban", "bankgiro", "plusgiro"})  # labels of what no receipt says
_MOST_HANDED = 40  # amounts that were handed over or back
_STRENGTH = {1.0: 1.0, 0.5: 0.62}  # what a phrase counts that means one thing, and one that means others too
_PLACE = {Relation.SAME: 1.0, Relation.RIGHT: 0.95, Relation.BELOW: 0.78, Relation.COLUMN: 0.4}


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One document's pages with all candidates and their links; ``receipt`` as in ``is_receipt``."""

    contexts: tuple[PageContext, ...]
    kinds: Mapping[Segment, LineKind]  # what every line looks like
    candidates: tuple[Candidate, ...]
    links: Mapping[Candidate, Sequence[Link]]
    learned: Mapping[Candidate, Sequence[Link]]  # links to texts that the label model holds for labels
    own: Mapping[Candidate, Mapping[str, float]]  # the features that do not depend on the term
    receipt: bool
    ranker: Ranker
    named: Mapping[str, Sequence[str]]  # what document models read under each name
    known: Known = NOTHING
    said: Said = NOTHING_SAID
    words: Mapping[int, PageWords] = field(default_factory=dict)  # by page, where there are lessons

    def context(self, candidate: Candidate) -> PageContext:
        first = self.contexts[0].page.number
        near = self.contexts[max(0, min(candidate.page - first, len(self.contexts) - 1))]
        if near.page.number == candidate.page:  # pages are numbered one after the other
            return near
        return next(context for context in self.contexts if context.page.number == candidate.page)

    def of_kind(self, *kinds: Kind) -> list[Candidate]:
        return [candidate for candidate in self.candidates if candidate.kind in kinds]


def scene_of(contexts: tuple[PageContext, ...], per_page: Sequence[tuple[Candidate, ...]], ranker: Ranker) -> Scene:
    """Links every page's candidates to its labels and measures what each candidate is by itself."""
    links: dict[Candidate, Sequence[Link]] = {}
    learned: dict[Candidate, Sequence[Link]] = {}
    for context, candidates in zip(contexts, per_page, strict=True):
        links.update(find_links(context.labels, candidates, context.line_height))
        learned.update(find_links(context.learned, candidates, context.line_height))
    everything = tuple(candidate for candidates in per_page for candidate in candidates)
    receipt = is_receipt(contexts, links)
    kinds = {segment: kind_of(context, segment) for context in contexts for segment in context.segments}
    own: dict[Candidate, Mapping[str, float]] = {
        candidate: form | {"receipt": float(receipt)}
        for candidate, form in own_features(contexts, per_page, kinds).items()
    }
    named = named_in([context.page for context in contexts])
    return Scene(contexts, kinds, everything, links, learned, own, receipt, ranker, named)


def is_receipt(contexts: Sequence[PageContext], links: Mapping[Candidate, Sequence[Link]]) -> bool:
    """Whether cash or a card was taken on the spot, and nothing says what, when or where to pay."""
    labels = [label for context in contexts for label in context.labels if label.coverage >= 0.7]
    terms = {meaning.term for label in labels for meaning in label.meanings if meaning.strength == 1.0}
    payable = any(
        link.label.meaning("amount_due")
        and not link.label.meaning("total_with_vat")
        and evidence(link, "amount_due") > 0.6
        for candidate, found in links.items()
        if candidate.kind is Kind.AMOUNT
        for link in found
    )
    return "_tender" in terms and not payable and not terms & _PAID_LATER


def is_paid_at_once(scene: Scene) -> bool:
    """Whether cash or a card was taken for all there is to pay, and nothing says when: "To pay 94.00, Visa 94.00"."""
    terms = {meaning.term for c in scene.contexts for label in c.labels for meaning in label.meanings}
    amounts = [
        (c.amount, link) for c, found in scene.links.items() if c.kind is Kind.AMOUNT and c.amount > 0 for link in found
    ]
    given = [amount for amount, link in amounts if evidence(link, "_tender") > 0.6]
    due = [amount for amount, link in amounts if evidence(link, "amount_due") > 0.6]
    return bool(given and due) and max(given) >= max(due) and not terms & _PAID_LATER


def evidence(link: Link, term: str, summed: bool = False) -> float:
    """How well a label names a value as ``term``, 0..1; ``summed``: the value is the sum of those above it."""
    meaning = link.label.meaning(term)
    if meaning is None:
        return 0.0
    strength = 1.0 if link.titled else _STRENGTH.get(meaning.strength, meaning.strength)
    at_foot = summed and link.relation is Relation.COLUMN  # a table's heading names the sum at its foot first of all
    value = (
        _PLACE[Relation.BELOW if at_foot else link.relation]
        * strength
        * (0.25 + 0.75 * link.label.coverage)
        * (4 * link.label.similarity - 3)
    )
    if link.foreign and meaning.strength < 1.0:
        value *= 0.3
    if term == "due_date" and ends_discount(link.candidate):
        value *= 0.3
    if term == "total_vat" and is_taxed(link.candidate):
        value *= 0.1
    value *= 0.8 ** (0 if at_foot else min(link.between, 6)) * max(0.3, 1 - 0.03 * link.words_between)
    if link.relation in (Relation.BELOW, Relation.COLUMN):
        value *= (0.45 if link.crossed else 1.0) * max(0.3, 1 - (0.02 if at_foot else 0.05) * link.gap)
    return max(0.0, value)


def best_link(scene: Scene, candidate: Candidate, term: str) -> tuple[Link | None, float]:
    """The label that names the candidate best as ``term``, with its evidence."""
    best: tuple[Link | None, float] = (None, 0.0)
    summed = bool(scene.own[candidate]["column_sum"])
    for link in scene.links[candidate]:
        value = evidence(link, term, summed)
        if value > best[1]:
            best = (link, value)
    return best


def features(scene: Scene, name: str, candidate: Candidate, terms: tuple[str, ...]) -> dict[str, float]:
    """The vector, by ``FEATURE_NAMES``, of ``candidate`` as ``name``, which labels call any of ``terms``."""
    link, value = max((best_link(scene, candidate, term) for term in terms), key=lambda found: found[1])
    named = dict.fromkeys(FEATURE_NAMES, 0.0) | {"evidence": value}
    named["rival"] = _rival(scene.links[candidate], terms, link)
    named["learned"] = max((evidence(found, t) for found in scene.learned[candidate] for t in terms), default=0.0)
    named["learned_rival"] = _rival(scene.learned[candidate], terms, None)
    if link is not None:
        named[link.relation.value] = 1.0
        named |= {"similarity": link.label.similarity, "coverage": link.label.coverage}
        named |= {"titled": float(link.titled), "foreign": float(link.foreign)}
        named |= {"gap": min(link.gap, 40.0) / 40, "between": float(min(link.between, 6))}
        named |= {"rank": min(link.rank, 5) / 5, "flush": float(link.flush), "crossed": float(link.crossed)}
        named["strength"] = max((m.strength for t in terms if (m := link.label.meaning(t))), default=0.0)
    if name == "issue_date" and value < _LETTER and heads_letter(candidate):
        named |= {"evidence": _LETTER, "same": 1.0}
    named |= scene.own[candidate]
    named["named"] = agreement(scene, name, candidate.value)
    return named


def agreement(scene: Scene, name: str, value: FieldValue) -> float:
    """1 when a document model read this value under this name, -1 when only others, 0 when nothing."""
    read = scene.named.get(name)
    if not read:
        return 0.0
    if isinstance(value, Decimal):
        amounts = {amount.value for text in read for amount in find_amounts(text)}
        return 1.0 if value in amounts else -1.0
    if isinstance(value, date):
        days = {day for text in read for found in find_dates(text) for day in (found.value, *found.alternatives)}
        return 1.0 if value in days else -1.0
    return 1.0 if squeezed(value) in map(squeezed, read) else -1.0


def _rival(links: Sequence[Link], terms: tuple[str, ...], own: Link | None) -> float:
    """The strongest claim of a label that cannot mean any of ``terms``."""
    best = 0.0
    for link in links:
        if any(link.label.meaning(term) for term in terms) or (own is not None and link.label is own.label):
            continue
        best = max(best, *(evidence(link, meaning.term) for meaning in link.label.meanings))
    return best


def cash_less_change(scene: Scene) -> frozenset[Decimal]:
    """What was handed over less what was handed back, for amounts that labels call either."""
    handed = [c.amount for c in scene.of_kind(Kind.AMOUNT) if c.amount > 0 and best_link(scene, c, "_tender")[1] > 0.5]
    handed = list(dict.fromkeys(handed))[:_MOST_HANDED]
    return frozenset(given - back for given in handed for back in handed if given > back)
