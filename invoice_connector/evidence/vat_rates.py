"""Which rates of VAT, GST or sales tax a country has had, and when; facts and sources are in vat_rates.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

import tomli

_ZERO = Decimal(0)  # exempt, reverse charge, export: everywhere
_LATE = timedelta(days=366)  # an invoice may come that long after a supply at the old rate, and so may a correction
_BEGINNING = date(1990, 1, 1)  # what the data speaks about


@dataclass(frozen=True, slots=True)
class CountryRates:
    """``periods`` of each rate in per cent, first and last day inclusive, none for a rate that was always there;
    ``up_to``: the highest rate where every town has its own; ``side_by_side``: taxes that add up on one base."""

    periods: Mapping[Decimal, tuple[tuple[date, date], ...]]
    up_to: Decimal | None = None
    side_by_side: tuple[tuple[str, ...], ...] = ()

    def had(self, rate: Decimal, day: date | None) -> bool:
        """Whether ``rate`` was valid on ``day`` or up to a year before it, or ever where no day is known."""
        if rate == _ZERO or (self.up_to is not None and 0 <= rate <= self.up_to):
            return True
        if rate not in self.periods:
            return False
        spans = self.periods[rate]
        if not spans or day is None or day < _BEGINNING:
            return True
        return any(first <= day and (last == date.max or day <= last + _LATE) for first, last in spans)

    def on(self, day: date | None) -> tuple[Decimal, ...]:
        """The rates valid on ``day``, highest first."""
        return tuple(sorted((rate for rate in self.periods if self.had(rate, day)), reverse=True))

    @property
    def highest(self) -> Decimal:
        """In per cent, of all times."""
        return max((*self.periods, self.up_to or _ZERO))


@cache
def rates_by_country() -> Mapping[str, CountryRates]:
    """All countries by ISO 3166-1 code."""
    table = tomli.loads(files(__package__).joinpath("vat_rates.toml").read_text("utf-8"))
    return {country: _country(entries) for country, entries in table.items()}


@cache
def highest_rate() -> Decimal:
    """The highest rate of any country, in per cent."""
    return max(country.highest for country in rates_by_country().values())


@cache
def side_by_side() -> Mapping[str, str]:
    """Names of taxes that are charged beside another on the same base, such as TVQ, to the one name of each, QST."""
    taxes = (names for country in rates_by_country().values() for names in country.side_by_side)
    return {name: names[0] for names in taxes for name in names}


def _country(entries: Mapping[str, object]) -> CountryRates:
    periods = {
        Decimal(rate): tuple(_period(str(text)) for text in spans)
        for rate, spans in entries.items()
        if isinstance(spans, list) and re.fullmatch(r"\d+(\.\d+)?", rate)
    }
    up_to, names = entries.get("up_to"), entries.get("side_by_side")
    highest = None if up_to is None else Decimal(str(up_to))
    return CountryRates(periods, highest, tuple(map(tuple, names)) if isinstance(names, list) else ())


def _period(text: str) -> tuple[date, date]:
    """An ISO 8601-2 interval of days; ".." is open."""
    first, last = text.split("/")
    return (
        date.min if first == ".." else date.fromisoformat(first),
        date.max if last == ".." else date.fromisoformat(last),
    )
