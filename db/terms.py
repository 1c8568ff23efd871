"""Words and numbers as they are searched: letter case and accents do not count, nor do the separators in a number.

``Bankgiro 5050-1055`` gives ``bankgiro``, ``5050``, ``1055`` and ``50501055``, so that the number is found however it
is grouped. A term has at most ``LONGEST`` characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 64
_GROUPS = 4  # parts of a number that are joined; an IBAN has more, see _joined
_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = " .,'’-/\u00a0\u202f"
_JOINS_LETTERS = "-/."  # INV-2025-001, but not "faktura 2025"
_IBAN = re.compile(r"[a-z]{2}\d{2}[0-9a-z]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing a query asks for: any of the ``choices``, each a set of terms that must all be on the page."""

    choices: tuple[tuple[str, ...], ...]


def folded(text: str) -> str:
    """Lower case without accents: ``Förfallodatum`` as ``forfallodatum``."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def terms(texts: Iterable[str]) -> list[str]:
    """The terms of some texts, each once, in the order they come first."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _runs(folded(text)):
            groups = [word for _, word in run]
            found |= dict.fromkeys(word[:LONGEST] for word in groups)
            found |= dict.fromkeys(_joined(groups))
    return list(found)


def wanted(query: str) -> list[Wanted]:
    """What a query asks for, all of it. The query is data: signs in it mean nothing. Empty when it has no word."""
    return [_wanted(run) for run in _runs(folded(query))]


_Run = list[tuple[str, str]]
"""Words that may be one number, each with the separator before it; a word for itself is a run of one."""


def _runs(text: str) -> Iterator[_Run]:
    run: _Run = []
    end = 0
    for match in _WORD.finditer(text):
        word, gap = match.group(), text[end : match.start()]
        if run and not _goes_on(run, gap, word):
            yield run
            run = []
        run.append((gap if run else "", word))
        end = match.end()
    if run:
        yield run


def _goes_on(run: _Run, gap: str, word: str) -> bool:
    joins = _SEPARATORS if _has_digit(run[-1][1]) else _JOINS_LETTERS
    return len(gap) == 1 and gap in joins and _has_digit(word)


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _wanted(run: _Run) -> Wanted:
    """A number of several groups: joined to one, or each part between blanks for itself."""
    parts: list[str] = []
    for gap, word in run:
        if parts and not gap.isspace():
            parts[-1] += word
        else:
            parts.append(word)
    whole, short = "".join(parts)[:LONGEST], tuple(part[:LONGEST] for part in parts)
    return Wanted(((whole,),) if len(parts) == 1 else ((whole,), short))


def _joined(groups: list[str]) -> Iterator[str]:
    for start in range(len(groups)):
        for end in range(start + 2, min(len(groups), start + _GROUPS) + 1):
            yield "".join(groups[start:end])[:LONGEST]
        if _IBAN.fullmatch(groups[start]) and len(groups) > start + _GROUPS:
            for end in range(start + _GROUPS + 1, min(len(groups), start + 9) + 1):
                yield "".join(groups[start:end])[:LONGEST]
