"""Deliveries in the background, beside a server: what is due goes out, until it is stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from db.deliveries import next_due
from db.records import utc_now
from invoice_connector.sinks.dispatch import deliver_due
from invoice_connector.sinks.settings import SinkSettings
from invoice_connector.workers.background import Background

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0  # seconds: other processes store deliveries too, and tell nobody


class BackgroundSender(Background):
    """Sends while its ``with`` block runs. Any number of them, in any number of processes, share the work: each
    delivery is claimed in the database before it is tried."""

    def __init__(self, database: Callable[[], Engine], sinks: Mapping[str, SinkSettings]) -> None:
        super().__init__("deliveries", bool(sinks))
        self._database, self._sinks = database, dict(sinks)

    def step(self) -> float:
        database = self._database()
        for attempt in deliver_due(database, self._sinks):
            if attempt.error is None:
                logger.info("job %s is delivered to %s as %s", attempt.job_id, attempt.sink, attempt.reference)
            else:
                again = f"again at {attempt.again_at:%H:%M:%S} UTC" if attempt.again_at else "given up"
                logger.warning(
                    "job %s is not delivered to %s: %s; %s", attempt.job_id, attempt.sink, attempt.error, again
                )
            if self.stopped:
                return 0.0
        due = next_due(database, tuple(self._sinks))
        left = _LONGEST_PAUSE if due is None else (due - utc_now()).total_seconds()
        return min(max(left, 0.1), _LONGEST_PAUSE)
