"""Writes malformed and malicious files into a folder, under harmless names, with an index of what each one is.

    python scripts/generate_hostile.py OUT --count 500 --seed 1

OUT gets the files and `index.jsonl` (`file`, `attack`, `name`: what a sender would call it). For testing readers only.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.hostile.files import hostile_files


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "index.jsonl").open("w", encoding="utf-8") as index:
        for made in hostile_files(options.count, options.seed):
            file = f"{made.number:05d}.{made.ending}"
            (options.out / file).write_bytes(made.content)
            index.write(json.dumps({"file": file, "attack": made.attack, "name": made.name}) + "\n")
    print(f"{options.count} files in {options.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
