"""Packages with plug-ins in folders that are to be on the path: the example of the documents, and small ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "plugin"


def install_example(folder: Path) -> Path:
    """The example package, built and installed as a user does it, but for what it depends on."""
    source, target = folder / "source", folder / "installed"
    shutil.copytree(EXAMPLE, source)
    subprocess.run(
        [str(Path(sys.prefix) / "bin" / "uv"), "pip", "install", "--offline", "--no-deps", "--no-build-isolation",
         "--python", sys.executable, "--target", str(target), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    return target


def install(folder: Path, name: str, points: Mapping[str, str], code: str = "", version: str = "1") -> Path:
    """A package of one module. ``points``: ``module:attribute`` by ``group:name``."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = (f"[{group}]\n{point} = {target}\n" for (group, _, point), target in _parts(points))
    (info / "entry_points.txt").write_text("".join(lines))
    return folder


def _parts(points: Mapping[str, str]) -> list[tuple[tuple[str, str, str], str]]:
    return [(name.partition(":"), target) for name, target in points.items()]
