"""A division that waits for review, in a real browser: pages moved by mouse, keyboard, buttons, and by text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from live_server import serving
from playwright.sync_api import Browser, Page, expect
from test_browser import PATIENCE, browser
from test_division import pile, sent, settings_of

pytestmark = pytest.mark.slow
__all__ = ["browser", "pile"]  # fixtures


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    with serving(settings_of(tmp_path)) as address:
        yield address


@pytest.fixture
def job(base: str, pile: bytes) -> str:
    """The first document of a file of five pages: [1], [2, 3], [5], and 4 left out."""
    with httpx.Client(base_url=base, timeout=120) as client:
        return str(sent(client, pile)[0]["job_id"])


@pytest.fixture
def page(browser: Browser, base: str, job: str) -> Iterator[Page]:
    """The job's page, on which nothing may go wrong."""
    context = browser.new_context(base_url=base, locale="en-GB", viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(f"/jobs/{job}")
    expect(page.locator(".thumb .moves").first).to_be_visible()
    yield page
    context.close()
    assert wrong == []


def laid(page: Page) -> list[list[str]]:
    """The pages of each document as they lie, what is left out at the end."""
    stacks: list[list[str]] = page.evaluate(
        """[...document.querySelectorAll('.stack')].map((stack) =>
             [...stack.querySelectorAll('.thumb')].map((thumb) => thumb.dataset.page))"""
    )
    return stacks


def said(page: Page) -> str:
    return page.locator("[name=documents]").input_value()


def test_pages_are_dragged_to_other_documents_and_saved(page: Page, job: str, tmp_path: Path) -> None:
    assert laid(page) == [["1"], ["2", "3"], ["5"], ["4"]]
    page.locator(".division").screenshot(path=tmp_path / "division.png")
    second, third, fourth, fifth = (page.locator(f".thumb[data-page='{number}']") for number in (2, 3, 4, 5))
    third.drag_to(fifth, target_position={"x": 100, "y": 60})
    assert laid(page) == [["1"], ["2"], ["5", "3"], ["4"]]
    fourth.drag_to(second, target_position={"x": 5, "y": 60})
    assert laid(page) == [["1"], ["4", "2"], ["5", "3"], []]
    assert said(page) == "1; 4 2; 5 3"
    expect(page.locator(".stack.out")).to_be_hidden()
    page.get_by_label("Your name").first.fill("Bo")
    page.get_by_role("button", name="Divide anew").click()
    page.wait_for_url(re.compile(f"/jobs/(?!{job})"))
    for _ in range(600):  # pictures and file follow the job
        if page.locator("#division form").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(page.locator("h1")).to_have_text(re.compile(r"\(page 1\)"))
    assert laid(page) == [["1"], ["4", "2"], ["5", "3"], []]


def test_the_keyboard_moves_pages_and_hears_where_they_are(page: Page) -> None:
    handle = page.locator(".thumb[data-page='3'] a")
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert laid(page) == [["1"], ["2"], ["3", "5"], ["4"]]
    expect(page.get_by_role("status")).to_have_text("Page 3: Document 3, 1 / 2")
    expect(handle).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    assert laid(page) == [["1"], ["2"], ["5"], ["3"], ["4"]]
    page.keyboard.press("n")  # and together again
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert laid(page) == [["1"], ["2", "3"], ["5"], ["4"]]
    page.keyboard.press("Delete")
    assert laid(page) == [["1"], ["2"], ["5"], ["4", "3"]]
    assert said(page) == "1; 2; 5"
    page.keyboard.press("Delete")
    assert laid(page) == [["1"], ["2", "3"], ["5"], ["4"]]
    expect(handle).to_be_focused()


def test_a_page_is_taken_back_to_where_it_lay(page: Page) -> None:
    before = laid(page)

    def press(key: str, *pages: int) -> None:
        for number in pages:
            page.locator(f".thumb[data-page='{number}'] a").press(key)

    press("Delete", 2, 3, 1)  # both documents go
    assert laid(page) == [["5"], ["4", "2", "3", "1"]]
    press("Delete", 3, 1, 2)
    assert laid(page) == before
    press("n", 3)
    press("Delete", 3)
    press("ArrowLeft", 2)  # its neighbours change meanwhile
    press("Delete", 3)
    assert laid(page) == [["1", "2"], ["3"], ["5"], ["4"]]
    page.locator(".thumb[data-page='1']").hover()
    page.mouse.down()
    page.locator(".thumb[data-page='5']").hover()  # a place for a new document appears and moves what follows
    page.locator(".thumb[data-page='4']").hover()
    page.mouse.up()
    assert "1" in laid(page)[-1]
    press("Delete", 1)
    assert laid(page) == [["1", "2"], ["3"], ["5"], ["4"]]


def test_buttons_do_the_same_and_have_names(page: Page) -> None:
    thumb = page.locator(".thumb[data-page='2']")
    for button in thumb.get_by_role("button").all():
        assert re.search(r"\w.*: Page 2$", button.get_attribute("aria-label") or "")
        box = button.bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= 24  # WCAG 2.5.8
    thumb.get_by_role("button", name="Move earlier").click()
    assert laid(page) == [["1", "2"], ["3"], ["5"], ["4"]]
    thumb.get_by_role("button", name="Leave out").click()
    assert laid(page) == [["1"], ["3"], ["5"], ["4", "2"]]
    page.locator("[name=documents]").fill("5 4; 1 2 3")
    page.locator("[name=documents]").press("Tab")
    assert laid(page) == [["5", "4"], ["1", "2", "3"], []]


def test_a_division_needs_no_javascript(browser: Browser, base: str, job: str) -> None:
    context = browser.new_context(base_url=base, java_script_enabled=False, locale="sv-SE")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"/jobs/{job}")
    expect(page.locator(".thumb img")).to_have_count(4)
    page.get_by_label("Sidor i varje dokument").fill("1 2 3; 4 5")
    page.get_by_role("button", name="Dela om").click()
    page.wait_for_url(re.compile(f"/jobs/(?!{job})"))
    page.goto(f"/jobs/{job}")
    expect(page.locator("#division")).to_contain_text("En människa har delat filen på ett annat sätt")
    expect(page.locator(".reviewed")).to_contain_text("Avvisad")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_pages_without_scrolling_sideways(
    scheme: str, browser: Browser, base: str, job: str, tmp_path: Path
) -> None:
    context = browser.new_context(
        base_url=base, viewport={"width": 390, "height": 844}, color_scheme="dark" if scheme == "dark" else "light",
        has_touch=True,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"/jobs/{job}")
    page.locator(".thumb[data-page='5']").get_by_role("button", name="Move earlier").tap()
    assert laid(page) == [["1"], ["2", "3", "5"], ["4"]]
    page.locator(".division").screenshot(path=tmp_path / "division.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
