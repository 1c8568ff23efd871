"""The command ``settings``, and what is said about the settings when any command starts."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from invoice_connector.terminal import complain, show, show_json

if TYPE_CHECKING:
    from pydantic import ValidationError


def add_settings(subparsers: Any) -> None:
    text = "list all settings with their value, where it comes from, and what it means"
    parser = subparsers.add_parser("settings", help=text, description=text)
    parser.add_argument("--json", action="store_true", help="as one JSON list")
    parser.set_defaults(run=list_settings)


def list_settings(arguments: Namespace) -> int:
    from invoice_connector.commands import OK, chosen_settings
    from invoice_connector.setting_names import all_settings

    found = list(all_settings(chosen_settings(arguments)))
    if arguments.json:
        show_json([{**asdict(setting), "variable": setting.variable} for setting in found])
        return OK
    for setting in found:
        source = "" if setting.source == "default" else f"  ({setting.source})"
        show(f"{setting.variable} = {_shown(setting.value)}{source}\n    {setting.meaning}")
    return OK


def tell_unknown_variables() -> None:
    """One line on stderr for each variable that is meant as a setting and is none."""
    from invoice_connector.setting_names import unknown_variables

    for found in unknown_variables():
        complain(str(found))


def problems_of(error: ValidationError) -> str:
    """What is wrong with the settings, each as a clause."""
    return "; ".join(_problem(found) for found in error.errors())


def _problem(found: Any) -> str:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "literal_error":
        return f"{name}: {found['input']!r} is none of {found['ctx']['expected']}{_nearest(found)}"
    return ": ".join([*filter(None, [name]), found["msg"].removeprefix("Value error, ")])


def _nearest(found: Any) -> str:
    known = [word.strip("'") for word in found["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    near = get_close_matches(str(found["input"]), known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):  # of several values those that are given
        value = {name: part for name, part in value.items() if part not in (None, "")}
    return "none" if value in (None, "", [], {}) else str(value)
