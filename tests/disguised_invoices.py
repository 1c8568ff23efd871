"""Invoices whose PDF text says something else than their page shows, each kind made anew from a seed."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = Path("/usr/share/fonts/truetype/dejavu")
PAGE = (595, 842)
SELLERS = ("Hollowell Joinery", "Marsh & Tate Printing", "Petrichor Gardens", "Oakmere Roofing", "Quillon Data")
BUYERS = ("Bramble House Clinic", "Ferrand Logistics", "Lowtide Hotels", "St Wilfrid School", "Ottermill Foods")
GOODS = ("Repair of doors", "Printed leaflets", "Garden work", "Survey of the site", "Monthly support", "Oak shelves")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an invoice says: the values that are checked and what else is printed."""

    number: str
    issued: date
    due: date
    seller: str
    buyer: str
    goods: str
    net: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.vat

    def truth(self) -> dict[str, str]:
        """Field names to the values in the form of the contract."""
        return {
            "invoice_number": self.number,
            "issue_date": self.issued.isoformat(),
            "due_date": self.due.isoformat(),
            "seller_name": self.seller,
            "total_without_vat": f"{self.net:.2f}",
            "total_vat": f"{self.vat:.2f}",
            "total_with_vat": f"{self.total:.2f}",
            "amount_due": f"{self.total:.2f}",
        }


def facts(chance: random.Random) -> Facts:
    issued = date(2026, 1, 1) + timedelta(days=chance.randrange(300))
    net = Decimal(chance.randrange(2000, 900000)) / 100
    net -= net % Decimal("0.05")
    return Facts(
        f"{chance.choice(('INV', 'HJ', 'A'))}-{chance.randrange(1000, 99999)}",
        issued,
        issued + timedelta(days=chance.choice((10, 14, 30))),
        f"{chance.choice(SELLERS)} Ltd",
        chance.choice(BUYERS),
        chance.choice(GOODS),
        net,
        (net / 5).quantize(Decimal("0.01")),
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in points from the bottom left, and how large they are printed."""

    size: float
    labels: float
    values: float
    top: float
    totals: float
    font: str


def layout(chance: random.Random, font: str = "Helvetica") -> Layout:
    return Layout(
        chance.choice((9.0, 10.0, 11.0)),
        chance.choice((330.0, 350.0)),
        chance.choice((470.0, 480.0)),
        chance.choice((790.0, 770.0)),
        chance.choice((430.0, 400.0, 360.0)),
        font,
    )


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def money(value: Decimal) -> str:
    return f"£{value:,.2f}"


Draw = Callable[[Canvas, float, float, str, str], None]
"""Canvas, x, y, name of the value ("" for all else), text."""


def plainly(canvas: Canvas, x: float, y: float, _name: str, text: str) -> None:
    canvas.drawString(x, y, text)


def draw(canvas: Canvas, said: Facts, place: Layout, put: Draw = plainly) -> None:
    """One page; ``put`` draws each text."""
    canvas.setFont(place.font, place.size)
    top, left, values = place.top, place.labels, place.values
    put(canvas, 50, top, "seller", said.seller)
    put(canvas, 50, top - 15, "", "14 Cooper Street, Leeds LS1 4DP")
    put(canvas, 50, top - 30, "", "VAT No GB 123 4567 82")
    put(canvas, left, top, "", "INVOICE")
    for row, (label, name, text) in enumerate(
        (
            ("Invoice number", "number", said.number),
            ("Invoice date", "issued", day(said.issued)),
            ("Due date", "due", day(said.due)),
        )
    ):
        put(canvas, left, top - 60 - 16 * row, "", label)
        put(canvas, values, top - 60 - 16 * row, name, text)
    put(canvas, 50, top - 60, "", "Bill to")
    put(canvas, 50, top - 75, "buyer", said.buyer)
    put(canvas, 50, top - 90, "", "Castle Lane 22, York YO1 7HH")
    put(canvas, 50, place.totals + 60, "", said.goods)
    put(canvas, values, place.totals + 60, "line", money(said.net))
    for row, (label, name, text) in enumerate(
        (
            ("Subtotal", "net", money(said.net)),
            ("VAT 20%", "vat", money(said.vat)),
            ("Total due", "total", money(said.total)),
        )
    ):
        put(canvas, left, place.totals - 18 * row, "", label)
        put(canvas, values, place.totals - 18 * row, name, text)
    put(canvas, 50, place.totals - 90, "", "Please pay within the time stated. Sort code 20-30-40, account 55779911")


CHANGED = frozenset({"line", "net", "vat", "total", "number"})


def other(said: Facts, chance: random.Random) -> Facts:
    """The same invoice with another number and other amounts."""
    made = facts(chance)
    return Facts(made.number, said.issued, said.due, said.seller, said.buyer, said.goods, made.net, made.vat)


def drawn(paint: Callable[[Canvas], None]) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=PAGE, invariant=True)
    paint(canvas)
    canvas.save()
    return stream.getvalue()


def honest(said: Facts, chance: random.Random) -> bytes:
    return drawn(lambda canvas: draw(canvas, said, layout(chance)))


def _with_old_values(said: Facts, chance: random.Random, hide: Callable[[Canvas, float, float, str], None]) -> bytes:
    """Old values where ``hide`` draws them, then the right ones over them."""
    old, place = other(said, chance), layout(chance)
    texts = {"line": money(old.net), "net": money(old.net), "vat": money(old.vat), "total": money(old.total)}
    texts["number"] = old.number

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        if name in CHANGED:
            canvas.saveState()
            hide(canvas, x, y, texts[name])
            canvas.restoreState()
        canvas.drawString(x, y, text)

    return drawn(lambda canvas: draw(canvas, said, place, put))


def under_boxes(said: Facts, chance: random.Random) -> bytes:
    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.drawString(x, y, text)
        canvas.setFillGray(1)
        canvas.rect(x - 2, y - 3, 90, 14, stroke=0, fill=1)

    return _with_old_values(said, chance, hide)


def white(said: Facts, chance: random.Random) -> bytes:
    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFillGray(1)
        canvas.drawString(x - chance.choice((0, 3)), y - chance.choice((0, 9)), text)

    return _with_old_values(said, chance, hide)


def transparent(said: Facts, chance: random.Random) -> bytes:
    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFillAlpha(0)
        canvas.drawString(x + 1, y + 1, text)

    return _with_old_values(said, chance, hide)


def clipped(said: Facts, chance: random.Random) -> bytes:
    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        path = canvas.beginPath()
        path.rect(x, y + 200, 5, 5)
        canvas.clipPath(path, stroke=0, fill=0)
        canvas.drawString(x, y, text)

    return _with_old_values(said, chance, hide)


def invisible(said: Facts, chance: random.Random) -> bytes:
    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        line = canvas.beginText(x, y)
        line.setTextRenderMode(3)
        line.textOut(text)
        canvas.drawText(line)

    return _with_old_values(said, chance, hide)


def tiny(said: Facts, chance: random.Random) -> bytes:
    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFont("Helvetica", 0.6)
        canvas.drawString(x, y - 3, text)

    return _with_old_values(said, chance, hide)


def switched_off(said: Facts, chance: random.Random) -> bytes:
    """Old values in a layer (optional content group) that is off."""

    def hide(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas._code.append("/OC /Old BDC")
        canvas.drawString(x, y, text)
        canvas._code.append("EMC")

    with pikepdf.open(io.BytesIO(_with_old_values(said, chance, hide))) as pdf:
        group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Old"))
        pdf.pages[0].Resources.Properties = pikepdf.Dictionary(Old=group)
        pdf.Root.OCProperties = pikepdf.Dictionary(
            OCGs=pikepdf.Array([group]), D=pikepdf.Dictionary(OFF=pikepdf.Array([group]), Order=pikepdf.Array([group]))
        )
        return _saved(pdf)


def under_pictures(said: Facts, chance: random.Random) -> bytes:
    """The right values as pictures over the old ones."""
    old, place = other(said, chance), layout(chance)
    texts = {"line": money(old.net), "net": money(old.net), "vat": money(old.vat), "total": money(old.total)}
    texts["number"] = old.number

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        canvas.drawString(x, y, texts.get(name, text))
        if name in texts:
            picture = Image.new("RGB", (800, 120), "white")
            ImageDraw.Draw(picture).text((10, 10), text, "black", ImageFont.truetype(FONTS / "DejaVuSans.ttf", 80))
            canvas.drawImage(ImageReader(picture), x - 1, y - 3, 100, 15)

    return drawn(lambda canvas: draw(canvas, said, place, put))


def scan_over_text(said: Facts, chance: random.Random) -> bytes:
    """A picture of the page over the visible, wrong text of another program."""
    place, wrong = layout(chance), other(said, chance)
    with pypdfium2.PdfDocument(drawn(lambda canvas: draw(canvas, said, place))) as pdf:
        picture = pdf[0].render(scale=200 / 72).to_pil().convert("L")

    def paint(canvas: Canvas) -> None:
        draw(canvas, wrong, place)
        canvas.drawImage(ImageReader(picture), 0, 0, *PAGE)

    return drawn(paint)


def in_form_fields(said: Facts, chance: random.Random) -> bytes:
    """The values in form fields, with or without an appearance of their own."""
    place = layout(chance)

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        if name in CHANGED or name in ("issued", "due"):
            canvas.acroForm.textfield(
                name=name, value=text, x=x, y=y - 4, width=100, height=15, fontSize=9, borderWidth=0, maxlen=40
            )
        else:
            canvas.drawString(x, y, text)

    made = drawn(lambda canvas: draw(canvas, said, place, put))
    if chance.random() < 0.5:
        return made
    with pikepdf.open(io.BytesIO(made)) as pdf:
        pdf.Root.AcroForm.NeedAppearances = True
        for field in pdf.Root.AcroForm.Fields:
            del field.AP
        return _saved(pdf)


def in_annotations(said: Facts, chance: random.Random) -> bytes:
    """The number and the total typed on the page as annotations."""
    place = layout(chance)
    typed: list[tuple[float, float, str]] = []

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        if name in ("number", "total"):
            typed.append((x, y, text))
        else:
            canvas.drawString(x, y, text)

    with pikepdf.open(io.BytesIO(drawn(lambda canvas: draw(canvas, said, place, put)))) as pdf:
        pdf.pages[0].Annots = pikepdf.Array([_free_text(pdf, *item) for item in typed])
        return _saved(pdf)


def _free_text(pdf: pikepdf.Pdf, x: float, y: float, text: str) -> pikepdf.Object:
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    look = pdf.make_stream(b"BT /F 10 Tf 1 3 Td (" + text.encode("cp1252") + b") Tj ET")
    look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 110, 14])
    look.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[x, y - 3, x + 110, y + 11], F=4,
            DA=pikepdf.String("/Helv 10 Tf 0 g"), Contents=text, AP=pikepdf.Dictionary(N=look),
        )
    )  # fmt: skip


def spaced_out(said: Facts, chance: random.Random) -> bytes:
    """Letters set apart, by the font's spacing or by typed spaces."""
    place, by_hand, apart = layout(chance), chance.random() < 0.3, chance.uniform(1.5, 3.5)
    narrow = Layout(9.0, 290.0, 420.0, place.top, place.totals, place.font)

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        if by_hand and name in ("number", "total", "net", "vat"):
            canvas.drawString(x, y, " ".join(text))
        else:
            canvas.drawString(x, y, text, charSpace=0 if by_hand or len(text) > 40 else apart)

    return drawn(lambda canvas: draw(canvas, said, narrow, put))


def painted_thrice(said: Facts, chance: random.Random) -> bytes:
    def put(canvas: Canvas, x: float, y: float, _name: str, text: str) -> None:
        for shift in (0, 0.2, 0.4):
            canvas.drawString(x + shift, y, text)

    place = layout(chance)
    return drawn(lambda canvas: draw(canvas, said, place, put))


def typewritten(said: Facts, chance: random.Random) -> bytes:
    """A typewriter's face, with two spaces before the year."""
    place = layout(chance, "Courier")
    wide = Layout(9.0, 290.0, 420.0, place.top, place.totals, place.font)
    days = {"issued": said.issued, "due": said.due}

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        when = days.get(name)
        canvas.drawString(x, y, text if when is None else f"{when:%B} {when.day},  {when.year}")

    return drawn(lambda canvas: draw(canvas, said, wide, put))


def _lying_font(said: Facts, chance: random.Random, lie: Mapping[str, str], put: Draw = plainly) -> bytes:
    """A font whose map says ``lie[c]`` for the glyph of c."""
    if "DejaVuSans" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("DejaVuSans", str(FONTS / "DejaVuSans.ttf")))
    place = layout(chance, "DejaVuSans")
    with pikepdf.open(io.BytesIO(drawn(lambda canvas: draw(canvas, said, place, put)))) as pdf:
        for font in pdf.pages[0].Resources.Font.values():
            if "/ToUnicode" in font:
                told = font.ToUnicode.read_bytes().decode("ascii")
                font.ToUnicode.write(_retold(told, lie).encode("ascii"))
        return _saved(pdf)


def _retold(cmap: str, lie: Mapping[str, str]) -> str:
    def other(match: re.Match[str]) -> str:
        char = chr(int(match[2], 16))
        return f"{match[1]}<{ord(lie.get(char, char)):04X}>"

    return re.sub(r"((?:^|\s)<[0-9A-Fa-f]{2}>\s*)<([0-9A-Fa-f]{4})>", other, cmap)


def one_digit_lies(said: Facts, chance: random.Random) -> bytes:
    one, another = chance.sample("123456789", 2)
    return _lying_font(said, chance, {one: another})


def all_digits_lie(said: Facts, chance: random.Random) -> bytes:
    shift = chance.randrange(1, 10)
    return _lying_font(said, chance, {str(n): str((n + shift) % 10) for n in range(10)})


def cipher(said: Facts, chance: random.Random) -> bytes:
    shift = chance.randrange(1, 5)
    return _lying_font(said, chance, {chr(code): chr(code + shift) for code in range(33, 122)})


def one_value_lies(said: Facts, chance: random.Random) -> bytes:
    """The total alone is in a font whose map lies."""

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        canvas.setFont("DejaVuSans" if name == "total" else "Helvetica", 10)
        canvas.drawString(x, y, text)

    digits = sorted(set(money(said.total)) & set("123456789"))
    one = chance.choice(digits)
    return _lying_font(said, chance, {one: chance.choice([d for d in "123456789" if d != one])}, put)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


KINDS: Mapping[str, Callable[[Facts, random.Random], bytes]] = {
    make.__name__: make
    for make in (
        honest, under_boxes, white, transparent, clipped, invisible, tiny, switched_off, under_pictures, scan_over_text,
        in_form_fields, in_annotations, spaced_out, painted_thrice, one_digit_lies, one_value_lies, all_digits_lie,
        cipher, typewritten,
    )
}  # fmt: skip
