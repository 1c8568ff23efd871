"""Donut through the class that loads the public checkpoint, on random weights and on scripted output."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocr_ensemble.document.page import ImageQuality, PageImage
from ocr_ensemble.engines import donut
from ocr_ensemble.engines.donut import RAW_JSON, leaves
from ocr_ensemble.engines.donut_json import said
from ocr_ensemble.engines.donut_runtimes import TorchDonut
from ocr_ensemble.engines.encoder_decoder import Tokens
from ocr_ensemble.engines.protocols import EngineSettings, FieldReader


@pytest.fixture(scope="module")
def page() -> PageImage:
    image = Image.new("RGB", (420, 240), "white")
    ImageDraw.Draw(image).text((10, 40), "Total 12.00", fill="black", font=ImageFont.load_default(size=28))
    return PageImage(2, np.asarray(image), ImageQuality(1.0, 1.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def public_donut(tmp_path_factory: pytest.TempPathFactory) -> donut.DonutReader:
    folder = tmp_path_factory.mktemp("weights")
    tiny_models.save_public_donut(folder / "donut")
    return donut.create(EngineSettings(device="cpu", threads=1, weights=folder))


def test_donut_reads_fields(public_donut: donut.DonutReader, page: PageImage) -> None:
    assert isinstance(public_donut, FieldReader)
    assert public_donut.task == "<s_cord-v2>"
    *fields, raw = public_donut.read_fields(page)
    assert raw.name == RAW_JSON
    json.loads(raw.text)
    assert all(found.page == 2 and found.engine == "donut" for found in (*fields, raw))
    assert 0.0 <= (raw.confidence or 0.0) <= 1.0


class Scripted:
    """In place of the search: says a sequence in which every token has probability 0.9, the prices' 0.5."""

    def __init__(self, tokenizer: Any, text: str) -> None:
        self.start = 0
        self._ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        self._unsure = {tokenizer.convert_tokens_to_ids("5")}

    def read(self, model: object, count: int, **encoder: object) -> list[Tokens]:
        certain = tuple(0.5 if token in self._unsure else 0.9 for token in self._ids)
        return [Tokens(tuple(self._ids), certain, 0.9)] * count


def script(reader: donut.DonutReader, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(reader._model, TorchDonut)
    hub = reader._model.hub
    monkeypatch.setattr(hub, "search", Scripted(hub.processor.tokenizer, text))


CORD = (
    "<s_menu><s_nm>kopi</s_nm><s_cnt>2</s_cnt><s_price>1.000</s_price><sep/>"
    "<s_nm>teh</s_nm><s_price>555</s_price></s_menu>"
    "<s_sub_total><s_tax_price>100</s_tax_price></s_sub_total>"
    "<s_total><s_total_price>1.600</s_total_price><s_cashprice>2.000</s_cashprice></s_total><s_total><s_cnt>1"
)


def test_donut_maps_cord_to_the_contract(
    public_donut: donut.DonutReader, page: PageImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(public_donut, CORD, monkeypatch)
    *fields, raw = public_donut.read_fields(page)
    assert {found.name: found.text for found in fields} == {
        "invoice_lines.0.description": "kopi",
        "invoice_lines.0.quantity": "2",
        "invoice_lines.0.net_amount": "1.000",
        "invoice_lines.1.description": "teh",
        "invoice_lines.1.net_amount": "555",
        "total_vat": "100",
        "total_with_vat": "1.600",
    }
    certain = {found.name: found.confidence or 0.0 for found in fields}
    assert certain["total_with_vat"] == pytest.approx(0.9)
    assert certain["invoice_lines.1.net_amount"] < 0.7
    said = json.loads(raw.text)
    assert said["menu"][0] == {"nm": "kopi", "cnt": "2", "price": "1.000"}
    assert said["total"]["cashprice"] == "2.000"


def test_donut_leaves_of_contract_names_and_broken_output() -> None:
    tags = {1: "<s_total_with_vat>", 2: "</s_total_with_vat>", 3: "<s_x>", 4: "</s_x>", 5: "<sep/>"}

    def names(*ids: int) -> list[tuple[str | None, tuple[int, ...]]]:
        return [(leaf.name, leaf.ids) for leaf in leaves(Tokens(ids, (0.5,) * len(ids), None), tags)]

    assert names(1, 20, 21, 2) == [("total_with_vat", (20, 21))]
    assert names(4, 2, 5, 20) == []
    assert names(1, 20, 3, 21, 4) == [(None, (21,))]
    assert names(1, 20, 5, 21, 2) == [("total_with_vat", (20,)), ("total_with_vat", (21,))]
    assert names(3, 1, 20, 2, 4) == [(None, (20,))]


def test_donut_says_nothing(public_donut: donut.DonutReader, page: PageImage, monkeypatch: pytest.MonkeyPatch) -> None:
    script(public_donut, "", monkeypatch)
    assert public_donut.read_fields(page) == []


def test_compact_donut_reads(page: PageImage) -> None:
    reader = donut.create(EngineSettings(device="cpu", threads=1))
    assert all(0.0 <= (found.confidence or 0.0) <= 1.0 for found in reader.read_fields(page))


PIECES = (
    "<s_menu>", "</s_menu>", "<s_nm>", "</s_nm>", "<s_price>", "</s_price>", "<sep/>", "<yes/>", "<s_", ">", "tea", " ",
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_what_donut_says_is_read_as_by_the_library(public_donut: donut.DonutReader, pieces: list[str]) -> None:
    assert isinstance(public_donut._model, TorchDonut)
    added = {piece: number for number, piece in enumerate(PIECES) if piece[0] == "<" and piece[-1] == ">"}
    text = "".join(pieces)
    assert said(text, added) == public_donut._model.hub.processor.token2json(text, added_vocab=added)
