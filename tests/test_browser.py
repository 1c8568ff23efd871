"""The pages in a real browser: upload, watch, look, correct, find; and nothing that an invoice says is carried out."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from audit_samples import sample_job
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from db.audit import append_job
from db.records import EngineRunRecord
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import build_app
from scripts.scale.servers import program

pytestmark = pytest.mark.slow
PATIENCE = 180_000.0
NAUGHTY = (
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    '"><svg onload=window.hit=1>',
    "</title></textarea></style><script>window.hit = 1</script>",
    "javascript:window.hit=1",
    "' autofocus onfocus=window.hit=1 x='",
    "{{ 7*7 }} ${7*7} <%= 7*7 %>",
    "\u202e\u2066 right to left \u0000".replace("\u0000", ""),
)
LINES = (
    "Norrviks Snickeri AB", "FAKTURA", "Fakturanummer 4711", "Fakturadatum 2026-11-18", "Forfallodatum 2026-12-18",
    "Snickeriarbete 10 tim 500,00 5 000,00", "Netto 5 000,00", "Moms 25 % 1 250,00", "Att betala SEK 6 250,00",
    "Bankgiro 5050-1055",
)  # fmt: skip


def drawn(path: Path) -> Path:
    """An invoice as a picture."""
    image = Image.new("RGB", (1240, 1000), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(LINES):
        draw.text((90, 80 + 80 * number), line, fill="black", font=ImageFont.load_default(size=34))
    image.save(path)
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("browser")
    url = f"sqlite:///{folder / 'audit.db'}"
    connector = InvoiceOCRConnector(ConnectorSettings(database_url=url, engines=("tesseract",), verifier="off"))
    text = " ".join(NAUGHTY)
    lines = [
        {"page": 1, "box": [90, 80 + 60 * n, 800, 120 + 60 * n], "text": bad, "confidence": 0.5,
         "readings": {bad: bad + "x", "tesseract": bad}, "votes": [{"position": 1, "options": [[bad, 1.0, [bad]]]}]}
        for n, bad in enumerate(NAUGHTY)
    ]  # fmt: skip
    fields = {bad: {"value": bad, "text": bad, "confidence": 0.5, "page": 1, "box": [1, 2, 30, 40]} for bad in NAUGHTY}
    evil = sample_job(
        1, source_name=text, customer_id=text, text=text, lines=lines, fields=fields, verifier_feedback=text,
        violations=[{"rule": text, "message": text}], invoice_lines=[{"description": text}], status="needs_review",
        fallback_trace=[{"page": 1, "engine": text, "ran": True, "reason": text, "line": 3}], primary_engine=text,
        verdicts=[{"subject": text, "options": [[text, 0.1], [text + "x", 0.9]], "none": 0.0}], engines_used=[text],
        runs=[EngineRunRecord(1, text, text, "failed", 1.0, error=text)],
    )  # fmt: skip
    append_job(connector.database, evil)
    append_job(connector.database, sample_job(2, sha256="ab" * 32))
    fields = {**sample_job().fields, "issue_date": {**sample_job().fields["issue_date"], "value": "2026-11-13"}}
    append_job(connector.database, sample_job(3, sha256="ab" * 32, fields=fields))
    server = uvicorn.Server(uvicorn.Config(build_app(connector), port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Without a sandbox of its own: tests often run as root in a container, which has one around all of it.
        browser = playwright.chromium.launch(
            executable_path=program("chromium", "chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, base: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=base, locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which nothing may go wrong: no error, nothing refused by the content security policy, no dialog."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield page
    assert wrong == []


def test_upload_watch_look_correct_find(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    name = "<img src=x onerror=window.hit=1>.png"
    page.set_input_files("#drop input[type=file]", [drawn(tmp_path / name)])
    done = page.locator(".sent li a")
    expect(done).to_have_text(name)
    page.screenshot(path=tmp_path / "uploaded.png")
    done.click()
    expect(page.locator("h1")).to_have_text(name)

    panel = page.locator("#reading")
    expect(panel).to_be_hidden()
    page.locator("a[data-line][aria-label*='Bankgiro']").hover()
    expect(panel).to_contain_text("tesseract")
    expect(panel).to_contain_text("5050-1055")
    page.locator("a[data-line][aria-label*='Fakturadatum']").focus()  # the keyboard's way
    expect(panel).to_contain_text("2026-11-18")
    picture = page.locator(".sheet image").evaluate("async (image) => (await fetch(image.href.baseVal)).status")
    assert picture == 200
    page.screenshot(path=tmp_path / "job.png", full_page=True)

    page.locator("input[name=value-invoice_number]").fill("ZEBRA-4711")
    page.locator("select[name=new_name]").select_option("buyer_reference")
    page.locator("input[name=new_value]").fill("Anna Zebra")
    page.locator("input[name=reviewer]").fill("Bo")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(re.compile("#review$"))
    expect(page.locator(".reviewed")).to_contain_text("Approved Bo")
    expect(page.locator("input[name=value-invoice_number]")).to_have_value("ZEBRA-4711")
    expect(page.locator("#field-invoice_number")).to_contain_text("4711")
    expect(page.locator("input[name=value-buyer_reference]")).to_have_value("Anna Zebra")

    page.locator("h1").click()
    page.keyboard.press("/")  # the keyboard's way to the search
    expect(page.locator("header input[name=q]")).to_be_focused()
    page.keyboard.type("zebra 4711")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li a")).to_have_text(name)
    page.screenshot(path=tmp_path / "found.png")
    assert page.evaluate("window.hit") is None


def test_what_an_invoice_says_is_never_carried_out(page: Page) -> None:
    page.goto("/jobs?status=needs_review")
    page.locator(".rows .name a").last.click()  # the oldest
    for line in page.locator("a[data-line]").all():
        line.focus()
    expect(page.locator("#reading")).to_contain_text("right to left")
    pages = [page.url, "/", "/review", "/engines", "/verifier", "/jobs?q=window", "/jobs?q=%3Cscript%3Ewindow.hit=1"]
    for path in pages:
        page.goto(path)
        assert page.evaluate("window.hit") is None, path
        assert page.locator("script").count() == 1, path
        assert page.locator("main img[src=x], main [onload], main [onerror], main [onfocus]").count() == 0, path


def test_values_that_break_a_rule_are_approved_knowingly_only(page: Page, base: str) -> None:
    page.goto("/jobs?customer_id=customer-123")
    page.locator(".rows .name a").last.click()
    job = page.url
    page.locator("input[name=value-total_with_vat]").fill("13262.50")
    refused = page.context.request.post(
        f"{job}/review", form={"value-total_with_vat": "13262.50", "status": "approved"}
    )
    assert refused.status == 422
    assert "say why in the note" in refused.text()
    page.get_by_label("do not hold").check()
    page.locator("input[name=note]").fill("the seller printed it so")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(re.compile("#review$"))
    expect(page.locator(".reviewed q")).to_contain_text("the seller printed it so")
    expect(page.locator(".reviewed q")).to_contain_text("BR-CO-15")


def test_a_phone_shows_every_page_without_scrolling_sideways(browser: Browser, base: str, tmp_path: Path) -> None:
    context = browser.new_context(
        base_url=base, viewport={"width": 390, "height": 844}, color_scheme="dark", locale="sv-SE", has_touch=True
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/jobs?customer_id=customer-123")
    job = page.locator(".rows .name a").last.get_attribute("href")
    for name, path in (("overview", "/"), ("job", str(job)), ("queue", "/review"), ("engines", "/engines"),
                       ("verifier", "/verifier"), ("hits", "/jobs?q=bankgiro"), ("docs", "/docs")):  # fmt: skip
        page.goto(path)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    context.close()


def test_charts_are_drawn_for_the_page_that_shows_them(browser: Browser, base: str) -> None:
    seen = "async (image) => { await image.decode(); return [image.currentSrc, image.naturalWidth]; }"
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
        size = {"width": width, "height": 900}
        context = browser.new_context(
            base_url=base, viewport=size, color_scheme="dark" if scheme == "dark" else "light"
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/")
        for chart in page.locator("picture.chart img").all():
            chart.scroll_into_view_if_needed()
            source, drawn = chart.evaluate(seen)
            assert ("dark=1" in source, "narrow=1" in source) == (scheme == "dark", width == 390)
            assert drawn > 300
        assert page.locator("picture.chart img").count() == 2
        context.close()


def test_two_runs_of_one_file_lead_to_their_comparison(page: Page, base: str) -> None:
    page.goto("/jobs?customer_id=customer-123")
    page.locator(".rows .name a").last.click()
    page.get_by_role("link", name="compare").click()
    expect(page.locator("h1")).to_have_text("Two runs compared")
    expect(page.locator("mark").first).to_be_visible()


def test_an_upload_needs_no_javascript(browser: Browser, base: str, tmp_path: Path) -> None:
    context = browser.new_context(base_url=base, java_script_enabled=False, locale="sv-SE")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    page.set_input_files("#drop input[type=file]", [drawn(tmp_path / "faktura.png")])
    page.get_by_role("button", name="Läs", exact=True).click()
    page.wait_for_selector("#review")
    expect(page.locator("h1")).to_have_text("faktura.png")
    context.close()
