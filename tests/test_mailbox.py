"""A mailbox on a real IMAP server: settings and logins, folders and moves, and every attachment read once."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_samples import stored_invoice
from imap_server import PASSWORD, USER, Dovecot, imap_server
from mail_samples import mail
from pdf_invoices import pdf_invoice
from pydantic import ValidationError
from stored_jobs import stored, wait_until
from token_server import TokenServer, token_server

from db.database import open_database
from db.queries import list_jobs
from db.records import JobStatus, StoredJob
from db.verification import verify
from invoice_connector.arrivals.arriving import Opening
from invoice_connector.cli import main
from invoice_connector.connector import bounds_of, ensemble_settings
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.mailbox.errors import FolderRefusedError, LoginRefusedError, MailboxAwayError
from invoice_connector.mailbox.login import Secrets
from invoice_connector.mailbox.server import MailServer
from invoice_connector.mailbox.settings import MailboxSettings
from invoice_connector.mailbox.watching import MailboxWatch
from invoice_connector.provenance import settings_key
from invoice_connector.settings import ConnectorSettings
from invoice_connector.workers.batch import BatchOrder
from scripts.scale.servers import free_port

PREFIX = "INVOICE_CONNECTOR_MAILBOX_"
SHORT = b"From: a@example.com\r\nSubject: short\r\n\r\ntext\r\n"


def ubl(number: str) -> bytes:
    return to_ubl(stored_invoice({"invoice_number": number, "buyer_vat_identifier": None}).record, Customization.CORE)


def by_tls(server: Dovecot, **more: object) -> MailboxSettings:
    login = {"password": PASSWORD} if not any(name.startswith("token") for name in more) else {}
    given = {"host": "localhost", "port": server.tls_port, "ca_file": server.certificate, "user": USER, **login, **more}
    return MailboxSettings.model_validate(given)


def opened(server: Dovecot, **more: object) -> MailServer:
    return MailServer.opened(Secrets(by_tls(server, **more)))


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    with token_server(USER) as server:
        yield server


@pytest.fixture(scope="module")
def running(tokens: TokenServer) -> Iterator[Dovecot]:
    with imap_server(tokens=f"{tokens.url}/introspect") as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    running.clear()
    return running


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)  # no .env of the working folder
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_settings_come_from_variables_of_their_own_and_do_not_change_what_is_read(
    variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usual = settings_key(ConnectorSettings(), None)
    (tmp_path / ".env").write_text(f"{PREFIX}PASSWORD_FILE=/run/secrets/password\n{PREFIX}FOLDER=INBOX/Fakturor\n")
    variables.setenv(f"{PREFIX}HOST", "mail.example.com")
    variables.setenv(f"{PREFIX}PORT", "1993")
    found = ConnectorSettings().mailbox
    assert (found.place, found.folder, found.security) == ("mail.example.com:1993", "INBOX/Fakturor", "tls")
    assert found.password_file == Path("/run/secrets/password") and found.missing() == (f"{PREFIX}USER",)
    assert settings_key(ConnectorSettings(), None) == usual


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "a", "token": "b"}, "several ways to log in"),
        ({"done": "inbox"}, "three folders"),
        ({"folder": 'INBOX"\r\nx LOGOUT'}, "should match pattern"),
        ({"token_url": "http://login.example.com/token"}, "should match pattern"),
        ({"hots": "mail.example.com"}, "Extra inputs are not permitted"),
        ({"security": "ssl"}, "Input should be 'tls', 'starttls' or 'none'"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MailboxSettings.model_validate(given)


def test_a_mailbox_that_cannot_be_opened_is_one_sentence_and_an_exit_code(
    server: Dovecot, variables: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = {
        "HOST": "localhost", "PORT": str(server.tls_port), "CA_FILE": str(server.certificate), "USER": USER,
        "PASSWORD": PASSWORD,
    }  # fmt: skip
    for wrong, code, said in (
        ({"HOST": ""}, 2, f"no mailbox is set; give {PREFIX}HOST"),
        ({"PASSWORD": ""}, 2, f"give {PREFIX}PASSWORD"),
        ({"PORT": "0"}, 2, "mailbox.port"),
        ({"HOST": "no-such-host.invalid"}, 3, "has no address"),
        ({"PORT": str(free_port())}, 3, "cannot be reached (Connection refused)"),
        ({"PORT": str(server.port)}, 3, "does not speak TLS there"),
        ({"CA_FILE": ""}, 3, "has a certificate that is not trusted"),
        ({"HOST": "127.0.0.2"}, 3, "cannot be reached"),
        ({"PASSWORD": "guessed"}, 2, f"localhost refused the login of {USER} ([AUTHENTICATIONFAILED]"),
        ({"PASSWORD": "", "PASSWORD_FILE": str(tmp_path / "none")}, 2, "was not read (No such file or directory)"),
        ({"PASSWORD": "", "TOKEN_COMMAND": "false"}, 2, "TOKEN_COMMAND ended with 1"),
        ({"PASSWORD": "", "TOKEN": "unknown"}, 2, "check INVOICE_CONNECTOR_MAILBOX_USER and the token"),
        ({"FOLDER": "Invoices"}, 2, "Invoices cannot be watched"),
    ):  # fmt: skip
        for name, value in {**right, **wrong}.items():
            variables.setenv(f"{PREFIX}{name}", value) if value else variables.delenv(f"{PREFIX}{name}", False)
        assert main(["mailbox", "--once", "--db", f"sqlite:///{tmp_path / 'audit.db'}"]) == code, said
        told = capsys.readouterr().err.strip()
        assert said in told and "\n" not in told, told
        assert "guessed" not in told and PASSWORD not in told
        for name in wrong:
            variables.delenv(f"{PREFIX}{name}", False)


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_password_logs_in_and_no_log_has_it(
    server: Dovecot, security: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    port = server.tls_port if security == "tls" else server.port
    more = {"security": security, "port": port, "password": None, "password_file": tmp_path / "password"}
    found = opened(server, **more)
    assert found.validity > 0 and found.mails() == {}
    assert server.count("done") == server.count("failed") == 0
    found.close()
    assert caplog.text and PASSWORD not in caplog.text and PASSWORD not in repr(found.settings)


def test_an_oauth_token_logs_in_and_no_log_has_it(
    server: Dovecot, tokens: TokenServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "imapclient")
    tokens.tokens["t0k~n=="] = USER
    (tmp_path / "token").write_text("t0k~n==\n")
    command = f"{sys.executable} -c \"print('t0k~n==')\""
    for way in ({"token": "t0k~n=="}, {"token_file": tmp_path / "token"}, {"token_command": command}):
        opened(server, **way).close()
    assert caplog.text and "t0k~n" not in caplog.text
    tokens.tokens["of somebody else"] = "other@example.com"
    with pytest.raises(LoginRefusedError, match="refused the login"):
        opened(server, token="of somebody else")


def test_xoauth2_is_spoken_where_the_standard_is_not(tokens: TokenServer) -> None:
    tokens.tokens["known"] = USER
    with imap_server(tokens=f"{tokens.url}/introspect", mechanisms="plain xoauth2") as server:
        opened(server, token="known").close()
        with pytest.raises(LoginRefusedError, match="check INVOICE_CONNECTOR_MAILBOX_USER and the token"):
            opened(server, token="unknown")


def test_a_refresh_token_is_renewed_and_a_client_needs_none(
    server: Dovecot, tokens: TokenServer, tmp_path: Path
) -> None:
    kept = tmp_path / "refresh"
    kept.write_text(f"{tokens.refresh}\n")
    given = {"token_url": f"{tokens.url}/token", "client_id": "reader", "client_secret": "s", "scope": "imap"}
    secrets = Secrets(by_tls(server, **given, refresh_token_file=kept))
    for _ in range(2):
        MailServer.opened(secrets).close()
    assert kept.read_text().strip() == tokens.refresh != "refresh-0"
    assert kept.stat().st_mode & 0o077 == 0
    assert tokens.forms[-1]["grant_type"] == "refresh_token" and tokens.forms[-1]["client_id"] == "reader"
    opened(server, **given).close()
    assert tokens.forms[-1] == {
        "grant_type": "client_credentials", "client_id": "reader", "client_secret": "s", "scope": "imap",
    }  # fmt: skip
    with pytest.raises(LoginRefusedError, match="invalid_grant"):
        opened(server, **given, refresh_token="refresh-0")
    with pytest.raises(MailboxAwayError, match="cannot be reached"):
        opened(server, **{**given, "token_url": f"http://127.0.0.1:{free_port()}/token"})


def test_a_moved_mail_leaves_the_folder_and_a_removed_folder_is_made_again(server: Dovecot) -> None:
    found = opened(server)
    server.deliver(SHORT, SHORT)
    first, second = found.mails()
    assert (found.content(first) or b"").startswith(b"From: a@example.com")
    with server.client() as client:
        client.delete("done")
    found.move(first, "done")
    found.move(first, "done")  # gone already
    assert found.content(first) is None
    assert (list(found.mails()), server.count("done")) == ([second], 1)
    found.close()


@pytest.mark.parametrize(("capabilities", "left"), [("UIDPLUS", 1), ("", 2)])
def test_without_move_a_mail_is_copied_and_deleted_and_the_marks_of_others_are_left_alone(
    capabilities: str, left: int
) -> None:
    with imap_server(more=f"imap_capability = IMAP4rev1 NAMESPACE {capabilities}", prefix="INBOX.") as server:
        found = opened(server, done="Läst/klara")
        server.deliver(SHORT, SHORT)
        first, other = found.mails()
        with server.client() as client:
            client.select("INBOX")
            client.uid("STORE", str(other), "+FLAGS", r"\Deleted")
        found.move(first, "Läst/klara")
        assert list(found.mails()) == []
        assert server.count("INBOX.L&AOQ-st.klara") == 1 and server.count("INBOX") == left
        began = time.monotonic()
        found.wait(threading.Event(), 0.1)  # no IDLE either
        assert time.monotonic() - began >= 0.1
        found.close()


def test_a_folder_that_may_only_be_read_is_refused(tokens: TokenServer) -> None:
    with imap_server(
        more="plugin {\n acl = vfile\n}\nmail_plugins = acl\nprotocol imap {\n mail_plugins = acl\n}"
    ) as server:
        server.allow("lr")
        with pytest.raises(FolderRefusedError, match="INBOX may only be read"):
            opened(server)


def test_waiting_ends_with_a_mail_with_a_word_and_with_the_server() -> None:
    with imap_server() as server:
        found, stopped = opened(server), threading.Event()
        threading.Timer(0.3, server.deliver, [SHORT]).start()
        found.wait(stopped, 600.0)
        assert len(found.mails()) == 1
        threading.Timer(0.3, stopped.set).start()
        found.wait(stopped, 600.0)
        stopped.clear()
        assert found.mails()  # the connection is of use again
        threading.Timer(0.3, server.kill).start()
        with pytest.raises(MailboxAwayError, match="localhost did not wait for mails"):
            found.wait(stopped, 600.0)
        with pytest.raises(MailboxAwayError, match="localhost did not list its mails"):
            found.mails()
        found.drop()


def watch_of(server: Dovecot, folder: Path, **more: object) -> MailboxWatch:
    url = f"sqlite:///{folder / 'audit.db'}"
    given = {"engines": ("pdf_text",), "verifier": "off", "threads": 1, "max_bytes": 200_000, **more}
    settings = ConnectorSettings(database_url=url, mailbox=by_tls(server), **given)
    order = BatchOrder(settings, None, tuple(str(status) for status in JobStatus))
    return MailboxWatch(Secrets(settings.mailbox), order, Opening(ensemble_settings(settings), bounds_of(settings)))


def jobs_of(folder: Path) -> list[StoredJob]:
    engine = open_database(f"sqlite:///{folder / 'audit.db'}")
    try:
        return list_jobs(engine, 1000)
    finally:
        engine.dispose()


def test_mails_are_read_once_and_one_that_cannot_be_read_costs_itself(server: Dovecot, tmp_path: Path) -> None:
    large = mail({"large.pdf": b"%PDF" + bytes(300_000)}, subject="Too / large")
    mails = [
        mail({"a.xml": ubl("1"), "b.xml": ubl("2")[:-20]}),
        mail({}, subject="Hello"),
        large,
        mail({"c.xml": ubl("1")}),
    ]
    server.deliver(*(each.as_bytes() for each in mails), b"\x00\xff" * 500)
    watch = watch_of(server, tmp_path)
    unknown = max(watch.connect().mails())
    documents = [document for _, document in watch.look() if document]
    found = {document["file"]: (document["status"], (document["error"] or {}).get("type")) for document in documents}
    assert found == {
        "a.xml": ("completed", None),
        "b.xml": ("failed", "DamagedDocumentError"),
        "Hello.eml": ("failed", "NoDocumentError"),
        "Too _ large.eml": ("failed", "DocumentTooLargeError"),
        f"mail {unknown}.eml": ("failed", "UnsupportedDocumentError"),
    }
    (first,) = [document for document in documents if document["file"] == "a.xml"]
    assert first["container"]["sender"] == "Åsa Öberg <asa@example.com>" and first["container"]["part"] == "a.xml"
    assert [server.count(name) for name in ("INBOX", "done", "failed")] == [0, 2, 3]
    server.deliver(mails[0].as_bytes())
    assert [document for _, document in watch.look()] == [None, None]
    assert server.count("done") == 3 and len(jobs_of(tmp_path)) == 5
    watch.close()


@pytest.mark.slow
def test_over_kills_and_a_restart_of_the_server_every_attachment_is_stored_once(tmp_path: Path) -> None:
    """100 mails: 74 with a PDF, 13 with two e-invoices, 13 without anything to read."""
    expected = Counter[str]()
    log = tmp_path / "audit.db"
    with imap_server() as server:
        mails = []
        for number in range(100):
            files = _attachments(tmp_path, number)
            mails.append(mail(files, subject=f"Mail {number}").as_bytes())
            expected.update(list(files) or [f"Mail {number}.eml"])
        server.deliver(*mails[:90])
        environment = {
            **os.environ, f"{PREFIX}HOST": "localhost", f"{PREFIX}PORT": str(server.tls_port), f"{PREFIX}USER": USER,
            f"{PREFIX}CA_FILE": str(server.certificate), f"{PREFIX}PASSWORD": PASSWORD,
        }  # fmt: skip
        command = [sys.executable, "-m", "invoice_connector", "mailbox", "--engines", "pdf_text", "--verifier", "off"]
        command += ["--db", f"sqlite:///{log}"]
        for count in (4, 18, 39, 57, 71):
            process = subprocess.Popen(command, env=environment, start_new_session=True)
            wait_until(lambda count=count: stored(log) >= count)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
        wait_until(lambda: stored(log) >= 85)
        server.stop()
        time.sleep(1.0)
        server.start()
        server.deliver(*mails[90:])
        wait_until(lambda: server.count("INBOX") == 0)
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=60)[1]
        assert process.returncode == 0 and "looking again in 2 seconds" in told, told
        assert Counter(job.source_name for job in jobs_of(tmp_path)) == expected and expected.total() == 113
        engine = open_database(f"sqlite:///{log}")
        assert verify(engine).intact
        engine.dispose()
        assert (server.count("done"), server.count("failed")) == (87, 13)


def _attachments(folder: Path, number: int) -> dict[str, bytes]:
    if number % 8 == 0:
        return {}
    if number % 7 == 0:
        return {f"{number}-{part}.xml": ubl(f"{number}-{part}") for part in (1, 2)}
    path = pdf_invoice(folder / "invoice.pdf", number=f"2026{number:04}", author=str(number))
    return {f"{number}.pdf": path.read_bytes()}
