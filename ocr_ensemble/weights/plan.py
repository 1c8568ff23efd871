"""What a pull would fetch: asked of the hub, without fetching any of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ocr_ensemble.errors import WeightsPullError, WeightsTamperedError
from ocr_ensemble.weights.catalogue import HubFiles, Part, ZippedFile
from ocr_ensemble.weights.manifest import is_inside

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

SMALL_FILES = frozenset({".json", ".txt", ".model", ".jinja"})
PICKLE = "pytorch_model.bin"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch. ``size`` in bytes over the wire. Known of its content: ``sha256``, or ``git_id``, the SHA-1 that
    Git gives a small file. ``zipped``: it is the archive of that file, which is what counts."""

    path: str
    url: str
    size: int
    sha256: str | None = None
    git_id: str | None = None
    zipped: ZippedFile | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """``revision``: the commit, "" where the files have none; ``pinned``: this project chose it."""

    part: Part
    revision: str
    pinned: bool
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes over the wire, before anything is fetched."""
        return sum(file.size for file in self.files)


def plan(part: Part) -> Plan:
    """Raises WeightsPullError when the hub cannot be asked, WeightsTamperedError when it offers other files."""
    refuse_offline(part)
    if isinstance(part.source, HubFiles):
        return _hub_plan(part, part.source)
    files = tuple(RemoteFile(f"{file.name}.zip", file.url, file.archive_bytes, zipped=file) for file in part.source)
    return Plan(part, "", True, files)


def refuse_offline(part: Part) -> None:
    """Raises WeightsPullError when the user asked for no network."""
    from huggingface_hub import constants

    if constants.is_offline_mode():
        raise WeightsPullError(
            part.engine, f"{part.name} was not fetched: HF_HUB_OFFLINE is set; unset it or name a mirror folder"
        )


def endpoint() -> str:
    """The hub's address, HF_ENDPOINT where it is set."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def _hub_plan(part: Part, source: HubFiles) -> Plan:
    import httpx2
    from huggingface_hub import HfApi, hf_hub_url

    hub = endpoint()
    try:
        info = HfApi(endpoint=hub).model_info(source.repository, revision=source.revision, files_metadata=True)
    except (OSError, httpx2.HTTPError) as error:
        raise pull_error(part, hub, error) from error
    revision = info.sha or ""
    if source.revision and revision != source.revision:
        raise WeightsTamperedError(part.engine, f"{hub} offers commit {revision}, pinned is {source.revision}")
    chosen = _choose(part, info.siblings or [])
    files = tuple(
        _remote(part, sibling, hf_hub_url(source.repository, sibling.rfilename, revision=revision, endpoint=hub))
        for sibling in chosen
    )
    _check_pins(part, files)
    return Plan(part, revision, source.revision is not None, files)


def _choose(part: Part, siblings: list[RepoSibling]) -> list[RepoSibling]:
    """The repository's top level: its small files and its weights, safetensors where it has them."""
    top = [sibling for sibling in siblings if is_inside(sibling.rfilename) and "/" not in sibling.rfilename]
    weights = [sibling for sibling in top if sibling.rfilename.endswith(".safetensors")]
    weights = weights or [sibling for sibling in top if sibling.rfilename == PICKLE]
    if not weights:
        raise WeightsPullError(part.engine, f"{part.origin} has neither safetensors nor {PICKLE} at this commit")
    small = [sibling for sibling in top if PurePosixPath(sibling.rfilename).suffix in SMALL_FILES]
    return [*(sibling for sibling in small if not sibling.rfilename.endswith(".bin.index.json")), *weights]


def _remote(part: Part, sibling: RepoSibling, url: str) -> RemoteFile:
    sha256 = sibling.lfs.sha256 if sibling.lfs else None
    if sibling.size is None or (sha256 is None and sibling.blob_id is None):
        raise WeightsPullError(part.engine, f"the hub does not state size and hash of {sibling.rfilename}")
    return RemoteFile(sibling.rfilename, url, sibling.size, sha256, None if sha256 else sibling.blob_id)


def _check_pins(part: Part, files: tuple[RemoteFile, ...]) -> None:
    stated = {file.path: file.sha256 for file in files}
    for path, pin in part.pins.items():
        if stated.get(path) != pin:
            raise WeightsTamperedError(
                part.engine,
                f"{part.name} was not fetched: the hub offers {path} with SHA-256 {stated.get(path) or 'unknown'}, "
                f"pinned is {pin}; unset HF_ENDPOINT or report it",
            )


def pull_error(part: Part, source: str, error: Exception) -> WeightsPullError:
    """One sentence for whatever the network did."""
    reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
    return WeightsPullError(
        part.engine, f"{part.name} could not be fetched from {source} ({reason}); run the same command again to go on"
    )
