"""A PDF of the page pictures with the reading as invisible text in its places, to be searched and copied from."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
from PIL import Image

from db.records import JobRecord
from invoice_connector.exports.words import placed_words
from ocr_ensemble.document.page import PageImage
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


def to_searchable_pdf(record: JobRecord, pages: Sequence[PageImage]) -> bytes:
    """One PDF page per page image, at its own resolution."""
    pdf = pikepdf.new()
    font = _invisible_font(pdf)
    for page in pages:
        words = [word for line in record.lines if line["page"] == page.number for word in placed_words(line)]
        _add_page(pdf, font, page, words)
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = record.source_name
    content = io.BytesIO()
    pdf.save(content, linearize=False, deterministic_id=True)
    return content.getvalue()


def _add_page(pdf: pikepdf.Pdf, font: pikepdf.Object, page: PageImage, words: Sequence[Word]) -> None:
    scale = 72 / (page.dpi or _DPI)
    width, height = page.width * scale, page.height * scale
    picture = pikepdf.Stream(
        pdf,
        _jpeg(page),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=page.width,
        Height=page.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    drawn = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q\n"
    text = "".join(_shown(word, scale, height) for word in words)
    content = pikepdf.Stream(pdf, f"{drawn}BT 3 Tr\n{text}ET\n".encode())
    pdf.pages.append(
        pikepdf.Page(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[0, 0, round(width, 3), round(height, 3)],
                Contents=pdf.make_indirect(content),
                Resources=pikepdf.Dictionary(
                    XObject=pikepdf.Dictionary({"/Page": pdf.make_indirect(picture)}),
                    Font=pikepdf.Dictionary({"/Text": font}),
                ),
            )
        )
    )


def _shown(word: Word, scale: float, page_height: float) -> str:
    """The operators that set a word, with a space after it, stretched to its box. Baseline: a fifth above the box."""
    box = word.box
    size = max(box.height * scale, 1.0)
    units = word.text.encode("utf-16-be")
    stretch = box.width * scale / (len(units) / 2 * _ADVANCE * size) * 100
    x, y = box.left * scale, page_height - box.bottom * scale + 0.2 * size
    text = (units + b"\0 ").hex()
    return f"/Text {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {x:.2f} {y:.2f} Tm <{text}> Tj\n"


def _invisible_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font without glyphs: text that is not painted needs none, only widths and meanings."""
    name = pikepdf.Name("/Invisible")
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=name,
        Flags=5,
        FontBBox=[0, -200, 1000, 800],
        ItalicAngle=0,
        Ascent=800,
        Descent=-200,
        CapHeight=800,
        StemV=80,
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        CIDToGIDMap=pikepdf.Name.Identity,
        DW=round(_ADVANCE * 1000),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pdf.make_indirect(pikepdf.Stream(pdf, _TO_UNICODE)),
        )
    )


def _jpeg(page: PageImage) -> bytes:
    content = io.BytesIO()
    Image.fromarray(page.pixels).save(content, "JPEG", quality=_QUALITY)
    return content.getvalue()
