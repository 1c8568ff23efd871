"""What became of each file, and what of all of them; kept as JSON lines, so that a run that was stopped goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

SHOWN_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Tried:
    """One file. ``result``: the status of its job or the type of its failure, which ``message`` explains; ``seconds``
    of the processor, ``waited`` by the clock; ``peak``: bytes that all processes together held at most; ``faults``:
    sentences, none when the reader held."""

    number: int
    attack: str
    result: str
    message: str
    seconds: float
    waited: float
    peak: int
    faults: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        return f"{self.number} {self.attack}"

    def line(self) -> str:
        cost = f"{self.seconds:6.1f} s of {self.waited:6.1f} {self.peak / 1e6:6.0f} MB"
        return f"{self.result:<28} {cost}  {self.attack}: {self.message}"


def recorded(record: Path | None) -> Iterator[Tried]:
    """What an earlier run wrote; a line that was cut off is left out."""
    if record is None or not record.is_file():
        return
    for line in record.read_text("utf-8").splitlines():
        with suppress(ValueError):
            values = json.loads(line)
            yield Tried(**{**values, "faults": tuple(values["faults"])})


def write_down(record: Path | None, tried: Tried) -> None:
    """Adds the file to the record, if there is to be one."""
    if record is not None:
        with record.open("a", encoding="utf-8") as stream:
            # The end of a line comes before it: one that was cut off would else take this one along.
            stream.write("\n" + json.dumps(asdict(tried)))


@dataclass
class Report:
    """What became of the files. ``faults`` are sentences; none means that the reader held. ``start_bytes`` and
    ``end_bytes``: memory of the process after the first files and at the end."""

    files: int = 0
    results: Counter[str] = field(default_factory=Counter)
    longest: tuple[float, str] = (0.0, "")
    heaviest: tuple[int, str] = (0, "")
    faults: list[str] = field(default_factory=list)
    start_bytes: int = 0
    end_bytes: int = 0

    def add(self, tried: Tried) -> None:
        self.files += 1
        self.results[tried.result] += 1
        self.longest = max(self.longest, (tried.seconds, tried.where))
        self.heaviest = max(self.heaviest, (tried.peak, tried.where))
        self.faults += [f"{tried.where}: {fault}" for fault in tried.faults]

    def text(self) -> str:
        rows = [f"{count:>7}  {result}" for result, count in self.results.most_common()]
        grown = (self.end_bytes - self.start_bytes) / 1e6
        closing = [
            f"{self.files:>7}  files, {len(self.faults)} faults",
            f"longest {self.longest[0]:.1f} s of the processor ({self.longest[1]})",
            f"all processes together at most {self.heaviest[0] / 1e6:.0f} MB ({self.heaviest[1]})",
            f"memory {self.start_bytes / 1e6:.0f} MB after the first files, then {grown:+.0f} MB",
        ]
        return "\n".join([*rows, *closing, *self.faults[:SHOWN_FAULTS]])
