"""Companies and suppliers found in the log's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from sqlalchemy import Connection, Engine

from db.lessons import KIND as LESSON
from db.lessons import lessons_of
from db.master_data import MasterKind, found_by_keys, has_records, present_records, records_with_ids
from db.records import EVERYONE
from db.transactions import reading
from invoice_connector.suppliers.known import Candidate, Known
from invoice_connector.suppliers.layout import Lesson
from invoice_connector.suppliers.master import Company, Supplier, of_json
from invoice_connector.suppliers.printed import OWN_KEYS, keys_on, name_key

_SHARED = 60  # records of one key from which on it tells nothing
_CANDIDATES = 16
_LESSONS, _LESSONS_OF_KEY = 8, 1000
_WEIGHT = {"i": 10.0, "d": 5.0, "n": 8.0, "p": 2.0, "t": 1.0}


@dataclass(frozen=True)
class LogDirectory:
    """The master data of a log, with the companies that the settings name. ``open`` gives its engine."""

    open: Callable[[], Engine]
    companies: tuple[Company, ...] = ()

    def known(self, lines: Sequence[str], customer_id: str | None) -> Known:
        """What concerns one document of that customer."""
        scopes = scopes_of(customer_id)
        with reading(self.open()) as connection:
            stored = present_records(connection, MasterKind.COMPANY, scopes)
            companies = (*self.companies, *(of_json(Company, record.data) for record in stored))
            own = _own(tuple(company for company in companies if company.customer_id in scopes), lines)
            listed = has_records(connection, MasterKind.SUPPLIER, scopes)
            taught = has_records(connection, LESSON, scopes)
            if not listed and not taught:
                return own
            keys = keys_on(lines) - own.own_numbers
            taught_here = lessons(connection, keys, scopes) if taught else ()
            found = candidates(connection, keys, scopes, taught_here) if listed else ()
            return replace(own, candidates=found, listed=listed, lessons=taught_here)


def _own(companies: tuple[Company, ...], lines: Sequence[str]) -> Known:
    """The own companies, and whether a line names one of them."""
    own = Known(companies)
    return replace(own, own_printed=any(own.own_name(line) is not None for line in lines) if companies else False)


def lessons(connection: Connection, keys: set[str], scopes: Sequence[str]) -> tuple[Lesson, ...]:
    """What documents of the supplier taught that share most with the keys: a number, or the whole name."""
    telling = sorted(key for key in keys if key[0] in OWN_KEYS)
    found = found_by_keys(connection, LESSON, scopes, telling, _LESSONS_OF_KEY)
    most = max(map(len, found.values()), default=0)
    jobs = [job_id for (_, job_id), shared in found.items() if 2 * len(shared) >= most]
    return tuple(Lesson.of_json(each.job_id, each.data) for each in lessons_of(connection, jobs, _LESSONS))


def searched(engine: Engine, query: str, scopes: Sequence[str]) -> list[Supplier]:
    """The suppliers that share a name, a word of one, or a number with the query, best first."""
    with reading(engine) as connection:
        return [found.supplier for found in candidates(connection, keys_on([query]), scopes)]


def scopes_of(customer_id: str | None) -> tuple[str, ...]:
    """Whose records hold for a document: its customer's and everyone's."""
    return (EVERYONE,) if customer_id in (None, EVERYONE) else (str(customer_id), EVERYONE)


def candidates(
    connection: Connection, keys: set[str], scopes: Sequence[str], taught: Sequence[Lesson] = ()
) -> tuple[Candidate, ...]:
    """The suppliers that share most with the keys, or of which approved documents are called so, best first; a
    customer's own record stands for everyone's."""
    aliases: dict[str, dict[str, None]] = {}
    for lesson in taught:
        if lesson.supplier and lesson.printed:
            aliases.setdefault(lesson.supplier, {})[lesson.printed] = None
    found = found_by_keys(connection, str(MasterKind.SUPPLIER), scopes, sorted(keys), _SHARED)
    for scope, record_id in product(scopes, aliases):
        found.setdefault((scope, record_id), set())
    counts: dict[str, int] = {}
    for shared in found.values():
        for key in shared:
            counts[key] = counts.get(key, 0) + 1
    best = sorted(found, key=lambda record: (record[1] not in aliases, -_worth(found[record], counts), record))
    best = best[:_CANDIDATES]
    records = {(r.customer_id, r.record_id): r for r in records_with_ids(connection, MasterKind.SUPPLIER, best)}
    own = {record_id for scope, record_id in records if scope != EVERYONE}
    return tuple(
        _candidate(of_json(Supplier, records[key].data), found[key], keys, tuple(aliases.get(key[1], ())))
        for key in best
        if key in records and not (key[0] == EVERYONE and key[1] in own)
    )


def _candidate(supplier: Supplier, shared: set[str], keys: set[str], aliases: tuple[str, ...]) -> Candidate:
    called = {key for alias in aliases for key in name_key(alias)} & keys
    return Candidate(supplier, frozenset(shared | called), aliases)


def _worth(shared: set[str], counts: Mapping[str, int]) -> float:
    return sum(_WEIGHT[key[0]] / counts[key] for key in shared)
