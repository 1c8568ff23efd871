"""The reading as hOCR 1.2 and as ALTO 4: pages, regions, lines and words with places and confidences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from lxml import etree
from lxml.builder import E, ElementMaker

from db.records import JobRecord
from invoice_connector.exports.words import placed_words
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.page_layout import LayoutLine, PageLayout, Region, TableRegion, layout_of

_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CAPABILITIES = "ocr_page ocr_carea ocr_table ocr_line ocrx_word ocrp_wconf"


def to_hocr(record: JobRecord) -> bytes:
    """An XHTML document; boxes in pixels of the page image, ``x_wconf`` in per cent."""
    head = E.head(
        E.meta({"http-equiv": "Content-Type", "content": "text/html;charset=utf-8"}),
        E.title(_printable(record.source_name)),
        E.meta(name="ocr-system", content=_program()),
        E.meta(name="ocr-capabilities", content=_CAPABILITIES),
    )
    html = E.html(head, E.body(*(_hocr_page(record, page) for page in record.pages)))
    html.set("xmlns", "http://www.w3.org/1999/xhtml")
    html.set("lang", record.language or "")
    content: bytes = etree.tostring(
        html, xml_declaration=True, encoding="UTF-8", pretty_print=True, doctype="<!DOCTYPE html>"
    )
    return content


def _hocr_page(record: JobRecord, page: Mapping[str, Any]) -> etree._Element:
    number = page["page"]
    name = _printable(record.source_name).replace('"', "'")
    title = f'image "{name}"; bbox 0 0 {page["width"]} {page["height"]}; ppageno {number - 1}'
    element = E.div({"class": "ocr_page", "id": f"page_{number}", "title": title})
    line_number = 0
    for region_number, region in enumerate(_layout(record, number).regions, start=1):
        kind = "ocr_table" if isinstance(region, TableRegion) else "ocr_carea"
        identity = f"block_{number}_{region_number}"
        block = E.div({"class": kind, "id": identity, "title": _hocr_box(region.box)})
        for line in region.lines:
            line_number += 1
            block.append(_hocr_line(line, f"{number}_{line_number}"))
        element.append(block)
    return element


def _hocr_line(line: LayoutLine, place: str) -> etree._Element:
    element = E.span({"class": "ocr_line", "id": f"line_{place}", "title": _hocr_box(line.box)})
    for number, word in enumerate((placed.word for placed in line.words), start=1):
        sure = "" if word.confidence is None else f"; x_wconf {round(word.confidence * 100)}"
        attributes = {"class": "ocrx_word", "id": f"word_{place}_{number}"}
        span = E.span(_printable(word.text), {**attributes, "title": _hocr_box(word.box) + sure})
        span.tail = " "
        element.append(span)
    return element


def _hocr_box(box: BoundingBox) -> str:
    return "bbox {} {} {} {}".format(*box.as_tuple())


def to_alto(record: JobRecord) -> bytes:
    """ALTO 4 with a text block per region, a composed one per table; ``WC`` in 0..1."""
    alto = ElementMaker(namespace=_ALTO, nsmap={None: _ALTO, "xsi": _XSI})
    description = alto.Description(
        alto.MeasurementUnit("pixel"),
        alto.sourceImageInformation(alto.fileName(_printable(record.source_name))),
        alto.Processing(
            alto.processingDateTime(record.finished_at.isoformat(timespec="seconds")),
            alto.processingSoftware(
                alto.softwareName("invoice-connector"), alto.softwareVersion(metadata.version("invoice-connector"))
            ),
            ID="processing_1",
        ),
    )
    pages = [_alto_page(alto, record, page) for page in record.pages]
    root = alto.alto(description, alto.Layout(*pages))
    root.set(f"{{{_XSI}}}schemaLocation", f"{_ALTO} http://www.loc.gov/standards/alto/v4/alto.xsd")
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _alto_page(alto: ElementMaker, record: JobRecord, page: Mapping[str, Any]) -> etree._Element:
    number = page["page"]
    whole = BoundingBox(0, 0, page["width"], page["height"])
    regions = enumerate(_layout(record, number).regions, start=1)
    blocks = [_alto_region(alto, region, f"{number}_{place}") for place, region in regions]
    space = alto.PrintSpace(*blocks, **_alto_box(whole))
    size = {"WIDTH": str(whole.width), "HEIGHT": str(whole.height)}
    return alto.Page(space, ID=f"page_{number}", PHYSICAL_IMG_NR=str(number), **size)


def _alto_region(alto: ElementMaker, region: Region, place: str) -> etree._Element:
    """A text region is a block, a table a composed one with a block for each cell."""
    if not isinstance(region, TableRegion):
        return _alto_block(alto, region.lines, region.box, place)
    cells = [_alto_block(alto, c.lines, c.box, f"{place}_{c.row}_{c.column}") for c in region.cells]
    return alto.ComposedBlock(*cells, ID=f"table_{place}", TYPE="table", **_alto_box(region.box))


def _alto_block(alto: ElementMaker, lines: Sequence[LayoutLine], box: BoundingBox, place: str) -> etree._Element:
    placed = [_alto_line(alto, f"{place}_{number}", line) for number, line in enumerate(lines, start=1)]
    return alto.TextBlock(*placed, ID=f"block_{place}", **_alto_box(box))


def _alto_line(alto: ElementMaker, place: str, line: LayoutLine) -> etree._Element:
    element = alto.TextLine(ID=f"line_{place}", **_alto_box(line.box))
    before: Word | None = None
    for number, word in enumerate((placed.word for placed in line.words), start=1):
        if before is not None:
            gap = max(0, word.box.left - before.box.right)
            element.append(alto.SP(HPOS=str(before.box.right), VPOS=str(before.box.top), WIDTH=str(gap)))
        sure = {} if word.confidence is None else {"WC": f"{word.confidence:.4f}"}
        text = {"ID": f"string_{place}_{number}", "CONTENT": _printable(word.text)}
        element.append(alto.String(**text, **_alto_box(word.box), **sure))
        before = word
    return element


def _alto_box(box: BoundingBox) -> dict[str, str]:
    return {"HPOS": str(box.left), "VPOS": str(box.top), "WIDTH": str(box.width), "HEIGHT": str(box.height)}


def _layout(record: JobRecord, page: int) -> PageLayout:
    """The layout of one page of the job, from its lines that hold text."""
    lines = [line for line in record.lines if line["page"] == page and line["text"].split()]
    return layout_of(
        [TextLine(line["text"], BoundingBox(*line["box"]), line["confidence"], placed_words(line)) for line in lines]
    )


def _program() -> str:
    return f"invoice-connector {metadata.version('invoice-connector')}"


def _printable(text: str) -> str:
    """``text`` without the control characters that XML cannot hold."""
    return "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
