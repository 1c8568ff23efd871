"""Decoding in a child process: the same pages, and no file that takes more down than itself."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from document_files import FILES, encoded, pdf, picture, tiff
from PIL import Image

from ocr_ensemble.document import Limits, load_document
from ocr_ensemble.document.isolation import IsolatedDecoder, Isolation
from ocr_ensemble.document.sniff import MediaType
from ocr_ensemble.errors import (
    DamagedDocumentError,
    DecoderDiedError,
    DecodingTimeoutError,
    DocumentError,
    DocumentTooLargeError,
)

TASKS = "isolation_tasks:"


@pytest.fixture(scope="module")
def isolated() -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(Isolation())
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def tight() -> Iterator[IsolatedDecoder]:
    decoder = limited(seconds=2.0, cpu_seconds=1.0, memory_bytes=300_000_000)
    yield decoder
    decoder.close()


def limited(**limits: float) -> IsolatedDecoder:
    return IsolatedDecoder(Isolation(**limits))


@pytest.mark.parametrize("kind", FILES)
def test_the_child_gives_the_pages_that_this_process_gives(kind: str, isolated: IsolatedDecoder) -> None:
    source, _ = FILES[kind]
    here, there = load_document(source, kind), load_document(source, kind, decode=isolated.pages)
    assert [page.steps for page in there.pages] == [page.steps for page in here.pages]
    for mine, its in zip(here.pages, there.pages, strict=True):
        assert np.array_equal(mine.pixels, its.pixels)
        assert (mine.dpi, mine.quality) == (its.dpi, its.quality)
        assert (mine.text_layer and mine.text_layer.lines) == (its.text_layer and its.text_layer.lines)


def test_an_error_of_the_decoder_comes_through_in_its_own_words(isolated: IsolatedDecoder) -> None:
    source, _ = FILES["png"]
    for broken, limits in ((source[:-80], Limits()), (source, Limits(max_pixels=1000))):
        with pytest.raises(DocumentError) as here:
            load_document(broken, "a.png", limits)
        with pytest.raises(DocumentError) as there:
            load_document(broken, "a.png", limits, decode=isolated.pages)
        assert (type(there.value), str(there.value)) == (type(here.value), str(here.value))


def test_one_child_serves_many_documents_and_is_then_renewed() -> None:
    decoder = limited(documents=3)
    processes = [decoder.call(TASKS + "process", b"abc", "a")[0] for _ in range(4)]
    assert len(set(processes[:3])) == 1
    assert processes[3] not in (*processes[:3], os.getpid())
    decoder.close()


def test_a_child_that_was_begun_ahead_serves_the_next_document() -> None:
    decoder = limited()
    decoder.begin()
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    process = decoder.call(TASKS + "process", b"abc", "a")[0]
    assert str(process) in children
    assert decoder.call(TASKS + "process", b"abc", "a")[0] == process
    decoder.close()


@pytest.mark.parametrize(
    ("media_type", "needed"),
    [
        (MediaType.PDF, {"pypdfium2"}),
        (MediaType.JPEG, {"PIL"}),
        (MediaType.HEIC, {"PIL", "pillow_heif"}),
        (None, {"PIL", "pillow_heif", "pypdfium2"}),
    ],
)
def test_a_child_loads_what_decodes_the_first_document(media_type: MediaType | None, needed: set[str]) -> None:
    decoder = limited()
    decoder.begin(media_type)
    loaded = set(decoder.call(TASKS + "modules", b"", "a"))
    decoder.close()
    assert loaded & {"PIL", "pillow_heif", "pypdfium2"} == needed


def test_the_child_has_no_secrets(isolated: IsolatedDecoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOICE_CONNECTOR_AUDIT_KEY", "secret")
    fresh = limited()
    assert "INVOICE_CONNECTOR_AUDIT_KEY" not in fresh.call(TASKS + "environment", b"", "a")
    fresh.close()


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("sleep", DecodingTimeoutError),
        ("spin", DecodingTimeoutError),
        ("swallow", DocumentTooLargeError),
        ("follow_a_wild_pointer", DecoderDiedError),
        ("open_everything", DecoderDiedError),
        ("fill_the_disk", DecoderDiedError),
    ],
)
def test_what_a_file_makes_the_child_do_costs_this_file_only(
    task: str, error: type[DocumentError], tight: IsolatedDecoder
) -> None:
    with pytest.raises(error, match="a file"):
        tight.call(TASKS + task, b"", "a file")
    assert tight.call(TASKS + "process", b"abc", "the next")[1] == 3


def test_a_file_is_not_blamed_for_what_an_earlier_one_left_behind() -> None:
    decoder = limited()
    lengths = [decoder.call(TASKS + "die_unless_new", bytes(size), "a file") for size in (1, 2, 3)]
    assert lengths == [1, 2, 3]
    decoder.close()


def test_a_child_that_was_killed_while_idle_is_replaced(isolated: IsolatedDecoder) -> None:
    killed, _ = isolated.call(TASKS + "process", b"", "a")
    os.kill(killed, 9)
    assert load_document(FILES["pdf"][0], "a.pdf", decode=isolated.pages).pages
    assert isolated.call(TASKS + "process", b"", "a")[0] != killed


def endless_drawing(levels: int = 12, pages: int = 1) -> bytes:
    """A PDF of a few kilobytes whose pages draw 10 forms that draw 10 forms each, ``levels`` deep."""
    document = pikepdf.new()
    inner = document.make_stream(b"0 0 10 10 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    inner.BBox = [0, 0, 300, 300]
    for _ in range(levels):
        outer = document.make_stream(b"/X Do " * 10, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
        outer.BBox = [0, 0, 300, 300]
        outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        inner = outer
    for _ in range(pages):
        page = document.add_blank_page(page_size=(300, 300))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        page.Contents = document.make_stream(b"/X Do")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_page_that_draws_for_ever_is_stopped() -> None:
    decoder = limited(seconds=3.0, cpu_seconds=2.0)
    started = time.monotonic()
    with pytest.raises(DecodingTimeoutError, match=r"forms\.pdf takes more than 3 seconds"):
        load_document(endless_drawing(), "forms.pdf", decode=decoder.pages)
    assert time.monotonic() - started < 60  # against hours without the limit
    decoder.close()


def test_every_page_that_has_come_adds_to_the_time_of_a_long_document() -> None:
    source = endless_drawing(levels=5, pages=12)  # half a second of the processor each
    generous = limited(seconds=200.0, cpu_seconds=3.0, page_seconds=10.0)
    strict = limited(seconds=200.0, cpu_seconds=1.0, page_seconds=0.001)
    assert len(list(generous.pages(source, "long.pdf", MediaType.PDF, Limits()))) == 12
    with pytest.raises(DecodingTimeoutError, match=r"long\.pdf takes more than .* and 0\.001 more for each page"):
        list(strict.pages(source, "long.pdf", MediaType.PDF, Limits()))
    generous.close()
    strict.close()


def test_a_picture_within_the_pixel_limit_but_beyond_the_memory_is_refused() -> None:
    source = encoded(Image.new("I;16", (6000, 6000), 40_000), "PNG", compress_level=1)
    decoder = limited(memory_bytes=100_000_000)
    with pytest.raises((DocumentTooLargeError, DecoderDiedError)):
        load_document(source, "large.png", decode=decoder.pages)
    decoder.close()


def test_threads_get_a_child_each_and_their_own_pages(isolated: IsolatedDecoder) -> None:
    sources = [encoded(picture(300 + 10 * number), "PNG") for number in range(6)]
    widths: dict[int, int] = {}

    def read(number: int) -> None:
        widths[number] = load_document(sources[number], "p", decode=isolated.pages).pages[0].width

    threads = [threading.Thread(target=read, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widths == {number: 300 + 10 * number for number in range(6)}


def test_a_document_that_is_left_half_way_does_not_disturb_the_next(isolated: IsolatedDecoder) -> None:
    source = tiff(*[picture(200 + 10 * number, 120) for number in range(4)])
    pages = isolated.pages(source, "long.tif", MediaType.TIFF, Limits())
    assert next(pages).pixels.shape == (120, 200, 3)
    pages.close()  # type: ignore[attr-defined]
    assert [page.width for page in load_document(source, "long.tif", decode=isolated.pages).pages] == [
        200,
        210,
        220,
        230,
    ]


def test_a_process_that_was_forked_off_starts_its_own_child(isolated: IsolatedDecoder) -> None:
    mine, _ = isolated.call(TASKS + "process", b"", "a")
    reading, writing = os.pipe()
    forked = os.fork()
    if forked == 0:  # no assertion may leave this branch
        try:
            theirs = isolated.call(TASKS + "process", b"", "a")[0]
            os.write(writing, b"own" if theirs != mine else b"shared")
        finally:
            os._exit(0)
    os.waitpid(forked, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert answer.read() == b"own"
    assert isolated.call(TASKS + "process", b"", "a")[0] == mine


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; sys.path[:0] = [sys.argv[1]]\n"
        "from ocr_ensemble.document.isolation import Isolation, decoder\n"
        "print(decoder(Isolation()).call('isolation_tasks:process', b'', 'a')[0], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    child = int(subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and running(child):
        time.sleep(0.05)
    assert not running(child)


def running(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_memory_stays_bounded_over_many_documents(isolated: IsolatedDecoder) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    source, before = pdf(), 0
    for number in range(150):
        load_document(source, "a.pdf", decode=isolated.pages)
        if number == 49:
            before = resident()
    assert resident() - before < 20_000_000  # the pages of the hundred documents have 140 million bytes


@pytest.mark.parametrize("limit", ["seconds", "cpu_seconds", "memory_bytes", "documents"])
def test_limits_are_above_zero(limit: str) -> None:
    with pytest.raises(ValueError, match=limit):
        Isolation(**{limit: 0})


def test_an_embedded_invoice_is_parsed_in_the_child_too(isolated: IsolatedDecoder) -> None:
    from invoice_connector.einvoice.evidence import TASK

    assert isolated.call(TASK, pdf(), "a.pdf") is None
    with pytest.raises(DamagedDocumentError):
        isolated.call("isolation_tasks:no_such_task", b"", "a.pdf")
