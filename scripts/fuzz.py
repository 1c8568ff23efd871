"""Coverage-guided fuzzing of the parsers and of the decoders' wrapper, with atheris (`pip install .[fuzz]`).

    python scripts/fuzz.py amounts --seconds 60

Targets are those of `scripts/hostile/targets.py`. The corpus starts with healthy files; inputs that break something are
written to the working folder by libFuzzer and end the run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    import atheris
except ImportError:
    sys.exit("fuzz.py needs atheris; install it with: pip install atheris")

with atheris.instrument_imports(
    include=["invoice_connector.fields", "invoice_connector.einvoice", "ocr_ensemble.document"],
    enable_loader_override=False,
):
    from scripts.hostile.healthy import INVOICE_XML, KINDS, LINES, healthy
    from scripts.hostile.targets import TARGETS


def _corpus(folder: Path, target: str) -> None:
    seeds = {
        "invoice_xml": [INVOICE_XML],
        "invoice_pdf": [healthy("invoice.pdf")],
        "document": [healthy(kind) for kind in KINDS],
    }.get(target, [line.encode() for line in LINES])
    for number, seed in enumerate(seeds):
        (folder / str(number)).write_bytes(seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=tuple(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _corpus(Path(folder), options.target)
        limits = [f"-max_total_time={options.seconds}", "-timeout=20", "-rss_limit_mb=4000", "-verbosity=1"]
        atheris.Setup([sys.argv[0], folder, *limits], TARGETS[options.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
