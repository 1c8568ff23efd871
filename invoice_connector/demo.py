"""Compares what was read off the bundled samples with what the generator printed on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """``wrong`` maps field names to (read, printed); a field that was not found reads as ``-``."""

    fields: int
    wrong: Mapping[str, tuple[str, str]]

    @property
    def sentence(self) -> str:
        if not self.wrong:
            return f"  all {self.fields} fields are as printed"
        listed = "; ".join(f"{name}: read {read!r}, printed {true!r}" for name, (read, true) in self.wrong.items())
        return f"  {len(self.wrong)} of {self.fields} fields differ from the print: {listed}"


def compare(document: Mapping[str, Any], printed: Mapping[str, str]) -> Comparison:
    """``document`` is the contract's JSON, ``printed`` the true values by field name; spaces and case do not count."""
    read = {name: document["fields"].get(name, {}).get("value", "-") for name in printed}
    wrong = {name: (read[name], true) for name, true in printed.items() if _plain(read[name]) != _plain(true)}
    return Comparison(len(printed), wrong)


def _plain(value: str) -> str:
    return "".join(value.split()).replace(",", "").casefold()
