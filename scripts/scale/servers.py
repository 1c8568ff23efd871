"""Redis and PostgreSQL of the system's packages, each in a folder of its own, for tests and measurements."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


class ProgramMissingError(Exception):
    """The system's package is not installed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, package: str, *folders: str) -> str:
    """The program's path. Raises ProgramMissingError."""
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *folders)))
    if found is None:
        raise ProgramMissingError(f"{name} is not installed here; `apt-get install {package}` brings it")
    return found


@dataclass
class Redis:
    """A Redis that keeps what it was told over restarts."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        server = program("redis-server", "redis-server", "/usr/sbin", "/usr/local/bin")
        self.folder.mkdir(parents=True, exist_ok=True)
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        command = [server, *options, "--appendonly", "yes", "--appendfsync", "always"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_open(self.port)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def redis_server(folder: Path) -> Iterator[Redis]:
    server = Redis(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Postgres:
    """A PostgreSQL cluster with one database, ``log``."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"postgresql+pg8000://postgres@127.0.0.1:{self.port}/log"

    def start(self) -> None:
        self._control("start", "-w", "-o", f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1")

    def kill(self) -> None:
        """Like a power cut: nothing is written any more."""
        with suppress(subprocess.CalledProcessError):
            self._control("stop", "-m", "immediate")

    def create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            self.folder.parent.chmod(0o755)
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8")
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "log")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "server.log"), *arguments)

    def _run(self, name: str, *arguments: str) -> None:
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        command = [program(name, "postgresql", *map(str, versions)), *arguments]
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


@contextmanager
def postgres_server(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder)
    server.create()
    try:
        yield server
    finally:
        server.kill()


def wait_until_open(port: int, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers on port {port}")
