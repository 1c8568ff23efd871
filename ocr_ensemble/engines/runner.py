"""Runs one engine on one page within its time limit, and turns whatever happens into an EngineRun."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from ocr_ensemble.engines.deadline import DeadlineError, within
from ocr_ensemble.errors import EngineFailedError, EngineTimeoutError
from ocr_ensemble.reading import EngineRun, RunStatus

Result = TypeVar("Result")

GRACE_SECONDS = 5.0  # or the limit where that is shorter: how long an engine's last step may take beyond it


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Result]):
    """``result`` is None when ``error`` is set; ``milliseconds`` is wall time; ``hangs``: the call is still running, so
    the engine instance must not be used again."""

    result: Result | None
    error: EngineFailedError | EngineTimeoutError | None
    milliseconds: float
    hangs: bool = False

    @property
    def status(self) -> RunStatus:
        if self.error is None:
            return RunStatus.OK
        return RunStatus.TIMED_OUT if isinstance(self.error, EngineTimeoutError) else RunStatus.FAILED


def attempt(engine: str, call: Callable[[], Result], limit_seconds: float) -> Attempt[Result]:
    """Calls within the limit.

    Engines that look at their deadline end by themselves. A call that outlives it for ``GRACE_SECONDS`` more cannot be
    stopped, only left behind in its daemon thread.
    """
    outcome: list[Result] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            with within(limit_seconds):
                outcome.append(call())
        except Exception as error:
            failure.append(error)

    started = perf_counter()
    thread = threading.Thread(target=run, name=f"engine-{engine}", daemon=True)
    thread.start()
    thread.join(limit_seconds + min(GRACE_SECONDS, limit_seconds))
    milliseconds = (perf_counter() - started) * 1000
    if failure and isinstance(failure[0], DeadlineError):
        message = f"{engine} was not done with the page within {limit_seconds:g} s and stopped; raise its time limit"
        return Attempt(None, EngineTimeoutError(engine, message), milliseconds)
    if failure:
        error = EngineFailedError(engine, f"{engine} failed: {type(failure[0]).__name__}: {failure[0]}")
        error.__cause__ = failure[0]
        return Attempt(None, error, milliseconds)
    if not outcome:
        message = f"{engine} gave no answer within {limit_seconds:g} s and was left behind; raise its time limit"
        return Attempt(None, EngineTimeoutError(engine, message), milliseconds, hangs=True)
    return Attempt(outcome[0], None, milliseconds)


def recorded(
    attempt: Attempt[Result],
    engine: str,
    version: str,
    page: int,
    read: tuple[str, ...] = (),
    mean: float | None = None,
) -> EngineRun:
    """The log entry of an attempt that read the texts ``read`` with ``mean`` confidence."""
    return EngineRun(
        engine,
        version,
        page,
        attempt.status,
        attempt.milliseconds,
        lines=len(read),
        characters=sum(len(text) for text in read),
        confidence=mean,
        error=str(attempt.error) if attempt.error else None,
    )
