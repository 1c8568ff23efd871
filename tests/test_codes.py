"""Codes on pages: what zxing reads of them, what families of payloads say, and what follows for the fields."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from field_pages import page_reading
from hypothesis import given
from hypothesis import strategies as st
from pdf_invoices import pdf_invoice

from analytics.app import create_app
from db.verification import verify
from invoice_connector.codes.evidence import code_differences
from invoice_connector.codes.families import FAMILIES, UNKNOWN, Code, codes_of, payload
from invoice_connector.codes.payload import LONGEST_NAME
from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice
from invoice_connector.fields import FieldPage, extract
from invoice_connector.invoice import Invoice, InvoiceField
from invoice_connector.settings import ConnectorSettings
from ocr_ensemble import codes
from ocr_ensemble.codes import read_codes
from ocr_ensemble.errors import EngineUnavailableError
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.reading import CODE_ENGINE, DocumentReading, PageCode
from scripts.benchmark_codes import main as print_and_read
from scripts.synthetic.coded import coded_invoice, swapped
from scripts.synthetic.codes import Symbol, make_symbol, print_symbols
from scripts.synthetic.payloads import PRINTS, WRITERS, Facts, Print, bankgiro, make_iban

FACTS = Facts(
    seller="Wäscherei Müller GmbH", buyer="Hotel Krone AG", iban="", number="2026-0142", reference="20260142",
    issued=date(2026, 3, 2), due=date(2026, 4, 1), total=Decimal("1234.50"), vat=Decimal("197.10"),
)  # fmt: skip
QR = Print("QRCode", 30, 30)
USINGQR = {
    "uqr": 1, "tp": 1, "nme": "Norrviks Snickeri & Bygg AB", "cid": "559987-4566", "iref": "20260917", "cur": "SEK",
    "idt": "20261014", "ddt": "20261113", "due": 1250.0, "pt": "BG", "acc": "5050-1055",
}  # fmt: skip


def facts_of(family: str) -> Facts:
    country = PRINTS[family].country
    return replace(FACTS, iban=make_iban(country, "100500017054019876") if country else "")


@pytest.mark.parametrize("family", WRITERS)
def test_every_family_says_what_was_written(family: str) -> None:
    facts = facts_of(family)
    kind, values, problem = payload(WRITERS[family](facts))
    assert (kind, problem) == (family.removesuffix("_5"), "")
    expected = {
        "payment_account_identifier": facts.iban or bankgiro(facts.reference), "amount_due": facts.total,
        "total_with_vat": facts.total, "total_vat": facts.vat, "issue_date": facts.issued, "due_date": facts.due,
    }  # fmt: skip
    assert {name: values[name] for name in expected.keys() & values.keys()} == {
        name: expected[name] for name in expected.keys() & values.keys()
    }
    assert family == "atcud" or values.keys() & {"amount_due", "total_with_vat"}
    if "seller_name" in values:
        told = values["seller_name"]
        ascii_only = unicodedata.normalize("NFKD", FACTS.seller).encode("ascii", "ignore").decode()
        assert told == FACTS.seller[: len(str(told))] or told == ascii_only


@pytest.mark.parametrize(
    ("field", "code", "said"),
    [
        ("D", "FT", None), ("D", "FS", None), ("E", "S", None), ("D", "NC", "gives the invoice type code as '381'"),
        ("D", "PF", "is a pro forma invoice (D:PF)"), ("D", "OR", "is a quotation (D:OR)"),
        ("D", "ZZ", "is of a kind that is no invoice (D:ZZ)"), ("E", "A", "is annulled (E:A)"),
    ],
)  # fmt: skip
def test_what_a_portuguese_code_calls_the_document_is_compared(field: str, code: str, said: str | None) -> None:
    text = re.sub(rf"\*{field}:\w+", f"*{field}:{code}", WRITERS["portuguese_qr"](facts_of("portuguese_qr")))
    kind, values, problem = payload(text)
    assert (kind, problem) == ("portuguese_qr", "")
    box = BoundingBox(0, 0, 10, 10)
    printed = InvoiceField("invoice_type_code", "380", "Fatura", 0.99, 1, box, ("tesseract",))
    invoice = Invoice({"invoice_type_code": printed}, (), ())
    found = code_differences(invoice, [Code(kind, "QRCode", text, 1, box, values)], DocumentReading(()))
    assert [said in violation.message for violation in found if said] == ([True] if said else [])
    assert len(found) == (said is not None)


PUBLISHED = {  # examples of the publications themselves
    "https://batuz.eus/QRTBAI/?id=TBAI-00000006Y-251019-btFpwP8dcLGAF-237&s=T&nf=27174&i=4.70&cr=007": "T27174",
    "437159030000007760000122500000000000000000011112161221": "11112",
    "0006Q0000UAT63HVES6GL5A5A0O9NSPEEHUHIEP70EG9LM6LU6EBNQ8KG6RB2N2LUIHMVTV51KQ77DGFC25KM2S9V46EQSN5GSD9J1N4BKT1L9ASVO"
    "OT1LPOMAO66IS2BHJDCNA4D9LFKG9MTFLISBD36O5CQQNJIBB2TJILQVVN684000": "CZ5530300000001325090010",
    "V0;955002-00;Kassenbeleg-V1;Beleg^0.00_2.55_0.00_0.00_0.00^2.55:Bar;18;112;2019-07-10T18:41:04.000Z;2019-07-10T18:"
    "41:05.000Z;ecdsa-plain-SHA256;unixTime;MEQCIAy4P9k+7x9saDO0uRZ4El8QwN+qTgYiv1DIaJIMWRiuAiAt+saFDGjK2Yi5Cxgy7PprXQ5"
    "O0seRgx4ltdpW9REvwA==;BHhWOeisRpPBTGQ1W4VUH95TXx2GARf8e2NYZXJoInjtGqnxJ8sZ3CQpYgjI+LYEmW5A37sLWHsyU7nSJUBemyU=": (
        "2.55"
    ),
}


@pytest.mark.parametrize(("text", "value"), PUBLISHED.items())
def test_published_examples(text: str, value: str) -> None:
    kind, values, problem = payload(text)
    assert kind != UNKNOWN and not problem
    assert value in map(str, values.values())


BROKEN = {
    "epc": (r"DE\d\d", "DE00"), "swiss_qr_bill": (r"RF\d\d", "RF00"), "usingqr": (r'"acc": "\d', '"acc": "0'),
    "spayd": (r"AM:1", "AM:9"), "upn_qr": (r"Krone", "Kro"), "hub3": (r"HR\d\d", "HR99"),
    "polish_transfer": (r"5261040828", "5261040829"), "finnish_barcode": (r"^4\d\d", "400"),
    "portuguese_qr": (r"A:123456789", "A:123456788"), "verifactu": (r"89890001K", "89890001J"),
    "ticketbai": (r"i=1", "i=9"), "indian_qr": None, "rksv": (r"1234,50", "1234,5"), "tse": (r"\^1234.50_", "^1234_"),
    "pix": (r"1234.50", "9234.50"),
}  # fmt: skip


@pytest.mark.parametrize("family", [name for name, change in BROKEN.items() if change])
def test_a_payload_that_breaks_its_own_checks_gives_nothing_and_says_so(family: str) -> None:
    change = BROKEN[family]
    assert change is not None
    text = re.sub(change[0], change[1], WRITERS[family](facts_of(family)), count=1)
    kind, values, problem = payload(text)
    assert (kind, dict(values)) == (family, {})
    assert problem


def test_a_packed_payment_with_a_changed_sign_gives_nothing() -> None:
    text = WRITERS["pay_by_square"](facts_of("pay_by_square"))
    told = payload(text)[1]
    for at in range(8, len(text), 9):
        changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        assert payload(changed)[1] in ({}, told)  # what follows the packed data says nothing
    assert not payload(text[:60] + "0" + text[61:])[1]


HOSTILE = (
    "<script>alert(1)</script>", "../../etc/passwd", "=cmd|' /C calc'!A0", "\u202e0521", "a\x00b", "\x1b[31m",
    "{{7*7}}",
)  # fmt: skip


@pytest.mark.parametrize("evil", HOSTILE)
@pytest.mark.parametrize("family", ["epc", "swiss_qr_bill", "usingqr", "spayd", "hub3", "zatca"])
def test_hostile_names_stay_texts_and_control_characters_give_nothing(family: str, evil: str) -> None:
    text = WRITERS[family](replace(facts_of(family), seller=f"Evil {evil}"))
    _, values, problem = payload(text)
    told = str(values.get("seller_name", ""))
    assert all(sign.isprintable() for sign in told) and "\u202e" not in told
    assert told or problem or family == "spayd"


@pytest.mark.parametrize("family", WRITERS)
def test_what_is_far_too_long_gives_nothing(family: str) -> None:
    text = WRITERS[family](facts_of(family))
    for huge in (text + "9" * 10_000, text.replace(text[20:24], text[20:24] * 3_000)):
        assert not payload(huge)[1]


_HEADS = [
    "BCD\n002\n1\nSCT\n", "SPC\n0200\n1\n", '{"uqr":1,', "SPD*1.0*", "0006Q0000", "UPNQR\n", "HRVHUB30\n", "|PL|",
    "A:123456789*B:", "https://batuz.eus/QRTBAI/?", "AQw", "eyJhbGciOi.", "_R1-AT1_", "V0;", "00020126", "4371590300",
]  # fmt: skip


@given(st.sampled_from(["", *_HEADS]), st.text(max_size=300))
def test_no_text_makes_a_reader_fail(head: str, rest: str) -> None:
    kind, values, problem = payload(head + rest)
    assert kind in FAMILIES or kind == UNKNOWN
    assert not (values and problem)
    assert all(len(str(value)) <= LONGEST_NAME for value in values.values())


@given(st.sampled_from(sorted(WRITERS)), st.data())
def test_no_change_of_a_real_payload_makes_a_reader_fail(family: str, data: st.DataObject) -> None:
    text = WRITERS[family](facts_of(family))
    at = data.draw(st.integers(0, len(text) - 1))
    payload(text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 4)) :])


def page_with(symbols: list[Symbol], dots: float) -> np.ndarray:
    """A white page with codes below each other, ``dots`` pixels a millimetre."""
    page = np.full((round(297 * dots), round(210 * dots), 3), 255, np.uint8)
    top = round(15 * dots)
    for symbol in symbols:
        size = (round(symbol.width * dots), round(symbol.height * dots))
        dark = cv2.resize(symbol.modules.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
        page[top : top + size[1], 60 : 60 + size[0]] = 255 - dark[..., None]
        top += size[1] + round(12 * dots)
    return page


MANY = ("epc", "hub3", "finnish_barcode", "atcud")


@pytest.mark.parametrize("turns", [0, 2])
def test_codes_of_four_symbologies_are_read_with_their_places(turns: int) -> None:
    texts = {family: WRITERS[family](facts_of(family)) for family in MANY}
    page = page_with([make_symbol(text, PRINTS[family]) for family, text in texts.items()], 150 / 25.4)
    found = read_codes(np.ascontiguousarray(np.rot90(page, turns)))
    assert {code.text for code in found} == set(texts.values())
    assert {code.kind for code in found} == {"QRCode", "PDF417", "Code128", "DataMatrix"}
    shown = np.rot90(page, turns)
    for code in found:
        inside = shown[code.box.top : code.box.bottom, code.box.left : code.box.right, 0]
        assert inside.size and (code.kind == "Code128" or 0.2 < (inside < 128).mean() < 0.8)


def test_a_small_code_is_read_enlarged_and_a_page_of_print_has_none() -> None:
    text = WRITERS["atcud"](FACTS)
    small = page_with([Symbol(make_symbol(text, PRINTS["atcud"]).modules, 7.0, 7.0)], 150 / 25.4)
    assert [code.text for code in read_codes(small)] == [text]
    rows = np.full((1700, 1200, 3), 255, np.uint8)
    for y in range(60, 1650, 28):
        cv2.putText(rows, "Art. 4711  Trappa av ek 1 000,00", (40, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
    assert read_codes(rows) == ()


def test_codes_that_stand_together_on_a_scan_are_all_read(capsys: pytest.CaptureFixture[str]) -> None:
    """One of them is read in the size of the page, its neighbour only enlarged, or with white where the paper ends."""
    families = "finnish_barcode,finnish_barcode_5,hub3,atcud"
    for seed in ("110", "113"):
        print_and_read(["--count", "1", "--kinds", "scan", "--families", families, "--seed", seed])
    assert capsys.readouterr().out.count("all: 4 of 4 mapped") == 2


DIGITS = WRITERS["finnish_barcode"](facts_of("finnish_barcode"))


@pytest.mark.parametrize(("printed", "amount", "differs"), [(DIGITS, "1 234,50", False), (DIGITS, "934,50", True)])
def test_the_digits_of_a_bank_barcode_are_a_code_and_no_reference(printed: str, amount: str, differs: bool) -> None:
    facts = facts_of("finnish_barcode")
    reference = payload(printed)[1]["remittance_information"]
    texts = (
        "Wäscherei Oy", "Lasku 2026-0142", "Laskun päivä 2.3.2026", f"Maksettava yhteensä {amount} EUR",
        f"Tilinumero {facts.iban}", f"Viitenumero {reference}", f"Virtuaaliviivakoodi {printed}",
    )  # fmt: skip
    read = page_reading(*texts)
    reading = DocumentReading((read,))
    (code,) = codes_of(reading)
    assert (code.kind, code.symbology) == ("finnish_barcode", "Text")
    invoice = extract([FieldPage.of_reading(read)])
    assert invoice.fields["remittance_information"].value == reference
    assert [each.rule for each in code_differences(invoice, [code], reading)] == ["CODE-DIFFERS"] * differs


EPC = "BCD\n002\n1\nSCT\n\nKilkenny Print\nIE29AIBK93115212345678\nEUR{amount}\n\n\n{message}\n"


@pytest.mark.parametrize(
    ("amount", "message", "said"),
    [
        ("360.00", "Invoice 4410", ""),
        ("360.00", "Thank you", ""),
        ("360.00", "Invoice 4401", "asks to write"),  # another number than the page's
        ("360,00", "Invoice 4410", "could not be checked"),
    ],
)
def test_a_code_that_breaks_its_rules_or_asks_to_write_another_number_stops(
    amount: str, message: str, said: str
) -> None:
    texts = ("Kilkenny Print", "Invoice No. 4410", "IBAN IE29 AIBK 9311 5212 3456 78", "Total due 360.00 EUR")
    read = page_reading(*texts)
    box = read.lines[0].line.box
    symbol = PageCode("QRCode", EPC.format(amount=amount, message=message), box)
    reading = DocumentReading((replace(read, codes=(symbol,)),))
    invoice = extract([FieldPage.of_reading(read)])
    found = [each.message for each in code_differences(invoice, codes_of(reading), reading)]
    assert len(found) == bool(said)
    assert all(said in each for each in found)


@pytest.fixture
def connector(tmp_path: Path) -> InvoiceOCRConnector:
    settings = ConnectorSettings(
        database_url=f"sqlite:///{tmp_path / 'audit.db'}", engines=("pdf_text",), verifier="off", threads=1
    )
    return InvoiceOCRConnector(settings)


def processed(connector: InvoiceOCRConnector, folder: Path, *texts: str) -> ProcessedInvoice:
    """The invoice of ``pdf_invoices`` with codes on its page."""
    plain = pdf_invoice(folder / "plain.pdf").read_bytes()
    printed, count = print_symbols(plain, [make_symbol(text, QR) for text in texts])
    assert count == len(texts)
    path = folder / "coded.pdf"
    path.write_bytes(printed)
    return connector.process_invoice_with_ocr(path)


def rules(done: ProcessedInvoice) -> set[str]:
    return {broken.rule for broken in done.outcome.violations}


def kinds(done: ProcessedInvoice, name: str) -> set[str]:
    return {str(witness.kind) for witness in done.fields[name].witnesses}


def test_a_code_that_agrees_is_a_witness_and_is_kept_in_the_log(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    done = processed(connector, tmp_path, json.dumps(USINGQR))
    for name in ("payment_account_identifier", "amount_due", "issue_date", "due_date", "seller_name"):
        assert "code" in kinds(done, name)
    assert "CODE-DIFFERS" not in rules(done)
    (code,) = done.to_dict()["codes"]
    assert (code["kind"], code["symbology"], code["page"]) == ("usingqr", "QRCode", 1)
    assert code["text"] == json.dumps(USINGQR)
    assert code["values"]["amount_due"] == "1250.00"
    assert verify(connector.database).intact
    assert done.outcome.reading is not None
    assert CODE_ENGINE in done.outcome.reading.engine_processing_times
    assert CODE_ENGINE not in done.outcome.reading.engines_used


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"acc": bankgiro("9912346")}, "payment_account_identifier"),
        ({"due": 1350.0}, "amount_due"),
        ({"cur": "EUR"}, "currency_code"),
        ({"ddt": "20261213"}, "due_date"),
        ({"nme": "Helt Annan Firma AB"}, "seller_name"),
    ],
)
def test_a_swapped_code_stops_the_document_with_both_sides(
    connector: InvoiceOCRConnector, tmp_path: Path, changes: dict[str, object], field: str
) -> None:
    done = processed(connector, tmp_path, json.dumps({**USINGQR, **changes}))
    (found,) = [broken for broken in done.outcome.violations if broken.rule == "CODE-DIFFERS"]
    assert done.status == "needs_review"
    assert found.fields[0] in (field, "total_with_vat")
    assert "swapped" in found.message
    assert all("code" not in kinds(done, name) for name in done.fields)


def said_of_swaps(family: str, connector: InvoiceOCRConnector, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """What is swapped in the code of an invoice ("" for nothing), and the rules about codes that it breaks."""
    rng = np.random.default_rng(len(family))
    pdf = coded_invoice(family, facts_of(family), rng)
    texts = [("", WRITERS[family](facts_of(family))), *swapped(family, facts_of(family), rng)]
    for at, (name, text) in enumerate(texts):
        path = folder / f"{family}-{at}.pdf"
        path.write_bytes(print_symbols(pdf, [make_symbol(text, PRINTS[family], latin_2=family == "upn_qr")])[0])
        violations = connector.process_invoice_with_ocr(path).outcome.violations
        yield name, [each.rule for each in violations if each.rule == "CODE-DIFFERS"]


@pytest.mark.slow
@pytest.mark.parametrize("family", [name for name in WRITERS if name != "atcud"])
def test_whatever_is_swapped_in_a_code_of_any_family_is_said(
    family: str, connector: InvoiceOCRConnector, tmp_path: Path
) -> None:
    found = list(said_of_swaps(family, connector, tmp_path))
    assert found[0] == ("", [])
    assert len(found) > 1
    assert all(rules for _, rules in found[1:])


def test_codes_to_two_accounts_stop_the_document(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    ibans = [make_iban("DE", digits) for digits in ("1005000170540198", "2005000170540198")]
    texts = [json.dumps({**USINGQR, "pt": "IBAN", "acc": iban}) for iban in ibans]
    assert "CODE-DIFFERS" in rules(processed(connector, tmp_path, *texts))


def test_what_only_a_code_gives_is_named_with_the_place_of_the_code(
    connector: InvoiceOCRConnector, tmp_path: Path
) -> None:
    done = processed(connector, tmp_path, json.dumps({**USINGQR, "iref": "7700112233"}))
    field = done.fields["remittance_information"]
    (code,) = done.record.codes
    assert (field.value, field.text, list(field.box.as_tuple())) == ("7700112233", "7700112233", code["box"])
    assert field.engines == (CODE_ENGINE,)


def test_an_unknown_code_is_kept_as_text_and_shown_as_text(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    evil = "<script>alert('x')</script> https://example.test/?pay"
    done = processed(connector, tmp_path, evil)
    (code,) = done.to_dict()["codes"]
    assert (code["kind"], code["text"], code["values"]) == ("unknown", evil, {})
    with TestClient(create_app(connector.database), base_url="http://localhost") as client:
        shown = client.get(f"/jobs/{done.record.id}").text
    assert "&lt;script&gt;" in shown and evil not in shown


def test_a_missing_library_is_said_and_costs_nothing_else(
    connector: InvoiceOCRConnector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise EngineUnavailableError(CODE_ENGINE, "codes are not read: zxing-cpp cannot be loaded")

    monkeypatch.setattr(codes, "_version", missing)
    done = connector.process_invoice_with_ocr(pdf_invoice(tmp_path / "plain.pdf"))
    assert "total_with_vat" in done.fields or "amount_due" in done.fields
    (run,) = [run for run in done.record.runs if run.engine == CODE_ENGINE]
    assert (run.status, run.error) == ("unavailable", "codes are not read: zxing-cpp cannot be loaded")
