"""What finding the parties needs to know of a page: the kinds of its lines and the labels that announce a party."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.labels import Label, is_label, stands_alone
from invoice_connector.fields.legal_forms import has_legal_form
from invoice_connector.fields.lines import LineKind, is_wordy, leading_name
from invoice_connector.fields.vocabulary import PARTY_TERMS, squeezed
from invoice_connector.locales import words

_DOMAIN = re.compile(r"(?:@|www\.|https?://)([\w-]{3,})\.", re.IGNORECASE)
_APART = re.compile(r"(?:[|,;·•(]\s*|\s{2})$")
_PERSON = range(2, 5)  # words of a name
_LONG_LABEL = 10  # letters of a label in one word that begins no company's name: "Kontoinnehavare"
_ANNOUNCED = re.compile(r"[ .]*:|\. (?=[^\W\d_])")  # "Kunde:", "Kunde. Linde AG"
_ANNOUNCING = re.compile(r"[ .]*(?:[:#]|\d)")


@dataclass(frozen=True, slots=True, eq=False)
class PartyPage:
    """A page with the kind of each line, its text columns and what announces a party or belongs to one."""

    context: PageContext
    kinds: dict[Segment, LineKind]
    runs: tuple[tuple[Segment, ...], ...]  # text columns, top to bottom
    party_labels: tuple[tuple[Label, str], ...]
    inline: dict[Segment, tuple[str, int, int]]  # "Customer: Bergs AB": the party's term and where its name stands
    domains: tuple[str, ...]
    headings: frozenset[Segment]  # the lines of the labels
    text: str  # all lines without case, each word one blank from the next
    right: int  # how far print reaches


def party_page(context: PageContext, kinds_of: Mapping[Segment, LineKind]) -> PartyPage:
    """A label announces a party when it opens its line and stands alone there, before a colon or a name."""
    kinds = {segment: kinds_of[segment] for segment in context.segments}
    runs = tuple(block.segments for block in context.blocks)
    labels = []
    for label in context.labels:
        colon = bool(_ANNOUNCED.match(label.segment.text, label.end))
        at_start = not any(character.isalnum() for character in label.segment.text[: label.start])
        alone = stands_alone(label, context.labels_of(label.segment))
        if not (at_start and (alone or colon or _leads_to_name(label))):
            continue
        whole = replace(label, box=label.segment.box) if alone else label  # with what it is called besides
        for term in PARTY_TERMS:
            if label.meaning(term):
                labels.append((whole, term))
    headings = frozenset(label.segment for label, _ in labels)
    inline = {segment: place for segment in context.segments if (place := _glued_name(context, segment))}
    inline |= {label.segment: place for label, term in labels if (place := _inline_name(context, label, term))}
    text = "\n".join(" ".join(segment.text.casefold().split()) for segment in context.segments)
    right = max((segment.box.right for segment in context.segments), default=0)
    return PartyPage(context, kinds, runs, tuple(labels), inline, tuple(domains_of([context])), headings, text, right)


def _leads_to_name(label: Label) -> bool:
    """ "Invoice to Fenwick & Moss LLP", "Bill To Tomas Quill", "KUNDE Linde Rør": a label that is no word of a name,
    since it has two words or more, or a long one, or alone is all in capitals; then a company, or capital letters."""
    text = label.segment.text
    words, rest = text[label.start : label.end].split(), text[label.end :].strip(" ,")
    name = rest[: leading_name(rest)].split()
    if not name or any(char.isdigit() for word in name for char in word):
        return False
    shouted = words[-1].isupper() and not "".join(name).isupper()
    if not (shouted or len(words) > 1 or len(words[0]) >= _LONG_LABEL):
        return False
    person = len(name) in _PERSON and all(word[0].isupper() for word in name)
    return person or has_legal_form(" ".join(name))


def _inline_name(context: PageContext, label: Label, term: str) -> tuple[str, int, int] | None:
    """Where a name stands behind its label on one line, its address behind it or not; None for a number, as in
    "Customer: 1180", or cash."""
    text = label.segment.text
    later = [other.start for other in context.labels_of(label.segment) if other.start > label.end and _opens(other)]
    start, end = stripped(text, label.end, min(later, default=len(text)))
    end = start + leading_name(text[start:end])  # "Seller: Acme Ltd · 4 Mill Lane, Leeds"
    name = text[start:end]
    if not is_wordy(name) or any(c.isdigit() for c in name) or _nobody().match(name) or is_label(name):
        return None
    return term, start, end


def _glued_name(context: PageContext, segment: Segment) -> tuple[str, int, int] | None:
    """Where a company's name stands behind a label that no sign sets apart, "koper LINDE VOF", or that only the label
    model knows, "Operatør: Linde AS"; the label's case, or its colon, tells it from a part of the name."""
    text = segment.text
    if not has_legal_form(text) or any(map(str.isdigit, text)):
        return None
    for label in (*context.labels_of(segment), *context.learned):
        if label.segment is not segment or any(map(str.isalnum, text[: label.start])):
            continue
        colon = label in context.learned and text[label.end :].lstrip(" .")[:1] == ":"
        start, end = stripped(text, label.end, len(text))
        lower = text[label.start : label.end].islower() and text[start : start + 1].isupper()
        if (colon or lower) and has_legal_form(text[start:end]) and is_wordy(text[start:end]):
            terms = (term for term in PARTY_TERMS if label.meaning(term))
            return next(terms, ""), start, end
    return None


@lru_cache(maxsize=1)
def _nobody() -> re.Pattern[str]:
    """What stands where a customer's name would: "Cash", "Barverkauf"."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, words('nobody')))})\b", re.IGNORECASE)


def _opens(label: Label) -> bool:
    """Whether a label within a line announces something and is no word of a name: "Unity Cleaning Services LLP"."""
    text = label.segment.text
    return bool(_APART.search(text[: label.start]) or _ANNOUNCING.match(text, label.end))


def stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without signs before it and spaces and separators behind it."""
    while start < end and not text[start].isalnum():
        start += 1
    return start, start + len(text[start:end].rstrip(" ,;|·•:–-"))


def domains_of(contexts: Sequence[PageContext]) -> list[str]:
    """The names in web and mail addresses, squeezed, without those of public mail services."""
    found = [m for c in contexts for s in c.segments for m in _DOMAIN.findall(s.text)]
    public = {"gmail", "hotmail", "yahoo", "facebook", "outlook", "localhost"}
    return [squeezed(name) for name in found if name.lower() not in public]
