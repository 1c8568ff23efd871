"""A mailbox that is watched. As with a folder the log is the truth: a mail is moved once all its documents are stored,
and whoever is killed in between finds them stored and only moves it."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from db.ids import new_job_id
from db.records import JobStatus
from invoice_connector.arrivals.arriving import Arrival, Opening
from invoice_connector.arrivals.mail import subject_of
from invoice_connector.arrivals.parts import clean
from invoice_connector.mailbox.errors import MailboxAwayError
from invoice_connector.mailbox.login import Secrets
from invoice_connector.mailbox.server import MailServer
from invoice_connector.pipeline.request import Request
from invoice_connector.workers.batch import BatchItem, BatchOrder
from invoice_connector.workers.watching import Seen, read_once

_ROUND = 50  # mails that are fetched before they are read; fewer where their documents are large
MailKey = tuple[int, int]  # the folder's UIDVALIDITY and the mail's UID, which name it for ever


@dataclass(slots=True)
class MailboxWatch:
    """``every``: seconds between two looks where the server has no IDLE. ``ended``: where mails go that were read and
    are not moved yet; ``tries``: how often a mail was asked for in vain; ``moved``: UIDs that
    this connection has moved, which a server that lists them for a while longer is not asked for again."""

    secrets: Secrets
    order: BatchOrder
    opening: Opening
    every: float = 60.0
    server: MailServer | None = None
    ended: dict[MailKey, str] = field(default_factory=dict)
    tries: Counter[MailKey] = field(default_factory=Counter)
    moved: set[int] = field(default_factory=set)

    @property
    def waiting(self) -> bool:
        """Never: a look ends when the folder is empty."""
        return False

    def connect(self) -> MailServer:
        """The connection, made anew where it was lost. Raises every MailboxError."""
        if self.server is None:
            self.server = MailServer.opened(self.secrets)
            self.moved.clear()
        return self.server

    def look(self) -> Iterator[Seen]:
        """Reads and moves mails until none is left, and yields each document's JSON with the name of its mail; None for
        one that was stored before. Raises StorageError and every MailboxError."""
        server = self.connect()
        try:
            while mails := {uid: size for uid, size in server.mails().items() if uid not in self.moved}:
                yield from self._round(server, mails)
        except MailboxAwayError:
            self._lose()
            raise

    def wait(self, stopped: threading.Event) -> None:
        """Until a mail arrives, or it is time to look."""
        try:
            self.connect().wait(stopped, self.every)
        except MailboxAwayError:
            self._lose()
            raise

    def close(self) -> None:
        """Ends the connection."""
        if self.server is not None:
            self.server.close()
            self.server = None

    def _lose(self) -> None:
        if self.server is not None:
            self.server.drop()
            self.server = None

    def _round(self, server: MailServer, mails: dict[int, int]) -> Iterator[Seen]:
        """Some of the mails: fetched, read and moved, each as soon as all its documents are stored."""
        documents = dict(self._fetched(server, mails))
        owner = {item.path: uid for uid, items in documents.items() for item in items}
        left = Counter(item.path for items in documents.values() for item in items)
        failed = dict.fromkeys(left, True)
        for item, status, read in read_once((each for items in documents.values() for each in items), self.order):
            path = item.path
            failed[path] &= status == JobStatus.FAILED
            left[path] -= 1
            yield from ((_name(item), document) for document in read or (None,))
            if not left[path]:
                given = self.secrets.settings
                self.ended[server.validity, owner[path]] = given.failed if failed[path] else given.done
                self._move(server, owner[path])

    def _fetched(self, server: MailServer, mails: dict[int, int]) -> Iterator[tuple[int, list[BatchItem]]]:
        """Mails with their documents, until these are many or large. What was read before is only moved."""
        held = count = 0
        for uid, size in mails.items():
            key = (server.validity, uid)
            if key in self.ended:
                self._move(server, uid)
                continue
            self.tries[key] += 1
            items = self._items(server, uid, size)
            if items:
                yield uid, items
            count += 1
            held += sum(map(_size, items))
            if count >= _ROUND or held >= self.opening.bounds.total_bytes:
                return

    def _items(self, server: MailServer, uid: int, size: int) -> list[BatchItem]:
        """The documents of a mail, or what stands for one that is not opened; nothing where it is gone."""
        tries, most = self.order.settings.stage_tries, self.opening.settings.limits.max_bytes
        if size > most:
            why = f"the mail has {size:,} bytes and the limit is {most:,}; ask for a smaller one, or raise max_bytes"
            return [self._refused(server, uid, ("DocumentTooLargeError", why))]
        if self.tries[server.validity, uid] > tries:
            why = f"the mail was asked for {tries} times and did not come; look at it with another program"
            return [self._refused(server, uid, ("DamagedDocumentError", why))]
        content = server.content(uid)
        if content is None:
            return []
        del self.tries[server.validity, uid]
        request = Request(new_job_id(), _file_name(content, uid), self.order.customer_id)
        arrivals = self.opening.arrivals(content, request)
        return [_item(server, uid, part, arrival) for part, arrival in enumerate(arrivals)]

    def _refused(self, server: MailServer, uid: int, broken: tuple[str, str]) -> BatchItem:
        """A mail that fails unread; its place stands for its bytes."""
        given = self.secrets.settings
        head = server.head(uid) if broken[0] == "DocumentTooLargeError" else None
        request = Request(new_job_id(), _file_name(head or b"", uid), self.order.customer_id, broken=broken)
        place = f"{given.user} at {given.host}: {given.folder} {server.validity} {uid}"
        return _item(server, uid, 0, Arrival(place.encode(), request))

    def _move(self, server: MailServer, uid: int) -> None:
        server.move(uid, self.ended[server.validity, uid])
        self.moved.add(uid)
        self.ended.pop((server.validity, uid))
        self.tries.pop((server.validity, uid), None)


def _item(server: MailServer, uid: int, part: int, arrival: Arrival) -> BatchItem:
    assert isinstance(arrival.source, bytes)  # no file is involved
    path = Path(f"{server.validity}-{uid}.eml")
    return BatchItem(path, hashlib.sha256(arrival.source).hexdigest(), part, arrival=arrival)


def _size(item: BatchItem) -> int:
    return len(item.arrival.source) if item.arrival and isinstance(item.arrival.source, bytes) else 0


def _file_name(content: bytes, uid: int) -> str:
    """What jobs call a mail: by its subject, as mail programs do that save it."""
    return clean(f"{subject_of(content) or f'mail {uid}'}.eml").replace("/", "_")


def _name(item: BatchItem) -> str:
    return item.arrival.request.source_name if item.arrival else item.path.name
