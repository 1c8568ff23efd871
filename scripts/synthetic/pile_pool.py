"""Suppliers with their documents, made once and kept, from which piles are put together."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from scripts.synthetic.blocks.browser import browser_page
from scripts.synthetic.draw import pick
from scripts.synthetic.layouts import HELD_OUT, LAYOUTS
from scripts.synthetic.piles import Single, block_documents, drawn_documents
from scripts.synthetic.vocabulary import BLOCK_LANGUAGES, LANGUAGES

RENDERERS = ("drawn", "blocks")
SEEDS = {"fit": 3, "test": 7}
LONGEST = 4  # pages of a document
_COUNTS = (1, 1, 1, 2, 4)  # documents of a supplier


def suppliers(folder: Path, renderer: str, split: str, count: int) -> list[list[Single]]:
    """``count`` suppliers; of the drawn layouts those of the split. What ``folder`` has is not made again."""
    path = folder / f"{renderer}-{split}-{count}.pickle"
    if not path.exists():
        made = list(track(_made(renderer, split, count), renderer, total=count, console=Console(stderr=True)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made))
    found: list[list[Single]] = pickle.loads(path.read_bytes())  # noqa: S301  written above
    short = ([each for each in documents if len(each.pages) <= LONGEST] for documents in found)
    return [documents for documents in short if documents]


def _made(renderer: str, split: str, count: int) -> Iterator[list[Single]]:
    layouts = sorted(HELD_OUT if split == "test" else set(LAYOUTS) - HELD_OUT)
    with browser_page() if renderer == "blocks" else nullcontext() as browser:
        for at in range(count):
            seed = SEEDS[split] * 1_000_003 + at
            each = pick(np.random.default_rng([seed, 9]), _COUNTS)
            if browser is None:
                language, layout = LANGUAGES[at % len(LANGUAGES)], layouts[(at // len(LANGUAGES)) % len(layouts)]
                yield drawn_documents(seed, language, layout, each)
            else:
                yield block_documents(browser, seed, BLOCK_LANGUAGES[at % len(BLOCK_LANGUAGES)], each)
