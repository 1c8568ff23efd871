"""What sets up: the lock is obeyed to the hash, the package is complete, the system's packages are declared."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest

from invoice_connector.cli import build_parser
from tests.conftest import ROOT

PACKAGES = ("ocr_ensemble", "verifier", "analytics", "invoice_connector", "db")
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1"
requires-python = ">=3.11"
dependencies = ["left>=1"]

[project.optional-dependencies]
dev = []

[dependency-groups]
setup = ["uv"]

[tool.uv]
default-groups = []

[[tool.uv.index]]
url = "{index}"
default = true
"""
BACKEND = """
import shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("tiny-1-py3-none-any.whl", folder).rpartition("/")[2]
"""


def make_wheel(folder: Path, name: str, tag: str, files: Mapping[str, bytes]) -> Path:
    """A wheel of the form that PyPI has; ``name`` is ``project-version``."""
    info = f"{name}.dist-info"
    project, version = name.split("-")
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        **files,
    }
    hashes = {each: base64.urlsafe_b64encode(hashlib.sha256(content).digest()) for each, content in files.items()}
    record = [f"{each},sha256={found.decode().rstrip('=')},{len(files[each])}" for each, found in hashes.items()]
    path = folder / f"{name}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for each, content in {**files, f"{info}/RECORD": "\n".join([*record, f"{info}/RECORD,,"]).encode()}.items():
            entry = zipfile.ZipInfo(each)
            entry.external_attr = 0o100755 << 16
            wheel.writestr(entry, content)
    return path


def installed_uv_as_wheel(folder: Path) -> Path:
    uv = distribution("uv")
    tag = re.search(r"^Tag: (.+)$", uv.read_text("WHEEL") or "", re.MULTILINE)
    assert tag is not None
    binary = Path(str(uv.locate_file(next(file for file in uv.files or [] if file.name == "uv")))).read_bytes()
    return make_wheel(folder, f"uv-{uv.version}", tag[1], {f"uv-{uv.version}.data/scripts/uv": binary})


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index on this machine that has ``left`` and uv and nothing else."""
    for name in ("left", "uv"):
        (tmp_path / "simple" / name).mkdir(parents=True)
    left = make_wheel(tmp_path / "simple" / "left", "left-1.0", "py3-none-any", {"left.py": b"SIDE = 'left'\n"})
    for wheel in (left, installed_uv_as_wheel(tmp_path / "simple" / "uv")):
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (wheel.parent / "index.html").write_text(f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>')
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


@pytest.fixture
def project(tmp_path: Path, index: str) -> Path:
    """A project of one dependency with this project's scripts/install and a lock."""
    folder = tmp_path / "project"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "install", folder / "scripts")
    (folder / "pyproject.toml").write_text(PYPROJECT.format(index=index))
    (folder / "backend.py").write_text(BACKEND)
    make_wheel(folder, "tiny-1", "py3-none-any", {"tiny.pth": str(folder).encode()})
    ran = run(folder, index, str(Path(sys.prefix) / "bin" / "uv"), "lock", "--python", sys.executable)
    assert ran.returncode == 0, ran.stderr
    return folder


def run(folder: Path, index: str, *command: str) -> subprocess.CompletedProcess[str]:
    """With this package index, and none of what the machine or the user has set for pip and uv."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "VENV"))}
    environment |= {"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    environment |= {"UV_CACHE_DIR": str(folder.parent / "cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_lock_is_installed_once_and_what_is_not_as_locked_is_refused_by_name(project: Path, index: str) -> None:
    install = str(project / "scripts" / "install")
    ran = run(project, index, install)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stderr.splitlines()) <= 3
    assert run(project, index, str(project / ".venv" / "bin" / "python"), "-c", "import left").returncode == 0
    assert run(project, index, install).stderr == "", "a second time there is nothing to do"

    shutil.rmtree(project / ".venv")
    lock = (project / "uv.lock").read_text()
    [found] = re.findall(r'left-1.0-py3-none-any.whl", hash = "sha256:([0-9a-f]{64})', lock)
    (project / "uv.lock").write_text(lock.replace(found, found[:-1] + ("0" if found[-1] != "0" else "1")))
    ran = run(project, index, install)
    assert ran.returncode != 0
    assert "left" in ran.stderr and "hash" in ran.stderr.casefold()
    assert run(project, index, str(project / ".venv" / "bin" / "python"), "-c", "import left").returncode != 0


@pytest.mark.slow
def test_the_development_container_is_set_up_as_the_commands_do(project: Path, index: str) -> None:
    described = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    for name in ("setup", "system-packages.txt"):
        shutil.copy(ROOT / "scripts" / name, project / "scripts")
    (project / "scripts" / "system-packages.txt").write_text("")
    ran = run(project, index, *shlex.split(described["postCreateCommand"]))
    assert ran.returncode == 0, ran.stderr
    first, _, _ = described["remoteEnv"]["PATH"].partition(":")
    python = Path(first.replace("${containerWorkspaceFolder}", str(project))) / "python"
    assert run(project, index, str(python), "-c", "import left").returncode == 0
    assert described["forwardPorts"] == [build_parser().parse_args(["serve"]).port]


def test_the_lock_names_the_public_index_only() -> None:
    places = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert places == {"pypi.org", "files.pythonhosted.org"}
    assert "resolved" not in (ROOT / "tests" / "parse_server" / "package-lock.json").read_text()


@pytest.mark.slow
def test_the_wheel_has_every_file_and_is_built_without_warnings(tmp_path: Path) -> None:
    source, cached = tmp_path / "source", shutil.ignore_patterns("__pycache__")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=cached)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    code = f"from setuptools import build_meta; build_meta.build_wheel({str(tmp_path)!r})"
    built = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=True)
    assert "Warning" not in built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    ours = {str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()}
    assert packed == {name for name in ours if "__pycache__" not in name}


def test_every_system_package_that_a_message_names_is_declared_with_its_use() -> None:
    lines = (ROOT / "scripts" / "system-packages.txt").read_text().splitlines()
    rows = [line.split(maxsplit=2) for line in lines if not line.startswith("#")]
    assert all(len(row) == 3 and row[0] in ("run", "test", "generator") for row in rows)
    declared = {package for need, package, _ in rows if need != "generator"}
    sources = [
        *(ROOT / "tests").glob("*.py"),
        *(ROOT / "scripts").rglob("*.py"),
        *(ROOT / "ocr_ensemble").rglob("*.py"),
    ]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    commands = re.findall(r"apt-get install ((?:[a-z][a-z0-9-]*[a-z0-9](?![a-z0-9{-]) ?)+)", text)
    named = {word for command in commands for word in command.split()}
    programs = re.findall(r'program\("[^"]+", "([^"]+)"', text)
    assert named and programs
    assert {*named, *programs} <= declared


def test_the_package_declares_all_that_it_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(each for name in ("scale", "s3", "timestamp", "validation") for each in extras[name]),
    ]
    declared = {re.split(r"[^A-Za-z0-9_.-]", each)[0].casefold().replace("_", "-") for each in wanted}
    own = {*PACKAGES, *sys.stdlib_module_names}
    imported: set[str] = set()
    for path in (path for name in PACKAGES for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            imported |= {name.partition(".")[0] for name in names} - own
    packages = packages_distributions()
    missing = {
        name
        for name in imported
        if not {each.casefold().replace("_", "-") for each in packages.get(name, [name])} & declared
    }
    assert missing <= {"pydantic_core"}, "pydantic holds it to the one version that it works with"
