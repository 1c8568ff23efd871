#!/usr/bin/env python
"""Fits and measures how documents are matched with suppliers; writes ``invoice_connector/suppliers/matching.json``.

    python scripts/fit_suppliers.py --cache CACHE --invented 20000 FOLDER... [--test FOLDER...] [--keep]

The sellers of the labelled documents are hidden among invented suppliers in a database; a share of them is left out.
Printed: of documents whose supplier is listed how many are matched rightly, with a number of it on the page and with
its name only; of the others how many are matched falsely; what a search takes of the processor. ``--keep`` only
measures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import invoice_connector.suppliers
from db.database import open_database
from db.master_data import MasterKind, MasterRecord, put_records
from db.records import EVERYONE
from invoice_connector.pipeline.process import extracted
from invoice_connector.suppliers.directory import LogDirectory
from invoice_connector.suppliers.master import Supplier, to_json
from invoice_connector.suppliers.matching import (
    FEATURES,
    SURE,
    bundled_weights,
    facts_of,
    matched_by,
    probabilities,
    score,
)
from scripts.evaluation.datasets import read_dataset
from scripts.evaluation.readings import ReadingCache
from scripts.evaluation.suppliers import Sought, invented, sought

_RIDGE = 0.005
_DOMAIN = 2.0  # log-odds: the truth of generated documents names no domains, so that nothing can be fitted


@dataclass(frozen=True, slots=True)
class Page:
    """A document's candidates: their features, ids, and which of them sent it (None: none of them)."""

    facts: list[dict[str, float]]
    ids: list[str]
    right: int | None
    listed: bool
    milliseconds: float
    wanted: str


def pages_of(documents: Sequence[Sought], engine: Engine, cache: ReadingCache) -> list[Page]:
    """The documents as ``process`` would match them."""
    directory, found = LogDirectory(lambda: engine), []
    by_path = {document.sample.path: document for document in documents}
    for sample, reading in cache.read([document.sample for document in documents]):
        document = by_path[sample.path]
        lines = [line.line.text for page in reading.pages for line in page.lines]
        started = time.process_time()
        known = directory.known(lines, None)
        taken = (time.process_time() - started) * 1000
        invoice = partial(extracted, known=known)(reading)
        facts = [facts_of(invoice, candidate, known) for candidate in known.candidates]
        ids = [candidate.supplier.id for candidate in known.candidates]
        wanted = document.supplier.id
        found.append(Page(facts, ids, ids.index(wanted) if wanted in ids else None, document.listed, taken, wanted))
    return found


def fit(pages: Sequence[Page]) -> dict[str, float]:
    """Weights of the conditional logit with the highest likelihood, less a ridge."""
    tables = [np.array([[1.0, *(f[name] for name in FEATURES)] for f in page.facts]) for page in pages if page.facts]
    places = [page.right for page in pages if page.facts]

    def loss(weights: np.ndarray) -> float:
        total = _RIDGE * float(weights @ weights)
        for table, place in zip(tables, places, strict=True):
            scores = np.append(table @ weights, 0.0)
            total += float(np.logaddexp.reduce(scores) - scores[-1 if place is None else place])
        return total

    found = minimize(loss, np.zeros(len(FEATURES) + 1), method="L-BFGS-B").x
    weights = {name: round(float(weight), 4) for name, weight in zip(("bias", *FEATURES), found, strict=True)}
    return {**weights, "domain": _DOMAIN}


def report(title: str, pages: Sequence[Page], weights: Mapping[str, float]) -> None:
    """How many are matched rightly and falsely, and what a search takes of the processor."""
    groups: dict[str, list[tuple[bool, bool, float]]] = {"number or account": [], "name only": [], "not listed": []}
    for page in pages:
        shares = probabilities([score(facts, weights) for facts in page.facts]) if page.facts else []
        best = int(np.argmax(shares)) if shares else None
        sure = best is not None and shares[best] >= SURE
        right = best is not None and page.ids[best] == page.wanted
        told = set(matched_by(page.facts[page.right])) if page.right is not None else set()
        group = (
            "not listed"
            if not page.listed
            else "number or account"
            if told & {"identifier", "account"}
            else "name only"
        )
        groups[group].append((sure and right, sure and not right, shares[best] if best is not None else 0.0))
    print(f"\n{title}: {len(pages)} documents")
    for name, found in groups.items():
        if found:
            rightly, falsely = (sum(bool(each[place]) for each in found) for place in (0, 1))
            print(f"  {name}: {len(found)}, matched rightly {rightly} ({100 * rightly / len(found):.1f} %), "
                  f"falsely {falsely} ({100 * falsely / len(found):.1f} %)")  # fmt: skip
    times = sorted(page.milliseconds for page in pages)
    middle, most = times[len(times) // 2], times[int(0.95 * len(times))]
    print(f"  search: median {middle:.1f} ms of processor time, 95 % {most:.1f} ms, longest {times[-1]:.1f} ms")


def filled(documents: Sequence[Sought], count: int, seed: int, folder: Path) -> Engine:
    """A database with the listed suppliers among invented ones."""
    engine = open_database(f"sqlite:///{folder / f'suppliers-{seed}.db'}")
    own = {document.supplier.id: document.supplier for document in documents if document.listed}
    names = sorted({document.supplier.name for document in documents})
    started = time.perf_counter()
    put_records(engine, MasterKind.SUPPLIER, (_record(s) for s in (*own.values(), *invented(count, seed, names))))
    print(f"{count + len(own)} suppliers stored in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    return engine


def _record(supplier: Supplier) -> tuple[MasterRecord, frozenset[str]]:
    return MasterRecord(EVERYONE, supplier.id, to_json(supplier)), supplier.keys()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="labelled documents to fit on")
    parser.add_argument("--test", type=Path, nargs="*", default=[], help="labelled documents to measure on")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--invented", type=int, default=20_000, help="suppliers beside those of the documents")
    parser.add_argument("--listed", type=float, default=0.6, help="share of the documents' suppliers in the list")
    parser.add_argument("--limit", type=int, help="only the first N documents of each folder")
    parser.add_argument("--keep", action="store_true", help="measure with the weights that are there")
    arguments = parser.parse_args()
    cache = ReadingCache(arguments.cache)
    weights = dict(bundled_weights())
    with tempfile.TemporaryDirectory() as folder:
        for seed, folders in ((1, arguments.folders), (2, arguments.test)):
            samples = [s for f in folders for s in read_dataset(f)[: arguments.limit] if s.path.suffix == ".pdf"]
            documents = sought(samples, arguments.listed, seed)
            if not documents:
                continue
            pages = pages_of(documents, filled(documents, arguments.invented, seed, Path(folder)), cache)
            if seed == 1 and not arguments.keep:
                weights = fit(pages)
                place = Path(invoice_connector.suppliers.__path__[0]) / "matching.json"
                text = json.dumps({"version": 1, "documents": len(pages), "weights": weights}, indent=1)
                place.write_text(f"{text}\n", "utf-8")
            report("fit" if seed == 1 else "test", pages, weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
