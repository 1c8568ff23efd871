"""Features for a page beginning a document, for two pages being of one, and for a run of pages being one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invoice_connector.piles.pages import PageFacts

Features = Mapping[str, float]

CUT = (
    "any", "first_of_many", "one_of_one", "counts_on", "counts_back", "later_page", "numbered_alike", "after_last",
    "after_open", "other_count", "unnumbered_after_open", "title", "same_title", "other_kind", "after_other_kind",
    "other_number", "same_number", "repeats_number", "numberless", "number_after_none", "shared_identity",
    "other_identity", "no_identity", "like_head", "like_foot", "headless", "after_total", "no_total", "same_total",
    "other_day", "same_day", "sparse", "after_sparse", "code", "after_code", "other_code", "same_code",
    "other_language", "other_size", "carried", "no_amounts", "prose", "labels", "labels_new", "empty",
    "complete", "both_complete",
)  # fmt: skip
PAIR = ("other_number", "same_number", "repeats_number", "other_identity", "shared_identity", "other_day", "same_total",
        "like_head", "other_code", "other_total", "titled_again")  # fmt: skip
RUN = ("numbered_twice", "incomplete", "too_many", "untotalled", "unnumbered", "untitled", "several_codes", "sparse")
NAMES = (*(f"cut.{n}" for n in CUT), *(f"pair.{n}" for n in PAIR), *(f"run.{n}" for n in RUN))
"""All features in the order of the fitted weights."""


def cut_features(before: PageFacts, page: PageFacts) -> Features:
    """What speaks for and against a document beginning at ``page``, which lies behind ``before``."""
    return {
        "any": 1.0,
        **_printed(before, page),
        **_compared(before, page),
        "title": float(page.title is not None),
        "same_title": float(page.title is not None and page.title == before.title),
        "other_kind": float(page.other_kind is not None),
        "after_other_kind": float(before.other_kind is not None),
        "numberless": float(not page.numbers),
        "number_after_none": float(bool(page.numbers) and not before.numbers),
        "no_identity": float(not page.identities),
        "like_foot": _alike(before.foot, page.foot),
        "headless": float(not page.head),
        "after_total": float(bool(before.totals)),
        "no_total": float(not page.totals),
        "same_day": float(bool(before.days & page.days)),
        "sparse": float(page.sparse),
        "after_sparse": float(before.sparse),
        "code": float(bool(page.codes)),
        "after_code": float(bool(before.codes)),
        "same_code": float(bool(before.codes & page.codes)),
        "other_language": float(None not in (before.language, page.language) and before.language != page.language),
        "other_size": float(bool(before.words and page.words) and _differ(before.size, page.size)),
        "carried": float(page.carried),
        "no_amounts": float(not page.amounts),
        "prose": page.prose,
        "labels": min(page.labels, 5) / 5,
        "labels_new": float(page.labels >= 3),
        "empty": float(not page.words),
        "complete": float(page.complete),
        "both_complete": float(page.complete and before.complete and not before.numbers & page.numbers),
    }


def pair_features(first: PageFacts, page: PageFacts) -> Features:
    """What speaks for and against ``page`` being of the document that begins with ``first``."""
    compared = _compared(first, page)
    kept = {name: compared[name] for name in PAIR if name in compared}
    return {
        **kept,
        "other_total": float(bool(first.totals) and bool(page.totals) and not first.totals & page.totals),
        "titled_again": float(page.title is not None and page.title == first.title),
    }


def run_features(pages: Sequence[PageFacts]) -> Features:
    """What speaks for and against pages that follow one another being a whole document."""
    printed = [page.printed.number for page in pages if page.printed is not None]
    count = max((p.printed.count for p in pages if p.printed is not None and p.printed.count), default=None)
    whole = len(set(printed))
    codes = {code for page in pages for code in page.codes}
    return {
        "numbered_twice": float(len(printed) - whole),
        "incomplete": float(count is not None and whole < count),
        "too_many": float(count is not None and len(pages) > count),
        "untotalled": float(not any(page.totals for page in pages)),
        "unnumbered": float(not any(page.numbers for page in pages)),
        "untitled": float(not any(page.title for page in pages)),
        "several_codes": float(len(codes) > 1),
        "sparse": float(all(page.sparse for page in pages)),
    }


def _printed(before: PageFacts, page: PageFacts) -> Features:
    """What the printed page numbers say."""
    last, this = before.printed, page.printed
    found = dict.fromkeys(
        ("first_of_many", "one_of_one", "counts_on", "counts_back", "later_page", "numbered_alike", "after_last",
         "after_open", "other_count", "unnumbered_after_open"), 0.0,
    )  # fmt: skip
    if this is not None:
        found["first_of_many"] = float(this.number == 1 and this.count != 1)
        found["one_of_one"] = float(this.number == 1 and this.count == 1)
        found["later_page"] = float(this.number > 1)
    if last is not None and last.count is not None:
        found["after_last"] = float(last.number == last.count)
        found["after_open"] = float(last.number < last.count)
        found["unnumbered_after_open"] = float(last.number < last.count and this is None)
    if last is not None and this is not None:
        same = last.count == this.count
        found["counts_on"] = float(same and this.number == last.number + 1)
        found["counts_back"] = float(same and this.number < last.number)
        found["numbered_alike"] = float(this.number == last.number)
        found["other_count"] = float(not same)
    return found


def _compared(before: PageFacts, page: PageFacts) -> dict[str, float]:
    """What two pages have in common and what not."""
    known = max(before.numbers, key=len, default="")
    both = before.numbers and page.numbers
    identities = before.identities and page.identities
    return {
        "other_number": float(bool(both) and not before.numbers & page.numbers),
        "same_number": float(bool(before.numbers & page.numbers)),
        "repeats_number": float(len(known) > 2 and known in page.letters),
        "shared_identity": float(bool(before.identities & page.identities)),
        "other_identity": float(bool(identities) and not before.identities & page.identities),
        "like_head": _alike(before.head, page.head),
        "same_total": float(bool(before.totals & page.totals)),
        "other_day": float(bool(before.days) and bool(page.days) and not before.days & page.days),
        "other_code": float(bool(before.codes) and bool(page.codes) and not before.codes & page.codes),
    }


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the words that both have, 0..1."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two pages are of other paper, whichever way they lie."""
    pairs = zip(sorted(one), sorted(other), strict=True)
    return any(abs(a - b) > 0.02 * max(a, b) for a, b in pairs)
