"""Documents of suppliers one after another, read, stored and reviewed as people would, against their truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np
from sqlalchemy import Engine

from db.audit import append_job
from db.ids import new_job_id
from db.known import EarlierJobs
from db.records import JobRecord, JobStatus, utc_now
from db.reviews import ReviewRequest
from invoice_connector.invoice import Invoice
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.process import extracted
from invoice_connector.pipeline.request import Request
from invoice_connector.review.storing import store_review
from invoice_connector.rules.calibration import calibrated
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import NEEDED, decide, doubts
from invoice_connector.rules.earlier_documents import compared, judged
from invoice_connector.rules.kinds import check_paper
from invoice_connector.rules.witnesses import with_witnesses
from invoice_connector.suppliers.directory import LogDirectory
from invoice_connector.suppliers.known import Directory
from invoice_connector.suppliers.matching import match
from invoice_connector.suppliers.rules import check_parties, with_supplier
from ocr_ensemble.document.page import Document, ImageQuality, PageImage
from ocr_ensemble.reading import DocumentReading
from scripts.evaluation.datasets import Sample
from scripts.evaluation.fields import Mark, judge, score_fields
from scripts.evaluation.readings import ReadingCache

BOOKED_FIELDS = tuple(name for need in NEEDED for name in need.names)
_LOOKED_AT = 10  # every so many booked documents one is reviewed all the same


@dataclass(frozen=True, slots=True)
class Step:
    """One document of a stream: its ``position`` from 1, what was read, and what became of it."""

    sample: Sample
    position: int
    outcome: Outcome

    @property
    def invoice(self) -> Invoice:
        assert self.outcome.invoice is not None
        return self.outcome.invoice

    @property
    def booked(self) -> bool:
        return self.outcome.status is JobStatus.COMPLETED

    @property
    def marks(self) -> tuple[int, int]:
        """Fields right, and all that the truth has."""
        score = score_fields(self.invoice.fields, self.sample)
        counts = [[score.count(name, mark) for mark in Mark] for name in score.counts]
        return sum(each[0] for each in counts), sum(map(sum, counts))

    @property
    def wrong(self) -> list[str]:
        """The key fields that are wrong."""
        score = score_fields(self.invoice.fields, self.sample)
        return [name for name in dict.fromkeys(BOOKED_FIELDS) if score.count(name, Mark.WRONG)]


def streamed(engine: Engine, samples: Sequence[Sample], cache: ReadingCache) -> Iterator[Step]:
    """The documents in order, each read with what was learned from those before it, then stored and reviewed."""
    directory, booked = LogDirectory(lambda: engine), 0
    for _, stream in groupby(cache.read(in_order(samples)), key=lambda each: each[0].group):
        for position, (sample, reading) in enumerate(stream, start=1):
            outcome = stored(engine, read(directory, sample, reading, cache))
            step = Step(sample, position, outcome)
            booked += step.booked
            if not step.booked or booked % _LOOKED_AT == 0:
                approve(engine, step)
            yield step


def read(directory: Directory, sample: Sample, reading: DocumentReading, cache: ReadingCache) -> Outcome:
    """What ``process`` makes of a reading, without a verifier."""
    lines = [line.line.text for page in reading.pages for line in page.lines]
    known = directory.known(lines, None)
    seen = cache.compared(sample, reading, partial(extracted, known=known))
    invoice = calibrated(with_witnesses(seen.invoice, seen.reading))
    supplier = match(invoice, known)
    invoice = with_supplier(invoice, supplier)
    parties = check_parties(invoice, known, supplier)
    found = (*seen.conflicts, *check(invoice), *check_paper(invoice), *doubts(invoice), *parties)
    now, pages = utc_now(), tuple(_blank(page.number, page.width, page.height) for page in reading.pages)
    document = Document(sample.path.name, "application/pdf", "0" * 64, pages)
    request = Request(new_job_id(), sample.path.name)
    sha256 = f"{abs(hash(sample.path)):064x}"[:64]
    return Outcome(
        request, decide(found), now, now, "fallback", "compact", document=document, reading=seen.reading,
        invoice=invoice, violations=found, sha256=sha256, supplier=supplier,
    )  # fmt: skip


def _blank(number: int, width: int, height: int) -> PageImage:
    pixels = np.broadcast_to(np.uint8(255), (height, width, 3))
    return PageImage(number, pixels, ImageQuality(1.0, 1.0, 0.0, 0.0))


def stored(engine: Engine, outcome: Outcome) -> Outcome:
    """The outcome as the log judged it."""
    document = replace(compared(outcome), picture=None)  # the pages were not kept
    record, final = outcome.to_record(None, document.keys()), outcome

    def compare(earlier: EarlierJobs) -> JobRecord:
        nonlocal final
        final = judged(outcome, document, earlier)
        return final.judgement_on(record)

    append_job(engine, record, (), (), compare)
    return final


def approve(engine: Engine, step: Step) -> None:
    """Corrects what is not as the truth has it, and approves the rest."""
    truth, found = step.sample.truth, step.invoice.fields
    wrong = {name: truth.get(name) for name, field in found.items() if judge(field, step.sample) is False}
    missing = {name: value for name, value in truth.items() if name not in found}
    request = ReviewRequest(step.outcome.request.job_id, {**wrong, **missing}, note="as the truth has it")
    store_review(engine, request, confirmed=True)


def in_order(samples: Sequence[Sample]) -> list[Sample]:
    """By stream and position, as the files are named."""
    return sorted(samples, key=lambda sample: (sample.group, sample.path.name))
