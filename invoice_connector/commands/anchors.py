"""``audit anchor``, and what ``audit verify`` makes of anchors. Heavy libraries are imported when it runs."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.commands.arguments import seconds
from invoice_connector.commands.common import (
    OK,
    SOME_FAILED,
    WRONG_USAGE,
    CommandError,
    chosen_settings,
    opened_database,
)
from invoice_connector.commands.options import add_database_option
from invoice_connector.commands.terminal import one_line, show, tell

if TYPE_CHECKING:
    from db.seal import Head
    from db.verification import AuditProblem, AuditReport
    from invoice_connector.anchors.anchor import Anchor
    from invoice_connector.anchors.keeping import Kept
    from invoice_connector.anchors.settings import AnchorSettings


def add_anchor(actions: Any) -> None:
    """Adds ``anchor`` to the actions of ``audit``."""
    text = "keep the head of the chain outside the log: in files, at webhooks, under time stamps"
    parser: ArgumentParser = actions.add_parser("anchor", help=text, description=text)
    parser.set_defaults(run=anchor)
    parser.add_argument("--at", metavar="NAME", action="append", help="at these places of the settings (default: all)")
    parser.add_argument("--file", type=Path, metavar="FILE", help="append it to this file, whatever the settings say")
    parser.add_argument("--every", type=seconds, metavar="SECONDS", help="go on until stopped, where something is new")
    add_database_option(parser)


def add_anchor_check(parser: ArgumentParser) -> None:
    """Adds to ``audit verify`` what it can be given of anchors."""
    parser.add_argument("--anchor", type=Path, metavar="FILE", help="anchors kept in a file: the log must contain all")
    parser.add_argument(
        "--roots", type=Path, metavar="PEM", help="with --anchor: certificates to which the stamps of all must lead"
    )


def anchor(arguments: Namespace) -> int:
    """Exit code 1 when a place did not take the anchor; with ``--every`` it goes on until it is stopped."""
    from invoice_connector.anchors.keeping import Rounds, anchor_head

    places = _places(arguments)
    with opened_database(arguments) as database:
        if not arguments.every:
            return SOME_FAILED if _told(anchor_head(database, places)) else OK
        rounds = Rounds(places, arguments.every)
        while True:
            _told(rounds.round(database))
            time.sleep(rounds.pause)


def _places(arguments: Namespace) -> Mapping[str, AnchorSettings]:
    """Raises CommandError for a name without settings, and for no place at all."""
    from invoice_connector.anchors.settings import FileAnchor

    known = chosen_settings(arguments).anchors
    names = arguments.at or (() if arguments.file else tuple(known))
    unknown = [name for name in names if name not in known]
    if unknown or not (names or arguments.file):
        told = ", ".join(known) or "none; describe them in INVOICE_CONNECTOR_ANCHORS, or give --file FILE"
        raise CommandError(f"no anchor is called {', '.join(unknown) or '(none given)'}; known are {told}", WRONG_USAGE)
    own = {str(arguments.file): FileAnchor(kind="file", path=arguments.file)} if arguments.file else {}
    return {**{name: known[name] for name in names}, **own}


def _told(found: Iterable[Kept]) -> bool:
    """Whether one place failed."""
    failed = False
    for kept in found:
        head = kept.anchor.head
        if kept.error is None:
            show(f"{one_line(kept.place)}: {head.sequence}:{head.hash}")
        else:
            tell(f"{one_line(kept.place)}: {kept.error}")
        failed = failed or kept.error is not None
    return failed


def kept_anchors(arguments: Namespace) -> Sequence[Anchor]:
    """Those of ``--anchor``. Raises CommandError."""
    from invoice_connector.anchors.anchor import AnchorFileError, read_anchors

    if arguments.roots and not arguments.anchor:
        raise CommandError("--roots goes with --anchor, whose time stamps it is for", WRONG_USAGE)
    try:
        return read_anchors(arguments.anchor) if arguments.anchor else ()
    except AnchorFileError as error:
        raise CommandError(str(error), WRONG_USAGE) from error


def heads_of(anchors: Sequence[Anchor]) -> Mapping[str, Head]:
    """Their heads by what sentences call them."""
    return {f"{each.name}, number {number}": each.head for number, each in enumerate(anchors, 1)}


def with_timestamps(report: AuditReport, anchors: Sequence[Anchor], arguments: Namespace) -> AuditReport:
    """The report with what is wrong with the anchors' time stamps, where ``--roots`` says whom to trust: then an anchor
    without one counts for nothing, since whoever forges the file would leave them out."""
    stamped = sum(each.timestamp is not None for each in anchors)
    if stamped and not arguments.roots:
        tell(f"the time stamps of {stamped} anchors were not checked; --roots PEM says whom to trust")
    wrong = tuple(_wrong_timestamps(anchors, arguments.roots)) if arguments.roots else ()
    return replace(report, problem_count=report.problem_count + len(wrong), problems=(*wrong, *report.problems))


def _wrong_timestamps(anchors: Sequence[Anchor], roots: Path) -> Iterator[AuditProblem]:
    from db.verification import AuditProblem, ProblemKind
    from invoice_connector.anchors.timestamps import TimestampError, stamped_at
    from invoice_connector.sinks.errors import DeliveryError

    for each in anchors:
        try:
            moment = stamped_at(each.timestamp, each.message, roots)
        except TimestampError as error:
            message = f"the time stamp of {each.name} (event {each.head.sequence}) does not hold: {error}"
            yield AuditProblem(ProblemKind.TIMESTAMP_WRONG, message, each.head.sequence)
        except DeliveryError as error:
            raise CommandError(str(error), WRONG_USAGE) from error
        else:
            tell(f"event {each.head.sequence} was there at {moment:%Y-%m-%d %H:%M:%S} UTC, a time stamp says")
