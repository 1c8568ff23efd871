#!/usr/bin/env python
"""Fields of documents in a language that nothing was fitted on: without its locale file, and with the file added.

    python scripts/leave_language_out.py nl fi --lexicon ../shared/data/labels/labels.tsv --embeddings FILE.npz \\
        --cache CACHE --data ../shared/data/templates ../shared/data/streams [--refit ARGUMENTS OF train_fields.py]

A copy of the package loses the language's file, its label model is fitted without the language, and with ``--refit`` so
are the scores, without its documents. Then the documents in that language are read, once without the file and once with
it added, nothing else changed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("invoice_connector", "ocr_ensemble", "verifier", "db", "analytics", "scripts")


def run(folder: Path, *command: str) -> str:
    """What a script of the copy in ``folder`` prints."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def row_of(language: str, table: str) -> str:
    """The language's row of the table that ``benchmark_fields.py`` prints: documents, right, wrong, missing."""
    rows = (line for line in table.splitlines() if line.startswith(f"| {language} |"))
    return " |".join(next(rows, "| | none |").split("|")[2:6]).strip()


def leave_out(language: str, arguments: argparse.Namespace) -> tuple[str, str]:
    """The rows without the language's file and with it."""
    datasets = [str(path.resolve()) for path in arguments.datasets]
    reading = ("scripts/benchmark_fields.py", "--cache", str(arguments.cache.resolve()), "--split", "all",
               "--kinds", "pdf", *datasets)  # fmt: skip
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        locale = folder / "invoice_connector" / "locales" / f"{language}.toml"
        kept = locale.read_bytes()
        locale.unlink()
        labels = ("scripts/train_labels.py", "--lexicon", str(arguments.lexicon.resolve()), "--without", language,
                  "--embeddings", str(arguments.embeddings.resolve()))  # fmt: skip
        run(folder, *labels)
        if arguments.refit:
            run(folder, "scripts/train_fields.py", "--without", language, *arguments.refit)
        without = row_of(language, run(folder, *reading))
        locale.write_bytes(kept)
        return without, row_of(language, run(folder, *reading))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE")
    parser.add_argument("--data", type=Path, nargs="+", required=True, dest="datasets", help="labelled folders")
    parser.add_argument("--lexicon", type=Path, required=True, help="as for train_labels.py")
    parser.add_argument("--embeddings", type=Path, required=True, help="as for train_labels.py")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the readings")
    parser.add_argument("--refit", nargs=argparse.REMAINDER, help="fit the scores, too: arguments of train_fields.py")
    options = parser.parse_args(arguments)
    print("| language | | documents | right | wrong | missing |\n|---|---|---|---|---|---|")
    for language in options.languages:
        for way, row in zip(("without its file", "with it"), leave_out(language, options), strict=True):
            print(f"| {language} | {way} | {row} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
