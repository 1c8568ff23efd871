"""Remakes `invoice_connector/samples/`: three Swedish invoices of invented companies, and their true fields.

    python scripts/make_samples.py [OUT]

Bankgiro 5050-1055 is the one Bankgirot's documentation uses; the organisation numbers were chosen high in the series,
and the phone numbers are among those that PTS keeps free for fiction.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
from PIL import Image as PillowImage

from scripts.synthetic import degrade
from scripts.synthetic.culture import AmountStyle, countries
from scripts.synthetic.deals import ZERO, Deal, Payment, SoldLine
from scripts.synthetic.degrade import Profile, Step
from scripts.synthetic.documents import SyntheticDocument, assemble
from scripts.synthetic.heads import Design, Look
from scripts.synthetic.identifiers import ocr_number, with_luhn
from scripts.synthetic.invoices import draw_invoice
from scripts.synthetic.layouts import InvoiceLayout
from scripts.synthetic.parties import Party
from scripts.synthetic.rendering import photograph, render_pdf, scan, to_pdf
from scripts.synthetic.typefaces import find_typeface
from scripts.synthetic.voice import Voice, make_voice

SAMPLES = Path(__file__).resolve().parent.parent / "invoice_connector" / "samples"

SWEDEN = countries("sv")[0]
SCAN_DPI, PHOTO_DPI = 200, 170
PHOTO_QUALITY = 78


@dataclass(frozen=True)
class Sample:
    """How one sample is drawn; `seed` decides what a layout leaves open."""

    seed: int
    deal: Deal
    layout: InvoiceLayout
    look: Look
    details: tuple[str, ...]
    wording: dict[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=SAMPLES, metavar="OUT")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    documents = {name: draw_sample(sample) for name, sample in samples().items()}
    _write_pdf(out / "faktura.pdf", documents["faktura.pdf"])
    _write_scan(out / "faktura-skannad.png", documents["faktura-skannad.png"])
    _write_photo(out / "faktura-foto.jpg", documents["faktura-foto.jpg"])
    truth = {
        name: {field: value for field, value in document.values.items() if document.visible[field]}
        for name, document in documents.items()
    }
    (out / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print("\n".join(f"{path.name}  {path.stat().st_size:,} bytes" for path in sorted(out.iterdir())), file=sys.stderr)
    return 0


def draw_sample(sample: Sample) -> SyntheticDocument:
    """The drawn document of a sample."""
    rng = np.random.default_rng(sample.seed)
    pages = draw_invoice(rng, sample.deal, sample.layout, Design(sample.look, _voice(sample), sample.details))
    return assemble(sample.seed, "sv", sample.layout.number, sample.deal, pages)


def samples() -> dict[str, Sample]:
    """The three samples by file name."""
    return {"faktura.pdf": _carpenter(), "faktura-skannad.png": _office_supplies(), "faktura-foto.jpg": _caterer()}


def _voice(sample: Sample) -> Voice:
    voice = make_voice(np.random.default_rng(sample.seed), SWEDEN)
    return replace(
        voice, labels={**voice.labels, **_WORDING, **sample.wording}, amounts=AmountStyle(" ", ","), symbol="kr",
        symbol_first=False, symbol_gap=" ", date_pattern="yyyy-MM-dd",
    )  # fmt: skip


_DETAILS = ("customer_number", "buyer_reference", "seller_reference", "payment_terms", "remittance_information")
_WORDING = {
    "title": "Faktura", "invoice_number": "Fakturanummer", "issue_date": "Fakturadatum", "due_date": "Förfallodatum",
    "customer_number": "Kundnummer", "buyer_reference": "Er referens", "seller_reference": "Vår referens",
    "payment_terms": "Betalningsvillkor", "remittance_information": "OCR-nummer", "description": "Benämning",
    "quantity": "Antal", "unit": "Enhet", "unit_price": "À-pris", "vat_rate": "Moms", "net_amount": "Belopp",
    "total_without_vat": "Summa exkl. moms", "total_vat": "Summa moms", "total_with_vat": "Summa inkl. moms",
    "rounding_amount": "Öresavrundning", "amount_due": "Att betala", "vat_line": "Moms {rate} %",
    "seller_vat_identifier": "Momsreg.nr", "seller_legal_registration_identifier": "Org.nr", "bill_to": "Fakturaadress",
    "deliver_to": "Leveransadress", "footer": "Godkänd för F-skatt", "phone": "Telefon", "taxable_amount": "Underlag",
    "page": "Sida {page} ({pages})", "purchase_order_reference": "Ert ordernummer", "charge": "Frakt",
    "subtotal": "Delsumma",
    "buyer_vat_identifier": "Ert momsreg.nr", "delivery_date": "Leveransdatum", "item_number": "Art.nr",
}  # fmt: skip


def _line(text: str, quantity: str, price: str, rate: str = "25") -> SoldLine:
    """From "number|description|unit"."""
    number, description, unit = text.split("|")
    return SoldLine(number, description, Decimal(quantity), unit, Decimal(price), Decimal(0), Decimal(rate))


def _company(name: str, address: str, number: str, reach: tuple[str, str, str]) -> Party:
    """A Swedish company: "street|code|city", number without check digit, (phone, domain, contact)."""
    street, postal_code, city = address.split("|")
    full = with_luhn(number)
    phone, domain, contact = reach
    return Party(
        name=name, street=street, postal_code=postal_code, city=city, country="SE", vat_identifier=f"SE{full}01",
        registration_identifier=f"{full[:6]}-{full[6:]}", phone=phone, mail=f"info@{domain}", web=f"www.{domain}",
        contact=contact,
    )  # fmt: skip


def _deal(
    parties: tuple[Party, Party],
    number: str,
    issued: datetime.date,
    lines: tuple[SoldLine, ...],
    account: tuple[str, str],
) -> Deal:
    """An invoice due after 30 days, rounded to whole kronor; `account` is its kind and number."""
    customer = str(1000 + int(number[-3:]))
    reference = ocr_number(np.random.default_rng(0), customer + number, length_digit=True)
    return Deal(
        kind="invoice", country=SWEDEN, seller=parties[0], buyer=parties[1], number=number, issue_date=issued,
        due_date=issued + datetime.timedelta(days=30), clock="", lines=lines, allowance=ZERO, charge=ZERO,
        paid_amount=ZERO,
        rounding_step=Decimal("1.00"), payment_terms="30 dagar netto", customer_number=customer,
        order_number=f"45{number[-4:]}",
        payment=Payment(account[0], account[1], "", "", "", reference),
    )  # fmt: skip


def _carpenter() -> Sample:
    seller = _company(
        "Norrviks Snickeri & Bygg AB", "Hantverkargatan 114|112 38|Stockholm", "559987456",
        ("08-465 004 10", "norrvikssnickeri.se", "Johan Åkesson"),
    )  # fmt: skip
    buyer = _company(
        "Brf Tallkotten",
        "Björkvägen 22|121 34|Enskede",
        "769999123",
        ("08-465 004 77", "brftallkotten.se", "Märta Sjögren"),
    )
    lines = (
        _line("1010|Snickeriarbete, byte av altandörr|tim", "14.5", "540"),
        _line("1020|Målningsarbete fönsterkarmar|tim", "6", "495"),
        _line("2204|Altandörr 9x21 vit, 3-glas|st", "1", "11890"),
        _line("2310|Trallskruv rostfri 4,2x55|förp", "3", "289"),
        _line("2417|Regel 45x95 C24|m", "22.5", "31.90"),
        _line("9001|Milersättning|km", "86", "4.50"),
    )
    deal = _deal((seller, buyer), "20261187", datetime.date(2026, 10, 14), lines, ("bankgiro", "5050-1055"))
    accent = (0.1, 0.27, 0.36)
    look = Look(find_typeface("Carlito-Regular"), 9.5, accent, (0.92, 0.945, 0.955), 52, 543, 1)
    return Sample(16, deal, InvoiceLayout(1, "left", "right", "pairs", "ruled", "right", "columns"), look, _DETAILS, {})


def _office_supplies() -> Sample:
    seller = _company(
        "Sundbro Kontorsservice AB", "Industrigatan 88|212 28|Malmö", "559991230",
        ("040-628 04 30", "sundbrokontor.se", "Lena Öhman"),
    )  # fmt: skip
    buyer = _company(
        "Ekbackens Redovisning AB",
        "Stora Nygatan 131 B|211 37|Malmö",
        "559992887",
        ("040-628 04 52", "ekbackens.se", "Per Håkansson"),
    )
    lines = (
        _line("40112|Kopieringspapper A4 80 g, 5x500|kart", "12", "279"),
        _line("40875|Toner svart XL till skrivare|st", "2", "1149"),
        _line("51020|Pärm A4 40 mm, blå|st", "24", "32.50"),
        _line("51344|Kulspetspenna blå, 12-pack|förp", "5", "64.90"),
        _line("60210|Kontorsstol Nova, svart|st", "1", "3490"),
        _line("99001|Frakt|st", "1", "149"),
    )
    deal = _deal((seller, buyer), "870342", datetime.date(2026, 9, 28), lines, ("bankgiro", _bankgiro("581204")))
    look = Look(find_typeface("LiberationSans-Regular"), 9.0, (0.12, 0.12, 0.13), (0.92, 0.92, 0.92), 50, 545, 2)
    return Sample(
        44,
        deal,
        InvoiceLayout(14, "left", "right", "stacked", "ruled", "strip", "slip"),
        look,
        _DETAILS,
        {"title": "FAKTURA"},
    )


def _caterer() -> Sample:
    seller = _company(
        "Café Lingon & Catering HB", "Kyrkogatan 5|411 15|Göteborg", "969977510",
        ("031-390 06 20", "cafelingon.se", "Åsa Lindqvist"),
    )  # fmt: skip
    buyer = _company(
        "Västkust Arkitektkontor AB", "Södra Hamngatan 41|411 06|Göteborg", "559983301",
        ("031-390 06 90", "vastkustarkitekt.se", "Göran Ström"),
    )  # fmt: skip
    lines = (
        _line("210|Lunchbuffé, 28 personer|st", "28", "145", "12"),
        _line("235|Kaffe och kanelbulle|st", "28", "52", "12"),
        _line("318|Mineralvatten 33 cl|st", "36", "18", "12"),
        _line("901|Serveringspersonal|tim", "6", "425"),
        _line("914|Hyra porslin och dukar|st", "1", "890"),
    )
    deal = _deal((seller, buyer), "20260458", datetime.date(2026, 10, 30), lines, ("plusgiro", _plusgiro("482916")))
    look = Look(find_typeface("Lato-Regular"), 9.5, (0.5, 0.12, 0.16), (0.965, 0.93, 0.93), 50, 545, 4)
    return Sample(
        18, deal, InvoiceLayout(13, "right", "box", "spread", "filled", "breakdown", "box"), look, _DETAILS, {}
    )


def _bankgiro(number: str) -> str:
    full = with_luhn(number)
    return f"{full[:-4]}-{full[-4:]}"


def _plusgiro(number: str) -> str:
    full = with_luhn(number)
    return f"{full[:2]} {full[2:4]} {full[4:6]}-{full[6]}"


def _write_pdf(path: Path, document: SyntheticDocument) -> None:
    path.write_bytes(to_pdf(document.pages, f"Faktura {document.deal.number}"))


def _write_scan(path: Path, document: SyntheticDocument) -> None:
    """Few grey levels and white paper, as office scanners deliver, keep the PNG small."""
    picture = render_pdf(to_pdf(document.pages), SCAN_DPI)[0]
    rng = np.random.default_rng(21)
    image = scan(picture, rng, profile=_SCANNER).image
    white = np.clip((image.astype(np.float32) - 22) * 255 / (234 - 22), 0, 255)
    levels = (np.round(white / 17) * 17).astype(np.uint8)
    PillowImage.fromarray(levels).save(path, optimize=True, dpi=(SCAN_DPI, SCAN_DPI))


_SCANNER = Profile("office scanner", (
    Step(degrade.blur, 1.0, 0.3, 0.35), Step(degrade.noise, 1.0, 0.16, 0.18), Step(degrade.dust, 1.0, 0.006, 0.006),
))  # fmt: skip


def _write_photo(path: Path, document: SyntheticDocument) -> None:
    picture = render_pdf(to_pdf(document.pages), PHOTO_DPI)[0]
    photo = photograph(picture, np.random.default_rng(4), slant=0.7, profile=_PHONE)
    image = cv2.GaussianBlur(photo.image, (0, 0), 0.5)
    PillowImage.fromarray(np.asarray(image, np.uint8)).save(path, quality=PHOTO_QUALITY, optimize=True)


_PHONE = Profile("phone", (
    Step(degrade.crumple, 1.0, 0.08, 0.1), Step(degrade.shadow, 1.0, 0.4, 0.42), Step(degrade.noise, 1.0, 0.06, 0.08),
))  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
