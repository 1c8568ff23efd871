"""The stream of hostile files: number n of a seed is always the same file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from random import Random

from scripts.hostile import heavy, pdfs, pictures, rare, texts
from scripts.hostile.healthy import KINDS, healthy
from scripts.hostile.mutations import MUTATIONS

_BUILT = (*pictures.ATTACKS, *pdfs.ATTACKS, *heavy.ATTACKS, *rare.ATTACKS, texts.text)
ROUND = len(_BUILT) + len(MUTATIONS) * 2
"""Files until every attack has had its turn."""


@dataclass(frozen=True, slots=True)
class HostileFile:
    """``name`` as a sender may give it; ``attack`` says what is wrong with the bytes."""

    number: int
    attack: str
    name: str
    ending: str
    content: bytes


def hostile_files(count: int, seed: int = 1, without: Collection[int] = ()) -> Iterator[HostileFile]:
    """The first ``count`` files but those ``without``: a third is damaged blindly, the others are made to hurt."""
    for number in range(count):
        if number not in without:
            yield hostile_file(number, seed)


def hostile_file(number: int, seed: int = 1) -> HostileFile:
    """One of them. Depends on nothing but its arguments, but for the salt of encrypted files."""
    rng = Random(f"{seed}-{number}")
    # Every attack comes in turn, so that a short run holds them all.
    turn = number % ROUND
    if turn < len(_BUILT):
        attack = _BUILT[turn].__name__
        ending, content = _BUILT[turn](rng)
    else:
        ending = rng.choice(KINDS)
        mutation = MUTATIONS[turn % len(MUTATIONS)]
        attack, content = mutation.__name__, mutation(healthy(ending), rng)
    name = texts.name(rng, ending) if rng.random() < 0.2 else f"{number:05d}.{ending}"
    return HostileFile(number, attack, name, ending, content)
