"""What one page says by itself of the document that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.candidates import Candidate, Kind, find_candidates
from invoice_connector.fields.context import contexts_of
from invoice_connector.fields.features import evidence
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import says
from invoice_connector.fields.kinds import BOOKED
from invoice_connector.fields.links import Link, find_links
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.page_numbers import PageNumber, page_number
from invoice_connector.fields.page_titles import Title, titles_of
from invoice_connector.fields.scope import count_words, ends_of
from invoice_connector.fields.vocabulary import Vocabulary, bundled_vocabulary

_NAMED = 0.5  # evidence of a label, weak ones such as "Total" included
_CLEAR = 1.2  # strength of a title
_IDENTITIES = (Kind.VAT, Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ORGNR)
_HEAD, _FOOT = 0.2, 0.88  # shares of the page's height that end and begin them
_WORD = re.compile(r"[^\W\d_]{3,}")
_DENSE = 600  # words of a page: an invoice has 100 to 400, a page of terms or a form 1,000
_ENDS = 300  # words of a dense page that are looked at, half at its head and half at its foot
_SPARSE = 12  # words of a sheet that only separates others
_PROSE = 6  # words of a line of prose
_HEADING = (
    "invoice_number",
    "issue_date",
    "due_date",
    "buyer",
    "seller",
    "buyer_reference",
    "purchase_order_reference",
)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """``numbers``, ``totals``, ``days`` as labels name them; ``identities``: tax numbers and accounts; ``head`` and
    ``foot``: the words there; ``codes``: payloads of codes with values; ``letters``: all text, letters and digits only;
    ``labels``: how many terms of an invoice's head are named; ``prose``: share of lines that are sentences; ``bare``:
    whether nothing is printed on it but what was read."""

    printed: PageNumber | None
    title: str | None
    other_kind: str | None
    numbers: frozenset[str]
    totals: frozenset[Decimal]
    days: frozenset[str]
    identities: frozenset[str]
    head: frozenset[str]
    foot: frozenset[str]
    codes: frozenset[str]
    letters: str
    language: str | None
    size: tuple[int, int]
    words: int
    amounts: int
    labels: int
    prose: float
    carried: bool
    bare: bool = True

    @property
    def is_sheet(self) -> bool:
        """Whether the page may be dropped: an empty one, or a few words and nothing else that is printed."""
        return self.sparse and self.bare

    @property
    def sparse(self) -> bool:
        """Whether the sheet is empty, or has no more than a few words and nothing of an invoice."""
        return self.words <= _SPARSE and not (self.amounts or self.numbers or self.identities)

    @property
    def complete(self) -> bool:
        """Whether the page has what a document of one page has: a number, a total and the head of one."""
        return bool(self.numbers and self.totals) and (self.title is not None or self.labels > 1)


def facts_of(page: FieldPage) -> PageFacts:
    """The facts of a page, which do not depend on the pages beside it; of a dense one by its head and foot."""
    page = ends_of(page, _ENDS) if count_words(page) > _DENSE else page
    (context,) = contexts_of([page], vocabulary=_plain_vocabulary())
    candidates = find_candidates(context)
    links = find_links(context.labels, candidates, context.line_height)
    titles = [title for segment in context.segments for title in titles_of(context, segment)]
    segments, height = context.segments, page.height
    terms = {m.term for label in context.labels if label.coverage >= 0.6 for m in label.meanings if m.strength == 1.0}
    words = [len(segment.text.split()) for segment in segments]
    named = _Named(candidates, links)
    return PageFacts(
        printed=page_number(segments, height),
        title=_strongest(titles, (*BOOKED, "receipt")),
        other_kind=_other_kind(titles),
        numbers=frozenset(alphanumeric(c.text) for c in named.of("invoice_number", Kind.TOKEN)),
        totals=frozenset(
            abs(c.amount) for term in ("total_with_vat", "amount_due") for c in named.of(term, Kind.AMOUNT)
        ),
        days=frozenset(alphanumeric(c.text) for c in named.of("issue_date", Kind.DATE)),
        identities=frozenset(alphanumeric(c.text) for c in candidates if c.kind in _IDENTITIES),
        head=_words([s for s in segments if s.box.bottom <= _HEAD * height]),
        foot=_words([s for s in segments if s.box.top >= _FOOT * height]),
        codes=frozenset(code.text for code in page.codes if code.values),
        letters=alphanumeric(" ".join(segment.text for segment in segments)),
        language=context.language,
        size=(page.width, page.height),
        words=sum(words),
        amounts=sum(c.kind is Kind.AMOUNT and c.decimals == 2 for c in candidates),
        labels=len(terms & set(_HEADING)),
        prose=sum(count >= _PROSE for count in words) / max(len(words), 1),
        carried=any(says(segment.text, "carried_forward") for segment in segments[:12]),
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """The values of a page with the labels that name them."""

    candidates: Sequence[Candidate]
    links: Mapping[Candidate, Sequence[Link]]

    def of(self, term: str, kind: Kind) -> list[Candidate]:
        return [
            candidate
            for candidate in self.candidates
            if candidate.kind is kind and any(evidence(link, term) > _NAMED for link in self.links.get(candidate, ()))
        ]


def _strongest(titles: Sequence[Title], kinds: Collection[str]) -> str | None:
    found = max((t for t in titles if t.kind in kinds), key=lambda each: each.strength, default=None)
    return found.text.casefold() if found is not None and found.strength > _CLEAR else None


def _other_kind(titles: Sequence[Title]) -> str | None:
    """The kind of paper that the strongest title names where that is none that is booked."""
    found = max(titles, key=lambda each: each.strength, default=None)
    if found is None or found.strength <= _CLEAR or found.kind in (*BOOKED, "receipt"):
        return None
    return found.kind


def _words(segments: Sequence[Segment]) -> frozenset[str]:
    return frozenset(word.casefold() for segment in segments for word in _WORD.findall(segment.text))


@cache
def _plain_vocabulary() -> Vocabulary:
    """Without the model for unknown labels: it takes the time, and its labels do not count here."""
    return replace(bundled_vocabulary(), model=None)
