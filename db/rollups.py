"""Roll-ups: the tallies of all jobs summed by hour, day and month, for everyone and per customer and engine.

A job's tally is written in the job's own transaction, as one small row of changes; every ``FOLD``th event folds the
changes into the sums, in its transaction too. A reader adds the changes that are not folded yet, so the figures always
include every stored job. An erasure takes away what it removes, so that the sums stay those of the stored rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby, islice
from typing import Any, TypeVar

from pydantic_core import from_json  # a tally in half the time of json.loads
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, or_, select, update

from db.canonical import canonical_json
from db.periods import Level, Span, cut, period, periods, pieces
from db.tables import CHANGES, HEAD, ROLLUPS
from db.tally import Facts, Tally, add, without_zeros
from db.transactions import reading

FOLD = 128
"""Changes are folded at every so many events: often enough for readers, seldom enough to cost writers little."""
EVERYONE, EVERY_ENGINE = "", ""
_CHUNK = 250
_REMEMBERED = 64
_PARSED = 1024
_PLACES = ("of_level", "of_period", "of_customer", "of_engine")
_SAME = tuple(ROLLUPS.c[name.removeprefix("of_")] == bindparam(name) for name in _PLACES)
"""A roll-up by its key, for many of them in one statement."""

_T = TypeVar("_T")

Cell = tuple[str, str, str, str]
"""Level, period, customer and engine, as the key of a roll-up."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which jobs; what is None does not restrict. Times count by the whole hours they lie in, with a customer by whole
    days: a single customer's hours would be as many as his jobs. ``engine`` keeps jobs that it ran for."""

    since: datetime | None = None
    until: datetime | None = None
    customer_id: str | None = None
    engine: str | None = None

    @property
    def customer_key(self) -> str:
        return customer_key(self.customer_id)

    @property
    def finest(self) -> Level:
        return levels(self.customer_key)[0]

    @property
    def span(self) -> Span:
        return Span.covering(self.since, self.until, self.finest)

    @property
    def engine_key(self) -> str:
        return EVERY_ENGINE if self.engine is None else self.engine


def levels(customer: str) -> tuple[Level, ...]:
    """The levels that are kept: all for everyone, days for a single customer."""
    return (Level.HOUR, Level.DAY, Level.MONTH) if customer == EVERYONE else (Level.DAY,)


def customer_key(customer_id: str | None) -> str:
    return EVERYONE if customer_id is None else f"={customer_id}"


def record_change(connection: Connection, sequence: int, changes: Sequence[tuple[int, Facts]]) -> None:
    """Keeps what an event adds (sign 1) or takes away (sign -1); folds when the event's number says so."""
    plain = [[sign, f.hour, f.customer, list(f.engines), f.tally] for sign, f in changes]
    connection.execute(insert(CHANGES), {"sequence": sequence, "changes": canonical_json(plain)})
    if sequence % FOLD == 0:
        fold(connection)


def fold(connection: Connection) -> None:
    """Adds all kept changes to the sums."""
    hours: dict[tuple[str, str, str], Tally] = {}
    for sign, found in unfolded(connection):
        spread(hours, found, sign)
    add_cells(connection, hours)
    connection.execute(delete(CHANGES))


def spread(hours: dict[tuple[str, str, str], Tally], found: Facts, sign: int = 1) -> None:
    """Adds facts to ``{(hour, customer, engine): tally}``, once for every combination a reader may ask for."""
    customers = {EVERYONE, customer_key(found.customer)}
    for customer in customers:
        for engine in (EVERY_ENGINE, *found.engines):
            add(hours.setdefault((found.hour, customer, engine), {}), found.tally, sign)


def add_cells(connection: Connection, hours: dict[tuple[str, str, str], Tally]) -> None:
    """Adds hourly tallies to the stored hours, days and months."""
    cells: dict[Cell, Tally] = {}
    for (hour, customer, engine), tally in hours.items():
        for level in levels(customer):
            add(cells.setdefault((level.value, cut(level, hour), customer, engine), {}), tally)
    for _, of_period in groupby(sorted(cells), lambda cell: cell[:2]):
        while keys := tuple(islice(of_period, _CHUNK)):
            _add_chunk(connection, {key: cells[key] for key in keys})


class _Memory:
    """The newest answers, by the log's head: it names the state that all figures follow from."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, connection: Connection, question: Hashable, answer: Callable[[], _T]) -> _T:
        head = connection.execute(select(HEAD.c.sequence, HEAD.c.hash).limit(1)).first()
        key = (head and tuple(head), question)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                known: _T = self._answers[key]
                return known
        found = answer()
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return found


_MEMORY = _Memory()


def total(engine: Engine, scope: Scope) -> Tally:
    """The sum of the tallies of all jobs in the scope; not to be changed, for others are given the same one."""
    with reading(engine) as connection:
        return _MEMORY.recall(connection, scope, lambda: total_of(connection, scope))


def total_of(connection: Connection, scope: Scope) -> Tally:
    """The same inside a caller's transaction."""
    found: Tally = {}
    for _, tally in _sums(connection, scope, None):
        add(found, tally)
    covers = _covering(scope)
    for sign, facts in unfolded(connection):
        if covers(facts):
            add(found, facts.tally, sign)
    return without_zeros(found)


def series(engine: Engine, scope: Scope, level: Level, newest: int | None = None) -> list[tuple[str, Tally]]:
    """The tally of each period that has jobs, oldest first; only the ``newest`` so many when given.

    Raises ValueError for hours of a single customer, which are not kept.
    """
    if level is Level.HOUR and scope.finest is not Level.HOUR:
        raise ValueError("the figures of a single customer are kept by the day; ask for days or months")
    with reading(engine) as connection:
        return _MEMORY.recall(connection, (scope, level, newest), lambda: _series(connection, scope, level, newest))


def _series(connection: Connection, scope: Scope, level: Level, newest: int | None) -> list[tuple[str, Tally]]:
    found: dict[str, Tally] = {}
    for name, tally in _sums(connection, scope, level, _CHUNK if newest is None else newest + 1):  # newest first
        place = cut(level, name)
        if newest is not None and len(found) > newest and place not in found:
            break  # one more than asked for: an erasure that is not folded yet may have emptied one
        add(found.setdefault(place, {}), tally)
    oldest = min(found, default="")
    covers, changed = _covering(scope), set()
    for sign, facts in unfolded(connection):
        if covers(facts) and (newest is None or len(found) <= newest or cut(level, facts.hour) >= oldest):
            changed.add(place := cut(level, facts.hour))
            add(found.setdefault(place, {}), facts.tally, sign)
    for place in changed:
        found[place] = without_zeros(found[place])
    kept = [(name, found[name]) for name in sorted(found) if found[name]]
    return kept if newest is None else kept[-newest:]


def _covering(scope: Scope) -> Callable[[Facts], bool]:
    """Whether facts are of the scope."""
    span, finest = scope.span, scope.finest
    since, until = (None if end is None else period(finest, end) for end in (span.since, span.until))

    def covers(found: Facts) -> bool:
        at = cut(finest, found.hour)
        return (
            (scope.customer_id is None or scope.customer_id == found.customer)
            and (scope.engine is None or scope.engine in found.engines)
            and (since is None or at >= since)
            and (until is None or at < until)
        )

    return covers


def _sums(
    connection: Connection, scope: Scope, level: Level | None, at_once: int = _CHUNK
) -> Iterator[tuple[str, Tally]]:
    """The stored sums that make up the scope: of one level, newest first, or of the fewest periods of any."""
    first, last = connection.execute(
        select(func.min(ROLLUPS.c.period), func.max(ROLLUPS.c.period)).where(ROLLUPS.c.level == Level.MONTH.value)
    ).one()
    if first is None:
        return
    start, end = scope.span.clipped(first, last)
    kept = levels(scope.customer_key)
    if level is None and len(kept) > 1:
        wanted = pieces(start, end)
    else:
        read = level if level in kept else Level.DAY
        wanted = ((read, name) for name in reversed(list(periods(read, start, end))))
    cell = (ROLLUPS.c.customer == scope.customer_key) & (ROLLUPS.c.engine == scope.engine_key)
    while chunk := list(islice(wanted, at_once)):
        names = {step: [name for kind, name in chunk if kind is step] for step in kept}
        # Written out by level: SQLite reads the whole table for pairs of columns in a list of pairs.
        chosen = or_(*(cell & (ROLLUPS.c.level == step.value) & ROLLUPS.c.period.in_(names[step]) for step in kept))
        query = select(ROLLUPS.c.period, ROLLUPS.c.tally).where(chosen).order_by(ROLLUPS.c.period.desc())
        for name, text in connection.execute(query):
            yield name, _parsed(text)


@lru_cache(_PARSED)
def _parsed(text: str) -> Any:
    """Past periods are read again and again and stay as they are. What comes back is shared: not to be changed."""
    return from_json(text)


def unfolded(connection: Connection) -> Iterator[tuple[int, Facts]]:
    """The changes that are not in the sums yet, with their signs."""
    for text in connection.execute(select(CHANGES.c.changes).order_by(CHANGES.c.sequence)).scalars():
        for sign, hour, customer, engines, tally in _parsed(text):
            yield sign, Facts(hour, customer, tuple(engines), tally)


def _add_chunk(connection: Connection, cells: dict[Cell, Tally]) -> None:
    """Adds to cells of one period."""
    before = _stored(connection, cells)
    for key, text in before.items():
        add(cells[key], _parsed(text))
    left = {key: without_zeros(tally) for key, tally in cells.items()}
    made = [_row(key, tally) for key, tally in left.items() if key not in before and tally]
    if made:
        connection.execute(insert(ROLLUPS), made)
    gone = [_names(key) for key in before if not left[key]]
    changed = {key: canonical_json(left[key]) for key in before if left[key]}
    rows = [{**_names(key), "new": tally} for key, tally in changed.items() if tally != before[key]]
    if gone:
        connection.execute(delete(ROLLUPS).where(*_SAME), gone)
    if rows:
        connection.execute(update(ROLLUPS).where(*_SAME).values(tally=bindparam("new")), rows)


def _names(key: Cell) -> dict[str, str]:
    return dict(zip(_PLACES, key, strict=True))


def _stored(connection: Connection, cells: Collection[Cell]) -> dict[Cell, str]:
    """What is stored for cells of one period."""
    level, name = next(iter(cells))[:2]
    customers, engines = ({cell[place] for cell in cells} for place in (2, 3))
    same = (ROLLUPS.c.level == level) & (ROLLUPS.c.period == name)
    near = same & ROLLUPS.c.customer.in_(customers) & ROLLUPS.c.engine.in_(engines)
    rows = connection.execute(select(ROLLUPS.c.customer, ROLLUPS.c.engine, ROLLUPS.c.tally).where(near))
    found = {(level, name, customer, engine): tally for customer, engine, tally in rows}
    return {key: found[key] for key in cells if key in found}


def _row(key: Cell, tally: Tally) -> dict[str, str]:
    level, period, customer, engine = key
    return {"level": level, "period": period, "customer": customer, "engine": engine, "tally": canonical_json(tally)}
