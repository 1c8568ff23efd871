"""Swiss invoices of two pages, a letter and the payment part with its QR code, as a PDF each."""

from __future__ import annotations

import io
import random
from datetime import date, timedelta
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from segno import make_qr
from stdnum import iban

from scripts.synthetic.payloads import Facts, swiss

SELLERS = (
    "Schreinerei Aebi GmbH", "Garage Rüegg AG", "Malerei Zbinden", "Elektro Hug AG", "Velo Studer", "Gärtnerei Wyss",
)  # fmt: skip
BUYERS = (
    "Hotel Krone AG",
    "Stockwerkeigentümer Seeweg 4",
    "Anna Brunner",
    "Gemeinde Rüti",
    "Kita Zwergli",
    "Bäckerei Kunz",
)


def swiss_invoice(chance: random.Random, seller: str, number: str, long: bool = False) -> bytes:
    """``long``: the table goes on with the total on the second page, above the payment part."""
    account = iban.calc_check_digits(body := f"CH00{chance.randrange(30_000):05d}{chance.randrange(10**12):012d}")
    account = f"CH{account}{body[4:]}"
    buyer, day = chance.choice(BUYERS), date(2026, 1, 5) + timedelta(chance.randrange(250))
    prices = [Decimal(chance.randrange(1000, 90_000)) / 100 for _ in range(30 if long else chance.randrange(1, 6))]
    net = sum(prices, Decimal(0))
    vat = (net * Decimal("0.081")).quantize(Decimal("0.01"))
    total = net + vat
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    _say(canvas, 60, 60, seller, 14)
    tax = ".".join(str(chance.randrange(100, 999)) for _ in range(3))
    for at, text in enumerate(("Bahnhofstrasse 12", "8001 Zürich", f"CHE-{tax} MWST")):
        _say(canvas, 60, 78 + 12 * at, text)
    for at, text in enumerate((buyer, "Seestrasse 4", "8620 Wetzikon")):
        _say(canvas, 340, 150 + 12 * at, text)
    _say(canvas, 60, 240, f"Rechnung {number}", 14)
    _say(canvas, 60, 260, f"Datum: {day:%d.%m.%Y}")
    _say(canvas, 60, 274, "Zahlbar innert 30 Tagen")
    y = 310
    for at, price in enumerate(prices):
        if long and at == 24:
            canvas.showPage()
            y = 60
        _say(canvas, 60, y, f"Position {at + 1}, Arbeit und Material")
        _say(canvas, 480, y, f"{price:.2f}")
        y += 20
    for name, amount in (("Zwischentotal", net), ("MWST 8.1 %", vat), ("Total CHF", total)):
        y += 18
        _say(canvas, 60, y, name)
        _say(canvas, 480, y, f"{amount:.2f}")
    if not long:
        canvas.showPage()
    _payment_part(canvas, Facts(seller, buyer, account, number, "", day, day + timedelta(30), total, vat))
    canvas.save()
    return stream.getvalue()


def _payment_part(canvas: Canvas, facts: Facts) -> None:
    grouped = " ".join(facts.iban[at : at + 4] for at in range(0, 21, 4))
    payee = ("Konto / Zahlbar an", grouped, facts.seller, "Bahnhofstrasse 12", "8001 Zürich")
    payer = ("Zahlbar durch", facts.buyer, "Seestrasse 4", "8620 Wetzikon")
    amount = ("Währung  Betrag", f"CHF  {facts.total:,.2f}".replace(",", " "))
    _say(canvas, 30, 560, "Empfangsschein", 11)
    _say(canvas, 200, 560, "Zahlteil", 11)
    for x, texts in (
        (30, (*payee, "", *payer, "", *amount, "", "Annahmestelle")),
        (390, (*payee, "", "Zusätzliche Informationen", facts.number, "", *payer)),
    ):
        for at, text in enumerate(texts):
            _say(canvas, x, 580 + 11 * at, text, 8)
    for at, text in enumerate(amount):
        _say(canvas, 200, 760 + 11 * at, text, 8)
    modules = make_qr(swiss(facts), error="m").matrix
    size = 130.0 / len(modules)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                canvas.rect(205 + column * size, A4[1] - 580 - (row + 1) * size, size, size, stroke=0, fill=1)


def _say(canvas: Canvas, x: float, y: float, text: str, size: float = 9.0) -> None:
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, A4[1] - y, text)
