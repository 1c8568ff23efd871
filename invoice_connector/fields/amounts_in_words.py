"""The amount to pay in words, as the law of some countries or a bank wants it: "Słownie: jeden tysiąc złotych"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from invoice_connector.evidence.folding import unaccented
from invoice_connector.evidence.number_words import is_spelled
from invoice_connector.evidence.spelled_amounts import Agreement, SpelledAmount, spelled_amount
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.statements import languages_of, shortened
from invoice_connector.invoice import CENT, PAYABLE, Evidence, FieldValue, Violation, Witness
from invoice_connector.locales import sentence_pattern
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row

RULE = "AMOUNT-IN-WORDS"
_LABEL = "in_words_label"
_OF_OTHERS = ("total_vat", "paid_amount")  # amounts that some spell, too
_BESIDE = 25.0  # heights between a label and the words right of it
_NEXT = 1.2  # heights between two lines of one text
_EDGE = 3.0  # heights between their left edges
_MOST_LINES = 3
_CLEAREST = (Agreement.SAME, Agreement.WHOLE, Agreement.UNKNOWN, Agreement.OTHER)  # with one of several amounts


@dataclass(frozen=True, slots=True, eq=False)
class InWords:
    """What a page says in words: ``text`` with its label, printed in the ``segments``."""

    text: str
    segments: tuple[Segment, ...]
    spelled: SpelledAmount
    agreement: Agreement


def amounts_in_words(contexts: Sequence[PageContext], values: Mapping[str, FieldValue]) -> tuple[InWords, ...]:
    """The amounts in words that are the amount to pay, or another; those that are neither are left out.

    ``values``: the chosen fields.
    """
    payable = [value for name in PAYABLE if isinstance(value := values.get(name), Decimal) and value]
    if not payable:
        return ()
    return tuple(
        found
        for context in contexts
        for segment in context.segments
        if (found := _best(context, segment, payable)) is not None
    )


def words_witness(contexts: Sequence[PageContext], value: FieldValue) -> Iterator[Witness]:
    """IN-WORDS for an amount that a page spells."""
    for found in amounts_in_words(contexts, {PAYABLE[0]: value}):
        if found.agreement is Agreement.SAME:
            yield Witness(Evidence.IN_WORDS, f"the page spells it: {shortened(found.text)}")
            return


def contradicting_words(contexts: Sequence[PageContext], values: Mapping[str, FieldValue]) -> Iterator[Violation]:
    """AMOUNT-IN-WORDS: the pages spell another amount than the one to pay, and not that one as well."""
    found = amounts_in_words(contexts, values)
    others = {value for name in _OF_OTHERS if isinstance(value := values.get(name), Decimal)}
    if any(each.agreement is not Agreement.OTHER for each in found):
        return
    for each in found:
        told = each.spelled.value
        if told in others:
            continue
        name = next(name for name in reversed(PAYABLE) if values.get(name))
        says = f", which is {told.quantize(CENT)}" if told is not None else ""
        yield Violation(
            RULE,
            f"The page says {shortened(each.text)!r} in words{says}, but the {name.replace('_', ' ')} in digits is "
            f"{values[name]}; find out which of the two is meant and enter it.",
            (name,),
            each.segments[0].page,
            BoundingBox.union(segment.box for segment in each.segments),
        )
        return


def _best(context: PageContext, segment: Segment, payable: Sequence[Decimal]) -> InWords | None:
    """What stands behind a label for words, read as far as it agrees with an amount, or else as far as it goes."""
    labelled, words = _behind_label(segment.text)
    others: list[InWords] = []
    for language in dict.fromkeys((*labelled, context.language) if labelled else ()):
        if language is None or not is_spelled(language):
            continue
        for segments, text in _texts(context, segment, words):
            spelled = spelled_amount(text, language)
            agreement = _agreement(spelled, payable) if spelled else Agreement.UNKNOWN
            if spelled is None or agreement is Agreement.UNKNOWN:
                continue
            found = InWords(" ".join(each.text for each in segments), segments, spelled, agreement)
            if agreement is not Agreement.OTHER:
                return found
            others.append(found)
    return max(others, key=lambda each: len(each.spelled.words), default=None)


def _agreement(spelled: SpelledAmount, payable: Sequence[Decimal]) -> Agreement:
    found = {spelled.agreement(amount) for amount in payable}
    return next(each for each in _CLEAREST if each in found)


@lru_cache(maxsize=8192)  # a segment is asked about for each amount
def _behind_label(text: str) -> tuple[tuple[str, ...], str]:
    """The languages in which a text begins with a label for words, and the folded text behind it, or behind the last of
    several in a row."""
    rest, pattern = unaccented(text), sentence_pattern(_LABEL)
    languages = tuple(languages_of(rest, _LABEL))
    label = pattern.search(rest) if languages else None
    while label is not None:
        rest = rest[label.end() :].lstrip(" :/()-.,#*=")
        label = pattern.match(rest)
    return languages, rest


def _texts(context: PageContext, segment: Segment, own: str) -> Iterator[tuple[tuple[Segment, ...], str]]:
    """A text and what it may go on with: right of it, and in the lines below."""
    row = [
        each
        for each in context.by_height.beside(segment.box)
        if each is not segment
        and same_row(each.box, segment.box)
        and 0 <= each.box.left - segment.box.right <= _BESIDE * segment.height
    ]
    right = sorted(row, key=lambda each: each.box.left)[:1]
    for beside in dict.fromkeys(((), tuple(right))):
        segments = (segment, *beside)
        said = " ".join((own, *(unaccented(each.text) for each in beside)))
        yield segments, said
        for below in _below(context, segments):
            segments, said = (*segments, below), f"{said} {unaccented(below.text)}"
            yield segments, said


def _below(context: PageContext, segments: Sequence[Segment]) -> Iterator[Segment]:
    edges, last = [each.box.left for each in segments], segments[-1]
    for _ in range(_MOST_LINES - 1):
        reach = (last.box.bottom, last.box.bottom + _NEXT * last.height)
        under = [
            each
            for each in context.from_height(last.box.bottom)
            if reach[0] - last.height / 2 <= each.box.top <= reach[1]
            and min(abs(each.box.left - edge) for edge in edges) <= _EDGE * last.height
        ]
        if not under:
            return
        last = min(under, key=lambda each: each.box.top)
        yield last
