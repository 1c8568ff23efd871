"""Amounts as they are printed: 1.250,00 / 1 250,00 / 1'250.00 / 1,250.00 / 1.250 / 1 250:- / 12,00- / RM 8.20."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from db.inputs import DECIMALS, WHOLE_DIGITS
from invoice_connector.evidence.currency import codes_beside_amounts, letters, signs

DecimalMark = Literal[",", "."]

CURRENCY_SIGNS = signs()
_LETTERS = letters()
CURRENCY_CODES = codes_beside_amounts()

_CURRENCY = (
    "(?:"
    + "|".join(re.escape(s) for s in sorted(CURRENCY_SIGNS, key=len, reverse=True) if not s[0].isalpha())
    + r"|(?<![^\W\d_])(?:"
    + "|".join(re.escape(s) for s in sorted(CURRENCY_SIGNS, key=len, reverse=True) if s[0].isalpha())
    + "|"
    + "|".join(sorted(CURRENCY_CODES))
    + r")(?![^\W\d_]))"
)
_MINUS = r"\-−–‐‑‒﹣－"
_LETTER = rf"(?<![^\W\d_])[{''.join(_LETTERS)}](?=[ \u00a0]?[{_MINUS}]?\d[\d ,.'’\u00a0]*[.,]\d\d(?!\d))"
_GROUPS = r"\d{1,3}(?:(?P<group>[.,'’`´ \u00a0\u202f])\d{3}(?!\d))(?:(?P=group)\d{3}(?!\d))*"
_LAKHS = r"\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"  # 1,25,000.00 as in India
_AMOUNT = re.compile(
    rf"""
    (?<![\w.,/#@&+*]) (?<!\d[-:])
    (?P<open>\()? \s?
    (?P<sign>[{_MINUS}](?:\)[ ]?)?|CR[ ](?=\D{{0,5}}[\d., ]+[.,]\d\d(?!\d)))? \s?
    (?:(?P<before>{_CURRENCY}|{_LETTER})[ \u00a0]?[.:]?[ \u00a0]?)?
    (?P<sign2>[{_MINUS}])?
    (?P<whole>{_GROUPS}|{_LAKHS}|\d+|(?=[.,]\d{{2}}(?![\d.,])))
    (?:(?P<mark>[ ]?[.,][ ]?)(?P<fraction>\d{{2}}(?!\d)|(?<![ ])\d{{1,4}}(?!\d)))?
    (?P<dash>:-|[,.][-–—]{{1,2}})?
    (?P<trailing>[{_MINUS}](?!\w)|[ ][{_MINUS}](?=\s*(?:$|\)|{_CURRENCY})))?
    (?:[ \u00a0]?(?P<after>{_CURRENCY}))?
    (?P<behind>[{_MINUS}](?![\w]))?
    (?(fraction)(?P<credit>[ ]?(?:CR|Cr|cr)(?!\w))?)
    (?P<close>\))?
    (?![\d%°²³"']|[.,/:-]\d|[ ]{{0,3}}%|[^\W\d_][^\W_]*\d|-[^\W\d_])
    """,
    re.VERBOSE,
)
_PERCENT = re.compile(r"(?<![\w.,-])(?P<number>\d{1,3}(?:[.,]\d{1,4})?)[ ]{0,3}%")
_MIXED = re.compile(
    r"(?<![\w.,/:-])\d{1,3}(?:,\d{3})+(\.)\d{1,4}(?!\d)|(?<![\w.,/:-])\d{1,3}(?:\.\d{3})+(,)\d{1,4}(?!\d)"
)
_CLEAR = re.compile(r"(?<![\w.,/:-])\d{1,3}(?:[ .,'’]?\d{3})*([.,])\d{2}(?![\d\w%/:-]|[.,]\d)")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount found in a text at ``start``..``end``.

    ``currency`` is the ISO code printed beside it, "" for an ambiguous sign such as kr or $, None for no sign at all.
    ``decimals`` counts the printed digits after the decimal mark. ``alternatives`` are other values the same print can
    mean. ``has_mark`` is true when grouping, a decimal mark, a currency or a dash shows that it is an amount.
    """

    start: int
    end: int
    text: str
    value: Decimal
    currency: str | None
    decimals: int
    alternatives: tuple[Decimal, ...] = ()
    has_mark: bool = False
    number_start: int = 0
    number_end: int = 0


@lru_cache(maxsize=4096)
def find_amounts(text: str, mark: DecimalMark | None = None, thousandths: bool = False) -> tuple[Amount, ...]:
    """All amounts in ``text``; ``mark`` is the page's decimal mark where known, ``thousandths``: the document's
    currency has three decimals.

    Percentages are not amounts, nor are bare integers that belong to a longer number, as in a telephone number, nor
    numbers of more digits than ``db.inputs`` lets an amount have.
    """
    found = (match for match in _AMOUNT.finditer(text) if not _is_part(match) and _is_bounded(match))
    return tuple(_amount(match, mark, thousandths) for match in found)


def parse_amount(text: str, mark: DecimalMark | None = None) -> Decimal | None:
    """The one amount that makes up the whole ``text``; None when it is anything else."""
    match = _AMOUNT.fullmatch(text.strip())
    return None if match is None or not _is_bounded(match) else _amount(match, mark, False).value


def find_percents(text: str) -> tuple[tuple[int, int, Decimal], ...]:
    """(start, end, per cent) of every number that a per-cent sign follows."""
    return tuple(
        (match.start(), match.end(), Decimal(match["number"].replace(",", "."))) for match in _PERCENT.finditer(text)
    )


def infer_decimal_mark(texts: Iterable[str]) -> DecimalMark | None:
    """The decimal mark of most numbers with two decimals, or with another mark for thousands; None for a draw."""
    votes = {",": 0, ".": 0}
    for text in texts:
        for match in _CLEAR.finditer(text):
            votes[match[1]] += 1
        for match in _MIXED.finditer(text):
            votes[match[1] or match[2]] += 1
    if votes[","] == votes["."]:
        return None
    return "," if votes[","] > votes["."] else "."


def iso_currency(printed: str) -> str:
    """ISO 4217 code of a printed sign or code; "" when the sign is used by several currencies."""
    codes = CURRENCY_SIGNS.get(printed) or _LETTERS.get(printed, (printed,))
    return codes[0] if len(codes) == 1 else ""


def _is_part(match: re.Match[str]) -> bool:
    """Whether a number without decimals or currency is a piece of something else: "08-123 45 67", "2X", "12345 A"."""
    if match["fraction"] or match["dash"] or match["before"] or match["after"]:
        return False
    text, (start, end) = match.string, match.span("whole")
    return bool(re.search(r"[\d+]\)?[ -]$", text[:start])) or bool(re.match(r"[ ]?\d|[^\W\d_]|[-/]\d", text[end:]))


def _is_bounded(match: re.Match[str]) -> bool:
    return sum(map(str.isdigit, match["whole"])) <= WHOLE_DIGITS and len(match["fraction"] or "") <= DECIMALS


def _amount(match: re.Match[str], mark: DecimalMark | None, thousandths: bool) -> Amount:
    values = _values(match, mark, thousandths)
    printed = match["before"] or match["after"]
    signs = ("sign", "sign2", "trailing", "behind", "credit")
    opened = bool(match["open"]) or match.string[: match.start()].endswith("(")  # "INR(40.00)", too
    negative = any(match[sign] for sign in signs) or (opened and bool(match["close"]))
    signed = tuple(-value for value in values) if negative else values
    start, end = match.start(), match.end()
    while match.string[start].isspace():
        start += 1
    if match["open"] and not match["close"]:
        start = match.start("open") + 1
    return Amount(
        start=start,
        end=end,
        text=match.string[start:end].strip(),
        value=signed[0],
        currency=None if printed is None else iso_currency(printed),
        decimals=-int(values[0].as_tuple().exponent),
        alternatives=signed[1:],
        has_mark=bool((match["group"] or " ").strip() or match["mark"] or printed or match["dash"]),
        number_start=match.start("whole"),
        number_end=match.end("fraction") if match["fraction"] else match.end("whole"),
    )


def _values(match: re.Match[str], mark: DecimalMark | None, thousandths: bool) -> tuple[Decimal, ...]:
    """The value first, then other readings of the same print."""
    whole, group, fraction = match["whole"], match["group"], match["fraction"]
    digits = re.sub(r"\D", "", whole) or "0"  # ".05"
    if fraction is not None:
        value = Decimal(f"{digits}.{fraction}")
        if group is None and len(fraction) == 3 and not whole.startswith("0") and len(whole) <= 3:
            grouped = Decimal(whole + fraction)
            printed = match["mark"].strip()
            return (value, grouped) if mark == printed else (grouped, value)
        if group is not None and group.isspace():  # "2 250,00" may be a quantity and a price
            return value, Decimal(f"{whole.rsplit(group, 1)[1]}.{fraction}")
        return (value,)
    if group is not None and group in ".," and whole.count(group) == 1:  # 1.250: thousands, or three decimals
        grouped, value = Decimal(digits), Decimal(whole.replace(group, "."))
        if mark == group or whole.startswith("0"):
            return (value,) if thousandths else (value, grouped)
        return grouped, value
    return (Decimal(digits),)
