"""Scores text against the picture of it: ``create_verifier(VerifierSettings())``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifier.backends.create import VerifierSettings, create_verifier
    from verifier.decisions import Answer, Decision, DecisionBackend, Kind
    from verifier.errors import VerifierAnswerError, VerifierError, VerifierSettingsError, VerifierUnavailableError
    from verifier.verdict import Question, Verdict, Verification
    from verifier.verifier import Budget, Verifier

__all__ = [
    "Answer",
    "Budget",
    "Decision",
    "DecisionBackend",
    "Kind",
    "Question",
    "Verdict",
    "Verification",
    "Verifier",
    "VerifierAnswerError",
    "VerifierError",
    "VerifierSettings",
    "VerifierSettingsError",
    "VerifierUnavailableError",
    "create_verifier",
]

# Loaded on first use, so that importing one small module does not import all others.
_MODULES = {
    "Answer": "decisions",
    "Budget": "verifier",
    "Decision": "decisions",
    "DecisionBackend": "decisions",
    "Kind": "decisions",
    "Question": "verdict",
    "Verdict": "verdict",
    "Verification": "verdict",
    "Verifier": "verifier",
    "VerifierAnswerError": "errors",
    "VerifierError": "errors",
    "VerifierSettings": "backends.create",
    "VerifierSettingsError": "errors",
    "VerifierUnavailableError": "errors",
    "create_verifier": "backends.create",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
