"""The OpenAPI document as something to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    where: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. ``answers`` are (status, description, name of the schema)."""

    method: str
    path: str
    description: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str, str], ...]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation that an OpenAPI document describes, in its order."""
    return [
        Operation(
            method.upper(),
            path,
            str(operation.get("description") or operation.get("summary", "")),
            tuple(_parameter(parameter) for parameter in operation.get("parameters", ())),
            tuple((code, str(answer.get("description", "")), _schema(answer)) for code, answer in
                  operation.get("responses", {}).items()),
        )
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
    ]  # fmt: skip


def _parameter(parameter: Mapping[str, Any]) -> Parameter:
    return Parameter(
        str(parameter["name"]),
        str(parameter["in"]),
        _kind(parameter.get("schema", {})),
        bool(parameter.get("required")),
        str(parameter.get("description", "")),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(kind for option in schema["anyOf"] if (kind := _kind(option)) != "null")
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("format") or schema.get("type", ""))
    if "minimum" in schema or "maximum" in schema:
        return f"{kind} {schema.get('minimum', '')}…{schema.get('maximum', '')}"
    return kind


def _schema(answer: Mapping[str, Any]) -> str:
    reference = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    return str(reference).rpartition("/")[2]
