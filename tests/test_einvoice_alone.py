"""E-invoices by themselves: every term as data state it, a page for people, and the rule that an invalid one breaks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from export_samples import stored_invoice
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_einvoice import BOMB, CII, THIEF

from db.queries import get_job
from db.records import Review, ReviewStatus
from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice
from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.einvoice.found import invoice_of
from invoice_connector.einvoice.paper import HEIGHT, MARGIN, WIDTH, Cell, Paper
from invoice_connector.einvoice.parse import parse_invoice
from invoice_connector.einvoice.rules import check_data
from invoice_connector.exports.pages import page_pictures
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.exports.validation import violations
from invoice_connector.settings import ConnectorSettings
from invoice_connector.suppliers.teaching import lesson_of
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.errors import DamagedDocumentError, DocumentTooLargeError, UnsupportedDocumentError

NAMES = ("cbc", "CommonBasicComponents"), ("cac", "CommonAggregateComponents")
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
BODY = """<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento>
<Divisa>EUR</Divisa><DatiRitenuta><ImportoRitenuta>20.00</ImportoRitenuta></DatiRitenuta><Data>2026-03-17</Data>
<Numero>{number}</Numero></DatiGeneraliDocumento></DatiGenerali><DatiBeniServizi><DettaglioLinee>
<NumeroLinea>1</NumeroLinea><Descrizione>Consulenza</Descrizione><PrezzoUnitario>100.00</PrezzoUnitario>
<PrezzoTotale>100.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee><DettaglioLinee>
<NumeroLinea>2</NumeroLinea><Descrizione>Bollo</Descrizione><PrezzoUnitario>2.00</PrezzoUnitario>
<PrezzoTotale>2.00</PrezzoTotale><AliquotaIVA>0.00</AliquotaIVA><Natura>N1</Natura></DettaglioLinee><DatiRiepilogo>
<AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta></DatiRiepilogo>
<DatiRiepilogo><AliquotaIVA>0.00</AliquotaIVA><Natura>N1</Natura><ImponibileImporto>2.00</ImponibileImporto>
<Imposta>0.00</Imposta><RiferimentoNormativo>art. 15</RiferimentoNormativo></DatiRiepilogo></DatiBeniServizi>
<DatiPagamento><CondizioniPagamento>TP02</CondizioniPagamento><DettaglioPagamento><DataScadenzaPagamento>2026-04-17
</DataScadenzaPagamento><ImportoPagamento>104.00</ImportoPagamento><IBAN>IT60X0542811101000000123456</IBAN>
</DettaglioPagamento></DatiPagamento></FatturaElettronicaBody>"""
PARTY = """<{role}><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{vat}</IdCodice></IdFiscaleIVA>
<Anagrafica>{name}</Anagrafica></DatiAnagrafici><Sede><Indirizzo>Via Roma</Indirizzo><NumeroCivico>5</NumeroCivico>
<CAP>00145</CAP><Comune>Roma</Comune><Provincia>RM</Provincia><Nazione>IT</Nazione></Sede></{role}>"""


def fattura(*bodies: str) -> bytes:
    """A FatturaPA of a person to a company."""
    seller = PARTY.format(role="CedentePrestatore", vat="00743110157", name="<Nome>Ada</Nome><Cognome>Neri</Cognome>")
    buyer = PARTY.format(
        role="CessionarioCommittente", vat="12345670017", name="<Denominazione>Beta S.p.A.</Denominazione>"
    )
    space = 'xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"'
    head = f"<FatturaElettronicaHeader>{seller}{buyer}</FatturaElettronicaHeader>"
    return f'<p:FatturaElettronica versione="FPR12" {space}>{head}{"".join(bodies)}</p:FatturaElettronica>'.encode()


def ubl(**changes: str | None) -> bytes:
    """The Swedish invoice as Peppol's UBL."""
    return to_ubl(stored_invoice(changes or None).record, Customization.CORE)


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> InvoiceOCRConnector:
    url = f"sqlite:///{tmp_path_factory.mktemp('data') / 'audit.db'}"
    return InvoiceOCRConnector(ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off"))


def read(connector: InvoiceOCRConnector, folder: Path, content: bytes, name: str = "faktura.xml") -> ProcessedInvoice:
    (folder / name).write_bytes(content)
    return connector.process_invoice_with_ocr(folder / name)


def values(document: dict[str, object]) -> dict[str, str]:
    fields = document["fields"]
    assert isinstance(fields, dict)
    return {name: field["value"] for name, field in fields.items()}


def test_every_term_is_booked_as_stated_and_drawn(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    source = ubl(buyer_vat_identifier=None)
    document = read(connector, tmp_path, source).to_dict()
    stated = parse_invoice(source, "it")
    assert stated is not None
    assert values(document) == dict(stated.fields)
    assert (document["status"], document["primary_engine"], document["engines_used"]) == ("completed", "xml", ["xml"])
    lines = [
        {name: line[name] for name in ("description", "net_amount", "vat_rate")} for line in document["invoice_lines"]
    ]
    assert lines == [{name: line[name] for name in lines[0]} for line in stated.invoice_lines]
    assert [rate["category"] for rate in document["vat_breakdown"]] == ["S"]
    assert "2026-1187" in document["text"]
    record = get_job(connector.database, document["job_id"]).record
    (page,) = page_pictures(record, None, Limits())
    for name, field in document["fields"].items():
        left, top, right, bottom = field["box"]
        assert 0 <= left < right <= page.width and 0 <= top < bottom <= page.height
        assert page.pixels[top:bottom, left:right].min() < 100, name  # there is ink
    assert connector.pictures is not None and connector.pictures.find(record.id, 1) is not None


def test_a_drawn_page_teaches_nothing_of_a_suppliers_layout(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    document = read(connector, tmp_path, ubl(invoice_number="L-1")).to_dict()
    job = get_job(connector.database, document["job_id"])
    approved = replace(job, reviews=(Review(job.record.id, 1, ReviewStatus.APPROVED, job.recorded_at),))
    assert lesson_of(approved) is None
    as_pdf = replace(approved, record=replace(job.record, media_type="application/pdf"))
    assert lesson_of(as_pdf) is not None


def test_what_is_exported_says_the_same_again(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    source = ubl(seller_name="Kontorsmiljö Export AB", invoice_number="E-1")
    document = read(connector, tmp_path, source).to_dict()
    again = to_ubl(get_job(connector.database, document["job_id"]).record, Customization.CORE)
    assert again == source


def test_a_credit_note_keeps_its_sign_and_says_what_it_is(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    changes = {
        "invoice_number": "K-7", "total_without_vat": "-10530.00", "total_vat": "-2632.50",
        "total_with_vat": "-13162.50", "amount_due": "-13162.50",
    }  # fmt: skip
    lines = (("Skrivbord", "1", "10530.00", "-10530.00", "25"),)
    vat = (("25", "-10530.00", "-2632.50"),)
    source = to_ubl(stored_invoice(changes, lines=lines, vat=vat).record, Customization.CORE)
    assert b"<CreditNote" in source
    document = read(connector, tmp_path, source).to_dict()
    assert values(document)["invoice_type_code"] == "381"
    assert values(document)["amount_due"] == "13162.50"  # as data state it
    assert document["document_kind"]["value"] == "credit_note"
    assert to_ubl(get_job(connector.database, document["job_id"]).record, Customization.CORE) == source


def test_fatturapa_has_names_in_two_parts_rates_of_its_own_and_several_bodies(
    connector: InvoiceOCRConnector, tmp_path: Path
) -> None:
    first, second = BODY.format(kind="TD01", number="12"), BODY.format(kind="TD04", number="13")
    done = read(connector, tmp_path, fattura(first, second), "IT1_0001.xml")
    documents = [each.to_dict() for each in (done, *done.others)]
    assert [document["container"]["part"] for document in documents] == ["body 1 of 2", "body 2 of 2"]
    assert [values(document)["invoice_type_code"] for document in documents] == ["380", "381"]
    found = values(documents[0])
    assert found["seller_name"] == "Ada Neri"
    assert found["seller_vat_identifier"] == "IT00743110157"
    assert found["seller_address"] == "Via Roma 5, 00145 Roma, IT"
    assert (found["total_without_vat"], found["total_vat"], found["total_with_vat"]) == ("102.00", "22.00", "124.00")
    assert (found["amount_due"], found["due_date"]) == ("104.00", "2026-04-17")
    assert documents[0]["vat_breakdown"][1] == {
        "rate": "0.00", "taxable_amount": "2.00", "tax_amount": "0.00", "category": "O", "exemption_reason": "art. 15",
    }  # fmt: skip
    assert documents[0]["status"] == "completed"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<ram:GrandTotalAmount>119.00", "<ram:GrandTotalAmount>911.00", "BR-CO-15"),
        ("<ram:DuePayableAmount>119.00", "<ram:DuePayableAmount>118.00", "BR-CO-16"),
        ("<ram:CalculatedAmount>19.00", "<ram:CalculatedAmount>29.00", "BR-CO-17"),
        ("<ram:ID>R-17</ram:ID>", "", "BR-02"),
        ("20260317", "20261317", "BR-03"),
        ("<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>", "", "BR-05"),
        ("<ram:LineTotalAmount>100.00", "<ram:LineTotalAmount>90.00", "BR-CO-10"),
    ],
)
def test_an_invalid_one_says_which_rule_broke(
    connector: InvoiceOCRConnector, tmp_path: Path, old: str, new: str, rule: str
) -> None:
    total = "<ram:LineTotalAmount>100.00</ram:LineTotalAmount><ram:TaxBasisTotalAmount>"
    whole = CII.replace("<ram:TaxBasisTotalAmount>", total)
    assert old in whole
    document = read(connector, tmp_path, whole.replace(old, new, 1).encode(), f"{rule}.xml").to_dict()
    assert rule in {broken["rule"] for broken in document["violations"]}
    assert document["status"] == "needs_review"


@pytest.mark.parametrize("content", [BOMB.encode(), THIEF.encode(), b"<?xml version='1.0'?><Invoice><ID>1</Invoice>"])
def test_hostile_data_fail_with_a_type(connector: InvoiceOCRConnector, tmp_path: Path, content: bytes) -> None:
    document = read(connector, tmp_path, b"<?xml version='1.0'?>" * (not content.startswith(b"<?")) + content).to_dict()
    assert (document["status"], document["error"]["type"]) == ("failed", "DamagedDocumentError")
    assert document["error"]["message"].startswith("faktura.xml ")
    assert "root:" not in json.dumps(document)


def test_xml_that_is_no_invoice_says_what_to_send() -> None:
    with pytest.raises(UnsupportedDocumentError, match=r"no invoice.*send one of these or print it"):
        invoice_of(b"<?xml version='1.0'?><note/>")
    with pytest.raises(DamagedDocumentError, match="not well formed"):
        invoice_of(b"<?xml version='1.0'?><note>")


def test_official_rules_are_run_where_they_are_named(tmp_path: Path) -> None:
    space = "urn:un:unece:uncefact:data:standard:"
    rules = tmp_path / "rules.sch"
    rules.write_text(
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">'
        f'<ns prefix="rsm" uri="{space}CrossIndustryInvoice:100"/>'
        f'<ns prefix="ram" uri="{space}ReusableAggregateBusinessInformationEntity:100"/>'
        '<pattern><rule context="//ram:SellerTradeParty"><assert id="BR-DE-7" test="ram:DefinedTradeContact">'
        "[BR-DE-7] a seller has a contact</assert></rule></pattern></schema>"
    )
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    strict = InvoiceOCRConnector(ConnectorSettings(database_url=url, verifier="off", validation_rules=rules))
    broken = read(strict, tmp_path, CII.encode()).to_dict()["violations"]
    assert ("BR-DE-7", "[BR-DE-7] a seller has a contact") in {(each["rule"], each["message"]) for each in broken}
    assert not violations(ubl(), rules)  # they are for another syntax
    (tmp_path / "broken.sch").write_text("<schema>")
    (said,) = violations(CII.encode(), tmp_path / "broken.sch")
    assert said.rule == "RULES-NOT-RUN"


def test_files_in_an_e_invoice_are_named_as_not_read(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    attached = (
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject "
        'filename="tider.pdf">AAAA</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>'
    )
    mark = "<cac:AccountingSupplierParty>"
    source = ubl(invoice_number="A-1").decode().replace(mark, attached + mark)
    document = read(connector, tmp_path, source.encode()).to_dict()
    assert document["not_read"] == [
        {"part": "the attachment tider.pdf", "reason": "files inside an e-invoice are not read"}
    ]


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        ("<cbc:Note>This invoice was cancelled and replaced by invoice 4471.</cbc:Note>", "SENTENCE-IN-DOUBT"),
        ("<cbc:Note>Thank you for your order. Goods delivered as agreed.</cbc:Note>", None),
    ],
)
def test_what_a_note_says_is_asked_and_drawn(
    connector: InvoiceOCRConnector, tmp_path: Path, element: str, rule: str | None
) -> None:
    mark = "<cbc:DocumentCurrencyCode>"
    source = ubl(invoice_number=f"N-{rule}", buyer_vat_identifier=None).decode().replace(mark, element + mark)
    document = read(connector, tmp_path, source.encode()).to_dict()
    assert [broken["rule"] for broken in document["violations"]] == ([rule] if rule else [])
    assert element[10:30] in " ".join(line["text"] for line in document["lines"])


@pytest.mark.parametrize("payee", ["Nordfaktor Finans AB", None])
def test_another_payee_than_the_seller_stops(connector: InvoiceOCRConnector, tmp_path: Path, payee: str | None) -> None:
    source = ubl(invoice_number=f"P-{payee}", buyer_vat_identifier=None).decode()
    seller = re.search("<cbc:RegistrationName>([^<]+)<", source)
    assert seller
    name = f"<cac:PartyName><cbc:Name>{payee or seller[1].upper()}</cbc:Name></cac:PartyName>"
    party = f"<cac:PayeeParty>{name}</cac:PayeeParty>"
    mark = "<cac:PaymentMeans>"
    assert source.count(mark) == 1
    document = read(connector, tmp_path, source.replace(mark, party + mark).encode()).to_dict()
    said = [broken["message"] for broken in document["violations"] if broken["rule"] == "ASSIGNED"]
    assert len(said) == bool(payee)
    assert (document["status"] == "completed") is (payee is None)
    assert all(payee in message for message in said if payee)


def test_vat_in_another_currency_is_not_the_total() -> None:
    totals = (
        '<ram:TaxTotalAmount currencyID="SEK">220.00</ram:TaxTotalAmount>'
        '<ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>'
    )
    found = parse_invoice(CII.replace("<ram:TaxTotalAmount>19.00</ram:TaxTotalAmount>", totals).encode(), "it")
    assert found is not None and found.fields["total_vat"] == "19.00"


def test_more_pages_than_allowed_are_refused() -> None:
    paper = Paper("it", Limits(max_pages=1))
    with pytest.raises(DocumentTooLargeError, match="2 pages"):
        for number in range(100):
            paper.row(Cell(str(number), MARGIN, 200))


@given(st.lists(st.text(st.characters(exclude_categories=("C",)), max_size=300), min_size=1, max_size=4))
def test_no_text_leaves_its_sheet_or_is_lost(texts: list[str]) -> None:
    paper = Paper("it", Limits())
    for text in texts:
        paper.row(Cell(text, MARGIN, 300), Cell(text, 500, 90, right=True))
    assert all(p.box.right <= WIDTH and p.box.bottom <= HEIGHT - MARGIN + 1 for p in paper.prints)
    printed = "".join(p.text for p in paper.prints)
    assert sorted(re.sub(r"\s", "", printed)) == sorted(re.sub(r"\s", "", "".join(t + t for t in texts)))


@given(st.decimals(0, 10_000, places=2), st.decimals(0, 10_000, places=2), st.sampled_from(["0", "7", "19", "25"]))
def test_sums_that_hold_break_no_rule_and_others_do(net: Decimal, more: Decimal, rate: str) -> None:
    whole = net + more
    tax = (whole * Decimal(rate) / 100).quantize(Decimal("0.01"))
    fields = {
        "invoice_number": "1", "issue_date": "2026-01-01", "invoice_type_code": "380", "currency_code": "EUR",
        "seller_name": "A", "buyer_name": "B", "seller_address": "DE", "buyer_address": "DE", "due_date": "2026-02-01",
        "total_without_vat": f"{whole}", "total_vat": f"{tax}", "total_with_vat": f"{whole + tax}",
        "amount_due": f"{whole + tax}",
    }  # fmt: skip
    rows = tuple(
        {"description": "x", "quantity": "1", "unit_price": f"{each}", "net_amount": f"{each}", "vat_rate": rate}
        for each in (net, more)
    )
    rates = ({"rate": rate, "taxable_amount": f"{whole}", "tax_amount": f"{tax}", "category": "S"},)
    sums, countries = {"line_total": f"{whole}"}, {"seller": "DE", "buyer": "DE"}
    sound = EmbeddedInvoice("UBL", "urn:cen.eu:en16931:2017", fields, rows, rates, (), sums, countries)
    assert check_data(sound) == ()
    wrong = {**fields, "total_with_vat": f"{whole + tax + 1}"}
    broken = check_data(EmbeddedInvoice("UBL", "x", wrong, rows, rates, (), sums, countries))
    assert {"BR-CO-15", "BR-CO-16"} == {violation.rule for violation in broken}


def test_terms_longer_than_any_are_refused() -> None:
    root = etree.fromstring(ubl())
    root.find(f".//{{{UBL}CommonBasicComponents-2}}RegistrationName").text = "x" * 3000
    with pytest.raises(EmbeddedInvoiceError, match="3,000 characters"):
        parse_invoice(etree.tostring(root), "it")
