"""Invoices as data inside a PDF: read, compared with the page, and harmless however they are made."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pikepdf
import pytest
from export_samples import stored_invoice
from reportlab.pdfgen.canvas import Canvas

from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.einvoice.attachments import MAX_BYTES, xml_attachments
from invoice_connector.einvoice.errors import EmbeddedInvoiceError
from invoice_connector.einvoice.parse import parse_invoice
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.settings import ConnectorSettings

CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
 <rsm:ExchangedDocument><ram:ID>R-17</ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20260317</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:SpecifiedTradeProduct><ram:Name>Stuhl</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity>2</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement>
    <ram:ApplicableTradeTax><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
    <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>100.00</ram:LineTotalAmount>
    </ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Muster GmbH</ram:Name>
    <ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>Hauptstr. 5</ram:LineOne>
     <ram:CityName>Berlin</ram:CityName></ram:PostalTradeAddress>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">37/1</ram:ID></ram:SpecifiedTaxRegistration>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE136695976</ram:ID></ram:SpecifiedTaxRegistration>
   </ram:SellerTradeParty><ram:BuyerTradeParty><ram:Name>Beispiel AG</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:ApplicableTradeTax><ram:CalculatedAmount>19.00</ram:CalculatedAmount><ram:BasisAmount>100.00</ram:BasisAmount>
    <ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount>19.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>119.00</ram:GrandTotalAmount><ram:TotalPrepaidAmount>0.00</ram:TotalPrepaidAmount>
    <ram:DuePayableAmount>119.00</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""
BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Invoice>&c;</Invoice>"""
THIEF = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Invoice><ID>&a;</ID></Invoice>'


def make_pdf(attachments: dict[str, bytes], total: str = "119,00") -> bytes:
    """A German invoice on one page, with files attached."""
    page = io.BytesIO()
    canvas = Canvas(page, pagesize=(595, 842))
    for row, text in enumerate(("Muster GmbH", "Hauptstr. 5, 10115 Berlin", "Rechnung", "Rechnungsnummer: R-17",
                                "Rechnungsdatum: 17.03.2026", "Nettobetrag 100,00 EUR", "MwSt. 19 % 19,00 EUR",
                                f"Gesamtbetrag {total} EUR")):  # fmt: skip
        canvas.drawString(70, 760 - 26 * row, text)
    canvas.save()
    pdf = pikepdf.open(page)
    for name, content in attachments.items():
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, mime_type="text/xml")
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> InvoiceOCRConnector:
    url = f"sqlite:///{tmp_path_factory.mktemp('einvoice') / 'audit.db'}"
    settings = ConnectorSettings(database_url=url, engines=("pdf_text",), policy="single", verifier="off")
    return InvoiceOCRConnector(settings)


def read(connector: InvoiceOCRConnector, folder: Path, pdf: bytes, **expected: object) -> dict[str, object]:
    (folder / "rechnung.pdf").write_bytes(pdf)
    return connector.process_invoice_with_ocr(folder / "rechnung.pdf", **expected).to_dict()  # type: ignore[arg-type]


def test_data_that_agrees_is_shown_as_evidence(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    document = read(connector, tmp_path, make_pdf({"notes.xml": b"<notes/>", "factur-x.xml": CII.encode()}))
    embedded = document["embedded_invoice"]
    assert embedded["file"] == "factur-x.xml"
    assert embedded["fields"]["issue_date"] == "2026-03-17"
    assert embedded["fields"]["seller_vat_identifier"] == "DE136695976"
    assert embedded["fields"]["seller_address"] == "Hauptstr. 5, 10115 Berlin"
    assert "paid_amount" not in embedded["fields"]
    assert embedded["vat_breakdown"] == [{"rate": "19", "taxable_amount": "100.00", "tax_amount": "19.00"}]
    assert embedded["invoice_lines"][0]["net_amount"] == "100.00"
    assert embedded["differences"] == []
    assert not any(broken["rule"].startswith("EINVOICE") for broken in document["violations"])
    assert document["fields"]["total_with_vat"]["engines"] == ["pdf_text"]


def test_data_that_differs_is_said_and_changes_nothing(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    document = read(connector, tmp_path, make_pdf({"factur-x.xml": CII.replace("119.00", "911.00").encode()}))
    assert document["fields"]["total_with_vat"]["value"] == "119.00"
    assert {"field": "total_with_vat", "embedded": "911.00", "page": "119.00"} in document["embedded_invoice"][
        "differences"
    ]
    [message] = [
        b["message"]
        for b in document["violations"]
        if "total with vat" in b["message"] and b["rule"] == "EINVOICE-DIFFERS"
    ]
    assert "119.00 on the page" in message
    assert "911.00 in the embedded factur-x.xml" in message
    assert document["status"] == "needs_review"


def test_a_credit_note_in_the_data_is_no_invoice_on_the_page(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    credit = CII.replace("<ram:TypeCode>380<", "<ram:TypeCode>381<")
    assert credit != CII
    document = read(connector, tmp_path, make_pdf({"factur-x.xml": credit.encode()}))
    assert {"field": "invoice_type_code", "embedded": "381", "page": "380"} in document["embedded_invoice"][
        "differences"
    ]
    assert document["status"] == "needs_review"


@pytest.mark.parametrize(
    "content", [BOMB.encode(), THIEF.encode(), b"<Invoice><ID>1</Invoice>", b"<Invoice" + b" " * 99]
)
def test_hostile_data_is_refused_and_the_page_is_read(
    connector: InvoiceOCRConnector, tmp_path: Path, content: bytes
) -> None:
    document = read(connector, tmp_path, make_pdf({"factur-x.xml": content}))
    assert document["embedded_invoice"]["error"]["type"] == "EmbeddedInvoiceError"
    assert "root:" not in str(document)
    assert document["fields"]["total_with_vat"]["value"] == "119.00"
    assert [b["rule"] for b in document["violations"] if b["rule"].startswith("EINVOICE")] == ["EINVOICE-UNREADABLE"]


def test_a_packed_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b" " * (MAX_BYTES + 1))
    assert len(bomb) < 20_000
    pdf = pikepdf.open(io.BytesIO(make_pdf({"factur-x.xml": b"x"})))
    pdf.attachments["factur-x.xml"].obj.EF.F.write(bomb, filter=pikepdf.Name.FlateDecode)
    written = io.BytesIO()
    pdf.save(written)
    files = xml_attachments(written.getvalue())
    with pytest.raises(EmbeddedInvoiceError, match="unpacks to more than"):
        next(files).content()


def test_ubl_is_read_back_as_it_was_written() -> None:
    job = stored_invoice({"rounding_amount": "0.50", "amount_due": "13163.00"})
    embedded = parse_invoice(to_ubl(job.record, Customization.PEPPOL), "invoice.xml")
    assert embedded is not None
    assert embedded.syntax == "UBL"
    for name, value in embedded.fields.items():
        if name not in ("seller_address", "buyer_address", "payment_means_type_code"):
            plain = value.replace("-", "").replace(" ", "")
            wanted = job.record.fields[name]["value"] if name in job.record.fields else None
            assert name == "payment_service_provider_identifier" or plain == wanted.replace("-", "").replace(" ", "")
    assert [line["net_amount"] for line in embedded.invoice_lines] == ["8400.00", "1785.00", "345.00"]
    assert parse_invoice(b"<order/>", "order.xml") is None


def test_what_the_erp_expects_is_compared_with_the_page(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    from decimal import Decimal

    pdf = make_pdf({})
    agreeing = read(connector, tmp_path, pdf, invoice_number="r-17", expected_amount=Decimal(119), customer_id="4711")
    assert agreeing["expected"] == {
        "invoice_number": {"expected": "r-17", "found": "R-17", "agrees": True},
        "customer_id": {"expected": "4711", "found": None, "agrees": None},
        "amount": {"expected": "119", "found": "119.00", "agrees": True},
    }
    assert "embedded_invoice" not in agreeing
    wrong = read(connector, tmp_path, pdf, invoice_number="R-18", expected_amount=Decimal("120.00"))
    assert [wrong["expected"][name]["agrees"] for name in ("invoice_number", "amount")] == [False, False]
    messages = {broken["rule"]: broken["message"] for broken in wrong["violations"]}
    assert messages["EXPECTED-INVOICE-NUMBER"] == "The invoice number R-18 was expected, but the page says R-17."
    assert "120.00 was expected, but the page says 119.00" in messages["EXPECTED-AMOUNT"]
    assert wrong["status"] == "needs_review"
    stored = connector.database
    from db.contract import document_json
    from db.queries import get_job

    assert document_json(get_job(stored, wrong["job_id"]))["expected"] == wrong["expected"]
