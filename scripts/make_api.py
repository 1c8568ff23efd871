#!/usr/bin/env python
"""The public names of the packages with what their docstrings say, as ``docs/api.md`` lists them.

python scripts/make_api.py            # prints the page
python scripts/make_api.py --write    # puts it into docs/api.md
"""

from __future__ import annotations

import enum
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from typing_extensions import is_typeddict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
PACKAGES = ("invoice_connector", "ocr_ensemble", "verifier", "db", "analytics")
_LONGEST, _LONGEST_DEFAULT = 100, 40  # characters
_HEAD = """---
search:
  boost: 0.3  # guides come first
---

# What may be imported

<!-- made by scripts/make_api.py --write -->

These names keep working from version to version, and the changelog says when one changes. Everything else in the
packages is private: it may move or go at any time. All packages are typed (`py.typed`). The README's examples show how
the names work together, [plugins.md](plugins.md) how to write engines, verifiers, sinks, formats and locales, and
[document.schema.json](schema/document.schema.json) describes the JSON of a document. `...` is a default that is made
when it is needed.
"""


def api() -> str:
    """The page in Markdown."""
    parts = (_package(importlib.import_module(name)) for name in PACKAGES)
    return _HEAD + "".join(line for part in parts for line in part)


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that a class itself defines, as functions."""
    for name, value in vars(kind).items():
        function = value.fget if isinstance(value, property) else getattr(value, "func", None)
        function = function or getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function


def _package(module: ModuleType) -> Iterator[str]:
    yield f"\n## `{module.__name__}`\n\n{_said(module)}\n"
    for name in module.__all__:
        value = getattr(module, name)
        yield f"\n### `{module.__name__}.{name}`\n\n"
        if isinstance(value, type) or is_typeddict(value):
            yield from _class(name, value)
        elif callable(value):
            yield f"```python\n{name}{_signature(value)}\n```\n\n{_said(value)}\n"
        else:
            yield f"`{value!r}`\n"


def _class(name: str, kind: type) -> Iterator[str]:
    if issubclass(kind, enum.Enum):
        yield f"{_said(kind)} Values: {', '.join(f'`{member.value}`' for member in kind)}.\n"
        return
    if issubclass(kind, Exception):
        yield f"An error; `except {kind.__mro__[1].__name__}` catches it, too. {_said(kind)}\n"
        return
    if not issubclass(kind, BaseModel) and not is_typeddict(kind) and not getattr(kind, "_is_protocol", False):
        yield f"```python\n{name}{_signature(kind)}\n```\n\n"
    yield f"{_said(kind)}\n"
    for method, function in () if is_typeddict(kind) else members(kind):
        is_property = not callable(inspect.getattr_static(kind, method)) and not isinstance(
            inspect.getattr_static(kind, method), classmethod | staticmethod
        )
        yield f"\n- `{method}{'' if is_property else ' '.join(_signature(function).split())}`: {_in_line(function)}\n"


def _signature(function: Callable[..., Any]) -> str:
    """With annotations as they are written; over several lines where it is long."""
    signature = inspect.signature(function)
    parameters = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
    given = [_parameter(each) for each in parameters]
    by_name = [each.kind is inspect.Parameter.KEYWORD_ONLY for each in parameters]
    if True in by_name:
        given.insert(by_name.index(True), "*")
    shown = f"({', '.join(given)})"
    if len(shown) > _LONGEST:
        shown = "(" + "".join(f"\n    {each}," for each in given) + "\n)"
    returns = signature.return_annotation
    told = returns not in (inspect.Signature.empty, "None", None) and inspect.isfunction(function)
    return shown + (f" -> {_written(returns)}" if told else "")


def _parameter(parameter: inspect.Parameter) -> str:
    typed = parameter.annotation is not inspect.Parameter.empty
    shown = parameter.name + (f": {_written(parameter.annotation)}" if typed else "")
    if parameter.default is inspect.Parameter.empty:
        return shown
    default = repr(parameter.default)
    return f"{shown} = {'...' if default.startswith('<') or len(default) > _LONGEST_DEFAULT else default}"


def _written(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _said(value: Any) -> str:
    return (inspect.getdoc(value) or "").replace("``", "`")


def _in_line(value: Any) -> str:
    return " ".join(_said(value).split())


def main(arguments: Sequence[str] | None = None) -> int:
    if list(sys.argv[1:] if arguments is None else arguments) == ["--write"]:
        PAGE.write_text(api(), "utf-8")
    else:
        sys.stdout.write(api())
    return 0


if __name__ == "__main__":
    sys.exit(main())
