"""Hours, days and months in UTC, written as the start of a moment's text: ``2026-11-20T08``, ``2026-11-20``,
``2026-11``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Level(StrEnum):
    HOUR = "h"
    DAY = "d"
    MONTH = "m"


LENGTHS = {Level.HOUR: 13, Level.DAY: 10, Level.MONTH: 7}
_HOUR = timedelta(hours=1)
_LAST = datetime.max.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours or days: ``since`` is included, ``until`` is not; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def covering(cls, since: datetime | None, until: datetime | None, finest: Level = Level.HOUR) -> Span:
        """The hours, or days, that the moments lie in. Both have a time zone."""
        start = None if since is None else _floor(since.astimezone(UTC), finest)
        end = None if until is None else _ceiling(until.astimezone(UTC), finest)
        return cls(start, end)

    def clipped(self, first: str, last: str) -> tuple[datetime, datetime]:
        """Start and end within the months from ``first`` to ``last`` (``2026-11``)."""
        start, end = _moment(first), _next_month(_moment(last))
        return max(self.since or start, start), min(self.until or end, end)


def pieces(start: datetime, end: datetime) -> Iterator[tuple[Level, str]]:
    """The fewest hours, days and months that make up ``start`` to ``end``, both whole hours, in order."""
    now = start
    while now < end:
        level, step = _largest(now, end)
        yield level, period(level, now)
        now = step


def period(level: Level, moment: datetime) -> str:
    return moment.isoformat()[: LENGTHS[level]]


def cut(level: Level, hour: str) -> str:
    """The period of a level that an hour lies in."""
    return hour[: LENGTHS[level]]


def periods(level: Level, start: datetime, end: datetime) -> Iterator[str]:
    """Every period of one level from the one ``start`` lies in to before ``end``."""
    now = _moment(period(level, start))
    while now < end:
        yield period(level, now)
        now = _step(level, now)


def _largest(now: datetime, end: datetime) -> tuple[Level, datetime]:
    if now.day == 1 and now.hour == 0 and _next_month(now) <= end:
        return Level.MONTH, _next_month(now)
    if now.hour == 0 and now + timedelta(days=1) <= end:
        return Level.DAY, now + timedelta(days=1)
    return Level.HOUR, now + _HOUR


def _step(level: Level, now: datetime) -> datetime:
    if level is Level.MONTH:
        return _next_month(now)
    return now + (_HOUR if level is Level.HOUR else timedelta(days=1))


def _next_month(moment: datetime) -> datetime:
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return _LAST if year > 9999 else datetime(year, month, 1, tzinfo=UTC)


def _floor(moment: datetime, finest: Level) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if finest is Level.HOUR else hour.replace(hour=0)


def _ceiling(moment: datetime, finest: Level) -> datetime:
    floor = _floor(moment, finest)
    step = _HOUR if finest is Level.HOUR else timedelta(days=1)
    return floor if floor == moment else min(floor, _LAST - step) + step


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text if len(text) > LENGTHS[Level.MONTH] else f"{text}-01").replace(tzinfo=UTC)
