"""Which version of the package runs, and of which commit where that is known."""

from __future__ import annotations

import importlib.metadata
import json
from functools import cache
from pathlib import Path

PACKAGE = "invoice-connector"
_CHECKOUT = Path(__file__).resolve().parents[1]


@cache
def package_version() -> str:
    """The installed version, "unknown" for sources that were never installed."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


@cache
def commit() -> str | None:
    """40 hexadecimal digits: of the checkout that runs, or what the package was installed from; None where neither is
    known. Changes that are not committed do not show."""
    try:
        return _of_checkout(_CHECKOUT / ".git") or _of_installation()
    except (OSError, ValueError):
        return None


def _of_installation() -> str | None:
    """What ``pip install git+...`` noted (PEP 610)."""
    try:
        noted = importlib.metadata.distribution(PACKAGE).read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return None
    found = json.loads(noted or "{}").get("vcs_info", {}).get("commit_id")
    return found if isinstance(found, str) else None


def _of_checkout(git: Path) -> str | None:
    """What HEAD points to; ``git`` is a folder, or in a worktree a file that names one."""
    if git.is_file():
        git = (git.parent / git.read_text("utf-8").removeprefix("gitdir:").strip()).resolve()
    if not (git / "HEAD").is_file():
        return None
    head = (git / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref: "):
        return head
    shared = git / "commondir"
    common = (git / shared.read_text("utf-8").strip()).resolve() if shared.is_file() else git
    name = head.removeprefix("ref: ")
    if (common / name).is_file():
        return (common / name).read_text("utf-8").strip()
    packed = common / "packed-refs"
    lines = packed.read_text("utf-8").splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)
