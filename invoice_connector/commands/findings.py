"""What is there and what is missing on this machine, and what to do about it."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from db.errors import StorageError
from invoice_connector import locales
from invoice_connector.connector import ensemble_settings
from invoice_connector.exports import formats
from invoice_connector.settings import ConnectorSettings
from invoice_connector.sinks import settings as sinks
from invoice_connector.storage import open_log
from invoice_connector.verify.opening import verifier_settings
from ocr_ensemble.engines import registry
from ocr_ensemble.engines.registry import engine_versions, known_engines
from ocr_ensemble.errors import EngineUnavailableError, PluginError
from verifier.backends import plugins as backends
from verifier.backends.create import create_verifier
from verifier.errors import VerifierError


@dataclass(frozen=True, slots=True)
class Finding:
    """One part. ``reads_pictures`` marks engines that can read a page without a text layer."""

    part: str
    available: bool
    detail: str
    reads_pictures: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(settings: ConnectorSettings, *, deep: bool = False) -> list[Finding]:
    """Looks at every known engine, the verifier, the audit log's database and plug-ins; ``deep``: weights are loaded
    too."""
    engine_settings = ensemble_settings(settings).engine
    findings = [Finding("python", True, f"{platform.python_version()} on {platform.platform()}")]
    for name, version in engine_versions(known_engines(), engine_settings, deep=deep).items():
        available = not isinstance(version, EngineUnavailableError)
        findings.append(Finding(name, available, str(version), reads_pictures=name != "pdf_text"))
    findings.append(_verifier(settings, deep))
    findings.append(_database(settings))
    return [*findings, *_plugins()]


def _plugins() -> Iterator[Finding]:
    """What other packages bring, each loaded, and what of it is refused."""
    for found in (registry.plugins(), backends.plugins(), sinks.plugins(), formats.plugins(), locales.plugins()):
        yield from (Finding(f"plug-in {name}", False, str(error)) for name, error in found.refused.items())
        for name, plugin in found.plugins.items():
            try:
                plugin.load()
            except PluginError as error:
                yield Finding(f"plug-in {name}", False, str(error))
            else:
                yield Finding(f"plug-in {name}", True, f"{plugin}, {plugin.group}")


def _verifier(settings: ConnectorSettings, deep: bool) -> Finding:
    """Whether it could be asked: a server answers, or a checkpoint's files are there and, ``deep``, can be loaded."""
    try:
        verifier = create_verifier(verifier_settings(settings))
        if verifier is not None and deep:
            verifier.prepare()
    except VerifierError as error:
        return Finding("verifier", False, str(error))
    if settings.verify == "never" or settings.verifier == "off":
        return Finding("verifier", False, "switched off by the settings")
    if verifier is None:
        return Finding("verifier", False, "this package has no compact checkpoint; name another verifier")
    fitted = verifier.calibration.fitted
    trust = "calibrated" if fitted else "not calibrated: its verdicts count for little"
    return Finding("verifier", True, f"{verifier.name} {verifier.model or '(as the server chooses)'}, {trust}")


def _database(settings: ConnectorSettings) -> Finding:
    try:
        open_log(settings).dispose()
    except StorageError as error:
        return Finding("audit log", False, str(error))
    return Finding("audit log", True, f"{settings.database_url} (SQLite {sqlite3.sqlite_version})")
