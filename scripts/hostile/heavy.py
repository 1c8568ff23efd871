"""Valid files that are small and cost much: shapes, numbers, texts, forms and pages at the edge of what is sensible."""

from __future__ import annotations

import io
import struct
from random import Random

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from scripts.hostile.healthy import LINES, encoded, pdf, picture, saved
from scripts.hostile.pictures import Attack

_A4 = (595, 842)  # points


def strip(rng: Random) -> tuple[str, bytes]:
    """A picture that is a few hundred times longer than it is wide, with print in it."""
    short, long = rng.choice((16, 32, 60, 100)), rng.choice((2_000, 4_000, 10_000, 32_800))
    size = (short, long) if rng.random() < 0.5 else (long, short)
    kind = rng.choice(("PNG", "JPEG"))
    return kind.lower().replace("jpeg", "jpg"), encoded(picture(LINES * 3, size), kind)


def numbers_without_end(rng: Random) -> tuple[str, bytes]:
    """Amounts, rates, days and numbers of hundreds of digits where an invoice has short ones."""
    digits = rng.choice((30, 300, 3000))
    huge = "9" * digits
    small = f"0,{'0' * digits}1"
    forms = (huge, f"{huge},00", f"1e{huge[:8]}", f"{huge[:3]} {huge}", f"-{huge}.{huge}", small, f"{huge} %")
    names = ("Faktura", "Datum", "Netto", "Moms", "Att betala", "Bankgiro")
    return "pdf", pdf(("Exempel AB", *(f"{name} {rng.choice(forms)}" for name in names), f"Totalt {rng.choice(forms)}"))


def text_without_end(rng: Random) -> tuple[str, bytes]:
    """One line of tens of thousands of characters or words, or brackets in brackets."""
    count = rng.choice((1_000, 10_000, 50_000))
    line = rng.choice(("x" * count, "1 " * count, "Att betala 1,00 " * (count // 10), "(" * count + ")" * count))
    return "pdf", pdf((*LINES, line))


def dense_page(rng: Random) -> tuple[str, bytes]:
    """Pages of small print, full of amounts or of words."""
    words = rng.choice((("Summa", "Moms", "Netto"), ("villkor", "leverans", "skada", "parterna"), ("", "")))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=_A4, invariant=1)
    for _ in range(rng.choice((1, 3, 10))):
        canvas.setFont("Helvetica", 5)
        for row in range(110):
            cells = (f"{rng.choice(words)} {rng.randrange(10**6) / 100:.2f}".strip() for _ in range(12))
            canvas.drawString(20, 820 - 7 * row, "   ".join(cells))
        canvas.showPage()
    canvas.save()
    return "pdf", stream.getvalue()


def dense_picture(rng: Random) -> tuple[str, bytes]:
    """The same as a scan."""
    image = Image.new("L", (1240, 1754), 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    for row in range(rng.choice((40, 110))):
        cells = "  ".join(f"{rng.randrange(10**6) / 100:.2f}" for _ in range(16))
        pen.text((20, 15 + 15 * row), cells, fill=0, font=font)
    return "png", encoded(image, "PNG")


def many_fields(rng: Random) -> tuple[str, bytes]:
    """A form of hundreds of fields, some without a name, some of one kid shared by all."""
    document = pikepdf.open(io.BytesIO(pdf()))
    fields = Array()
    for number in range(rng.choice((50, 500, 3000))):
        field = Dictionary(FT=Name.Tx, Subtype=Name.Widget, Type=Name.Annot, V=str(number), Rect=Array([0, 0, 9, 9]))
        if rng.random() < 0.9:
            field.T = f"field {number}"
        fields.append(document.make_indirect(field))
    shared = rng.random() < 0.3
    if shared:
        fields[0].Kids = Array([fields[0]])
    document.Root.AcroForm = document.make_indirect(Dictionary(Fields=fields))
    document.pages[0].Annots = fields
    return "pdf", saved(document)


def forms_in_forms(rng: Random) -> tuple[str, bytes]:
    """Drawings that draw others several times, level upon level: few bytes, many strokes."""
    document = pikepdf.open(io.BytesIO(pdf()))
    inner = document.make_stream(b"0 0 1 1 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 300]))
    for _ in range(rng.choice((3, 6, 12))):
        resources = Dictionary(XObject=Dictionary(A=inner))
        inner = document.make_stream(
            b"/A Do " * rng.choice((2, 5)),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 300, 300]),
            Resources=resources,
        )
    page = document.pages[0]
    page.Resources.XObject = Dictionary(A=inner)
    page.contents_add(b"/A Do", prepend=False)
    return "pdf", saved(document)


def rare_bitmap(rng: Random) -> tuple[str, bytes]:
    """BMP files of rare headers, depths and masks, valid or nearly so."""
    width, height = rng.choice((16, 100, 301)), rng.choice((16, 100, -100))
    depth = rng.choice((1, 4, 8, 16, 24, 32))
    compression = rng.choice((0, 0, 1, 2, 3, 4, 5, 6))
    header = rng.choice((12, 40, 52, 56, 64, 108, 124))
    colours = rng.choice((0, 2, 16, 256))
    info = struct.pack("<iiHHIIiiII", width, height, 1, depth, compression, 0, 2835, 2835, colours, 0)
    if header == 12:
        info = struct.pack("<HHHH", width, abs(height), 1, depth)
    masks = struct.pack("<IIII", *rng.choice(((0xFF0000, 0xFF00, 0xFF, 0), (0xF00, 0xF0, 0xF, 0xF000), (0, 0, 0, 0))))
    info = (info + masks).ljust(header - 4, b"\0")[: header - 4]
    palette = rng.randbytes(4 * (colours or (2**depth if depth <= 8 else 0)))
    pixels = rng.randbytes(rng.choice((0, 100, (width * depth + 31) // 32 * 4 * abs(height))))
    start = 14 + header + len(palette)
    head = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + struct.pack("<I", header)
    return "bmp", head + info + palette + pixels


ATTACKS: tuple[Attack, ...] = (
    strip,
    numbers_without_end,
    text_without_end,
    dense_page,
    dense_picture,
    many_fields,
    forms_in_forms,
    rare_bitmap,
)
