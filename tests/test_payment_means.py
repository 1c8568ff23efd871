"""Means of payment and statuses as labels with values, in every language: what was taken or is collected is no debt to
transfer; a transfer, a choice of several means and what is still to be paid are."""

from __future__ import annotations

import pytest

from invoice_connector.fields import extract
from invoice_connector.fields.context import contexts_of
from invoice_connector.fields.payment_means import means_statements, payment_means_of
from invoice_connector.fields.statements import STOPS
from invoice_connector.invoice import Invoice
from invoice_connector.locales import locales
from tests.field_pages import LINES, SUMS, page

HEAD = (*LINES, "Due date: 12 July 2026")
PAID, COLLECTED = "ALREADY-PAID", "COLLECTED"


def read(*texts: str) -> Invoice:
    return extract([page([(120, 120 + 60 * place, text) for place, text in enumerate((*HEAD, *SUMS, *texts))])])


def rules(found: Invoice) -> set[str]:
    return {conflict.rule for conflict in found.conflicts} & {PAID, COLLECTED}


def said(*texts: str, language: str | None = None) -> list[str]:
    """The rules that texts break by what they say of the means of payment, one after the other."""
    lines = [(120, 120 + 60 * place, text) for place, text in enumerate(texts)]
    return [STOPS[each.topic].rule for each in means_statements(payment_means_of(contexts_of([page(lines)], language)))]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Payment method: Visa, settled", PAID),
        ("Zahlungsmittel: girocard, beglichen", PAID),
        ("Moyen de paiement : CB, réglée", PAID),
        ("Betaalmethode: pinpas, betaald", PAID),
        ("Forma de pago: tarjeta, pagada", PAID),
        ("Modo de pagamento: cartão, paga", PAID),
        ("Modalità di pagamento: carta di credito, saldata", PAID),
        ("Sposób zapłaty: kartą, uregulowano", PAID),
        ("Betalingsform: Dankort, betalt", PAID),
        ("Způsob platby: kartou, zaplaceno", PAID),
        ("Način plačila: kartica, plačano", PAID),
        ("Betald med Swish", PAID),
        ("Réglé par carte bancaire", PAID),
        ("Maksettu kortilla", PAID),
        ("Zahlungsstatus: bezahlt", PAID),
        ("Stav úhrady: uhrazena", PAID),
        ("Ödeme durumu: ödendi", PAID),
        ("Betalstatus: betald 12.06.2026", PAID),
        ("Modalità di pagamento: RiBa", COLLECTED),
        ("Zahlungsart: SEPA-Lastschrift", COLLECTED),
        ("Mode de règlement : prélèvement automatique", COLLECTED),
        ("Maksutapa: suoraveloitus", COLLECTED),
        ("Betalningssätt: autogiro", COLLECTED),
        ("Forma de pago: recibo domiciliado", COLLECTED),
        ("Modalitate de plată: ramburs", COLLECTED),
        ("Spôsob úhrady: dobierka", COLLECTED),
        ("Fizetési forma: utánvét", COLLECTED),
        ("Apmaksas veids: ar karti", COLLECTED),
        ("Atsiskaitymo būdas: grynaisiais", COLLECTED),
        ("Payment: cash on delivery", COLLECTED),
    ],
)
def test_what_nobody_is_to_transfer_stops(line: str, rule: str) -> None:
    assert said(line) == [rule]


@pytest.mark.parametrize(
    "line",
    [
        "Payment method: bank transfer",
        "Payment method: bank transfer or card",
        "Betalningssätt: Swish, bankgiro eller kort",
        "Zahlungsart: Rechnung",
        "Zahlungsart: Kreditkarte oder PayPal",
        "Mode de paiement : virement ou carte",
        "Způsob úhrady: převodem",
        "Forma płatności: przelew 14 dni",
        "Fizetési mód: átutalás",
        "Maksutapa: tilisiirto",
        "Status: open",
        "Status: unpaid",
        "Status: nicht bezahlt",
        "Betalstatus: ej betald",
        "Payment: 14 days net",
        "Payment: cash 2 % discount",
        "Zahlung: innerhalb von 30 Tagen",
        "We accept payment by card, cash and bank transfer at our counter.",
        "Please have your card ready.",
        "If paid by card, a fee applies.",
        "Payment: online at our portal",
        "Referencia de pago: 41914167",
        "Forma de pago: pago por transferencia",
    ],
)
def test_a_debt_that_is_to_be_paid_does_not(line: str) -> None:
    assert not said(line)


@pytest.mark.parametrize("language", locales())
def test_every_language_has_words_for_each_means(language: str) -> None:
    """A card is a card, a transfer a transfer, under each language's first label."""
    words = locales()[language].words
    means = ("means_card", "means_debit", "means_cash", "means_online", "means_transfer")
    lines = [f"{words['means_label'][0]}: {words[name][0].rstrip('*')}" for name in means]
    assert said(*lines) == [COLLECTED] * 4
    assert said(f"{words['status_label'][0]}: {words['paid_stamp'][-1]}", language=language) == [PAID]


@pytest.mark.parametrize(
    ("line", "rule"),
    [("Forma de pago: recibo domiciliado", COLLECTED), ("Zahlungsart: PayPal, bezahlt", PAID), ("Status: open", "")],
)
def test_a_document_is_stopped(line: str, rule: str) -> None:
    assert rules(read(line)) == {*filter(None, [rule])}


def test_a_value_stands_beside_its_label_or_under_it() -> None:
    head = [(120, 120 + 60 * place, text) for place, text in enumerate((*HEAD, *SUMS))]
    for at in ((420, 700), (120, 725)):
        for label, value, rule in (("Zahlungsart", "Kreditkarte", COLLECTED), ("Stato pagamento", "pagata", PAID)):
            assert rules(extract([page([*head, (120, 700, label), (*at, value)])])) == {rule}
    assert not rules(extract([page([*head, (120, 700, "Zahlungsart"), (420, 700, "Überweisung")])]))


def test_a_credit_note_and_what_is_not_owed_say_how_they_were_paid() -> None:
    texts = ("Credit note No. 12", *LINES[:2], *HEAD[3:], *SUMS)
    credit = [(120, 120 + 60 * place, text) for place, text in enumerate(texts)]
    assert not rules(extract([page([*credit, (120, 900, "Payment method: Visa, paid")])]))
    assert not rules(read("Paid 360.00", "Amount due 0.00", "Payment method: Visa"))
