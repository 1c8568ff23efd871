"""Papers of every kind as PDF files, made anew: other words, languages, amounts and places each time."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Words:
    """What one language's papers say; ``titles``: by kind, with a label of the paper's own number; ``lines``: by kind,
    sentences of which some are printed."""

    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    bill_to: str
    invoice: tuple[str, ...]
    number: str
    day: str
    due: str
    columns: tuple[str, str, str]
    net: str
    vat: str
    total: tuple[str, ...]
    payment: str
    references: tuple[str, ...]
    titles: dict[str, tuple[tuple[str, str], ...]]
    lines: dict[str, tuple[str, ...]]
    items: tuple[str, ...]
    rate: int
    currency: str
    point: str


ENGLISH = Words(
    ("Marlow Timber Ltd", "Seabright Supplies Limited", "Pellworth Engineering Ltd"),
    ("Oakfield Dental Practice", "Brindle & Hart LLP", "Coppergate Bakery Ltd"),
    "Invoice to",
    ("Invoice", "Tax Invoice", "VAT Invoice", "Sales Invoice"),
    "Invoice number",
    "Invoice date",
    "Due date",
    ("Description", "Qty", "Amount"),
    "Subtotal",
    "VAT",
    ("Total", "Total due", "Amount due"),
    "Please pay to GB29 NWBK 6016 1331 9268 19.",
    (
        "Delivery note no. 88213",
        "Order confirmation of 3 May 2026",
        "Your order 4411-A",
        "Quotation Q-118 of 2 April 2026",
        "A reminder fee of 12.00 is charged after the due date.",
        "This invoice replaces our proforma invoice PF-9.",
    ),
    {
        "quotation": (("Quotation", "Quotation no"), ("Estimate", "Estimate number"), ("Sales Quote", "Quote number")),
        "proforma": (
            ("Proforma Invoice", "Proforma number"),
            ("PRO-FORMA INVOICE", "Reference"),
            ("Pro forma", "Number"),
        ),
        "order_confirmation": (("Order Confirmation", "Order number"), ("Order acknowledgement", "Our order")),
        "delivery_note": (
            ("Delivery Note", "Delivery note no"),
            ("Packing List", "Consignment"),
            ("Despatch Note", "No"),
        ),
        "reminder": (
            ("Payment Reminder", "Invoice number"),
            ("Second Reminder", "Invoice"),
            ("Final demand", "Reminder no"),
        ),
        "statement": (("Statement of Account", "Account number"), ("Customer Statement", "Statement date")),
        "payment_receipt": (("Receipt", "Invoice number"), ("Payment Receipt", "Receipt number")),
        "order": (("Purchase Order", "PO number"), ("Purchase Order", "Order number")),
    },
    {
        "quotation": (
            "Valid until 30 June 2026.",
            "This quotation is valid for 30 days.",
            "To accept, sign and return.",
        ),
        "proforma": (
            "This is not a VAT invoice.",
            "Goods are sent once payment has arrived.",
            "For customs purposes only.",
        ),
        "order_confirmation": ("Thank you for your order.", "This is not an invoice.", "Expected delivery: week 24."),
        "delivery_note": ("Goods received in good condition:", "Number of packages: 3", "Driver signature:"),
        "reminder": ("Our records show that the invoice remains unpaid.", "We have not received your payment."),
        "statement": ("Opening balance 410.00", "Closing balance 918.20", "Invoices and payments since 1 April"),
        "payment_receipt": ("Date paid 16 June 2026", "Thank you for your payment.", "Payment received by card."),
        "order": ("Please deliver to our warehouse.", "Please confirm this order.", "Supplier: Marlow Timber Ltd"),
    },
    ("Oak boards, planed", "Site visit", "Fixings, box of 200", "Varnish, 5 litres", "Hand finishing, hours"),
    20,
    "GBP",
    ".",
)
GERMAN = Words(
    ("Metallbau Kröger GmbH", "Druckhaus Ostertag GmbH", "Gartenbau Willing e.K."),
    ("Kanzlei Brandl & Partner", "Hotel Seeblick GmbH", "Gemeinde Auenfeld"),
    "Rechnungsempfänger",
    ("Rechnung", "RECHNUNG", "Handwerkerrechnung"),
    "Rechnungsnummer",
    "Rechnungsdatum",
    "Zahlbar bis",
    ("Bezeichnung", "Menge", "Betrag"),
    "Nettobetrag",
    "MwSt.",
    ("Gesamtbetrag", "Rechnungsbetrag", "Zu zahlen"),
    "Bitte zahlen Sie auf DE89 3704 0044 0532 0130 00.",
    (
        "Lieferschein Nr. 20391 vom 04.05.2026",
        "Gemäß Angebot Nr. 771 vom 02.04.2026",
        "Auftragsbestätigung vom 11.04.2026",
        "Bei Zahlungsverzug berechnen wir eine Mahngebühr von 5,00 EUR.",
        "Ihre Bestellung 4411",
    ),
    {
        "quotation": (("Angebot", "Angebotsnummer"), ("Kostenvoranschlag", "Nummer"), ("Ihr Angebot", "Angebot Nr.")),
        "proforma": (("Proforma-Rechnung", "Proforma-Nr."), ("Pro-forma-Rechnung", "Nummer")),
        "order_confirmation": (("Auftragsbestätigung", "Auftragsnummer"), ("Bestellbestätigung", "Bestellnummer")),
        "delivery_note": (("Lieferschein", "Lieferschein-Nr."), ("Packliste", "Sendung")),
        "reminder": (
            ("Mahnung", "Rechnungsnummer"),
            ("2. Mahnung", "Rechnungsnummer"),
            ("Zahlungserinnerung", "Rechnung"),
        ),
        "statement": (("Kontoauszug", "Kundennummer"), ("Offene-Posten-Liste", "Kundennummer")),
        "payment_receipt": (("Zahlungsbestätigung", "Rechnungsnummer"), ("Quittung", "Rechnungsnummer")),
        "order": (("Bestellung", "Bestellnummer"), ("Bestellschein", "Bestell-Nr.")),
    },
    {
        "quotation": (
            "Gültig bis 30.06.2026.",
            "Wir freuen uns auf Ihren Auftrag.",
            "Dieses Angebot ist freibleibend.",
        ),
        "proforma": ("Dies ist keine Rechnung.", "Lieferung nach Zahlungseingang.", "Nur für Zollzwecke."),
        "order_confirmation": (
            "Vielen Dank für Ihre Bestellung.",
            "Hiermit bestätigen wir Ihren Auftrag.",
            "Liefertermin KW 24",
        ),
        "delivery_note": ("Ware ordnungsgemäß erhalten:", "Anzahl Packstücke: 3", "Unterschrift Empfänger:"),
        "reminder": ("Leider konnten wir keinen Zahlungseingang feststellen.", "Mahngebühr 5,00", "Verzugszinsen 8,40"),
        "statement": ("Saldovortrag 410,00", "Neuer Saldo 918,20"),
        "payment_receipt": ("Betrag dankend erhalten am 16.06.2026.", "Ihre Zahlung ist eingegangen."),
        "order": ("Hiermit bestellen wir:", "Bitte liefern Sie an unser Lager.", "Lieferant: Metallbau Kröger GmbH"),
    },
    ("Geländer, verzinkt", "Montage vor Ort", "Plakate A2", "Heckenschnitt, Stunden", "Anfahrt"),
    19,
    "EUR",
    ",",
)
SWEDISH = Words(
    ("Hjortviks Bygg AB", "Lindesunds Tryckeri AB", "Bergaryds Måleri HB"),
    ("Brf Solgläntan", "Kyrkbyns Förskola", "Advokatfirman Ekdal KB"),
    "Faktureras till",
    ("Faktura", "FAKTURA", "Kundfaktura"),
    "Fakturanummer",
    "Fakturadatum",
    "Förfallodatum",
    ("Beskrivning", "Antal", "Belopp"),
    "Summa exkl. moms",
    "Moms",
    ("Att betala", "Totalt inkl. moms", "Summa att betala"),
    "Bankgiro 5050-1055. Betalningsvillkor 30 dagar.",
    (
        "Följesedel 20391",
        "Enligt offert O-771 av 2026-04-02",
        "Orderbekräftelse 2026-04-11",
        "Er order 4411",
        "Vid utebliven betalning tas en påminnelseavgift på 60 kr ut.",
    ),
    {
        "quotation": (("Offert", "Offertnummer"), ("Anbud", "Anbud nr"), ("Prisförslag", "Nummer")),
        "proforma": (("Proformafaktura", "Proforma nr"), ("PROFORMA", "Nummer")),
        "order_confirmation": (("Orderbekräftelse", "Ordernummer"), ("Ordererkännande", "Order")),
        "delivery_note": (("Följesedel", "Följesedel nr"), ("Packsedel", "Sändning")),
        "reminder": (
            ("Påminnelse", "Fakturanummer"),
            ("Betalningspåminnelse", "Fakturanummer"),
            ("Inkassokrav", "Ärende"),
        ),
        "statement": (("Kontoutdrag", "Kundnummer"), ("Reskontrautdrag", "Kundnummer")),
        "payment_receipt": (("Betalningskvitto", "Fakturanummer"), ("Betalningsbekräftelse", "Fakturanummer")),
        "order": (("Beställning", "Beställningsnummer"), ("Inköpsorder", "Ordernummer")),
    },
    {
        "quotation": ("Giltig till 2026-06-30.", "Priserna gäller i 30 dagar.", "Offerten gäller till midsommar."),
        "proforma": ("Detta är ingen faktura.", "Varorna levereras efter betalning."),
        "order_confirmation": ("Tack för din beställning.", "Detta är ingen faktura.", "Beräknad leverans vecka 24"),
        "delivery_note": ("Godset mottaget av:", "Antal kolli: 3", "Mottagarens underskrift:"),
        "reminder": ("Vi har inte mottagit er betalning.", "Påminnelseavgift 60,00", "Obetald faktura enligt nedan"),
        "statement": ("Ingående saldo 410,00", "Utgående saldo 918,20"),
        "payment_receipt": ("Tack för din betalning.", "Betalt den 2026-06-16", "Betalning mottagen"),
        "order": ("Härmed beställs:", "Önskad leverans: vecka 24", "Leverantör: Hjortviks Bygg AB"),
    },
    ("Målning av trapphus", "Virke 45x95", "Affischer A2", "Arbete, timmar", "Servicebil"),
    25,
    "SEK",
    ",",
)
FRENCH = Words(
    ("Menuiserie Valcourt SARL", "Imprimerie des Tilleuls SAS", "Jardins Beaumanoir SARL"),
    ("Cabinet Morel", "Hôtel du Lac Bleu SAS", "Mairie de Saint-Aubrac"),
    "Facturé à",
    ("Facture", "FACTURE"),
    "Facture n°",
    "Date de facture",
    "Date d'échéance",
    ("Désignation", "Quantité", "Montant"),
    "Total HT",
    "TVA",
    ("Total TTC", "Net à payer"),
    "À régler sur FR14 2004 1010 0505 0001 3M02 606.",
    (
        "Bon de livraison n° 20391 du 04/05/2026",
        "Selon devis n° 771",
        "Votre commande 4411",
        "Confirmation de commande du 11/04/2026",
    ),
    {
        "quotation": (("Devis", "Devis n°"), ("DEVIS", "Numéro"), ("Offre de prix", "Référence")),
        "proforma": (("Facture proforma", "Proforma n°"), ("FACTURE PRO FORMA", "Numéro")),
        "order_confirmation": (
            ("Confirmation de commande", "Commande n°"),
            ("Accusé de réception de commande", "Commande n°"),
        ),
        "delivery_note": (("Bon de livraison", "Bon de livraison n°"), ("Bordereau de livraison", "Numéro")),
        "reminder": (
            ("Relance", "Facture n°"),
            ("Rappel de paiement", "Facture n°"),
            ("Mise en demeure", "Facture n°"),
        ),
        "statement": (("Relevé de compte", "Compte client"), ("Relevé de factures", "Compte client")),
        "payment_receipt": (("Reçu de paiement", "Facture n°"), ("Confirmation de paiement", "Facture n°")),
        "order": (("Bon de commande", "Commande n°"),),
    },
    {
        "quotation": ("Devis valable jusqu'au 30/06/2026.", "Bon pour accord, date et signature :"),
        "proforma": ("Ce document ne vaut pas facture.", "Paiement d'avance."),
        "order_confirmation": ("Merci pour votre commande.", "Livraison prévue semaine 24"),
        "delivery_note": ("Marchandise reçue en bon état :", "Nombre de colis : 3"),
        "reminder": (
            "Sauf erreur de notre part, cette facture reste impayée.",
            "Nous n'avons pas reçu votre règlement.",
        ),
        "statement": ("Ancien solde 410,00", "Nouveau solde 918,20"),
        "payment_receipt": ("Paiement reçu le 16/06/2026.", "Nous accusons réception de votre paiement."),
        "order": ("Nous vous commandons :", "Veuillez livrer à notre dépôt.", "Fournisseur : Menuiserie Valcourt SARL"),
    },
    ("Porte en chêne", "Pose sur site", "Affiches A2", "Taille de haies, heures", "Déplacement"),
    20,
    "EUR",
    ",",
)
LANGUAGES = (ENGLISH, GERMAN, SWEDISH, FRENCH)
KINDS = tuple(ENGLISH.titles)


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts of one paper: of its lines, and its totals."""

    lines: tuple[Decimal, ...]
    net: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.vat


class Press:
    """Draws papers; everything that may differ between two of them comes from ``chance``."""

    def __init__(self, chance: random.Random, words: Words | None = None) -> None:
        self.chance = chance
        self.words = words or chance.choice(LANGUAGES)
        self.seller, self.buyer = chance.choice(self.words.seller), chance.choice(self.words.buyer)
        self.number = f"{chance.choice(('', 'R-', 'F', '2026-'))}{chance.randint(10_000, 99_999)}"
        self.size = chance.choice((9, 10, 11))
        self.title_size = chance.choice((self.size + 1, 14, 18, 24))
        self.left = chance.choice((40, 56, 72))

    def sums(self) -> Sums:
        lines = tuple(Decimal(self.chance.randint(900, 400_000)) / 100 for _ in range(self.chance.randint(1, 5)))
        net = sum(lines, Decimal(0))
        return Sums(lines, net, (net * self.words.rate / 100).quantize(Decimal("0.01")))

    def money(self, amount: Decimal) -> str:
        return f"{amount:.2f}".replace(".", self.words.point)

    def date(self, month: int = 5) -> str:
        day = self.chance.randint(13, 28)
        if self.words is ENGLISH:
            return f"{day} {('May', 'June')[month - 5]} 2026"
        if self.words is SWEDISH:
            return f"2026-{month:02}-{day}"
        return f"{day}{'/' if self.words is FRENCH else '.'}{month:02}{'/' if self.words is FRENCH else '.'}2026"

    def invoice(self, references: bool = True) -> list[list[str]]:
        """An honest invoice, which may mention other papers: rows of cells."""
        words = self.words
        mentioned = self.chance.sample(words.references, self.chance.randint(1, 2)) if references else []
        head = [[words.number, self.number], [words.day, self.date()], [words.due, self.date(6)]]
        return self._body(self.chance.choice(words.invoice), head, mentioned, [words.payment])

    def paper(self, kind: str) -> list[list[str]]:
        """A paper of another kind with the amounts of an invoice."""
        words = self.words
        title, label = self.chance.choice(words.titles[kind])
        said = self.chance.sample(words.lines[kind], self.chance.randint(1, len(words.lines[kind])))
        day = {"Invoice date": "Date", "Rechnungsdatum": "Datum", "Fakturadatum": "Datum"}.get(words.day, "Date")
        payable = [words.payment] if kind in ("proforma", "reminder") and self.chance.random() < 0.5 else []
        return self._body(title, [[label, self.number], [day, self.date()]], [], [*said, *payable])

    def _body(
        self, title: str, head: list[list[str]], mentioned: Sequence[str], foot: Sequence[str]
    ) -> list[list[str]]:
        words, sums = self.words, self.sums()
        title = title.upper() if self.chance.random() < 0.3 else title
        rows = [
            [self.seller],
            [f"{self.chance.randint(1, 99)} Norrgatan"],
            [],
            [title],
            [],
            *head,
            [words.bill_to],
            [self.buyer],
        ]
        rows += [[text] for text in mentioned]
        rows += [[], list(words.columns)]
        rows += [
            [self.chance.choice(words.items), str(self.chance.randint(1, 9)), self.money(line)] for line in sums.lines
        ]
        rows += [[], ["", words.net, self.money(sums.net)], ["", f"{words.vat} {words.rate} %", self.money(sums.vat)]]
        rows += [["", self.chance.choice(words.total), f"{self.money(sums.total)} {words.currency}"], []]
        return rows + [[text] for text in foot]

    def draw(
        self, canvas: Canvas, rows: Sequence[Sequence[str]], x: float = 0.0, y: float = 0.0, width: float = 1.0
    ) -> float:
        """Rows from ``y`` points below the top on, in the share ``width`` of the page from ``x`` on; where they end."""
        right = x + width * (A4[0] - self.left)
        places = (x + self.left, x + self.left + width * 230, right)
        top = A4[1] - 50 - y
        for row in rows:
            large = len(row) == 1 and row[0].casefold() in self._titles()
            canvas.setFont("Helvetica-Bold" if large else "Helvetica", self.title_size if large else self.size)
            for place, cell in zip(places, row, strict=False):
                end = place is places[-1]
                canvas.drawString(place - (stringWidth(cell, "Helvetica", self.size) if end else 0), top, cell)
            top -= (self.title_size if large else self.size) * 1.6
        return A4[1] - 50 - top

    def _titles(self) -> set[str]:
        names = [title for titles in self.words.titles.values() for title, _ in titles]
        return {name.casefold() for name in (*names, *self.words.invoice)}


def pdf(press: Press, pages: Sequence[Sequence[Sequence[str]]]) -> bytes:
    """One page for each list of rows."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    for rows in pages:
        press.draw(canvas, rows)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()
