"""Where an engine's checkpoint lies: ``resolve("trocr", settings)`` is a verified directory, or says what to do.

Looked for in this order: the user's own folder (``settings.weights / engine``), then what the profile names: in the
package for ``compact``, otherwise in the model folder, then in the mirror, which is another machine's model folder,
mounted or copied. No function here uses the network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ocr_ensemble.errors import WeightsError, WeightsIncompleteError, WeightsMissingError
from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.catalogue import COMPACT, ENGINES, PROFILES, Part, part_for
from ocr_ensemble.weights.check import Checkpoint, Depth, check, check_unrecorded
from ocr_ensemble.weights.manifest import Manifest

FOLDER_VARIABLE = "INVOICE_CONNECTOR_MODEL_FOLDER"
MIRROR_VARIABLE = "INVOICE_CONNECTOR_MODEL_MIRROR"
BUNDLED_VERIFIERS = Path(__file__).parents[2] / "verifier" / "checkpoints"
PARTIAL = ".partial"  # inside the model folder: what is not verified yet


class WeightSettings(Protocol):
    """What of the settings decides where weights are looked for; ``EngineSettings`` is one."""

    @property
    def profile(self) -> str: ...

    @property
    def weights(self) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Places:
    """``folder``: where pulled parts lie, one folder each; ``mirror``: a folder of the same form that is only read;
    ``bundled``: the package's own checkpoints, one folder per engine; ``verifier``: its own verifier."""

    folder: Path
    mirror: Path | None = None
    bundled: Path = Path(__file__).parents[1] / "checkpoints"
    verifier: Path = BUNDLED_VERIFIERS / COMPACT


def places_from_environment() -> Places:
    """The places as environment variables name them (XDG base directories otherwise)."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = os.environ.get(FOLDER_VARIABLE)
    mirror = os.environ.get(MIRROR_VARIABLE)
    return Places(
        folder=Path(folder) if folder else data / "invoice-connector" / "models",
        mirror=Path(mirror) if mirror else None,
    )


def resolve(engine: str, settings: WeightSettings, places: Places | None = None) -> Path:
    """The directory to load the engine's weights from; every file in it was just found to be what it should be.

    Raises WeightsMissingError, WeightsIncompleteError or WeightsTamperedError.
    """
    if settings.weights is not None and (own := _own(engine, settings.weights)) is not None:
        return own
    checkpoint = locate(engine, settings.profile, places or places_from_environment())
    check(checkpoint)
    return checkpoint.folder


def _own(engine: str, weights: Path) -> Path | None:
    """The user's own checkpoint; None where the user's folder has none for this engine."""
    if not weights.is_dir():
        raise WeightsMissingError(engine, f"there is no folder {weights}; correct the setting `weights`")
    folder = weights / engine
    if not folder.is_dir():
        return None
    checkpoint = own_checkpoint(engine, weights)
    if (folder / manifests.NAME).exists():
        check(checkpoint)
    else:
        check_unrecorded(checkpoint)
    return folder


def own_checkpoint(engine: str, weights: Path) -> Checkpoint:
    remedy = f"if you changed it yourself, run `invoice-connector models trust {weights}`"
    return Checkpoint(engine, weights / engine, remedy, vouched=True)


def locate(engine: str, profile: str, places: Places) -> Checkpoint:
    """Where the profile's weights lie, unchecked. Raises WeightsMissingError or WeightsIncompleteError."""
    if profile == COMPACT:
        return _bundled(engine, places)
    part = part_for(profile, engine)
    if part is None:
        known = ", ".join((COMPACT, *PROFILES))
        raise WeightsMissingError(engine, f"{engine} has no weights in a profile {profile!r}; profiles are {known}")
    pull = f"run `invoice-connector models pull {profile}`"
    for root in (places.folder, places.mirror):
        if root is not None and (root / part.name).is_dir():
            return Checkpoint(engine, root / part.name, pull, part)
    if unfinished_folder(places, part).is_dir():
        raise WeightsIncompleteError(
            engine, f"{part.name}, the weights of {engine}, is half downloaded; to go on, {pull}"
        )
    raise WeightsMissingError(
        engine, f"the weights of {engine} ({part.name}, {part.size / 1e9:.1f} GB) are not on this machine; {pull}"
    )


def _bundled(engine: str, places: Places) -> Checkpoint:
    folder = places.verifier if engine == "verifier" else places.bundled / engine
    if not folder.is_dir():
        raise WeightsMissingError(
            engine,
            f"this package has no compact weights for {engine}; run `invoice-connector models pull standard` "
            "and choose profile standard",
        )
    return Checkpoint(engine, folder, "install the package again", vouched=True)


def unfinished_folder(places: Places, part: Part) -> Path:
    """Where a part is gathered until all of it is verified."""
    return places.folder / PARTIAL / part.name


@dataclass(frozen=True, slots=True)
class Standing:
    """How one part of one profile stands: ``manifest`` when it is in order, otherwise ``problem``."""

    profile: str
    engine: str
    part: Part | None
    folder: Path | None
    manifest: Manifest | None
    problem: WeightsError | None


def standings(places: Places, depth: Depth) -> Iterator[Standing]:
    """Every part of every profile."""
    for profile in (COMPACT, *PROFILES):
        for engine in ENGINES:
            part = part_for(profile, engine)
            if part is not None or profile == COMPACT:
                yield _standing(profile, engine, places, depth)


def _standing(profile: str, engine: str, places: Places, depth: Depth) -> Standing:
    part, folder = part_for(profile, engine), None
    try:
        checkpoint = locate(engine, profile, places)
        folder = checkpoint.folder
        return Standing(profile, engine, part, folder, check(checkpoint, depth), None)
    except WeightsError as error:
        return Standing(profile, engine, part, folder, None, error)


def record(folder: Path, origin: str, licence: str) -> Manifest:
    """Writes the manifest of a checkpoint whose files are right by definition: the package's own, or a user's."""
    manifest = Manifest(folder.name, origin, "", licence, today(), manifests.records(folder))
    manifests.write(folder, manifest)
    return manifest


def today() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).date().isoformat()
