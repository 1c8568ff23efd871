"""Backends of other packages: each is a function from VerifierSettings to a DecisionBackend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr_ensemble.errors import PluginError
from ocr_ensemble.plugins import Found, Plugin, find_plugins
from ocr_ensemble.weights.catalogue import PROFILES
from verifier.decisions import Answer, Decision, DecisionBackend, Loading, checked_answer
from verifier.errors import VerifierError, VerifierSettingsError, VerifierUnavailableError

if TYPE_CHECKING:
    from verifier.backends.create import VerifierSettings

ENTRY_POINT_GROUP = "verifier.backends"
COMPACT = "compact"
BUILT_IN = ("auto", "off", COMPACT, *PROFILES)


def plugins() -> Found:
    """The backends of other packages by name."""
    return find_plugins(ENTRY_POINT_GROUP, frozenset(BUILT_IN))


def named_plugin(name: str) -> Plugin | None:
    """None where no package gives that name. Raises VerifierSettingsError for one that is refused."""
    try:
        return plugins().get(name)
    except PluginError as error:
        raise VerifierSettingsError(str(error)) from error


def backend_of(plugin: Plugin, settings: VerifierSettings) -> DecisionBackend:
    """Raises VerifierError, whatever the plug-in raises."""
    with _guarded(plugin):
        backend: DecisionBackend = plugin.load()(settings)
        return _Guarded(backend, plugin, backend.name, backend.model)


@dataclass(slots=True)
class _Guarded:
    """A plug-in's backend, of which every answer is checked and every error is one of this package's."""

    backend: DecisionBackend
    plugin: Plugin
    name: str
    model: str

    def decide(self, decisions: Sequence[Decision]) -> list[Answer]:
        with _guarded(self.plugin):
            answers = self.backend.decide(decisions)
            return [checked_answer(d, a.probabilities, a.stated) for d, a in zip(decisions, answers, strict=True)]

    def load(self) -> None:
        with _guarded(self.plugin):
            if isinstance(self.backend, Loading):
                self.backend.load()


@contextmanager
def _guarded(plugin: Plugin) -> Iterator[None]:
    try:
        yield
    except VerifierError:
        raise
    except PluginError as error:
        raise VerifierUnavailableError(str(error)) from error
    except Exception as error:
        raise VerifierUnavailableError(
            f"the verifier {plugin.name!r} of {plugin} failed: {type(error).__name__}: {error}; the document is read "
            "without it"
        ) from error
