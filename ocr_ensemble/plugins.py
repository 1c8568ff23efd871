"""What other installed packages bring, found by entry points and only when a name is asked for that is not built in.

A group is named by the package whose part it adds to: ``ocr_ensemble.engines``, ``verifier.backends``,
``invoice_connector.sinks``, ``invoice_connector.exports``, ``invoice_connector.locales``; ``docs/plugins.md`` is the
guide. A built-in name cannot be taken, and of a name that two packages give neither is used.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

from ocr_ensemble.errors import PluginError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point: ``name`` as it is asked for, ``package`` and ``version`` of what was installed."""

    group: str
    name: str
    package: str
    version: str
    point: EntryPoint

    def __str__(self) -> str:
        return f"{self.package} {self.version}"

    def load(self) -> Any:
        """What the entry point names. Raises PluginError, whatever importing it raises."""
        try:
            return self.point.load()
        except Exception as error:
            raise PluginError(
                f"the plug-in {self.name!r} ({self.group}) of {self} cannot be loaded: "
                f"{type(error).__name__}: {error}; mend or uninstall that package"
            ) from error


@dataclass(frozen=True, slots=True)
class Found:
    """The plug-ins of a group by name, and by name why others are not used."""

    plugins: Mapping[str, Plugin]
    refused: Mapping[str, PluginError]

    def get(self, name: str) -> Plugin | None:
        """None for a name that no package gives. Raises PluginError for one that is refused."""
        if error := self.refused.get(name):
            raise error
        return self.plugins.get(name)


@cache
def find_plugins(group: str, built_in: frozenset[str] = frozenset()) -> Found:
    """The group's plug-ins, looked up once per process: some milliseconds. What is refused is logged as a warning."""
    offered: dict[str, list[Plugin]] = {}
    for point in entry_points(group=group):
        package, version = (point.dist.name, point.dist.version) if point.dist else ("an unknown package", "?")
        offered.setdefault(point.name, []).append(Plugin(group, point.name, package, version, point))
    refused = dict(_refused(offered, built_in))
    for error in refused.values():
        logger.warning("%s", error)
    plugins = {name: given[0] for name, given in offered.items() if name not in refused}
    return Found(MappingProxyType(plugins), MappingProxyType(refused))


def _refused(offered: Mapping[str, list[Plugin]], built_in: Collection[str]) -> Iterator[tuple[str, PluginError]]:
    for name, given in offered.items():
        packages = " and ".join(map(str, given))
        if name in built_in:
            yield (
                name,
                PluginError(
                    f"{packages} gives {name!r} in {given[0].group}, which is built in and stays; rename the plug-in"
                ),
            )
        elif len(given) > 1:
            yield (
                name,
                PluginError(
                    f"{packages} both give {name!r} in {given[0].group}, so neither is used; uninstall one of them"
                ),
            )
