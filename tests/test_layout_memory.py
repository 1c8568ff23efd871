"""What approved documents teach about a supplier's layout: derived from the log, erased with it, and evidence only."""

from __future__ import annotations

import multiprocessing
from datetime import date
from pathlib import Path

import pytest
from field_pages import SWEDISH, page
from hypothesis import given
from hypothesis import strategies as st
from pdf_invoices import pdf_invoice
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import Engine, select

from db.audit import erase_job
from db.database import open_database
from db.lessons import all_lessons, rebuild, taught_by
from db.master_tables import MASTER_KEYS
from db.queries import get_job
from db.reviews import ReviewRequest
from db.transactions import reading
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice
from invoice_connector.evidence.date_order import ORDERS, DateNumbers, DateOrder, order_told, with_taught
from invoice_connector.fields.extract import extract
from invoice_connector.invoice import Evidence
from invoice_connector.review.storing import store_review
from invoice_connector.settings import ConnectorSettings
from invoice_connector.suppliers.known import Known
from invoice_connector.suppliers.layout import FEATURES, Lesson, PageWords, agreement, form_of, has_value, odds
from invoice_connector.suppliers.master import Supplier
from invoice_connector.suppliers.store import forget, put
from invoice_connector.suppliers.teaching import lesson_of
from ocr_ensemble.layout import BoundingBox

WORDS = [("Förfallodatum", (600, 100, 760, 120)), ("2026-11-13", (800, 100, 900, 120)), ("Att", (600, 300, 630, 320)),
         ("betala", (640, 300, 700, 320)), ("1", (800, 300, 810, 320)), ("250,00", (815, 300, 880, 320)),
         ("Belopp", (800, 270, 880, 290))]  # fmt: skip
PAGE = PageWords.of(1, (1000, 1400), WORDS)


def text_layer_only(url: str) -> ConnectorSettings:
    return ConnectorSettings(
        database_url=url, engines=("pdf_text",), policy="single", verifier="off", reader_isolated=False
    )


@pytest.fixture
def connector(tmp_path: Path) -> InvoiceOCRConnector:
    return InvoiceOCRConnector(text_layer_only(f"sqlite:///{tmp_path / 'audit.db'}"))


def pdf_of(path: Path, *lines: str) -> Path:
    """An invoice in English of a seller whose country nothing tells."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for place, text in enumerate(("Copperfield Weavers", "INVOICE", *lines, "Cloth 90.00", "Total 90.00")):
        canvas.drawString(60, 780 - 30 * place, text)
    canvas.save()
    return path


def read(connector: InvoiceOCRConnector, folder: Path, number: int, account: str = "5050-1055") -> ProcessedInvoice:
    path = pdf_invoice(folder / f"{number}.pdf", number=f"NB-{4700 + number}", account=account)
    return connector.process_invoice_with_ocr(path)


def approve(connector: InvoiceOCRConnector, done: ProcessedInvoice, **values: str | None) -> None:
    request = ReviewRequest(done.outcome.request.job_id, dict(values), note="looked at")
    store_review(connector.database, request, confirmed=True)


def only_prints(engine: Engine) -> dict[str, list[dict[str, object]]]:
    """The prints of the one lesson that is kept."""
    with reading(engine) as connection:
        (lesson,) = all_lessons(connection)
    prints: dict[str, list[dict[str, object]]] = lesson.data["prints"]
    return prints


def taught(engine: Engine) -> dict[str, object]:
    with reading(engine) as connection:
        keys = connection.execute(select(MASTER_KEYS).where(MASTER_KEYS.c.kind == "lesson")).all()
        found = [(each.job_id, each.sequence, each.data) for each in all_lessons(connection)]
    return {"lessons": found, "keys": sorted(map(tuple, keys))}


def kinds(done: ProcessedInvoice, name: str) -> set[Evidence]:
    return {witness.kind for witness in done.fields[name].witnesses}


def test_a_print_is_told_by_what_stands_round_it() -> None:
    due = PAGE.print_of(BoundingBox(800, 100, 900, 120), "2026-11-13")
    assert (due.left, due.above, due.form) == ("forfallodatum", "", "9-9-9")
    total = PAGE.print_of(BoundingBox(800, 300, 880, 320), "1 250,00")
    assert (total.left, total.above, total.form) == ("attbetala", "belopp", "9 9,9")


@given(st.integers(0, 300), st.integers(-4, 4))
def test_agreement_holds_where_the_page_is_scanned_at_another_size(shift: int, jitter: int) -> None:
    first = PAGE.print_of(BoundingBox(800, 100, 900, 120), "2026-11-13")
    larger = [(text, [2 * value + jitter for value in box]) for text, box in WORDS]
    page = PageWords.of(1, (2000, 2800), larger)
    same = page.print_of(BoundingBox(1600 + jitter, 200 + jitter, 1800 + jitter, 240 + jitter), "2027-01-02")
    facts = agreement(same, "due_date", [Lesson("a", {"due_date": (first,)})], "")
    assert facts is not None
    assert (facts["labelled"], facts["placed"], facts["strange"]) == (1.0, 1.0, 0.0)
    assert agreement(same, "issue_date", [Lesson("a", {"due_date": (first,)})], "") is None
    elsewhere = PAGE.print_of(BoundingBox(10, 500 + shift, 60, 520 + shift), "x")
    strange = agreement(elsewhere, "due_date", [Lesson("a", {"due_date": (first,)})], "")
    assert strange is not None
    assert strange["strange"] == 1.0
    assert odds(strange, "trust") < odds(facts, "trust")
    assert odds(strange, "choice") < odds(facts, "choice")
    assert set(facts) == set(FEATURES)


@given(st.text(max_size=30))
def test_a_form_is_short_and_stable(text: str) -> None:
    assert len(form_of(text)) <= 12
    assert form_of(text) == form_of(text.swapcase()) or not text.isascii()


def test_lessons_survive_json() -> None:
    lesson = Lesson("a", {"due_date": (PAGE.print_of(BoundingBox(800, 100, 900, 120), "x"),)}, {"seller_name": "Å AB"})
    assert Lesson.of_json("a", lesson.to_json()) == lesson


def test_an_account_is_known_from_two_documents_on() -> None:
    lessons = [Lesson(name, {}, {"payment_account_identifier": "5050-1055"}) for name in "ab"]
    assert not has_value("payment_account_identifier", "50501055", lessons[:1])
    assert has_value("payment_account_identifier", "50501055", lessons)


def test_the_next_document_is_read_with_what_the_first_taught(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    first = read(connector, tmp_path, 1)
    assert Evidence.LAYOUT not in kinds(first, "due_date")
    unseen = read(connector, tmp_path, 2)
    assert Evidence.LAYOUT not in kinds(unseen, "due_date")  # nobody has looked at the first
    approve(connector, first)
    second = read(connector, tmp_path, 3)
    for name in ("due_date", "invoice_number", "seller_name", "payment_account_identifier"):
        assert Evidence.LAYOUT in kinds(second, name)
        assert (second.fields[name].confidence or 0.0) >= (unseen.fields[name].confidence or 0.0)
    assert Evidence.APPROVED in kinds(second, "seller_name")
    assert Evidence.APPROVED not in kinds(second, "payment_account_identifier")
    said = [w.detail for w in second.fields["due_date"].witnesses if w.kind is Evidence.LAYOUT]
    assert said == ["printed as on 1 approved invoice of the supplier"]
    approve(connector, second)
    third = read(connector, tmp_path, 4)
    assert {Evidence.LAYOUTS, Evidence.APPROVED} <= kinds(third, "payment_account_identifier")


def test_a_changed_account_is_stopped_and_a_poisoned_correction_books_nothing(
    connector: InvoiceOCRConnector, tmp_path: Path
) -> None:
    for number in (1, 2):
        approve(connector, read(connector, tmp_path, number))
    approve(connector, read(connector, tmp_path, 3), payment_account_identifier="991-2346")  # poisoned
    changed = read(connector, tmp_path, 4, account="991-2346")
    assert "ACCOUNT-CHANGED" in {violation.rule for violation in changed.outcome.violations}
    assert Evidence.APPROVED not in kinds(changed, "payment_account_identifier")
    usual = read(connector, tmp_path, 5)
    assert usual.fields["payment_account_identifier"].value == "5050-1055"
    assert "ACCOUNT-CHANGED" not in {violation.rule for violation in usual.outcome.violations}


def test_rejected_erased_and_broken_values_teach_nothing(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    first, second = read(connector, tmp_path, 1), read(connector, tmp_path, 2)
    approve(connector, first)
    job = get_job(connector.database, first.outcome.request.job_id)
    assert lesson_of(job) is not None
    store_review(connector.database, ReviewRequest(first.outcome.request.job_id, {}, status="rejected"))
    assert taught(connector.database) == {"lessons": [], "keys": []}
    approve(connector, second, total_with_vat="9999.00", payment_account_identifier="123-4567")
    terms = only_prints(connector.database).keys()
    assert "due_date" in terms
    assert not terms & {"total_with_vat", "payment_account_identifier", "total_vat"}
    erase_job(connector.database, second.outcome.request.job_id, "test")
    assert taught(connector.database) == {"lessons": [], "keys": []}


def test_a_corrected_value_teaches_where_it_is_printed(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    first = read(connector, tmp_path, 1)
    approve(connector, first, due_date="2026-10-14")  # the date that is printed as the invoice's
    prints = only_prints(connector.database)
    assert [each["left"] for each in prints["due_date"]] == [each["left"] for each in prints["issue_date"]]


def test_rebuilding_gives_the_same_and_forgetting_stays(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    engine = connector.database
    for number in (1, 2):
        approve(connector, read(connector, tmp_path, number))
    put(engine, [Supplier("7", ("Norrviks Snickeri & Bygg AB",), ("SE559987456601",))])
    before = taught(engine)
    assert rebuild(engine, lesson_of) == 2
    assert taught(engine) == before
    assert forget(engine, "7") == 2
    assert taught(engine) == {"lessons": [], "keys": []}
    assert rebuild(engine, lesson_of) == 0
    approve(connector, read(connector, tmp_path, 3))  # what comes later is learned
    assert rebuild(engine, lesson_of) == 1
    assert verify(engine).intact


def test_forgetting_and_erasing_leave_no_bytes(tmp_path: Path) -> None:
    connector = InvoiceOCRConnector(text_layer_only(f"sqlite:///{tmp_path / 'audit.db'}"))
    done = read(connector, tmp_path, 1)
    approve(connector, done)
    erase_job(connector.database, done.outcome.request.job_id, "test")
    connector.database.dispose()
    stored = (tmp_path / "audit.db").read_bytes()
    for trace in ("forfallodatum", "fakturanummer", "norrvik", "559987", "5050"):
        assert trace.encode() not in stored.lower()


def test_a_correction_says_what_it_taught_and_what_it_contradicts(
    connector: InvoiceOCRConnector, tmp_path: Path
) -> None:
    engine = connector.database
    for number in (1, 2):
        approve(connector, read(connector, tmp_path, number))
    odd = read(connector, tmp_path, 3)
    assert taught_by(engine, odd.outcome.request.job_id) is None
    approve(connector, odd, payment_account_identifier="991-2346")
    found = taught_by(engine, odd.outcome.request.job_id)
    assert found is not None
    assert "due_date" in found.terms
    assert found.contradicted == {"payment_account_identifier": "5050-1055"}


def test_how_a_supplier_writes_its_dates_is_learned(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    """Of "04/05/2026" nothing on the page tells the order; a person does, once."""

    def mill(number: int, issued: str) -> ProcessedInvoice:
        path = pdf_of(tmp_path / f"mill-{number}.pdf", f"Invoice No. MB-{number}", f"Invoice date {issued}")
        return connector.process_invoice_with_ocr(path)

    first = mill(1, "04/05/2026")
    before = mill(2, "05/06/2026").fields["issue_date"]
    assert {first.fields["issue_date"].value, before.value} == {date(2026, 5, 4), date(2026, 6, 5)}
    approve(connector, first, issue_date="2026-04-05")
    assert [each["order"] for each in only_prints(connector.database)["issue_date"]] == ["MDY"]
    after = mill(3, "05/06/2026").fields["issue_date"]
    assert after.value == date(2026, 5, 6)
    assert (after.confidence or 0.0) > (before.confidence or 0.0)


def test_what_a_supplier_calls_itself_is_learned_as_its_alias(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    """The list has another name; numbers told the supplier once, and from then on the printed name does."""
    listed = Supplier("9", ("CW Holdings",), ("SE559987456601",), accounts=("5050-1055",))
    put(connector.database, [listed, Supplier("10", ("Copper Field",))])

    def weavers(number: int, *more: str) -> ProcessedInvoice:
        lines = (f"Invoice No. MB-{number}", f"Invoice date {number} June 2026", *more)
        return connector.process_invoice_with_ocr(pdf_of(tmp_path / f"weavers-{number}.pdf", *lines))

    first, unknown = weavers(1, "VAT No. SE559987456601", "Bankgiro 5050-1055"), weavers(2)
    assert first.outcome.supplier is not None
    assert (first.outcome.supplier.supplier.id, first.outcome.supplier.matched_by) == ("9", ("identifier", "account"))
    assert unknown.outcome.supplier is None or unknown.outcome.supplier.supplier.id != "9"
    approve(connector, first)
    known = weavers(3)
    assert known.outcome.supplier is not None
    assert (known.outcome.supplier.supplier.id, known.outcome.supplier.matched_by) == ("9", ("name",))
    seller = known.fields["seller_name"]
    assert (seller.value, seller.text) == ("CW Holdings", "Copperfield Weavers")


@given(st.sampled_from(ORDERS), st.dates(date(2001, 1, 1), date(2068, 12, 31)), st.sampled_from("/.-"))
def test_a_date_tells_its_order_or_nothing(order: DateOrder, day: date, sign: str) -> None:
    parts = {"D": f"{day.day:02}", "M": f"{day.month:02}", "Y": f"{day.year % 100:02}"}
    sign = "-" if order == "YMD" else sign  # a year of two digits stands first only before hyphens
    numbers = DateNumbers(*(parts[each] for each in order), sign)
    assert order_told([numbers], day) in (order, None)
    belief = with_taught(dict.fromkeys(ORDERS, 1 / 3), [order])
    assert max(belief, key=lambda each: belief[each]) == order
    assert sum(belief.values()) == pytest.approx(1.0)
    assert with_taught(belief, []) == pytest.approx(dict(belief))


def known_by(**values: str) -> Known:
    return Known(lessons=(Lesson("a", {}, values),))


def test_an_address_is_read_as_it_was_approved_where_the_page_prints_all_of_it() -> None:
    whole = [(60, 60, "Fjällbygg AB"), (600, 60, "FAKTURA"), (60, 90, "Port 7, uppgång C"), (60, 115, "Storgatan 5"),
             (60, 140, "111 22 Stockholm"), (600, 150, "Fakturanr"), (800, 150, "10023"), (600, 175, "Fakturadatum"),
             (800, 175, "2025-02-03"), (600, 400, "Att betala"), (800, 400, "125,00 kr")]  # fmt: skip
    approved = "Port 7, uppgång C, Storgatan 5, 111 22 Stockholm"
    read = extract([page(whole)], known=known_by(seller_address=approved)).fields["seller_address"]
    assert (read.value, read.box.top, read.box.bottom) == (approved, 90, 160)
    assert Evidence.APPROVED in {witness.kind for witness in read.witnesses}
    moved = [each for each in whole if each[2] != "Port 7, uppgång C"]
    elsewhere = extract([page(moved)], known=known_by(seller_address=approved)).fields["seller_address"]
    assert elsewhere.value == extract([page(moved)]).fields["seller_address"].value


def test_a_code_is_learned_by_its_title_and_never_whether_money_comes_or_goes() -> None:
    for code, expected in (("389", "389"), ("381", "380")):
        known = Known(lessons=(Lesson("a", {}, {}, {"faktura": code}),))
        assert extract([SWEDISH], known=known).fields["invoice_type_code"].value == expected
    both = Known(lessons=(Lesson("a", {}, {}, {"faktura": "389"}), Lesson("b", {}, {}, {"faktura": "380"})))
    assert extract([SWEDISH], known=both).fields["invoice_type_code"].value == "380"


def _learn(url: str, folder: str, number: int) -> None:
    connector = InvoiceOCRConnector(text_layer_only(url))
    for place in range(3):
        approve(connector, read(connector, Path(folder), 10 * number + place))
    connector.database.dispose()


@pytest.mark.slow
def test_two_processes_that_learn_at_once_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    open_database(url).dispose()
    context = multiprocessing.get_context("spawn")
    learners = [context.Process(target=_learn, args=(url, str(tmp_path), number)) for number in (1, 2)]
    for learner in learners:
        learner.start()
    for learner in learners:
        learner.join(300)
    assert [learner.exitcode for learner in learners] == [0, 0]
    engine = open_database(url)
    assert len(taught(engine)["lessons"]) == 6  # type: ignore[arg-type]
    assert verify(engine).intact
