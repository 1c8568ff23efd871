"""The dashboard and its API over the audit log: reads ``db``, writes nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.access import Access
    from analytics.app import create_app
    from analytics.jobs import job_detail
    from analytics.models.job import JobDetail

__all__ = [
    "Access",
    "JobDetail",
    "create_app",
    "job_detail",
]

# Loaded on first use, so that importing one small module does not import all others.
_MODULES = {
    "Access": "access",
    "JobDetail": "models.job",
    "create_app": "app",
    "job_detail": "jobs",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
