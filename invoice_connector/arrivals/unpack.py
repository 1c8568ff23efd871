"""A container taken apart: the documents in it, in containers within it too, and what of it is none.

It runs in the child process that decodes foreign bytes, under its limits of memory and time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from lxml import etree

from invoice_connector.arrivals import archive, mail, outlook, signed
from invoice_connector.arrivals.bundle import Beside, Why, bundled, is_bundle
from invoice_connector.arrivals.containers import BODY, BODY_ELEMENT, SIGNED, Container, container_kind
from invoice_connector.arrivals.judging import is_about_terms, why_none
from invoice_connector.arrivals.parts import Bounds, LeftOut, Part
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.einvoice.parse import parse_invoice
from invoice_connector.einvoice.tree import safe_root
from ocr_ensemble.document.foreign import is_e_invoice, is_xml
from ocr_ensemble.document.messages import WithBytes
from ocr_ensemble.errors import DamagedDocumentError, DocumentError, DocumentTooLargeError


def unpack(source: bytes, bounds: Bounds) -> tuple[list[Part], list[LeftOut]]:
    """The documents of a container and the parts that are none. Raises a DocumentError when it cannot be opened."""
    return _Unpacking(bounds).of(source)


def unpack_task(message: bytes) -> WithBytes:
    """The same for a parent process: ``message`` is the bounds as JSON, a line end, and the container. The answer lists
    the documents, whose contents follow one another in its bytes."""
    head, _, source = message.partition(b"\n")
    documents, left_out = unpack(source, Bounds(**json.loads(head)))
    listed = [
        {
            "path": part.path,
            "mail": dict(part.mail),
            "said": list(part.said),
            "size": len(part.content),
            "error": None if part.error is None else [type(part.error).__name__, str(part.error)],
        }
        for part in documents
    ]
    others = [{"part": each.part, "reason": each.reason} for each in left_out]
    return WithBytes({"documents": listed, "left_out": others}, b"".join(part.content for part in documents))


class _Unpacking:
    """Counts what has been unpacked, in all containers together."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._left = bounds.total_bytes
        self._parts = bounds.parts
        self._seen: dict[str, str] = {}

    def of(self, source: bytes) -> tuple[list[Part], list[LeftOut]]:
        kind = container_kind(source)
        if kind is None:
            raise DamagedDocumentError("it is no container that is opened; send the documents in it by themselves")
        return self._level(self._openers(source)[kind](), self._bounds.depth)

    def _openers(self, source: bytes) -> dict[Container, Callable[[], Iterator[Part]]]:
        return {
            Container.ZIP: lambda: archive.zip_parts(source, self._bounds),
            Container.MAIL: lambda: mail.mail_parts(source),
            Container.MAILBOX: lambda: mail.mailbox_parts(source),
            Container.OUTLOOK: lambda: outlook.message_parts(source, self._bounds.depth),
            Container.BODIES: lambda: _bodies(source),
            Container.SIGNED: lambda: iter((Part(SIGNED, signed.signed_content(source)),)),
        }

    def _level(self, parts: Iterator[Part], deeper: int) -> tuple[list[Part], list[LeftOut]]:
        documents, left_out = list[Part](), list[LeftOut]()
        for part in self._counted(parts, left_out):
            kind = None if part.error or part.reason else container_kind(part.content)
            if kind is not None:
                inner, others = self._inner(part, kind, deeper)
                documents += inner
                left_out += others
            elif (reason := part.reason or why_none(part) or self._known(part)) is not None:
                left_out.append(LeftOut(part.path, reason))
            else:
                documents.append(part)
        return _put_together(documents), left_out

    def _inner(self, part: Part, kind: Container, deeper: int) -> tuple[list[Part], list[LeftOut]]:
        """What a container in a container holds; one that cannot be opened costs itself."""
        try:
            if deeper <= 1:
                raise DocumentTooLargeError(
                    f"it lies deeper than {self._bounds.depth} containers within each other; send it by itself, or "
                    "raise the limit container_depth"
                )
            inner, others = self._level(self._openers(part.content)[kind](), deeper - 1)
        except DocumentError as error:
            return [Part(part.path, b"", part.mail, error=error)], []
        return [each.within(part) for each in inner], [LeftOut(f"{part.path}/{e.part}", e.reason) for e in others]

    def _counted(self, parts: Iterator[Part], left_out: list[LeftOut]) -> Iterator[Part]:
        """The parts within the bounds; of the others it is said that there are more."""
        for part in parts:
            self._parts -= 1
            if self._parts < 0:
                reason = f"more than {self._bounds.parts:,} parts are not opened; split it, or raise container_parts"
                left_out.append(LeftOut(f"all from {part.path} on", reason))
                return
            self._left -= len(part.content)
            if self._left < 0 or len(part.content) > self._bounds.part_bytes:
                yield Part(part.path, b"", part.mail, error=self._too_large(len(part.content)))
                if self._left < 0:
                    left_out.append(LeftOut(f"all after {part.path}", "everything together is too large"))
                    return
            else:
                yield part

    def _too_large(self, size: int) -> DocumentTooLargeError:
        if size > self._bounds.part_bytes:
            return DocumentTooLargeError(
                f"it has {size:,} bytes and the limit is {self._bounds.part_bytes:,}; send it smaller, or raise "
                "max_bytes"
            )
        return DocumentTooLargeError(
            f"with what was unpacked before it makes more than {self._bounds.total_bytes:,} bytes; send it by itself, "
            "or raise the limit container_bytes"
        )

    def _known(self, part: Part) -> str | None:
        """Why a part is none: the same bytes came before."""
        if part.error is not None:
            return None
        digest = hashlib.sha256(part.content).hexdigest()
        before = self._seen.setdefault(digest, part.path)
        return None if before == part.path else f"the same file as {before}"


def _put_together(documents: list[Part]) -> list[Part]:
    """The documents, with the PDF of an e-invoice's name beside the e-invoice, and what is named as terms beside the
    first document: they are read with it before it is said what they are."""
    data = {_stem(part): place for place, part in enumerate(documents) if not part.error and _is_readable(part)}
    with_what = {
        place: (data[_stem(part)], Why.PICTURE)
        for place, part in enumerate(documents)
        if _is_pdf(part) and _stem(part) in data
    }
    named = [place for place, part in enumerate(documents) if place not in with_what and _is_named_as_terms(part)]
    papers = (place for place, part in enumerate(documents) if place not in with_what and place not in named)
    first = next((place for place in papers if documents[place].error is None), None)
    if first is not None:
        with_what |= dict.fromkeys(named, (first, Why.TERMS))
    return [_with_beside(documents, place, with_what) for place in range(len(documents)) if place not in with_what]


def _with_beside(documents: list[Part], place: int, with_what: Mapping[int, tuple[int, Why]]) -> Part:
    beside = [
        Beside(documents[each].path, documents[each].content, why)
        for each, (main, why) in with_what.items()
        if main == place
    ]
    part = documents[place]
    return replace(part, content=bundled(part.content, beside)) if beside else part


def _is_named_as_terms(part: Part) -> bool:
    return part.error is None and not is_bundle(part.content) and is_about_terms(part)


def _is_pdf(part: Part) -> bool:
    return part.content.startswith(b"%PDF")


def _stem(part: Part) -> str:
    return str(PurePath(part.path).with_suffix("")).casefold() if part.name.strip(".") else part.path


def _is_readable(part: Part) -> bool:
    """Whether a part is an e-invoice whose terms can be read."""
    if not is_xml(part.content) or not is_e_invoice(part.content):
        return False
    try:
        return parse_invoice(part.content, part.name) is not None
    except EmbeddedInvoiceError:
        return False


def _bodies(source: bytes) -> Iterator[Part]:
    """One e-invoice for each body, all with the header."""
    try:
        root = safe_root(source, "it")
    except EmbeddedInvoiceError as error:
        raise DamagedDocumentError(str(error)) from error
    count = len(_bodies_of(root))
    for number in range(count):
        copy = safe_root(source, "it")
        for place, body in enumerate(_bodies_of(copy)):
            if place != number:
                copy.remove(body)
        yield Part(f"{BODY}{number + 1} of {count}", etree.tostring(copy, xml_declaration=True, encoding="UTF-8"))


def _bodies_of(root: etree._Element) -> list[etree._Element]:
    return [child for child in root.iterchildren("{*}*") if etree.QName(child).localname == BODY_ELEMENT]
