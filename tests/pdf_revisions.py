"""PDFs that get further revisions at their end: signed, annotated, with other texts in their pages."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Mapping
from datetime import date

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # the attribute of a signature that holds what it signs
_PLACE = 4096  # bytes of a signature
_RANGE = 1_000_000_000  # stands in the file until the places are known


def updated(pdf: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """The file with one more revision at its end."""
    writer = PdfWriter(io.BytesIO(pdf), incremental=True)
    change(writer)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def signed(
    pdf: bytes,
    chance: random.Random,
    place: tuple[float, float, float, float] = (0, 0, 0, 0),
    beside: Callable[[PdfWriter, DictionaryObject], None] = lambda _writer, _value: None,
    paper: bool = False,
) -> bytes:
    """The file signed in one more revision; ``place`` in points where the signature is shown, nothing without size, on
    white ``paper``; ``beside`` may add to its dictionary."""
    contents = bytes(_PLACE)

    def sign(writer: PdfWriter) -> None:
        value = DictionaryObject(
            {NameObject("/Type"): NameObject("/Sig"), NameObject("/Filter"): NameObject("/Adobe.PPKLite")}
        )
        value[NameObject("/SubFilter")] = NameObject(chance.choice(("/adbe.pkcs7.detached", "/ETSI.CAdES.detached")))
        value[NameObject("/ByteRange")] = ArrayObject([NumberObject(0)] + [NumberObject(_RANGE)] * 3)
        value[NameObject("/Contents")] = ByteStringObject(contents)
        widget = annotation(writer, "/Widget", place, "Signed by the seller" if place[2] else "", paper)
        widget.update(
            {
                NameObject("/FT"): NameObject("/Sig"),
                NameObject("/T"): TextStringObject(f"Signature {chance.random()}"),
                NameObject("/V"): writer._add_object(value),
            }
        )
        beside(writer, value)
        form = DictionaryObject({NameObject("/SigFlags"): NumberObject(3)})
        earlier = writer.root_object.get("/AcroForm", {}).get("/Fields", [])
        form[NameObject("/Fields")] = ArrayObject([*earlier, annotate(writer, widget)])
        writer.root_object[NameObject("/AcroForm")] = form

    made = updated(pdf, sign)
    hexed = b"<" + contents.hex().encode() + b">"
    start = made.lower().rindex(hexed)
    end = start + len(hexed)
    numbers = b"".join(b" %-10d" % number for number in (start, end, len(made) - end))
    told = b" %d" % _RANGE * 3
    at = made.rindex(told)
    made = made[:at] + numbers + made[at + len(told) :]
    digest = hashlib.new(chance.choice(("sha256", "sha512", "sha1")), made[:start] + made[end:]).digest()
    contents = MESSAGE_DIGEST + b"\x31\x22\x04\x20" + digest
    return made[: start + 1] + contents.hex().ljust(2 * _PLACE, "0").encode() + made[end - 1 :]


def annotation(
    writer: PdfWriter, kind: str, place: tuple[float, float, float, float], text: str, paper: bool = False
) -> DictionaryObject:
    """An annotation that shows a text in its place, on white ``paper``."""
    left, bottom, right, top = place
    look = StreamObject()
    white = f"1 g 0 0 {right - left} {top - bottom} re f 0 g " if paper else ""
    look.set_data(f"{white}BT /F 10 Tf 1 3 Td ({text}) Tj ET".encode("cp1252"))
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1")})
    font[NameObject("/BaseFont")] = NameObject("/Helvetica")
    font[NameObject("/Encoding")] = NameObject("/WinAnsiEncoding")
    fonts = DictionaryObject({NameObject("/F"): font})
    look.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
    look[NameObject("/BBox")] = ArrayObject(
        [NumberObject(0), NumberObject(0), NumberObject(right - left), NumberObject(top - bottom)]
    )
    look[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    made = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject(kind)})
    made[NameObject("/Rect")] = ArrayObject(map(NumberObject, place))
    made[NameObject("/F")] = NumberObject(4)
    made[NameObject("/Contents")] = TextStringObject(text)
    made[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    return made


def annotate(writer: PdfWriter, made: DictionaryObject) -> DictionaryObject:
    """The annotation on the first page; its reference."""
    reference = writer._add_object(made)
    page = writer.pages[0]
    page[NameObject("/Annots")] = ArrayObject([*page.get("/Annots", []), reference])
    return reference


def overwritten(pdf: bytes, at: tuple[float, float], text: str) -> bytes:
    """White over what stands there and another text in its place, in one more revision."""
    x, y = at

    def change(writer: PdfWriter) -> None:
        annotate(
            writer,
            annotation(writer, "/FreeText", (round(x - 2), round(y - 3), round(x + 90), round(y + 11)), text, True),
        )

    return updated(pdf, change)


def rewritten(pdf: bytes, texts: Mapping[str, str]) -> bytes:
    """Other texts in the page's own content, in one more revision."""

    def change(writer: PdfWriter) -> None:
        page = writer.pages[0]
        content = page.get_contents()
        assert content is not None
        data = content.get_data()
        for one, another in texts.items():
            assert one.encode("cp1252") in data or one.replace("£", "\\243").encode() in data
            data = data.replace(one.encode("cp1252"), another.encode("cp1252"))
            data = data.replace(one.replace("£", "\\243").encode(), another.replace("£", "\\243").encode())
        stream = StreamObject()
        stream.set_data(data)
        page[NameObject("/Contents")] = writer._add_object(stream)

    return updated(pdf, change)


def saved_by(pdf: bytes, program: str, xmp: bool, created: date, modified: date) -> bytes:
    """The file saved later by a program that says so in the document information, or in XMP alone."""

    def change(writer: PdfWriter) -> None:
        told = {"/CreationDate": f"D:{created:%Y%m%d}101500Z", "/ModDate": f"D:{modified:%Y%m%d}101500Z"}
        writer.add_metadata({**told, "/Producer": "iText 7" if xmp else program})
        if xmp:
            packet = StreamObject()
            packet.set_data(
                b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li stEvt:action="saved" '
                b'stEvt:softwareAgent="' + program.encode() + b'"/></x:xmpmeta><?xpacket end="w"?>'
            )
            writer.root_object[NameObject("/Metadata")] = writer._add_object(packet)

    return updated(pdf, change)
