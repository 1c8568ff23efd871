"""The exception tree. Every message says what happened, why, and what to do.

OCRError
 +- DocumentError                  the file is at fault
 |   +- DocumentNotFoundError
 |   +- EmptyDocumentError
 |   +- UnsupportedDocumentError   not an image or PDF
 |   +- DamagedDocumentError       cut short or corrupt
 |   +- EncryptedDocumentError
 |   +- DocumentTooLargeError      bytes, pages or pixels beyond the limits
 |   +- DecodingTimeoutError     the child process that decodes took too long
 |   +- DecoderDiedError         it crashed
 |   +- NoDocumentError            a mail or an archive holds none
 |   +- SeveralDocumentsError      it holds several, and one was asked for
 |   +- PageTooSmallError
 |   +- BlankDocumentError         nothing is printed on it
 +- EngineError                    an engine is at fault; the others go on
 |   +- UnknownEngineError
 |   +- EngineUnavailableError
 |   |   +- WeightsError           its weights are at fault
 |   |       +- WeightsMissingError
 |   |       +- WeightsIncompleteError   half a download, or files of it are gone
 |   |       +- WeightsTamperedError     not the bytes that were pinned or recorded, or they would run code
 |   |       +- WeightsPullError         they could not be fetched
 |   +- EngineFailedError
 |   +- EngineTimeoutError
 +- NoEngineError                  no engine could read the document
 +- PluginError                    what another installed package adds cannot be used
"""

from __future__ import annotations


class OCRError(Exception):
    """Base of all errors this package raises on purpose."""


class DocumentError(OCRError):
    """The document cannot be read, whatever the engine."""


class DocumentNotFoundError(DocumentError):
    """There is no readable file at the path."""


class EmptyDocumentError(DocumentError):
    """The file has no bytes."""


class UnsupportedDocumentError(DocumentError):
    """The bytes are neither an image nor a PDF of a supported kind."""


class DamagedDocumentError(DocumentError):
    """The file is cut short or corrupt."""


class EncryptedDocumentError(DocumentError):
    """The PDF asks for a password."""


class DocumentTooLargeError(DocumentError):
    """The file, its pages or a page's pixels exceed a limit of the settings."""


class DecodingTimeoutError(DocumentError):
    """Decoding takes more wall-clock or processor time than the settings allow."""


class DecoderDiedError(DocumentError):
    """The process that decoded the file ended: by a fault of a decoder, or because memory ran out."""


class NoDocumentError(DocumentError):
    """A mail or an archive holds nothing that is read as a document."""


class SeveralDocumentsError(DocumentError):
    """A mail, an archive or an e-invoice holds several documents where one is asked for."""


class PageTooSmallError(DocumentError):
    """A page is too small to hold legible text."""


class BlankDocumentError(DocumentError):
    """Nothing is printed on any page."""


class EngineError(OCRError):
    """One engine cannot deliver."""

    def __init__(self, engine: str, message: str) -> None:
        super().__init__(message)
        self.engine = engine


class UnknownEngineError(EngineError):
    """No engine is registered under the name."""


class EngineUnavailableError(EngineError):
    """A library, program or weights file is missing."""


class WeightsError(EngineUnavailableError):
    """The engine's weights cannot be used; the other engines go on."""


class WeightsMissingError(WeightsError):
    """There are no weights where they were looked for."""


class WeightsIncompleteError(WeightsError):
    """Weights are there in part: a download that broke off, or files that are gone."""


class WeightsTamperedError(WeightsError):
    """A file is not what was pinned or recorded, or would run code when loaded. It was not loaded."""


class WeightsPullError(WeightsError):
    """The weights could not be fetched; what has arrived is kept for the next try."""


class EngineFailedError(EngineError):
    """The engine raised while it read."""


class EngineTimeoutError(EngineError):
    """The engine did not answer within its time limit."""


class NoEngineError(OCRError):
    """No engine at all could read the document."""


class PluginError(OCRError):
    """A plug-in cannot be loaded, is not what it should be, or has a name that is taken; the others go on."""
