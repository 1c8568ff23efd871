"""What can go wrong on the way out. Every message says what happened, why, and what to do.

ExportError
 +- SourceMissingError       the picture is needed and the file is gone or another one
 +- InvoiceIncompleteError   terms are missing or contradict each other; ``problems`` lists them
 +- JobRejectedError         a person said that the document is not to be booked
 +- UnknownFormatError       neither built in nor brought by another package
 +- RulesError               the validation rules cannot be used
"""

from __future__ import annotations

from collections.abc import Sequence


class ExportError(Exception):
    """Base of all errors this package raises on purpose."""


class SourceMissingError(ExportError):
    """The export shows the page, and the file it was read from is not there any more, or not the same."""


class InvoiceIncompleteError(ExportError):
    """The invoice cannot be stated in the wanted form. ``problems``: one line per term or rule."""

    def __init__(self, message: str, problems: Sequence[str]) -> None:
        super().__init__("\n  ".join([message, *problems]))
        self.problems = tuple(problems)


class JobRejectedError(ExportError):
    """An invoice is made for booking, and a review says that this document is not to be booked."""


class RulesError(ExportError):
    """A file of validation rules is missing, broken or of a kind that cannot be run."""


class UnknownFormatError(ExportError):
    """No format has that name, neither here nor in another package."""
