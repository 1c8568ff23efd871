"""Looking for words and numbers on all pages of all documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql

from db.columns import time_text
from db.errors import SearchUnavailableError
from db.queries import JobFilter
from db.search_index import INDEX, has_index
from db.tables import JOBS, SEARCH, SEARCH_DAYS
from db.terms import Wanted, folded, terms, wanted
from db.transactions import reading

OPEN, CLOSE = "[", "]"
"""What marks a match in a snippet, unless a caller asks for something else."""
_AROUND = 1  # lines of text shown on each side of the best one
_SHORTEST_PREFIX = 3
_INDEX = table(INDEX, column("rowid"))


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A page that has all that was asked for. ``box`` is the best line's place in pixels of the page image, None when
    no line of the page matched (a file name did). ``page`` is 0 for a document without pages. ``snippet`` is the text
    around the match with ``markers`` on both sides of every matched word."""

    job_id: str
    source_name: str
    started_at: datetime
    status: str
    customer_id: str | None
    page: int
    box: tuple[int, int, int, int] | None
    snippet: str


def search(
    engine: Engine,
    query: str,
    limit: int = 20,
    offset: int = 0,
    where: JobFilter | None = None,
    markers: tuple[str, str] = (OPEN, CLOSE),
) -> list[SearchHit]:
    """The pages with everything that ``query`` names, newest first; where there are none, words that no page has whole
    may be begun only. Every text is a valid query. Raises SearchUnavailableError."""
    asked = wanted(query)
    if not asked:
        return []
    filters = where or JobFilter()
    with reading(engine) as connection:
        place = _place(connection, filters)
        if place is None:
            return []

        def pages(begun: Collection[str]) -> Sequence[RowMapping]:
            statement = _statement(connection, asked, begun).where(*filters.conditions(), *place)
            return connection.execute(statement.limit(limit).offset(offset)).mappings().all()

        rows = pages(())
        if not rows and not offset:
            rows = pages(_absent(connection, asked))
        return [_hit(dict(row), asked, markers) for row in rows]


def _place(connection: Connection, where: JobFilter) -> tuple[ColumnElement[bool], ...] | None:
    """Between which pages those of a time range lie; None when there are none. The index is read from its newest page
    on, so an old range would cost all that is newer."""
    if where.since is None and where.until is None:
        return ()
    query = select(func.min(SEARCH_DAYS.c.first_id), func.max(SEARCH_DAYS.c.last_id))
    if where.since is not None:
        query = query.where(SEARCH_DAYS.c.day >= time_text(where.since)[:10])
    if where.until is not None:
        query = query.where(SEARCH_DAYS.c.day <= time_text(where.until)[:10])
    first, last = connection.execute(query).one()
    column = _INDEX.c.rowid if connection.dialect.name == "sqlite" else SEARCH.c.id
    return None if first is None else (column >= first, column <= last)


def _absent(connection: Connection, asked: Sequence[Wanted]) -> frozenset[str]:
    """The words that no page has whole, which may be the beginnings of others; all of them when every word is there.
    A frequent word that is looked for as a beginning would cost every page that has it."""
    words = frozenset(word for thing in asked for choice in thing.choices for word in choice)
    absent = frozenset(word for word in words if not _is_there(connection, word))
    return absent or words


def _is_there(connection: Connection, word: str) -> bool:
    statement = _statement(connection, [Wanted(((word,),))], ())
    return connection.execute(statement.limit(1)).first() is not None


def _statement(connection: Connection, asked: Sequence[Wanted], begun: Collection[str]) -> Select[Any]:
    """Pages with all that was asked for, newest first; the words in ``begun`` may go on."""
    columns = (SEARCH.c.page, SEARCH.c.text, JOBS.c.id, JOBS.c.source_name, JOBS.c.started_at, JOBS.c.status,
               JOBS.c.customer_id, JOBS.c.lines)  # fmt: skip
    if connection.dialect.name == "sqlite":
        if not has_index(connection):
            raise SearchUnavailableError(
                "this database has no search index, because the SQLite that made it lacks FTS5; install a Python whose "
                "SQLite has FTS5 and make the database anew, or use PostgreSQL"
            )
        # The plus signs keep SQLite from beginning with the jobs: the index gives its newest pages first, and a few
        # of them are enough.
        page: ColumnElement[str] = literal_column(f"+{SEARCH.name}.job_id")
        found = _INDEX.join(SEARCH, SEARCH.c.id == _INDEX.c.rowid).join(JOBS, JOBS.c.id == page)
        matching = literal_column(INDEX).op("MATCH")(_expression(asked, begun, '"{}"', '"{}"*', " AND ", " OR "))
        return select(*columns).select_from(found).where(matching).order_by(_INDEX.c.rowid.desc())
    if connection.dialect.name == "postgresql":
        vector = func.array_to_tsvector(func.string_to_array(SEARCH.c.terms, " "))
        expression = _expression(asked, begun, "'{}'", "'{}':*", " & ", " | ")
        query = select(*columns).join(JOBS, JOBS.c.id == SEARCH.c.job_id).order_by(SEARCH.c.id.desc())
        return query.where(vector.op("@@")(cast(expression, postgresql.TSQUERY)))
    raise SearchUnavailableError(
        f"texts cannot be searched in {connection.dialect.name}; use SQLite or PostgreSQL for the audit log"
    )


def _expression(
    asked: Sequence[Wanted], goes_on: Collection[str], whole: str, begun: str, every: str, either: str
) -> str:
    """The index's own language. Terms hold letters and digits only, so nothing in them can be a sign of it."""

    def term(word: str) -> str:
        return (begun if word in goes_on and len(word) >= _SHORTEST_PREFIX else whole).format(word)

    def choices(thing: Wanted) -> str:
        return either.join(f"({every.join(term(word) for word in words)})" for words in thing.choices)

    return every.join(f"({choices(thing)})" for thing in asked)


def _hit(row: dict[str, Any], asked: Sequence[Wanted], markers: tuple[str, str]) -> SearchHit:
    lines = [
        line for line in row["lines"] or [] if isinstance(line.get("text"), str) and line.get("page") == row["page"]
    ]
    texts = [line["text"] for line in lines] or row["text"].splitlines()
    found = [_matches(text, asked) for text in texts]
    box = None
    if any(found):
        best = found.index(max(found))
        box = lines[best].get("box") if lines else None
        shown = texts[max(0, best - _AROUND) : best + _AROUND + 1]
    else:
        shown = texts[: 2 * _AROUND + 1]
    return SearchHit(
        job_id=row["id"],
        source_name=row["source_name"] or "",
        started_at=row["started_at"],
        status=row["status"],
        customer_id=row["customer_id"],
        page=row["page"],
        box=tuple(box) if isinstance(box, list) and len(box) == 4 else None,
        snippet=" … ".join(marked(line, asked, markers) for line in shown),
    )


def _matches(line: str, asked: Sequence[Wanted]) -> int:
    """How many of the things asked for the line has, wholly or as the beginning of a word."""
    found = terms([line])
    return sum(
        any(all(any(term.startswith(word) for term in found) for word in words) for words in thing.choices)
        for thing in asked
    )


def marked(line: str, asked: Sequence[Wanted], markers: tuple[str, str]) -> str:
    """The line with ``markers`` around the words that were asked for; a number's groups are marked one by one."""
    words = {word for thing in asked for choice in thing.choices for word in choice}
    parts: list[str] = []
    for piece in _pieces(line):
        plain = folded(piece)
        hit = bool(plain) and any(plain.startswith(word) or (plain.isdigit() and plain in word) for word in words)
        parts.append(f"{markers[0]}{piece}{markers[1]}" if hit and piece.isalnum() else piece)
    return "".join(parts)


def _pieces(line: str) -> list[str]:
    """The line cut between words and what is between them."""
    pieces: list[str] = []
    for character in line:
        if pieces and pieces[-1][-1].isalnum() == character.isalnum():
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
