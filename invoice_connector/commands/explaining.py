"""How the values of a stored job came to be, as a page of text: file, versions, engines, evidence, doubts, reviews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from db.records import JobRecord, Json, StoredJob
from invoice_connector.commands.report import ORDER
from invoice_connector.provenance import deciding
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble.layout import BoundingBox

_EVIDENCE_OF_LINE = 0.5  # share of a field's box that a line covers to be where it was read


def explanation(job: StoredJob, names: Sequence[str] = ()) -> Iterator[str]:
    """The page line by line; ``names``: of the fields to tell about, all without."""
    record = job.record
    yield from _document(job)
    yield from _section("Read with", _read_with(record))
    yield from _section("Pages", _pages(record))
    yield from _section("Engines", _engines(record))
    wanted = [name for name in names or record.fields if name in record.fields]
    for name in sorted(wanted, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        yield from _section(name.replace("_", " ").capitalize(), _field(record, name, record.fields[name]))
    yield from _section("Why it stopped", (f"{found['rule']}: {found['message']}" for found in record.violations))
    yield from _section("Reviews", _reviews(job))


def missing_names(job: StoredJob, names: Iterable[str]) -> list[str]:
    """Those of the names that are no field of the job."""
    return [name for name in names if name not in job.record.fields]


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A heading and its lines; nothing where there are none."""
    told = list(lines)
    if told:
        yield ""
        yield title
        yield from (f"  {line}" for line in told)


def _document(job: StoredJob) -> Iterator[str]:
    record = job.record
    yield f"{record.source_name}: {record.status.replace('_', ' ')}"
    yield f"  job {record.id} of {record.started_at:%Y-%m-%d %H:%M:%S} UTC, {record.page_count} pages"
    if record.sha256:
        yield f"  the file's SHA-256 is {record.sha256}"
    if record.error_type:
        yield f"  {record.error_type}: {record.error_message}"
    yield f"  in the audit log number {job.audit.sequence}, {job.audit.hash}; `audit verify` derives it again"


def _read_with(record: JobRecord) -> Iterator[str]:
    found = record.provenance
    if found is None:
        yield "a version that did not note itself; engines: " + _pairs(record.engine_versions)
        return
    package = found.get("package", {})
    commit = f", commit {package['commit'][:12]}" if "commit" in package else ""
    yield f"invoice-connector {package.get('version', 'of an unknown version')}{commit}"
    if "device" in found:
        yield f"device: {found['device']}"
    for name in ("engines", "parts", "plugins", "libraries"):
        if found.get(name):
            yield f"{name}: {_pairs(found[name])}"
    yield f"settings: {_unusual(found.get('settings', {}))}"


def _unusual(settings: Mapping[str, Any]) -> str:
    """The settings that are not as usual today."""
    usual = deciding(ConnectorSettings.model_construct())
    other = {name: value for name, value in settings.items() if name not in usual or usual[name] != value}
    return _pairs(other) if other else "as usual"


def _pages(record: JobRecord) -> Iterator[str]:
    for page in record.pages:
        steps = [
            f"{step['step'].replace('_', ' ')} {step['detail']}"
            for step in record.preprocessing
            if step["page"] == page["page"]
        ]
        yield f"{page['page']}: {page['width']} x {page['height']} pixels" + "".join(f"; {step}" for step in steps)
    for left in record.not_read:
        yield f"not read: {left['part']}, {left['reason']}"


def _engines(record: JobRecord) -> Iterator[str]:
    for run in record.runs:
        why = f": {run.error}" if run.error else f", {run.lines} lines"
        yield f"page {run.page}: {run.engine} {run.status} in {run.milliseconds:.0f} ms{why}"
    for decision in record.fallback_trace:
        if decision.get("line") is None:
            yield f"page {decision['page']}: {decision['engine']} {'ran' if decision['ran'] else 'did not run'}: " + (
                str(decision["reason"])
            )


def _field(record: JobRecord, name: str, found: Json) -> Iterator[str]:
    sure = "unknown" if found["confidence"] is None else f"{found['confidence']:.4f}"
    yield f"{found['value']} with probability {sure}"
    yield f"printed as {found['text']!r} on page {found['page']} at {found['box']}; read by " + (
        ", ".join(found["engines"]) or "no engine alone"
    )
    for line in _lines_at(record, found):
        readings = "; ".join(f"{engine}: {text!r}" for engine, text in line["readings"].items())
        yield f"in the line {line['text']!r} ({readings})"
    for witness in found.get("witnesses", ()):
        yield f"evidence ({witness['kind']}): {witness['detail']}"
    for other in found.get("alternatives", ()):
        chance = "" if other["confidence"] is None else f" with probability {other['confidence']:.4f}"
        yield f"instead of {other['value']}{chance}"
    for verdict in record.verdicts:
        if verdict["subject"] == name:
            options = ", ".join(f"{text!r} {chance}" for text, chance in verdict["options"])
            yield f"the verifier ({verdict['model']}) saw {options}, none of them {verdict['none']}"


def _lines_at(record: JobRecord, found: Json) -> Iterator[Json]:
    """The lines that the field's box lies in."""
    box = BoundingBox(*found["box"])
    for line in record.lines:
        own = BoundingBox(*line["box"])
        if line["page"] == found["page"] and own.intersection_area(box) > _EVIDENCE_OF_LINE * min(own.area, box.area):
            yield line


def _reviews(job: StoredJob) -> Iterator[str]:
    for review in job.reviews:
        who = f"{review.reviewer or 'somebody'} on {review.reviewed_at:%Y-%m-%d}"
        changed = ", ".join(f"{name} is {change['value'] or 'not there'}" for name, change in review.changes.items())
        note = f": {review.note}" if review.note else ""
        yield f"{review.status} by {who}, {changed or 'nothing was changed'}{note}"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
