"""Reads documents with several OCR engines and fuses what they read: ``OCREnsemble().read("faktura.png").text``."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# What is read here is nobody else's business: these libraries report to their makers unless told not to.
for _name in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_name, "1")

if TYPE_CHECKING:
    from ocr_ensemble.document.limits import Limits
    from ocr_ensemble.document.page import Document, PageImage
    from ocr_ensemble.engines.protocols import (
        EngineSettings,
        FieldReader,
        LineCrop,
        LineDetector,
        LineReader,
        PageReader,
    )
    from ocr_ensemble.ensemble import OCREnsemble
    from ocr_ensemble.errors import (
        DocumentError,
        EngineError,
        EngineUnavailableError,
        NoEngineError,
        OCRError,
        PluginError,
    )
    from ocr_ensemble.layout import BoundingBox, TextLine, Word
    from ocr_ensemble.reading import (
        Consensus,
        DocumentReading,
        EngineRun,
        FieldReading,
        PageReading,
        Reading,
        Transcription,
    )
    from ocr_ensemble.settings import EnsembleSettings, Policy

__all__ = [
    "BoundingBox",
    "Consensus",
    "Document",
    "DocumentError",
    "DocumentReading",
    "EngineError",
    "EngineRun",
    "EngineSettings",
    "EngineUnavailableError",
    "EnsembleSettings",
    "FieldReader",
    "FieldReading",
    "Limits",
    "LineCrop",
    "LineDetector",
    "LineReader",
    "NoEngineError",
    "OCREnsemble",
    "OCRError",
    "PageImage",
    "PageReader",
    "PageReading",
    "PluginError",
    "Policy",
    "Reading",
    "TextLine",
    "Transcription",
    "Word",
]

# Loaded on first use, so that importing one small module does not import all others.
_MODULES = {
    "BoundingBox": "layout",
    "Consensus": "reading",
    "Document": "document.page",
    "DocumentError": "errors",
    "DocumentReading": "reading",
    "EngineError": "errors",
    "EngineRun": "reading",
    "EngineSettings": "engines.protocols",
    "EngineUnavailableError": "errors",
    "EnsembleSettings": "settings",
    "FieldReader": "engines.protocols",
    "FieldReading": "reading",
    "Limits": "document.limits",
    "LineCrop": "engines.protocols",
    "LineDetector": "engines.protocols",
    "LineReader": "engines.protocols",
    "NoEngineError": "errors",
    "OCREnsemble": "ensemble",
    "OCRError": "errors",
    "PageImage": "document.page",
    "PageReader": "engines.protocols",
    "PageReading": "reading",
    "PluginError": "errors",
    "Policy": "settings",
    "Reading": "reading",
    "TextLine": "layout",
    "Transcription": "reading",
    "Word": "layout",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
