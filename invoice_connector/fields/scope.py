"""Where fields are looked for: everywhere, unless a document has more words than an invoice ever has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from invoice_connector.fields.page import FieldPage
from invoice_connector.invoice import Violation

MOST_WORDS = 12_000  # forty pages of an ordinary invoice, or thirteen of terms in small print
_FIGURE = re.compile(r"\d[.,]\d{2}(?!\d)")


def searched(pages: Sequence[FieldPage], most: int = MOST_WORDS) -> tuple[FieldPage, ...]:
    """The pages in which fields are looked for: all, or as many as have ``most`` words together.

    The first and the last page come first, then those with the largest share of figures: terms and conditions have few.
    At least one page is always among them.
    """
    words = [_words(page) for page in pages]
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
    """Names the pages that were left out; such a document is looked at by a person."""
    inside = {page.number for page in searched(pages, most)}
    outside = [page.number for page in pages if page.number not in inside]
    if not outside:
        return ()
    return (
        Violation(
            "pages-unsearched",
            f"the document has more than {most:,} words, and on {len(outside)} of its pages, the first of them page "
            f"{outside[0]}, no field was looked for; check them, or send the invoice without its appendices",
        ),
    )


def _words(page: FieldPage) -> int:
    return sum(line.text.count(" ") + 1 for line in page.lines)


def _share(page: FieldPage, words: int) -> float:
    return sum(len(_FIGURE.findall(line.text)) for line in page.lines) / max(1, words)
