"""Terms of payment that no label announces: "Please pay within 14 days of the invoice", "15 days net".

A clause states a period or an occasion; that it is the one to pay in, another word of its sentence, a label or an
account on its line says, or that it is net.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from invoice_connector.evidence.folding import unaccented
from invoice_connector.evidence.number_words import is_spelled, number_words
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.identifiers import find_identifiers
from invoice_connector.fields.sentences import Sentence, sentences_of
from invoice_connector.locales import alternatives

_CLAUSE = re.compile(r"[,;:!?]\s+|[()|•·●]\s*|\s[-–—]\s|\.(?:\s|$)(?<!\d\.\s)")
_SAYING = frozenset({"payment_terms", "due_date", "iban", "bankgiro", "plusgiro", "account"})  # labels near terms
_LONGEST = 90  # characters
_IN_CLAUSE, _IN_SENTENCE, _ALONE = 0.6, 0.5, 0.4


@dataclass(frozen=True, slots=True)
class StatedTerms:
    """Terms at ``start``..``end`` of a sentence; ``share``: how much says that they are the invoice's."""

    sentence: Sentence
    start: int
    end: int
    share: float


def stated_terms(context: PageContext) -> Iterator[StatedTerms]:
    """The periods and occasions of a page that one may pay in or on."""
    for sentence in sentences_of(context):
        if not _hint().search(sentence.text):
            continue
        for start, end in _clauses(sentence.text):
            clause = sentence.text[start:end]
            found = None if _offers_discount().search(clause) else _stated(context, clause)
            share = _share(context, sentence, clause, found) if found else 0.0
            if found and share:
                yield StatedTerms(sentence, start + found.start(), start + found.end(), share)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for sign in _CLAUSE.finditer(text):
        yield start, sign.start()
        start = sign.end()
    yield start, len(text)


def _stated(context: PageContext, clause: str) -> re.Match[str] | None:
    """A period, a day of the month or an occasion."""
    found = _period().search(clause)
    while found and not _is_number(found["number"], context.language):
        found = _period().search(clause, found.start("number") + 1)
    found = found or _occasion().search(clause)
    return found if found and found.end() - found.start() <= _LONGEST else None


def _is_number(text: str | None, language: str | None) -> bool:
    """Whether it is printed in digits, or one in words of the page's language."""
    if text is None or text[0].isdigit():
        return True
    known = number_words(language) if language is not None and is_spelled(language) else frozenset()
    return all(unaccented(word) in known for word in text.split("-"))


def _share(context: PageContext, sentence: Sentence, clause: str, found: re.Match[str]) -> float:
    """How much says that a period is one to pay in; 0 where nothing does."""
    if _paying().search(clause):
        return _IN_CLAUSE
    segments = [segment for segment, _, _ in sentence.parts]
    labels = (label for segment in segments for label in context.labels_of(segment))
    said = any(meaning.term in _SAYING for label in labels for meaning in label.meanings)
    if said or _paying().search(sentence.text) or any(find_identifiers(s.text, "iban") for s in segments):
        return _IN_SENTENCE
    whole = found[0] == clause.strip() == sentence.text.strip(" .")
    return _ALONE if whole and _qualifying().search(_around_period(found)) else 0.0


def _around_period(found: re.Match[str]) -> str:
    """What is said beside the number and its unit, in which months are no date to count from."""
    start, end = found.span("period") if found["period"] else (0, 0)
    return f"{found.string[found.start() : start]} {found.string[end : found.end()]}"


@cache
def _period() -> re.Pattern[str]:
    """ "within 14 days of the date", "end of month + 30 days" where a clause begins, "within a week",
    "net 30" where it ends, and "20th of the following month"; no "3 months 120.00", which is what was sold."""
    units, months, net = alternatives("days", "periods"), alternatives("periods"), alternatives("net_days")
    within, ordinal = alternatives("within"), alternatives("ordinals")
    lead = rf"(?:^\s*{_anchors()}(?: {_links()})*(?: {_anchors()})* (?:\+ ?)?|(?<!\w){net} )?(?:(?<!\w){within} )?"
    number = r"(?<![\d.,/-])(?P<number>\d{1,3}(?: [^\W\d_]{3,})?|(?<!\w)[^\W\d_]{3,}(?:-[^\W\d_]+)?)"
    unpriced = r"(?! \d[\d., ]*[.,]\d\d(?!\d|[.,]))"
    days = rf"{lead}(?P<period>{number}[ -]?{units})(?!\w)(?: {within}(?!\w))?{_tail()}{unpriced}"
    one = rf"(?<!\w)(?:{within}(?: [^\W\d_]{{1,5}})? {months}(?!\w){_tail()}|{months} {within}(?!\w))"
    short = rf"(?<!\w){net} \d{{1,3}}(?=\s*$)"
    day = rf"(?<![\d.,/-])\d{{1,2}} ?(?:{ordinal}|\.)(?: (?:{_links()}|{_anchors()}))* {months}(?!\w){_tail()}"
    return re.compile(f"{days}|{one}|{short}|{day}", re.IGNORECASE)


@cache
def _tail() -> str:
    """What a period counts from, behind it."""
    return rf"(?:(?: {_links()})*(?: {_anchors()}))*"


@cache
def _occasion() -> re.Pattern[str]:
    """ "Payable on receipt", with at most three words between."""
    paying, occasions = alternatives("payable", "payment_label"), alternatives("payment_occasions")
    return re.compile(rf"(?P<period>(?<!\w){paying}(?: \S+){{0,3}}? {occasions})(?!\w){_tail()}", re.IGNORECASE)


@cache
def _anchors() -> str:
    """What a period counts from or is like: "invoice date", "net"."""
    return rf"{alternatives('terms_anchors', 'net_days', 'periods')}(?!\w)"


@cache
def _links() -> str:
    return rf"{alternatives('terms_links')}(?!\w)"


@cache
def _hint() -> re.Pattern[str]:
    """What a sentence with terms has: most have not."""
    words = alternatives("days", "periods", "net_days", "payment_occasions")
    return re.compile(rf"(?<![^\W\d_]){words}(?!\w)", re.IGNORECASE)


@cache
def _paying() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){alternatives('payable', 'payment_label', 'means_label')}(?!\w)", re.IGNORECASE)


@cache
def _qualifying() -> re.Pattern[str]:
    """What makes a period one of payment: "30 days net"."""
    return re.compile(rf"(?<!\w){alternatives('terms_anchors', 'net_days')}(?!\w)", re.IGNORECASE)


@cache
def _offers_discount() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){alternatives('early_payment', 'discounts')}", re.IGNORECASE)
