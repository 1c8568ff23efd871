"""A sink: each document becomes a line of a file. Its settings are its fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from invoice_connector import DeliveryError, PluginSink


class JsonLinesSink(PluginSink):
    """``path``: the file that lines are appended to."""

    kind: Literal["json_lines"]
    path: Path

    def deliver(self, document: dict[str, Any], source: bytes | None, identifier: str) -> str:
        line = {"identifier": identifier, "document": document}
        try:
            if identifier not in self._delivered():  # an earlier try may have arrived
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise DeliveryError(f"{self.path} cannot be written ({error.strerror}); make it writable") from error
        return identifier

    def _delivered(self) -> set[str]:
        if not self.path.exists():
            return set()
        return {json.loads(line)["identifier"] for line in self.path.read_text("utf-8").splitlines()}
