"""RunPod serverless: a chat request inside ``runsync``, then polling ``/status`` until the job ends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from verifier.backends.http import JsonClient
from verifier.errors import VerifierAnswerError, VerifierTimeoutError, VerifierUnavailableError

FIRST_POLL, LONGEST_POLL = 0.2, 5.0  # seconds between two looks at a job
WAITING = ("IN_QUEUE", "IN_PROGRESS")


class RunPodTransport:
    """Sends OpenAI-compatible bodies to a vLLM worker. ``seconds`` limits a job from its start to its end."""

    def __init__(self, client: JsonClient, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + self._seconds
        job = {"input": {"openai_route": "/v1/chat/completions", "openai_input": body}}
        reply = self._client.post("/runsync", job)
        pause = FIRST_POLL
        while reply.get("status") in WAITING:
            if time.monotonic() + pause > deadline:
                self._cancel(reply)
                raise VerifierTimeoutError(
                    f"the RunPod job was not done within {self._seconds:g} s; raise the verifier's time limit"
                )
            time.sleep(pause)
            pause = min(LONGEST_POLL, pause * 1.5)
            reply = self._client.get(f"/status/{_job_id(reply)}")
        if reply.get("status") != "COMPLETED":
            raise VerifierUnavailableError(f"the RunPod job ended as {reply.get('status')}; look at its endpoint's log")
        return _output(reply.get("output"))

    def _cancel(self, reply: Mapping[str, Any]) -> None:
        try:
            self._client.post(f"/cancel/{_job_id(reply)}", {}, attempts=1)
        except VerifierUnavailableError:
            return


def _job_id(reply: Mapping[str, Any]) -> str:
    name = reply.get("id")
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
        raise VerifierAnswerError("RunPod's reply names no job; check that the URL ends with /v2/ENDPOINT")
    return name


def _output(output: object) -> dict[str, Any]:
    """A vLLM worker gives the chat reply itself or a list with it."""
    if isinstance(output, list) and output:
        output = output[0]
    if not isinstance(output, dict):
        raise VerifierAnswerError("the RunPod job's output is no chat reply; use a vLLM worker")
    return output
