"""Donut: a document model that writes a page's fields without reading its lines first (Kim et al. 2022)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.page import PageImage
from ocr_ensemble.engines.device import choose_device
from ocr_ensemble.engines.donut_area import FigureArea, with_places
from ocr_ensemble.engines.donut_json import said
from ocr_ensemble.engines.donut_runtimes import (
    DECODER,
    ENCODER,
    NAME,
    SEPARATOR,
    TAG,
    DonutModel,
    ExportedDonut,
    on_torch,
    tags_of,
)
from ocr_ensemble.engines.encoder_decoder import Tokens, geometric_mean
from ocr_ensemble.engines.hub_models import require, version_of
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.exported import runs_exported
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import TextLine
from ocr_ensemble.reading import FieldReading
from ocr_ensemble.weights.store import resolve

RAW_JSON = "raw_json"  # name of the FieldReading that holds all the model said, as JSON
NOTHING = {"text_sequence": ""}

# Contract names the compact checkpoint writes itself.
FIELDS = frozenset(
    [
        "invoice_number",
        "issue_date",
        "invoice_type_code",
        "currency_code",
        "due_date",
        "buyer_reference",
        "purchase_order_reference",
        "payment_terms",
        "seller_name",
        "seller_legal_registration_identifier",
        "seller_vat_identifier",
        "seller_address",
        "buyer_name",
        "buyer_vat_identifier",
        "buyer_address",
        "remittance_information",
        "payment_account_identifier",
        "payment_service_provider_identifier",
        "total_without_vat",
        "total_vat",
        "total_with_vat",
        "paid_amount",
        "rounding_amount",
        "amount_due",
    ]
)
# CORD's keys, and those of checkpoints trained on SROIE. Not taken over, but kept in the raw JSON: service charges and
# discounts, which the contract has no name for, and `cashprice`, which is the money handed over, change included.
NAMES = {
    ("sub_total", "subtotal_price"): "total_without_vat",
    ("sub_total", "tax_price"): "total_vat",
    ("total", "total_price"): "total_with_vat",
    ("company",): "seller_name",
    ("address",): "seller_address",
    ("date",): "issue_date",
    ("total",): "total_with_vat",
}
LINE_NAMES = {
    ("menu", "nm"): "description",
    ("menu", "num"): "item_number",
    ("menu", "cnt"): "quantity",
    ("menu", "unitprice"): "unit_price",
    ("menu", "price"): "net_amount",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value with the keys that lead to it; ``item`` counts from 0 where its group is a list."""

    path: tuple[str, ...]
    item: int
    ids: tuple[int, ...]
    confidence: float

    @property
    def name(self) -> str | None:
        """The contract's name, ``invoice_lines.N.TERM`` for what is bought; None when it has none."""
        if self.path in LINE_NAMES:
            return f"invoice_lines.{self.item}.{LINE_NAMES[self.path]}"
        if len(self.path) == 1 and self.path[0] in FIELDS:
            return self.path[0]
        return NAMES.get(self.path)


@dataclass(slots=True)
class _Walk:
    """The state of reading tags from left to right."""

    path: list[str] = field(default_factory=list)
    items: dict[tuple[str, ...], int] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)

    def take(self, tag: str | None, token: int, probability: float) -> None:
        """``tag``: "<s_x>", "</s_x>", "<sep/>", None for a token of a value."""
        found = TAG.fullmatch(tag) if tag else None
        if tag == SEPARATOR:
            self._separate(probability)
        elif found is None:
            self.ids.append(token)
            self.probabilities.append(probability)
        elif found[1]:
            self._close(found[2], probability)
        else:
            self._forget()
            self.path.append(found[2])

    def _separate(self, probability: float) -> None:
        """Between the values of one key, or between the items of a list."""
        if self.ids:
            self._keep(probability)
        else:
            self.items[tuple(self.path)] = self.items.get(tuple(self.path), 0) + 1

    def _close(self, name: str, probability: float) -> None:
        if name not in self.path:
            return
        if self.ids and self.path[-1] == name:
            self._keep(probability)
        self._forget()
        while self.path.pop() != name:
            pass

    def _keep(self, probability: float) -> None:
        item = self.items.get(tuple(self.path[:-1]), 0)
        certain = geometric_mean([*self.probabilities, probability])
        self.leaves.append(Leaf(tuple(self.path), item, tuple(self.ids), certain))
        self._forget()

    def _forget(self) -> None:
        self.ids, self.probabilities = [], []


def leaves(tokens: Tokens, tags: dict[int, str]) -> list[Leaf]:
    """The values a token sequence holds; one that is not closed is left out. ``tags``: structural tokens by id."""
    walk = _Walk()
    for token, probability in zip(tokens.ids, tokens.probabilities, strict=True):
        walk.take(tags.get(token), token, probability)
    return walk.leaves


class DonutReader:
    """FieldReader; one instance may be called from several threads, one call runs at a time."""

    name = NAME

    def __init__(self, model: DonutModel, area: FigureArea | None = None) -> None:
        self.version = model.version
        self.runs_on = model.runs_on
        self._area = area
        self._model = model
        self._tags = tags_of(model.added)
        self._lock = threading.Lock()

    @property
    def task(self) -> str:
        """The prompt that asks for fields: "<s_cord-v2>" for the public checkpoint."""
        return self._model.task

    def read_fields(self, page: PageImage, lines: Sequence[TextLine] = ()) -> list[FieldReading]:
        """Fields by contract name with their text as printed, the surest of each, and all the model said under the
        name ``RAW_JSON``.

        ``lines`` are what other engines read so far: a checkpoint that wants only a part of the page finds it by them.
        Nothing when the model said nothing.
        """
        pictures = self._pictures(page, lines)
        if not pictures:
            return []
        with self._lock:
            read = self._model.read(pictures)
        values = [said(self._decode(tokens.ids), self._model.added) for tokens in read]
        if all(each == NOTHING for each in values):
            return []
        found = [leaf for tokens in read for leaf in leaves(tokens, self._tags) if leaf.name]
        fields = [self._field(leaf, page.number) for leaf in found]
        raw = json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False)
        certain = geometric_mean([tokens.confidence for tokens in read])
        return [
            *(_surest(field for field in fields if field.text)),
            FieldReading(self.name, RAW_JSON, raw, page.number, certain),
        ]

    def _pictures(self, page: PageImage, lines: Sequence[TextLine]) -> list[NDArray[np.uint8]]:
        """The whole page as one picture, or the areas that the checkpoint wants; each (H, W) or (H, W, 3)."""
        if not self._model.grey and self._area is None:
            return [page.pixels]
        grey = grey_of(page.pixels)
        if self._area is None:
            return [grey[:, :, None]]
        return [with_places(self._area.draw(grey, pieces)) for pieces in self._area.layout(lines)]

    def _field(self, leaf: Leaf, page: int) -> FieldReading:
        assert leaf.name is not None
        return FieldReading(self.name, leaf.name, self._decode(leaf.ids).strip(), page, leaf.confidence)

    def _decode(self, ids: Sequence[int]) -> str:
        return self._model.decode(ids, special=True)


def _surest(fields: Iterable[FieldReading]) -> list[FieldReading]:
    """One reading of each name that is no line of the invoice, in the order they first came."""
    best: dict[str, FieldReading] = {}
    for found in fields:
        known = best.get(found.name)
        if known is None or (found.confidence or 0.0) > (known.confidence or 0.0):
            best[found.name] = found
    return list(best.values())


def create(settings: EngineSettings) -> DonutReader:
    """Raises EngineUnavailableError when the library, the device or the weights are missing or not to be trusted."""
    folder = resolve(NAME, settings)
    area = FigureArea.load(folder)
    if area is not None and runs_exported(folder, settings.device, ENCODER, DECODER):
        return DonutReader(ExportedDonut(folder, settings.threads), area)
    require(NAME, "torch", "transformers")
    return DonutReader(on_torch(folder, choose_device(NAME, settings.device, settings.threads)), area)


def find_version(settings: EngineSettings) -> str:
    """The version that ``create`` would give, without loading weights. Raises EngineUnavailableError."""
    folder = resolve(NAME, settings)
    if FigureArea.load(folder) is not None and runs_exported(folder, settings.device, ENCODER, DECODER):
        return version_of("onnxruntime", folder)
    require(NAME, "torch", "transformers")
    return version_of("transformers", folder)
