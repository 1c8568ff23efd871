#!/usr/bin/env python
"""What the documents list is taken from the code: settings, commands and routes.

python scripts/make_reference.py            # says which pages are behind the code
python scripts/make_reference.py --write    # brings them up to date
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from invoice_connector.cli import build_parser
from invoice_connector.commands.setting_names import MEANINGS, PREFIX
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.mailbox.settings import PREFIX as MAILBOX
from invoice_connector.mailbox.settings import MailboxSettings
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import build_app

DOCS = Path(__file__).resolve().parents[1] / "docs"
_BEGIN, _END = "<!-- made by scripts/make_reference.py -->", "<!-- end -->"
_PLACE = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)


def settings_table() -> str:
    """Every setting with its default and meaning, in Markdown."""
    fields = ConnectorSettings.model_fields
    rows = [(PREFIX + name.upper(), _default(fields[name]), MEANINGS[name]) for name in sorted(fields)]
    return _table(("variable", "default", "meaning"), ((f"`{name}`", default, text) for name, default, text in rows))


def mailbox_table() -> str:
    """The variables of the mailbox with their defaults."""
    fields = MailboxSettings.model_fields.items()
    return _table(("variable", "default"), ((f"`{MAILBOX}{name.upper()}`", _default(field)) for name, field in fields))


def commands_list() -> str:
    """Every command with what it does and its options."""
    return "".join(_of_parser("invoice-connector", build_parser(), ""))


def routes_table() -> str:
    """Every route of the HTTP application that its description names."""
    settings = ConnectorSettings(database_url="sqlite://", verifier="off", _env_file=None)
    paths: Mapping[str, Mapping[str, Any]] = build_app(InvoiceOCRConnector(settings)).openapi()["paths"]
    rows = (
        (f"`{method.upper()} {path}`", _sentence(of)) for path, each in paths.items() for method, of in each.items()
    )
    return _table(("request", "answer"), sorted(rows, key=lambda row: row[0].partition(" ")[2]))


def _of_parser(name: str, parser: argparse.ArgumentParser, text: str) -> Iterator[str]:
    actions = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    nested = [action for action in actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        yield f"\n## `{name.removeprefix('invoice-connector ')}`\n\n{_capital(text)}.\n\n"
        yield f"```text\n{_usage(name, actions)}\n```\n\n"
        options = [action for action in actions if not _is_for_all(action)]
        yield _table(("argument", "meaning"), ((_called(each), _cell(each.help or "")) for each in options))
    for action in nested:
        texts = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for key, child in action.choices.items():
            yield from _of_parser(f"{name} {key}", child, texts[key])


def _is_for_all(action: argparse.Action) -> bool:
    return bool({"-h", "-v", "-q"} & set(action.option_strings))


def _usage(name: str, actions: Sequence[argparse.Action]) -> str:
    places = [f"[{_value(each)}]" if each.nargs in ("?", "*") else _value(each) for each in actions if _is_place(each)]
    return " ".join((name, "[OPTIONS]", *places))


def _is_place(action: argparse.Action) -> bool:
    return not action.option_strings


def _called(action: argparse.Action) -> str:
    if _is_place(action):
        return _cell(f"`{_value(action)}`")
    value = "" if action.nargs == 0 else f" {_value(action)}"
    return _cell(", ".join(f"`{option}{value}`" for option in action.option_strings))


def _value(action: argparse.Action) -> str:
    given = action.metavar if isinstance(action.metavar, str) else None
    many = " ..." if action.nargs in ("+", "*") else ""
    return (given or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())) + many


def _sentence(route: Mapping[str, Any]) -> str:
    return _cell(" ".join(str(route.get("description") or route.get("summary", "")).split()).replace("``", "`"))


def _default(field: FieldInfo) -> str:
    if field.default_factory not in (None, dict):
        return "of this machine or user"
    value = field.default
    if value is False or (value and value is not PydanticUndefined and not isinstance(value, MailboxSettings)):
        shown = value if isinstance(value, str) else json.dumps(value, default=float)
        return f"`{shown}`"
    return ""


def _cell(text: str) -> str:
    return _capital(text).replace("|", "\\|")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) if len(lines) > 2 else ""


MADE: Mapping[str, Sequence[Callable[[], str]]] = {
    "settings.md": (settings_table, mailbox_table),
    "commands.md": (commands_list,),
    "http.md": (routes_table,),
}


def up_to_date(name: str) -> str:
    """The page with all that is made in it as the code has it now."""
    makers = iter(MADE[name])
    return _PLACE.sub(lambda _: f"{_BEGIN}\n{next(makers)()}\n{_END}", (DOCS / name).read_text("utf-8"))


def main(arguments: Sequence[str] | None = None) -> int:
    write = list(sys.argv[1:] if arguments is None else arguments) == ["--write"]
    behind = [name for name in MADE if up_to_date(name) != (DOCS / name).read_text("utf-8")]
    for name in behind:
        if write:
            (DOCS / name).write_text(up_to_date(name), "utf-8")
        else:
            sys.stdout.write(f"docs/{name} is behind the code; run `python scripts/make_reference.py --write`\n")
    return 1 if behind and not write else 0


if __name__ == "__main__":
    sys.exit(main())
