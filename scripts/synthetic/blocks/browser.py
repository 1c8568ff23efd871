"""HTML to PDF in Chromium, and the places of the marks on its pages."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pikepdf
import pypdfium2
from playwright.sync_api import Page, sync_playwright

from scripts.synthetic.blocks.ink import ADDRESS

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Place:
    """Where a mark is, in points from the top left corner; page counted from 1, `mark` is its number, `text` what the
    PDF's text layer has there."""

    mark: int
    page: int
    box: Box
    text: str = ""


@dataclass(frozen=True)
class Printed:
    """A PDF without links, the places they had, the lines of its text layer and its pages' sizes in points."""

    pdf: bytes
    places: tuple[Place, ...]
    lines: tuple[tuple[int, Box, str], ...]
    sizes: tuple[tuple[float, float], ...]


@contextmanager
def browser_page() -> Iterator[Page]:
    """One page of one headless browser. Raises `FileNotFoundError` where no Chromium is installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise FileNotFoundError("no Chromium found; install it with: apt-get install chromium")
    with sync_playwright() as playwright:
        # Without a sandbox of its own: the pages are ours, and generators run as root in containers.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser.new_page()
        finally:
            browser.close()


def print_html(page: Page, html: str, roll: int | None = None) -> Printed:
    """The HTML as PDF, on its own pages or on a roll of paper `roll` millimetres wide; `page` serves many documents."""
    page.set_content(html, wait_until="load")
    if roll is None:
        raw = page.pdf(prefer_css_page_size=True, print_background=True, tagged=False, outline=False)
    else:
        height = page.evaluate("document.body.getBoundingClientRect().height") + 4
        raw = page.pdf(width=f"{roll}mm", height=f"{height}px", print_background=True, tagged=False, outline=False)
    places: list[Place] = []
    with pikepdf.open(io.BytesIO(raw)) as document:
        for number, sheet in enumerate(document.pages, start=1):
            height = float(sheet.MediaBox[3])
            places += _places(sheet, number, height)
            if "/Annots" in sheet:
                del sheet["/Annots"]
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    pdf = out.getvalue()
    lines, sizes = _text_lines(pdf)
    return Printed(pdf, tuple(_with_text(pdf, places)), lines, sizes)


def _places(sheet: pikepdf.Page, number: int, height: float) -> Iterator[Place]:
    for annotation in sheet.get("/Annots", []):
        address = str(annotation.A.URI) if "/A" in annotation else ""
        if address.startswith(ADDRESS):
            left, bottom, right, top = (float(value) for value in annotation.Rect)
            yield Place(int(address.removeprefix(ADDRESS)), number, (left, height - top, right, height - bottom))


def _with_text(pdf: bytes, places: list[Place]) -> Iterator[Place]:
    with pypdfium2.PdfDocument(pdf) as document:
        for number, sheet in enumerate(document, start=1):
            text, height = sheet.get_textpage(), sheet.get_height()
            for place in places:
                if place.page == number:
                    left, top, right, bottom = place.box
                    area = (left - 1, height - bottom - 1, right + 1, height - top + 1)
                    yield replace(place, text=text.get_text_bounded(*area))


def _text_lines(pdf: bytes) -> tuple[tuple[tuple[int, Box, str], ...], tuple[tuple[float, float], ...]]:
    lines: list[tuple[int, Box, str]] = []
    sizes: list[tuple[float, float]] = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, sheet in enumerate(document, start=1):
            sizes.append(sheet.get_size())
            text, height = sheet.get_textpage(), sheet.get_height()
            for at in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(at)
                found = " ".join(text.get_text_bounded(left, bottom, right, top).split())
                if found:
                    lines.append((number, (left, height - top, right, height - bottom), found))
    return tuple(lines), tuple(sizes)
