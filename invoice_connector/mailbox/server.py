"""One connection to an IMAP server (RFC 3501, 9051), with the watched folder selected."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imapclient import DELETED, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, IMAPClientReadOnlyError

from invoice_connector.mailbox.errors import FolderRefusedError, LoginRefusedError, MailboxAwayError, MailboxError
from invoice_connector.mailbox.login import Secrets
from invoice_connector.mailbox.settings import PREFIX, MailboxSettings

_CONNECT_SECONDS = 20.0
_BREATH = 1.0  # seconds of IDLE between two looks whether the command is told to stop
_IDLE_SECONDS = 9 * 60.0  # RFC 2177 allows 29 minutes; routers forget a silent connection after ten
_MOST_LISTED = 500  # mails whose sizes are asked for at once
_MOST_NAMED = 20  # folders in a message
_HEAD_BYTES = 65_536
_SAID = 200  # characters of the server's own words in a message
_LATER = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)  # RFC 5530


@dataclass(slots=True)
class MailServer:
    """``validity`` and a UID name a mail for ever (RFC 3501, 2.3.1.1); ``prefix`` and ``separator`` of personal folders
    ("" where the server does not say, RFC 2342). Every method raises MailboxAwayError when the server does not do it,
    after which only ``drop`` is of use."""

    settings: MailboxSettings
    client: IMAPClient
    validity: int = 0
    prefix: str = ""
    separator: str = ""

    @classmethod
    def opened(cls, secrets: Secrets) -> MailServer:
        """Connects, logs in, selects the folder and makes the two others. Raises every MailboxError."""
        settings = secrets.settings
        server = cls(settings, _connected(settings))
        try:
            server._log_in(secrets)
            server._learn_names()
            server._select()
            for folder in (settings.done, settings.failed):
                server._make(folder)
        except BaseException:
            server.drop()
            raise
        return server

    def mails(self) -> dict[int, int]:
        """UIDs and bytes of mails in the folder, the oldest first; not of all when they are very many."""
        with self._answers("list its mails"):
            self.client.noop()  # which tells of new mails; SEARCH may answer from what was told before
            uids = sorted(self.client.search("UNDELETED"))[:_MOST_LISTED]
            found = self.client.fetch(uids, ["RFC822.SIZE"]) if uids else {}
        return {uid: int(found[uid][b"RFC822.SIZE"]) for uid in uids if b"RFC822.SIZE" in found.get(uid, {})}

    def content(self, uid: int) -> bytes | None:
        """A mail, not marked as read; None when it is gone."""
        return self._part(uid, "BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int) -> bytes | None:
        """The first bytes of its header, where the mail itself is too large to be asked for."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{_HEAD_BYTES}>", b"BODY[HEADER]<0>")

    def move(self, uid: int, folder: str) -> None:
        """Moves a mail; one that is gone stays gone. Where the server has no MOVE (RFC 6851) it is copied and deleted;
        without UIDPLUS (RFC 4315) it stays as marked for deletion, since EXPUNGE would delete others' marked mails."""
        try:
            self._move(uid, folder)
        except FolderRefusedError:  # somebody may have removed the folder
            self._make(folder)
            try:
                self._move(uid, folder)
            except FolderRefusedError as error:
                raise MailboxAwayError(f"{self.settings.host} did not move a mail to {folder}: {error}") from error

    def wait(self, stopped: threading.Event, every: float) -> None:
        """Until a mail arrives, ``stopped`` is set or some minutes are over. Without IDLE it is ``every`` seconds."""
        with self._answers("wait for mails"):
            if not self.client.has_capability("IDLE"):
                stopped.wait(every)
                return
            self.client.idle()
            end = time.monotonic() + _IDLE_SECONDS
            while not stopped.is_set() and (began := time.monotonic()) < end:
                said = self.client.idle_check(timeout=_BREATH)
                # An answer of nothing at once is the end of the connection, which DONE tells as an error.
                if any(b"EXISTS" in each for each in said) or (not said and time.monotonic() - began < _BREATH / 2):
                    break
            self.client.idle_done()

    def close(self) -> None:
        """Says goodbye."""
        with suppress(IMAPClientError, OSError):
            self.client.logout()
        self.drop()

    def drop(self) -> None:
        """Ends the connection where nobody may be listening any more."""
        with suppress(IMAPClientError, OSError):
            self.client.shutdown()

    def _log_in(self, secrets: Secrets) -> None:
        given, client = self.settings, self.client
        secret = secrets.token() if given.with_token else secrets.password()
        with self._answers("answer to the login"), _no(self._login_refused):
            if given.with_token:
                standard = client.has_capability("AUTH=OAUTHBEARER")  # RFC 7628; XOAUTH2 came before it
                log_in = client.oauthbearer_login if standard else client.oauth2_login
            else:  # LOGIN takes ASCII only
                log_in = client.plain_login if client.has_capability("AUTH=PLAIN") else client.login
            log_in(given.user, secret)

    def _login_refused(self, said: str) -> MailboxError:
        given = self.settings
        if _LATER.search(said):
            return MailboxAwayError(f"{given.host} takes no login at the moment ({said})")
        what = "the token" if given.with_token else f"{PREFIX}PASSWORD"
        return LoginRefusedError(
            f"{given.host} refused the login of {given.user} ({said}); check {PREFIX}USER and {what}"
        )

    def _learn_names(self) -> None:
        with self._answers("tell how it names folders"):
            if self.client.has_capability("NAMESPACE") and (personal := self.client.namespace().personal):
                self.prefix, self.separator = personal[0][0], personal[0][1] or ""

    def _select(self) -> None:
        folder = self.settings.folder
        with self._answers(f"open {folder}"), _no(self._folder_refused):
            try:
                found = self.client.select_folder(self._name(folder))
            except IMAPClientReadOnlyError:
                found = {b"PERMANENTFLAGS": ()}
        if DELETED not in found.get(b"PERMANENTFLAGS", (DELETED,)):
            raise FolderRefusedError(
                f"{folder} may only be read; mails are moved out of it, so {self.settings.user} needs the right to"
            )
        self.validity = int(found.get(b"UIDVALIDITY", 0))

    def _folder_refused(self, said: str) -> MailboxError:
        known = ", ".join(name for *_, name in self.client.list_folders()[:_MOST_NAMED])
        return FolderRefusedError(
            f"{self.settings.folder} cannot be watched ({said}); set {PREFIX}FOLDER to one that is there: {known}"
        )

    def _make(self, folder: str) -> None:
        """Makes a folder that is missing."""
        name = self._name(folder)
        with self._answers(f"make the folder {folder}"):
            if self.client.folder_exists(name):
                return
            try:
                with _no(FolderRefusedError):
                    self.client.create_folder(name)
            except FolderRefusedError as error:
                if self.client.folder_exists(name):  # another watcher was faster
                    return
                raise FolderRefusedError(
                    f"the folder {folder} is missing and cannot be made ({error}); make it or name another"
                ) from error
            with suppress(FolderRefusedError), _no(FolderRefusedError):
                self.client.subscribe_folder(name)

    def _name(self, folder: str) -> str:
        """A folder as this server calls it: with its separator, and below what it puts before personal folders."""
        name = folder.replace("/", self.separator) if self.separator else folder
        return name if name.upper() == "INBOX" or name.startswith(self.prefix) else self.prefix + name

    def _move(self, uid: int, folder: str) -> None:
        with self._answers(f"move a mail to {folder}"), _no(FolderRefusedError):
            name = self._name(folder)
            if self.client.has_capability("MOVE"):
                self.client.move([uid], name)
                return
            self.client.copy([uid], name)
            self.client.add_flags([uid], [DELETED], silent=True)
            if self.client.has_capability("UIDPLUS"):
                self.client.uid_expunge([uid])

    def _part(self, uid: int, wanted: str, named: bytes) -> bytes | None:
        with self._answers(f"hand out mail {uid}"):
            found = self.client.fetch([uid], [wanted]).get(uid, {}).get(named)
        return found if isinstance(found, bytes) else None

    @contextmanager
    def _answers(self, what: str) -> Iterator[None]:
        """Turns a refusal, and the end of the connection, into a sentence."""
        try:
            yield
        except MailboxError:
            raise
        except (IMAPClientError, OSError) as error:
            raise MailboxAwayError(f"{self.settings.host} did not {what}: {_said(error)}") from error


@contextmanager
def _no(refused: Callable[[str], MailboxError]) -> Iterator[None]:
    """Turns the server's NO into the error that is made of its words; the end of the connection is none."""
    try:
        yield
    except IMAPClient.AbortError:
        raise
    except IMAPClientError as error:
        raise refused(_said(error)) from error


def _connected(settings: MailboxSettings) -> IMAPClient:
    """Raises MailboxAwayError with what to check."""
    try:
        return _client(settings)
    except ssl.SSLCertVerificationError as error:
        reason = f"has a certificate that is not trusted ({error.verify_message}); name its issuer's in {PREFIX}CA_FILE"
    except ssl.SSLError as error:
        reason = f"does not speak TLS there ({error.reason}); check {PREFIX}PORT, and {PREFIX}SECURITY (tls, starttls)"
    except socket.gaierror as error:
        reason = f"has no address ({error.strerror}); check {PREFIX}HOST and the network"
    except TimeoutError:
        reason = f"did not answer in time; check {PREFIX}HOST, {PREFIX}PORT and the network"
    except (IMAPClientError, OSError) as error:
        reason = f"cannot be reached ({_said(error)}); check {PREFIX}HOST and {PREFIX}PORT"
    raise MailboxAwayError(f"{settings.place} {reason}")


def _client(settings: MailboxSettings) -> IMAPClient:
    context = ssl.create_default_context()
    if settings.ca_file:
        context.load_verify_locations(settings.ca_file)
    client = IMAPClient(
        settings.host,
        settings.port,
        ssl=settings.security == "tls",
        ssl_context=context,
        timeout=SocketTimeout(min(_CONNECT_SECONDS, settings.seconds), settings.seconds),
    )
    if settings.security == "starttls":
        try:
            client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
    return client


def _said(error: Exception) -> str:
    """The server's or the system's own words, on one line."""
    words = error.strerror or error if isinstance(error, OSError) else (*error.args, "")[0]
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.split())[:_SAID] or type(error).__name__
