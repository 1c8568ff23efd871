"""`models pull` against a real server on this machine, with the faults that networks and strangers have."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hub_server import REVISION, Hub, running

from invoice_connector.cli import main
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.errors import (
    WeightsIncompleteError,
    WeightsMissingError,
    WeightsPullError,
    WeightsTamperedError,
)
from ocr_ensemble.weights import manifest as manifests
from ocr_ensemble.weights.catalogue import PROFILES, HubFiles, Part, ZippedFile
from ocr_ensemble.weights.plan import plan
from ocr_ensemble.weights.pull import pull
from ocr_ensemble.weights.store import Places, places_from_environment, resolve

CONFIG = b'{"model_type": "tiny"}'
WEIGHTS = bytes(range(256)) * 400
REPOSITORY = "own/tiny-trocr"
FILES = {
    ".gitattributes": b"*.bin lfs",
    "README.md": b"# Card",
    "config.json": CONFIG,
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"not wanted where there are safetensors",
    "onnx/model.onnx": b"not wanted",
}
STANDARD = EngineSettings(profile="standard")
TROCR = Part("tiny-trocr", "trocr", "MIT", 102_500, HubFiles(REPOSITORY, REVISION))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("INVOICE_CONNECTOR_MODEL_FOLDER", str(tmp_path / "models"))
    monkeypatch.delenv("INVOICE_CONNECTOR_MODEL_MIRROR", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    # The client writes what arrived in blocks of 10 MB; the files here are smaller than one.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1024)
    monkeypatch.setitem(PROFILES, "standard", (TROCR,))
    monkeypatch.setitem(PROFILES, "large", (TROCR,))
    with running(Hub(files={REPOSITORY: dict(FILES)})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


def fetch(part: Part = TROCR) -> Path:
    return pull(plan(part), places_from_environment(), lambda _: None)


def test_a_pulled_part_is_verified_and_holds_only_what_is_wanted(hub: Hub) -> None:
    folder = fetch()
    assert resolve("trocr", STANDARD) == folder
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "manifest.json", "model.safetensors"]
    manifest = manifests.read(folder)
    assert manifest.revision == REVISION
    assert manifest.files["model.safetensors"].sha256 == hashlib.sha256(WEIGHTS).hexdigest()


def test_a_transfer_that_breaks_off_is_gone_on_with_at_once(hub: Hub) -> None:
    hub.break_off = {"model.safetensors"}
    fetch()
    assert resolve("trocr", STANDARD)
    assert hub.ranges("model.safetensors") == ["", f"bytes={len(WEIGHTS) // 2}-"]


def test_a_pull_that_was_stopped_is_gone_on_with_later(hub: Hub) -> None:
    hub.break_off, hub.down_after_break = {"model.safetensors"}, True
    with pytest.raises(WeightsPullError, match="run the same command again"):
        fetch()
    with pytest.raises(WeightsIncompleteError, match="half downloaded"):
        resolve("trocr", STANDARD)
    assert not (places_from_environment().folder / TROCR.name).exists()
    hub.down = False
    hub.requests.clear()
    fetch()
    assert hub.ranges("model.safetensors") == [f"bytes={len(WEIGHTS) // 2}-"]
    assert hub.ranges("config.json") == []
    assert (resolve("trocr", STANDARD) / "model.safetensors").read_bytes() == WEIGHTS


def test_what_an_earlier_pull_left_is_verified_again(hub: Hub) -> None:
    hub.break_off, hub.down_after_break = {"model.safetensors"}, True
    with pytest.raises(WeightsPullError):
        fetch()
    hub.down = False
    (unfinished,) = places_from_environment().folder.rglob("*.unfinished")
    unfinished.write_bytes(b"\0" * unfinished.stat().st_size)
    with pytest.raises(WeightsTamperedError, match="was deleted"):
        fetch()
    fetch()
    assert resolve("trocr", STANDARD)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_wrong_hash_is_refused(name: str, hub: Hub) -> None:
    hub.served = {name: bytes(reversed(FILES[name]))}
    with pytest.raises(WeightsTamperedError, match=f"{name} of tiny-trocr was deleted"):
        fetch()
    assert not list(places_from_environment().folder.rglob(name))
    with pytest.raises(WeightsIncompleteError):
        resolve("trocr", STANDARD)


def test_another_file_than_pinned_is_not_even_fetched(hub: Hub) -> None:
    part = replace(TROCR, source=HubFiles(REPOSITORY, REVISION, {"model.safetensors": "0" * 64}))
    with pytest.raises(WeightsTamperedError, match="pinned is 0000"):
        fetch(part)
    assert hub.ranges("model.safetensors") == []


def test_another_commit_than_pinned_is_refused(hub: Hub) -> None:
    with pytest.raises(WeightsTamperedError, match="pinned is bbbb"):
        fetch(replace(TROCR, source=HubFiles(REPOSITORY, "b" * 40)))


def test_an_unknown_repository_and_a_dead_hub_are_one_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsPullError, match="could not be fetched"):
        fetch(replace(TROCR, source=HubFiles("own/none", REVISION)))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WeightsPullError) as caught:
        fetch()
    assert "\n" not in str(caught.value)


def test_offline_makes_no_request(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsPullError, match="HF_HUB_OFFLINE is set"):
        fetch()
    assert main(["models", "pull", "standard", "--yes"]) == 1
    with pytest.raises(WeightsMissingError):
        resolve("trocr", STANDARD)
    assert hub.requests == []


def test_resolve_and_list_make_no_request(hub: Hub) -> None:
    with pytest.raises(WeightsMissingError):
        resolve("trocr", STANDARD)
    assert main(["models", "list"]) == 0
    assert main(["models", "verify"]) == 0
    assert hub.requests == []


def test_what_the_mirror_has_is_not_fetched(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    mirrored = fetch().rename(tmp_path / "mirror" / TROCR.name)
    monkeypatch.setenv("INVOICE_CONNECTOR_MODEL_MIRROR", str(tmp_path / "mirror"))
    hub.requests.clear()
    assert main(["models", "pull", "standard"]) == 0
    assert resolve("trocr", STANDARD) == mirrored
    assert hub.requests == []


def test_a_hub_pickle_is_stored_as_safetensors(hub: Hub, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    shared = torch.arange(6.0)
    torch.save({"a": shared, "tied": shared}, tmp_path / "weights.bin")
    hub.files[REPOSITORY] = {"config.json": CONFIG, "pytorch_model.bin": (tmp_path / "weights.bin").read_bytes()}
    folder = fetch()
    assert not (folder / "pytorch_model.bin").exists()
    assert load_file(folder / "model.safetensors")["tied"].tolist() == shared.tolist()
    assert resolve("trocr", STANDARD) == folder


def test_a_hub_pickle_that_would_run_code_never_arrives(hub: Hub) -> None:
    hub.files[REPOSITORY] = {"config.json": CONFIG, "pytorch_model.bin": b"cos\nsystem\n(S'true'\ntR."}
    with pytest.raises(WeightsTamperedError, match="would run code"):
        fetch()
    with pytest.raises(WeightsIncompleteError):
        resolve("trocr", STANDARD)


@dataclass(frozen=True)
class Archive:
    part: Part
    content: bytes


@pytest.fixture
def archive(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """EasyOCR's way: one file in a ZIP somewhere else."""
    content = bytes(range(256)) * 40
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("latin.pth", content)
    hub.archives["/release/latin.zip"] = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    zipped = ZippedFile("latin.pth", f"{hub.url}/release/latin.zip", len(buffer.getvalue()), len(content), digest)
    part = Part("tiny-easyocr", "easyocr", "Apache-2.0", len(content), (zipped,))
    monkeypatch.setitem(PROFILES, "standard", (part,))
    return Archive(part, content)


def test_an_archive_is_fetched_unpacked_and_checked(hub: Hub, archive: Archive) -> None:
    hub.break_off = {"latin.zip"}
    folder = fetch(archive.part)
    assert (folder / "latin.pth").read_bytes() == archive.content
    assert sorted(path.name for path in folder.iterdir()) == ["latin.pth", "manifest.json"]
    assert resolve("easyocr", STANDARD) == folder


def test_an_archive_with_another_file_is_refused(hub: Hub, archive: Archive) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("latin.pth", bytes(reversed(archive.content)))
    content = buffer.getvalue()
    hub.archives["/release/latin.zip"] = content
    (zipped,) = archive.part.source
    assert isinstance(zipped, ZippedFile)
    part = replace(archive.part, source=(replace(zipped, archive_bytes=len(content)),))
    with pytest.raises(WeightsTamperedError, match="was deleted"):
        fetch(part)
    hub.archives["/release/latin.zip"] = b"\0" * len(content)
    with pytest.raises(WeightsTamperedError, match="is not the archive"):
        fetch(part)


def test_the_command_shows_sizes_pulls_lists_and_verifies(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "standard", "--yes"]) == 0
    told = capsys.readouterr().err
    assert f"tiny-trocr: 102.4 kB, MIT, from {REPOSITORY} at {REVISION[:12]}" in told
    assert "tiny-trocr: verified" in told
    assert main(["models", "pull", "standard"]) == 0, "there is nothing left to ask"
    capsys.readouterr()
    assert main(["models", "list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    row = next(row for row in rows if row["profile"] == "standard")
    assert (row["part"], row["licence"], row["problem"]) == ("tiny-trocr", "MIT", None)
    assert row["verified"] is not None
    assert row["size"] == len(WEIGHTS) + len(CONFIG)
    assert main(["models", "list"]) == 0
    assert str(places_from_environment().folder / "tiny-trocr") in capsys.readouterr().out
    assert main(["models", "verify"]) == 0
    assert "tiny-trocr: 2 files, as recorded" in capsys.readouterr().out


def test_verify_reports_a_flipped_byte(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    weights = fetch() / "model.safetensors"
    weights.write_bytes(WEIGHTS[:-1] + b"\0")
    assert main(["models", "verify"]) == 1
    assert "model.safetensors was not loaded" in capsys.readouterr().out
    assert main(["models", "pull", "standard", "--yes"]) == 0
    assert main(["models", "verify"]) == 0


def test_without_a_terminal_it_asks_for_yes(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "standard"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert hub.ranges("model.safetensors") == []


def test_a_person_is_asked(hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, code in (("n\n", 1), ("y\n", 0)):
        answers = io.StringIO(answer)
        monkeypatch.setattr(answers, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdin", answers)
        assert main(["models", "pull", "standard"]) == code
    assert "fetch 102.4 kB into" in capsys.readouterr().err


def test_profiles_and_engines_are_checked(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "compact"]) == 2
    assert "lies in the package" in capsys.readouterr().err
    assert main(["models", "pull", "standard", "--engines", "donut"]) == 2
    assert main(["models", "pull", "standard", "--engines", "trocr", "--yes"]) == 0


def test_trust_records_pickles_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    (own / "easyocr").mkdir(parents=True)
    (own / "easyocr" / "mine.pth").write_bytes(b"mine")
    assert main(["models", "trust", str(own)]) == 2
    assert hashlib.sha256(b"mine").hexdigest() in capsys.readouterr().err
    assert main(["models", "trust", str(own), "--yes"]) == 0
    assert resolve("easyocr", EngineSettings(weights=own), Places(tmp_path)) == own / "easyocr"
    assert main(["models", "trust", str(tmp_path)]) == 2
