"""Own companies and suppliers: names and numbers compared, pages matched, what stops a document."""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import replace

import pytest
from audit_samples import fresh_log
from field_pages import GERMAN, Placed, page
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from invoice_connector.fields.extract import extract
from invoice_connector.invoice import Evidence, Invoice
from invoice_connector.suppliers.directory import LogDirectory
from invoice_connector.suppliers.known import Known, same_account
from invoice_connector.suppliers.master import Company, MasterDataError, Supplier, of_json, to_json
from invoice_connector.suppliers.matching import SURE, SupplierMatch, match, probabilities
from invoice_connector.suppliers.names import form, is_same, similarity, tokens
from invoice_connector.suppliers.printed import domain_key, identifier_keys, keys_on
from invoice_connector.suppliers.rules import check_parties, with_supplier
from invoice_connector.suppliers.store import put
from ocr_ensemble.layout import TextLine
from scripts.evaluation.suppliers import invented

GERMAN_LINES: list[Placed] = [(line.box.left, line.box.top, line.text) for line in GERMAN.lines]

NAMES = st.text(string.ascii_letters + "åäöéüß &.-", min_size=1, max_size=40)
NUMBERS = st.text(string.digits, min_size=7, max_size=12)
NORDLICHT = Supplier(
    "70012", ("Nordlicht Büro GmbH", "Nordlicht Bürobedarf"), ("DE136695976",), accounts=("DE89370400440532013000",)
)


def matched(engine: Engine, pages: Iterable[Placed] | None = None) -> tuple[Invoice, Known, SupplierMatch | None]:
    """The German invoice, or other lines, as the log's master data know it."""
    one = GERMAN if pages is None else page(list(pages))
    known = LogDirectory(lambda: engine).known([line.text for line in one.lines], None)
    invoice = extract([one], known=known)
    found = match(invoice, known)
    return with_supplier(invoice, found), known, found


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert 0.0 <= similarity(one, other) <= 1.0
    assert similarity(one, other) == pytest.approx(similarity(other, one))
    assert is_same(one, other) == is_same(other, one)


@given(NAMES.filter(lambda name: tokens(name) != ()))
def test_a_name_is_itself_in_any_case(name: str) -> None:
    assert similarity(name, name.upper()) == pytest.approx(1.0)
    assert similarity(f"  {name} ", name) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nordlicht Bürobedarf GmbH", "NORDLICHT BUROBEDARF", True),
        ("Bloemisterij Hazelaar B.V.", "Bloemisterij Hazelaar BV", True),
        ("Kvarnby Måleri AB", "Kvarnby Maleri AB", True),
        ("Kvarnby Måleri AB", "Kvarnby Måleri AS", False),  # sisters
        ("Linde", "Linden", False),
        ("Kvarnby Måleri AB", "Kvarnby Snickeri AB", False),
    ],
)
def test_names_of_one_company(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is same


def test_a_legal_form_is_no_part_of_the_name() -> None:
    assert tokens("Ana Novák s. r. o.") == ("ana", "novak")
    assert form("UAB „Saulė“") == "uab"
    assert tokens("AB") == ("ab",)  # nothing else is there


@given(NUMBERS, st.sampled_from(["SE", "DE", "NL", ""]), st.sampled_from([" ", "-", ".", ""]))
def test_a_number_is_found_however_it_is_spaced(digits: str, country: str, sign: str) -> None:
    printed = f"{country}{digits[:3]}{sign}{digits[3:]}"
    assert identifier_keys(country + digits) & keys_on([f"VAT no. {printed}, Org."])


def test_a_vat_number_holds_the_organisation_number() -> None:
    assert identifier_keys("SE559987456601") & identifier_keys("559987-4566")
    assert identifier_keys("FR40303265045") & identifier_keys("303 265 045")
    assert not identifier_keys("12.50")


def test_domains_that_many_share_tell_nothing() -> None:
    assert domain_key("info@nordlicht.example") == "d:nordlicht.example"
    assert domain_key("https://www.nordlicht.example/kontakt") == "d:nordlicht.example"
    assert domain_key("anna@gmail.com") is None


def test_a_local_account_may_be_the_end_of_an_iban() -> None:
    assert same_account("DE89 3704 0044 0532 0130 00", "DE89370400440532013000")
    assert same_account("0532013000", "DE89370400440532013000")
    assert not same_account("3000", "DE89370400440532013000")


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_probabilities_leave_room_for_none(scores: list[float]) -> None:
    shares = probabilities(scores)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert sum(shares) <= 1.0 + 1e-9
    assert shares.index(max(shares)) == scores.index(max(scores)) or max(shares) == shares[scores.index(max(scores))]


@pytest.mark.parametrize(
    "data",
    [
        {"id": "1"},
        {"id": "a/b", "names": ["X"]},
        {"id": "1", "names": ["X\x00"]},
        {"id": "1", "names": ["X"], "currency": "EURO"},
        {"id": "1", "names": ["X"], "colour": "red"},
        {"id": "1", "names": [""]},
        {"id": "1", "names": ["X"] * 51},
        {"id": ["1"], "names": ["X"]},
    ],
)
def test_what_no_supplier_has_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(MasterDataError):
        of_json(Supplier, data)


def test_records_survive_json() -> None:
    for record in (NORDLICHT, Company("own", ("Käufer AG",), addresses=("Marktplatz 3\n70173 Stuttgart",))):
        assert of_json(type(record), to_json(record)) == record


def test_a_page_is_matched_by_number_name_and_account_among_many() -> None:
    engine = fresh_log()
    put(engine, [NORDLICHT, *invented(300, 7, NORDLICHT.names)])
    invoice, _, found = matched(engine)
    assert found is not None
    assert found.supplier.id == "70012"
    assert found.probability >= SURE
    assert {"identifier", "name"} <= set(found.matched_by)
    seller = invoice.fields["seller_name"]
    assert (seller.value, seller.text) == ("Nordlicht Büro GmbH", "Nordlicht Bürobedarf GmbH")
    assert Evidence.MASTER_DATA in {witness.kind for witness in seller.witnesses}
    plain = extract([GERMAN])
    assert invoice.fields.keys() == plain.fields.keys()  # nothing else is filled in


def test_a_seller_that_is_not_listed_is_said_to_be_unknown() -> None:
    engine = fresh_log()
    put(engine, list(invented(300, 7)))
    invoice, known, found = matched(engine)
    assert [v.rule for v in check_parties(invoice, known, found)] == ["UNKNOWN-SUPPLIER"]
    assert "Nordlicht" in check_parties(invoice, known, found)[0].message
    assert invoice.text("seller_name") == "Nordlicht Bürobedarf GmbH"


def test_without_a_list_nobody_is_unknown() -> None:
    invoice, known, found = matched(fresh_log())
    assert (known, found) == (Known(), None)
    assert check_parties(invoice, known, found) == ()


def test_an_account_that_the_master_data_do_not_have_stops() -> None:
    engine = fresh_log()
    put(engine, [replace(NORDLICHT, accounts=("DE02120300000000202051",))])
    invoice, known, found = matched(engine)
    account = invoice.fields["payment_account_identifier"]
    (violation,) = check_parties(invoice, known, found)
    assert violation.rule == "ACCOUNT-CHANGED"
    assert account.text in violation.message
    assert "DE02120300000000202051" in violation.message
    assert Evidence.MASTER_DATA not in {witness.kind for witness in account.witnesses}


def test_an_own_company_is_the_buyer_and_never_the_seller() -> None:
    engine = fresh_log()
    put(engine, [Company("own", ("Nordlicht Bürobedarf GmbH",), ("DE136695976",))])
    invoice, known, _ = matched(engine)
    assert known.own_name(invoice.text("seller_name") or "") is None
    assert invoice.text("buyer_name") == "Nordlicht Bürobedarf GmbH"
    assert "OWN-INVOICE" in {violation.rule for violation in invoice.conflicts}  # its letterhead, and only its number


@pytest.mark.parametrize(
    "printed",
    [
        "KAEUFER HANDELSHAUS",
        "Kaeufer Handelshaus GmbH Niederlassung Ulm",
        "Kaeufer",
        "Kaeufer Handels",
        "Käufer Handelshaus",
    ],
)
def test_another_form_of_an_own_name_does_not_sell(printed: str) -> None:
    """Our name on top, as some buyers have it printed, and the seller's at the foot."""
    top = [(60, 60, printed), (60, 85, "Marktplatz 3"), (60, 110, "70173 Stuttgart")]
    rest = [(x, y, text) for x, y, text in GERMAN_LINES if y > 280 or x > 500]
    foot = [(60, 1250, "Nordlicht Bürobedarf GmbH, Hafenstraße 12, 20457 Hamburg")]
    known = Known((Company("own", ("Kaeufer Handelshaus GmbH", "Käufer Handelshaus GmbH")),))
    invoice = extract([page([*top, *rest, *foot])], known=known)
    assert invoice.text("seller_name") in ("Nordlicht Bürobedarf GmbH", None), invoice.text("seller_name")


def test_a_street_under_an_own_name_does_not_sell() -> None:
    lines = [(60, 60, "Käufer AG"), (60, 85, "Hinter dem Alten Markt"), (60, 110, "70173 Stuttgart")]
    rest = [(x, y, text) for x, y, text in GERMAN_LINES if 280 < y < 1300 or (x > 500 and y < 1300)]
    invoice = extract([page([*lines, *rest])], known=Known((Company("own", ("Käufer AG",)),)))
    assert invoice.text("seller_name") not in ("Hinter dem Alten Markt", "70173 Stuttgart")


@pytest.mark.parametrize(
    ("printed", "is_form"),
    [("Käufer Handels", True), ("Käufer", False), ("Käufer AG", False), ("Käufer Nord AG", False), ("Kauf", False)],
)
def test_forms_of_an_own_name(printed: str, is_form: bool) -> None:
    known = Known((Company("own", ("Käufer AG",)), Company("two", ("Käufer Handelshaus AG",))))
    assert (known.own_form(printed) is not None) is is_form


def test_an_invoice_to_somebody_else_says_to_whom() -> None:
    engine = fresh_log()
    put(engine, [Company("own", ("Bergmann Logistik SE",))])
    invoice, known, found = matched(engine)
    (violation,) = check_parties(invoice, known, found)
    assert violation.rule == "NOT-ADDRESSED-TO-US"
    assert "Käufer AG" in violation.message
    assert "Bergmann Logistik SE" in violation.message
    put(engine, [Company("second", ("Kaeufer AG", "Käufer Aktiengesellschaft"))])
    invoice, known, found = matched(engine)
    assert check_parties(invoice, known, found) == ()


def test_records_of_a_customer_hold_for_that_customer_only() -> None:
    engine = fresh_log()
    put(engine, [replace(NORDLICHT, customer_id="acme"), replace(NORDLICHT, names=("Nordlicht für alle",))])
    lines: list[TextLine] = list(GERMAN.lines)
    directory = LogDirectory(lambda: engine)
    for customer, name in (
        ("acme", "Nordlicht Büro GmbH"),
        ("other", "Nordlicht für alle"),
        (None, "Nordlicht für alle"),
    ):
        known = directory.known([line.text for line in lines], customer)
        assert [candidate.supplier.name for candidate in known.candidates] == [name]
