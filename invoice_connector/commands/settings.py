"""The command ``settings``, and what is said about the settings when any command starts."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from invoice_connector.commands.common import OK, chosen_settings
from invoice_connector.commands.terminal import complain, show, show_json


def add_settings(subparsers: Any) -> None:
    text = "list all settings with their value, where it comes from, and what it means"
    parser = subparsers.add_parser("settings", help=text, description=text)
    parser.add_argument("--json", action="store_true", help="as one JSON list")
    parser.set_defaults(run=list_settings)


def list_settings(arguments: Namespace) -> int:
    from invoice_connector.commands.setting_names import all_settings

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
    from invoice_connector.commands.setting_names import unknown_variables

    for found in unknown_variables():
        complain(str(found))


def _shown(value: Any) -> str:
    if isinstance(value, dict):  # of several values those that are given
        value = {name: part for name, part in value.items() if part not in (None, "")}
    return "none" if value in (None, "", [], {}) else str(value)
