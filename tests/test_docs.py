"""The documents: every command runs, every link leads somewhere, what is listed is what the code has."""

from __future__ import annotations

import contextlib
import html
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote_plus

import pytest
from document_commands import PAGES, ROOT, SHELL, blocks, run, script
from installed_plugins import install_example
from playwright.sync_api import Page, expect, sync_playwright

from invoice_connector.cli import build_parser
from scripts.make_reference import MADE, up_to_date
from scripts.scale.servers import program

RUN = [page for page in PAGES if script(page, {})]
PROGRAMS = ("invoice-connector ", "scripts/", "python ", "pip ", "mkdocs ", "docker ", "kubectl ", "curl ", "sqlite3 ")
MARKS = re.compile(r"(not run: .{20,}|runs until stopped|)")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_stands_in_a_block_that_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page):
        if block.language in SHELL:
            assert MARKS.fullmatch(block.mark), f"{block.mark!r} is no mark; see tests/document_commands.py"
            assert block.commands.strip(), f"nothing is typed in {block.text!r}"
        else:
            lines = (line.strip().removeprefix("$ ") for line in block.text.splitlines())
            usage = block.language == "text" and "[OPTIONS]" in block.text  # made from the code
            assert usage or not [line for line in lines if line.startswith(PROGRAMS)], block.text


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_within_sentences_are_ones_that_the_program_knows(page: Path) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    for command in re.findall(r"`invoice-connector ([^`|]+)`", text):
        if "..." in command or command.startswith("["):
            continue
        told = io.StringIO()
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
            try:
                build_parser().parse_args(shlex.split(command))
            except SystemExit as ended:
                # A sentence may name a command without what it takes.
                assert not ended.code or "required" in told.getvalue(), f"{command}: {told.getvalue()}"


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=str)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    added = [install_example(tmp_path / "packages")] if page.name == "plugins.md" else []
    (tmp_path / "work").mkdir()
    done = run(page, tmp_path / "work", *added)
    assert done.returncode == 0, f"{done.args}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert "Traceback" not in done.stderr, done.stderr
    if "export INVOICE_CONNECTOR_DATABASE_URL=" in done.args:  # what is tried in a log of its own stays there
        assert not list((tmp_path / "work" / "home").rglob("audit.db"))


@pytest.mark.parametrize("name", MADE)
def test_what_pages_list_is_what_the_code_has(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == up_to_date(name), (
        "run `python scripts/make_reference.py --write`"
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents as a site. Built strictly: a link, an anchor or a page that leads nowhere ends the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", ".mkdocs.yml"]
    done = subprocess.run([*command, "--site-dir", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_is_built_strictly_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len([page for page in PAGES if page.parts[0] == "docs"])
    for page in pages:
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"?([^\s\">]+)", text)
        assert not [found for found in loaded if re.match("(https?:)?//", found)], page


def test_links_of_the_pages_outside_the_site_lead_somewhere() -> None:
    for page in (path for path in PAGES if path.parts[0] != "docs"):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / page).read_text("utf-8")):
            assert link.startswith("http") or (ROOT / link).exists(), f"{page}: {link}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def search(site: Path) -> Iterator[Page]:
    """The site's first page, in a browser that reaches this machine only."""
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server,
        sync_playwright() as play,
    ):
        Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(
            executable_path=program("chromium", "chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        yield page
        browser.close()
        server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "target", "says"),
    [
        ("add a language", "locales.html", "LOCALES_PATH"),
        ("add an engine", "plugins.html#add-an-engine", "read_page"),
        ("add a sink", "plugins.html#add-a-sink", "PluginSink"),
        ("restore backup", "operating.html#restore-a-backup", "audit verify"),
        ("what confidence means", "fields.html#what-confidence-means", "97 in 100"),
    ],
)
def test_the_search_leads_to_the_answer(search: Page, site: Path, query: str, target: str, says: str) -> None:
    """Of the first three results one is the section that answers, and the answer stands there."""
    search.goto(f"{search.url.partition('?')[0]}?q={quote_plus(query)}")
    results = search.locator(".md-search-result__link")
    expect(results.first).to_be_visible(timeout=60_000)
    found = [re.sub(r"\?[^#]*", "", link.get_attribute("href") or "") for link in results.all()[:3]]
    assert any(link.endswith(target) for link in found), found
    text = html.unescape(re.sub("<[^>]+>", "", (site / target.partition("#")[0]).read_text("utf-8")))
    assert says in text
