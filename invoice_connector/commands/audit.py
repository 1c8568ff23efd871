"""The commands over the audit log: ``audit``, ``search``, ``review``, ``keys``."""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.commands.anchors import (
    add_anchor,
    add_anchor_check,
    heads_of,
    kept_anchors,
    with_timestamps,
)
from invoice_connector.commands.arguments import count, long_text, short_text
from invoice_connector.commands.common import (
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    chosen_settings,
    opened_database,
    storage_errors,
)
from invoice_connector.commands.options import add_command, add_database_option
from invoice_connector.commands.terminal import one_line, show, show_json, show_json_text, tell

if TYPE_CHECKING:
    from db.records import AuditPosition
    from db.seal import Head, SealKey
    from db.verification import AuditReport

_AGE = re.compile(r"(\d{1,5})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def add_audit(subparsers: Any) -> None:
    audit = subparsers.add_parser("audit", help="check, export and erase what is in the audit log")
    actions = audit.add_subparsers(required=True, metavar="ACTION")
    verifying = _command(actions, "verify", "derive the hash chain again and report every difference", verify)
    verifying.add_argument("--head", metavar="FILE|SEQUENCE:HASH", help="a head kept from earlier: shows a cut tail")
    verifying.add_argument("--export", metavar="FILE", help="check a file that `audit export` wrote, on any machine")
    add_anchor_check(verifying)
    heading = _command(actions, "head", "print the head of the chain as SEQUENCE:HASH", head)
    heading.add_argument("--json", action="store_true", help="with its seal, as `audit verify --head FILE` reads it")
    add_anchor(actions)
    _command(actions, "export", "print all events and their rows as JSON Lines", export)
    explaining = _command(actions, "explain", "tell how a job's values came to be, in a page", explain)
    explaining.add_argument("job_id", metavar="JOB")
    explaining.add_argument("--field", dest="names", action="append", default=[], metavar="NAME", help="only this one")
    erasing = _command(actions, "erase", "remove personal data; statistics and chain stay", erase)
    erasing.add_argument("job_ids", nargs="*", metavar="JOB", help="ids of jobs")
    erasing.add_argument("--older-than", metavar="AGE", help="all jobs older than 90d, 12w, 6m or 7y")
    erasing.add_argument("--customer", type=short_text, metavar="ID", help="with --older-than: of this customer only")
    erasing.add_argument("--reason", type=short_text, default="", help="stays in the log, so it must name nobody")
    erasing.add_argument("--dry-run", action="store_true", help="only print what would be erased")
    rollups = _command(actions, "rollups", "compare the statistics with the stored jobs, or make them anew", rollup)
    choice = rollups.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="exit code 1 when a figure differs")
    choice.add_argument("--rebuild", action="store_true")


def add_search(subparsers: Any) -> None:
    parser = _command(subparsers, "search", "find words and numbers on all pages of all documents", search)
    parser.add_argument("query", nargs="+", metavar="QUERY", help="all of it must be on the page; signs mean nothing")
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="how many (default 20)")
    parser.add_argument("--customer", type=short_text, metavar="ID", help="documents of this customer only")
    parser.add_argument("--json", action="store_true", help="one JSON object per hit")


def add_review(subparsers: Any) -> None:
    parser = _command(subparsers, "review", "confirm or correct what was read, or export all corrections", review)
    parser.add_argument("job_id", nargs="?", metavar="JOB")
    setting = parser.add_argument("--set", dest="values", action="append", default=[], metavar="NAME=VALUE")
    setting.help = "the right value, empty for a field that is not there; what is not named is confirmed"
    parser.add_argument("--by", type=short_text, metavar="NAME", help="who looked")
    parser.add_argument("--note", type=long_text, metavar="TEXT")
    parser.add_argument("--reject", action="store_true", help="the document is not to be booked")
    confirming = parser.add_argument("--confirm", action="store_true")
    confirming.help = "the values are right although sums, dates or check digits do not hold; --note says why"
    parser.add_argument("--export", action="store_true", help="print every judged field as JSON Lines, for calibration")


def add_keys(subparsers: Any) -> None:
    keys = subparsers.add_parser("keys", help="API keys of the HTTP application")
    actions = keys.add_subparsers(required=True, metavar="ACTION")
    creating = _command(actions, "create", "make a key and print it; it is shown this once", create_key)
    creating.add_argument("name", type=short_text, metavar="NAME", help="who uses it")
    creating.add_argument("--scope", dest="scopes", action="append", choices=("read", "write", "admin"),
                          help="may be given several times (default read)")  # fmt: skip
    _command(actions, "list", "list all keys", list_keys)
    _command(actions, "revoke", "make a key useless", revoke_key).add_argument("key_id", metavar="ID")


def _command(subparsers: Any, name: str, text: str, run: Callable[[Namespace], int]) -> argparse.ArgumentParser:
    parser = add_command(subparsers, name, text, run)
    add_database_option(parser)
    return parser


def verify(arguments: Namespace) -> int:
    """Exit code 0 for an intact chain, 1 otherwise."""
    from db.verification import verify as derive

    kept, anchors = _kept_head(arguments.head), kept_anchors(arguments)
    heads = {**({} if kept is None else {"the exported head": kept}), **heads_of(anchors)}
    if arguments.export:
        report = _verify_export(arguments, heads)
    else:
        with opened_database(arguments) as database:
            report = derive(database, heads)
    return _print_report(with_timestamps(report, anchors, arguments))


def _verify_export(arguments: Namespace, heads: Mapping[str, AuditPosition | Head]) -> AuditReport:
    from db.verification import verify_export

    try:
        return verify_export(Path(arguments.export), heads, _given_key(arguments))
    except (OSError, ValueError) as error:
        raise CommandError(f"{arguments.export} cannot be checked: {error}", WRONG_USAGE) from error


def _given_key(arguments: Namespace) -> SealKey | None:
    """The key of the settings, without a database."""
    from sqlalchemy import make_url

    from db.seal import SealKey, default_key_file, read_key

    settings = chosen_settings(arguments)
    with storage_errors():
        if settings.audit_key is not None:
            return SealKey.of_text(settings.audit_key.get_secret_value(), "INVOICE_CONNECTOR_AUDIT_KEY")
        return read_key(settings.audit_key_file or default_key_file(make_url(settings.database_url)))


def _print_report(report: AuditReport) -> int:
    for problem in report.problems:
        show(f"{problem.kind}: {problem.message}")
    if not report.sealed:
        tell("the key of the log was not found, so its seals were not checked")
    if report.intact:
        show(f"intact: {report.events} events, head {report.head.sequence}:{report.head.hash}")
        return OK
    show(f"not intact: {report.problem_count} problems in {report.events} events")
    return SOME_FAILED


def head(arguments: Namespace) -> int:
    from db.audit import sealed_head

    with opened_database(arguments) as database:
        found = sealed_head(database)
    show_json_text(found.to_json() if arguments.json else f"{found.sequence}:{found.hash}")
    return OK


def export(arguments: Namespace) -> int:
    from db.log_reader import export as lines

    with opened_database(arguments) as database:
        for line in lines(database):
            show_json_text(line)
    return OK


def explain(arguments: Namespace) -> int:
    from db.queries import get_job
    from invoice_connector.commands.explaining import explanation, missing_names

    with opened_database(arguments) as database:
        job = get_job(database, arguments.job_id)
    if missing := missing_names(job, arguments.names):
        known = ", ".join(job.record.fields) or "none"
        raise CommandError(f"the job has no field {', '.join(missing)}; it has {known}", WRONG_USAGE)
    for line in explanation(job, arguments.names):
        show(one_line(line))
    return OK


def erase(arguments: Namespace) -> int:
    from db.retention import erasable
    from invoice_connector.storage import erase as remove

    if bool(arguments.job_ids) == bool(arguments.older_than):
        raise CommandError("say which jobs: their ids, or --older-than 90d", WRONG_USAGE)
    if arguments.customer and not arguments.older_than:
        raise CommandError("--customer goes with --older-than; a job is named by its id alone", WRONG_USAGE)
    with opened_database(arguments) as database:
        ids = arguments.job_ids
        if arguments.older_than:
            ids = erasable(database, _before(arguments.older_than), arguments.customer)
        count = 0
        for count, job_id in enumerate(ids, 1):  # noqa: B007 - the last count is the number of jobs
            if arguments.dry_run:
                show(job_id)
            else:
                reason = arguments.reason or ("retention" if arguments.older_than else "")
                position = remove(database, chosen_settings(arguments), job_id, reason)
                show(f"{job_id}: erased, audit number {position.sequence}")
    tell(f"{count} jobs {'would be ' if arguments.dry_run else ''}erased")
    return OK


def rollup(arguments: Namespace) -> int:
    from db.recount import check, rebuild

    with opened_database(arguments) as database:
        if arguments.rebuild:
            show(f"the statistics of {rebuild(database)} jobs were made anew")
            return OK
        report = check(database)
    for found in report.differences:
        of = "".join(f", {name} {value}" for name in ("customer", "engine") if (value := getattr(found, name)))
        show(f"{found.period}{of}: {', '.join(found.measures)} differ from the stored jobs")
    show(f"{len(report.differences)} of {report.rollups} roll-ups differ from {report.jobs} jobs")
    return OK if report.equal else SOME_FAILED


def search(arguments: Namespace) -> int:
    from db.queries import JobFilter
    from db.search import search as find

    where = JobFilter(customer_id=arguments.customer)
    query = " ".join(arguments.query)
    if not any(map(str.isalnum, query)):
        raise CommandError("the search has no letter or digit; name a word or a number to look for", WRONG_USAGE)
    with opened_database(arguments) as database:
        hits = find(database, query, arguments.limit, where=where)
    for hit in hits:
        if arguments.json:
            plain = {**asdict(hit), "started_at": hit.started_at.isoformat()}
            show_json(plain)
        else:
            show(f"{hit.job_id}  {one_line(hit.source_name)}, page {hit.page}\n    {hit.snippet}")
    return OK if hits else SOME_FAILED


def review(arguments: Namespace) -> int:
    from db.lessons import taught_by
    from db.records import ReviewStatus
    from db.reviews import ReviewRequest, reviewed_fields
    from invoice_connector.review.corrections import CorrectionError, corrections
    from invoice_connector.review.storing import store_review

    if arguments.export == bool(arguments.job_id):
        raise CommandError("name the job to review, or ask for all corrections with --export", WRONG_USAGE)
    with opened_database(arguments) as database:
        if arguments.export:
            for judged in reviewed_fields(database):
                plain = {**asdict(judged), "reviewed_at": judged.reviewed_at.isoformat(), "correct": judged.correct}
                show_json(plain)
            return OK
        status = ReviewStatus.REJECTED if arguments.reject else ReviewStatus.APPROVED
        try:
            values = corrections(arguments.values)
            request = ReviewRequest(arguments.job_id, values, arguments.by, arguments.note, status)
            stored, position = store_review(database, request, arguments.confirm)
        except CorrectionError as error:
            raise CommandError(str(error), WRONG_USAGE) from error
        taught = taught_by(database, arguments.job_id)
    changed = ", ".join(f"{name} is {change['value'] or 'not there'}" for name, change in stored.changes.items())
    show(f"{stored.job_id}: {stored.status}, {changed or 'nothing was changed'}; audit number {position.sequence}")
    if taught is not None:
        tell(f"learned where the supplier prints {', '.join(taught.terms)}")
        for name, value in taught.contradicted.items():
            tell(f"this contradicts earlier approved documents, whose {name} is {value}")
    return OK


def create_key(arguments: Namespace) -> int:
    from db import keys

    with opened_database(arguments) as database:
        show(keys.create(database, arguments.name, arguments.scopes or ("read",)))
    tell("the key is shown this once; only a hash of it is stored")
    return OK


def list_keys(arguments: Namespace) -> int:
    from db import keys

    with opened_database(arguments) as database:
        for key in keys.list_keys(database):
            state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in use"
            show(f"{key.id}  {key.created_at:%Y-%m-%d}  {state:<18}  {','.join(key.scopes):<16}  {key.name}")
    return OK


def revoke_key(arguments: Namespace) -> int:
    from db import keys

    with opened_database(arguments) as database:
        keys.revoke(database, arguments.key_id)
    show(f"{arguments.key_id}: revoked")
    return OK


def _before(age: str) -> datetime:
    parts = _AGE.fullmatch(age)
    if parts is None:
        raise CommandError(f"{age!r} is no age; write 90d, 12w, 6m or 7y", WRONG_USAGE)
    return datetime.now(UTC) - timedelta(days=int(parts[1]) * _DAYS[parts[2]])


def _kept_head(text: str | None) -> AuditPosition | Head | None:
    """A head as ``audit head`` printed it, or the file that it was kept in."""
    from db.records import AuditPosition
    from db.seal import Head

    if text is None:
        return None
    if Path(text).is_file():
        text = Path(text).read_text("utf-8").strip()
    if text.startswith("{"):
        try:
            return Head.of_json(text)
        except ValueError as error:
            raise CommandError(
                f"the head cannot be read ({error}); keep what `audit head` prints", WRONG_USAGE
            ) from error
    sequence, _, digest = text.partition(":")
    if not sequence.isdigit() or not digest:
        raise CommandError("a head is written SEQUENCE:HASH, or is a file with what `audit head` printed", WRONG_USAGE)
    return AuditPosition(int(sequence), digest)
