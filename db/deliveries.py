"""Which jobs go to which sinks, and what became of each try. One row per job and sink: nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, insert, select, update

from db.records import utc_now
from db.tables import DELIVERIES
from db.transactions import reading, writing

LEASE = timedelta(minutes=10)
"""For how long a try belongs to who started it; when that one died, the delivery is due again afterwards."""


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """``attempts`` counts the tries so far, the one under way included; ``reference`` is the receiver's name for it."""

    job_id: str
    sink: str
    status: str
    attempts: int
    recorded_at: datetime
    due_at: datetime
    delivered_at: datetime | None = None
    reference: str | None = None
    error: str | None = None


def add_deliveries(connection: Connection, job_id: str, sinks: Iterable[str]) -> None:
    """Asks for a job's delivery inside the transaction that stores the job."""
    now = utc_now()
    for sink in dict.fromkeys(sinks):
        values = {"job_id": job_id, "sink": sink, "status": DeliveryStatus.PENDING.value, "attempts": 0}
        connection.execute(insert(DELIVERIES).values(**values, recorded_at=now, due_at=now))


def request_delivery(engine: Engine, job_id: str, sinks: Collection[str]) -> None:
    """Asks for the delivery of a stored job; what was asked for before stays as it is."""
    with writing(engine) as connection:
        query = select(DELIVERIES.c.sink).where(DELIVERIES.c.job_id == job_id)
        known = set(connection.execute(query).scalars())
        add_deliveries(connection, job_id, [sink for sink in sinks if sink not in known])


def withdraw(engine: Engine, job_id: str) -> None:
    """Takes back what was asked for and not tried yet: the job is not to be booked."""
    untried = (DELIVERIES.c.job_id == job_id) & (DELIVERIES.c.attempts == 0)
    with writing(engine) as connection:
        connection.execute(delete(DELIVERIES).where(untried))


def claim_due(engine: Engine, sinks: Collection[str], now: datetime, job_id: str | None = None) -> Delivery | None:
    """Takes the longest due delivery to one of the sinks, so that nobody else does; None when nothing is due."""
    open_states = [DeliveryStatus.PENDING.value, DeliveryStatus.SENDING.value]
    table = DELIVERIES.c
    query = select(DELIVERIES).where(table.sink.in_(sinks), table.status.in_(open_states), table.due_at <= now)
    if job_id is not None:
        query = query.where(table.job_id == job_id)
    with writing(engine) as connection:
        row = connection.execute(query.order_by(table.due_at).limit(1)).mappings().first()
        if row is None:
            return None
        # From this moment on, since who works off a long queue still asks for what was due when it began.
        until = max(now, utc_now()) + LEASE
        claim = {"status": DeliveryStatus.SENDING.value, "attempts": row["attempts"] + 1, "due_at": until}
        delivery = Delivery(**{**row, **claim})
        connection.execute(_update(delivery, row["attempts"]).values(**claim))
    return delivery


def finish(engine: Engine, delivery: Delivery, reference: str | None) -> None:
    """It is there."""
    _settle(
        engine, delivery, status=DeliveryStatus.DELIVERED.value, delivered_at=utc_now(), reference=reference, error=None
    )


def postpone(engine: Engine, delivery: Delivery, error: str, due_at: datetime) -> None:
    """It is not there, and is tried again."""
    _settle(engine, delivery, status=DeliveryStatus.PENDING.value, due_at=due_at, error=error)


def give_up(engine: Engine, delivery: Delivery, error: str) -> None:
    """It is not there, and is not tried again unless somebody asks."""
    _settle(engine, delivery, status=DeliveryStatus.FAILED.value, error=error)


def retry_failed(engine: Engine, now: datetime) -> int:
    """Makes all failed deliveries due, their tries counted anew; gives how many."""
    failed = DELIVERIES.c.status == DeliveryStatus.FAILED.value
    with writing(engine) as connection:
        statement = update(DELIVERIES).where(failed)
        done = connection.execute(statement.values(status=DeliveryStatus.PENDING.value, attempts=0, due_at=now))
        return done.rowcount


def list_deliveries(engine: Engine, job_id: str | None = None, limit: int = 1000) -> Sequence[Delivery]:
    """The newest first."""
    query = select(DELIVERIES).order_by(DELIVERIES.c.recorded_at.desc(), DELIVERIES.c.sink).limit(limit)
    if job_id is not None:
        query = query.where(DELIVERIES.c.job_id == job_id)
    with reading(engine) as connection:
        return [Delivery(**row) for row in connection.execute(query).mappings()]


def next_due(engine: Engine, sinks: Collection[str]) -> datetime | None:
    """When the next delivery to one of the sinks is due; None when all are there or given up."""
    open_states = [DeliveryStatus.PENDING.value, DeliveryStatus.SENDING.value]
    query = select(DELIVERIES.c.due_at).where(DELIVERIES.c.sink.in_(sinks), DELIVERIES.c.status.in_(open_states))
    with reading(engine) as connection:
        return connection.execute(query.order_by(DELIVERIES.c.due_at).limit(1)).scalar()


def _settle(engine: Engine, delivery: Delivery, **values: Any) -> None:
    with writing(engine) as connection:
        connection.execute(_update(delivery, delivery.attempts).values(**values))


def _update(delivery: Delivery, attempts: int) -> Any:
    """Of this try only: one whose lease ran out must not overwrite what a later try found out."""
    table = DELIVERIES.c
    same = and_(table.job_id == delivery.job_id, table.sink == delivery.sink, table.attempts == attempts)
    return update(DELIVERIES).where(same)
