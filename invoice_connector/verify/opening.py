"""From the application's settings to how documents are verified; nothing heavy is loaded before the first doubt."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from invoice_connector.settings import ConnectorSettings
from invoice_connector.verify.document import Mode, Verifying
from verifier.verifier import Budget, Verifier

if TYPE_CHECKING:
    from verifier.analysis import TextAnalyst
    from verifier.backends.create import VerifierSettings


def verifying(settings: ConnectorSettings) -> Verifying:
    """Raises VerifierSettingsError for a text model's address that is none."""
    return Verifying(
        open=_Opener(verifier_settings(settings)),
        mode=Mode(settings.verify),
        budget=Budget(settings.verifier_questions, settings.verifier_budget_ms),
        rereads=settings.verifier_rereads,
        language=settings.language,
        analyst=_analyst(settings),
    )


def verifier_settings(settings: ConnectorSettings) -> VerifierSettings:
    """The part of the settings that names the verifier."""
    from verifier.backends.create import VerifierSettings

    return VerifierSettings(
        chosen=settings.verifier,
        model=settings.verifier_model,
        protocol=settings.verifier_protocol,
        api_key=settings.verifier_api_key.get_secret_value() if settings.verifier_api_key else None,
        seconds=settings.verifier_seconds,
        threads=settings.threads,
        four_bit=settings.verifier_four_bit,
    )


class _Opener:
    """Opens the verifier once for all documents; one that could not be opened is tried again for the next document."""

    def __init__(self, settings: VerifierSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: Verifier | None = None

    def __call__(self) -> Verifier | None:
        from verifier.backends.create import create_verifier

        with self._lock:
            if self._opened is None:
                self._opened = create_verifier(self._settings)
            return self._opened


def _analyst(settings: ConnectorSettings) -> TextAnalyst | None:
    if not settings.analyst:
        return None
    from verifier.analysis import TextAnalyst
    from verifier.backends.create import chat_transport

    key = settings.analyst_api_key or settings.verifier_api_key
    transport = chat_transport(settings.analyst, key.get_secret_value() if key else None, settings.verifier_seconds)
    return TextAnalyst(transport, settings.analyst_model)
