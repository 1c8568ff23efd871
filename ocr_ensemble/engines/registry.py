"""Engines by name, built on first use; other packages add theirs through the entry point group."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from ocr_ensemble.engines.protocols import Engine, EngineSettings, FieldReader, LineReader, PageReader
from ocr_ensemble.errors import EngineError, EngineUnavailableError, PluginError, UnknownEngineError
from ocr_ensemble.plugins import Found, find_plugins

ENTRY_POINT_GROUP = "ocr_ensemble.engines"

# Cheap and accurate first, as measured in docs/benchmarks.md; the order in which a fallback asks them.
BUILT_IN = {
    "pdf_text": "ocr_ensemble.engines.pdf_text:create",
    "rapidocr": "ocr_ensemble.engines.rapidocr:create",
    "tesseract": "ocr_ensemble.engines.tesseract:create",
    "rapidocr_again": "ocr_ensemble.engines.rapidocr_again:create",
    "easyocr": "ocr_ensemble.engines.easyocr:create",
    "trocr": "ocr_ensemble.engines.trocr:create",
    "donut": "ocr_ensemble.engines.donut:create",
}

Factory = Callable[[EngineSettings], Engine]


def known_engines() -> tuple[str, ...]:
    """The names of all engines, built-in ones first, then those of other packages."""
    return (*BUILT_IN, *plugins().plugins)


def is_known(name: str) -> bool:
    """Whether there is an engine of that name, if only one that is refused; a built-in one needs no look at other
    packages."""
    return name in BUILT_IN or name in plugins().plugins or name in plugins().refused


def plugins() -> Found:
    """The engines of other packages."""
    return find_plugins(ENTRY_POINT_GROUP, frozenset(BUILT_IN))


def create_engine(name: str, settings: EngineSettings) -> Engine:
    """Builds the engine.

    Raises UnknownEngineError for a name nobody registered, EngineUnavailableError when it cannot run here.
    """
    with _building(name):
        engine = _factory(name)(settings)
        if name not in BUILT_IN:
            _check(name, engine)
        return engine


def find_version(name: str, settings: EngineSettings) -> str:
    """The engine's version, found without loading its weights where its module has a ``find_version`` for that.

    Raises what ``create_engine`` raises, except for what only loading shows.
    """
    with _building(name):
        module = sys.modules.get(getattr(_factory(name), "__module__", ""))
        find: Callable[[EngineSettings], str] | None = getattr(module, "find_version", None)
        return find(settings) if find is not None else create_engine(name, settings).version


def _factory(name: str) -> Factory:
    if target := BUILT_IN.get(name):
        module, _, attribute = target.partition(":")
        built: Factory = getattr(importlib.import_module(module), attribute)
        return built
    plugin = plugins().get(name)
    if plugin is None:
        raise UnknownEngineError(name, f"unknown engine {name!r}; known are {', '.join(known_engines())}")
    given: Factory = plugin.load()
    return given


def _check(name: str, engine: Engine) -> None:
    """The log names an engine as it was asked for. Raises EngineUnavailableError."""
    if not isinstance(engine, (PageReader, LineReader, FieldReader)) or engine.name != name:
        raise EngineUnavailableError(
            name, f"the plug-in {name!r} gives no engine of that name that reads pages, lines or fields; mend it"
        )


@contextmanager
def _building(name: str) -> Iterator[None]:
    """Whatever a plug-in raises makes that engine unavailable, and no other."""
    try:
        yield
    except EngineError:
        raise
    except PluginError as error:
        raise EngineUnavailableError(name, str(error)) from error
    except ImportError as error:
        raise EngineUnavailableError(name, f"{name} cannot be imported ({error}); install its package") from error
    except Exception as error:
        if name in BUILT_IN:
            raise
        reason = f"{type(error).__name__}: {error}"
        raise EngineUnavailableError(name, f"the plug-in {name!r} gives no engine ({reason}); mend it") from error


def engine_versions(
    names: Iterable[str], settings: EngineSettings, *, deep: bool
) -> dict[str, str | EngineUnavailableError]:
    """The version of each engine, or why it is not available here; ``deep``: each is built, weights and all."""
    versions: dict[str, str | EngineUnavailableError] = {}
    for name in names:
        try:
            versions[name] = create_engine(name, settings).version if deep else find_version(name, settings)
        except EngineUnavailableError as error:
            versions[name] = error
    return versions
