"""Settings of the places that anchors are kept at, by their ``kind``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from invoice_connector.sinks.settings import ServerSink, Sink, WebhookSink


class FileAnchor(Sink):
    """A line of ``path`` for each anchor; best on a disk that this machine can only add to."""

    kind: Literal["file"]
    path: Path


class TimestampAnchor(ServerSink):
    """An RFC 3161 server at ``url`` stamps the head, and the anchor with its stamp becomes a line of ``path``.
    ``roots``: PEM certificates, to one of which the server's certificate must lead."""

    kind: Literal["timestamp"]
    path: Path
    roots: Path


AnchorSettings = Annotated[FileAnchor | WebhookSink | TimestampAnchor, Field(discriminator="kind")]
