"""Invoices of many countries drawn from a seed, as pages of words with what is meant: for tests of dates, currencies
and signs. Names and numbers are invented; check digits hold where a number has some."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from field_pages import Placed, page

from db.records import JobStatus
from invoice_connector.fields import FieldPage, extract
from invoice_connector.invoice import Evidence, Invoice, Witness
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import decide, doubts


@dataclass(frozen=True)
class Country:
    """How sellers of a country print: ``marks`` of thousands and decimals, ``dates`` as strftime forms, ``sign`` of the
    currency; ``proofs`` are lines of which a seller prints some."""

    code: str
    words: str
    names: tuple[str, ...]
    towns: tuple[str, ...]
    proofs: tuple[str, ...]
    tax: str
    rate: int
    currency: str
    sign: str
    dates: tuple[str, ...]
    marks: str = ",."


WORDS = {
    "en": ("Bill to", "Invoice number", "Invoice date", "Due date", "Subtotal", "Total", "INVOICE", "Credit note",
           "All amounts in {}", "Payment terms: {} days"),
    "de": ("Rechnungsempfänger", "Rechnungsnummer", "Rechnungsdatum", "Fällig am", "Nettobetrag", "Gesamtbetrag",
           "Rechnung", "Gutschrift", "Alle Beträge in {}", "Zahlbar innerhalb {} Tagen"),
    "fr": ("Facturé à", "Numéro de facture", "Date de facture", "Échéance", "Total HT", "Total TTC", "FACTURE", "Avoir",
           "Montants exprimés en {}", "Paiement à {} jours"),
    "es": ("Facturar a", "Número de factura", "Fecha de factura", "Vencimiento", "Base imponible", "Importe total",
           "FACTURA", "Factura rectificativa", "Importes en {}", "Pago a {} días"),
    "it": ("Spett.le", "Numero fattura", "Data fattura", "Scadenza", "Imponibile", "Totale fattura", "FATTURA",
           "Nota di credito", "Importi in {}", "Pagamento a {} giorni"),
    "sv": ("Faktureras till", "Fakturanummer", "Fakturadatum", "Förfallodatum", "Summa exkl. moms", "Totalt inkl. moms",
           "Faktura", "Kreditfaktura", "Alla belopp i {}", "Betalningsvillkor {} dagar"),
}  # fmt: skip
SLASHES = ("%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d-%m-%Y", "%d.%m.%Y")
POINTS = ("%d.%m.%Y", "%d.%m.%y")
COUNTRIES = (
    Country("GB", "en", ("Thistle Joinery Ltd", "Penrose Carpets Limited"), ("8 Tanner Row, York YO1 6JB",),
            ("VAT GB 980 7806 84", "Sort code 20-00-00", "www.thistle.co.uk", "+44 1904 555 014"),
            "VAT", 20, "GBP", "£", SLASHES),
    Country("IE", "en", ("Shannon Prints Ltd", "Burren Foods DAC"), ("4 Quay Street, Galway H91 X2Y3, Ireland",),
            ("VAT IE6388047V", "+353 91 555 014", "info@shannonprints.ie"), "VAT", 23, "EUR", "€", SLASHES),
    Country("US", "en", ("Prairie Signs LLC", "Bluebonnet Supply Inc."), ("12 Elm St, Dayton, OH 45402",),
            ("EIN 12-3456789", "(614) 555-0142", "Sales Tax ID 445"), "Sales Tax", 7, "USD", "$",
            ("%m/%d/%Y", "%m/%d/%y", "%B %d, %Y")),
    Country("CA", "en", ("Lakehead Millwork Inc.", "Maple Print Ltd."), ("8 King St W, Toronto, ON M5H 1A1",),
            ("HST 80412 7730 RT0001", "(416) 555-0142"), "HST", 13, "CAD", "$", ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y")),
    Country("AU", "en", ("Wattle Plumbing Pty Ltd", "Karri Timber Pty Ltd"), ("4 Bluff Rd, Fremantle WA 6160",),
            ("ABN 51 824 753 556", "BSB 066-000", "www.wattle.com.au"), "GST", 10, "AUD", "$", SLASHES),
    Country("NZ", "en", ("Kauri Fencing Ltd", "Tui Electrical Limited"), ("12 Queen Street, Auckland 1010",),
            ("GST No 49-091-850", "www.kauri.co.nz", "+64 9 555 0142"), "GST", 15, "NZD", "$", SLASHES),
    Country("SG", "en", ("Orchard Freight Pte Ltd",), ("71 Robinson Road, Singapore 068895",),
            ("GST Reg. No. 201512345K", "UEN 201512345K", "+65 6555 0142"), "GST", 9, "SGD", "$", SLASHES),
    Country("HK", "en", ("Harbour Tools Limited",), ("12 Queen's Road, Central, Hong Kong",),
            ("BR No. 12345678", "+852 2555 0142", "www.harbourtools.hk"), "Tax", 0, "HKD", "$", SLASHES),
    Country("IN", "en", ("Nilgiri Castings Pvt Ltd",), ("Plot 18, Peenya, Bengaluru 560058",),
            ("GSTIN 29AAGCK4512M1ZK", "IFSC ICIC0000045", "+91 80 5550 1422"), "IGST", 18, "INR", "₹", SLASHES),
    Country("ZA", "en", ("Protea Panels (Pty) Ltd",), ("4 Long Street, Cape Town 8001, South Africa",),
            ("VAT No. 4123456789", "+27 21 555 0142"), "VAT", 15, "ZAR", "R", ("%Y-%m-%d", "%d/%m/%Y")),
    Country("MX", "es", ("Agaves del Valle S.A. de C.V.",), ("Av. Juárez 12, 06050 Ciudad de México",),
            ("RFC AVA010203AB1", "CLABE 012345678901234567", "+52 55 5550 1422"), "IVA", 16, "MXN", "$", SLASHES),
    Country("ES", "es", ("Olivares Norte S.L.",), ("Calle Mayor 12, 28013 Madrid",),
            ("NIF ESB58378431", "+34 91 555 01 42"), "IVA", 21, "EUR", "€", SLASHES, ".,"),
    Country("DE", "de", ("Tischlerei Ulmenhof GmbH", "Nordkai Technik GmbH"), ("Buchenweg 12, 50667 Köln",),
            ("USt-IdNr. DE136695976", "IBAN DE89 3704 0044 0532 0130 00", "+49 221 555014"), "MwSt.", 19, "EUR", "€",
            POINTS, ".,"),
    Country("AT", "de", ("Wiesental Bau GmbH",), ("Hauptstraße 3, 5020 Salzburg",),
            ("UID ATU13585627", "+43 662 555014"), "USt.", 20, "EUR", "€", POINTS, ".,"),
    Country("CH", "de", ("Alpstein Druck GmbH",), ("Bahnhofstrasse 5, 9000 St. Gallen",),
            ("CHE-107.787.577 MWST", "+41 71 555 01 42"), "MWST", 8, "CHF", "CHF", POINTS, "'."),
    Country("FR", "fr", ("Atelier Garonne SARL",), ("12 rue des Lilas, 33000 Bordeaux",),
            ("TVA FR40303265045", "SIRET 303 265 045 00014", "+33 5 55 50 14 22"),
            "TVA", 20, "EUR", "€", SLASHES, " ,"),
    Country("TN", "fr", ("Olivia Sahel SARL",), ("12 avenue de la Plage, 4000 Sousse, Tunisie",),
            ("MF 1234567A", "+216 73 555 014"), "TVA", 19, "TND", "TND", SLASHES, " ,"),
    Country("IT", "it", ("Officine Adige S.r.l.",), ("Via Roma 12, 37121 Verona",),
            ("P.IVA 00743110157", "+39 045 555014"), "IVA", 22, "EUR", "€", SLASHES, ".,"),
    Country("SE", "sv", ("Norrbruk El AB", "Tallmo Måleri AB"), ("Storgatan 5, 972 38 Luleå",),
            ("Org.nr 556036-0793", "Bankgiro 5050-1055", "Momsreg.nr SE556036079301"), "Moms", 25, "SEK", "kr",
            ("%Y-%m-%d",), " ,"),
    Country("KW", "en", ("Gulf Reef Trading Co. W.L.L.",), ("Block 4, Salmiya, Kuwait",),
            ("C.R. 345112", "+965 2555 0142"), "Tax", 0, "KWD", "KWD", SLASHES),
    Country("BH", "en", ("Pearl Dhow Supplies W.L.L.",), ("Building 12, Manama, Bahrain",), ("VAT 200001234500002",
            "+973 1755 0142"), "VAT", 10, "BHD", "BHD", SLASHES),
)  # fmt: skip
BUYERS = (
    ("Buckeye Dental Group", "90 High St, Columbus, OH 43215, USA"),
    ("Fenwick & Moss LLP", "22 Castle Lane, Leeds LS1 5AB"),
    ("Praxis Dr. Lindner", "Rosenstraße 8, 53111 Bonn, Germany"), ("Coral Bay Motel", "12 Esplanade, Broome WA 6725"),
)  # fmt: skip
DECIMALS = {"KWD": 3, "BHD": 3, "TND": 3}


@dataclass(frozen=True)
class Case:
    """One drawn document. ``signed``: how an amount is printed, with its number as ``{}``."""

    country: Country
    seller: str
    proofs: tuple[str, ...]
    buyer: tuple[str, str]
    issued: date
    due: date
    form: str
    net: Decimal
    currency: str
    printed: str  # the currency beside amounts, "" for none
    stated: bool  # in a sentence
    domestic: bool
    addressed: bool  # with the seller's address
    signed: str = "{}"
    credit: bool = False

    @property
    def vat(self) -> Decimal:
        return (self.net * self.country.rate / 100).quantize(self.net)


def drawn(seed: int) -> Case:
    """A document of a country with two to all of what shows it, its own currency or another by its code."""
    rng = Random(seed)
    country = rng.choice(COUNTRIES)
    days = rng.choice((14, 21, 30, 45))
    issued = date(2024, 1, 1) + timedelta(days=rng.randrange(1000))
    abroad = rng.random() < 0.2
    currency = rng.choice(("USD", "EUR", "GBP")) if abroad else country.currency
    own = currency == country.currency
    stated = rng.random() < 0.25
    printed = currency if not own or rng.random() < 0.3 else country.sign
    digits = DECIMALS.get(currency, 2)
    return Case(
        country, rng.choice(country.names),
        tuple(rng.sample(country.proofs, k=rng.randrange(len(country.proofs) + 1))),
        rng.choice(BUYERS), issued, issued + timedelta(days=days), rng.choice(country.dates),
        Decimal(rng.choice((rng.randrange(1000, 900_000), rng.randrange(1000, 900_000_000)))).scaleb(-digits),
        currency, "" if stated else printed, stated, rng.random() < 0.5, rng.random() < 0.7,
    )  # fmt: skip


def amount(case: Case, value: Decimal) -> str:
    """The amount with the marks of its country and its currency."""
    thousands, decimal = case.country.marks
    number = f"{value:,}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    return case.signed.format(number).replace("¤", case.printed).strip()


def words_of(case: Case) -> FieldPage:
    """The page of the document; a domestic buyer has no country's marks."""
    to, number, issued, due, net, total, title, credit, stated, terms = WORDS[case.country.words]
    rows = [(net, case.net), (f"{case.country.tax} {case.country.rate}%", case.vat), (total, case.net + case.vat)]
    placed: list[Placed] = [(60, 60, case.seller)]
    placed += [(60, 85, case.country.towns[0])] if case.addressed else []
    placed += [(60, 110 + 25 * at, line) for at, line in enumerate(case.proofs)]
    placed += [(700, 60, credit if case.credit else title), (60, 300, to)]
    placed += [(60, 325, "Kari Lund" if case.domestic else case.buyer[0])]
    placed += [] if case.domestic else [(60, 350, case.buyer[1])]
    placed += [
        (600, 300, number),
        (800, 300, "HL-4471"),
        (600, 325, issued),
        (800, 325, case.issued.strftime(case.form)),
    ]
    placed += [] if case.credit else [(600, 350, due), (800, 350, case.due.strftime(case.form))]
    for at, (label, value) in enumerate(rows):
        text = amount(case, value)
        placed += [(500, 600 + 30 * at, label), (950 - 10 * len(text), 600 + 30 * at, text)]
    placed += [(60, 750, stated.format(case.currency))] if case.stated else []
    placed += [(60, 780, terms.format((case.due - case.issued).days))] if case.net % 2 else []
    return page(placed)


def read(case: Case) -> tuple[Invoice, bool]:
    """The invoice as extracted, and whether it would be booked unseen, its print being confirmed by the picture."""
    invoice = extract([words_of(case)])
    seen = Witness(Evidence.PICTURE, "as the picture")
    fields = {name: field.witnessed(seen) for name, field in invoice.fields.items()}
    invoice = replace(invoice, fields=fields)
    return invoice, decide((*check(invoice), *doubts(invoice))) is JobStatus.COMPLETED
