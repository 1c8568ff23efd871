"""Outcomes as JSON, pages as PNG: the form in which a document waits between two stages. Nothing is pickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, get_type_hints

import cv2
import numpy as np
from cattrs.preconf.json import JsonConverter, make_converter
from numpy.typing import NDArray

from invoice_connector.invoice import FieldValue
from invoice_connector.pipeline.outcome import Outcome
from ocr_ensemble.document.page import PageImage

_FAST = [int(cv2.IMWRITE_PNG_COMPRESSION), 1]
_UNSTORED = "pixels"


def outcome_json(outcome: Outcome) -> bytes:
    """The outcome without the pixels of its pages."""
    return json.dumps(_converter().unstructure(outcome, Outcome), ensure_ascii=False).encode()


def outcome_of(content: bytes) -> Outcome:
    """The outcome; the pages have their size but no pixels, which are read-only zeros that take no memory."""
    found: Outcome = _converter().structure(json.loads(content), Outcome)
    return found


def page_png(page: PageImage) -> bytes:
    """The page's pixels without loss."""
    done, content = cv2.imencode(".png", cv2.cvtColor(page.pixels, cv2.COLOR_RGB2BGR), _FAST)
    assert done
    return content.tobytes()


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """uint8, shape (H, W, 3), RGB, read-only. For pages that ``page_png`` wrote; foreign files go another way."""
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise OSError("a page in the work store is damaged")
    pixels = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    pixels.setflags(write=False)
    return pixels


@cache
def _converter() -> JsonConverter:
    converter = make_converter()
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    # A field's value is one of three types that all are strings in JSON: it says which.
    converter.register_unstructure_hook_func(_is_field_value, _tagged)
    converter.register_structure_hook_func(_is_field_value, lambda value, _: _untagged(value))
    stored = [each.name for each in fields(PageImage) if each.name != _UNSTORED]
    hints = get_type_hints(PageImage)

    def page_json(page: PageImage) -> dict[str, Any]:
        known = {name: converter.unstructure(getattr(page, name), hints[name]) for name in stored}
        return {**known, "size": [page.height, page.width]}

    def page_of(value: Mapping[str, Any], _: Any) -> PageImage:
        known = {name: converter.structure(value[name], hints[name]) for name in stored if name in value}
        blank = np.broadcast_to(np.uint8(0), (*value["size"], 3))
        return PageImage(**known, pixels=blank)

    converter.register_unstructure_hook(PageImage, page_json)
    converter.register_structure_hook(PageImage, page_of)
    return converter


def _is_field_value(kind: Any) -> bool:
    return bool(kind == FieldValue)


def _tagged(value: FieldValue) -> list[str]:
    if isinstance(value, Decimal):
        return ["amount", str(value)]
    return ["day", value.isoformat()] if isinstance(value, date) else ["text", value]


def _untagged(value: list[str]) -> FieldValue:
    kind, text = value
    if kind == "amount":
        return Decimal(text)
    return date.fromisoformat(text) if kind == "day" else text
