"""What runs on a worker: the task of every stage, the connector of each of its processes, and the sweep."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from functools import cache
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

from db.records import utc_now
from invoice_connector.commands.deliver import send_job
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.process import Stage
from invoice_connector.scale.queues import DELIVERY, QUEUES, TASK, Broker, backoff, celery_app
from invoice_connector.scale.stages import Line
from invoice_connector.scale.store import work_store
from invoice_connector.settings import ConnectorSettings

logger = logging.getLogger(__name__)


def worker_app(settings: ConnectorSettings) -> Celery:
    """The application with its task; documents are read under ``settings``."""
    app = celery_app(settings)

    @cache
    def line() -> Line:
        # Made in the process that works with it: neither models nor connections survive a fork.
        return line_of(settings, app)

    @app.task(name=TASK, bind=True, max_retries=None)
    def stage(task: Any, job_id: str, name: str) -> None:
        try:
            if name == DELIVERY:
                send_job(line().connector.database, settings, job_id)
            else:
                line().work(job_id, Stage(name))
        except Exception as error:
            logger.warning("%s of %s is tried again: %s", name, job_id, error)
            raise task.retry(exc=error, countdown=backoff(settings.retry_seconds, task.request.retries)) from error

    return app


def line_of(settings: ConnectorSettings, app: Celery | None = None) -> Line:
    """The production line of this process."""
    broker = Broker(app or celery_app(settings))
    return Line(InvoiceOCRConnector(settings), work_store(settings.work_store), broker.send)


def run(settings: ConnectorSettings, queues: tuple[str, ...], concurrency: int, name: str | None = None) -> int:
    """Works until it is stopped; returns the exit code."""
    app, stopped = worker_app(settings), threading.Event()

    @worker_ready.connect(weak=False)
    def start(**_: Any) -> None:
        threading.Thread(target=_sweep, args=(settings, app, stopped), daemon=True).start()

    @worker_shutting_down.connect(weak=False)
    def stop(**_: Any) -> None:
        stopped.set()

    # Those that are nearly done first: of several queues that hold messages the first one named is served.
    served = [queue for queue in reversed(QUEUES) if queue in queues]
    options = ["--queues", ",".join(served), "--concurrency", str(concurrency), "--loglevel", "warning"]
    hostname = ["--hostname", name] if name else []
    app.worker_main(["worker", *options, *hostname, "--without-gossip", "--without-mingle"])
    return 0


def _sweep(settings: ConnectorSettings, app: Celery, stopped: threading.Event) -> None:
    """Now and then finds documents whose message was lost, and deliveries that are due."""
    line, broker = line_of(settings, app), Broker(app)
    while not stopped.wait(settings.sweep_seconds):
        quiet_since = utc_now() - timedelta(seconds=settings.stage_seconds + settings.sweep_seconds)
        try:
            if found := line.resend_lost(quiet_since, broker.waiting):
                logger.warning("%d documents had lost their message and were queued again", found)
            send_job(line.connector.database, settings)
        except Exception as error:  # a broker or a database that is away comes back, and the next sweep is not far
            logger.warning("looking for lost documents failed: %s", error)
