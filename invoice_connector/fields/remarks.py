"""Sentences of the pages that may say something which no phrase of a locale says: what is asked about is decided here,
what it means is asked (``sentence_rules.py``) where the document would otherwise be booked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.sentences import Sentence, sentences_of
from invoice_connector.fields.statements import labels_amount
from invoice_connector.invoice import FieldValue, InvoiceLine

_PAGES = 6  # that are looked at; what follows is terms
_KNOWN_LABEL = 0.8  # coverage from which a line is the label of a field
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST = 2  # words of a sentence
_ADDRESS = re.compile(r"\S@\S|www\.|https?:", re.IGNORECASE)
_LONGEST_NAME = 6  # words before a colon, or around an address of the internet, that say nothing


def remarks_of(
    contexts: Sequence[PageContext],
    lines: Sequence[InvoiceLine],
    values: Mapping[str, FieldValue],
    settled: frozenset[Decimal],
) -> tuple[str, ...]:
    """The texts of the first pages that may be a remark, each once, in the order of the pages: neither invoice lines
    nor labels nor the names and addresses of the parties (``values`` of the fields), nor what only tells amounts that
    the sums have (``settled``)."""
    parties = [value for name, value in values.items() if name.startswith(("seller_", "buyer_"))]
    known = " ".join(value for value in parties if isinstance(value, str))
    found = (
        sentence.text
        for context in contexts[:_PAGES]
        for sentence in sentences_of(context)
        if _is_free(context, sentence, lines) and not _is_told(context, sentence.text, known, settled)
    )
    return tuple(dict.fromkeys(found))


def _is_free(context: PageContext, sentence: Sentence, lines: Sequence[InvoiceLine]) -> bool:
    """Whether it stands apart from the invoice lines and is more than labels."""
    first, middle = sentence.parts[0][0], sentence.parts[0][0].box.center[1]
    boxes = [line.box for line in lines if line.page == first.page]
    if boxes and min(box.top for box in boxes) <= middle <= max(box.bottom for box in boxes):
        return False
    named = all(_is_label(context, segment) for segment, _, _ in sentence.parts)
    return not named and not labels_amount(context, sentence)


def _is_label(context: PageContext, segment: Segment) -> bool:
    return any(label.coverage >= _KNOWN_LABEL for label in context.labels_of(segment))


def _is_told(context: PageContext, text: str, known: str, settled: frozenset[Decimal]) -> bool:
    """Whether it says nothing new: too short, a name, a label or an address, or amounts that are settled."""
    words = len(_WORD.findall(text))
    names = text.endswith(":") or bool(_ADDRESS.search(text))  # a value that follows, or whose address it is
    if words < _FEWEST or text in known or (words <= _LONGEST_NAME and names):
        return True
    found = find_amounts(text, context.mark, context.thousandths)
    amounts = [abs(each.value) for each in found if each.has_mark]
    return bool(amounts) and all(amount in settled for amount in amounts)
