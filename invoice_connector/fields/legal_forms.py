"""Legal forms of companies, as they are printed behind names and before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from invoice_connector.fields.line_patterns import without_registration
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.locales import words as words_of

_STATE = re.compile(  # "Reno, NV 89502", "Adelaide SA 5018", "1012 AB Amsterdam": states and codes, no legal forms
    r", [A-Z]{2} \d{5}\b|(?<=[a-z]) [A-Z]{2,3} \d{4}\b(?!,? [^\W\d_])|, \d{4} [A-Z]{2}(?= [A-Z][a-z])"
)


@lru_cache(maxsize=2048)
def has_legal_form(text: str) -> bool:
    """Whether a word (or the last words) of ``text`` is the legal form of a company."""
    words = [squeezed(word) for word in re.split(r"[\s,]+", _STATE.sub("", text))]
    forms, longest = _legal_forms()
    runs = ((i, "".join(words[i : i + n])) for n in range(1, longest + 1) for i in range(len(words) - n + 1))
    leads = words[0] in _leading_forms() and len(words) > 1
    return leads or any((i > 0 or len(run) > 5) and _is_form(run, forms) for i, run in runs)


def starts_with_legal_form(text: str) -> bool:
    """Whether a name's second line opens with the legal form that the first line lacks: "SDN BHD", "CO. (M) LTD"."""
    words = [squeezed(word) for word in re.split(r"[\s,]+", text)]
    if words[0] in _leading_forms() and len(words) > 1:  # "SARL Maison Berthe" is a name of its own
        return False
    forms, longest = _legal_forms()
    return any(_is_form("".join(words[:n]), forms) for n in range(1, min(longest, len(words)) + 1))


def is_mostly_legal_form(text: str) -> bool:
    """ "RESTAURANT SDN BHD": at most one word besides the legal form, so that the name must have begun before."""
    words = [squeezed(word) for word in re.split(r"[\s,]+", text)]
    forms, longest = _legal_forms()
    tails = range(1, min(longest, len(words)) + 1)
    return any(len(words) - n <= 1 and _is_form("".join(words[-n:]), forms) for n in tails)


def ends_legal_form(first: str, second: str) -> bool:
    """Whether ``second`` is nothing but a legal form, or the end of one that began at the end of ``first``:
    "S.n.c."; "Bhd." after "Jackson Sdn."; "Coop." after "Talleres S."."""
    words = [squeezed(word) for word in re.split(r"[\s,]+", without_registration(second))]
    words = [word for word in words if word]
    forms, longest = _legal_forms()
    if not words or len(words) > longest:
        return False
    before = [squeezed(word) for word in first.split()[-2:]]
    whole = ("".join([*before[len(before) - n :], *words]) for n in range(len(before) + 1))
    return all(word in forms for word in words) or any(_is_form(run, forms) for run in whole)


def legal_form_at(words: Sequence[str]) -> int:
    """How many of the first words are the legal form of a company; 0 when they are none."""
    forms, longest = _legal_forms()
    keys = ["" if word.endswith("/") else squeezed(word) for word in words[:longest]]  # "SA, C/ Mayor 5" has a street
    return max((n for n in range(1, len(keys) + 1) if keys[n - 1] and "".join(keys[:n]) in forms), default=0)


def _is_form(run: str, forms: frozenset[str]) -> bool:
    """Long forms survive one misread letter ("SDN BND")."""
    if run in forms or len(run) < 6:
        return run in forms
    return any(Levenshtein.distance(run, form, score_cutoff=1) <= 1 for form in _forms_about_as_long(len(run)))


@lru_cache(maxsize=128)
def _forms_about_as_long(length: int) -> tuple[str, ...]:
    """Long forms that have as many letters, give or take one."""
    return tuple(form for form in _legal_forms()[0] if len(form) >= 6 and abs(len(form) - length) <= 1)


@lru_cache(maxsize=1)
def _legal_forms() -> tuple[frozenset[str], int]:
    forms = words_of("legal_forms")
    return frozenset(map(squeezed, forms)), max(form.count(" ") + 1 for form in forms)


@lru_cache(maxsize=1)
def _leading_forms() -> frozenset[str]:
    """As printed before names: "SARL Maison Berthe"."""
    return frozenset(map(squeezed, words_of("leading_legal_forms")))
