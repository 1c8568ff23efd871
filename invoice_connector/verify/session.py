"""One document before the verifier: lines first, then the fields taken from them, then what is still in doubt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from invoice_connector.invoice import Invoice, InvoiceField
from invoice_connector.rules.consistency import check
from invoice_connector.verify.arithmetic import misread, veto
from invoice_connector.verify.questions import (
    Place,
    asked_fields,
    field_inquiry,
    line_at,
    line_inquiry,
    lines_of,
    squeezed,
)
from ocr_ensemble.document.page import Document
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.fusion.confidence import calibrated
from ocr_ensemble.fusion.vote import vote
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import Consensus, Decision, DocumentReading, Reading
from verifier.errors import VerifierError
from verifier.judgement import judged, shifted, text_probability
from verifier.verdict import Verdict
from verifier.verifier import Inquiry, Purse, Verifier, noted

logger = logging.getLogger(__name__)

FOR_LINES = 0.6  # share of the time after which no line is asked about, so that the fields get theirs

Extract = Callable[[DocumentReading], Invoice]


@dataclass(frozen=True, slots=True)
class Verified:
    """The document after the verifier looked at it. ``asked``: field name to its last verdict; ``changed``: lines
    that now say something else; ``error``: why the verifier stopped answering."""

    reading: DocumentReading
    invoice: Invoice
    verdicts: tuple[Verdict, ...] = ()
    asked: Mapping[str, Verdict] = field(default_factory=dict)
    changed: int = 0
    error: VerifierError | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Another consensus for a line, and the verdict that chose it."""

    place: Place
    consensus: Consensus
    verdict: int


class Session:
    """Holds what is known so far while questions are put; used once."""

    def __init__(self, document: Document, ensemble: OCREnsemble, extract: Extract, verifier: Verifier, purse: Purse):
        self._document = document
        self._ensemble = ensemble
        self._extract = extract
        self._verifier = verifier
        self._weight = verifier.calibration.weight
        self._refusal = verifier.calibration.refusal
        self._purse = purse
        self._verdicts: list[Verdict] = []
        self._asked: dict[str, Verdict] = {}
        self._read_again: set[Place] = set()
        self._changed: set[Place] = set()
        self._error: VerifierError | None = None

    def run(
        self,
        reading: DocumentReading,
        invoice: Invoice,
        places: Sequence[Place],
        suspicious: Sequence[str],
        rereads: int,
    ) -> Verified:
        """``places``: the lines to ask about, most urgent first; ``rereads``: how many lines may be read again."""
        reserved = len(asked_fields(invoice, suspicious))  # every key field gets its question
        spare = max(0, self._purse.left - reserved - rereads // 2)
        doubtful, reading, invoice = self._ask_lines(reading, invoice, places[:spare])
        affordable = min(rereads // 2, max(0, self._purse.left - reserved))
        reading, invoice = self._look_again(reading, invoice, doubtful[:affordable])
        unsettled = self._ask_fields(reading, asked_fields(invoice, suspicious))
        again = dict.fromkeys(place for found in unsettled for place in lines_of(reading, found))
        left = [place for place in again if place not in self._read_again][: rereads - len(self._read_again)]
        before = invoice
        reading, invoice = self._look_again(reading, invoice, left)
        if invoice is not before:  # a field that still says the same stays in doubt
            self._ask_fields(reading, _different(before, invoice, asked_fields(invoice, suspicious)))
        asked = {name: verdict for name, verdict in self._asked.items() if name in invoice.fields}
        invoice = self._marked(reading, invoice, asked)
        return Verified(reading, invoice, tuple(self._verdicts), asked, len(self._changed), self._error)

    def _put(self, inquiries: Sequence[Inquiry], share: float = 1.0) -> tuple[Verdict | None, ...]:
        if self._error is not None:
            return (None,) * len(inquiries)
        result = self._verifier.ask(inquiries, self._purse, share)
        self._error = result.error
        return result.verdicts

    def _ask_lines(
        self,
        reading: DocumentReading,
        invoice: Invoice,
        places: Sequence[Place],
        more: Mapping[Place, Sequence[str]] | None = None,
    ) -> tuple[list[Place], DocumentReading, Invoice]:
        """The lines that stay in doubt, and the document with the readings that were chosen and not vetoed."""
        inquiries = [
            (place, line_inquiry(self._document, reading, place, (more or {}).get(place, ()))) for place in places
        ]
        known = [(place, inquiry) for place, inquiry in inquiries if inquiry is not None]
        doubtful: list[Place] = []
        changes: list[Change] = []
        answered = self._put([inquiry for _, inquiry in known], FOR_LINES if more is None else 1.0)
        for (place, _), verdict in zip(known, answered, strict=True):
            if verdict is None:
                continue
            line = line_at(reading, place)
            judgement = judged(verdict, line.probability, self._weight)
            number = len(self._verdicts)
            self._verdicts.append(verdict)
            if judgement.chosen is None:
                doubtful.append(place)
            text = verdict.question.options[judgement.chosen or 0]
            changes.append(Change(place, with_text(line, text, judgement.confidence), number))
        return doubtful, *self._apply(reading, invoice, changes)

    def _apply(
        self, reading: DocumentReading, invoice: Invoice, changes: Sequence[Change]
    ) -> tuple[DocumentReading, Invoice]:
        """All changes at once where arithmetic allows it; otherwise one by one, without those it refuses."""
        if not changes:
            return reading, invoice
        texts = [c for c in changes if squeezed(c.consensus.line.text) != squeezed(line_at(reading, c.place).line.text)]
        reading = _with_lines(reading, [change for change in changes if change not in texts])
        together = _with_lines(reading, texts)
        after = self._extract(together)
        if veto(invoice, after) is None:
            self._changed |= {change.place for change in texts}
            return together, after
        invoice = self._extract(reading)
        for change in texts:
            one = _with_lines(reading, [change])
            after = self._extract(one)
            refusal = veto(invoice, after)
            if refusal is None:
                reading, invoice = one, after
                self._changed.add(change.place)
            else:
                self._verdicts[change.verdict] = noted(self._verdicts[change.verdict], refusal)
        return reading, invoice

    def _look_again(
        self, reading: DocumentReading, invoice: Invoice, places: Sequence[Place]
    ) -> tuple[DocumentReading, Invoice]:
        """Lines in doubt are cut out anew, enlarged, read, fused with the old readings and asked about once more."""
        places = [place for place in places if place not in self._read_again and self._error is None]
        if not places or not self._purse.left:
            return reading, invoice
        self._read_again.update(places)
        more: dict[Place, Sequence[str]] = {}
        before = reading
        for number, page in enumerate(self._document.pages):
            here = [place for place in places if place.page == number]
            boxes = [line_at(reading, place).line.box for place in here]
            for place, new in zip(here, self._ensemble.read_again(page, boxes), strict=True):
                fused, reading = self._fused(reading, place, new)
                more[place] = [text for text in (fused, *(r.text for r in new)) if text]
        _, reading, invoice = self._ask_lines(reading, invoice, places, more)
        return _with_decisions(before, reading, places), invoice

    def _fused(self, reading: DocumentReading, place: Place, new: Sequence[Reading]) -> tuple[str, DocumentReading]:
        """The text that old and new readings vote for, and the document with the new readings beside the old ones."""
        line = line_at(reading, place)
        if not new:
            return "", reading
        slot = replace(line.slot, readings=(*line.slot.readings, *new))
        engines = tuple(dict.fromkeys(r.engine for r in slot.readings))
        fused = calibrated(vote(slot), engines)
        return fused.line.text, _with_lines(reading, [Change(place, replace(line, slot=slot), 0)])

    def _ask_fields(self, reading: DocumentReading, fields: Sequence[InvoiceField]) -> list[InvoiceField]:
        """Puts the fields; those whose text the verifier does not see."""
        inquiries = [(found, field_inquiry(self._document, reading, found)) for found in fields]
        known = [(found, inquiry) for found, inquiry in inquiries if inquiry is not None]
        unsettled = []
        for (found, _), verdict in zip(known, self._put([inquiry for _, inquiry in known]), strict=True):
            self._asked.pop(found.name, None)
            if verdict is None:
                continue
            self._verdicts.append(verdict)
            self._asked[found.name] = verdict
            if not verdict.confirms:
                unsettled.append(found)
        return unsettled

    def _marked(self, reading: DocumentReading, invoice: Invoice, asked: dict[str, Verdict]) -> Invoice:
        """The invoice with ``verified`` and confidence of the fields that were asked about."""
        impossible = misread(check(invoice))
        fields = dict(invoice.fields)
        for name, verdict in asked.items():
            found = fields[name]
            seen = verdict.confirms
            if seen and name in impossible:
                position = self._verdicts.index(verdict)
                asked[name] = self._verdicts[position] = noted(verdict, f"refused: {impossible[name]} is broken")
                seen = False
            confidence = _confidence(reading, found, verdict, self._weight)
            if verdict.refuses and confidence is not None and found.confidence is not None:
                confidence = min(confidence, shifted(found.confidence, -self._refusal))
            fields[name] = replace(found, verified=seen, confidence=confidence)
        return replace(invoice, fields=fields)


def _different(before: Invoice, after: Invoice, fields: Sequence[InvoiceField]) -> list[InvoiceField]:
    """Of ``fields`` of ``after`` those that were not the same before."""

    def print_of(invoice: Invoice, name: str) -> tuple[str, BoundingBox] | None:
        found = invoice.fields.get(name)
        return None if found is None else (found.text, found.box)

    return [found for found in fields if print_of(before, found.name) != print_of(after, found.name)]


def _confidence(reading: DocumentReading, found: InvoiceField, verdict: Verdict, weight: float) -> float | None:
    """The field's probability with the part that its print had in it judged anew; never raised above what is known
    about it being the right field."""
    if found.confidence is None:
        return None
    chances = [line_at(reading, place).probability for place in lines_of(reading, found)]
    known = [chance for chance in chances if chance is not None]
    before = min(0.999, max(found.confidence, min(known, default=found.confidence)))
    after = text_probability(verdict, before, weight)
    return min(1.0, found.confidence * after / before) if before else found.confidence


def with_text(line: Consensus, text: str, confidence: float) -> Consensus:
    """The line saying ``text``, which one of its readings or their vote says, with a new probability."""
    if squeezed(text) == squeezed(line.line.text):
        return replace(line, line=replace(line.line, confidence=confidence))
    same = tuple(reading for reading in line.slot.readings if squeezed(reading.text) == squeezed(text))
    chosen = vote(replace(line.slot, readings=same) if same else line.slot)
    if squeezed(chosen.line.text) != squeezed(text):
        return line  # nobody read it so
    own = replace(chosen.line, box=line.line.box, confidence=confidence, polygon=line.line.polygon)
    return replace(line, line=own, support=chosen.support)


def _with_lines(reading: DocumentReading, changes: Sequence[Change]) -> DocumentReading:
    pages = list(reading.pages)
    for change in changes:
        lines = list(pages[change.place.page].lines)
        lines[change.place.line] = change.consensus
        pages[change.place.page] = replace(pages[change.place.page], lines=tuple(lines))
    return replace(reading, pages=tuple(pages))


def _with_decisions(before: DocumentReading, after: DocumentReading, places: Sequence[Place]) -> DocumentReading:
    """The trace of what was read again, and whether it changed."""
    pages = list(after.pages)
    for place in places:
        page = pages[place.page]
        old, new = line_at(before, place).line.text, line_at(after, place).line.text
        came = "it says the same" if squeezed(old) == squeezed(new) else "it says something else now"
        reason = f"the verifier doubted the line; it was cut out anew, enlarged and read again: {came}"
        decision = Decision(page.number, "verifier", ran=True, reason=reason, line=place.line)
        pages[place.page] = replace(page, decisions=(*page.decisions, decision))
    return replace(after, pages=tuple(pages))
