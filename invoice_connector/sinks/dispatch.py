"""Deliveries that are due, one after the other, each with its outcome in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from db.deliveries import Delivery, claim_due, finish, give_up, postpone
from db.queries import get_job
from db.records import utc_now
from invoice_connector.sinks.errors import DeliveryError
from invoice_connector.sinks.kinds import deliver
from invoice_connector.sinks.settings import SinkSettings

BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600))
"""How long to wait after the first try, the second, ...; after the last one the delivery is given up."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: where to, the sink's name for it or the error, and when it is tried again (None: not)."""

    job_id: str
    sink: str
    reference: str | None = None
    error: str | None = None
    again_at: datetime | None = None


def deliver_due(
    engine: Engine, sinks: Mapping[str, SinkSettings], now: datetime | None = None, job_id: str | None = None
) -> Iterator[Attempt]:
    """Tries everything that is due at ``now`` (aware, default: the present) once; of one job only when given."""
    moment = now or utc_now()
    while (delivery := claim_due(engine, tuple(sinks), moment, job_id)) is not None:
        yield _tried(engine, sinks[delivery.sink], delivery, moment)


def _tried(engine: Engine, sink: SinkSettings, delivery: Delivery, moment: datetime) -> Attempt:
    where = (delivery.job_id, delivery.sink)
    try:
        reference = deliver(sink, get_job(engine, delivery.job_id), f"{delivery.job_id}-{delivery.sink}")
    except DeliveryError as error:
        if error.final or delivery.attempts > len(BACKOFF):
            give_up(engine, delivery, str(error))
            return Attempt(*where, error=str(error))
        wait = max(BACKOFF[delivery.attempts - 1], timedelta(seconds=error.retry_after or 0.0))
        postpone(engine, delivery, str(error), moment + wait)
        return Attempt(*where, error=str(error), again_at=moment + wait)
    finish(engine, delivery, reference)
    return Attempt(*where, reference=reference)
