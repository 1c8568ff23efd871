"""Own companies and suppliers: the present version of each record, its history, and the keys it is found under.

A record belongs to a customer or, under ``records.EVERYONE``, to all of them. What its data and keys mean is the
caller's. Each change is a row of its own, vouched for by an event of the audit chain; removing a record empties its
earlier versions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    TextClause,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from db.canonical import canonical_json, plain_json
from db.chain import EventKind, MasterContent, master_hash
from db.links import append_event, new_salt, transact
from db.master_tables import MASTER, MASTER_KEYS, RawMaster
from db.records import utc_now
from db.transactions import reading

PER_EVENT = 500
"""Records one event vouches for at most, so that checking the chain takes bounded memory."""
_PER_QUERY = 120  # keys asked for in one statement; SQLite allows 500 parts of one


_T = TypeVar("_T")


class MasterKind(StrEnum):
    COMPANY = "company"
    """One of whoever books: buyer of the invoices that come in, never their seller."""
    SUPPLIER = "supplier"
    FORGOTTEN = "forgotten"
    """Of a supplier: what was learned of its layout up to this event is not to be learned again."""


@dataclass(frozen=True, slots=True)
class MasterRecord:
    """One record as it is now. ``data`` is plain JSON, ``sequence`` the number of the event that last changed it."""

    customer_id: str
    record_id: str
    data: Mapping[str, Any]
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class MasterVersion:
    """One change of a record: ``data`` is None where it was removed, or emptied by a later removal."""

    sequence: int
    data: Mapping[str, Any] | None
    removed: bool


def put_records(
    engine: Engine, kind: MasterKind, records: Iterable[tuple[MasterRecord, Collection[str]]], only_new: bool = False
) -> int:
    """Stores records with the keys they are found under, all in one transaction; returns how many have changed.

    A record that is there with equal data is left as it is, with ``only_new`` any that is there. Raises like every
    writer of the log.
    """
    given = {(record.customer_id, record.record_id): (plain_json(record.data), keys) for record, keys in records}

    def put(connection: Connection) -> int:
        stored = {(r.customer_id, r.record_id): r.data for r in records_with_ids(connection, kind, given)}
        kept = {key for key, (data, _) in given.items() if key in stored and (only_new or stored[key] == data)}
        changed = {key: found for key, found in given.items() if key not in kept}
        for part in _parts(changed.items(), PER_EVENT):
            _append(connection, kind, {key: data for key, (data, _) in part})
            _index(connection, kind, {key: keys for key, (_, keys) in part})
        return len(changed)

    return transact(engine, put)


def remove_records(engine: Engine, kind: MasterKind, customer_id: str, record_ids: Collection[str]) -> int:
    """Removes records and empties their earlier versions; returns how many were there."""

    def remove(connection: Connection) -> int:
        wanted = [(customer_id, record_id) for record_id in dict.fromkeys(record_ids)]
        there = [(r.customer_id, r.record_id) for r in records_with_ids(connection, kind, wanted)]
        for part in _parts(there, PER_EVENT):
            sequence = _append(connection, kind, dict.fromkeys(part))
            _index(connection, kind, dict.fromkeys(part, ()))
            for _, record_id in part:
                same = (MASTER.c.kind == str(kind), MASTER.c.customer_id == customer_id)
                older = (MASTER.c.record_id == record_id, MASTER.c.sequence < sequence)
                connection.execute(update(MASTER).where(*same, *older).values(data=None, salt=""))
        return len(there)

    return transact(engine, remove)


def get_record(engine: Engine, kind: MasterKind, customer_id: str, record_id: str) -> MasterRecord | None:
    """The record as it is now; None when there is none."""
    with reading(engine) as connection:
        return next(iter(records_with_ids(connection, kind, [(customer_id, record_id)])), None)


def present_records(
    connection: Connection,
    kind: MasterKind,
    customer_ids: Collection[str] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[MasterRecord]:
    """The present records by customer and id, of all customers when None."""
    query = _present(kind, customer_ids).order_by(MASTER.c.customer_id, MASTER.c.record_id)
    return [_record(row) for row in connection.execute(query.limit(limit).offset(offset))]


def count_records(connection: Connection, kind: MasterKind, customer_ids: Collection[str] | None = None) -> int:
    """How many there are."""
    query = _present(kind, customer_ids).subquery()
    return int(connection.execute(select(func.count()).select_from(query)).scalar_one())


def has_records(connection: Connection, kind: str, customer_ids: Collection[str]) -> bool:
    """Whether any of these customers has one; costs the same with one record or a million."""
    keys = MASTER_KEYS.c
    one = select(keys.kind).where(keys.kind == str(kind), keys.customer_id.in_(customer_ids)).limit(1)
    return connection.execute(one).first() is not None


def versions(engine: Engine, kind: MasterKind, customer_id: str, record_id: str) -> list[MasterVersion]:
    """All changes of a record, the oldest first."""
    same = (MASTER.c.kind == str(kind), MASTER.c.customer_id == customer_id, MASTER.c.record_id == record_id)
    with reading(engine) as connection:
        rows = connection.execute(select(MASTER).where(*same).order_by(MASTER.c.sequence)).all()
    return [MasterVersion(row.sequence, row.data, row.data is None and row.salt != "") for row in rows]


def records_with_ids(connection: Connection, kind: MasterKind, ids: Collection[tuple[str, str]]) -> list[MasterRecord]:
    """The present records with these customers and ids; those that are not there are left out."""
    found = []
    for part in _parts(ids, PER_EVENT):
        wanted = _among(MASTER, part)
        found += [_record(row) for row in connection.execute(_present(kind).where(wanted))]
    return found


def found_by_keys(
    connection: Connection, kind: str, customer_ids: Sequence[str], keys: Collection[str], most: int
) -> dict[tuple[str, str], set[str]]:
    """The records that have one of the keys, with the keys that they have, by customer and id.

    A key that more than ``most`` records have tells nothing and is left out.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for part in _parts(dict.fromkeys(keys), _PER_QUERY):
        hits: dict[str, list[tuple[str, str]]] = {}
        for key, customer_id, record_id in connection.execute(*_asked(kind, customer_ids, part, most)):
            hits.setdefault(key, []).append((customer_id, record_id))
        for key, records in hits.items():
            for record in records if len(records) <= most else ():
                found.setdefault(record, set()).add(key)
    return found


def _asked(kind: str, customer_ids: Sequence[str], keys: Sequence[str], most: int) -> tuple[Any, dict[str, Any]]:
    """One statement for many keys, each of which gives a bounded number of rows, and its values."""
    padded = (*keys, *[""] * (_PER_QUERY - len(keys)))  # always as many, so that there is one statement
    values = {f"k{number}": key for number, key in enumerate(padded)}
    values |= {f"c{number}": customer for number, customer in enumerate(customer_ids)}
    return _statement(len(customer_ids), most), {"kind": kind, **values}


@lru_cache(maxsize=8)
def _statement(customers: int, most: int) -> TextClause:
    scopes = ", ".join(f":c{number}" for number in range(customers))
    parts = (
        f"SELECT * FROM (SELECT key, customer_id, record_id FROM master_keys WHERE kind = :kind AND key = :k{number} "  # noqa: S608
        f"AND customer_id IN ({scopes}) LIMIT {most + 1}) AS part{number}"
        for number in range(_PER_QUERY)
    )
    return text(" UNION ALL ".join(parts))


def _present(kind: MasterKind, customer_ids: Collection[str] | None = None) -> Select[Any]:
    """The last version of each record that is not removed."""
    later = MASTER.alias("later")
    same = and_(*(later.c[name] == MASTER.c[name] for name in ("kind", "customer_id", "record_id")))
    newer = select(later.c.sequence).where(same, later.c.sequence > MASTER.c.sequence).exists()
    query = select(MASTER).where(MASTER.c.kind == str(kind), MASTER.c.data.is_not(None), ~newer)
    return query if customer_ids is None else query.where(MASTER.c.customer_id.in_(customer_ids))


def _among(source: Table, keys: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """Whether a row has one of these customers and ids; written so that an index serves it, as a list of pairs does not
    let SQLite."""
    by_customer: dict[str, list[str]] = {}
    for customer_id, record_id in keys:
        by_customer.setdefault(customer_id, []).append(record_id)
    return or_(
        *(and_(source.c.customer_id == scope, source.c.record_id.in_(ids)) for scope, ids in by_customer.items())
    )


def _record(row: Any) -> MasterRecord:
    return MasterRecord(row.customer_id, row.record_id, row.data, row.sequence)


def append_records(connection: Connection, kind: MasterKind, records: Iterable[MasterRecord]) -> int:
    """Adds versions with one event inside the caller's transaction; returns the event's number."""
    return _append(connection, kind, {(r.customer_id, r.record_id): r.data for r in records})


def _append(connection: Connection, kind: MasterKind, changes: Mapping[tuple[str, str], Any]) -> int:
    """Adds one event and the versions that it vouches for; returns the event's number."""
    rows = []
    for (customer_id, record_id), data in changes.items():
        stored = None if data is None else canonical_json(data)
        row = {
            "kind": str(kind),
            "customer_id": customer_id,
            "record_id": record_id,
            "salt": new_salt(),
            "data": stored,
        }
        rows.append({**row, "hash": master_hash(row)})
    details = canonical_json({"master_data": str(kind), "records": len(rows)})
    position = append_event(connection, EventKind.MASTER_DATA, MasterContent(rows), utc_now(), details)
    connection.execute(insert(RawMaster.records), [{**row, "sequence": position.sequence} for row in rows])
    return position.sequence


def _index(connection: Connection, kind: MasterKind, keys: Mapping[tuple[str, str], Collection[str]]) -> None:
    """Makes the records findable under these keys and no others."""
    connection.execute(delete(MASTER_KEYS).where(MASTER_KEYS.c.kind == str(kind), _among(MASTER_KEYS, keys)))
    rows = [
        {"kind": str(kind), "customer_id": customer_id, "record_id": record_id, "key": key}
        for (customer_id, record_id), own in keys.items()
        for key in sorted(set(own))
    ]
    if rows:
        connection.execute(insert(MASTER_KEYS), rows)


def add_keys_of(connection: Connection, kind: str, customer_id: str, record_id: str, keys: Collection[str]) -> None:
    """Makes a row of another table findable under these keys."""
    row = {"kind": kind, "customer_id": customer_id, "record_id": record_id}
    if keys:
        connection.execute(insert(MASTER_KEYS), [{**row, "key": key} for key in sorted(set(keys))])


def _parts(values: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    rest = iter(values)
    while part := tuple(islice(rest, size)):
        yield part
