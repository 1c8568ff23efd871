"""Where fields are looked for: everywhere, unless a document has more words than an invoice ever has; and whether what
is left out is plainly terms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from invoice_connector.fields.kind_phrases import numbers_in
from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Violation

MOST_ON_PAGE = 5_000  # words: A4 in print of 5 points, edge to edge
MOST_WORDS = 9_000  # thirty pages of an ordinary invoice, or ten of terms in small print
_SENTENCE = 6  # words of a line that is part of one
_MOSTLY = 0.8  # of the words of a page of prose
_STRAY = 2  # figures at the ends of paragraphs
_FIGURE = re.compile(r"\d[.,]\d{2}(?!\d)")


def searched(pages: Sequence[FieldPage], most: int = MOST_WORDS) -> tuple[FieldPage, ...]:
    """The pages in which fields are looked for: all, or as many as have ``most`` words together; of a page that holds
    more words than print can, its head and its foot.

    The first and the last page come first, then those with the largest share of figures: terms and conditions have few.
    At least one page is always among them.
    """
    pages = [ends_of(page) for page in pages]
    words = [count_words(page) for page in pages]
    if sum(words) <= most:
        return tuple(pages)
    kept: set[int] = set()
    left = most
    for index in sorted(
        range(len(pages)), key=lambda at: (at not in (0, len(pages) - 1), -_share(pages[at], words[at]))
    ):
        if words[index] <= left or not kept:
            kept.add(index)
            left -= words[index]
    return tuple(page for index, page in enumerate(pages) if index in kept)


def unsearched(pages: Sequence[FieldPage], most: int = MOST_WORDS) -> tuple[Violation, ...]:
    """Names the pages that were left out and are not plainly terms; such a document is looked at by a person."""
    left = outside(pages, most)
    told = [page.number for page in pages if page.number in left and not is_prose(page)]
    if not told:
        return ()
    return (
        Violation(
            "pages-unsearched",
            f"the document has more than {most:,} words, or a page has more than {MOST_ON_PAGE:,}; {len(told)} of "
            f"its pages, the first of them page {told[0]}, were not searched for fields, or not as a whole; check "
            "them, or send the invoice without its appendices",
        ),
    )


def outside(pages: Sequence[FieldPage], most: int = MOST_WORDS) -> list[int]:
    """The numbers of the pages that are not searched, or not as a whole."""
    inside = {page.number: len(page.lines) for page in searched(pages, most)}
    return [page.number for page in pages if inside.get(page.number) != len(page.lines)]


def ends_of(page: FieldPage, most: int = MOST_ON_PAGE) -> FieldPage:
    """The page, or of one with too many words the lines of its head and of its foot, half of the words each."""
    if count_words(page) <= most:
        return page
    sums = list(accumulate(line.text.count(" ") + 1 for line in page.lines))
    kept = [at for at, total in enumerate(sums) if 2 * total <= most or 2 * (sums[-1] - total) < most]
    lines = tuple(page.lines[at] for at in kept)
    return replace(page, lines=lines, engines=tuple(page.engines[at] for at in kept) if page.engines else ())


def is_prose(page: FieldPage) -> bool:
    """Whether a page is running text, as terms are: mostly long lines, hardly a figure outside of a sentence, and no
    label of a paper's number. An invoice, or a list of items, has many short lines with figures."""
    lengths = [(sum(map(_is_word, line.text.split())), line.text) for line in page.lines if line.text.strip()]
    if not lengths:
        return True
    in_sentences = sum(words for words, _ in lengths if words >= _SENTENCE)
    short = [text for words, text in lengths if words < _SENTENCE]
    figures = sum(bool(_FIGURE.search(text)) for text in short)
    labelled = any(numbers_in(text) for text in short)
    return in_sentences >= _MOSTLY * sum(words for words, _ in lengths) and figures <= _STRAY and not labelled


def _is_word(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= 2


def count_words(page: FieldPage) -> int:
    return sum(line.text.count(" ") + 1 for line in page.lines)


def _share(page: FieldPage, words: int) -> float:
    return sum(len(_FIGURE.findall(line.text)) for line in page.lines) / max(1, words)
