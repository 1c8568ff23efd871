"""What decoding a document may cost, as the settings have it: apart from reading, which imports much more."""

from __future__ import annotations

from invoice_connector.settings import ConnectorSettings
from ocr_ensemble.document.isolation import Isolation


def isolation_of(settings: ConnectorSettings) -> Isolation:
    """The part of the application's settings that concerns the process that decodes."""
    return Isolation(
        seconds=settings.decoder_seconds,
        cpu_seconds=settings.decoder_cpu_seconds,
        page_seconds=settings.decoder_page_seconds,
        memory_bytes=settings.decoder_memory_bytes,
        documents=settings.decoder_documents,
        enabled=settings.decoder_isolated,
    )
