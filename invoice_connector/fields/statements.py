"""What sentences and stamps say of a paper as a whole: that it is paid, void, a draft, a reminder, another's claim.

A sentence counts in the language of its phrase, unless a word of that language makes it one about a case that has not
come: "If this invoice has already been paid, please disregard it".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from invoice_connector.evidence.folding import alphanumeric, unaccented
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import letters, titles_in
from invoice_connector.fields.sentences import Sentence, sentences_of
from invoice_connector.invoice import Violation
from invoice_connector.locales import locales, phrase_pattern, sentence_pattern, words
from ocr_ensemble.page_layout import same_row


class Topic(StrEnum):
    """What a statement is about; the lists of words are named ``<topic>_sentence`` and ``<topic>_stamp``."""

    PAID = "paid"
    VOID = "void"
    REFUND = "refund"
    DRAFT = "draft"
    OVERDUE = "overdue"
    ASSIGNED = "assigned"
    COLLECTED = "collected"
    REPLACING = "replacing"


@dataclass(frozen=True, slots=True)
class Statement:
    """``text``: the print, at most 80 characters of it."""

    topic: Topic
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A rule that a statement breaks: what it ``means`` and what is to be done, and the field that is in question."""

    rule: str
    means: str
    todo: str
    field: str = "amount_due"


STOPS = {
    Topic.PAID: Stop(
        "ALREADY-PAID",
        "is paid or need not be paid, and a second payment may follow if it is booked as a debt",
        "check whether anything is still owed, and enter 0 as the amount due if nothing is",
    ),
    Topic.VOID: Stop("VOID", "is void and nothing is owed for it", "reject it, or approve it if other words are meant"),
    Topic.REFUND: Stop(
        "REFUND",
        "gives money back to the customer, and a credit must not be booked as a debt",
        "check who owes whom and enter it",
    ),
    Topic.DRAFT: Stop("DRAFT", "is a draft and may still change", "wait for the invoice, or approve it if it is one"),
    Topic.ASSIGNED: Stop(
        "ASSIGNED",
        "is to be paid to somebody else than the seller, who no longer owns the claim",
        "check whose account it names, and enter the new creditor's",
        "payment_account_identifier",
    ),
    Topic.COLLECTED: Stop(
        "COLLECTED",
        "is collected from the customer's account or card, or paid in cash, and a transfer would pay it twice",
        "check how it is paid, and approve it if no transfer follows",
    ),
    Topic.REPLACING: Stop(
        "CORRECTED-INVOICE",
        "replaces an earlier invoice, and only one of the two is to be paid",
        "look whether that one is booked or paid, and enter the difference",
    ),
}
_STAMPS = (Topic.PAID, Topic.VOID, Topic.REFUND, Topic.DRAFT)
_LIMITS = {Topic.REFUND: "conditions"}  # the list of words with which terms say so; "in_case" for the others
_FRAME = " *-–!.[]()"  # around a stamp
_LONGEST_STAMP = 60  # characters of a line that may be one, or a title
_FUZZY_FROM, _ALIKE = 6, 85.0  # letters from which a misread one of a stamp is forgiven, and per cent that are alike
_DAY = re.compile(r"[\W\d]*\d[\W\d]*(?:[^\W\d]{3,4}[\W\d]*)?")  # behind a stamp, misread: "1.1 NOV"
_BESIDE = 25.0  # heights between a label and its value
_NUMBERED = re.compile(r"\S*\d\S*")
_LARGE = 1.6  # line heights from which a word alone is a stamp wherever it stands
_FEW_WORDS = 4  # of what is rather a label
_LONGEST = 80  # characters that are quoted
_PAGES = 6  # that are looked at; what follows is terms
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}(?![\d.,])")


def statements_of(contexts: Sequence[PageContext]) -> tuple[Statement, ...]:
    """What the first pages say, one statement per topic. A word such as "PAID" counts as a stamp: alone on its line or
    before a day, without an amount on the row, which would be what was paid of the total. A large line, as one at an
    angle is, reaches over rows that say nothing of it, and segments may join it with them."""
    found: dict[Topic, Statement] = {}
    for context in contexts[:_PAGES]:
        for topic, text in _told(context):
            found.setdefault(topic, Statement(topic, shortened(text)))
    return tuple(found.values())


def statement_conflicts(statements: Iterable[Statement], credit_note: bool = False) -> Iterator[Violation]:
    """One sentence per statement that stops a document. A credit note may say that it is refunded."""
    for statement in statements:
        stop = STOPS.get(statement.topic)
        if stop is not None and not (credit_note and statement.topic is Topic.REFUND):
            message = f"The page says {statement.text!r}, so this paper {stop.means}; {stop.todo}."
            yield Violation(stop.rule, message, (stop.field,))


def stamp_conflicts(
    stamps: Sequence[str], known: Iterable[Violation], credit_note: bool = False
) -> Iterator[Violation]:
    """The same of texts that stand apart from the page's lines, at an angle or drawn; each is a stamp if it says so.

    ``known``: what was found already.
    """
    rules = {violation.rule for violation in known}
    said = {topic: text for topic in _STAMPS for text in reversed(stamps) if _stamps(text, topic)}
    told = (Statement(topic, shortened(text)) for topic, text in said.items())
    yield from (found for found in statement_conflicts(told, credit_note) if found.rule not in rules)


def shortened(text: str) -> str:
    """A print as it is quoted."""
    whole = " ".join(text.split())
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def languages_of(text: str, name: str) -> Iterator[str]:
    """The languages in which a folded text (``unaccented``) has a phrase of the list ``name``."""
    if sentence_pattern(name).search(text):
        yield from (language for language in locales() if sentence_pattern(name, language).search(text))


def labels_amount(context: PageContext, sentence: Sentence) -> bool:
    """Whether a few words stand before an amount on their row: "Already paid  50.00" says what was paid of it."""
    (first, *more), said = sentence.parts, sentence.text.split()
    if more or len(said) > _FEW_WORDS:
        return False
    row = (each for each in context.segments if same_row(each.box, first[0].box))
    return any(_AMOUNT.search(each.text) for each in row)


def _told(context: PageContext) -> Iterator[tuple[Topic, str]]:
    for sentence in sentences_of(context):
        text = unaccented(sentence.text)
        said = [topic for topic in Topic if _states(text, topic)]
        if said and not labels_amount(context, sentence):
            yield from ((topic, sentence.text) for topic in said)
    for segment in context.segments:
        for topic in _STAMPS:
            rest = _after_stamp(segment.text, topic)
            if rest is not None and _is_stamp(context, segment, rest):
                yield topic, segment.text
        if _titles_draft(context, segment):
            yield Topic.DRAFT, segment.text
    large = [line.text for line in context.page.lines if line.box.height >= _LARGE * context.line_height]
    yield from ((topic, text) for text in large for topic in _STAMPS if _is_alone(text, topic))


def _states(text: str, topic: Topic) -> bool:
    """Whether a folded sentence says so, and not of a case that has not come."""
    limit = _LIMITS.get(topic, "in_case")
    return any(
        not sentence_pattern(limit, language).search(text) for language in languages_of(text, f"{topic}_sentence")
    )


def _stamps(text: str, topic: Topic) -> bool:
    """Whether print at an angle is a stamp: its words alone or with a day, a letter or two misread, beside small print
    that it lies over; or a sentence."""
    capitals = " ".join(word for word in text.split() if word.isupper())
    return any(_is_alone(each, topic) or _resembles(each, topic) for each in (text, capitals)) or _states(
        unaccented(text), topic
    )


def _is_alone(text: str, topic: Topic) -> bool:
    """Whether a large text is a stamp's words and nothing else, or a day; accents, which a stamp loses first, do not
    count."""
    bare = " ".join(text.strip(_FRAME).split())
    plain = unaccented(bare)
    found = sentence_pattern(f"{topic}_stamp").search(plain) if len(bare) <= _LONGEST_STAMP else None
    if found is None or any(map(str.isalnum, plain[: found.start()])):
        return False
    rest = (bare if len(bare) == len(plain) else plain)[found.end() :]
    return not any(map(str.isalnum, rest)) or bool(find_dates(rest)) or bool(_DAY.fullmatch(rest))


def _resembles(text: str, topic: Topic) -> bool:
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extractOne

    bare = "".join(filter(str.isalpha, unaccented(text)))
    if len(bare) < _FUZZY_FROM:
        return False
    return extractOne(bare, _long_stamps(topic), scorer=ratio, score_cutoff=_ALIKE) is not None


@cache
def _long_stamps(topic: Topic) -> tuple[str, ...]:
    folded = (alphanumeric(unaccented(stamp)) for stamp in words(f"{topic}_stamp"))
    return tuple(stamp for stamp in folded if len(stamp) >= _FUZZY_FROM)


def _after_stamp(text: str, topic: Topic) -> str | None:
    """What stands behind the words of a stamp that open a text as it is printed: "Payee" is no "payée"."""
    bare = text.strip(_FRAME)
    found = phrase_pattern(f"{topic}_stamp").match(bare)
    return bare[found.end() :] if found else None


def _is_stamp(context: PageContext, segment: Segment, rest: str) -> bool:
    row = [each for each in context.segments if same_row(each.box, segment.box)]
    heads = sum(each is not segment and bool(context.labels_of(each)) for each in row) > 1  # of a table's columns
    if heads or any(_AMOUNT.search(each.text) for each in row):
        return False
    day = any(find_dates(each.text) for each in row)
    return not any(character.isalnum() for character in rest) or (":" not in rest[:2] and day)


def _titles_draft(context: PageContext, segment: Segment) -> bool:
    """Whether a word that other things are called, too, makes a title a draft's: beside the name of an invoice and
    nothing else, or in capitals with nothing behind that it may be the label of, in the upper half of a page."""
    text = segment.text.strip(_FRAME)
    if len(text) > _LONGEST_STAMP:
        return False
    plain = unaccented(text)
    word = sentence_pattern("draft_title").search(plain) or sentence_pattern("draft_stamp").search(plain)
    if word is None:
        return False
    rest = _NUMBERED.sub(" ", f"{plain[: word.start()]} {plain[word.end() :]}")
    if found := titles_in(rest):
        explained = sum(letters(rest[each.start : each.end]) for each in found)
        return any("invoice" in each.kinds for each in found) and explained == letters(rest)
    upper = text.isupper() and not letters(rest) and segment.box.center[1] < context.page.height / 2
    reach = segment.box.right + _BESIDE * segment.height
    row = (each.box for each in context.segments if each is not segment and same_row(each.box, segment.box))
    return upper and not any(segment.box.left < box.left <= reach for box in row)
