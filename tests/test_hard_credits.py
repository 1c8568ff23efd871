"""Who owes whom: taxes withheld from the total, refunds, balances of the customer, tips. Nothing wrong is booked."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hard_invoices import Hard, Maker, check_few, check_many, plain_totals, sheet, some_lines, taxed

from scripts.synthetic.draw import chance, pick, whole

NEVER = "never booked"

WITHHELD = {
    "es": (("Retención IRPF 15 %", "I.R.P.F. 15 %", "Retención 15 % IRPF", "IRPF -15%", "Menos IRPF 15 %"), 15),
    "it": (("Ritenuta d'acconto 20 %", "R.A. 20 %", "Ritenuta 20%", "Rit. acconto 20 %"), 20),
    "pt": (("Retenção IRS 25 %", "Retenção na fonte 25 %", "IRS 25 %"), 25),
}
PAYABLE = {
    "es": ("Total a pagar", "Líquido a percibir", "Total a percibir", "Importe a pagar"),
    "it": ("Netto a pagare", "Totale da pagare", "Totale dovuto"),
    "pt": ("Total a pagar", "Valor a pagar", "Líquido a receber"),
}
TOTAL = {"es": ("Total factura", "Total", "TOTAL"), "it": ("Totale fattura", "Totale"), "pt": ("Total", "Total fatura")}


def withheld(rng: np.random.Generator) -> Hard:
    """Tax that the buyer withholds: the total with VAT is printed before it, what is paid after it."""
    made = sheet(rng, pick(rng, tuple(WITHHELD)))
    net = sum(some_lines(made, whole(rng, 1, 3)), Decimal(0))
    _, total = plain_totals(made, net, made.country.vat_rates[0])
    words, rate = WITHHELD[made.country.language]
    kept = taxed(net, Decimal(rate))
    made.row(pick(rng, words), -kept if chance(rng, 0.6) else kept)
    made.row(pick(rng, PAYABLE[made.country.language]), total - kept)
    return made.done(total_without_vat=net, total_with_vat=total, amount_due=total - kept)


def withheld_before_the_total(rng: np.random.Generator) -> Hard:
    """The only total is what is paid, less than the total with VAT, which is not printed."""
    made = sheet(rng, pick(rng, tuple(WITHHELD)))
    net = sum(some_lines(made, whole(rng, 1, 3)), Decimal(0))
    rate = made.country.vat_rates[0]
    vat = taxed(net, rate)
    words, part = WITHHELD[made.country.language]
    kept = taxed(net, Decimal(part))
    rows = [
        (made.label("vat_line").format(rate=f"{rate:f}"), vat),
        (pick(rng, words), -kept if chance(rng, 0.6) else kept),
    ]
    made.row(made.label("total_without_vat"), net)
    for label, amount in rows if chance(rng, 0.6) else rows[::-1]:
        made.row(label, amount)
    language = made.country.language
    made.row(pick(rng, (*TOTAL[language], *PAYABLE[language])), net + vat - kept)
    return made.done(total_without_vat=net, amount_due=net + vat - kept)


REFUNDED = {
    "en": ("Total refund", "Refund due", "Amount to be refunded", "Refund total", "Amount refunded"),
    "de": ("Erstattungsbetrag", "Auszahlungsbetrag", "Rückzahlungsbetrag", "Zu erstatten"),
    "sv": ("Att återbetala", "Återbetalas", "Att återfå", "Återbetalning"),
    "fr": ("Montant remboursé", "À vous rembourser", "Remboursement", "Total à rembourser"),
    "es": ("Importe a devolver", "Total a devolver", "Reembolso", "A su favor"),
    "it": ("Importo da rimborsare", "Totale rimborso", "Rimborso", "A vostro credito"),
    "pt": ("Valor a reembolsar", "Total a devolver", "Reembolso"),
}


def refund(rng: np.random.Generator) -> Hard:
    """A paper that calls itself an invoice and pays money back, all amounts without a sign."""
    made = sheet(rng)
    net = sum(some_lines(made, whole(rng, 1, 3)), Decimal(0))
    vat = taxed(net, made.country.vat_rates[0])
    if chance(rng, 0.6):
        made.row(made.label("total_without_vat"), net)
        made.row(made.label("vat_line").format(rate=f"{made.country.vat_rates[0]:f}"), vat)
        if chance(rng, 0.5):
            made.row(made.label("total_with_vat"), net + vat)
    made.row(pick(rng, REFUNDED[made.country.language]), net + vat)
    return made.done(total_with_vat=NEVER)


SAID = {
    "en": ("We will refund this amount to your card.", "The amount has been credited to your account.",
           "This credit will be applied to your next invoice.", "Please do not pay, the amount will be refunded."),
    "de": ("Der Betrag wird Ihrem Konto gutgeschrieben.", "Wir überweisen Ihnen das Guthaben auf Ihr Konto.",
           "Das Guthaben wird mit der nächsten Rechnung verrechnet."),
    "sv": ("Beloppet återbetalas till ert konto.", "Beloppet krediteras er nästa faktura."),
    "fr": ("Ce montant vous sera remboursé.", "Cette somme sera portée au crédit de votre compte."),
    "es": ("El importe se abonará en su cuenta.", "Este importe le será reembolsado."),
    "it": ("L'importo sarà rimborsato sul vostro conto.", "L'importo verrà accreditato sul vostro conto."),
    "pt": ("O valor será reembolsado na sua conta.", "O montante será creditado na sua conta."),
}  # fmt: skip


def refund_in_a_sentence(rng: np.random.Generator) -> Hard:
    """Totals as on any invoice, and a sentence that the money comes back."""
    made = sheet(rng)
    net = sum(some_lines(made, whole(rng, 1, 3)), Decimal(0))
    plain_totals(made, net, made.country.vat_rates[0])
    made.put(60, made.top + 50, pick(rng, SAID[made.country.language]))
    return made.done(total_with_vat=NEVER)


def tip_under_the_total(rng: np.random.Generator) -> Hard:
    """A tip and what was charged with it stand under the total, which they do not change."""
    made = sheet(rng, pick(rng, ("en", "de", "fr")))
    net = sum(some_lines(made, whole(rng, 2, 4)), Decimal(0))
    _, total = plain_totals(made, net, made.country.vat_rates[0])
    tip = (total * whole(rng, 8, 22) / 100).quantize(Decimal("0.01"))
    word, sums = {
        "en": (("Tip", "Gratuity"), ("Total with tip", "Charged to card", "Card total")),
        "de": (("Trinkgeld",), ("Gesamt inkl. Trinkgeld", "Kartenzahlung")),
        "fr": (("Pourboire",), ("Total avec pourboire", "Carte bancaire")),
    }[made.country.language]
    made.row(pick(rng, word), tip)
    made.row(pick(rng, sums), total + tip)
    return made.done(total_without_vat=net, total_with_vat=total)


CREDITS = {  # title, label of its number, label of the invoice that it credits
    "en": ("CREDIT NOTE", "Credit note no.", ("Invoice", "Invoice no.", "Original invoice")),
    "de": ("Gutschrift", "Gutschrift Nr.", ("Rechnung", "Rechnungsnummer", "zu Rechnung")),
    "sv": ("KREDITFAKTURA", "Kreditfaktura nr", ("Faktura", "Fakturanummer", "Avser faktura")),
    "fr": ("AVOIR", "Avoir n°", ("Facture", "Facture n°", "Facture d'origine")),
    "es": ("ABONO", "Abono nº", ("Factura", "Factura nº", "Factura rectificada")),
    "it": ("NOTA DI CREDITO", "Nota di credito n.", ("Fattura", "Fattura n.")),
    "pt": ("NOTA DE CRÉDITO", "Nota de crédito n.º", ("Fatura", "Fatura n.º")),
}


def credit_note(rng: np.random.Generator) -> Hard:
    """A credit note of amounts without a sign that names the invoice it credits, as prominently as its own number."""
    made = sheet(rng)
    title, label, referring = CREDITS[made.country.language]
    own = {(640, 60): title, (520, 240): label}
    kept = [place for place in made.placed if place[1] != 290]  # nothing is due
    made.placed = [(left, top, own.get((left, top), text)) for left, top, text in kept]
    made.put(520, 290, pick(rng, referring))
    made.put(780, 290, f"{whole(rng, 10, 99)}-{whole(rng, 1000, 99999)}")
    net = sum(some_lines(made, whole(rng, 1, 3)), Decimal(0))
    _, total = plain_totals(made, net, made.country.vat_rates[0])
    return made.done(total_without_vat=net, total_with_vat=total, invoice_type_code="381")


KINDS: dict[str, tuple[Maker, float]] = {  # and the least share that is booked
    "withheld": (withheld, 0.6),
    "withheld before the total": (withheld_before_the_total, 0.4),
    "refund": (refund, 0.0),
    "refund in a sentence": (refund_in_a_sentence, 0.0),
    "credit note": (credit_note, 0.5),
    "tip under the total": (tip_under_the_total, 0.3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_wrong_is_booked_of_a_few(kind: str) -> None:
    check_few(*KINDS[kind], 20262)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_hardly_anything_wrong_is_booked_of_many(kind: str, documents: int) -> None:
    check_many(*KINDS[kind], 23, documents)
