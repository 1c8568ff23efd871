"""Invoices as PDF with a text layer, which are read in a fraction of a second."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

_ESTONIAN = (
    (50, 790, "Saku Puidukoda OÜ"), (400, 790, "ARVE"), (350, 720, "Arve number"), (460, 720, "20260917"),
    (350, 704, "Arve kuupäev"), (460, 704, "14.10.2026"), (350, 688, "Maksetähtaeg"), (460, 688, "13.11.2026"),
    (350, 440, "Summa km-ta"), (480, 440, "1000,00"), (350, 424, "Käibemaks 24%"), (480, 424, "240,00"),
    (350, 400, "Kokku tasuda EUR"), (480, 400, "1240,00"),
)  # fmt: skip


def pdf_invoice(
    path: Path,
    number: str = "20260917",
    account: str = "5050-1055",
    author: str = "",
    total: str = "1 250,00",
    seller: str = "Norrviks Snickeri & Bygg AB",
) -> Path:
    """A Swedish invoice with a text layer; ``author`` changes the bytes and nothing that is seen."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.setAuthor(author)
    canvas.setFont("Helvetica", 11)
    rows = {
        790: ((50, seller), (400, "FAKTURA")),
        770: ((50, "Hantverkargatan 114"),),
        755: ((50, "112 38 Stockholm"),),
        720: ((350, "Fakturanummer"), (460, number)),
        704: ((350, "Fakturadatum"), (460, "2026-10-14")),
        688: ((350, "Förfallodatum"), (460, "2026-11-13")),
        500: ((50, "Trappa av ek"), (400, "1 000,00")),
        440: ((350, "Summa exkl. moms"), (480, "1 000,00")),
        424: ((350, "Moms 25 %"), (480, "250,00")),
        400: ((350, "Att betala SEK"), (480, total)),
        60: ((50, f"Bankgiro {account}"), (250, "Org.nr 559987-4566"), (400, "Momsreg.nr SE559987456601")),
    }
    for y, cells in rows.items():
        for x, text in cells:
            canvas.drawString(x, y, text)
    canvas.save()
    return path


def estonian_invoice(path: Path) -> Path:
    """One in a language that is not built in."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica", 11)
    for x, y, text in _ESTONIAN:
        canvas.drawString(x, y, text)
    canvas.save()
    return path
