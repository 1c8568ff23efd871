"""Sentences of the pages that may say something which no phrase of a locale says: what is asked about is decided here,
what it means is asked (``rules/sentences.py``) where the document would otherwise be booked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal

from invoice_connector.evidence.currency import find_currencies, is_conversion
from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.amounts_in_words import amounts_in_words
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.line_patterns import POSTAL, street_word
from invoice_connector.fields.sentences import Sentence, sentences_of
from invoice_connector.fields.statements import labels_amount
from invoice_connector.fields.vocabulary import PARTY_TERMS
from invoice_connector.invoice import FieldValue, InvoiceLine
from ocr_ensemble.page_layout import same_row

_PAGES = 6  # that are looked at; what follows is terms
_KNOWN_LABEL = 0.8  # coverage from which a line is the label of a field
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST = 2  # words of a sentence
_ADDRESS = re.compile(r"\S@\S|www\.|https?:", re.IGNORECASE)
_LONGEST_NAME = 6  # words before a colon, or around an address of the internet, that say nothing
_OPEN_LABELS = frozenset({"_text", "_tender", "payment_terms"})  # terms whose values no field holds: how it is paid
_OPEN_VALUES = _OPEN_LABELS | {"paid_amount"}  # "Status: paid": here it is no label
_LONGEST_LABEL, _LONGEST_VALUE = 3, 8  # words of a label, and of the value beside it
_BESIDE = 25.0  # heights between a label and its value
_MOST_BESIDE = 4  # texts on the row of both: more are a table's


def remarks_of(
    contexts: Sequence[PageContext],
    lines: Sequence[InvoiceLine],
    values: Mapping[str, FieldValue],
    settled: frozenset[Decimal],
) -> tuple[str, ...]:
    """The texts of the first pages that may be a remark, each once, in the order of the pages: neither invoice lines
    nor labels nor the names and addresses of the parties (``values`` of the fields), nor what only tells amounts that
    the sums have (``settled``), spells what is to be paid, or gives it in another currency. A label that names no
    field and the value beside it are one text."""
    parties = [value for name, value in values.items() if name.startswith(("seller_", "buyer_"))]
    known = " ".join(value for value in parties if isinstance(value, str))
    names = {str(values[name]).casefold() for name in ("seller_name", "buyer_name") if name in values}
    spelled = {segment for each in amounts_in_words(contexts, values) for segment in each.segments}
    found = (
        sentence.text
        for context in contexts[:_PAGES]
        for sentence in sentences_of(context)
        if spelled.isdisjoint(segment for segment, _, _ in sentence.parts)
        and _is_free(context, sentence, lines)
        and not _is_announced(context, sentence, names)
        and not _is_converted(sentence.text)
        and not _is_told(context, sentence.text, known, settled)
    )
    facts = (
        f"{name}: {value}"
        for context in contexts[:_PAGES]
        for name, value in _facts(context, lines, spelled)
        if name not in known and value not in known
    )
    return tuple(dict.fromkeys((*found, *facts)))


def _facts(context: PageContext, lines: Sequence[InvoiceLine], told: Set[Segment]) -> Iterator[tuple[str, str]]:
    """Labels that name no field, with the words beside them: "Status: paid"; but for those that are ``told``."""
    for label in context.segments:
        if label in told:
            continue
        name = label.text.rstrip(" :")
        if not 1 <= len(name.split()) <= _LONGEST_LABEL or not name.replace(" ", "").isalpha():
            continue
        if _is_label(context, label) or _is_among(label, lines):
            continue
        near = context.by_height.beside(label.box)
        row = [each for each in near if each is not label and same_row(each.box, label.box)]
        reach = label.box.right + _BESIDE * label.height
        beside = [each for each in row if label.box.right <= each.box.left <= reach]
        value = min(beside, key=lambda each: each.box.left, default=None)
        if value is not None and len(row) < _MOST_BESIDE and _is_worded(context, value):
            yield name, value.text


def _is_worded(context: PageContext, segment: Segment) -> bool:
    """Whether a value says something in words, and is neither a label nor an amount."""
    words = _WORD.findall(segment.text)
    amounts = find_amounts(segment.text, context.mark, context.thousandths)
    named = segment.text.endswith(":") or _is_label(context, segment, _OPEN_VALUES)
    return 0 < len(words) <= _LONGEST_VALUE and not named and not any(each.has_mark for each in amounts)


def _is_free(context: PageContext, sentence: Sentence, lines: Sequence[InvoiceLine]) -> bool:
    """Whether it stands apart from the invoice lines and is more than labels."""
    if _is_among(sentence.parts[0][0], lines):
        return False
    named = all(_is_label(context, segment) or _is_bare(context, segment) for segment, _, _ in sentence.parts)
    return not named and not labels_amount(context, sentence)


def _is_among(segment: Segment, lines: Sequence[InvoiceLine]) -> bool:
    """Whether it stands at the height of the page's invoice lines."""
    boxes, middle = [line.box for line in lines if line.page == segment.page], segment.box.center[1]
    return bool(boxes) and min(box.top for box in boxes) <= middle <= max(box.bottom for box in boxes)


def _is_label(context: PageContext, segment: Segment, others: Set[str] = _OPEN_LABELS) -> bool:
    """Whether it is the label of a field, with its value or without; labels of ``others`` are none."""
    return any(
        label.coverage >= _KNOWN_LABEL and any(meaning.term not in others for meaning in label.meanings)
        for label in context.labels_of(segment)
    )


def _is_bare(context: PageContext, segment: Segment) -> bool:
    """Whether it is a label of whatever kind and nothing else."""
    return any(
        label.coverage >= _KNOWN_LABEL and not _WORD.search(segment.text[: label.start] + segment.text[label.end :])
        for label in context.labels_of(segment)
    )


def _is_announced(context: PageContext, sentence: Sentence, names: Set[str]) -> bool:
    """Whether it is a party's label and its name: "Invoice to Fenwick & Moss LLP"."""
    if len(sentence.parts) > 1:
        return False
    return any(
        not _WORD.search(segment.text[: label.start])
        and segment.text[label.end :].strip(" .:").casefold() in names
        and any(label.meaning(term) for term in PARTY_TERMS)
        for segment, _, _ in sentence.parts
        for label in context.labels_of(segment)
    )


def _is_converted(text: str) -> bool:
    """Whether it gives an amount or a rate in another currency for information."""
    return is_conversion(text) and any(map(str.isdigit, text)) and bool(find_currencies(text))


def _is_told(context: PageContext, text: str, known: str, settled: frozenset[Decimal]) -> bool:
    """Whether it says nothing new: too short, a name, a label or an address, or amounts that are settled."""
    words = len(_WORD.findall(text))
    names = text.endswith(":") or bool(_ADDRESS.search(text))  # a value that follows, or whose address it is
    if words < _FEWEST or text in known or (words <= _LONGEST_NAME and (names or _is_address(text))):
        return True
    found = find_amounts(text, context.mark, context.thousandths)
    amounts = [abs(each.value) for each in found if each.has_mark]
    return bool(amounts) and all(amount in settled for amount in amounts)


def _is_address(text: str) -> bool:
    return bool(POSTAL.search(text) and street_word().search(text))
