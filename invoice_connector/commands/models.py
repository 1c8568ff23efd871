"""``models list|pull|verify|trust``: what each does, and its arguments. Heavy libraries are imported when it runs."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.commands.common import OK, SOME_FAILED, WRONG_USAGE, Command, CommandError
from invoice_connector.commands.terminal import show, show_json, tell

if TYPE_CHECKING:
    from ocr_ensemble.errors import WeightsError
    from ocr_ensemble.weights.catalogue import Part
    from ocr_ensemble.weights.plan import Plan
    from ocr_ensemble.weights.store import Places, Standing


def add_models(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds ``models`` and its actions to the command line."""
    models = subparsers.add_parser("models", help="list, fetch and check the engines' weights")
    actions = models.add_subparsers(required=True, metavar="ACTION")
    listing = _action(actions, "list", "list the weights of every profile", list_models)
    listing.add_argument("--json", action="store_true", help="one JSON object per profile and engine")
    pulling = _action(actions, "pull", "fetch and check the weights of a profile", pull_models)
    pulling.add_argument("profile", metavar="PROFILE", help="standard or large")
    pulling.add_argument("--engines", metavar="A,B", help="only these of trocr, easyocr, donut, verifier")
    pulling.add_argument("--yes", action="store_true", help="do not ask before fetching")
    _action(actions, "verify", "hash all weights again and compare them with their manifests", verify_models)
    trusting = _action(actions, "trust", "record a folder of your own weights as right, pickles included", trust_models)
    trusting.add_argument("folder", metavar="FOLDER", type=Path, help="holds one folder per engine")
    trusting.add_argument("--yes", action="store_true", help="do not ask before recording")


def _action(actions: _SubParsersAction[ArgumentParser], name: str, text: str, run: Command) -> ArgumentParser:
    parser: ArgumentParser = actions.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def list_models(arguments: Namespace) -> int:
    """Looks at names and sizes, not at contents; `models verify` does."""
    from ocr_ensemble.weights.check import Depth
    from ocr_ensemble.weights.store import places_from_environment, standings

    places = places_from_environment()
    for standing in standings(places, Depth.SIZES):
        if arguments.json:
            show_json(_as_json(standing))
        else:
            show(_as_line(standing))
    if not arguments.json:
        show(f"pulled weights lie in {places.folder}; `invoice-connector models verify` hashes them again")
    return OK


def _as_json(standing: Standing) -> dict[str, Any]:
    part, manifest = standing.part, standing.manifest
    return {
        "profile": standing.profile,
        "engine": standing.engine,
        "part": part.name if part else standing.engine,
        "size": manifest.size if manifest else part.size if part else None,
        "licence": _licence(standing),
        "origin": manifest.origin if manifest else part.origin if part else None,
        "revision": manifest.revision if manifest else part.revision if part else None,
        "folder": str(standing.folder) if standing.folder else None,
        "verified": manifest.recorded if manifest else None,
        "problem": str(standing.problem) if standing.problem else None,
    }


def _as_line(standing: Standing) -> str:
    part, manifest = standing.part, standing.manifest
    size = _size(manifest.size) if manifest else f"~{_size(part.size)}" if part else "-"
    name = part.name if part else "in the package"
    state = f"verified {manifest.recorded}  {standing.folder}" if manifest else _state(standing.problem)
    return f"{standing.profile:<9} {standing.engine:<9} {name:<29} {size:>9}  {_licence(standing):<31} {state}"


def _licence(standing: Standing) -> str:
    if standing.manifest:
        return standing.manifest.licence
    return standing.part.licence if standing.part else "-"


def _state(problem: WeightsError | None) -> str:
    from ocr_ensemble.errors import WeightsMissingError

    return "not here" if isinstance(problem, WeightsMissingError) else f"not in order: {problem}"


def pull_models(arguments: Namespace) -> int:
    """Shows sizes and licences, asks, fetches, checks. A part that fails does not stop the next."""
    from ocr_ensemble.weights.store import places_from_environment

    places = places_from_environment()
    plans, failed = _plans(_wanted(arguments, places))
    if plans:
        _confirm_pull(plans, places, arguments.yes)
    for plan in plans:
        failed += not _pull(plan, places)
    return SOME_FAILED if failed else OK


def _wanted(arguments: Namespace, places: Places) -> list[Part]:
    """The profile's parts that are not in order here already."""
    from ocr_ensemble.errors import WeightsError
    from ocr_ensemble.weights.catalogue import COMPACT, PROFILES
    from ocr_ensemble.weights.check import check
    from ocr_ensemble.weights.store import locate

    if arguments.profile not in PROFILES:
        known = ", ".join(PROFILES)
        reason = "lies in the package" if arguments.profile == COMPACT else "is unknown"
        raise CommandError(f"profile {arguments.profile!r} {reason}; to pull there are {known}", WRONG_USAGE)
    parts = PROFILES[arguments.profile]
    engines = [name.strip() for name in (arguments.engines or ",".join(part.engine for part in parts)).split(",")]
    if unknown := sorted(set(engines) - {part.engine for part in parts}):
        raise CommandError(f"{arguments.profile} has no weights for {', '.join(unknown)}", WRONG_USAGE)
    wanted = []
    for part in parts:
        if part.engine not in engines:
            continue
        try:
            checkpoint = locate(part.engine, arguments.profile, places)
            check(checkpoint)
            _say(f"{part.name}: verified, in {checkpoint.folder}")
        except WeightsError:
            wanted.append(part)
    return wanted


def _plans(parts: list[Part]) -> tuple[list[Plan], int]:
    """What there is to fetch, and how many parts could not be planned."""
    from ocr_ensemble.errors import WeightsError
    from ocr_ensemble.weights.plan import plan

    plans, failed = [], 0
    for part in parts:
        try:
            plans.append(plan(part))
        except WeightsError as error:
            failed += 1
            _say(str(error))
    return plans, failed


def _confirm_pull(plans: list[Plan], places: Places, yes: bool) -> None:
    """Raises CommandError when it does not fit on the disk or the user does not want it."""
    from ocr_ensemble.weights.pull import remaining

    for plan in plans:
        commit = f" at {plan.revision[:12]}" if plan.revision else ""
        note = "" if plan.pinned else " (not pinned by this project)"
        _say(f"{plan.part.name}: {_size(plan.size)}, {plan.part.licence}, from {plan.part.origin}{commit}{note}")
    missing = sum(remaining(plan, places) for plan in plans)
    whole = sum(plan.size for plan in plans)
    arrived = f" ({_size(whole - missing)} of {_size(whole)} are here already)" if missing < whole else ""
    places.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(places.folder).free
    if free < missing:
        raise CommandError(f"{places.folder} has {_size(free)} free, {_size(missing)} are needed", SOME_FAILED)
    _confirm(f"fetch {_size(missing)}{arrived} into {places.folder}?", yes)


def _pull(plan: Plan, places: Places) -> bool:
    from ocr_ensemble.errors import WeightsError
    from ocr_ensemble.weights.pull import pull

    try:
        folder = pull(plan, places, _say)
    except (WeightsError, OSError) as error:
        _say(str(error))
        return False
    _say(f"{plan.part.name}: verified, in {folder}")
    return True


def verify_models(_arguments: Namespace) -> int:
    """Exit code 1 when anything that is here is not what it should be."""
    from ocr_ensemble.errors import WeightsMissingError
    from ocr_ensemble.weights.check import Depth
    from ocr_ensemble.weights.store import places_from_environment, standings

    failed, seen = 0, set()
    for standing in standings(places_from_environment(), Depth.AGAIN):
        name = standing.part.name if standing.part else f"compact {standing.engine}"
        if name in seen or (standing.folder is None and isinstance(standing.problem, WeightsMissingError)):
            continue
        seen.add(name)
        failed += standing.problem is not None
        show(f"{name}: {standing.problem or f'{_files(standing)}, as recorded'}")
    if not seen:
        show("no weights are here; `invoice-connector models pull standard` fetches some")
    return SOME_FAILED if failed else OK


def _files(standing: Standing) -> str:
    count = len(standing.manifest.files) if standing.manifest else 0
    return f"{count} file{'' if count == 1 else 's'}"


def trust_models(arguments: Namespace) -> int:
    """Records the SHA-256 of every file in a folder of the user's own weights."""
    from ocr_ensemble.weights import manifest as manifests
    from ocr_ensemble.weights.catalogue import ENGINES
    from ocr_ensemble.weights.pickles import runs_code
    from ocr_ensemble.weights.store import record

    folders = [arguments.folder / engine for engine in ENGINES if (arguments.folder / engine).is_dir()]
    if not folders:
        names = ", ".join(ENGINES)
        raise CommandError(f"{arguments.folder} holds no folder named {names}; nothing to record", WRONG_USAGE)
    for folder in folders:
        for path in manifests.paths(folder):
            if runs_code(path):
                _say(f"{folder / path} can run code when it is loaded; SHA-256 {manifests.sha256(folder / path)}")
    _confirm(f"trust every file in {', '.join(map(str, folders))}?", arguments.yes)
    for folder in folders:
        manifest = record(folder, "recorded by the user", "-")
        show(f"{folder}: {len(manifest.files)} recorded")
    return OK


def _confirm(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{question} There is no terminal to ask on, so nothing was done; add --yes", WRONG_USAGE)
    tell(f"{question} [y/N] ", end="")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CommandError("nothing was done", SOME_FAILED)


def _size(count: int) -> str:
    """Bytes for people, decimal units."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def _say(text: str) -> None:
    tell(text)
