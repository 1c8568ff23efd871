"""What holds for all tests."""

from __future__ import annotations

import functools
from collections.abc import Generator, Mapping
from importlib.metadata import packages_distributions, version
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--documents", type=int, default=20, help="generated documents a kind in slow tests; 200 before a release"
    )


@pytest.fixture
def documents(request: pytest.FixtureRequest) -> int:
    """How many documents of each kind the slow tests generate."""
    return int(request.config.getoption("--documents"))


settings.register_profile("any machine", deadline=None)  # how long an example takes is no property of the code
settings.load_profile("any machine")


def pytest_exception_interact(call: pytest.CallInfo[Any], report: pytest.TestReport | pytest.CollectReport) -> None:
    """Says below a failure by a warning which library gave it, and in which version."""
    if call.excinfo is not None and isinstance(call.excinfo.value, Warning):
        found = libraries(call.excinfo.value.__traceback__)
        if found:
            report.sections.append(("the warning's library", f"{call.excinfo.typename} by {' called by '.join(found)}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Reports go from process to process as UTF-8, which has no lone surrogates; what was logged may hold some."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report


def libraries(traceback: TracebackType | None) -> list[str]:
    """``name version`` of the installed packages whose code a traceback went through, the innermost first."""
    found: list[str] = []
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        for name in _distributions().get(module, ())[:1]:
            if (entry := f"{name} {version(name)}") not in found:
                found.insert(0, entry)
        traceback = traceback.tb_next
    return [
        entry for entry in found if not entry.startswith(("pytest ", "pluggy ", "hypothesis ", "invoice-connector "))
    ]


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()
