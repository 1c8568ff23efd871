"""What can go wrong with a verifier; the document is read all the same.

VerifierError
 +- VerifierSettingsError      the setting names no verifier
 +- VerifierUnavailableError   not installed, out of reach, or it refused
 |   +- VerifierTimeoutError   no answer within the time limit
 +- VerifierAnswerError        the answer is no answer to what was asked
"""

from __future__ import annotations


class VerifierError(Exception):
    """Base of all errors this package raises on purpose. The message says what happened, why, what to do."""


class VerifierSettingsError(VerifierError):
    """The settings name a verifier that does not exist."""


class VerifierUnavailableError(VerifierError):
    """The verifier cannot be asked here and now."""


class VerifierTimeoutError(VerifierUnavailableError):
    """The verifier did not answer within its time limit."""


class VerifierAnswerError(VerifierError):
    """The answer is broken, incomplete or outside the options. It counts for nothing."""
