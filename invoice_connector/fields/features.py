"""What speaks for a value being a term, as plain numbers: the input of the fitted scores."""

from __future__ import annotations

import re
from collections import Counter
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
from invoice_connector.fields.page import named_in
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.fields.wording import ends_discount, heads_letter, is_taxed
from invoice_connector.invoice import FieldValue
from invoice_connector.suppliers.known import NOTHING, Known
from invoice_connector.suppliers.layout import PageWords
from ocr_ensemble.page_layout import same_row
from ocr_ensemble.shelves import Shelves

# The confidence of a document model from which its word counts; the compact Donut is right with 0.84 there.
_PRICE = re.compile(r"\d[.,]\d\d$")
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
    "kind",  # which form of identifier it is, as ``KIND_CODES`` numbers them
    "same_form",  # how many others of its kind the document has, 0..1
    "named",  # a document model read the same value under this name (1), another one (-1), or nothing (0)
)  # fmt: skip
_PAID_LATER = frozenset({"due_date", "iban", "bankgiro", "plusgiro"})  # labels of what no receipt says
_MOST_ADDENDS = 400  # amounts above one that are looked at for its column's sum
_MOST_DAYS = 100  # that tell one date from another; a year more makes no difference
_MOST_ON_ROW = 6
_MOST_HANDED = 40  # amounts that were handed over or back
KIND_CODES = {kind: float(number) for number, kind in enumerate(Kind)}
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
    forms = _forms(everything)
    receipt = is_receipt(contexts, links)
    sums: set[Candidate] = set()
    addends: set[Candidate] = set()
    for candidates in per_page:
        for total, parts in column_sums(candidates):
            sums.add(total)
            addends.update(parts)
    kinds = {segment: kind_of(context, segment) for context in contexts for segment in context.segments}
    own: dict[Candidate, Mapping[str, float]] = {}
    for index, candidates in enumerate(per_page):
        rows = _Rows(candidates)
        for candidate in candidates:
            own[candidate] = (
                forms[candidate]
                | _place(contexts, index, candidate, rows)
                | {"column_sum": float(candidate in sums), "addend": float(candidate in addends)}
                | _line_form(kinds[candidate.segment])
                | {"receipt": float(receipt)}
            )
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
