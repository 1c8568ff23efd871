"""Companies and suppliers in the log: what commands, HTTP routes and Python programs call."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from sqlalchemy import Engine

from db import lessons
from db.errors import RecordNotFoundError
from db.master_data import (
    MasterKind,
    MasterRecord,
    MasterVersion,
    count_records,
    get_record,
    present_records,
    put_records,
    remove_records,
    versions,
)
from db.queries import get_job
from db.records import EVERYONE, ReviewStatus, StoredJob
from db.transactions import reading
from invoice_connector.suppliers.master import Company, MasterDataError, Record, Supplier, of_json, to_json
from invoice_connector.suppliers.teaching import lesson_of

_T = TypeVar("_T", bound=Record)


def _kind(kind: type[Record]) -> MasterKind:
    return MasterKind.COMPANY if kind is Company else MasterKind.SUPPLIER


def put(engine: Engine, records: Iterable[Record]) -> int:
    """Stores companies or suppliers, each in place of the one with its id; returns how many have changed."""
    by_kind: dict[MasterKind, list[tuple[MasterRecord, frozenset[str]]]] = {}
    for record in records:
        keys = record.keys() if isinstance(record, Supplier) else frozenset({"company"})
        entry = (MasterRecord(record.customer_id, record.id, to_json(record)), keys)
        by_kind.setdefault(_kind(type(record)), []).append(entry)
    return sum(put_records(engine, kind, entries) for kind, entries in by_kind.items())


def listed(
    engine: Engine, kind: type[_T], customers: Collection[str] | None = None, limit: int | None = None, offset: int = 0
) -> list[_T]:
    """The records of these customers (None: of all), by customer and id."""
    with reading(engine) as connection:
        found = present_records(connection, _kind(kind), customers, limit, offset)
    return [of_json(kind, record.data) for record in found]


def counted(engine: Engine, kind: type[_T], customers: Collection[str] | None = None) -> int:
    """How many there are."""
    with reading(engine) as connection:
        return count_records(connection, _kind(kind), customers)


def get(engine: Engine, kind: type[_T], record_id: str, customer_id: str = EVERYONE) -> _T:
    """The record with that id. Raises RecordNotFoundError."""
    found = get_record(engine, _kind(kind), customer_id, record_id)
    if found is None:
        raise RecordNotFoundError(_nobody(kind, record_id, customer_id))
    return of_json(kind, found.data)


def history(engine: Engine, kind: type[_T], record_id: str, customer_id: str = EVERYONE) -> list[MasterVersion]:
    """All changes of a record, the oldest first."""
    return versions(engine, _kind(kind), customer_id, record_id)


def remove(engine: Engine, kind: type[_T], record_ids: Collection[str], customer_id: str = EVERYONE) -> int:
    """Removes records with their histories; returns how many. Raises RecordNotFoundError where none was there."""
    count = remove_records(engine, _kind(kind), customer_id, record_ids)
    if not count:
        raise RecordNotFoundError(_nobody(kind, ", ".join(record_ids), customer_id))
    return count


def _nobody(kind: type[Record], record_id: str, customer_id: str) -> str:
    what = "company" if kind is Company else "supplier"
    of_whom = "" if customer_id == EVERYONE else f" of customer {customer_id}"
    plural = "companies" if kind is Company else "suppliers"
    return f"no {what}{of_whom} has the id {record_id}; `{plural} list` shows the ids"


def create(engine: Engine, job_id: str, supplier_id: str | None = None) -> Supplier:
    """Stores a new supplier made of an approved job's values; without an id it is called after its name.

    Raises JobNotFoundError, MasterDataError for a job that nobody approved or that names no seller, and where a
    supplier of that id is there.
    """
    supplier = _supplier_of(get_job(engine, job_id), supplier_id)
    entry = (MasterRecord(supplier.customer_id, supplier.id, to_json(supplier)), supplier.keys())
    if not put_records(engine, MasterKind.SUPPLIER, [entry], only_new=True):
        raise MasterDataError(f"a supplier has the id {supplier.id} already; give another one, or change that supplier")
    return supplier


def _supplier_of(job: StoredJob, supplier_id: str | None) -> Supplier:
    job_id = job.record.id
    if not job.reviews or job.reviews[-1].status != ReviewStatus.APPROVED:
        raise MasterDataError(f"job {job_id} is not approved, and a supplier is made of what a person looked at")
    values = current_values(job)
    if "seller_name" not in values:
        raise MasterDataError(f"job {job_id} names no seller; correct it first")
    lists = {
        "names": ("seller_name",),
        "vat_identifiers": ("seller_vat_identifier",),
        "registration_identifiers": ("seller_legal_registration_identifier",),
        "accounts": ("payment_account_identifier",),
    }
    found = {name: [values[field] for field in fields if field in values] for name, fields in lists.items()}
    scope = job.record.customer_id or EVERYONE
    return of_json(Supplier, {**found, "customer_id": scope, **({"id": supplier_id} if supplier_id else {})})


def current_values(job: StoredJob) -> dict[str, str]:
    """The job's field values with what people corrected in place of what was read."""
    read = {name: field.get("value") for name, field in job.record.fields.items()}
    return {name: str(value) for name, value in {**read, **job.corrections}.items() if value is not None}


def forget(engine: Engine, supplier_id: str, customer_id: str = EVERYONE) -> int:
    """Removes what was learned of a supplier's layout, for good; returns from how many documents.

    Raises RecordNotFoundError.
    """
    supplier = get(engine, Supplier, supplier_id, customer_id)
    return lessons.forget(engine, customer_id, supplier_id, supplier.own_keys)


def taught_jobs(engine: Engine, supplier: Supplier, newest: int = 20) -> list[str]:
    """The approved jobs from which the supplier's layout is known, the newest first."""
    return lessons.learned_jobs(engine, supplier.customer_id, supplier.own_keys, newest)


def relearn(engine: Engine) -> int:
    """Makes all that was learned anew from the log; returns from how many documents."""
    return lessons.rebuild(engine, lesson_of)
