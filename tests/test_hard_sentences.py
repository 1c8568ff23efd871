"""Sentences that change what is owed, or to whom: nothing is booked over them; ordinary terms stop nothing."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hard_invoices import Hard, Maker, booked, plain_totals, several, sheet, some_lines

from invoice_connector.rules.kinds import check_paper
from scripts.synthetic.draw import pick, whole

NEVER = "never booked"

SETTLED = {  # what came, was paid before or is set off
    "en": ("We have received your payment of {} with thanks.", "A deposit of {} was paid on account.",
           "{} of it has already been credited.", "Less your advance of {}, received in May."),
    "de": ("Ihre Zahlung über {} haben wir dankend erhalten.", "Eine Anzahlung von {} wurde bereits geleistet.",
           "Ihr Guthaben von {} ist noch nicht abgezogen; es wurde gutgeschrieben.", "Einbehalt von {} in Abzug."),
    "sv": ("Er betalning på {} har mottagits med tack.", "Ett förskott på {} är inbetalt.",
           "Deposition om {} avräknas."),
    "fr": ("Nous avons bien reçu votre paiement de {}.", "Un acompte de {} a été versé.",
           "Retenue de {} à déduire."),
    "es": ("Hemos recibido su pago de {}.", "Se ha abonado un anticipo de {}.", "Retención de garantía: {}."),
    "it": ("Abbiamo ricevuto il Vostro pagamento di {}.", "È stato versato un acconto di {}.",
           "Trattenuta a garanzia: {}, trattenuti in fattura."),
    "pt": ("Recebemos o seu pagamento de {}.", "Foi pago um adiantamento de {}.", "Retenção de garantia: {}."),
}  # fmt: skip
ABOUT = {  # the claim, the paper or the way to pay
    "en": ("This invoice has been assigned to {} Ltd; pay only to them.", "Despite our reminder it has not been paid.",
           "The total will be charged to your card.", "Please do not pay this amount.", "This is a draft."),
    "de": ("Die Forderung ist an die {} Bank AG abgetreten.", "Trotz unserer Mahnung ist sie noch nicht bezahlt.",
           "Der Betrag wird von Ihrem Konto abgebucht.", "Bitte nicht bezahlen.", "Dies ist ein Entwurf."),
    "sv": ("Fakturan är överlåten till {} Finans AB.", "Trots vår påminnelse är fakturan fortfarande obetald.",
           "Beloppet dras från ditt konto.", "Betala inte denna faktura.", "Detta är ett utkast."),
    "fr": ("Cette créance a été cédée à {} SA.", "Malgré notre relance, la facture n'a pas été payée.",
           "Le montant sera prélevé sur votre compte.", "Ne pas payer.", "Ceci est un brouillon."),
    "es": ("Este crédito ha sido cedido a {} SA.", "A pesar de nuestro recordatorio, no ha sido pagada.",
           "El importe se cargará en su cuenta.", "No pagar.", "Esto es un borrador."),
    "it": ("Il credito è stato ceduto a {} SpA.", "Nonostante il nostro sollecito la fattura non è stata pagata.",
           "L'importo sarà addebitato sul Vostro conto.", "Da non pagare.", "Questa è una bozza."),
    "pt": ("Este crédito foi cedido à {} SA.", "Apesar do nosso lembrete, esta fatura não foi paga.",
           "O montante será debitado na sua conta.", "Não pagar.", "Isto é um rascunho."),
}  # fmt: skip
TERMS = {  # on honest invoices
    "en": ("Payment received after the due date bears interest.", "2 % discount if paid within 10 days.",
           "Please pay {} within 30 days.", "We thank you for your payment.", "Late payments are charged {}."),
    "de": ("Bitte überweisen Sie {} innerhalb von 30 Tagen.", "Wir danken für Ihre Zahlung.",
           "Bei Zahlungsverzug berechnen wir {} Mahngebühr.", "Die Ware bleibt bis zur Bezahlung unser Eigentum."),
    "sv": ("Vänligen betala {} senast om 30 dagar.", "Vid försenad betalning debiteras ränta.",
           "Tack för din betalning.", "Påminnelseavgift på {} debiteras vid försenad betalning."),
    "fr": ("Merci de régler {} sous 30 jours.", "En cas de retard, une indemnité de {} est due.",
           "Nous vous remercions de votre confiance."),
    "es": ("Rogamos abonen {} en 30 días.", "En caso de demora se cobrarán intereses.", "Gracias por su confianza."),
    "it": ("Si prega di versare {} entro 30 giorni.", "In caso di ritardo sono dovuti interessi di mora."),
    "pt": ("Agradecemos o pagamento de {} em 30 dias.", "Em caso de atraso são devidos juros de mora."),
}  # fmt: skip
NAMES = ("Norrvik", "Belmont", "Castellan", "Orrefell", "Tavira", "Lindau")


def _with(rng: np.random.Generator, said: str, **truth: object) -> Hard:
    made = sheet(rng, next(language for language, all_said in LANGUAGE_OF.items() if said in all_said))
    net = sum(some_lines(made, whole(rng, 1, 3)), Decimal(0))
    _, total = plain_totals(made, net, made.country.vat_rates[0])
    amount = (total * whole(rng, 11, 80) / 100).quantize(Decimal("0.01"))
    text = said.format(made.money(amount) if said not in CLAIMS else pick(rng, NAMES))
    words, place = text.split(), made.top + 50
    for start in range(0, len(words), 6):  # as a column breaks it
        made.put(60, place, " ".join(words[start : start + 6]))
        place += 24
    return made.done(**{"total_with_vat": total, **truth})


CLAIMS = frozenset(said for all_said in ABOUT.values() for said in all_said)
LANGUAGE_OF = {language: (*SETTLED[language], *ABOUT[language], *TERMS[language]) for language in SETTLED}


def _one_of(rng: np.random.Generator, table: dict[str, tuple[str, ...]]) -> str:
    return pick(rng, table[pick(rng, tuple(table))])


def settled(rng: np.random.Generator) -> Hard:
    return _with(rng, _one_of(rng, SETTLED), total_with_vat=NEVER)


def told(rng: np.random.Generator) -> Hard:
    return _with(rng, _one_of(rng, ABOUT), total_with_vat=NEVER)


def terms(rng: np.random.Generator) -> Hard:
    return _with(rng, _one_of(rng, TERMS))


def unseen(maker: Maker, count: int, seed: int) -> list[str]:
    """The pages that would be booked, whatever their kind is."""
    found = []
    for number in range(count):
        done, _, invoice = booked(maker(np.random.default_rng((seed, number))))
        if done and not check_paper(invoice):
            found.append(f"{seed}/{number}")
    return found


@pytest.mark.parametrize("maker", [settled, told])
def test_none_of_a_few_is_booked(maker: Maker) -> None:
    assert unseen(maker, 14, 20264) == []


def test_ordinary_terms_are_booked() -> None:
    count, wrong = several(terms, 14, 20264)
    assert wrong == []
    assert count >= 10


@pytest.mark.slow
@pytest.mark.parametrize("maker", [settled, told])
def test_hardly_any_of_many_is_booked(maker: Maker, documents: int) -> None:
    assert len(unseen(maker, documents, 31)) <= 0.005 * documents


@pytest.mark.slow
def test_ordinary_terms_of_many_are_booked(documents: int) -> None:
    count, wrong = several(terms, documents, 31)
    assert wrong == []
    assert count >= 0.75 * documents
