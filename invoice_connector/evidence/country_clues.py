"""Finds what shows a country in a printed line: each piece with its kind, its place and the log-odds it adds.

A print speaks once: where two kinds claim the same characters, only the more specific counts, so that the "BHD" of a
legal form is no currency, and the "London" of "London, KY 40741" no town in England.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import regex
import tomli

from invoice_connector.evidence import cldr
from invoice_connector.evidence.folding import folded
from invoice_connector.evidence.names import Names
from invoice_connector.locales import alternatives

Countries = Mapping[str, float]

# From the most specific kind to the least.
_KINDS = (
    "IBAN", "VAT number", "identifier", "register", "legal form", "postal form", "domain", "telephone", "street",
    "name of a country", "town", "tax name", "currency",
)  # fmt: skip
_VALID_VAT, _VAT_FORM, _LABELLED, _IBAN, _VALID = 7.0, 3.5, 1.5, 6.0, 7.0
_HOME = 6.5  # of a language's likeliest country
_DOMAIN, _NAME, _TELEPHONE, _CURRENCY, _TOWN = 5.0, 5.0, 5.5, 3.0, 4.5
_VAT = regex.compile(
    r"(?<![A-Z0-9])(?P<country>[A-Z]{2}|CHE)[ -]?(?=[A-Z0-9 .-]*\d{3})[A-Z0-9]+(?:[ .-]?[A-Z0-9]+){0,5}"
)
_LOOK_ALIKE = str.maketrans("OQDILSBZ", "00011582")
_IBAN_FORM = regex.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_HOST = regex.compile(r"(?:@|www\.|https?://)[\w.-]+\.(?P<top>[a-z]{2})(?![\w.]\w|\w)", regex.IGNORECASE)
_MARKED = r"[-−(]?(?:\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,3})?|\d+[.,]\d{2,3})(?![\w/.,-]*\d)"
_AMOUNT_AHEAD = rf"(?= ?{_MARKED})"
_AMOUNT_BEHIND = r"(?<=(?<![\w/-])[\d.,' ]*\d[.,]\d{2,3} ?)"
_CODE = regex.compile(rf"(?<!\w)(?P<code>[A-Z]{{3}}){_AMOUNT_AHEAD}|{_AMOUNT_BEHIND}(?P<code>[A-Z]{{3}})(?!\w)")
# Used in trade between others, so that they say nothing of a seller; pounds say something (``countries.toml``).
_WORLDWIDE = frozenset({"USD", "EUR", "GBP", "CHF", "JPY", "CNY"})
_NO_COUNTRYS = frozenset({"co", "io", "ai", "tv", "me", "eu", "cc", "ly", "fm", "to", "sh", "gg"})  # sold to anybody
_SHORTEST_VAT = 9
_SHORTEST_TOWN = 5
_GREEK, _BRITISH = {"EL": "GR", "CHE": "CH"}, {"uk": "GB"}


@dataclass(frozen=True, slots=True)
class Print:
    """``start``..``end`` of a line, of a kind, with the log-odds that it adds for countries (ISO 3166)."""

    kind: str
    start: int
    end: int
    countries: Countries


@lru_cache(maxsize=4096)  # labels, letterheads and one's own address are on every document
def clues_of(text: str) -> tuple[Print, ...]:
    """What a line shows, the most specific kinds first; less specific ones that overlap with them are left out."""
    every = (*_numbers(text), *_identifiers(text), *_patterns(text), *_hosts(text), *_names(text), *_telephones(text))
    found = sorted((*every, *_codes(text)), key=lambda one: (_KINDS.index(one.kind), one.start - one.end))
    kept: list[Print] = []
    for one in found:
        over = (other for other in kept if one.start < other.end and other.start < one.end)
        same = (one.kind, one.start, one.end)
        if all(same == (other.kind, other.start, other.end) for other in over):
            kept.append(one)
    return tuple(kept)


def _patterns(text: str) -> Iterator[Print]:
    for kind, pattern, countries in tables().clues:
        match = pattern.search(text)
        if match:
            yield Print(kind, *match.span(), countries)


def _telephones(text: str) -> Iterator[Print]:
    for match in _prefix().finditer(text):
        called = tables().telephone(match["digits"])
        if called:
            yield Print("telephone", *match.span(), dict.fromkeys(called, _TELEPHONE))


@cache
def _prefix() -> regex.Pattern[str]:
    """A telephone's prefix abroad. "00" opens one only where a label says so; other numbers begin so, too."""
    digits = r"(?P<digits>\d{1,3})(?=[ ().\d/-]{6})"
    label = rf"(?:(?i:{alternatives('telephone', 'telephone_verbs')})\w*\.?|☎|\b[TFM])"
    return regex.compile(rf"(?<![\w+])\+ ?{digits}|{label}[ :.]*\(?\K00 ?{digits}")


@cache
def _tax_label() -> regex.Pattern[str]:
    names = rf"(?<!\p{{L}}){alternatives('tax_names')}(?!\p{{L}})"
    return regex.compile(rf"{names}|{alternatives('tax_number_names')}", regex.IGNORECASE)


def _codes(text: str) -> Iterator[Print]:
    for match in _CODE.finditer(text):
        tenders = tables().tenders.get(match["code"])
        if tenders:
            yield Print("currency", *match.span("code"), dict.fromkeys(tenders, _CURRENCY))


def _numbers(text: str) -> Iterator[Print]:
    """VAT numbers and IBANs: those whose check digits hold count most; an IBAN may be of a bank abroad."""
    from stdnum import iban

    for match in _IBAN_FORM.finditer(text):
        if iban.is_valid(match[0], check_country=False):
            yield Print("IBAN", *match.span(), {match[0][:2]: _IBAN})
    for match in _VAT.finditer(text, overlapped=True):
        country = _GREEK.get(match["country"], match["country"])
        labelled = _tax_label().search(text[: match.start()]) is not None
        prints = list(_heads(match[0]))
        verdicts = [verdict for head in prints if (verdict := _vat_valid(country, head)) is not None]
        if not verdicts and labelled:  # a scan's O for 0 still shows whose number it is
            misread = (head[:2] + head[2:].translate(_LOOK_ALIKE) for head in prints)
            verdicts = [False for head in misread if _vat_valid(country, head) is not None]
        if verdicts:
            points = (_VALID_VAT if verdicts[0] else _VAT_FORM) + (_LABELLED if labelled else 0.0)
            yield Print("VAT number", *match.span(), {country: points})


def _heads(printed: str) -> Iterator[str]:
    """The print, and it without the last groups: something else may follow a number, "DE 136695976 HRB 4711"."""
    while len(printed) >= _SHORTEST_VAT:
        yield printed
        printed = regex.split(r"[ .-]", printed[::-1], maxsplit=1)[-1][::-1] if regex.search(r"[ .-]", printed) else ""


def _vat_valid(country: str, printed: str) -> bool | None:
    """The check digits' verdict; None where the print has not the form of that country's VAT numbers."""
    from stdnum import exceptions, get_cc_module

    module = get_cc_module(country, "vat")
    if module is None:
        return None
    try:
        module.validate(printed)
    except exceptions.InvalidChecksum:
        return False
    except exceptions.ValidationError:
        return None
    return True


def _identifiers(text: str) -> Iterator[Print]:
    """Numbers that only one country gives, behind their label and with check digits that hold."""
    for country, pattern, module in tables().identifiers:
        for match in pattern.finditer(text):
            if _holds(module, match["number"]):
                yield Print("identifier", *match.span(), {country: _VALID})


def _holds(module: str, number: str) -> bool:
    from importlib import import_module

    digits = regex.sub(r"[^0-9A-Z]", "", number)
    return bool(import_module(f"stdnum.{module}").is_valid(digits))


def _hosts(text: str) -> Iterator[Print]:
    for match in _HOST.finditer(text):
        top = match["top"].lower()
        country = _BRITISH.get(top, top.upper())
        if top not in _NO_COUNTRYS and country in tables().every:
            yield Print("domain", *match.span(), {country: _DOMAIN})


def _names(text: str) -> Iterator[Print]:
    """A country's name as a word of its own, "Cork, Ireland", "SINGAPORE 068895", and a town that CLDR names."""
    for kind, names, points in (("name of a country", _country_names(), _NAME), ("town", _town_names(), _TOWN)):
        for match, country in names.find(text):
            yield Print(kind, *match.span(), {country: points})


@lru_cache(maxsize=1)
def _town_names() -> Names[str]:
    """The towns that time zones are called by, but for those that are a country's name."""
    named = {folded(town): country for town, country in cldr.towns().items()}
    towns = {town: country for town, country in named.items() if len(town) >= _SHORTEST_TOWN and len(country) == 2}
    return Names.of(towns, (r"(?<!\w)", r"(?!\w)"))


@lru_cache(maxsize=1)
def _country_names() -> Names[str]:
    names: dict[str, str] = {}
    for language in ("en", *tables().languages):
        for country, name in cldr.territories(language).items():
            if country in tables().every and len(name) >= 4:
                names.setdefault(folded(name), country)
    for country, more in tables().names.items():
        names |= {folded(name): country for name in more}
    # At the end of an address, not in a sentence: "Made in Germany" says where goods come from.
    around = r"(?:^|[,|·•/(–-] ?|\d +)\K", r"(?= *(?:$|[,|·•/;.)]|-? ?\d{5,6}\b))"
    return Names.of(names, around)


@dataclass(frozen=True, slots=True)
class Tables:
    """``countries.toml``, compiled; ``every`` is each country that has a currency of today; ``identifiers``: country,
    pattern with a group ``number``, and the module of python-stdnum that checks it."""

    every: tuple[str, ...]
    size: Countries
    languages: Mapping[str, Countries]
    prefixes: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    tenders: Mapping[str, tuple[str, ...]]
    clues: tuple[tuple[str, regex.Pattern[str], Countries], ...]
    identifiers: tuple[tuple[str, regex.Pattern[str], str], ...]

    def of_language(self, language: str | None) -> Countries:
        """The countries that a language points to: the one that CLDR finds likeliest for one that has no row."""
        if language is None or language in self.languages:
            return self.languages.get(language or "", {})
        from babel.core import get_global  # for few languages, and it takes as long as a page's clues

        likely = get_global("likely_subtags").get(language, "").split("_")[-1]
        return {likely: _HOME} if likely in self.every else {}

    def telephone(self, digits: str) -> tuple[str, ...]:
        """The countries of the longest prefix that ``digits`` begin with; prefixes of one digit come last."""
        found = (self.prefixes.get(digits[:length]) for length in (3, 2, 1))
        return next((countries for countries in found if countries), ())


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The tables, read once."""
    data = tomli.loads(files("invoice_connector.locales").joinpath("countries.toml").read_text(encoding="utf-8"))
    clues = tuple(
        (
            clue["kind"],
            regex.compile(clue["pattern"], regex.IGNORECASE if clue.get("flags") == "i" else 0),
            clue["countries"],
        )
        for clue in data["clue"]
    )
    numbers = tuple((row["country"], _numbered(row["label"], row["form"]), row["module"]) for row in data["identifier"])
    every = tuple(sorted(country for country in cldr.economies() if len(country) == 2))
    telephone = {prefix: tuple(countries) for prefix, countries in data["telephone"].items()}
    names = {country: tuple(more) for country, more in data["names"].items()}
    return Tables(every, data["size"], data["languages"], telephone, names, _tenders(every), clues, numbers)


def _numbered(label: str, form: str) -> regex.Pattern[str]:
    return regex.compile(rf"(?<!\p{{L}})(?i:{label})[^\w]*(?P<number>{form})(?!\w)")


def _tenders(countries: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The countries of each currency that hardly anybody else bills in."""
    tenders: dict[str, tuple[str, ...]] = {}
    for country in countries:
        for code in cldr.tender(country)[:1]:
            if code not in _WORLDWIDE:
                tenders[code] = (*tenders.get(code, ()), country)
    return tenders
