"""Files that were made to hurt go the whole way: nothing dies, everything is stored, every failure has a type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocr_ensemble.document import Limits, load_document
from ocr_ensemble.errors import DocumentError
from scripts.attack import TREE_BYTES, Plan, attack, foreign_files
from scripts.generate_hostile import main as generate
from scripts.hostile.files import ROUND, hostile_file, hostile_files
from scripts.hostile.healthy import INVOICE_XML, KINDS, healthy
from scripts.hostile.mutations import MUTATIONS
from scripts.hostile.report import recorded
from scripts.hostile.targets import TARGETS, amounts, dates, document, invoice_pdf, invoice_xml
from scripts.hostile.victims import Server, log_of
from scripts.hostile.watch import Watch, tree_bytes

ROOT = Path(__file__).parent.parent


def attacked(*arguments: str) -> dict[str, int]:
    """What the command says at its end, run by itself: it counts the memory of its own processes."""
    done = subprocess.run(
        [sys.executable, "scripts/attack.py", *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False
    )
    told: dict[str, int] = json.loads(done.stderr.splitlines()[-1])
    return told


def test_the_reader_holds_against_one_file_of_each_attack(tmp_path: Path) -> None:
    held = tree_bytes(os.getpid())  # by the tests before this one
    report = attack(hostile_files(ROUND), tmp_path, Plan(seconds=1.0, tree_bytes=TREE_BYTES + held))
    assert report.faults == []
    assert report.results.total() == report.files == ROUND
    assert {"DamagedDocumentError", "DocumentTooLargeError", "DecodingTimeoutError"} <= set(report.results)


def test_a_folder_of_foreign_files_is_read_too(tmp_path: Path) -> None:
    out, log = tmp_path / "foreign" / "below", tmp_path / "log"
    log.mkdir()
    assert generate([str(out), "--count", "6", "--seed", "3"]) == 0
    files = list(foreign_files(tmp_path / "foreign"))
    assert len(files) == 7  # and the index, which is no document either
    held = tree_bytes(os.getpid())  # by the tests before this one
    report = attack(files, log, Plan(seconds=2.0, tree_bytes=TREE_BYTES + held))
    assert (report.faults, report.files) == ([], 7)


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    record = tmp_path / "record"
    assert attacked("--count", "2", "--seed", "3", "--record", str(record)) == {"files": 2, "faults": 0}
    part = tmp_path / "record.0"
    stopped = part.read_text("utf-8")
    part.write_text(stopped + stopped[: len(stopped) // 3], "utf-8")  # a line that was being written
    assert [tried.number for tried in recorded(part)] == [0, 1]
    assert attacked("--count", "4", "--seed", "3", "--record", str(record)) == {"files": 4, "faults": 0}
    assert [tried.number for tried in recorded(part)] == [0, 1, 2, 3]


def test_a_server_holds_while_its_reader_is_killed(tmp_path: Path) -> None:
    files = [hostile_file(number) for number in (0, 30, 31, 33, 37)]  # a liar, a strip, numbers, a dense page, a bitmap
    settings = log_of(tmp_path, seconds=5.0, memory_bytes=1_000_000_000)
    server = Server(settings, ("pdf_text",), kill_share=0.5)
    verdicts = [server.read(file, complete=False) for file in files]
    server.close()
    assert len(verdicts) == len(files)
    assert {verdict.result for verdict in verdicts} & {"NoEngineError", "needs_review"}


def test_a_watch_sees_what_a_child_holds() -> None:
    with Watch(os.getpid()) as watch:
        watch.reset()
        before = watch.peak
        holder = [sys.executable, "-c", "held = b'x' * 300_000_000; print(len(held), flush=True); input()"]
        with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            watch.reset()
            held = watch.peak
    assert held - before > 290_000_000


def test_a_seed_always_makes_the_same_files() -> None:
    files = list(hostile_files(14, seed=7))
    for file in files:
        again = hostile_file(file.number, seed=7)
        assert again.name == file.name
        assert again.content == file.content or file.attack == "encrypted"
    assert files[0].content != hostile_file(0, seed=8).content or files[1].content != hostile_file(1, seed=8).content


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_attacks_start_from_is_healthy(kind: str) -> None:
    assert load_document(healthy(kind), kind).pages


def test_a_fault_of_the_reader_is_reported(tmp_path: Path) -> None:
    class Poisoned(bytes):
        """Bytes that break the reader itself: what no file can do."""

        def __len__(self) -> int:
            raise RuntimeError("a fault of the reader")

    file = hostile_file(0)
    object.__setattr__(file, "content", Poisoned(b"x"))
    report = attack([file], tmp_path)
    assert len(report.faults) == 1
    assert "RuntimeError" in report.faults[0]


@example("Att betala " + "9" * 30)
@example("1" + " 000" * 20 + ",00")
@given(st.integers(0, 10**60).map("{:,}".format) | st.decimals(0, 10**40, places=2).map(str))
def test_no_amount_on_a_page_is_too_long_to_reckon_with(text: str) -> None:
    amounts(text.encode())


amount_like = st.text(alphabet="0123456789.,-−+ '’  %€krSEKeE()/:", max_size=40)
date_like = st.text(alphabet="0123456789./-, janfebmårzoktdéc", max_size=30)


@given(amount_like | st.text(max_size=60))
def test_amounts_in_any_text_are_finite_and_in_place(text: str) -> None:
    amounts(text.encode(errors="replace"))


@given(date_like | st.text(max_size=60))
def test_days_in_any_text_are_of_the_calendar(text: str) -> None:
    dates(text.encode(errors="replace"))


xml_names = st.sampled_from(["125.00", "2026-03-17", "4711", "SEK", "380", "cbc:ID", "<cac:", "UBL", "Invoice"])
xml_values = st.text(max_size=40) | st.sampled_from(
    ["NaN", "Infinity", "1e999999", "-0", "0000-00-00", "<![CDATA[", "&#0;"]
)


@given(xml_names, xml_values)
@example("125.00", "sNaN")
@example("2026-03-17", "٢٠٢٦-٠٣-١٧")
def test_an_invoice_with_anything_in_it_is_parsed_or_refused(place: str, value: str) -> None:
    invoice_xml(INVOICE_XML.replace(place.encode(), value.encode(errors="replace")))


@given(st.sampled_from(MUTATIONS), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_a_damaged_invoice_file_is_parsed_or_refused(mutation, rng) -> None:  # type: ignore[no-untyped-def]
    invoice_xml(mutation(INVOICE_XML, rng))
    invoice_pdf(mutation(healthy("invoice.pdf"), rng))


@given(st.sampled_from(KINDS), st.sampled_from(MUTATIONS), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_a_damaged_file_is_pages_or_a_document_error(kind, mutation, rng) -> None:  # type: ignore[no-untyped-def]
    document(mutation(healthy(kind), rng))


def test_the_targets_of_the_fuzzer_take_healthy_input() -> None:
    for name, content in (("amounts", b"1 250,00"), ("dates", b"17.03.2026"), ("invoice_xml", INVOICE_XML),
                          ("invoice_pdf", healthy("invoice.pdf")), ("document", healthy("png"))):  # fmt: skip
        TARGETS[name](content)
    with pytest.raises(DocumentError):
        load_document(b"no file", "x", Limits())
