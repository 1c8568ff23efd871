"""Lines that change what is owed, in words that no locale has, and lines that do not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from field_pages import page, page_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_connector.fields import FieldPage, extract
from invoice_connector.fields.meaning_model import NOTHING, MeaningModel, meaning_model, plain
from invoice_connector.invoice import DocumentKind, Invoice
from invoice_connector.locales import locales
from invoice_connector.rules import sentences as sentence_rules
from invoice_connector.rules.calibration import calibrated
from invoice_connector.rules.consistency import check
from invoice_connector.rules.decision import doubts
from invoice_connector.rules.kinds import check_paper
from invoice_connector.rules.sentences import RULE, check_remarks, told_account
from invoice_connector.rules.witnesses import with_witnesses
from ocr_ensemble.reading import DocumentReading

HELD_OUT = Path(__file__).parents[1] / "scripts" / "sentences" / "held_out.toml"
LINES = tomllib.loads(HELD_OUT.read_text("utf-8"))
SUMS = (("total_without_vat", "300,00"), ("total_vat", "60,00"), ("total_with_vat", "360,00"))


def paper(language: str, said: str, title: str = "") -> FieldPage:
    """An invoice in the language's own words with one more line under its sums, or with another title."""
    labels = locales()[language].labels
    own = locales()[language].document_kinds["invoice"][0]
    placed = [(60, 60, "Fjordlys Handel GmbH"), (60, 85, "Havnegata 12"), (60, 110, "5003 Bergen")]
    placed += [(640, 160, title or own.capitalize())]
    placed += [(60, 230, labels["buyer"][0].capitalize()), (60, 258, "Mill Cafe Ltd")]
    placed += [(60, 283, "Storgata 3"), (60, 308, "0155 Oslo")]
    facts = (("invoice_number", "44-10172"), ("issue_date", "12.06.2026"), ("due_date", "12.07.2026"))
    for row, (name, value) in enumerate(facts):
        placed += [(520, 240 + 25 * row, labels[name][0].capitalize()), (780, 240 + 25 * row, value)]
    for row, (name, value) in enumerate(SUMS):
        text = f"{value} EUR"
        placed += [(520, 620 + 26 * row, labels[name][0].capitalize()), (940 - 10 * len(text), 620 + 26 * row, text)]
    cells = said.split(" | ")
    placed += [(60 + 400 * at, 800, cell) for at, cell in enumerate(cells) if cell]
    told = page(placed, engine="pdf_text")
    return FieldPage(1, 1000, 1400, told.lines, (("pdf_text", "tesseract"),) * len(told.lines))


def told(read: FieldPage) -> tuple[list[str], Invoice]:
    """The rules that stop a page, the model's where no other does."""
    invoice = calibrated(with_witnesses(extract([read]), DocumentReading(())))
    found = (*check(invoice), *check_paper(invoice), *doubts(invoice)) or check_remarks(invoice)
    return [each.rule for each in found], invoice


def bundled() -> MeaningModel:
    model = meaning_model("sentences")
    assert model is not None
    return model


@pytest.mark.parametrize(
    ("language", "said"),  # no locale has a phrase of these
    [
        ("en", "You may pay this sum in three equal instalments."),
        ("de", "Die Zahlung erfolgt in drei gleichen Raten."),
        ("fr", "Ce montant est payable en trois mensualités."),
    ],
)
def test_words_that_no_locale_has_stop_a_document(language: str, said: str) -> None:
    rules, invoice = told(paper(language, said))
    assert said in invoice.remarks
    assert rules == [RULE]


@pytest.mark.parametrize(
    ("language", "said", "stops"),
    [
        ("en", "Status | Cleared", True),
        ("en", "Status | Open", False),
        ("de", "Zahlungsart | Barzahlung, erhalten", True),
        ("de", "Zahlungsart | Überweisung", False),
        ("fr", "Mode de paiement : virement bancaire", False),
        ("it", "Stato | saldata", True),
        ("es", "Forma de pago | transferencia", False),
    ],
)
def test_a_label_and_the_value_beside_it_are_one_remark(language: str, said: str, stops: bool) -> None:
    rules, invoice = told(paper(language, said))
    assert said.replace(" |", ":") in invoice.remarks
    assert rules in ([[RULE], ["ALREADY-PAID"], ["COLLECTED"]] if stops else [[]])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Our bank details stay as they are."),
        ("de", "Bitte zahlen Sie auf das unten genannte Bankkonto."),
        ("en", "Thank you for choosing our services again."),
        ("en", "Late payments bear interest at the statutory rate."),
        ("de", "Wir danken Ihnen herzlich für Ihren Einkauf."),
        ("fr", "Nous vous remercions de votre visite."),
    ],
)
def test_ordinary_words_stop_nothing(language: str, said: str) -> None:
    rules, invoice = told(paper(language, said))
    assert said in invoice.remarks
    assert rules == []


@pytest.mark.parametrize(
    "said",
    ["VAT included 60.00", "For information: 389.95 USD (1 GBP = 1.0832 USD, ECB rate)", "Invoice to Mill Cafe Ltd"],
)
def test_names_labels_lines_settled_amounts_and_conversions_are_not_asked_about(said: str) -> None:
    _, invoice = told(paper("en", said))
    assert invoice.remarks == ()


@pytest.mark.parametrize(
    "mail",
    ["Please find our invoice attached.", "Anbei unsere Rechnung, danke.", "Här kommer fakturan för juni.",
     "Ci-joint notre facture du mois.", "Liitteenä laskumme.", "Przesyłam fakturę w załączniku."],
)  # fmt: skip
def test_a_covering_letter_stops_nothing(mail: str) -> None:
    assert check_remarks(Invoice(), [mail]) == ()


def test_a_credit_note_may_say_that_it_gives_money_back() -> None:
    said = ("We refund the price of the returned goods to your account.",)
    assert [each.rule for each in check_remarks(Invoice(remarks=said))] == [RULE]
    credit = DocumentKind("credit_note", 0.99, 0.0, "381")
    assert check_remarks(Invoice(remarks=said, document_kind=credit)) == ()


def test_the_most_suspicious_of_many_is_asked_about() -> None:
    many = tuple(f"Our shop in street {word} is open on Monday." for word in "abcdefghijklmnop")
    said = "This invoice has been cancelled and replaced by another one."
    (found,) = check_remarks(Invoice(remarks=(*many, said)))
    assert said in found.message


def test_without_the_encoder_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence_rules, "meaning_model", lambda name: None)
    assert check_remarks(Invoice(remarks=("This invoice has been cancelled and replaced.",))) == ()


@settings(max_examples=20)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_a_text_means_the_same_in_any_company(texts: list[str]) -> None:
    shares = bundled().probabilities([plain(text) for text in texts])
    assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    for row, text in zip(shares, texts, strict=True):
        assert bundled().probabilities([plain(text)])[0] == pytest.approx(row, abs=1e-5)


@given(st.text(max_size=60))
def test_numbers_say_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert plain(f"Pay {text} 12") == plain(f"Pay {text} 3")


def test_a_model_survives_its_file() -> None:
    again = MeaningModel.from_bytes(bundled().to_bytes())
    assert again.classes == bundled().classes
    assert again.classes[0] == NOTHING
    texts = ["Please deduct the deposit.", "Thank you."]
    assert again.probabilities(texts) == pytest.approx(bundled().probabilities(texts), abs=2e-3)


@pytest.mark.slow
def test_most_lines_that_were_held_out_stop_and_few_ordinary_ones() -> None:
    ended: dict[bool, list[bool]] = {True: [], False: []}
    for language, table in LINES.items():
        for kind, lines in table.items():
            for line in lines:
                said = line.replace("{}", "125,00 EUR")
                own = paper(language, "", said) if kind.startswith("title_") else paper(language, said)
                ended[kind != "ordinary"].append(bool(told(own)[0]))
    assert sum(ended[True]) >= 0.6 * len(ended[True])
    assert sum(ended[False]) <= 0.05 * len(ended[False])


@pytest.mark.parametrize(
    ("mail", "told"),
    [("Nouveau RIB: FR14 2004 1010 0505 0001 3M02 606.", True), ("Our account is GB26 MIDL 4005 1512 3456 74.", False),
     ("The reference is FR14 2004 1010 0505 0001 3M02 607.", False), ("Please find our invoice attached.", False)],
)  # fmt: skip
def test_an_account_in_the_mail_that_the_pages_do_not_print_stops(mail: str, told: bool) -> None:
    read = DocumentReading((page_reading("Invoice 4410", "IBAN GB26MIDL40051512345674"),))
    assert [each.rule for each in told_account([mail], read)] == ["ACCOUNT-TOLD"] * told
