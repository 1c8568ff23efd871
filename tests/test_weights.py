"""The weight store: which folder an engine gets, and what it refuses to hand out."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import pickle
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.errors import (
    EngineUnavailableError,
    WeightsError,
    WeightsIncompleteError,
    WeightsMissingError,
    WeightsTamperedError,
)
from ocr_ensemble.weights import catalogue
from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.catalogue import PROFILES, HubFiles, Part, ZippedFile
from ocr_ensemble.weights.check import Depth
from ocr_ensemble.weights.manifest import FileRecord, Manifest
from ocr_ensemble.weights.pickles import safe_state_dict
from ocr_ensemble.weights.store import (
    PARTIAL,
    Places,
    places_from_environment,
    record,
    resolve,
    standings,
)

WEIGHTS = b"\x07" * 4000
STANDARD = EngineSettings(profile="standard")


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Part:
    part = Part("tiny-trocr", "trocr", "MIT", 4100, HubFiles("own/tiny-trocr", "a" * 40))
    monkeypatch.setitem(PROFILES, "standard", (part,))
    return part


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "models", tmp_path / "mirror", tmp_path / "bundled")


def put(folder: Path, files: dict[str, bytes], revision: str = "a" * 40) -> Path:
    """A checkpoint as a pull leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)
    manifests.write(folder, Manifest(folder.name, "own", revision, "MIT", "2026-11-20", manifests.records(folder)))
    return folder


def hub_files() -> dict[str, bytes]:
    return {"config.json": b"{}", "model.safetensors": WEIGHTS}


def test_the_catalogue_is_in_form() -> None:
    for profile, parts in PROFILES.items():
        assert {part.engine for part in parts} == set(catalogue.ENGINES), profile
        for part in parts:
            assert all(len(pin) == 64 and int(pin, 16) for pin in part.pins.values())
            if isinstance(part.source, HubFiles):
                assert part.source.revision is not None
                assert len(part.source.revision) == 40


def test_easyocr_itself_names_the_same_files() -> None:
    package = importlib.util.find_spec("easyocr")
    assert package is not None
    assert package.origin is not None
    # Its configuration alone: importing the package takes seconds.
    config = runpy.run_path(str(Path(package.origin).with_name("config.py")))
    official = {
        entry["filename"]: entry["url"]
        for entry in (config["detection_models"]["craft"], config["recognition_models"]["gen2"]["latin_g2"])
    }
    source = catalogue.EASYOCR_LATIN.source
    assert isinstance(source, tuple)
    assert {file.name: file.url for file in source} == official


def test_missing_weights_name_the_command(part: Part, places: Places) -> None:
    with pytest.raises(WeightsMissingError, match="`invoice-connector models pull standard`") as caught:
        resolve("trocr", STANDARD, places)
    assert isinstance(caught.value, EngineUnavailableError)
    assert caught.value.engine == "trocr"


def test_missing_compact_weights_and_unknown_profiles(places: Places) -> None:
    with pytest.raises(WeightsMissingError, match="models pull standard"):
        resolve("trocr", EngineSettings(), places)
    with pytest.raises(WeightsMissingError, match="profiles are compact, standard, large"):
        resolve("trocr", EngineSettings(profile="huge"), places)


def test_a_verified_part_is_handed_out(part: Part, places: Places) -> None:
    folder = put(places.folder / part.name, hub_files())
    assert resolve("trocr", STANDARD, places) == folder


def test_the_mirror_serves_what_the_store_lacks(part: Part, places: Places) -> None:
    assert places.mirror is not None
    mirrored = put(places.mirror / part.name, hub_files())
    assert resolve("trocr", STANDARD, places) == mirrored
    own = put(places.folder / part.name, hub_files())
    assert resolve("trocr", STANDARD, places) == own


def test_a_tampered_mirror_is_refused(part: Part, places: Places) -> None:
    assert places.mirror is not None
    mirrored = put(places.mirror / part.name, hub_files())
    (mirrored / "model.safetensors").write_bytes(b"\x08" + WEIGHTS[1:])
    with pytest.raises(WeightsTamperedError):
        resolve("trocr", STANDARD, places)


def test_one_flipped_byte_is_refused_even_after_it_was_right(part: Part, places: Places) -> None:
    folder = put(places.folder / part.name, hub_files())
    resolve("trocr", STANDARD, places)
    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"\x06")
    with pytest.raises(WeightsTamperedError, match=r"model\.safetensors was not loaded.*models pull standard"):
        resolve("trocr", STANDARD, places)


def test_files_are_hashed_once_per_process(part: Part, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    put(places.folder / part.name, hub_files())
    hashed: list[str] = []

    def count(path: Path) -> str:
        hashed.append(path.name)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(manifests, "sha256", count)
    for _ in range(3):
        resolve("trocr", STANDARD, places)
    assert sorted(hashed) == ["config.json", "model.safetensors"]


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda folder: (folder / "config.json").unlink(), WeightsIncompleteError),
        (lambda folder: (folder / "model.safetensors").write_bytes(WEIGHTS[:100]), WeightsIncompleteError),
        (lambda folder: (folder / "model.safetensors").write_bytes(WEIGHTS + b"x"), WeightsTamperedError),
        (lambda folder: (folder / "pytorch_model.bin").write_bytes(b"slipped in"), WeightsTamperedError),
        (lambda folder: (folder / "manifest.json").unlink(), WeightsIncompleteError),
        (lambda folder: (folder / "manifest.json").write_text("[]"), WeightsTamperedError),
        (lambda folder: put(folder, {}, revision="b" * 40), WeightsMissingError),
    ],
    ids=["file gone", "file short", "file long", "file added", "no manifest", "no such manifest", "other revision"],
)
def test_damage_is_a_typed_error(damage: object, error: type[WeightsError], part: Part, places: Places) -> None:
    folder = put(places.folder / part.name, hub_files())
    assert callable(damage)
    damage(folder)
    with pytest.raises(error, match="models pull standard"):
        resolve("trocr", STANDARD, places)


@pytest.mark.parametrize("path", ["../outside.json", "/etc/passwd", "a/../../b", "c:\\x", ""])
def test_a_manifest_cannot_name_files_outside_its_folder(path: str, tmp_path: Path) -> None:
    put(tmp_path, {"config.json": b"{}"})
    data = json.loads((tmp_path / "manifest.json").read_text())
    data["files"] = {path: {"size": 1, "sha256": "0" * 64}}
    (tmp_path / "manifest.json").write_text(json.dumps(data))
    with pytest.raises(ValueError, match="inside its folder"):
        manifests.read(tmp_path)


def test_a_half_download_is_not_loaded(part: Part, places: Places) -> None:
    (places.folder / PARTIAL / part.name).mkdir(parents=True)
    with pytest.raises(WeightsIncompleteError, match=r"half downloaded.*models pull standard"):
        resolve("trocr", STANDARD, places)


def test_a_manifest_cannot_vouch_for_other_weights_than_pinned(
    part: Part, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = replace(part, source=HubFiles("own/tiny-trocr", "a" * 40, {"model.safetensors": "0" * 64}))
    monkeypatch.setitem(PROFILES, "standard", (pinned,))
    put(places.folder / part.name, hub_files())
    with pytest.raises(WeightsTamperedError, match="not the pinned file"):
        resolve("trocr", STANDARD, places)


def test_a_pickle_of_unknown_hash_is_refused(part: Part, places: Places) -> None:
    put(places.folder / part.name, {**hub_files(), "extra.pth": b"whatever"})
    with pytest.raises(WeightsTamperedError, match="SHA-256 is not pinned"):
        resolve("trocr", STANDARD, places)


def test_pinned_pickles_are_accepted(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(b"known").hexdigest()
    source = (ZippedFile("craft.pth", "http://127.0.0.1/craft.zip", 100, 5, digest),)
    monkeypatch.setitem(PROFILES, "standard", (Part("tiny-easyocr", "easyocr", "MIT", 5, source),))
    folder = put(places.folder / "tiny-easyocr", {"craft.pth": b"known"}, revision="")
    assert resolve("easyocr", STANDARD, places) == folder


def test_bundled_checkpoints_are_checked_too(places: Places) -> None:
    folder = places.bundled / "easyocr"
    folder.mkdir(parents=True)
    (folder / "compact.pth").write_bytes(b"the project's own")
    (folder / "README.md").write_text("# Card")
    record(folder, "trained by the project", "Apache-2.0")
    assert resolve("easyocr", EngineSettings(), places) == folder
    (folder / "README.md").write_text("# A better card")
    assert resolve("easyocr", EngineSettings(), places) == folder
    (folder / "compact.pth").write_bytes(b"the project's OWN")
    with pytest.raises(WeightsTamperedError, match="install the package again"):
        resolve("easyocr", EngineSettings(), places)


def test_a_folder_of_ones_own_goes_first(part: Part, places: Places, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "trocr").mkdir(parents=True)
    (own / "trocr" / "model.safetensors").write_bytes(b"mine")
    assert resolve("trocr", EngineSettings(profile="standard", weights=own), places) == own / "trocr"
    with pytest.raises(WeightsMissingError, match="no folder"):
        resolve("trocr", EngineSettings(weights=tmp_path / "mistyped"), places)
    with pytest.raises(WeightsMissingError, match="compact weights"):
        resolve("donut", EngineSettings(weights=own), places)


def test_pickles_of_ones_own_must_be_trusted_once(places: Places, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "easyocr").mkdir(parents=True)
    (own / "easyocr" / "mine.pth").write_bytes(b"mine")
    settings = EngineSettings(weights=own)
    with pytest.raises(WeightsTamperedError, match="models trust"):
        resolve("easyocr", settings, places)
    record(own / "easyocr", "recorded by the user", "-")
    assert resolve("easyocr", settings, places) == own / "easyocr"
    (own / "easyocr" / "mine.pth").write_bytes(b"nime")
    with pytest.raises(WeightsTamperedError):
        resolve("easyocr", settings, places)


class Booby:
    """Runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.write_text, (self.path, "ran"))


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    import torch

    trace = tmp_path / "trace"
    torch.save({"weight": Booby(trace)}, tmp_path / "booby.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Booby(trace), protocol=2))
    for name in ("booby.pth", "plain.pth"):
        with pytest.raises(WeightsTamperedError, match="was not loaded"):
            safe_state_dict("easyocr", tmp_path / name)
    assert not trace.exists()


def test_plain_tensors_are_read(tmp_path: Path) -> None:
    import torch

    torch.save({"weight": torch.ones(2)}, tmp_path / "good.pth")
    assert safe_state_dict("easyocr", tmp_path / "good.pth")["weight"].tolist() == [1, 1]
    torch.save({"weight": torch.ones(2), "epoch": 3}, tmp_path / "more.pth")
    with pytest.raises(WeightsTamperedError, match="more than tensors"):
        safe_state_dict("easyocr", tmp_path / "more.pth")


def test_places_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("INVOICE_CONNECTOR_MODEL_FOLDER", "INVOICE_CONNECTOR_MODEL_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert places_from_environment().folder == tmp_path / "invoice-connector" / "models"
    assert places_from_environment().mirror is None
    monkeypatch.setenv("INVOICE_CONNECTOR_MODEL_FOLDER", str(tmp_path / "a"))
    monkeypatch.setenv("INVOICE_CONNECTOR_MODEL_MIRROR", str(tmp_path / "b"))
    assert places_from_environment().folder == tmp_path / "a"
    assert places_from_environment().mirror == tmp_path / "b"


def test_standings_cover_every_profile(part: Part, places: Places) -> None:
    put(places.folder / part.name, hub_files())
    found = {(standing.profile, standing.engine): standing for standing in standings(places, Depth.AGAIN)}
    assert found["standard", "trocr"].manifest is not None
    assert found["standard", "trocr"].manifest.files["config.json"] == FileRecord(2, hashlib.sha256(b"{}").hexdigest())
    assert isinstance(found["compact", "trocr"].problem, WeightsMissingError)
    assert {profile for profile, _ in found} == {"compact", "standard", "large"}


def test_every_compact_checkpoint_of_the_package_is_there_and_verified() -> None:
    compact = [
        standing
        for standing in standings(places_from_environment(), Depth.AGAIN)
        if standing.profile == catalogue.COMPACT
    ]
    assert {standing.engine for standing in compact} == {"trocr", "easyocr", "donut", "verifier"}
    assert all(standing.manifest is not None for standing in compact)
