"""Terms that earlier documents of the supplier have as a whole: its address, and the code of a kind of paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.parties import provenance_of
from invoice_connector.invoice import DocumentKind, Evidence, InvoiceField, Witness
from invoice_connector.suppliers.layout import Lesson, title_letters
from ocr_ensemble.layout import BoundingBox

_ADDRESS, _CODE = "seller_address", "invoice_type_code"
_OF_MONEY = ("380", "381")
"""Invoice and credit note: which of them a page is decides about the sign of its amounts, so that it alone tells."""
_SAME = Witness(Evidence.APPROVED, "the same as on approved invoices of the supplier")


def remembered(scene: Scene, fields: Mapping[str, InvoiceField], kind: DocumentKind | None) -> dict[str, InvoiceField]:
    """The fields that are read as approved documents of the supplier have them."""
    address, code = _address(scene, fields.get(_ADDRESS)), fields.get(_CODE)
    found = {} if address is None else {_ADDRESS: address}
    if code is not None and (told := _code(scene.known.lessons, code, kind)) is not None:
        found[_CODE] = replace(code, value=told).witnessed(_SAME)
    return found


def _address(scene: Scene, read: InvoiceField | None) -> InvoiceField | None:
    """The approved address where the pages print it, and what was read is nothing or a piece of it, or it of that."""
    values = dict.fromkeys(each.values[_ADDRESS] for each in scene.known.lessons if _ADDRESS in each.values)
    for value in values:
        wanted, now = alphanumeric(value), alphanumeric(str(read.value)) if read else ""
        if now == wanted:
            return None
        if (now in wanted or wanted in now) and (lines := _printed(scene.contexts, wanted)):
            return _of_lines(value, lines)
    return None


def _of_lines(value: str, lines: Sequence[Segment]) -> InvoiceField:
    sure, engines = provenance_of(lines)
    text, box = "\n".join(line.text.strip() for line in lines), BoundingBox.union(line.box for line in lines)
    return InvoiceField(_ADDRESS, value, text, sure, lines[0].page, box, engines, witnesses=(_SAME,))


def _printed(contexts: Sequence[PageContext], wanted: str) -> list[Segment]:
    """The lines that say all of it and nothing else, or the one that says it among others."""
    for context in contexts:
        for segment in context.segments:
            text = alphanumeric(segment.text)
            if wanted in text:
                return [segment]
            if text and wanted.startswith(text) and (lines := list(_followed(context, segment, wanted))):
                return lines
    return []


def _followed(context: PageContext, first: Segment, wanted: str) -> Iterator[Segment]:
    """The line and those below it that go on with what is wanted, to its end; nothing where it does not end."""
    lines, rest = [first], wanted[len(alphanumeric(first.text)) :]
    for segment in context.from_height(first.box.bottom):
        text = alphanumeric(segment.text)
        if rest and text and rest.startswith(text):
            lines.append(segment)
            rest = rest[len(text) :]
    yield from () if rest else lines


def _code(lessons: Sequence[Lesson], read: InvoiceField, kind: DocumentKind | None) -> str | None:
    """The code that people gave all papers of the supplier under this title, where it is not one of money's."""
    title = title_letters(kind.seen if kind else "")
    told = {lesson.kinds[title] for lesson in lessons if title in lesson.kinds}
    return told.pop() if len(told) == 1 and read.value == _OF_MONEY[0] and not told & set(_OF_MONEY) else None
