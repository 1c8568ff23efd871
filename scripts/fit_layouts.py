#!/usr/bin/env python
"""Fits what a supplier's earlier documents add to a field's probability; writes ``suppliers/layout.json``.

    python scripts/generate_documents.py OUT --renderer blocks --count 24 --each 5 --seed 11
    python scripts/fit_layouts.py OUT --cache CACHE

Every document of a stream is approved as its truth has it. From the second on, each field that is read without any
memory gives a row, and so does each candidate of a term: how it agrees with the documents before it, and whether it is
right. The weights are those of logistic regressions over that agreement, beside the log-odds that are there without it.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.suppliers
from db.database import open_database
from invoice_connector.fields.extract import scene_of_pages
from invoice_connector.fields.memory import words_of
from invoice_connector.fields.page import FieldPage
from invoice_connector.fields.ranking import field_of, rank
from invoice_connector.fields.scope import searched
from invoice_connector.fields.terms import TERMS
from invoice_connector.invoice import InvoiceField, plain
from invoice_connector.suppliers.directory import LogDirectory
from invoice_connector.suppliers.known import NOBODY, Known
from invoice_connector.suppliers.layout import FEATURES, PageWords, agreement
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.fields import judge
from scripts.evaluation.readings import ReadingCache
from scripts.evaluation.streams import Step, approve, in_order, read, stored

_RIDGE = 0.5
_AGAINST = frozenset({"unlabelled", "strange"})  # never make a field likelier; the others never less likely
_SUREST = 0.9995
Row = tuple[float, list[float], bool]  # own log-odds, agreement, whether it is right
_CANDIDATES = 8  # of a term, the likeliest ones


def rows(samples: list[Sample], cache: ReadingCache, folder: str) -> Iterator[tuple[str, Row]]:
    """What is learned from: chosen fields for the ``trust``, candidates of terms for the ``choice``."""
    engine = open_database(f"sqlite:///{folder}/audit.db")
    directory = LogDirectory(lambda: engine)
    for _, stream in groupby(cache.read(in_order(samples)), key=lambda each: each[0].group):
        for position, (sample, reading) in enumerate(stream, start=1):
            lines = [line.line.text for page in reading.pages for line in page.lines]
            known = directory.known(lines, None)
            step = Step(sample, position, stored(engine, read(NOBODY, sample, reading, cache)))
            pages = [FieldPage.of_reading(page) for page in reading.pages]
            words = {page.number: words_of(page) for page in pages}
            for field in step.invoice.fields.values():
                yield from (("trust", row) for row in _row(sample, field, words, known))
            for field, score in _candidates(pages):
                yield from (("choice", (score, row[1], row[2])) for row in _row(sample, field, words, known))
            approve(engine, step)


def _candidates(pages: list[FieldPage]) -> Iterator[tuple[InvoiceField, float]]:
    """The likeliest candidates of each term as fields, with their scores."""
    scene = scene_of_pages(searched(pages))
    for term in TERMS:
        name = "seller_vat_identifier" if term == "vat_identifier" else term
        for item in rank(scene, term)[:_CANDIDATES]:
            yield field_of(name, item.candidate, 0.5), item.score


def _row(sample: Sample, field: InvoiceField, words: dict[int, PageWords], known: Known) -> Iterator[Row]:
    right = judge(field, sample)
    found = words[field.page].print_of(field.box, field.text)
    facts = agreement(found, field.name, known.lessons, plain(field.value))
    if facts is not None and right is not None and field.confidence is not None:
        sure = min(max(field.confidence, 1 - _SUREST), _SUREST)
        yield math.log(sure / (1 - sure)), [facts[each] for each in FEATURES], right


def fit(found: list[Row]) -> dict[str, float]:
    own, table = np.array([row[0] for row in found]), np.array([row[1] for row in found])
    signs = np.where([row[2] for row in found], 1.0, -1.0)

    def loss(weights: np.ndarray) -> float:
        return float(np.logaddexp(0, -signs * (own + table @ weights)).sum() + _RIDGE * weights @ weights)

    bounds = [(None, 0.0) if name in _AGAINST else (0.0, None) for name in FEATURES]
    weights = minimize(loss, np.zeros(len(FEATURES)), method="L-BFGS-B", bounds=bounds).x
    return {name: round(float(weight), 3) for name, weight in zip(FEATURES, weights, strict=True)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="documents of invented suppliers with their truth")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    arguments = parser.parse_args()
    samples = read_dataset(arguments.folder)
    with tempfile.TemporaryDirectory() as folder:
        found = list(rows(samples, ReadingCache(arguments.cache), folder))
    about: dict[str, Any] = {"version": 1, "documents": len(samples)}
    for use in ("choice", "trust"):
        own = [row for name, row in found if name == use]
        about[use] = fit(own)
        print(f"{use}: {len(own)} rows, {sum(not row[2] for row in own)} wrong")
        for number, name in enumerate(FEATURES):
            having = [row for row in own if row[1][number]]
            mistaken = sum(not row[2] for row in having)
            print(f"  {name}: {len(having)}, {mistaken} wrong, weight {about[use][name]}")
    place = Path(invoice_connector.suppliers.__path__[0]) / "layout.json"
    place.write_text(f"{json.dumps(about, indent=1)}\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
