"""Files to upright page images with what was measured and done on the way."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocr_ensemble.document.decode import load_document, read_source
    from ocr_ensemble.document.limits import Limits
    from ocr_ensemble.document.page import Document, ImageQuality, PageImage
    from ocr_ensemble.document.preprocess import Treatments
    from ocr_ensemble.document.steps import PreprocessingStep

__all__ = [
    "Document",
    "ImageQuality",
    "Limits",
    "PageImage",
    "PreprocessingStep",
    "Treatments",
    "load_document",
    "read_source",
]

_MODULES = {"load_document": "decode", "read_source": "decode", "Limits": "limits", "Treatments": "preprocess"}


def __getattr__(name: str) -> Any:
    # Loaded on first use: the child process that decodes files needs the decoders only.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'page')}"), name)
