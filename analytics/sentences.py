"""What is wrong with a request, in words of this interface: no name of a parser's own reaches the sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = 5  # problems of a request
_NAME = 60  # characters of a name that the sender may have made up
_RULES = {
    "missing": "is missing",
    "bool_parsing": "is true or false",
    "int_parsing": "is a whole number",
    "int_parsing_size": "is a whole number of few digits",
    "int_from_float": "is a whole number",
    "int_type": "is a whole number",
    "float_parsing": "is a number",
    "float_type": "is a number",
    "finite_number": "is a finite number",
    "string_type": "is a text",
    "string_unicode": "is a text of valid characters",
    "string_too_short": "has at least {min_length} characters",
    "string_too_long": "has at most {max_length} characters",
    "too_long": "has at most {max_length} entries",
    "less_than": "is below {lt}",
    "less_than_equal": "is at most {le}",
    "greater_than": "is above {gt}",
    "greater_than_equal": "is at least {ge}",
    "literal_error": "is one of {expected}",
    "enum": "is one of {expected}",
    "dict_type": "is an object of names and values",
    "model_attributes_type": "is a JSON object",
    "datetime_parsing": "is a moment such as 2026-11-30T08:00:00Z, or a day such as 2026-11-30",
    "datetime_from_date_parsing": "is a moment such as 2026-11-30T08:00:00Z, or a day such as 2026-11-30",
}
_OTHER = "is not what the description of this interface allows; see /docs"


def invalid(problems: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for what a request's parameters and body have wrong; ``problems`` as pydantic lists them."""
    return "; ".join(_sentence(problem) for problem in problems[:_SHOWN])


def _sentence(problem: Mapping[str, Any]) -> str:
    kind, place = str(problem["type"]), [str(part) for part in problem["loc"]]
    if kind == "json_invalid":
        return "the body of the request is no valid JSON"
    if kind == "value_error":  # one of this project's own sentences
        rule = str(problem["ctx"]["error"])
    else:
        rule = f"it {_RULES.get(kind, _OTHER).format_map(problem.get('ctx') or {})}"
    if len(place) == 1:
        return f"the {place[0]} of the request is wrong: {rule}"
    name = ".".join(place[1:])
    return f"the parameter '{name if len(name) <= _NAME else f'{name[:_NAME]}...'}' is wrong: {rule}"
