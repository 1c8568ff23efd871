"""The Celery application: one queue per stage, four priorities, JSON only, nothing acknowledged before it is done."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import KombuError

from invoice_connector.pipeline.process import Stage
from invoice_connector.settings import ConnectorSettings

DELIVERY = "delivery"
QUEUES = (*(str(stage) for stage in Stage), DELIVERY)
TASK = "invoice_connector.stage"
_LONGEST_BACKOFF = 300.0


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


_STEPS = {Priority.URGENT: 0, Priority.HIGH: 3, Priority.NORMAL: 6, Priority.LOW: 9}  # with Redis 0 comes first


def celery_app(settings: ConnectorSettings) -> Celery:
    """An application on the settings' broker. A message that no worker has acknowledged comes back after twice the
    time that a stage may take."""
    app = Celery("invoice-connector", broker=settings.broker_url)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_queues=[_queue(name) for name in QUEUES],
        task_default_queue=QUEUES[0],
        task_create_missing_queues=False,
        task_time_limit=settings.stage_seconds,
        task_send_sent_event=True,
        worker_send_task_events=True,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=2000,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 2 * settings.stage_seconds,
            "queue_order_strategy": "priority",
            "priority_steps": list(_STEPS.values()),
            "sep": ":",
        },
    )
    return app


def _queue(name: str) -> Queue:
    """A queue with an exchange and a key of its own: with the default ones every message would go to all queues."""
    return Queue(name, Exchange(name, type="direct"), routing_key=name)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Broker:
    """Sends documents to stages."""

    app: Celery

    def send(self, job_id: str, stage: str, priority: str = Priority.NORMAL) -> None:
        """Puts a document into a stage's queue. Raises ConnectionError."""
        step = _STEPS[Priority(priority)]
        try:
            self.app.send_task(TASK, (job_id, stage), queue=stage, priority=step, retry=False)
        except KombuError as error:
            raise ConnectionError(
                f"the broker cannot be reached ({error}); check its address and that it runs"
            ) from error

    def waiting(self, stage: str) -> int:
        """Messages in a stage's queue that no worker has taken."""
        with self.app.connection_for_read() as connection:
            try:
                declared: Any = connection.default_channel.queue_declare(queue=stage, passive=True)
            except connection.channel_errors:  # there is no such queue before its first message
                return 0
            return int(declared.message_count)


def backoff(retry_seconds: float, retries: int) -> float:
    """Seconds until the next try after ``retries`` that failed: doubling, with up to a quarter more by chance."""
    return float(min(_LONGEST_BACKOFF, retry_seconds * 2**retries) * random.uniform(1.0, 1.25))
