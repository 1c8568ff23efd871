"""A file whose pages were read, divided into the documents that it holds, each with its pages in their right order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.several import RULE
from invoice_connector.invoice import Violation
from invoice_connector.piles.pages import PageFacts, facts_of
from invoice_connector.piles.segmentation import Division, divided
from invoice_connector.pipeline.request import ManualDivision
from ocr_ensemble.document.page import Document, PageImage
from ocr_ensemble.document.steps import PreprocessingStep
from ocr_ensemble.illegible import is_bare
from ocr_ensemble.reading import DocumentReading, PageReading

REORDERED = "page_order"  # the step of a page that lay elsewhere in the file
_STOPPING = 0.2  # probability of a second document from which a file is not booked as one
_PROSE = 0.5  # share of lines that are sentences, from which a page without amounts holds terms


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a file. ``places``: its pages (from 0) in their right order; ``probability``: that exactly these
    are one; ``attachments``: the kinds of its pages (from 0, of the part) that are no invoice's; ``doubt``: why its
    bounds are to be looked at, None where they are sure enough; ``told``: a person said so."""

    places: tuple[int, ...]
    probability: float
    attachments: Mapping[int, str]
    doubt: Violation | None = None
    told: bool = False

    @property
    def pages(self) -> list[int]:
        """The numbers of its pages in the file, from 1."""
        return [place + 1 for place in self.places]

    @property
    def is_in_order(self) -> bool:
        """Whether its pages lie in the file as they belong."""
        return list(self.places) == sorted(self.places)

    @property
    def name(self) -> str:
        """ "page 3", "pages 3-5", "pages 5, 3, 4"."""
        first, *rest = self.pages
        if not rest:
            return f"page {first}"
        ordered = self.pages == list(range(first, first + len(self.places)))
        return f"pages {first}-{rest[-1]}" if ordered else f"pages {', '.join(map(str, self.pages))}"


@dataclass(frozen=True, slots=True)
class Pile:
    """The documents of a file. ``loose``: pages (from 0) that are no document's; ``told``: how a person divided it."""

    parts: tuple[Part, ...]
    loose: tuple[int, ...] = ()
    told: ManualDivision | None = None


def pile_of(document: Document, reading: DocumentReading, risk: float) -> Pile:
    """How the pages of a file are divided; ``risk`` (0..1): how probable an error in the bounds of a document may be
    that nobody looks at."""
    pages = zip(document.pages, reading.pages, strict=True)
    return divided_pages([_facts(image, page) for image, page in pages], document.name, risk)


def _facts(image: PageImage, page: PageReading) -> PageFacts:
    facts = facts_of(FieldPage.of_reading(page))
    return replace(facts, bare=is_bare(image, page)) if facts.sparse else facts


def told_pile(reading: DocumentReading, division: ManualDivision) -> Pile:
    """The same as a person divides them."""
    facts = [facts_of(FieldPage.of_reading(page)) for page in reading.pages]
    documents = [tuple(page - 1 for page in pages) for pages in division.documents]
    parts = tuple(Part(places, 1.0, _attachments(facts, places), told=True) for places in documents)
    return Pile(parts, tuple(page - 1 for page in division.left_out), division)


def divided_pages(facts: Sequence[PageFacts], name: str, risk: float) -> Pile:
    """The same of what the pages say."""
    division = divided(facts)
    alone = len(division.runs) == 1
    parts, loose = list[Part](), list[int]()
    for (first, last), chance in zip(division.runs, division.chances, strict=True):
        kept = tuple(range(first, last + 1)) if alone else _without_sheets(facts, first, last)
        loose += [place for place in range(first, last + 1) if place not in kept]
        if kept:
            doubt = _doubt(division, (first, last), name) if 1.0 - chance > (_STOPPING if alone else risk) else None
            parts.append(_part(facts, kept, chance, doubt))
    return Pile(tuple(parts), tuple(loose))


def page_digest(sha256: str, pages: Sequence[int]) -> str:
    """What stands for the bytes of a document that is some pages (from 1) of a file: 64 hexadecimal digits."""
    return hashlib.sha256(f"{sha256} pages {','.join(map(str, pages))}".encode()).hexdigest()


def part_document(document: Document, part: Part, name: str, sha256: str) -> Document:
    """The document of a part, its pages numbered from 1; those that were moved say so."""
    pages = tuple(
        _moved(replace(document.pages[place], number=number), place, part)
        for number, place in enumerate(part.places, start=1)
    )
    return replace(document, name=name, sha256=sha256, pages=pages)


def part_reading(reading: DocumentReading, part: Part) -> DocumentReading:
    """What was read of a part's pages, numbered from 1."""
    return DocumentReading(
        tuple(_renumbered(reading.pages[place], number) for number, place in enumerate(part.places, start=1))
    )


def part_container(pile: Pile, part: Part, before: Mapping[str, Any] | None, file: str, sha256: str) -> dict[str, Any]:
    """The ``container`` of a part's job; ``before`` is that of the file where it came in one itself."""
    inner = f"{before['part']}/" if before and before.get("part") else ""
    attachments = [{"page": place + 1, "kind": kind} for place, kind in sorted(part.attachments.items())]
    return {
        **(before or {"file": file}),
        "part": inner + part.name,
        "pages": part.pages,
        "probability": round(part.probability, 4),
        "sha256": sha256,
        **({"attachments": attachments} if attachments else {}),
        **({"left_out": [place + 1 for place in pile.loose]} if pile.loose else {}),
        **({"divided_by": {"name": told.by, "instead_of": list(told.instead_of)}} if (told := pile.told) else {}),
    }


def _doubt(division: Division, run: tuple[int, int], name: str) -> Violation:
    """What is least sure about the bounds of a document."""
    place = division.least_sure(*run)
    count, chance = len(division.runs), division.cuts[place]
    held = "one document" if count == 1 else f"{count} documents"
    message = (
        f"{name} seems to hold {held}, but whether one begins on its page {place + 1} is not sure (probability "
        f"{chance:.2f}); look at the thumbnails of its pages under 'The documents of the file', and move those that "
        "lie wrong, or send each document as a file of its own."
    )
    return Violation(RULE, message, ("invoice_number",))


def _without_sheets(facts: Sequence[PageFacts], first: int, last: int) -> tuple[int, ...]:
    """The places without empty and separating sheets before and after them."""
    while first <= last and facts[first].is_sheet:
        first += 1
    while first <= last and facts[last].is_sheet:
        last -= 1
    return tuple(range(first, last + 1))


def _part(facts: Sequence[PageFacts], places: Sequence[int], probability: float, doubt: Violation | None) -> Part:
    ordered = _ordered(facts, places)
    return Part(ordered, probability, _attachments(facts, ordered), doubt)


def _attachments(facts: Sequence[PageFacts], places: Sequence[int]) -> dict[int, str]:
    return {number: kind for number, place in enumerate(places) if (kind := _attached(facts[place])) and number}


def _attached(page: PageFacts) -> str | None:
    """What a page behind an invoice is that belongs to it and is none."""
    if page.other_kind == "delivery_note" and not page.totals:
        return "delivery_note"
    return "terms" if page.prose >= _PROSE and not page.amounts and not page.title else None


def _ordered(facts: Sequence[PageFacts], places: Sequence[int]) -> tuple[int, ...]:
    """The places in the order of the printed page numbers, where these number some of the first pages completely; the
    others keep their place behind them."""
    numbered = [place for place in places if facts[place].printed is not None]
    numbers = [found.number for place in numbered if (found := facts[place].printed) is not None]
    counts = {found.count for place in numbered if (found := facts[place].printed) is not None}
    if len(counts) != 1 or sorted(numbers) != list(range(1, len(numbers) + 1)) or counts != {len(numbers)}:
        return tuple(places)
    by_number = dict(zip(numbers, numbered, strict=True))
    in_order = iter([by_number[number] for number in sorted(numbers)])
    return tuple(next(in_order) if place in numbered else place for place in places)


def _moved(page: PageImage, place: int, part: Part) -> PageImage:
    sorted_places = sorted(part.places)
    layer = None if page.text_layer is None else replace(page.text_layer, page=page.number)
    page = replace(page, text_layer=layer)
    if sorted_places[page.number - 1] == place:
        return page
    why = "by a person" if part.told else "by the number that is printed on it"
    detail = f"page {place + 1} of the file, put here {why}"
    return replace(page, steps=(*page.steps, PreprocessingStep(REORDERED, detail)))


def _renumbered(page: PageReading, number: int) -> PageReading:
    lines = tuple(replace(line, slot=replace(line.slot, page=number)) for line in page.lines)
    return replace(
        page,
        number=number,
        lines=lines,
        fields=tuple(replace(found, page=number) for found in page.fields),
        runs=tuple(replace(run, page=number) for run in page.runs),
        decisions=tuple(replace(decision, page=number) for decision in page.decisions),
    )


def loose_reasons(pile: Pile, name: str) -> Iterator[dict[str, str]]:
    """What became of the pages that are no document's, as ``not_read`` of a job has it."""
    reason = "an empty sheet, or one that only separates documents"
    if pile.told is not None:
        reason = f"left out by {pile.told.by or 'the person who divided the file'}"
    for place in pile.loose:
        yield {"part": f"page {place + 1} of {name}", "reason": reason}
