"""Invoices that somebody changed after they were made, made anew from a seed; and honest ones that come near."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
import pypdfium2
from disguised_invoices import CHANGED, KINDS, PAGE, Facts, draw, drawn, honest, layout, money, other
from numpy.typing import NDArray
from pdf_revisions import annotate, annotation, overwritten, rewritten, saved_by, signed, updated
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    RectangleObject,
)
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

EDITORS = (
    "PDF-XChange Editor 10.1.2", "Foxit PhantomPDF Printer Version 9.7", "Wondershare PDFelement 9", "Nitro Pro 13",
    "Master PDF Editor 5", "UPDF 1.7", "Adobe Photoshop 25.0 (Windows)", "Inkscape 1.3", "PDF Architect 8",
)  # fmt: skip
MAKERS = (
    "SAP NetWeaver 750", "Microsoft Word 2019", "Fortnox", "lexoffice", "Crystal Reports", "wkhtmltopdf 0.12.6",
    "Canva",
)  # fmt: skip
PRODUCERS = (
    "GPL Ghostscript 10.02", "iText 7.2", "Acrobat Distiller 23.0", "Microsoft: Print To PDF", "qpdf 11", "iLovePDF",
    "macOS Version 14.1 Quartz PDFContext", "Adobe Acrobat Pro 2023", "PDFsharp 1.50", "Skia/PDF m120",
    "SAMBox 2.4.0 (www.sejda.org)", "SAMBox 5.1.8", "Sejda", "Smallpdf", "www.ilovepdf.com", "Canva",
)  # fmt: skip


def placed(said: Facts, chance: random.Random) -> tuple[bytes, dict[str, tuple[float, float]]]:
    """An honest invoice in Helvetica of 10 points, and where each of its values stands."""
    places: dict[str, tuple[float, float]] = {}

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        places[name] = (x, y)
        canvas.drawString(x, y, text)

    place = replace(layout(chance), size=10.0)
    return drawn(lambda canvas: draw(canvas, said, place, put)), places


def signed_then_overwritten(said: Facts, chance: random.Random) -> bytes:
    pdf, places = placed(said, chance)
    changed = overwritten(signed(pdf, chance), places["total"], money(said.total + 9000))
    return signed(changed, chance) if chance.random() < 0.3 else changed


def signed_then_rewritten(said: Facts, chance: random.Random) -> bytes:
    pdf, _ = placed(said, chance)
    return rewritten(signed(pdf, chance), {money(said.total): money(said.total + 1000)})


def signed_then_added_to(said: Facts, chance: random.Random) -> bytes:
    """Nothing is gone; a new account stands where nothing was."""
    pdf, _ = placed(said, chance)

    def change(writer: PdfWriter) -> None:
        annotate(
            writer,
            annotation(writer, "/FreeText", (50, 200, 350, 216), "New bank details: IBAN GB33 BUKB 2020 1555 5555 55"),
        )

    return updated(signed(pdf, chance), change)


def signed_then_longer(said: Facts, chance: random.Random) -> bytes:
    """One more page, or the only one made larger."""
    pdf, _ = placed(said, chance)
    longer = chance.random() < 0.5

    def change(writer: PdfWriter) -> None:
        if longer:
            writer.add_blank_page(*PAGE)
        else:
            writer.pages[0].mediabox = RectangleObject((0, -100, *PAGE))

    return updated(signed(pdf, chance), change)


def bytes_changed(said: Facts, chance: random.Random) -> bytes:
    """Signed, then one digit changed in the middle of the file."""
    pdf = drawn(lambda canvas: (canvas.setPageCompression(0), draw(canvas, said, layout(chance)))[-1])
    made = signed(pdf, chance)
    number = said.number.encode()
    return made.replace(number, number[:-1] + (b"1" if number[-1:] != b"1" else b"2"))


def revised(said: Facts, chance: random.Random) -> bytes:
    """Never signed; another total in a later revision."""
    pdf, places = placed(said, chance)
    if chance.random() < 0.5:
        return overwritten(pdf, places["total"], money(said.total + 700))
    return rewritten(pdf, {money(said.total): money(said.total + 700), money(said.net): money(said.net + 700)})


def _mixed(said: Facts, chance: random.Random, set_digit: Callable[[Canvas, float], float]) -> bytes:
    """One digit of a value is set as ``set_digit`` says, which gives how much above the line."""
    place, name = layout(chance), chance.choice(("total", "number", "issued", "net"))

    def put(canvas: Canvas, x: float, y: float, each: str, text: str) -> None:
        if each != name:
            canvas.drawString(x, y, text)
            return
        digits = [at for at, char in enumerate(text) if char.isdigit()]
        chosen = chance.choice(digits)
        for part, own in ((text[:chosen], False), (text[chosen], True), (text[chosen + 1 :], False)):
            canvas.saveState()
            above = set_digit(canvas, place.size) if own else 0.0
            canvas.drawString(x, y + above, part)
            x += canvas.stringWidth(part, canvas._fontname, canvas._fontsize)
            canvas.restoreState()
            canvas.setFont(place.font, place.size)

    return drawn(lambda canvas: draw(canvas, said, place, put))


def other_font(said: Facts, chance: random.Random) -> bytes:
    font = chance.choice(("Times-Roman", "Courier", "Helvetica-Bold"))
    return _mixed(said, chance, lambda canvas, size: (canvas.setFont(font, size), 0.0)[-1])


def other_size(said: Facts, chance: random.Random) -> bytes:
    times = chance.choice((0.85, 0.9, 1.1, 1.2))
    return _mixed(said, chance, lambda canvas, size: (canvas.setFont("Helvetica", times * size), 0.0)[-1])


def other_colour(said: Facts, chance: random.Random) -> bytes:
    grey = chance.uniform(0.25, 0.6)
    return _mixed(said, chance, lambda canvas, _size: (canvas.setFillGray(grey), 0.0)[-1])


def other_line(said: Facts, chance: random.Random) -> bytes:
    above = chance.choice((-1, 1)) * chance.uniform(0.8, 1.8)
    return _mixed(said, chance, lambda _canvas, _size: above)


def scanned(
    said: Facts, chance: random.Random, paint: Callable[[Canvas, dict[str, tuple[float, float]]], None]
) -> bytes:
    """A scan as a picture that fills the page, with what ``paint`` puts on it."""
    pdf, places = placed(said, chance)
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=200 / 72).to_pil().convert("L")
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)

    def page(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.open(stream)), 0, 0, *PAGE)
        paint(canvas, places)

    return drawn(page)


def over_a_scan(said: Facts, chance: random.Random) -> bytes:
    """White over an amount of a scan and another one on it, as text or as a picture."""
    text, as_text = money(other(said, chance).total), chance.random() < 0.5

    def paint(canvas: Canvas, places: dict[str, tuple[float, float]]) -> None:
        x, y = places[chance.choice(("total", "net", "number"))]
        if as_text:
            canvas.setFillGray(1)
            canvas.rect(x - 2, y - 3, 80, 13, stroke=0, fill=1)
            canvas.setFillGray(0)
            canvas.setFont("Helvetica", 10)
            canvas.drawString(x, y, text)
            return
        patch = drawn(lambda inner: (inner.setPageSize((80, 13)), inner.drawString(2, 3, text))[-1])
        with pypdfium2.PdfDocument(patch) as document:
            canvas.drawImage(ImageReader(document[0].render(scale=3).to_pil().convert("L")), x - 2, y - 3, 80, 13)

    return scanned(said, chance, paint)


def photographed(said: Facts, chance: random.Random, copied: bool) -> bytes:
    """A picture of an invoice with the grain of its sensor; where ``copied``, one digit of the total is another one of
    the page."""
    pdf, places = placed(said, chance)
    with pypdfium2.PdfDocument(pdf) as document:
        plain = document[0].render(scale=200 / 72).to_numpy()[:, :, 0]
    noise = np.random.default_rng(chance.randrange(1 << 30)).normal(0, chance.uniform(2, 5), plain.shape)
    grey = np.asarray(np.clip(cv2.GaussianBlur(plain, (3, 3), 0) * 0.9 + 10 + noise, 0, 255), dtype=np.uint8)
    if copied:
        total = money(said.total)
        digits = [(places[name], text, at) for name, text in (("number", said.number), ("vat", money(said.vat)))
                  for at, char in enumerate(text) if char in "234567890"]  # fmt: skip
        x, y, width = digit_box(plain, *chance.choice(digits))
        chosen = chance.choice([at for at, char in enumerate(total) if char in "234567890"])
        to_x, to_y, old = digit_box(plain, places["total"], total, chosen)
        grey[to_y - 24 : to_y + 2, to_x : to_x + old] = grey[to_y - 54 : to_y - 28, to_x : to_x + old]
        grey[to_y - 24 : to_y + 2, to_x : to_x + width] = grey[y - 24 : y + 2, x : x + width].copy()
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    return stream.getvalue()


def digit_box(plain: NDArray[np.uint8], place: tuple[float, float], text: str, at: int) -> tuple[int, int, int]:
    """Left edge, baseline and width in pixels of the ink of a character of a text in Helvetica of 10 points."""
    left, right = (pdfmetrics.stringWidth(text[:end], "Helvetica", 10) + place[0] for end in (at, at + 1))
    x, base = int(left * 200 / 72), round((PAGE[1] - place[1]) * 200 / 72)
    cell = plain[base - 22 : base + 1, x : int(right * 200 / 72)] < 200
    inked = np.flatnonzero(cell.any(axis=0))
    return x + int(inked[0]) - 1, base, int(inked[-1] - inked[0]) + 3


def copied_digit(said: Facts, chance: random.Random) -> bytes:
    return photographed(said, chance, True)


def grainy_photo(said: Facts, chance: random.Random) -> bytes:
    return photographed(said, chance, False)


def edited(said: Facts, chance: random.Random) -> bytes:
    """Made by one program, saved later by one that changes what pages show; in the document information or in XMP."""
    editor = chance.choice(EDITORS)
    return made_by(said, chance, editor, xmp=chance.random() < 0.4)


def made_by(said: Facts, chance: random.Random, program: str, xmp: bool = False) -> bytes:
    pdf = drawn(lambda canvas: (canvas.setCreator(chance.choice(MAKERS)), draw(canvas, said, layout(chance)))[-1])
    return saved_by(pdf, program, xmp, said.issued, said.issued + timedelta(days=chance.randrange(1, 9)))


def handed_on(said: Facts, chance: random.Random) -> bytes:
    """Printed, merged or stamped by another program than the one that made it."""
    return made_by(said, chance, chance.choice(PRODUCERS), xmp=chance.random() < 0.3)


def signed_only(said: Facts, chance: random.Random) -> bytes:
    return signed(honest(said, chance), chance, (50, 20, 200, 50))


def signed_and_stamped(said: Facts, chance: random.Random) -> bytes:
    """Validation data, then a time stamp that covers the whole file."""
    pdf = signed(honest(said, chance), chance, (50, 20, 200, 50))

    def validate(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/DSS")] = writer._add_object(
            DictionaryObject({NameObject("/Certs"): ArrayObject()})
        )

    return signed(updated(pdf, validate), chance)


def signed_twice(said: Facts, chance: random.Random) -> bytes:
    """The buyer signs on empty paper, too."""
    return signed(signed(honest(said, chance), chance, (50, 20, 200, 50)), chance, (300, 20, 450, 50))


def with_attachment(said: Facts, chance: random.Random) -> bytes:
    return updated(honest(said, chance), lambda writer: writer.add_attachment("data.xml", b"<x/>") and None)


def filled_in(said: Facts, chance: random.Random) -> bytes:
    """Something is written where nothing was, in a later revision of what nobody signed."""

    def change(writer: PdfWriter) -> None:
        annotate(
            writer, annotation(writer, "/FreeText", (50, 200, 250, 216), f"Cost centre {chance.randrange(100, 999)}")
        )

    return updated(honest(said, chance), change)


def raised_cents(said: Facts, chance: random.Random) -> bytes:
    place = layout(chance)

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        if name not in CHANGED - {"number"}:
            canvas.drawString(x, y, text)
            return
        canvas.drawString(x, y, text[:-2])
        width = canvas.stringWidth(text[:-2], place.font, place.size)
        canvas.setFont(place.font, 0.65 * place.size)
        canvas.drawString(x + width, y + 0.3 * place.size, text[-2:])
        canvas.setFont(place.font, place.size)

    return drawn(lambda canvas: draw(canvas, said, place, put))


def bold_total(said: Facts, chance: random.Random) -> bytes:
    place = layout(chance)

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        canvas.setFont(
            "Helvetica-Bold" if name in ("total", "number") else place.font, place.size + (2 if name == "total" else 0)
        )
        canvas.drawString(x, y, text)
        canvas.setFont(place.font, place.size)

    return drawn(lambda canvas: draw(canvas, said, place, put))


def two_faced_year(said: Facts, chance: random.Random) -> bytes:
    """A heading whose year is half bold, as forms have it."""
    place = layout(chance)

    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 24)
        canvas.drawString(250, 815, "20")
        canvas.setFont("Helvetica-Bold", 24)
        canvas.drawString(250 + canvas.stringWidth("20", "Helvetica", 24), 815, f"{said.issued:%y}")
        draw(canvas, said, place)

    return drawn(paint)


def stamped_scan(said: Facts, chance: random.Random) -> bytes:
    """A scan with a running number and a frame that a program put on it."""

    def paint(canvas: Canvas, _places: dict[str, tuple[float, float]]) -> None:
        canvas.setStrokeGray(0)
        canvas.rect(400, 20, 120, 20, stroke=1, fill=0)
        canvas.drawString(410, 26, f"Received {chance.randrange(10000)}")

    return scanned(said, chance, paint)


ATTACKS: Mapping[str, Callable[[Facts, random.Random], bytes]] = {
    make.__name__: make
    for make in (
        signed_then_overwritten, signed_then_rewritten, signed_then_added_to, signed_then_longer, bytes_changed,
        revised, other_font, other_size, other_colour, other_line, over_a_scan, edited, KINDS["under_boxes"],
        KINDS["under_pictures"],
    )
}  # fmt: skip
HONEST: Mapping[str, Callable[[Facts, random.Random], bytes]] = {
    make.__name__: make
    for make in (
        honest, signed_only, signed_and_stamped, signed_twice, with_attachment, filled_in, handed_on, raised_cents,
        bold_total, two_faced_year, stamped_scan, grainy_photo,
    )
}  # fmt: skip
COPIES: Mapping[str, Callable[[Facts, random.Random], bytes]] = {"copied_digit": copied_digit}
