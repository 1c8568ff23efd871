"""The real server in a thread of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import server


@contextmanager
def serving(settings: ConnectorSettings) -> Iterator[str]:
    """The address of a server under these settings, as long as the block lasts."""
    connector = InvoiceOCRConnector(settings)
    made = server(connector, "127.0.0.1", 0, log_level="warning")
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    while not made.started:
        time.sleep(0.02)
    port = made.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    made.should_exit = True
    thread.join(60)
    connector.database.dispose()
