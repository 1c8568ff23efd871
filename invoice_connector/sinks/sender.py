"""Deliveries in the background, beside a server: what is due goes out, until it is stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from types import TracebackType

from sqlalchemy import Engine

from db.deliveries import next_due
from db.records import utc_now
from invoice_connector.sinks.dispatch import deliver_due
from invoice_connector.sinks.settings import SinkSettings

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0  # seconds: other processes store deliveries too, and tell nobody


class BackgroundSender:
    """A thread that sends while its ``with`` block runs. Any number of them, in any number of processes, share the
    work: each delivery is claimed in the database before it is tried. Leaving the block waits for the try under way."""

    def __init__(self, database: Callable[[], Engine], sinks: Mapping[str, SinkSettings]) -> None:
        self._database, self._sinks = database, dict(sinks)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def __enter__(self) -> BackgroundSender:
        if self._sinks:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self._send()
            except Exception:  # a delivery that fails in an unforeseen way must not end those of all others
                logger.exception("deliveries pause")
                pause = _LONGEST_PAUSE
            self._stop.wait(pause)

    def _send(self) -> float:
        """Sends what is due, and gives the seconds until something may be due again."""
        database = self._database()
        for attempt in deliver_due(database, self._sinks):
            if attempt.error is None:
                logger.info("job %s is delivered to %s as %s", attempt.job_id, attempt.sink, attempt.reference)
            else:
                again = f"again at {attempt.again_at:%H:%M:%S} UTC" if attempt.again_at else "given up"
                logger.warning(
                    "job %s is not delivered to %s: %s; %s", attempt.job_id, attempt.sink, attempt.error, again
                )
            if self._stop.is_set():
                return 0.0
        due = next_due(database, tuple(self._sinks))
        left = _LONGEST_PAUSE if due is None else (due - utc_now()).total_seconds()
        return min(max(left, 0.1), _LONGEST_PAUSE)
