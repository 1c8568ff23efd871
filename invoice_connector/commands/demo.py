"""Compares what was read off the bundled samples with what the generator printed on them, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHOWN = ("seller_name", "invoice_number", "issue_date", "due_date", "amount_due", "currency_code")


@dataclass(frozen=True, slots=True)
class Comparison:
    """``wrong`` maps field names to (read, printed); a field that was not found reads as ``-``."""

    fields: int
    wrong: Mapping[str, tuple[str, str]]

    @property
    def sentence(self) -> str:
        if not self.wrong:
            return f"all {self.fields} fields are as printed"
        listed = "; ".join(f"{name}: read {read!r}, printed {true!r}" for name, (read, true) in self.wrong.items())
        return f"{len(self.wrong)} of {self.fields} fields differ from the print: {listed}"


def compare(document: Mapping[str, Any], printed: Mapping[str, str]) -> Comparison:
    """``document`` is the contract's JSON, ``printed`` the true values by field name; spaces and case do not count."""
    read = {name: document["fields"].get(name, {}).get("value", "-") for name in printed}
    wrong = {name: (read[name], true) for name, true in printed.items() if _plain(read[name]) != _plain(true)}
    return Comparison(len(printed), wrong)


def summary(document: Mapping[str, Any], comparison: Comparison) -> str:
    """Two lines about a document (the contract's JSON): how reading went, and what it says most of all."""
    values = (document["fields"].get(name, {}).get("value") for name in _SHOWN)
    seconds = document["timings_ms"].get("total", 0.0) / 1000
    said = ", ".join(value for value in values if value)
    return f"{document['file']}: {document['status']} in {seconds:.1f} s, {comparison.sentence}\n  {said}"


def _plain(value: str) -> str:
    return "".join(value.split()).replace(",", "").casefold()
