"""What pages print of a company, as keys that it is found under: numbers, domains of mail and web, words of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from invoice_connector.suppliers.names import pieces, tokens

PUBLIC_DOMAINS = frozenset(
    {"gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "yahoo.com", "icloud.com", "me.com",
     "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "wanadoo.fr", "free.fr", "libero.it",
     "telia.com", "proton.me", "protonmail.com", "facebook.com", "instagram.com", "linkedin.com"}
)  # fmt: skip
"""Of mail services and networks: many companies share them."""
OWN_KEYS = frozenset("in")
"""How keys of numbers and of whole names begin."""
_MAIL = re.compile(r"(?:@|www\.|https?://(?:www\.)?)([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[.\-/][^\W_]+)*")
_AMOUNT = re.compile(r"\d{1,3}(?:[. ]?\d{3})*,\d\d|\d+\.\d\d|\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2,4}")
_SHORTEST, _LONGEST, _DIGITS = 6, 34, 5  # characters of a number that identifies, and how many of them are digits
_BARE = 8  # digits that identify without what stands before them
_MOST_WORDS = 9  # of a number: an IBAN in groups of four
_MOST_NAME_WORDS = 10
_MOST_LINES = 400
_SHORT_TOKEN = 3


def identifier_keys(number: str) -> set[str]:
    """Keys of a VAT or organisation number or an account: all of it, without the letters before it, its digits.

    A Swedish VAT number holds the organisation number, a French one the SIREN (the countries' own rules).
    """
    whole = "".join(filter(str.isalnum, number)).upper()
    digits = "".join(filter(str.isdigit, whole))
    forms = {whole, re.sub(r"^[A-Z]{2}(?=[A-Z\d]*\d)", "", whole)}
    forms |= {digits} if len(digits) >= _BARE else set()
    if whole.startswith("SE") and len(digits) == 12:
        forms.add(digits[:-2])
    if whole.startswith("FR") and len(whole) == 13:
        forms.add(whole[4:])
    return {f"i:{form}" for form in forms if len(form) >= _SHORTEST and sum(map(str.isdigit, form)) >= _DIGITS}


def domain_key(domain: str) -> str | None:
    """The key of a web or mail domain, None for one that many share."""
    bare = domain.strip().lower().removeprefix("https://").removeprefix("http://").rpartition("@")[2]
    bare = bare.removeprefix("www.").partition("/")[0]
    return None if bare in PUBLIC_DOMAINS or "." not in bare else f"d:{bare}"


def name_key(name: str) -> frozenset[str]:
    """The key of a whole name, none for what has no words."""
    whole = "".join(tokens(name))
    return frozenset({f"n:{whole}"} if whole else ())


def name_keys(name: str) -> set[str]:
    """Keys of a name: all of its words, each pair of neighbours, each word."""
    found = tokens(name)
    pairs = {f"p:{one} {other}" for one, other in pairwise(found)}
    return {f"n:{''.join(found)}", *pairs, *(f"t:{word}" for word in found if len(word) > _SHORT_TOKEN)}


def keys_on(lines: Sequence[str]) -> set[str]:
    """All keys that the lines of a document may be found to share with a company's."""
    near = [*lines[: _MOST_LINES // 2], *lines[max(_MOST_LINES // 2, len(lines) - _MOST_LINES // 2) :]]
    keys = {key for line in near for number in numbers_on(line) for key in identifier_keys(number)}
    keys |= {key for line in near for domain in domains_on(line) if (key := domain_key(domain))}
    return keys | {key for line in near for name in names_on(line) for key in name_keys(name)}


def domains_on(line: str) -> list[str]:
    """The domains of mail and web addresses."""
    return [match.lower() for match in _MAIL.findall(line)]


def numbers_on(line: str) -> Iterator[str]:
    """What may be a number that identifies, printed in one or several groups."""
    found = [match[0] for match in _WORD.finditer(line) if not _AMOUNT.fullmatch(match[0])]
    for start, first in enumerate(found):
        if not (_has_digit(first) or (first.isupper() and len(first) <= 4)):
            continue
        number = ""
        for word in found[start : start + _MOST_WORDS]:
            number += "".join(filter(str.isalnum, word))
            if len(number) > _LONGEST:
                break
            if len(number) >= _SHORTEST and sum(map(str.isdigit, number)) >= _DIGITS:
                yield number


def names_on(line: str) -> Iterable[str]:
    """The pieces of a line that may be a name."""
    parts = (part for part in pieces(line) if len(part.split()) <= _MOST_NAME_WORDS and not _AMOUNT.search(part))
    return (part for part in parts if sum(map(str.isalpha, part)) > _SHORT_TOKEN)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
