"""Finds names out of a list of thousands in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

import regex

from invoice_connector.evidence.folding import by_first_word, folded, words_of

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True, eq=False)
class Names(Generic[Meaning]):
    """Folded names with what each means, and by the word that they begin with; ``around``: what stands before and
    behind one, as patterns."""

    meanings: Mapping[str, Meaning]
    by_first_word: Mapping[str, tuple[str, ...]]
    around: tuple[str, str]

    @classmethod
    def of(cls, meanings: Mapping[str, Meaning], around: tuple[str, str]) -> Names[Meaning]:
        return cls(meanings, by_first_word(meanings), around)

    def find(self, text: str) -> Iterator[tuple[regex.Match[str], Meaning]]:
        """The names in a text, left to right, the longest where several begin in a place."""
        present = words_of(text) & self.by_first_word.keys()
        if present:
            for match in self._pattern(tuple(sorted(present))).finditer(text):
                yield match, self.meanings[folded(match[0])]

    @lru_cache(maxsize=512)  # noqa: B019  the instances live as long as the process
    def _pattern(self, first_words: tuple[str, ...]) -> regex.Pattern[str]:
        """What finds the names that begin so; one of all names takes half a second to compile."""
        names = {name for word in first_words for name in self.by_first_word[word]}
        longest_first = "|".join(map(regex.escape, sorted(names, key=lambda name: (-len(name), name))))
        before, behind = self.around
        return regex.compile(f"{before}(?:{longest_first}){behind}", regex.IGNORECASE)
