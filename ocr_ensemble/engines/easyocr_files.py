"""Building ``easyocr.Reader`` from verified files, without what it leaves behind in the process."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from ocr_ensemble.engines.device import Device, Kind
from ocr_ensemble.errors import WeightsIncompleteError

NAME = "easyocr"
DETECTOR, RECOGNIZER = "craft_mlt_25k.pth", "latin_g2.pth"
LANGUAGES = ("en", "sv", "de", "fr", "es", "it", "pt")


def official_reader(folder: Path, device: Device) -> Any:
    """With CRAFT's detector and the recogniser for Latin letters."""
    return _reader(folder, device, LANGUAGES, detector=True)


def custom_weights(folder: Path) -> str:
    """The weights' file name of the one custom network in the folder. Raises WeightsIncompleteError."""
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    if len(names) != 1:
        raise WeightsIncompleteError(
            NAME,
            f"{folder} holds neither {DETECTOR} and {RECOGNIZER} nor one custom network (NAME.yaml, NAME.py, "
            "NAME.pth); put either there",
        )
    return f"{names[0]}.pth"


def custom_reader(folder: Path, device: Device) -> tuple[Any, int, str]:
    """The Reader of the one custom network in the folder, its line height in pixels and its weights' file name."""
    import yaml  # type: ignore[import-untyped]

    weights = custom_weights(folder)
    name = Path(weights).stem
    config = yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))
    with _network_module(name, folder / f"{name}.py"):
        reader = _reader(folder, device, config["lang_list"], network=name)
    return reader, int(config["imgH"]), weights


def _reader(
    folder: Path, device: Device, languages: Sequence[str], *, detector: bool = False, network: str = "standard"
) -> Any:
    """Leaves nothing behind: Reader adds to ``sys.path`` and, for a custom network, sets its module's line height."""
    import easyocr
    import easyocr.easyocr as module

    height, path = module.imgH, list(sys.path)
    try:
        with warnings.catch_warnings():
            # Reader quantizes its detector whatever it is told; that changes nothing, as CRAFT has no linear layer.
            warnings.filterwarnings(
                "ignore", message="torch.ao.quantization is deprecated", category=DeprecationWarning
            )
            return easyocr.Reader(
                list(languages),
                gpu=False if device.kind is Kind.CPU else device.name,
                model_storage_directory=str(folder),
                user_network_directory=str(folder),
                recog_network=network,
                download_enabled=False,
                detector=detector,
                verbose=False,
                quantize=False,
            )
    finally:
        module.imgH, sys.path[:] = height, path


class _VerifiedSource(SourceFileLoader):
    """Runs the source that was verified, never a compiled copy beside it, which was not."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


@contextmanager
def _network_module(name: str, source: Path) -> Iterator[None]:
    """While it lasts, ``import name`` gives this module and no other of the same name."""
    if not source.is_file():
        raise WeightsIncompleteError(NAME, f"{source} is missing; put the whole checkpoint there")
    spec = importlib.util.spec_from_file_location(name, source, loader=_VerifiedSource(name, str(source)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
