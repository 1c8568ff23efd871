"""Invoices that got values in form fields, notes or a second signature in a later revision: as people use them, and as
somebody would change a value."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from changed_invoices import scanned
from disguised_invoices import Facts, draw, drawn, layout, money
from pdf_revisions import annotate, annotation, signed, updated
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NumberObject, TextStringObject
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

Place = tuple[float, float, float, float]
_CENTRE, _APPROVED, _SIGNED = (170.0, 156.0), (170.0, 130.0), (50.0, 20.0, 200.0, 50.0)
ACCOUNT = "New bank details: IBAN GB33 BUKB 2020 1555 5555 55"


def form(said: Facts, chance: random.Random, in_fields: tuple[str, ...] = ()) -> tuple[bytes, dict[str, Place]]:
    """An invoice of Helvetica in 10 points with fields for its buyer, two of them over printed leaders and prompts;
    ``in_fields``: which of its values are those of fields, too, not print. And the places of all values in points."""
    places: dict[str, Place] = {}

    def put(canvas: Canvas, x: float, y: float, name: str, text: str) -> None:
        places[name] = (round(x - 2), round(y - 4), round(x + 90), round(y + 12))
        if name in in_fields:
            _field(canvas, name, x - 2, y - 4, text)
        else:
            canvas.drawString(x, y, text)

    def paint(canvas: Canvas) -> None:
        draw(canvas, said, replace(layout(chance), size=10.0, totals=400.0), put)
        for label, prompt, name, (x, y) in (
            ("Cost centre", "." * 30, "centre", _CENTRE),
            ("Approved by", "Name in capitals", "approved", _APPROVED),
        ):
            canvas.drawString(50, y + 4, label)
            canvas.drawString(x + 2, y + 4, prompt)
            _field(canvas, name, x, y)

    return drawn(paint), places


def _field(canvas: Canvas, name: str, x: float, y: float, value: str = "") -> None:
    """A text field without a frame."""
    font, size = canvas._fontname, canvas._fontsize
    canvas.acroForm.textfield(
        name=name, x=x, y=y, width=92, height=16, value=value, fontName="Helvetica", fontSize=10, borderWidth=0,
        fillColor=None, borderColor=None,
    )  # fmt: skip
    canvas.setFont(font, size)


def filled(pdf: bytes, values: Mapping[str, str], paper: bool = True) -> bytes:
    """Values entered into fields of the file, on white ``paper``, in one more revision."""

    def change(writer: PdfWriter) -> None:
        for reference in writer.pages[0]["/Annots"]:  # type: ignore[attr-defined]
            widget = reference.get_object()
            text = values.get(str(widget.get("/T")))
            if text is not None:
                left, bottom, right, top = map(float, widget["/Rect"])
                look = annotation(writer, "/Widget", (left, bottom, right, top), text, paper)
                widget.update({NameObject("/V"): TextStringObject(text), NameObject("/AP"): look["/AP"]})

    return updated(pdf, change)


def noted(pdf: bytes, place: Place, text: str, kind: str = "/FreeText") -> bytes:
    return updated(pdf, lambda writer: annotate(writer, annotation(writer, kind, place, text)) and None)


def marked(pdf: bytes, place: Place) -> bytes:
    """A dark highlight over what stands there, and a symbol with a comment beside it."""

    def change(writer: PdfWriter) -> None:
        left, bottom, right, top = place
        mark = annotation(writer, "/Highlight", place, "")
        look = mark["/AP"]["/N"].get_object()  # type: ignore[index]
        look.set_data(f"/M gs 0.5 0.9 0.4 rg 0 0 {right - left} {top - bottom} re f".encode())
        state = DictionaryObject({NameObject("/BM"): NameObject("/Multiply")})
        look["/Resources"][NameObject("/ExtGState")] = DictionaryObject({NameObject("/M"): state})
        corners = [(left, top), (right, top), (left, bottom), (right, bottom)]
        mark[NameObject("/QuadPoints")] = ArrayObject([FloatObject(part) for corner in corners for part in corner])
        annotate(writer, mark)
        symbol = annotation(writer, "/Text", (right + 4, bottom, right + 20, top), "Checked with the order")
        symbol["/AP"]["/N"].get_object().set_data(b"0.9 0.7 0.1 rg 0 0 16 14 re f 0 g 4 4 8 2 re f")  # type: ignore[index]
        annotate(writer, symbol)

    return updated(pdf, change)


def certified(pdf: bytes, chance: random.Random, level: int) -> bytes:
    """Signed by its author, who allows no change (1), filling (2), or notes, too (3)."""

    def certify(writer: PdfWriter, value: DictionaryObject) -> None:
        allowed = {NameObject("/Type"): NameObject("/TransformParams"), NameObject("/P"): NumberObject(level)}
        reference = {
            NameObject("/Type"): NameObject("/SigRef"),
            NameObject("/TransformMethod"): NameObject("/DocMDP"),
            NameObject("/TransformParams"): DictionaryObject({**allowed, NameObject("/V"): NameObject("/1.2")}),
        }
        value[NameObject("/Reference")] = ArrayObject([DictionaryObject(reference)])
        permissions = {NameObject("/DocMDP"): value.indirect_reference}
        writer.root_object[NameObject("/Perms")] = DictionaryObject(permissions)

    return signed(pdf, chance, _SIGNED, certify)


def _entries(chance: random.Random) -> dict[str, str]:
    return {"centre": str(chance.randrange(100, 9999)), "approved": chance.choice(("J DOE", "A SMITH 12/03/2026"))}


def _remark(said: Facts, chance: random.Random) -> str:
    """Of a colleague: a cost centre, a day, an amount of the invoice."""
    return chance.choice(
        (
            f"Cost centre {chance.randrange(100, 999)}",
            "Approved 12 March 2026, J. Doe",
            f"{money(said.total)} to be booked on 4711",
        )
    )


def form_filled(said: Facts, chance: random.Random) -> bytes:
    """Fields of what nobody signed, filled twice, their paper over prompts and dotted lines."""
    return filled(filled(form(said, chance)[0], _entries(chance)), _entries(chance))


def invoice_form_filled(said: Facts, chance: random.Random) -> bytes:
    """A form of an invoice: its amounts were 0 before they were entered."""
    blank, _ = form(replace(said, net=said.net * 0, vat=said.vat * 0), chance, ("net", "vat", "total"))
    return filled(blank, {"net": money(said.net), "vat": money(said.vat), "total": money(said.total)})


def signed_then_filled(said: Facts, chance: random.Random) -> bytes:
    made = signed(form(said, chance)[0], chance, _SIGNED)
    return filled(made, _entries(chance))


def certified_then_filled(said: Facts, chance: random.Random) -> bytes:
    return filled(certified(form(said, chance)[0], chance, chance.choice((2, 3))), _entries(chance))


def signed_then_noted(said: Facts, chance: random.Random) -> bytes:
    made = signed(form(said, chance)[0], chance, _SIGNED)
    return noted(made, (50, 200, 250, 216), _remark(said, chance))


def certified_then_noted(said: Facts, chance: random.Random) -> bytes:
    made = certified(form(said, chance)[0], chance, 3)
    return noted(made, (50, 200, 250, 216), _remark(said, chance))


def signed_then_marked(said: Facts, chance: random.Random) -> bytes:
    """The total and the number highlighted, with a comment each."""
    pdf, places = form(said, chance)
    return marked(marked(signed(pdf, chance, _SIGNED), places["total"]), places["number"])


def signed_over_a_line(said: Facts, chance: random.Random) -> bytes:
    """A second signature on its line and prompt, with white paper."""
    pdf, _ = form(said, chance)
    made = signed(pdf, chance, _SIGNED)
    return signed(made, chance, (*_APPROVED, _APPROVED[0] + 92, _APPROVED[1] + 16), paper=True)


def signed_field_changed(said: Facts, chance: random.Random) -> bytes:
    """A total in a field of its own, another one after the signature."""
    pdf, _ = form(said, chance, ("total",))
    made = chance.choice((signed, lambda *args: certified(*args, level=2)))(pdf, chance)
    return filled(made, {"total": money(said.total + 700)})


def filled_over_print(said: Facts, chance: random.Random) -> bytes:
    """Never signed; a field lies over the printed total, and a later revision fills it."""
    pdf, places = form(said, chance)
    left, bottom, right, top = places["total"]
    with_field = updated(pdf, lambda writer: _add_field(writer, (left, bottom, right, top)))
    return filled(with_field, {"over": money(said.total + 700)})


def filled_beside_print(said: Facts, chance: random.Random) -> bytes:
    """Never signed; a field behind the printed number gets a digit that makes it another one."""
    pdf, places = form(said, chance)
    left, bottom, _, top = places["number"]
    end = left + 1.5 + stringWidth(said.number, "Helvetica", 10)
    with_field = updated(pdf, lambda writer: _add_field(writer, (end, bottom, end + 12, top)))
    return filled(with_field, {"over": str(chance.randrange(10))}, paper=False)


def noted_over_a_signed_scan(said: Facts, chance: random.Random) -> bytes:
    """White and another total over a scan, after the signature; the scan has no text."""
    places: dict[str, tuple[float, float]] = {}
    scan = scanned(said, chance, lambda _canvas, found: places.update(found))
    x, y = places["total"]
    over = (round(x - 2), round(y - 3), round(x + 80), round(y + 10))
    change = lambda writer: annotate(writer, annotation(writer, "/FreeText", over, money(said.total + 700), True))  # noqa: E731
    return updated(signed(scan, chance), lambda writer: change(writer) and None)


def noted_against_the_author(said: Facts, chance: random.Random) -> bytes:
    """A remark after a signature whose author allows none."""
    made = certified(form(said, chance)[0], chance, chance.choice((1, 2)))
    return noted(made, (50, 200, 250, 216), _remark(said, chance))


def noted_account(said: Facts, chance: random.Random) -> bytes:
    """Nothing is hidden, and notes are allowed; it says where to pay instead."""
    made = certified(form(said, chance)[0], chance, 3)
    return noted(made, (50, 200, 350, 216), ACCOUNT)


def signed_over_the_total(said: Facts, chance: random.Random) -> bytes:
    """A second signature whose picture lies over the total."""
    pdf, places = form(said, chance)
    return signed(signed(pdf, chance, _SIGNED), chance, places["total"], paper=True)


def _add_field(writer: PdfWriter, place: Place) -> None:
    """An empty text field."""
    widget = annotation(writer, "/Widget", place, "")
    widget.update({NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject("over")})
    annotate(writer, widget)


HONEST: Mapping[str, Callable[[Facts, random.Random], bytes]] = {
    make.__name__: make
    for make in (
        form_filled, invoice_form_filled, signed_then_filled, certified_then_filled, signed_then_noted,
        certified_then_noted, signed_then_marked, signed_over_a_line,
    )
}  # fmt: skip
ATTACKS: Mapping[str, Callable[[Facts, random.Random], bytes]] = {
    make.__name__: make
    for make in (
        signed_field_changed, filled_over_print, filled_beside_print, noted_over_a_signed_scan,
        noted_against_the_author, noted_account, signed_over_the_total,
    )
}  # fmt: skip
