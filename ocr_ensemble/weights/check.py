"""Whether a checkpoint's folder is what it should be. Nothing here loads a file; it is hashed first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ocr_ensemble.errors import WeightsIncompleteError, WeightsMissingError, WeightsTamperedError
from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.catalogue import Part, pinned_hashes
from ocr_ensemble.weights.manifest import Manifest
from ocr_ensemble.weights.pickles import runs_code


class Depth(Enum):
    """How closely the files are looked at."""

    SIZES = "sizes"  # at once, for lists
    ONCE = "once"  # hashed once per process, before loading
    AGAIN = "again"  # hashed now, whatever was found before


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder that should hold an engine's weights.

    ``part``: what the catalogue knows of it, None for the package's own and the user's; ``remedy``: what to do when it
    is not in order, as the end of a sentence. ``vouched``: its manifest alone vouches for pickles and code.
    """

    engine: str
    folder: Path
    remedy: str
    part: Part | None = None
    vouched: bool = False


def check(checkpoint: Checkpoint, depth: Depth = Depth.ONCE) -> Manifest:
    """Raises WeightsMissingError, WeightsIncompleteError or WeightsTamperedError for the first thing out of order."""
    manifest = _manifest(checkpoint)
    _check_names(checkpoint, manifest)
    _check_pins(checkpoint, manifest)
    for path in manifest.files:
        _check_file(checkpoint, manifest, path, depth)
    return manifest


def check_unrecorded(checkpoint: Checkpoint) -> None:
    """For a user's own folder without a manifest.

    Raises WeightsTamperedError for a file that could run code, unless the catalogue knows its SHA-256.
    """
    for path in manifests.paths(checkpoint.folder):
        if runs_code(path) and manifests.remembered_sha256(checkpoint.folder / path) not in pinned_hashes():
            raise WeightsTamperedError(
                checkpoint.engine,
                f"{checkpoint.folder / path} was not loaded: it can run code and nobody vouched for it; "
                f"save the weights as safetensors or, if you trust it, run "
                f"`invoice-connector models trust {checkpoint.folder.parent}`",
            )


def _manifest(checkpoint: Checkpoint) -> Manifest:
    engine, folder, remedy = checkpoint.engine, checkpoint.folder, checkpoint.remedy
    if not folder.is_dir():
        raise WeightsMissingError(engine, f"{engine} has no weights in {folder}; {remedy}")
    try:
        manifest = manifests.read(folder)
    except FileNotFoundError as error:
        raise WeightsIncompleteError(engine, f"{folder} has no {manifests.NAME} to check by; {remedy}") from error
    except (ValueError, OSError) as error:
        raise WeightsTamperedError(engine, f"{folder} was not loaded: {error}; {remedy}") from error
    wanted = checkpoint.part.revision if checkpoint.part else None
    if wanted and manifest.revision != wanted:
        raise WeightsMissingError(
            engine, f"{folder} holds revision {manifest.revision[:12] or 'unknown'}, not {wanted[:12]}; {remedy}"
        )
    return manifest


def _check_names(checkpoint: Checkpoint, manifest: Manifest) -> None:
    """Every file recorded is there, and no other: a library would load a file that was slipped in."""
    engine, folder, remedy = checkpoint.engine, checkpoint.folder, checkpoint.remedy
    there = set(manifests.paths(folder))
    if gone := sorted(set(manifest.files) - there):
        raise WeightsIncompleteError(engine, f"{folder} lacks {', '.join(gone)}; {remedy}")
    if added := sorted(there - set(manifest.files)):
        raise WeightsTamperedError(
            engine, f"{folder} was not loaded: {', '.join(added)} is not in its manifest; delete it, or {remedy}"
        )


def _check_pins(checkpoint: Checkpoint, manifest: Manifest) -> None:
    engine, folder, remedy = checkpoint.engine, checkpoint.folder, checkpoint.remedy
    pins = checkpoint.part.pins if checkpoint.part else {}
    for path, pin in pins.items():
        record = manifest.files.get(path)
        if record is None:
            raise WeightsIncompleteError(engine, f"{folder} lacks {path}; {remedy}")
        if record.sha256 != pin:
            raise WeightsTamperedError(engine, f"{folder / path} was not loaded: it is not the pinned file; {remedy}")
    if checkpoint.vouched:
        return
    for path, record in manifest.files.items():
        if runs_code(path) and record.sha256 not in pinned_hashes():
            raise WeightsTamperedError(
                engine, f"{folder / path} was not loaded: it can run code and its SHA-256 is not pinned; {remedy}"
            )


def _check_file(checkpoint: Checkpoint, manifest: Manifest, path: str, depth: Depth) -> None:
    engine, file, remedy = checkpoint.engine, checkpoint.folder / path, checkpoint.remedy
    record = manifest.files[path]
    size = file.stat().st_size
    if size < record.size:
        raise WeightsIncompleteError(engine, f"{file} has {size:,} of its {record.size:,} bytes; {remedy}")
    digest = _digest(depth)
    if size > record.size or (digest is not None and digest(file) != record.sha256):
        raise WeightsTamperedError(
            engine, f"{file} was not loaded: it changed after it was verified on {manifest.recorded}; {remedy}"
        )


def _digest(depth: Depth) -> Callable[[Path], str] | None:
    if depth is Depth.SIZES:
        return None
    return manifests.sha256 if depth is Depth.AGAIN else manifests.remembered_sha256
