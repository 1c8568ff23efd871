"""The commands of the documents: found in their code blocks, and run as a reader would type them.

Blocks of the languages ``sh`` and ``console`` are run, those of a page one after the other in one shell. A comment
before a block says otherwise: ``<!-- not run: WHY -->``, or ``<!-- runs until stopped -->`` for what is left running
beside the rest. Python that begins with its imports is whole, and is run as well.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mail_samples import mail
from pdf_invoices import estonian_invoice

from scripts.scale.servers import free_port, program

ROOT = Path(__file__).parents[1]
SHELL = ("sh", "console")
PAGES = tuple(
    sorted(
        path.relative_to(ROOT)
        for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"))
    )
)
_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^\n]*?) -->\n)?^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
_PORTS = ("8002", "9002")  # of the server and of the example's receiver, as the documents have them
_SECONDS = 600
_PROJECT = (
    ".mkdocs.yml", "CONTRIBUTING.md", "README.md", "analytics", "db", "deploy", "docs", "invoice_connector",
    "ocr_ensemble", "pyproject.toml", "tests", "verifier",
)  # fmt: skip
# What scripts/run does once everything is set up; the setting up itself is what scripts/fresh runs.
_RUN = '#!/bin/sh\n[ $# -gt 0 ] || set -- demo\nexec invoice-connector "$@"\n'


@dataclass(frozen=True)
class Block:
    """``mark``: what the comment before it says, empty where there is none."""

    language: str
    text: str
    mark: str

    @property
    def is_run(self) -> bool:
        whole = self.language == "python" and self.text.startswith(("import ", "from "))
        return (self.language in SHELL or whole) and not self.mark.startswith("not run: ")

    @property
    def commands(self) -> str:
        """Of a ``console`` block what is typed, without prompts and answers."""
        if self.language == "python":
            return f"python - <<'END_OF_PYTHON'\n{self.text}END_OF_PYTHON\n"
        if self.language != "console":
            return self.text
        typed = re.findall(r"^ *\$ (.*(?:\\\n.*)*)$", self.text, re.MULTILINE)
        return "\n".join(typed) + "\n"


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page (its path from the root)."""
    for found in _BLOCK.finditer((ROOT / page).read_text("utf-8")):
        text = re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        yield Block(found["language"], text, found["mark"] or "")


def script(page: Path, ports: Mapping[str, int]) -> str:
    """All that is run of a page, as one script for bash; empty where nothing is."""
    parts = [_part(block, ports) for block in blocks(page) if block.is_run]
    return "set -euo pipefail\n" + "".join(parts) if any(parts) else ""


def _part(block: Block, ports: Mapping[str, int]) -> str:
    text = block.commands.replace("invoice-connector serve", "invoice-connector serve --port 8002")
    for shown, port in ports.items():
        text = re.sub(rf"\b{shown}\b", str(port), text)
    if block.mark != "runs until stopped":
        return text
    used = [str(port) for port in ports.values() if str(port) in text]
    waits = "".join(
        f"for _ in $(seq 600); do (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 0.1; done\n"
        for port in used
    )
    return f"(\n{text}) &\n{waits}"


def run(page: Path, folder: Path, *on_path: Path) -> subprocess.CompletedProcess[str]:
    """Runs the page's commands in a folder that looks like the project's, with a home of its own."""
    for name in ("curl", "jq", "sqlite3"):
        program(name, name)
    _prepare(folder)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join(map(str, (*on_path, ROOT))),
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }
    text = script(page, {shown: free_port() for shown in _PORTS})
    out, err = folder / "out.txt", folder / "err.txt"  # files: a pipe stays open while something runs beside the rest
    with out.open("w") as told, err.open("w") as wrong:
        process = subprocess.Popen(
            ["bash", "-c", text], cwd=folder, env=environment, start_new_session=True, stdout=told, stderr=wrong
        )
        try:
            code = process.wait(_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # what ran beside the rest; the group is of this page alone
    return subprocess.CompletedProcess(text, code, out.read_text(), err.read_text())


def _prepare(folder: Path) -> None:
    for name in _PROJECT:
        (folder / name).symlink_to(ROOT / name)
    (folder / "home").mkdir()
    (folder / "scripts").mkdir()
    for path in (path for path in (ROOT / "scripts").iterdir() if path.name != "run"):
        (folder / "scripts" / path.name).symlink_to(path)
    (folder / "scripts" / "run").write_text(_RUN)
    (folder / "scripts" / "run").chmod(0o755)
    shutil.copy(ROOT / "invoice_connector" / "samples" / "faktura.pdf", folder)
    estonian_invoice(folder / "arve.pdf")
    (folder / "post.eml").write_bytes(mail({"faktura.pdf": (folder / "faktura.pdf").read_bytes()}).as_bytes())
