"""Heads kept outside: whoever can rewrite the whole log, key and all, cannot rewrite what others hold."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from audit_samples import sample_job
from hypothesis import given
from hypothesis import strategies as st
from rewritten_log import rewrite, rows
from sink_server import Receiver, receiving
from sqlalchemy import Engine
from standardwebhooks import Webhook
from stored_jobs import wait_until
from timestamp_server import TimestampServer, stamping

from db.audit import append_job, sealed_head
from db.database import open_database
from db.seal import Head, read_key
from invoice_connector.anchors.anchor import Anchor, read_anchors
from invoice_connector.anchors.keeping import BackgroundAnchors, Rounds
from invoice_connector.anchors.settings import FileAnchor
from invoice_connector.cli import main
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web import serve
from scripts.scale.servers import free_port, program

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, long enough").decode()


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The log of the settings, with three jobs."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    monkeypatch.setenv("INVOICE_CONNECTOR_DATABASE_URL", url)
    engine = open_database(url)
    for number in range(3):
        append_job(engine, sample_job(number))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampServer]:
    with stamping(tmp_path_factory.mktemp("tsa") / "clock") as server:
        yield server


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets where anchors are kept."""

    def describe(**anchors: dict[str, Any]) -> None:
        monkeypatch.setenv("INVOICE_CONNECTOR_ANCHORS", json.dumps(anchors))

    return describe


def stamps(clock: TimestampServer, path: Path) -> dict[str, Any]:
    return {"kind": "timestamp", "url": clock.url, "allow_private": True, "path": str(path), "roots": str(clock.roots)}


def rewritten(path: Path) -> None:
    """An amount of the second job is another, and everything that proves it is made anew: hashes, seals, head."""
    key = read_key(path.with_name(path.name + ".key"))
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        [job] = connection.execute("SELECT job_id FROM audit_events WHERE sequence = 2").fetchone()
        connection.execute("UPDATE ocr_jobs SET fields = replace(fields, '13162.50', '93162.50') WHERE id = ?", [job])
        assert connection.execute("SELECT changes()").fetchone() == (1,)
        rewrite(connection, rows(connection, "audit_events"), key=key)


def test_a_rewritten_log_is_intact_alone_and_not_against_its_anchor(
    log: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "elsewhere" / "anchors.jsonl"
    assert main(["audit", "anchor", "--file", str(kept)]) == 0
    append_job(log, sample_job(4))
    log.dispose()
    assert main(["audit", "verify", "--anchor", str(kept)]) == 0, "a log that went on contains it"
    rewritten(tmp_path / "audit.db")
    capsys.readouterr()
    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out.startswith("intact: 4 events")
    assert main(["audit", "verify", "--anchor", str(kept)]) == 1
    told = capsys.readouterr().out
    assert "history_rewritten: event 3 is not the one that the anchor of 2" in told and "not intact: 1 problems" in told


def test_an_older_copy_put_back_shows_against_the_anchor(
    log: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copy(tmp_path / "audit.db", tmp_path / "copy.db"))
    append_job(log, sample_job(4))
    assert main(["audit", "anchor", "--file", "anchors.jsonl"]) == 0
    log.dispose()
    copy.replace(tmp_path / "audit.db")
    assert main(["audit", "verify"]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--anchor", "anchors.jsonl"]) == 1
    assert "tail_cut: the log ends at event 3" in capsys.readouterr().out


def test_every_anchor_of_a_file_is_checked_in_an_export_too(
    log: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (4, 5):
        assert main(["audit", "anchor", "--file", "anchors.jsonl"]) == 0
        append_job(log, sample_job(number))
    capsys.readouterr()
    assert main(["audit", "export"]) == 0
    (tmp_path / "export.jsonl").write_text(capsys.readouterr().out)
    checked = ["audit", "verify", "--export", "export.jsonl", "--anchor", "anchors.jsonl"]
    assert main(checked) == 0
    first, second = read_anchors(tmp_path / "anchors.jsonl")
    assert (first.head.sequence, second.head.sequence) == (3, 4)
    other = dataclasses.replace(first, head=dataclasses.replace(first.head, hash="sha256:" + "1" * 64))
    (tmp_path / "anchors.jsonl").write_text(f"{other.to_json()}\n{second.to_json()}\n")
    assert main(checked) == 1


def test_a_webhook_gets_the_signed_head_and_the_same_head_under_the_same_name(
    log: Engine, places: Callable[..., None]
) -> None:
    with receiving(Receiver()) as receiver:
        places(notary={"kind": "webhook", "url": receiver.url, "secret": SECRET, "allow_private": True})
        assert main(["audit", "anchor"]) == main(["audit", "anchor", "--at", "notary"]) == 0
    [(_, headers, body), (_, again, _)] = receiver.requests
    payload = Webhook(SECRET).verify(body, headers)
    assert payload["type"] == "audit.anchored"
    assert Anchor.of_json(json.dumps(payload["data"])).head == sealed_head(log)
    assert headers["webhook-id"] == again["webhook-id"]


def test_a_time_stamping_server_signs_the_head_and_openssl_agrees(
    log: Engine, clock: TimestampServer, places: Callable[..., None], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    places(clock=stamps(clock, tmp_path / "stamped.jsonl"))
    assert main(["audit", "anchor"]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--anchor", "stamped.jsonl", "--roots", str(clock.roots)]) == 0
    assert f"event 3 was there at {datetime.now(UTC):%Y-%m-%d}" in capsys.readouterr().err
    assert main(["audit", "verify", "--anchor", "stamped.jsonl"]) == 0
    assert "time stamps of 1 anchors were not checked" in capsys.readouterr().err

    for name in ("openssl", "jq"):
        program(name, name)
    done = subprocess.run(
        f"jq -cSj .head stamped.jsonl > head.json; jq -r .timestamp stamped.jsonl | base64 -d > head.tsr;"
        f"openssl ts -verify -data head.json -in head.tsr -CAfile {clock.roots}",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    rewritten(tmp_path / "audit.db")
    assert main(["audit", "verify", "--anchor", "stamped.jsonl", "--roots", str(clock.roots)]) == 1


def test_a_stamp_of_another_head_or_server_is_found(
    log: Engine, clock: TimestampServer, places: Callable[..., None], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Who rewrites the log, and the anchors' file as well, has no stamp for the new head."""
    places(clock=stamps(clock, tmp_path / "stamped.jsonl"))
    assert main(["audit", "anchor"]) == 0
    [anchor] = read_anchors(tmp_path / "stamped.jsonl")
    rewritten(tmp_path / "audit.db")
    forged = dataclasses.replace(anchor, head=sealed_head(log))
    (tmp_path / "stamped.jsonl").write_text(forged.to_json() + "\n")
    assert main(["audit", "verify", "--anchor", "stamped.jsonl"]) == 0, "nobody is trusted, so no stamp is looked at"
    capsys.readouterr()
    assert main(["audit", "verify", "--anchor", "stamped.jsonl", "--roots", str(clock.roots)]) == 1
    assert "does not hold: it is of something else" in capsys.readouterr().out
    (tmp_path / "stamped.jsonl").write_text(dataclasses.replace(forged, timestamp=None).to_json() + "\n")
    assert main(["audit", "verify", "--anchor", "stamped.jsonl", "--roots", str(clock.roots)]) == 1
    assert "does not hold: there is none" in capsys.readouterr().out

    with stamping(tmp_path / "other", "Other clock") as other:
        places(clock=stamps(other, tmp_path / "others.jsonl"))
        assert main(["audit", "anchor"]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--anchor", "others.jsonl", "--roots", str(clock.roots)]) == 1
    assert "timestamp_wrong" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["earlier", b"no answer of this protocol", b""])
def test_a_server_that_answers_wrongly_anchors_nothing(
    log: Engine, clock: TimestampServer, places: Callable[..., None], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], answer: str | bytes,
) -> None:  # fmt: skip
    """An answer to an earlier request is right but for its nonce."""
    if isinstance(answer, str):
        places(clock=stamps(clock, Path("earlier.jsonl")))
        assert main(["audit", "anchor"]) == 0
        [earlier] = read_anchors(Path("earlier.jsonl"))
        answer = earlier.timestamp or b""
    monkeypatch.setattr(clock, "answer", answer)
    places(clock=stamps(clock, Path("stamped.jsonl")), file={"kind": "file", "path": "plain.jsonl"})
    assert main(["audit", "anchor"]) == 1
    assert "does not hold" in capsys.readouterr().err
    assert not Path("stamped.jsonl").exists()
    assert len(read_anchors(Path("plain.jsonl"))) == 1, "one place hinders no other"


def test_what_cannot_be_used_is_told(
    log: Engine, clock: TimestampServer, places: Callable[..., None], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def told(*command: str) -> tuple[int, str]:
        code = main(["audit", *command])
        return code, capsys.readouterr().err

    (tmp_path / "empty").write_text("\n")
    (tmp_path / "broken").write_text(Anchor(sealed_head(log), datetime.now(UTC)).to_json() + "\n{}\n")
    for arguments, code, sentence in (
        (("anchor",), 2, "describe them in INVOICE_CONNECTOR_ANCHORS"),
        (("anchor", "--at", "notary"), 2, "no anchor is called notary"),
        (("verify", "--anchor", "nowhere"), 2, "cannot be read"),
        (("verify", "--anchor", "empty"), 2, "holds no anchor"),
        (("verify", "--anchor", "broken"), 2, "line 2 of broken"),
        (("verify", "--roots", "empty"), 2, "--roots goes with --anchor"),
        (("anchor", "--file", str(tmp_path)), 1, "make it writable"),
    ):
        found = told(*arguments)
        assert found[0] == code and sentence in found[1], found
    places(clock={**stamps(clock, tmp_path / "x"), "roots": str(tmp_path / "empty")})
    assert "holds no certificates" in told("anchor")[1]
    places(clock={"kind": "sundial"})
    assert told("anchor")[0] == 2
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    places(clock=stamps(clock, tmp_path / "x"))
    code, sentence = told("anchor")
    assert code == 1 and "pip install invoice-connector[timestamp]" in sentence


def test_it_is_anchored_again_where_something_is_new(
    log: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[float] = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            append_job(log, sample_job(4))
        if len(rounds) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    assert main(["audit", "anchor", "--file", "anchors.jsonl", "--every", "900"]) == 130
    assert [anchor.head.sequence for anchor in read_anchors(tmp_path / "anchors.jsonl")] == [3, 4]
    assert rounds == [900.0] * 4


def test_after_a_place_failed_the_next_round_comes_sooner(log: Engine, tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    path.mkdir()
    rounds = Rounds({"file": FileAnchor(kind="file", path=path)}, 900.0)
    [kept] = rounds.round(log)
    assert kept.error is not None and rounds.pause == 60.0
    path.rmdir()
    [kept] = rounds.round(log)
    assert kept.error is None and rounds.pause == 900.0
    assert list(rounds.round(log)) == []


def test_a_server_anchors_while_it_runs_and_once_for_each_head(log: Engine, tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    with BackgroundAnchors(lambda: log, {"file": FileAnchor(kind="file", path=path)}, 0.02):
        wait_until(path.exists)
        append_job(log, sample_job(4))
        wait_until(lambda: len(read_anchors(path)) > 1)
        time.sleep(0.2)  # ten rounds in which nothing is new
    assert [anchor.head.sequence for anchor in read_anchors(path)] == [3, 4]


def test_a_place_that_is_away_gets_the_head_when_it_is_back(log: Engine) -> None:
    port = free_port()
    settings = ConnectorSettings(
        anchors={"notary": {"kind": "webhook", "url": f"http://127.0.0.1:{port}", "secret": SECRET,  # type: ignore[dict-item]
                            "allow_private": True}}
    )  # fmt: skip
    with BackgroundAnchors(lambda: log, settings.anchors, 0.05), receiving(Receiver(), port) as receiver:
        wait_until(lambda: bool(receiver.accepted))


def test_serve_anchors_by_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "anchors.jsonl"
    settings = ConnectorSettings(
        database_url=f"sqlite:///{tmp_path / 'audit.db'}",
        anchors={"file": FileAnchor(kind="file", path=path)},
        anchor_seconds=0.05,
    )
    connector = InvoiceOCRConnector(settings)
    append_job(connector.database, sample_job())

    class Waits:
        def run(self) -> None:
            wait_until(path.exists)

    monkeypatch.setattr(serve, "server", lambda *_: Waits())
    serve.run(connector, "127.0.0.1", 0)
    connector.database.dispose()
    assert read_anchors(path)[0].head.sequence == 1


@given(
    sequence=st.integers(0, 10**12),
    texts=st.tuples(*[st.text(max_size=20)] * 3),
    moment=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    stamp=st.none() | st.binary(max_size=50),
)
def test_an_anchor_is_one_line_and_comes_back(
    sequence: int, texts: tuple[str, str, str], moment: datetime, stamp: bytes | None
) -> None:
    head = Head(sequence, f"sha256:{texts[0]}", 1, texts[1], texts[2])
    anchor = Anchor(head, moment, stamp)
    line = anchor.to_json()
    assert "\n" not in line
    assert Anchor.of_json(line) == anchor
