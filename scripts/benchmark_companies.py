#!/usr/bin/env python
"""What knowing the own companies changes: each document's buyer is known as one.

    python scripts/benchmark_companies.py --cache CACHE FOLDER...

Printed for each folder: how often the buyer is named as the seller, fields right, documents with fewer and with more
fields right than without, and documents that would be stopped as an invoice of ours or to somebody else.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_connector.invoice import Invoice
from invoice_connector.pipeline.process import extracted
from invoice_connector.suppliers.known import NOTHING, Known
from invoice_connector.suppliers.master import Company, MasterDataError
from invoice_connector.suppliers.names import is_same
from invoice_connector.suppliers.rules import check_parties
from scripts.evaluation.datasets import Sample, read_dataset
from scripts.evaluation.fields import Mark, score_fields
from scripts.evaluation.readings import ReadingCache


def known_of(sample: Sample) -> Known:
    """The document's buyer as an own company; nothing where none is printed, or it is the seller's namesake."""
    buyer, vat = sample.truth.get("buyer_name"), sample.truth.get("buyer_vat_identifier")
    if buyer is None or is_same(buyer, sample.truth.get("seller_name", "")):
        return NOTHING
    try:
        return Known((Company("own", (buyer,), (vat,) if vat else ()),))
    except MasterDataError:
        return NOTHING


def right(invoice: Invoice, sample: Sample) -> int:
    score = score_fields(invoice.fields, sample)
    return sum(score.count(name, Mark.RIGHT) for name in score.counts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="labelled documents")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--list", action="store_true", help="name the documents that became worse or are stopped")
    arguments = parser.parse_args()
    for folder in arguments.folders:
        counts: Counter[str] = Counter()
        samples = [sample for sample in read_dataset(folder) if known_of(sample) is not NOTHING]
        for sample, reading in ReadingCache(arguments.cache).read(samples):
            known, before = known_of(sample), extracted(reading)
            after = extracted(reading, known)
            own_seller = [known.own_name(invoice.text("seller_name") or "") is not None for invoice in (before, after)]
            counts["own company as seller, before"] += own_seller[0]
            counts["own company as seller"] += own_seller[1]
            counts["fields right, before"] += (old := right(before, sample))
            counts["fields right"] += (new := right(after, sample))
            counts["worse"] += new < old
            counts["better"] += new > old
            stopped = [v.rule for v in (*after.conflicts, *check_parties(after, known, None))]
            wrongly = {"OWN-INVOICE", "NOT-ADDRESSED-TO-US", "own-number"} & set(stopped)
            counts["stopped"] += bool(wrongly)
            if arguments.list and (wrongly or new < old):
                print(sample.path.name, new - old, sorted(wrongly), after.text("seller_name"), after.text("buyer_name"))
        print(f"{folder.name}: {len(samples)} documents, {dict(counts)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
