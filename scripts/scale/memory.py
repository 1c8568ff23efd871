"""Whether the memory of one process stays where it is over many documents, all different.

python scripts/scale/memory.py --documents 10000

One in ten is a picture that all engines read, each of its own size, the others are PDFs with a text layer.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from db.ids import new_job_id
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.pipeline.request import Request
from invoice_connector.settings import ConnectorSettings
from scripts.hostile.healthy import encoded, pdf, picture
from scripts.hostile.watch import resident_bytes

WORDS = ("Kontorsstol", "Bankgiro", "Moms", "Att betala", "Summa", "Leverans", "Papper", "Toner", "Uppsala")


def document(number: int, rng: random.Random, as_picture: bool) -> bytes:
    """A small invoice of two to six lines with its own text; a PNG of its own size or a PDF."""
    sums = (f"{rng.choice(WORDS)} {rng.randrange(100_000) / 100:.2f}" for _ in range(rng.randint(1, 5)))
    lines = (f"Faktura {number}", *sums)
    if not as_picture:
        return pdf(lines)
    return encoded(picture(lines, (rng.randint(320, 520), 40 * len(lines) + rng.randint(20, 80))), "PNG")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints megabytes every so many documents, and by how much they rise in the second half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=250, help="documents between two looks at the memory")
    parser.add_argument("--pictures-every", type=int, default=10, help="1: pictures only")
    options = parser.parse_args(arguments)
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        settings = ConnectorSettings(database_url=f"sqlite:///{folder}/audit.db", keep_page_pictures=False)
        connector = InvoiceOCRConnector(settings)
        seen: list[tuple[int, float]] = []
        for number in range(1, options.documents + 1):
            connector.process_bytes(
                document(number, rng, number % options.pictures_every == 0), Request(new_job_id(), str(number))
            )
            if number % options.every == 0:
                seen.append((number, resident_bytes() / 1e6))
                print(f"{number:>7}  {seen[-1][1]:.0f} MB", flush=True)
        connector.database.dispose()
    half = seen[len(seen) // 2 :]
    slope = linear_regression(*zip(*half, strict=True)).slope if len(half) > 1 else 0.0
    print(f"second half: {1000 * slope:+.1f} MB for every 1,000 documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
