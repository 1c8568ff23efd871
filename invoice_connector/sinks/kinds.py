"""What each kind of sink does with a job. Each gives the receiver's name for it and may be asked twice for the same."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import singledispatch
from pathlib import Path
from typing import Any
from urllib.parse import quote

from db.contract import document_json, status_of
from db.records import JobRecord, StoredJob
from invoice_connector.exports.current import corrected
from invoice_connector.exports.errors import SourceMissingError
from invoice_connector.exports.formats import file_stem
from invoice_connector.exports.pages import source_bytes
from invoice_connector.invoice import AMOUNT_FIELDS, DATE_FIELDS, FIELD_NAMES
from invoice_connector.sinks.errors import DeliveryError
from invoice_connector.sinks.http import Exchange, send
from invoice_connector.sinks.settings import FolderSink, ParseSink, PluginSink, WebhookSink
from invoice_connector.sinks.webhook import post
from ocr_ensemble.document.limits import Limits


@singledispatch
def deliver(sink: Any, job: StoredJob, identifier: str) -> str:
    """Brings a job to a sink. ``identifier`` is the same for every try, so that the receiver can tell.

    Raises DeliveryError.
    """
    raise TypeError(f"{type(sink).__name__} is no sink")


@deliver.register
def _to_folder(sink: FolderSink, job: StoredJob, identifier: str) -> str:
    """JSON, and the source file beside it; a second try writes the same names with the same contents."""
    stem = file_stem(job.record)
    document = json.dumps(document_json(job), ensure_ascii=False, indent=2).encode()
    try:
        sink.path.mkdir(parents=True, exist_ok=True)
        content = _source(job)
        if content is not None:
            _replace(sink.path / f"{stem}{Path(job.record.source_name).suffix}", content)
        _replace(sink.path / f"{stem}.json", document)  # last: who sees it finds the file, too
    except OSError as error:
        raise DeliveryError(f"{sink.path} cannot be written ({error.strerror}); make it writable") from error
    return f"{stem}.json"


@deliver.register
def _to_webhook(sink: WebhookSink, job: StoredJob, identifier: str) -> str:
    post(sink, "invoice.processed", job.record.finished_at, document_json(job), identifier)
    return identifier


@deliver.register
def _to_parse(sink: ParseSink, job: StoredJob, identifier: str) -> str:
    """The object's id. An object of this job that is there already, from a try whose answer was lost, is the one."""
    base, record = sink.url.rstrip("/"), job.record
    objects = f"{base}/classes/{sink.class_name}"
    where = quote(json.dumps({"jobId": record.id}))
    there = _parse(sink, "GET", f"{objects}?where={where}&limit=1&keys=objectId")
    if results := there.get("results"):
        return str(results[0]["objectId"])
    values = _parse_object(job)
    content = _source(job)
    if content is not None:
        name = _parse_file_name(record)
        kind = record.media_type or "application/octet-stream"
        stored = _parse(sink, "POST", f"{base}/files/{quote(name)}", content, {"Content-Type": kind})
        values["file"] = {"__type": "File", "name": stored["name"], "url": stored["url"]}
    body = json.dumps(values, ensure_ascii=False).encode()
    more = {"Content-Type": "application/json", "X-Parse-Request-Id": identifier}
    return str(_parse(sink, "POST", objects, body, more)["objectId"])


@deliver.register
def _to_plugin(sink: PluginSink, job: StoredJob, identifier: str) -> str:
    """What a plug-in raises that is no DeliveryError is its fault, and ends neither the loop nor other deliveries."""
    try:
        return str(sink.deliver(document_json(job), _source(job), identifier))
    except DeliveryError:
        raise
    except Exception as error:
        raise DeliveryError(f"the sink {sink.kind!r} failed: {type(error).__name__}: {error}; mend it") from error


def _parse(
    sink: ParseSink, method: str, url: str, content: bytes = b"", more: Mapping[str, str] | None = None
) -> dict[str, Any]:
    headers = {"X-Parse-Application-Id": sink.application_id, **(more or {})}
    if sink.rest_key is not None:
        headers["X-Parse-REST-API-Key"] = sink.rest_key.get_secret_value()
    if sink.master_key is not None:
        headers["X-Parse-Master-Key"] = sink.master_key.get_secret_value()
    _, body = send(method, url, Exchange(headers, sink.seconds, sink.allow_private), content)
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise DeliveryError("the Parse Server's answer is no JSON; check that the URL is its mount") from error
    if not isinstance(answer, dict) or not {"results", "objectId", "name"} & answer.keys():
        raise DeliveryError("the Parse Server's answer is not one of its own; check that the URL is its mount")
    return answer


def _parse_file_name(record: JobRecord) -> str:
    """Parse takes letters, digits and a few signs only."""
    name = f"{file_stem(record)}{Path(record.source_name).suffix}"
    return re.sub(r"[^A-Za-z0-9_. -]", "_", name).lstrip("_. -") or "document"


def _parse_object(job: StoredJob) -> dict[str, Any]:
    """Columns to query by, in Parse's types (a Number is a double), and the whole document with exact amounts."""
    record = corrected(job)
    values: dict[str, Any] = {
        "jobId": record.id,
        "status": status_of(job),
        "sourceName": record.source_name,
        "sha256": record.sha256,
        "customerId": record.customer_id,
        "confidence": record.confidence,
        "processedAt": _parse_date(record.finished_at.astimezone(UTC).replace(tzinfo=None)),
        "document": document_json(job),
    }
    for name in FIELD_NAMES & record.fields.keys():
        value = record.fields[name]["value"]
        if name in DATE_FIELDS:
            value = _parse_date(datetime.fromisoformat(value))
        values[_camel(name)] = float(value) if name in AMOUNT_FIELDS else value
    return {name: value for name, value in values.items() if value is not None}


def _parse_date(moment: datetime) -> dict[str, str]:
    return {"__type": "Date", "iso": moment.isoformat(timespec="milliseconds") + "Z"}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _source(job: StoredJob) -> bytes | None:
    """The bytes that were read; None for an upload and where the file has gone or changed since."""
    try:
        return source_bytes(job.record, None, Limits())
    except SourceMissingError:
        return None


def _replace(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with scratch.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    scratch.replace(path)
