"""A person points at a word of the page: value and place are stored, and the supplier's next invoice is read so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from live_server import serving
from playwright.sync_api import Page, expect, sync_playwright
from reportlab.pdfgen.canvas import Canvas

from db.lessons import all_lessons
from db.queries import get_job
from db.records import InvalidRecordError, Place, StoredJob
from db.reviews import ReviewRequest
from db.transactions import reading
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.exports.current import corrected
from invoice_connector.review.corrections import CorrectionError
from invoice_connector.review.pointing import page_words, placed, printed_value
from invoice_connector.review.storing import store_review
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import build_app
from scripts.scale.servers import program

PATIENCE = 600_000.0


def invoice(path: Path, number: int, due: str) -> Path:
    """Both dates stand under names that are none in any language, one of them below the end of a guarantee."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica", 11)
    rows = {
        790: ((50, "Norrviks Snickeri & Bygg AB"), (400, "FAKTURA")),
        770: ((50, "Hantverkargatan 114"),),
        755: ((50, "112 38 Stockholm"),),
        720: ((350, "Fakturanummer"), (460, f"NB-{4700 + number}")),
        704: ((350, "Tryckt"), (460, "2026-10-14")),
        688: ((350, "Garanti till"), (460, "2027-10-14")),
        672: ((350, "Kvitteras"), (460, due)),
        500 - 16 * number: ((50, "Trappa av ek"), (400, f"{number} 000,00")),
        440: ((350, "Summa exkl. moms"), (480, f"{number} 000,00")),
        424: ((350, "Moms 25 %"), (480, f"{250 * number},00")),
        400: ((350, "Att betala SEK"), (480, f"{1250 * number:,},00".replace(",", " ", 1))),
        60: ((50, "Bankgiro 5050-1055"), (250, "Org.nr 559987-4566"), (400, "Momsreg.nr SE559987456601")),
    }
    for y, cells in rows.items():
        for x, text in cells:
            canvas.drawString(x, y, text)
    canvas.save()
    return path


def settings(folder: Path, *engines: str) -> ConnectorSettings:
    return ConnectorSettings(
        database_url=f"sqlite:///{folder / 'audit.db'}", engines=engines, verifier="off", reader_isolated=False
    )


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> InvoiceOCRConnector:
    return InvoiceOCRConnector(settings(tmp_path_factory.mktemp("pointing"), "pdf_text"))


@pytest.fixture(scope="module")
def job(connector: InvoiceOCRConnector, tmp_path_factory: pytest.TempPathFactory) -> StoredJob:
    path = invoice(tmp_path_factory.mktemp("files") / "1.pdf", 1, "2026-11-13")
    return get_job(connector.database, connector.process_invoice_with_ocr(path).outcome.request.job_id)


def box_of(job: StoredJob, *texts: str) -> tuple[int, tuple[float, ...]]:
    """The page and the box round the words of these texts."""
    boxes = [word["box"] for word in page_words(job) if word["text"] in texts]
    low, high = zip(*((box[:2], box[2:]) for box in boxes), strict=True)
    return 1, (*map(min, zip(*low, strict=True)), *map(max, zip(*high, strict=True)))


@pytest.mark.parametrize(
    ("name", "texts", "value"),
    [
        ("due_date", ("2026-11-13",), "2026-11-13"),
        ("total_with_vat", ("1", "250,00"), "1250.00"),
        ("currency_code", ("SEK",), "SEK"),
        ("seller_vat_identifier", ("SE559987456601",), "SE559987456601"),
        ("buyer_reference", ("Trappa", "av", "ek"), "Trappa av ek"),
    ],
)
def test_words_say_a_value_as_the_contract_writes_it(
    job: StoredJob, name: str, texts: tuple[str, ...], value: str
) -> None:
    boxes = [word["box"] for word in page_words(job) if word["text"] == texts[-1]]
    left, top, right, bottom = boxes[-1]
    first = next(word["box"][0] for word in page_words(job) if word["text"] == texts[0] and word["box"][3] > top)
    place = placed(job, 1, (min(left, first), top, right, bottom))
    found = printed_value(job, name, place)
    assert (found.value, found.place.text) == (value, " ".join(texts))


def test_a_place_without_the_value_is_refused_with_what_stands_there(job: StoredJob) -> None:
    for name, texts, said in (
        ("due_date", ("Kvitteras",), "says no date"),
        ("due_date", ("2026-10-14", "2027-10-14"), "2 values of that kind"),
        ("currency_code", ("Trappa",), "says no currency"),
    ):
        with pytest.raises(CorrectionError, match=said):
            printed_value(job, name, placed(job, *box_of(job, *texts)))
    with pytest.raises(CorrectionError, match="no engine read a word there"):
        printed_value(job, "due_date", placed(job, 1, (1, 1, 3, 3)))
    for page, box in ((2, (1, 1, 3, 3)), (1, (1, 1, 1e5, 3)), (1, (5, 5, 3, 3)), (1, (1, 2, 3, float("nan")))):
        with pytest.raises(CorrectionError):
            placed(job, page, box)
    with pytest.raises(InvalidRecordError, match="four edges"):
        Place(1, (1, 2, 3))  # type: ignore[arg-type]


def test_a_review_keeps_the_place_teaches_it_and_verifies(
    connector: InvoiceOCRConnector, job: StoredJob, tmp_path: Path
) -> None:
    """Two dates are alike on this page, so that only the place tells which of them is meant."""
    client = TestClient(build_app(connector), base_url="http://localhost")
    job_id = job.record.id
    page, box = box_of(job, "2026-11-13")
    words = client.get(f"/invoices/{job_id}/words").json()
    assert [(word["page"], len(word["box"])) for word in words if word["text"] == "Kvitteras"] == [(1, 4)]
    asked = client.get(f"/invoices/{job_id}/fields/due_date/printed", params={"page": page, "box": list(box)})
    assert asked.json() == {"value": "2026-11-13", "text": "2026-11-13"}
    wrong = client.get(f"/invoices/{job_id}/fields/tea/printed", params={"page": page, "box": list(box)})
    assert (wrong.status_code, "is no field" in wrong.text) == (422, True)
    for places in ({"due_date": {"page": 7, "box": [1, 1, 2, 2]}}, {"due_date": {"page": 1, "box": [1, 1, 2]}}):
        assert client.post(f"/invoices/{job_id}/review", json={"places": places}).status_code == 422
    gone = {"values": {"due_date": None}, "places": {"due_date": {"page": 1, "box": list(box)}}}
    assert client.post(f"/invoices/{job_id}/review", json=gone).status_code == 422

    # The form of the page sends a place with a value that is as it was read.
    form = {"value-due_date": "2026-11-13", "place-due_date": " ".join(map(str, (page, *box))), "status": "approved"}
    answer = client.post(f"/jobs/{job_id}/review", data=form, follow_redirects=False)
    assert answer.status_code == 303
    stored = get_job(connector.database, job_id)
    assert stored.places["due_date"] == Place(page, box, "2026-11-13")  # type: ignore[arg-type]
    assert corrected(stored).fields["due_date"]["box"] == list(box)
    assert client.get(f"/invoices/{job_id}").json()["corrections"]["due_date"]["box"] == list(box)
    assert f'id="box-due_date" x="{box[0] - 5:.0f}"' in client.get(f"/jobs/{job_id}").text.replace(".0", "")
    with reading(connector.database) as connection:
        (lesson,) = all_lessons(connection)
    assert [print_["left"] for print_ in lesson.data["prints"]["due_date"]] == ["kvitteras"]
    assert verify(connector.database).intact

    # A later word without a place takes the place back.
    store_review(connector.database, ReviewRequest(job_id, {"due_date": "2026-11-14"}))
    assert get_job(connector.database, job_id).places == {}


def test_a_place_alone_is_enough_for_programs(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    path = invoice(tmp_path / "2.pdf", 2, "13 november 2026")
    done = connector.process_invoice_with_ocr(path)
    stored = get_job(connector.database, done.outcome.request.job_id)
    page, box = box_of(stored, "13", "november", "2026")
    place = Place(page, box)  # type: ignore[arg-type]
    store_review(connector.database, ReviewRequest(stored.record.id, {}, places={"due_date": place}))
    after = get_job(connector.database, stored.record.id)
    assert after.corrections == {"due_date": "2026-11-13"}
    assert after.places["due_date"].text == "13 november 2026"


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program("chromium", "chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        assert wrong == []
        browser.close()


def sent(page: Page, base: str, path: Path) -> None:
    """Uploads a file and opens its page."""
    page.goto(base)
    page.set_input_files("#drop input[type=file]", [path])
    page.locator(".sent li a").click()
    expect(page.locator("h1")).to_have_text(path.name)


@pytest.mark.slow
def test_pointing_at_the_due_date_books_the_next_invoice(page: Page, tmp_path: Path) -> None:
    with serving(settings(tmp_path, "pdf_text", "tesseract")) as base:
        sent(page, base, invoice(tmp_path / "first.pdf", 1, "2026-11-13"))
        expect(page.locator("h1 + p .badge")).to_have_text("Review")
        due, word = page.locator("input[name=value-due_date]"), page.locator(".sheet .word")
        expect(due).to_have_value("2027-10-14")  # the last date of the page, and the wrong one

        # A word that says no date is refused in words, and Escape ends it.
        button = page.locator("[data-point=due_date]")
        button.click()
        page.locator(".word[aria-label=Kvitteras]").click(force=True)
        expect(page.locator("#pointing")).to_contain_text("says no date")
        page.keyboard.press("Escape")
        expect(page.locator("#pointing")).to_be_hidden()

        # The mouse: a click takes the word; undone, the keyboard takes it, from the word that stands over it.
        button.click()
        page.locator(".word[aria-label='2026-11-13']").click(force=True)
        expect(due).to_have_value("2026-11-13")
        page.get_by_role("button", name="Undo").click()
        expect(due).to_have_value("2027-10-14")
        button.press("Enter")
        expect(page.locator(".word.picked")).to_have_attribute("aria-label", "2027-10-14")
        page.keyboard.press("ArrowDown")
        expect(page.locator(".word.picked")).to_have_attribute("aria-label", "2026-11-13")
        page.keyboard.press("Enter")
        expect(due).to_have_value("2026-11-13")

        # A drag over two words takes both of them.
        page.locator("[data-point=total_with_vat], [data-point=amount_due]").first.click()
        one, other = (word.and_(page.locator(f"[aria-label='{text}']")).last.bounding_box() for text in ("1", "250,00"))
        assert one and other
        page.mouse.move(one["x"] + 1, one["y"] + one["height"] / 2)
        page.mouse.down()
        page.mouse.move(other["x"] + other["width"] - 1, other["y"] + other["height"] / 2)
        page.mouse.up()
        expect(page.locator(".pointed").filter(has_text="1 250,00")).to_be_visible()
        page.screenshot(path=tmp_path / "pointed.png", full_page=True)

        page.get_by_role("button", name="Approve").click()
        page.wait_for_url(re.compile("#review$"))
        expect(page.locator("input[name=value-due_date]")).to_have_value("2026-11-13")
        expect(page.locator("#box-due_date")).to_be_attached()

        sent(page, base, invoice(tmp_path / "second.pdf", 2, "2026-12-11"))
        expect(page.locator("h1 + p .badge")).to_have_text("Completed")
        expect(page.locator("input[name=value-due_date]")).to_have_value("2026-12-11")
        why = page.locator("main li").filter(has_text="due date")
        expect(why).to_contain_text("printed as on 1 approved invoice of the supplier")
        page.screenshot(path=tmp_path / "booked.png", full_page=True)
