"""Deliveries to real servers: down, failing, slow, hostile. Everything arrives once, or is known not to have."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_samples import sample_job
from sink_server import Receiver, receiving
from sqlalchemy import Engine
from standardwebhooks import Webhook

from db.audit import append_job
from db.database import open_database
from db.deliveries import claim_due, list_deliveries, next_due, request_delivery, retry_failed
from db.records import JobRecord, utc_now
from db.tables import DELIVERIES
from db.transactions import writing
from invoice_connector.settings import ConnectorSettings
from invoice_connector.sinks.dispatch import BACKOFF, Attempt, deliver_due
from invoice_connector.sinks.errors import AddressRefusedError, DeliveryError
from invoice_connector.sinks.http import Exchange, resolved, send
from invoice_connector.sinks.sender import BackgroundSender
from invoice_connector.sinks.settings import FolderSink, SinkSettings, WebhookSink

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, long enough").decode()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('sinks') / 'audit.db'}")
    yield engine
    engine.dispose()


def webhook(url: str, **more: Any) -> dict[str, SinkSettings]:
    return {"erp": WebhookSink(**{"kind": "webhook", "url": url, "secret": SECRET, "allow_private": True, **more})}


def asked(engine: Engine, **changes: Any) -> JobRecord:
    """A stored job with a delivery to the sink ``erp``."""
    record = sample_job(1, **changes)
    append_job(engine, record, deliver_to=["erp"])
    return record


def sent(
    engine: Engine, sinks: dict[str, SinkSettings], record: JobRecord, now: datetime | None = None
) -> list[Attempt]:
    return list(deliver_due(engine, sinks, now, record.id))


def test_a_webhook_is_signed_so_that_its_receiver_can_tell(database: Engine) -> None:
    record = asked(database)
    with receiving(Receiver()) as receiver:
        [attempt] = sent(database, webhook(f"{receiver.url}/hook?x=1"), record)
    [(path, headers, body)] = receiver.requests
    assert path == "/hook?x=1"
    payload = Webhook(SECRET).verify(body, headers)
    assert payload["type"] == "invoice.processed"
    assert payload["data"]["job_id"] == record.id
    assert payload["data"]["fields"]["amount_due"]["value"] == "13162.50"
    assert headers["webhook-id"] == attempt.reference == f"{record.id}-erp"
    assert "." not in headers["webhook-id"]  # the signed text is divided by points
    assert attempt.error is None


def test_a_server_that_was_down_gets_it_once_afterwards(database: Engine) -> None:
    record = asked(database)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    sinks, now = webhook(f"http://127.0.0.1:{port}"), utc_now()
    [attempt] = sent(database, sinks, record, now)
    assert "cannot be reached" in str(attempt.error)
    assert attempt.again_at == now + BACKOFF[0]
    assert sent(database, sinks, record, now) == []  # not due yet
    with receiving(Receiver(), port) as receiver:
        [attempt] = sent(database, sinks, record, now + BACKOFF[0])
        assert sent(database, sinks, record, now + timedelta(days=9)) == []
    assert attempt.error is None
    assert len(receiver.requests) == 1
    [delivery] = list_deliveries(database, record.id)
    assert (delivery.status, delivery.attempts, delivery.error) == ("delivered", 2, None)


def test_500_and_then_200_is_one_delivery(database: Engine) -> None:
    record, now = asked(database), utc_now()
    with receiving(Receiver(answers=[500])) as receiver:
        [first] = sent(database, webhook(receiver.url), record, now)
        [second] = sent(database, webhook(receiver.url), record, now + BACKOFF[0])
    assert "500" in str(first.error)
    assert second.error is None
    assert len(receiver.requests) == 2
    assert [headers["webhook-id"] for _, headers, _ in receiver.requests] == [f"{record.id}-erp"] * 2
    assert receiver.requests[0][2] == receiver.requests[1][2]


def test_an_answer_that_is_lost_does_not_make_two(database: Engine) -> None:
    record, now = asked(database), utc_now()
    with receiving(Receiver(answers=[0])) as receiver:
        sinks = webhook(receiver.url, seconds=0.3)
        [first] = sent(database, sinks, record, now)
        [second] = sent(database, sinks, record, now + BACKOFF[0])
    assert "did not answer" in str(first.error)
    assert second.error is None
    assert len(receiver.requests) == 2
    assert list(receiver.accepted) == [f"{record.id}-erp"]


def test_what_is_gone_is_given_up_and_what_fails_for_long_too(database: Engine) -> None:
    record, now = asked(database), utc_now()
    with receiving(Receiver(answers=[410])) as receiver:
        [attempt] = sent(database, webhook(receiver.url), record, now)
    assert attempt.again_at is None
    record = asked(database)
    moment, tries = now, 0
    with receiving(Receiver(answers=[503] * 99)) as receiver:
        while next_due(database, ["erp"]) is not None:
            for attempt in sent(database, webhook(receiver.url), record, moment):
                tries += 1
                assert attempt.again_at is None or attempt.again_at - moment == BACKOFF[tries - 1]
            moment += timedelta(days=1)
    assert tries == len(BACKOFF) + 1
    assert retry_failed(database, now) == 2
    with receiving(Receiver()) as receiver:
        assert [attempt.error for attempt in deliver_due(database, webhook(receiver.url))] == [None, None]


def test_a_sink_that_asks_for_patience_gets_it(database: Engine) -> None:
    record, now = asked(database), utc_now()
    with receiving(Receiver(answers=[429], headers={"Retry-After": "90"})) as receiver:
        [attempt] = sent(database, webhook(receiver.url), record, now)
        assert attempt.again_at == now + timedelta(seconds=90)
        sent(database, webhook(receiver.url), record, attempt.again_at)


def test_a_delivery_is_claimed_by_one_and_free_again_when_that_one_died(database: Engine) -> None:
    record, now = asked(database), utc_now()
    assert claim_due(database, ["erp"], now, record.id) is not None  # and this one is killed
    assert claim_due(database, ["erp"], now, record.id) is None
    claimed = claim_due(database, ["erp"], now + timedelta(minutes=11), record.id)
    assert claimed is not None
    assert claimed.attempts == 2
    request_delivery(database, record.id, ["erp", "erp"])
    assert len(list_deliveries(database, record.id)) == 1


PRIVATE = ("127.0.0.1", "localhost", "::1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "0.0.0.0", "::ffff:127.0.0.1",
           "169.254.169.254", "fd00::1", "fe80::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2130706433", "0x7f.1",
           "100.64.0.1", "224.0.0.1")  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_addresses_inside_are_refused(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        resolved(host, 443, allow_private=False)


@pytest.mark.parametrize("host", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"])
def test_addresses_with_credentials_are_refused_even_when_private_ones_are_meant(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        resolved(host, 443, allow_private=True)


def test_a_private_sink_must_be_meant_and_a_public_one_encrypted(database: Engine) -> None:
    record = asked(database)
    with receiving(Receiver()) as receiver:
        [attempt] = sent(database, webhook(receiver.url.replace("http:", "https:"), allow_private=False), record)
        with pytest.raises(AddressRefusedError, match="without TLS"):
            send("POST", "http://93.184.216.34/", Exchange({}, 1.0, allow_private=False))
    assert "set allow_private" in str(attempt.error)
    assert attempt.again_at is None
    assert receiver.requests == []
    assert str(resolved("93.184.216.34", 443, allow_private=False)[0]) == "93.184.216.34"


def test_redirects_are_not_followed(database: Engine) -> None:
    record = asked(database)
    with receiving(Receiver()) as inner, receiving(Receiver(answers=[307], headers={"Location": inner.url})) as outer:
        [attempt] = sent(database, webhook(outer.url), record)
    assert "redirects" in str(attempt.error)
    assert inner.requests == []


def test_the_name_is_resolved_once_and_kept_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked_for = socket.getaddrinfo, []

    def changing(host: str, *arguments: Any, **named: Any) -> Any:
        """A name server that answers differently the second time."""
        asked_for.append(host)
        if host == "shop.example":
            return real("127.0.0.1" if asked_for.count(host) == 1 else "127.0.0.2", *arguments, **named)
        return real(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with receiving(Receiver()) as receiver:
        port = receiver.url.rpartition(":")[2]
        assert send("POST", f"http://shop.example:{port}/", Exchange({}, 5.0, allow_private=True))[0] == 200
    assert asked_for.count("shop.example") == 1
    assert receiver.requests[0][1]["host"] == f"shop.example:{port}"


def test_a_wrong_secret_says_so(database: Engine) -> None:
    record = asked(database)
    [attempt] = sent(database, webhook("http://127.0.0.1:9", secret="whsec_!"), record)
    assert "secret" in str(attempt.error)
    assert issubclass(AddressRefusedError, DeliveryError)


def test_a_folder_gets_result_and_source_and_the_same_ones_again(database: Engine, tmp_path: Path) -> None:
    source = tmp_path / "räkning å.pdf"
    source.write_bytes(b"%PDF a picture")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    record = asked(database, source_name=source.name, source_path=str(source), sha256=digest)
    sinks: dict[str, SinkSettings] = {"erp": FolderSink(kind="folder", path=tmp_path / "out")}
    for _ in range(2):
        [attempt] = sent(database, sinks, record)
        assert attempt.error is None
        with writing(database) as connection:  # as if the first try had died before it could be recorded
            mine = DELIVERIES.update().where(DELIVERIES.c.job_id == record.id)
            connection.execute(mine.values(status="pending", due_at=record.started_at))
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"räkning å-{record.id[-8:]}.json", f"räkning å-{record.id[-8:]}.pdf"]
    assert json.loads((tmp_path / "out" / names[0]).read_text())["job_id"] == record.id


def test_the_command_delivers_what_was_processed_while_the_server_was_down(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'audit.db'}"
    engine = open_database(database)
    record = asked(engine)
    engine.dispose()

    def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        sinks = json.dumps({"erp": {"kind": "webhook", "url": url, "secret": SECRET, "allow_private": True}})
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "INVOICE_CONNECTOR_SINKS": sinks}
        command = [sys.executable, "-m", "invoice_connector", *arguments, "--db", database]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    with receiving(Receiver(answers=[500])) as receiver:
        done = run(receiver.url, "deliver", "--wait", "60")
    assert done.returncode == 0, done.stderr
    assert "500" in done.stderr
    assert f"{record.id}  erp  delivered as {record.id}-erp" in done.stdout
    assert len(receiver.accepted) == 1
    assert "delivered  2 tries" in run(receiver.url, "deliver", "--list").stdout
    assert run(receiver.url, "deliver", "--sink", "nobody").returncode == 2
    unknown = run(receiver.url, "process", "x.png", "--deliver", "nobody")
    assert unknown.returncode == 2
    assert "no sink is called nobody; known are erp" in unknown.stderr


def test_senders_share_what_is_due_and_stop_when_they_are_told(tmp_path: Path) -> None:
    engines = [open_database(f"sqlite:///{tmp_path / 'audit.db'}") for _ in range(3)]  # as of three processes
    records = [asked(engines[0]) for _ in range(12)]
    with receiving(Receiver(answers=[503])) as receiver:
        senders = [BackgroundSender(lambda engine=engine: engine, webhook(receiver.url)) for engine in engines]
        with senders[0], senders[1], senders[2]:
            records.append(asked(engines[0]))  # stored while they run
            deadline = time.monotonic() + 60
            while len(receiver.accepted) < len(records) and time.monotonic() < deadline:
                time.sleep(0.05)
        late = asked(engines[0])
        assert sorted(receiver.accepted) == sorted(f"{record.id}-erp" for record in records)
        assert len(receiver.requests) == len(records) + 1  # the one that was answered with 503 came twice
        assert {d.status for d in list_deliveries(engines[0]) if d.job_id != late.id} == {"delivered"}
        assert [d.attempts for d in list_deliveries(engines[0], late.id)] == [0]


def test_a_claim_in_a_long_queue_lasts_from_when_it_is_made(database: Engine) -> None:
    record = asked(database)
    began = utc_now() - timedelta(hours=1)  # what was due then is still being worked off
    with writing(database) as connection:
        mine = DELIVERIES.update().where(DELIVERIES.c.job_id == record.id)
        connection.execute(mine.values(due_at=began))
    assert claim_due(database, ["erp"], began, record.id) is not None
    assert claim_due(database, ["erp"], utc_now(), record.id) is None


def test_a_server_sends_what_it_read(tmp_path: Path) -> None:
    """The command ``serve`` itself, stopped as a service manager does."""
    with receiving(Receiver()) as receiver:
        sinks = {"erp": {"kind": "webhook", "url": receiver.url, "secret": SECRET, "allow_private": True}}
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "INVOICE_CONNECTOR_SINKS": json.dumps(sinks),
            "INVOICE_CONNECTOR_DELIVER_TO": '["erp"]', "INVOICE_CONNECTOR_DATABASE_URL": f"sqlite:///{tmp_path}/audit.db",
        }  # fmt: skip
        record = asked(open_database(f"sqlite:///{tmp_path / 'audit.db'}"))
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        command = [sys.executable, "-m", "invoice_connector", "serve", "--verifier", "off", "--port", str(port)]
        server = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE)
        try:
            deadline = time.monotonic() + 120
            while not receiver.accepted and server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            assert list(receiver.accepted) == [f"{record.id}-erp"], server.poll()
            server.terminate()
            assert server.wait(60) in (0, -15)
        finally:
            server.kill()
            server.communicate()


def test_secrets_do_not_show_in_settings() -> None:
    settings = ConnectorSettings(sinks=webhook("https://erp.example"), deliver_to=("erp",))
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump(mode="json"))
