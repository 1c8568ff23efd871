"""The decoder of each kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.raw import RawPage
from ocr_ensemble.document.sniff import MediaType

Decode = Callable[[bytes, str, MediaType, Limits], Iterator[RawPage]]
"""Bytes, the name that messages call them, their kind and the limits -> the pages one after the other."""


_PDF, _PICTURES, _HEIC = "ocr_ensemble.document.pdf", "ocr_ensemble.document.image", "pillow_heif"


def modules_of(media_type: MediaType | None) -> tuple[str, ...]:
    """What decodes that kind of file; all of it where the kind is not known."""
    if media_type is None:
        return _PDF, _PICTURES, _HEIC
    if media_type is MediaType.PDF:
        return (_PDF,)
    return (_PICTURES, _HEIC) if media_type is MediaType.HEIC else (_PICTURES,)


def raw_pages(source: bytes, name: str, media_type: MediaType, limits: Limits) -> Iterator[RawPage]:
    """The pages, decoded in this process. Raises a DocumentError."""
    if media_type is MediaType.PDF:
        from ocr_ensemble.document.pdf import pdf_pages

        return pdf_pages(source, name, limits)
    from ocr_ensemble.document.image import image_pages

    return image_pages(source, name, media_type, limits)


def function_named(task: str) -> Callable[[bytes], Any]:
    """The function "module:name"."""
    module, _, name = task.partition(":")
    found: Callable[[bytes], Any] = getattr(import_module(module), name)
    return found
