"""The receipt of what was not read: one list per job, of parts left out, pages skipped, limits met, engines missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.scope import MOST_WORDS, outside
from invoice_connector.rules.decision import ILLEGIBLE, illegible_pages, why_unread
from invoice_connector.rules.picture_check import not_shown
from ocr_ensemble.document.page import BLANK, Document
from ocr_ensemble.document.steps import LOWER_RESOLUTION, NO_FONTS
from ocr_ensemble.reading import DocumentReading, RunStatus
from verifier.verdict import Verification

_OF_PAGES = {LOWER_RESOLUTION: "the finest print of page {}", NO_FONTS: "the text of page {}", BLANK: "page {}"}
"""Steps of a page that leave something of it out."""


def receipt(
    document: Document | None,
    reading: DocumentReading | None,
    verification: Verification,
    embedded: Mapping[str, Any] | None,
) -> list[dict[str, str]]:
    """What of a file was not read and why, each said once. ``embedded`` as in ``Outcome``."""
    found: list[tuple[str, str]] = []
    if document is not None:
        found += [(part.part, part.reason) for part in document.not_read]
        found += [
            (_OF_PAGES[step.name].format(page.number), step.detail)
            for page in document.pages
            for step in page.steps
            if step.name in _OF_PAGES
        ]
    if embedded is not None and embedded.get("error"):
        found.append(("the e-invoice in the file", str(embedded["error"]["message"])))
    if document is not None and reading is not None:
        found += [*_of_pages(document, reading), *_of_engines(reading)]
    if verification.failed:
        found.append(("the questions to the verifier", verification.failed))
    return [{"part": part, "reason": reason} for part, reason in dict.fromkeys(found)]


def _of_pages(document: Document, reading: DocumentReading) -> Iterator[tuple[str, str]]:
    """Pages that no engine came to the end of, text that nobody sees, and pages in which no field was looked for."""
    for page in document.unread(reading):
        yield f"page {page.number}", why_unread(page)
    for number in illegible_pages(document, reading):
        yield f"page {number}", ILLEGIBLE
    for image, page in zip(document.pages, reading.pages, strict=True):
        if not_shown(image.hidden, page):
            yield f"hidden text on page {page.number}", "nobody sees it, so it was not read as the page's"
    for number in outside([FieldPage.of_reading(page) for page in reading.pages]):
        yield f"fields on page {number}", f"a document of more than {MOST_WORDS:,} words is not searched as a whole"


def _of_engines(reading: DocumentReading) -> Iterator[tuple[str, str]]:
    """Engines that gave nothing at all; of the others the pages on which they failed; and what a limit kept from
    reading a page."""
    useful = {run.engine for run in reading.runs if run.status is RunStatus.OK}
    failed = [run for run in reading.runs if run.status is not RunStatus.OK]
    missing = {run.engine: run.error or str(run.status) for run in reversed(failed) if run.engine not in useful}
    yield from ((f"engine {engine}", reason) for engine, reason in sorted(missing.items()))
    read = {(run.engine, run.page) for run in reading.runs if run.status is RunStatus.OK}
    for run in failed:
        if run.engine in useful and (run.engine, run.page) not in read:
            yield f"engine {run.engine} on page {run.page}", run.error or str(run.status)
    for page in reading.pages:
        for decision in page.decisions:
            if decision.limited:
                yield f"engine {decision.engine} on page {decision.page}", decision.reason
