"""From a file to the documents that become jobs: itself, or those in it when it is a container."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from db.ids import new_job_id
from invoice_connector.arrivals.bundle import Beside, Why, bundled
from invoice_connector.arrivals.containers import BODY, SIGNED, Container, container_kind
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.fields.sentences import sentence_spans
from invoice_connector.pipeline.request import Request
from ocr_ensemble.document.decode import read_source
from ocr_ensemble.document.foreign import is_e_invoice, is_xml
from ocr_ensemble.document.isolation import ask
from ocr_ensemble.document.messages import WithBytes
from ocr_ensemble.errors import DocumentError, NoDocumentError, SeveralDocumentsError
from ocr_ensemble.settings import EnsembleSettings

_TASK = "invoice_connector.arrivals.unpack:unpack_task"  # by name: it is imported where it runs
_INVOICE_TASK = "invoice_connector.einvoice.found:invoice_of"
_NAMED = 5  # parts that a message names


@dataclass(frozen=True, slots=True)
class Arrival:
    """One document to be read: where its bytes are, and what is known of it."""

    source: Path | bytes
    request: Request


@dataclass(frozen=True, slots=True)
class Opening:
    """How files are opened: the settings of reading, and the bounds of containers."""

    settings: EnsembleSettings
    bounds: Bounds

    def arrivals(self, source: Path | bytes, request: Request) -> tuple[Arrival, ...]:
        """The documents of a file. A container gives one for each document in it, the first under the request's own
        job id; one without any, and whatever cannot be opened, is handed on as it is, so that its job says why.

        What the sender expects is only known to be of a document that is alone.
        """
        whole = (Arrival(source, request),)
        try:
            content = source if isinstance(source, bytes) else read_source(source, self.settings.limits)
            if container_kind(content) is None:
                return whole
            found = unpacked(content, request.source_name, self)
        except DocumentError:
            return whole
        listed = found.value["documents"]
        if not listed:
            return whole
        arrivals, begin, digest = list[Arrival](), 0, hashlib.sha256(content).hexdigest()
        for entry in listed:
            part = found.content[begin : begin + entry["size"]]
            begin += entry["size"]
            taken = part if entry["error"] is None else f"{digest} {entry['path']}".encode()
            made = _request(request, entry, found.value["left_out"], alone=len(listed) == 1)
            arrivals.append(Arrival(taken, made if not arrivals else replace(made, job_id=new_job_id())))
        return tuple(arrivals)


def unpacked(content: bytes, name: str, opening: Opening) -> WithBytes:
    """What a container holds, as of ``unpack_task``, from the child process. Raises a DocumentError."""
    settings = opening.settings
    settings.limits.check_bytes(len(content), name)
    bounds = replace(opening.bounds, part_bytes=settings.limits.max_bytes)
    answer = ask(settings.isolation, _TASK, json.dumps(asdict(bounds)).encode() + b"\n" + content, name)
    assert isinstance(answer, WithBytes)
    return answer


def why_not_one(content: bytes, kind: Container, name: str, settings: EnsembleSettings) -> DocumentError:
    """The error of a container where one document is asked for: it holds none, several, or cannot be opened."""
    try:
        found = unpacked(content, name, Opening(settings, Bounds())).value
    except DocumentError as error:
        return type(error)(f"{name} is {kind} that was not opened: {error}")
    if found["documents"]:
        paths = [entry["path"] for entry in found["documents"]]
        return SeveralDocumentsError(
            f"{name} is {kind} that holds {len(paths)} documents ({_listed(paths)}), which are not one job; send it as "
            "a file, or unpack it and send each by itself."
        )
    parts = [f"{each['part']}: {each['reason']}" for each in found["left_out"]]
    return NoDocumentError(
        f"{name} is {kind} that holds no document ({_listed(parts, '; ') or 'it is empty'}); send the invoice in it as "
        "a PDF or picture."
    )


def shown_by_data(paths: Sequence[Path], opening: Opening) -> dict[Path, Path]:
    """The PDF files that lie beside an e-invoice of the same name, each with that e-invoice: they are read with it and
    compared with what it states."""
    pictures = {path.with_suffix("").absolute(): path for path in paths if path.suffix.lower() == ".pdf"}
    found = {}
    for path in (path for path in paths if path.suffix.lower() == ".xml"):
        beside = pictures.get(path.with_suffix("").absolute())
        if beside is not None and _is_readable(path, opening.settings):
            found[beside] = path
    return found


def with_picture(path: Path, picture: Path | None, settings: EnsembleSettings) -> Path | bytes:
    """The e-invoice of a file with the PDF beside it; the file itself where there is none, or one of both cannot be
    read, which its job says then."""
    if picture is None:
        return path
    try:
        content, shown = (read_source(each, settings.limits) for each in (path, picture))
    except DocumentError:
        return path
    return bundled(content, [Beside(picture.name, shown, Why.PICTURE)])


def picture_beside(path: Path) -> Path | None:
    """The PDF of the same name in the folder of an e-invoice."""
    if path.suffix.lower() != ".xml":
        return None
    return next((each for each in (path.with_suffix(".pdf"), path.with_suffix(".PDF")) if each.is_file()), None)


def _is_readable(path: Path, settings: EnsembleSettings) -> bool:
    try:
        content = read_source(path, settings.limits)
        if not is_xml(content) or not is_e_invoice(content) or container_kind(content) is not None:
            return False
        ask(settings.isolation, _INVOICE_TASK, content, path.name)
    except DocumentError:
        return False
    return True


def part_of(record_sha256: str | None, content: bytes, name: str, opening: Opening) -> bytes | None:
    """The document in a container whose SHA-256 is given; None when it is not there any more."""
    if container_kind(content) is None:
        return None
    try:
        found = unpacked(content, name, opening)
    except DocumentError:
        return None
    begin = 0
    for entry in found.value["documents"]:
        part = found.content[begin : begin + entry["size"]]
        begin += entry["size"]
        if hashlib.sha256(part).hexdigest() == record_sha256:
            return part
    return None


def _request(request: Request, entry: dict[str, Any], left_out: Sequence[dict[str, str]], alone: bool) -> Request:
    container = {"file": request.source_name, "part": entry["path"], **entry["mail"]}
    before, _, name = entry["path"].rpartition("/")
    if name.startswith((BODY, SIGNED)):  # no name of a file
        name = f"{before.rpartition('/')[2] or request.source_name} ({name})"
    made = replace(
        request, source_name=name, container=container, not_read=tuple(left_out), remarks=_remarks(entry["said"])
    )
    if not alone:
        made = replace(made, invoice_number=None, expected_amount=None)
    if entry["error"] is not None:
        kind, message = entry["error"]
        made = replace(made, broken=(kind, f"{entry['path']} was not taken out of {request.source_name}: {message}."))
    return made


def _remarks(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """The sentences of a mail's text."""
    sentences = (text[start:end].strip() for text in paragraphs for start, end in sentence_spans(text))
    return tuple(dict.fromkeys(sentence for sentence in sentences if sentence))


def _listed(texts: Sequence[str], joint: str = ", ") -> str:
    more = f"{joint}and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return joint.join(texts[:_NAMED]) + more
