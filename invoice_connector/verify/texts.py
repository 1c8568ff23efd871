"""The verifier's feedback in the document's language, in the words of ``locales``; in English where it has none."""

from __future__ import annotations

from invoice_connector.locales import Locale, locales

_COMMON = "en"


def sentence(name: str, language: str | None, **values: object) -> str:
    """One sentence of ``[sentences]`` without a full stop."""
    return _of(language, "sentences", name).sentences[name].format(**values)


def field_name(name: str, language: str | None) -> str:
    """The business term as people call it; its contract name in words when there is no other."""
    return _of(language, "term_names", name).term_names.get(name, name.replace("_", " "))


def _of(language: str | None, table: str, name: str) -> Locale:
    own = locales().get(language or _COMMON)
    return own if own is not None and name in getattr(own, table) else locales()[_COMMON]
