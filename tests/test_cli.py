"""The command as a user types it: real files, real engines, a real database."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from invoice_connector.cli import build_parser

SAMPLES = Path(__file__).parents[1] / "invoice_connector" / "samples"


def run(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "invoice_connector", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(folder), "HOME": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = Image.new("RGB", (800, 420), "white")
    draw = ImageDraw.Draw(image)
    for row, text in enumerate(("Exempel AB", "Faktura", "Fakturadatum 2026-03-17", "Att betala 1 250,00 kr")):
        draw.text((60, 40 + 80 * row), text, fill="black", font=ImageFont.load_default(size=32))
    path = tmp_path_factory.mktemp("good") / "god faktura.png"
    image.save(path)
    return path


def test_five_bad_files_and_one_good_one(good: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.pdf").write_text("Dear reader, this is no PDF.")
    _encrypted_pdf(tmp_path / "secret.pdf")
    jpeg = tmp_path / "cut.jpg"
    Image.open(good).save(jpeg)
    jpeg.write_bytes(jpeg.read_bytes()[: jpeg.stat().st_size // 2])
    Image.new("1", (50_000, 50_000)).save(tmp_path / "huge.png")
    names = ["empty.png", "text.pdf", "secret.pdf", "cut.jpg", "huge.png", str(good)]
    done = run(["process", "--json", "--db", "sqlite:///audit.db", *names], tmp_path)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, done.stderr
    assert [d["status"] == "failed" for d in documents] == [True] * 5 + [False]
    assert [d["error"]["type"] for d in documents[:5]] == [
        "EmptyDocumentError",
        "UnsupportedDocumentError",
        "EncryptedDocumentError",
        "DamagedDocumentError",
        "DocumentTooLargeError",
    ]
    assert documents[5]["fields"]["amount_due"]["value"] == "1250.00"
    assert documents[5]["fields"]["issue_date"]["value"] == "2026-03-17"
    assert [d["audit"]["sequence"] for d in documents] == [1, 2, 3, 4, 5, 6]
    _check_audit(tmp_path, documents[5]["job_id"])


def _check_audit(folder: Path, job_id: str) -> None:
    database = ["--db", "sqlite:///audit.db"]
    head = run(["audit", "head", *database], folder).stdout.strip()
    intact = run(["audit", "verify", "--head", head, *database], folder)
    assert intact.returncode == 0
    assert intact.stdout.startswith("intact: 6 events")
    listed = run(["jobs", "list", "--json", *database], folder).stdout.splitlines()
    assert len(listed) == 6
    assert json.loads(run(["jobs", "show", job_id, *database], folder).stdout)["job_id"] == job_id
    with sqlite3.connect(folder / "audit.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE ocr_jobs SET text = replace(text, '1', '7') WHERE id = ?", (job_id,))
    connection.close()
    broken = run(["audit", "verify", *database], folder)
    assert broken.returncode == 1
    assert job_id in broken.stdout


def _encrypted_pdf(path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), encrypt="secret")
    canvas.drawString(100, 700, "Faktura")
    canvas.save()


def test_the_sample_pdf_is_read_right_and_shown_to_a_person(tmp_path: Path) -> None:
    done = run(["--invoice", str(SAMPLES / "faktura.pdf")], tmp_path)
    assert done.returncode == 0, done.stderr
    truth = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["faktura.pdf"]
    assert truth["amount_due"] in done.stdout
    assert "audit: number 1, sha256:" in done.stdout
    assert "engines: pdf_text" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["process"], 2, "the following arguments are required: FILE"),
        (["nonsense"], 2, "invalid choice"),
        (["process", "--engines", "magic", "x.png"], 2, "unknown engine magic; known are pdf_text, rapidocr"),
        (["audit", "verify", "--head", "zero"], 2, "a head is written SEQUENCE:HASH"),
        (["jobs", "show", "nobody", "--db", "sqlite://"], 1, "no job has the id nobody"),
        (["jobs", "list", "--db", "sqlite:////proc/no/audit.db"], 3, "there is no audit log /proc/no/audit.db"),
        (["process", "--db", "sqlite:////proc/no/audit.db", "x.png"], 3, "cannot"),
        (["audit", "verify", "--db", "sqlite:///misspelt.db"], 3, "there is no audit log misspelt.db; check --db"),
        (["process", "--db", "audit.db", "x.png"], 3, "invoice-connector: 'audit.db' is not a database address"),
        (["process", "--expected-amount", "1e999999999", "x.png"], 2, "with at most 15 digits before it"),
        (["process", "--customer-id", "a\x1b[2J", "x.png"], 2, "it holds the control character U+001B"),
        (["jobs", "list", "--limit", "9" * 5000], 2, "it is a whole number from 1 to 1,000,000,000"),
        (["export", "--all", "--format", "csv", "--since", "soon"], 2, "it is a day such as 2026-11-30"),
        (
            ["review", "job", "--db", "sqlite://", "--set", "amount_due=1e99999999"],
            2,
            "amount_due is an amount with a decimal point",
        ),
        (["jobs", "list", "no\x1b[31msuch"], 2, "unrecognized arguments: no\\x1b[31msuch"),
    ],
)
def test_wrong_usage_gets_a_sentence_and_its_exit_code(
    arguments: list[str], code: int, sentence: str, tmp_path: Path
) -> None:
    done = run(arguments, tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_whose_name_steers_terminals_is_named_in_escapes(tmp_path: Path) -> None:
    name = "a\x1b[31m\u202e.png"
    (tmp_path / name).write_bytes(b"no picture")
    for arguments in (["process", name], ["process", "--json", name], ["jobs", "list"]):
        done = run([*arguments, "--db", "sqlite:///audit.db"], tmp_path)
        assert "a\\x1b[31m\\u202e.png" in done.stdout or json.loads(done.stdout)["file"] == name
        assert not {"\x1b", "\u202e"} & set(done.stdout + done.stderr)


def test_a_file_whose_name_holds_a_line_feed_adds_no_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a\nnothing.png: completed").write_bytes(b"no picture")
    (tmp_path / "b\nc.png").write_bytes(b"no picture")
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    told = [run([*command, "--db", url], tmp_path).stdout for command in (
        ["process", "a\nnothing.png: completed"], ["batch", "."], ["jobs", "list"]
    )]  # fmt: skip
    assert all("\\nnothing.png: completed" in out for out in (told[0], told[2]))
    assert "b\\nc.png" in told[1]
    assert not any(line.startswith(("nothing", "c.png")) for out in told for line in out.splitlines())


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [("DECODER_SECONDS", "inf", "decoder_seconds: "), ("MAX_PAGES", "9" * 1000, "max_pages: "),
     ("BUYER_ADDRESSES", "{", "a setting of several values is no valid JSON")],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_refused(setting: str, value: str, sentence: str, tmp_path: Path) -> None:
    environment = {**os.environ, f"INVOICE_CONNECTOR_{setting}": value}
    command = [sys.executable, "-m", "invoice_connector", "jobs", "list"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_that_is_known_by_its_name_is_added_alone() -> None:
    every = commands_of(build_parser())
    for name in every:
        assert commands_of(build_parser(name))[name] == every[name]
    assert commands_of(build_parser("process")).keys() == {"process"}
    for other in ("--help", "proces", None):
        assert commands_of(build_parser(other)) == every


def commands_of(parser: ArgumentParser) -> dict[str, str]:
    """The commands of a command line, each with its help."""
    (found,) = (action for action in parser._actions if isinstance(action, _SubParsersAction))
    return {name: command.format_help() for name, command in found.choices.items()}


def test_help_imports_no_heavy_library() -> None:
    code = "import sys; from invoice_connector.cli import build_parser; build_parser(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "cv2", "torch", "sqlalchemy", "fastapi", "PIL", "pydantic"} & set(modules)
