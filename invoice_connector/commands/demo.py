"""``demo``: reads the bundled samples and compares them with what the generator printed on them.

Heavy libraries are imported when it runs.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from invoice_connector.commands.common import OK, SOME_FAILED, reading_connector, storage_errors
from invoice_connector.commands.options import add_command, add_reading_options
from invoice_connector.commands.terminal import show, show_json

_SHOWN = ("seller_name", "invoice_number", "issue_date", "due_date", "amount_due", "currency_code")


def add_demo(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``demo`` to the command line."""
    add_reading_options(add_command(subparsers, "demo", "read the bundled sample invoices", demo))


def demo(arguments: Namespace) -> int:
    """Reads the bundled synthetic invoices and compares the fields with what was printed on them."""
    connector = reading_connector(arguments)
    samples = resources.files("invoice_connector").joinpath("samples")
    truth = json.loads(samples.joinpath("truth.json").read_text("utf-8"))
    wrong = 0
    for name in truth:
        with resources.as_file(samples.joinpath(name)) as path, storage_errors():
            processed = connector.process_invoice_with_ocr(path)
        document = processed.to_dict()
        result = compare(document, truth[name])
        wrong += len(result.wrong)
        if arguments.json:
            show_json(document)
        else:
            show(summary(document, result))
    if not arguments.json:
        show("`process FILE` shows all that was read of a file, with probabilities; `serve` opens the dashboard.")
    return SOME_FAILED if wrong else OK


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
