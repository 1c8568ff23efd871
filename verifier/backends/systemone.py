"""Servers of typed decisions: POST /v1/systemone (transformers serve, llama.cpp, SGLang)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from verifier.backends.http import JsonClient, png_base64
from verifier.decisions import Answer, Decision
from verifier.systemone_format import answers_of, batches, request_of

if TYPE_CHECKING:
    from PIL.Image import Image


class SystemOneBackend:
    """``model`` as the server is to be asked for it, "" for the one it is pinned to."""

    name = "systemone"

    def __init__(self, client: JsonClient, model: str = "") -> None:
        self.model = model
        self._client = client

    def decide(self, decisions: Sequence[Decision]) -> list[Answer]:
        """One request per few pictures. Raises VerifierError."""
        found: list[Answer] = []
        for batch in batches(decisions):
            body = request_of(batch, _asset) | ({"model": self.model} if self.model else {})
            reply = self._client.post("/systemone", body)
            found += answers_of(batch, reply.get("answers"))
            if not self.model and isinstance(reply.get("model"), str):
                self.model = reply["model"]
        return found


def _asset(picture: Image) -> dict[str, Any]:
    return {"type": "image", "format": "png", "data_base64": png_base64(picture)}
