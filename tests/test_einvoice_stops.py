"""E-invoices whose arithmetic holds and that must not be paid unseen all the same, by the rules that stop a page."""

from __future__ import annotations

import pytest
from export_samples import german, stored_invoice
from test_einvoice import CII, make_pdf
from test_einvoice_alone import BODY, fattura

from invoice_connector.einvoice.alone import Stated, stated
from invoice_connector.einvoice.evidence import embedded_invoice
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.invoice import Invoice
from ocr_ensemble.document.page import Document
from ocr_ensemble.settings import EnsembleSettings

OTHER = "<cac:PayeeFinancialAccount><cbc:ID>{}</cbc:ID></cac:PayeeFinancialAccount>"


def read(content: bytes) -> Stated:
    return stated(content, "r.xml", EnsembleSettings())


def ubl(*replaced: tuple[str, str], **changes: str | None) -> bytes:
    """A sound invoice in UBL with texts of it replaced, each of which must be there."""
    text = to_ubl(stored_invoice(german(**changes)).record, Customization.CORE).decode()
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def rules(content: bytes) -> set[str]:
    return {violation.rule for violation in read(content).violations}


def italian(*replaced: tuple[str, str]) -> bytes:
    body = BODY.format(kind="TD01", number="1")
    for old, new in replaced:
        assert old in body, old
        body = body.replace(old, new, 1)
    return fattura(body)


@pytest.mark.parametrize(
    ("code", "rule"),
    [("30", None), ("58", None), ("1", None), ("10", "COLLECTED"), ("48", "COLLECTED"), ("49", "COLLECTED"),
     ("54", "COLLECTED"), ("59", "COLLECTED"), ("97", "COLLECTED")],
)  # fmt: skip
def test_money_that_is_collected_stops(code: str, rule: str | None) -> None:
    content = ubl(payment_means_type_code=code)
    assert rules(content) - rules(ubl()) == ({rule} if rule else set())
    assert read(content).invoice.text("payment_means_type_code") == code


def test_a_choice_of_means_and_a_debt_of_nothing_do_not_stop() -> None:
    means = "<cac:PaymentMeans><cbc:PaymentMeansCode>48</cbc:PaymentMeansCode></cac:PaymentMeans>"
    both = ubl(("<cac:PaymentMeans>", f"{means}<cac:PaymentMeans>"))
    assert "COLLECTED" not in rules(both)
    credit = ubl(invoice_type_code="381", payment_means_type_code="59")
    assert "COLLECTED" not in rules(credit)
    paid = ubl(payment_means_type_code="48", paid_amount="13162.50", amount_due="0.00")
    assert "COLLECTED" not in rules(paid)


@pytest.mark.parametrize(("means", "stops"), [("MP05", False), ("MP01", True), ("MP08", True), ("MP12", True),
                                              ("MP19", True), ("MP20", True), ("MP21", True)])  # fmt: skip
def test_italian_means_of_payment(means: str, stops: bool) -> None:
    place = "<DettaglioPagamento><DataScadenzaPagamento>"
    told = f"<DettaglioPagamento><ModalitaPagamento>{means}</ModalitaPagamento><DataScadenzaPagamento>"
    assert ("COLLECTED" in rules(italian((place, told)))) == stops


@pytest.mark.parametrize(("kind", "stops"), [("TD01", False), ("TD24", False), ("TD16", True), ("TD17", True),
                                             ("TD20", True), ("TD27", True)])  # fmt: skip
def test_what_a_buyer_writes_for_vat_is_no_invoice(kind: str, stops: bool) -> None:
    assert ("NOT-AN-INVOICE" in rules(italian((">TD01<", f">{kind}<")))) == stops


@pytest.mark.parametrize(("code", "rule"), [
    ("380", None), ("384", None), ("386", None), ("389", "NOT-AN-INVOICE"), ("500", "NOT-AN-INVOICE"),
    ("261", "NOT-AN-INVOICE"), ("393", "ASSIGNED"), ("472", "ASSIGNED"),
])  # fmt: skip
def test_factored_and_self_billed_invoices_stop(code: str, rule: str | None) -> None:
    told = ubl((">380</cbc:InvoiceTypeCode>", f">{code}</cbc:InvoiceTypeCode>"))
    assert rules(told) - rules(ubl()) == ({rule} if rule else set())
    pdf = make_pdf({"factur-x.xml": CII.replace("<ram:TypeCode>380<", f"<ram:TypeCode>{code}<").encode()})
    document = Document("r.pdf", "application/pdf", "0" * 64, ())
    _, found = embedded_invoice(pdf, document, Invoice({}, (), ()), EnsembleSettings().isolation)
    assert [violation.rule for violation in found] == ([rule] if rule else [])


def test_a_factored_invoice_that_names_its_payee_stops_once() -> None:
    payee = "<cac:PayeeParty><cac:PartyName><cbc:Name>Nordic Factoring AB</cbc:Name></cac:PartyName></cac:PayeeParty>"
    content = ubl((">380<", ">393<"), ("<cac:PaymentMeans>", f"{payee}<cac:PaymentMeans>"))
    assert [violation.rule for violation in read(content).violations].count("ASSIGNED") == 1


@pytest.mark.parametrize(("code", "stops"), [("30", True), ("58", True), ("1", False), ("42", False)])
def test_a_transfer_to_no_account_stops(code: str, stops: bool) -> None:
    told = ubl(payment_means_type_code=code, payment_account_identifier=None, payment_service_provider_identifier=None)
    assert ("BR-61" in rules(told)) == stops
    assert "BR-61" not in rules(ubl(payment_means_type_code=code))


DUE, TYPED = "<ImportoPagamento>104.00", "</Divisa>"
VAT = "<Imposta>22.00</Imposta>"


@pytest.mark.parametrize(
    ("due", "beside", "left"),
    [
        ("104.00", (), None),  # 124.00 less 20.00 withheld
        ("124.00", (), "104.00"),
        ("4.00", (), "104.00"),
        ("104.02", (), None),
        ("104.03", (), "104.00"),
        ("104.40", ((TYPED, "</Divisa><Arrotondamento>0.40</Arrotondamento>"),), None),
        ("106.00", ((TYPED, "</Divisa><DatiBollo><ImportoBollo>2.00</ImportoBollo></DatiBollo>"),), None),
        ("82.00", ((VAT, f"{VAT}<EsigibilitaIVA>S</EsigibilitaIVA>"),), None),
        ("82.00", ((VAT, f"{VAT}<EsigibilitaIVA>I</EsigibilitaIVA>"),), "104.00"),
        ("99.00", ((TYPED, "</Divisa><ScontoMaggiorazione><Tipo>SC</Tipo><Importo>5.00</Importo></ScontoMaggiorazione>"
                    "<ImportoTotaleDocumento>124.00</ImportoTotaleDocumento>"),), None),
    ],
)  # fmt: skip
def test_an_italian_payment_that_nothing_explains_stops(
    due: str, beside: tuple[tuple[str, str], ...], left: str | None
) -> None:
    found = read(italian((DUE, f"<ImportoPagamento>{due}"), *beside)).violations
    said = [violation.message for violation in found if violation.rule == "BR-CO-16"]
    assert said == ([] if left is None else [f"{left} is left to pay, but the amount due says {due}."])


NUMBER, PAYABLE = "<cbc:ID>2026-1187</cbc:ID>", '<cbc:PayableAmount currencyID="EUR">'
PAID, ACCOUNT = "</cbc:PayableAmount>", "</cac:PayeeFinancialAccount>"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (NUMBER, f"{NUMBER}<cbc:ID>2026-9999</cbc:ID>", "NUMBER-COMPETES"),
        (PAID, f"{PAID}{PAYABLE}1.00{PAID}", "TOTAL-COMPETES"),
        (PAYABLE, '<cbc:PayableAmount currencyID="USD">', "CURRENCY-DIFFERS"),
        (ACCOUNT, ACCOUNT + OTHER.format("NL91ABNA0417164300"), "ACCOUNT-COMPETES"),
        ("<cbc:DueDate>2026-12-18", "<cbc:DueDate>2026-01-01", "DATES-IN-ORDER"),
    ],
)
def test_what_is_stated_twice_or_cannot_be_stops(old: str, new: str, rule: str) -> None:
    assert rules(ubl((old, new))) - rules(ubl()) == {rule}


def test_a_rate_that_the_country_never_had_stops() -> None:
    swedish = to_ubl(stored_invoice().record, Customization.CORE)
    assert "VAT-RATE" not in rules(swedish)
    assert "VAT-RATE" in rules(swedish.replace(b"<cbc:Percent>25<", b"<cbc:Percent>37<"))


def test_data_inside_a_pdf_that_are_collected_stop_too() -> None:
    settled = "<ram:ApplicableHeaderTradeSettlement>"
    name = "ram:SpecifiedTradeSettlementPaymentMeans"
    means = f"<{name}><ram:TypeCode>59</ram:TypeCode></{name}>"
    pdf = make_pdf({"factur-x.xml": CII.replace(settled, settled + means).encode()})
    document = Document("r.pdf", "application/pdf", "0" * 64, ())
    _, found = embedded_invoice(pdf, document, Invoice({}, (), ()), EnsembleSettings().isolation)
    assert [violation.rule for violation in found] == ["COLLECTED"]


def test_the_same_again_and_a_giro_beside_an_iban_compete_with_nothing() -> None:
    again = ubl(("</cac:PayeeFinancialAccount>", "</cac:PayeeFinancialAccount>" + OTHER.format("5050-1055")),
                ("<cbc:ID>2026-1187</cbc:ID>", "<cbc:ID>2026-1187</cbc:ID><cbc:ID>2026-1187</cbc:ID>"))  # fmt: skip
    assert not {"ACCOUNT-COMPETES", "NUMBER-COMPETES"} & rules(again)
