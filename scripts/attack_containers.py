"""Hostile mails and archives: every one ends as documents within the bounds or as an error with a type.

    python -m scripts.attack_containers --count 1000 --seed 1

Each is opened as `process` opens it, in the decoding child. A fault is: any other exception, a bound that was not kept,
a name that leads elsewhere, a file that was written anywhere below the working or the temporary folder, or more than
``--seconds`` for one container.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from db.ids import new_job_id
from invoice_connector.arrivals.arriving import Opening, why_not_one
from invoice_connector.arrivals.containers import container_kind
from invoice_connector.arrivals.parts import Bounds
from invoice_connector.pipeline.request import Request
from ocr_ensemble.document.isolation import Isolation
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.errors import DocumentError
from ocr_ensemble.settings import EnsembleSettings
from scripts.hostile.containers import ATTACKS

_BOUNDS = Bounds(parts=200, depth=3, total_bytes=200_000_000, part_bytes=50_000_000)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300.0, help="for one container")
    options = parser.parse_args(arguments)
    results: Counter[str] = Counter()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        tempfile.tempdir = folder
        opening = Opening(EnsembleSettings(limits=Limits(), isolation=Isolation()), _BOUNDS)
        for number in range(options.count):
            attack = ATTACKS[number % len(ATTACKS)]
            ending, content = attack(Random(f"{options.seed}-{number}"))
            began = time.monotonic()
            for fault in _faults(opening, content, ending, results):
                faults.append(f"{number} {attack.__name__}: {fault}")
            if time.monotonic() - began > options.seconds:
                faults.append(f"{number} {attack.__name__}: took {time.monotonic() - began:.0f} seconds")
            if left := list(Path(folder).rglob("*")):
                faults.append(f"{number} {attack.__name__}: wrote {left}")
    for name, count in results.most_common():
        print(f"{count:6}  {name}")
    print(*faults, f"{options.count} containers, {len(faults)} faults", sep="\n")
    return 1 if faults else 0


def _faults(opening: Opening, content: bytes, ending: str, results: Counter[str]) -> Iterator[str]:
    name = f"it.{ending}"
    try:
        arrivals = opening.arrivals(content, Request(new_job_id(), name))
        kind = container_kind(content)
        whole = len(arrivals) == 1 and arrivals[0].source is content
        if whole and kind is not None:
            results[type(why_not_one(content, kind, name, opening.settings)).__name__] += 1
            return
    except DocumentError as error:
        results[type(error).__name__] += 1
        return
    except Exception as error:  # what this looks for
        yield f"{type(error).__name__}: {error}"
        return
    results["no container" if whole else "documents"] += 1
    sizes = [len(each.source) for each in arrivals if isinstance(each.source, bytes)]
    if not whole and (sum(sizes) > _BOUNDS.total_bytes or len(sizes) > _BOUNDS.parts):
        yield f"{len(sizes)} documents of {sum(sizes):,} bytes are beyond the bounds"
    for each in arrivals:
        path = str((each.request.container or {}).get("part", "part"))
        if path.startswith("/") or ".." in path.split("/") or "\x00" in path:
            yield f"the name {path!r} leads elsewhere"


if __name__ == "__main__":
    sys.exit(main())
