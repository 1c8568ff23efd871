"""A document that ends what reads it: its row says so, it is not taken up for ever, and the next one is read."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from deadly_engine import HARMLESS, KILLER, install
from live_server import serving

from db.database import open_database
from db.queries import get_job, list_jobs
from db.submissions import submission
from invoice_connector.settings import ConnectorSettings

POISON = "PoisonDocumentError"
OPTIONS = ("--engines", "deadly", "--policy", "single", "--verifier", "off", "--db", "sqlite:///audit.db")


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    return install(tmp_path / "plugins")


def started(plugins: Path, *arguments: str, deadly: str = "self") -> subprocess.Popen[str]:
    path = os.pathsep.join([str(plugins), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, "-m", "invoice_connector", *arguments, *OPTIONS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "DEADLY": deadly},
        cwd=plugins.parent,
    )


def finished(plugins: Path, *arguments: str) -> tuple[int, str, str]:
    process = started(plugins, *arguments)
    out, error = process.communicate(timeout=300)
    return process.returncode, out, error


def test_the_server_outlives_a_document_that_kills_what_reads_it(
    plugins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(plugins))
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    settings = ConnectorSettings(database_url=url, engines=("deadly",), policy="single", verifier="off")
    with serving(settings) as address, httpx.Client(base_url=address, timeout=120) as client:
        killer = client.post("/invoices", files={"file": ("killer.png", KILLER)}).json()
        following = client.post("/invoices", files={"file": ("next.png", HARMLESS)}).json()
        assert client.get("/readyz").json()["status"] == "ok"
    assert killer["error"]["type"] == POISON
    assert "reading killer.png failed 3 times and was given up" in killer["error"]["message"]
    assert "Att betala" in following["text"]
    engine = open_database(url)
    assert [job.error_type for job in list_jobs(engine)] == [None, POISON]
    assert get_job(engine, killer["job_id"]).record.sha256
    engine.dispose()


def test_process_goes_on_after_a_file_that_kills(plugins: Path, tmp_path: Path) -> None:
    for name, content in (("a.png", HARMLESS), ("killer.png", KILLER), ("z.png", HARMLESS)):
        (tmp_path / name).write_bytes(content)
    code, out, error = finished(plugins, "process", "--json", "a.png", "killer.png", "z.png")
    documents = [json.loads(line) for line in out.splitlines()]
    assert (code, [document["file"] for document in documents]) == (1, ["a.png", "killer.png", "z.png"]), error
    assert [(document["error"] or {}).get("type") for document in documents] == [None, POISON, None]


def test_a_batch_goes_on_after_a_file_that_kills_and_counts_over_its_runs(plugins: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in (("a.png", HARMLESS), ("killer.png", KILLER)):
        (folder / name).write_bytes(content)
    process = started(plugins, "batch", "in", "--jobs", "1", deadly="parent")  # the whole batch dies of it
    process.communicate(timeout=300)
    assert process.returncode < 0
    code, out, _ = finished(plugins, "batch", "in", "--json", "--jobs", "1")
    documents = [json.loads(line) for line in out.splitlines()]
    assert (code, documents[-1]["error"]["type"]) == (1, POISON)
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    assert sorted(str(job.error_type) for job in list_jobs(engine)) == ["None", POISON]
    engine.dispose()


@pytest.mark.slow
def test_a_server_that_a_document_killed_three_times_does_not_die_a_fourth_time(plugins: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    job_id = ""
    for _ in range(3):
        server = started(plugins, "serve", "--port", str(port), deadly="parent")
        if not job_id:
            job_id = _sent(port, KILLER)
        server.communicate(timeout=90)
        assert server.returncode < 0
    server = started(plugins, "serve", "--port", str(port), deadly="parent")
    following = _sent(port, HARMLESS)
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    while submission(engine, following).state in ("received", "running"):
        assert server.poll() is None
        time.sleep(0.1)
    assert get_job(engine, job_id).record.error_type == POISON
    assert get_job(engine, following).record.error_type is None
    server.terminate()
    server.communicate(timeout=60)
    engine.dispose()


def _sent(port: int, content: bytes) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            answer = httpx.post(
                f"http://127.0.0.1:{port}/invoices", params={"wait": "false"}, files={"file": ("a.png", content)}
            )
            return str(answer.json()["job_id"])
        time.sleep(0.1)
    raise AssertionError("the server did not begin to answer")
