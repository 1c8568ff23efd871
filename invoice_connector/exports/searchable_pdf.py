"""A PDF of the page pictures with the reading as invisible text in its places, to be searched and copied from."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from db.records import JobRecord
from invoice_connector.exports.pages import ShownPage
from invoice_connector.exports.words import placed_words
from ocr_ensemble.layout import Word

_DPI = 200.0  # of a page that does not say its own
_QUALITY = 85
_ADVANCE = 0.5  # width of every glyph of the invisible font, in em

# Every character code is a UTF-16 code unit and means itself.
_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def to_searchable_pdf(record: JobRecord, pages: Sequence[ShownPage]) -> bytes:
    """One PDF page per page image, at its own resolution."""
    pdf = PdfWriter()
    font = _invisible_font(pdf)
    words: dict[int, list[Word]] = {}
    for line in record.lines:
        words.setdefault(line["page"], []).extend(placed_words(line))
    for page in pages:
        _add_page(pdf, font, page, words.get(page.number, []))
    pdf.add_metadata({"/Title": record.source_name})
    content = io.BytesIO()
    pdf.write(content)
    return content.getvalue()


def _add_page(pdf: PdfWriter, font: PdfObject, page: ShownPage, words: Sequence[Word]) -> None:
    scale = 72 / (page.dpi or _DPI)
    width, height = page.width * scale, page.height * scale
    picture = _stream(
        pdf,
        _jpeg(page),
        Type=_name("XObject"),
        Subtype=_name("Image"),
        Width=NumberObject(page.width),
        Height=NumberObject(page.height),
        ColorSpace=_name("DeviceRGB"),
        BitsPerComponent=NumberObject(8),
        Filter=_name("DCTDecode"),
    )
    drawn = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q\n"
    text = "".join(_shown(word, scale, height) for word in words)
    blank = pdf.add_blank_page(round(width, 3), round(height, 3))
    blank[_name("Contents")] = _stream(pdf, f"{drawn}BT 3 Tr\n{text}ET\n".encode())
    blank[_name("Resources")] = _dictionary(XObject=_dictionary(Page=picture), Font=_dictionary(Text=font))


def _shown(word: Word, scale: float, page_height: float) -> str:
    """The operators that set a word, with a space after it, stretched to its box. Baseline: a fifth above the box."""
    box = word.box
    size = max(box.height * scale, 1.0)
    units = word.text.encode("utf-16-be")
    stretch = box.width * scale / (len(units) / 2 * _ADVANCE * size) * 100
    x, y = box.left * scale, page_height - box.bottom * scale + 0.2 * size
    text = (units + b"\0 ").hex()
    return f"/Text {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {x:.2f} {y:.2f} Tm <{text}> Tj\n"


def _invisible_font(pdf: PdfWriter) -> PdfObject:
    """A font without glyphs: text that is not painted needs none, only widths and meanings."""
    name = _name("Invisible")
    descriptor = _dictionary(
        Type=_name("FontDescriptor"),
        FontName=name,
        Flags=NumberObject(5),
        FontBBox=ArrayObject(map(NumberObject, (0, -200, 1000, 800))),
        ItalicAngle=NumberObject(0),
        Ascent=NumberObject(800),
        Descent=NumberObject(-200),
        CapHeight=NumberObject(800),
        StemV=NumberObject(80),
    )
    system = {"Registry": TextStringObject("Adobe"), "Ordering": TextStringObject("Identity")}
    descendant = _dictionary(
        Type=_name("Font"),
        Subtype=_name("CIDFontType2"),
        BaseFont=name,
        CIDSystemInfo=_dictionary(**system, Supplement=NumberObject(0)),
        CIDToGIDMap=_name("Identity"),
        DW=NumberObject(round(_ADVANCE * 1000)),
        FontDescriptor=_kept(pdf, descriptor),
    )
    font = _dictionary(
        Type=_name("Font"),
        Subtype=_name("Type0"),
        BaseFont=name,
        Encoding=_name("Identity-H"),
        DescendantFonts=ArrayObject([_kept(pdf, descendant)]),
        ToUnicode=_stream(pdf, _TO_UNICODE),
    )
    return _kept(pdf, font)


def _name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def _dictionary(**entries: PdfObject) -> DictionaryObject:
    return DictionaryObject({_name(key): value for key, value in entries.items()})


def _stream(pdf: PdfWriter, content: bytes, **entries: PdfObject) -> PdfObject:
    """A stream of its own in the file, as packed as ``content`` is."""
    stream = StreamObject()
    stream.update(_dictionary(**entries))
    stream.set_data(content)
    return _kept(pdf, stream)


def _kept(pdf: PdfWriter, entry: PdfObject) -> PdfObject:
    """The reference to an object that is in the file from now on."""
    return pdf._add_object(entry)


def _jpeg(page: ShownPage) -> bytes:
    content = io.BytesIO()
    Image.fromarray(page.pixels).save(content, "JPEG", quality=_QUALITY)
    return content.getvalue()
