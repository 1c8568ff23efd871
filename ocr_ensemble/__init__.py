"""Reads documents with several OCR engines and fuses what they read: ``OCREnsemble().read("faktura.png").text``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# What is read here is nobody else's business: these libraries report to their makers unless told not to.
for _name in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_name, "1")

if TYPE_CHECKING:
    from ocr_ensemble.ensemble import OCREnsemble

__all__ = ["OCREnsemble"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that importing one small module does not import the engines.
    if name == "OCREnsemble":
        from ocr_ensemble.ensemble import OCREnsemble

        return OCREnsemble
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
