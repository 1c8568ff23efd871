"""Engines by name, built on first use; other packages add theirs through the entry point group."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib.metadata import entry_points
from types import ModuleType

from ocr_ensemble.engines.protocols import Engine, EngineSettings
from ocr_ensemble.errors import EngineUnavailableError, UnknownEngineError

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


@lru_cache(maxsize=1)
def known_engines() -> dict[str, str]:
    """Name to ``module:function`` of every engine, built-in ones first; raises ValueError on a name given twice."""
    known = dict(BUILT_IN)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name in known:
            raise ValueError(f"two packages register an engine named {point.name!r}; uninstall one of them")
        known[point.name] = point.value
    return known


def create_engine(name: str, settings: EngineSettings) -> Engine:
    """Builds the engine.

    Raises UnknownEngineError for a name nobody registered, EngineUnavailableError when it cannot run here.
    """
    module, attribute = _module(name)
    with _imports(name):
        factory: Factory = getattr(module(), attribute)
        return factory(settings)


def find_version(name: str, settings: EngineSettings) -> str:
    """The engine's version, found without loading its weights where its module has a ``find_version`` for that.

    Raises what ``create_engine`` raises, except for what only loading shows.
    """
    module, attribute = _module(name)
    with _imports(name):
        find: Callable[[EngineSettings], str] | None = getattr(module(), "find_version", None)
        if find is not None:
            return find(settings)
        factory: Factory = getattr(module(), attribute)
        return factory(settings).version


def _module(name: str) -> tuple[Callable[[], ModuleType], str]:
    """What imports the engine's module, and the name of its factory in there."""
    try:
        target = known_engines()[name]
    except KeyError as error:
        raise UnknownEngineError(name, f"unknown engine {name!r}; known are {', '.join(known_engines())}") from error
    module, _, attribute = target.partition(":")
    return partial(importlib.import_module, module), attribute


@contextmanager
def _imports(name: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise EngineUnavailableError(name, f"{name} cannot be imported ({error}); install its package") from error


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
