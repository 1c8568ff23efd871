"""What other installed packages add: found, used every way, named in the log; and one that is broken harms no other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from audit_samples import sample_job
from installed_plugins import EXAMPLE, install, install_example
from live_server import serving
from pdf_invoices import estonian_invoice, pdf_invoice
from stored_jobs import wait_until

from db.audit import append_job
from db.deliveries import request_delivery
from db.queries import get_job
from invoice_connector.cli import main
from invoice_connector.commands.setting_names import all_settings
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.locales import PLUGIN_VARIABLE
from invoice_connector.provenance import provenance, settings_key
from invoice_connector.settings import ConnectorSettings
from invoice_connector.sinks.dispatch import deliver_due
from invoice_connector.sinks.sender import BackgroundSender
from invoice_connector.storage import open_log
from ocr_ensemble import plugins
from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.engines.registry import create_engine, engine_versions, known_engines
from ocr_ensemble.errors import EngineUnavailableError
from verifier.backends.create import VerifierSettings, create_verifier
from verifier.errors import VerifierSettingsError, VerifierUnavailableError

ROOT = Path(__file__).parents[1]
PACKAGE = "invoice-connector-example 1.0"
CHOSEN = {
    "ocr_ensemble.engines:sparse_text": PACKAGE,
    "verifier.backends:overlap": PACKAGE,
    "invoice_connector.locales:estonian": PACKAGE,
}
BROKEN = """
class Nameless:
    name, version = "somebody_else", "1"
    def read_page(self, page): ...

def fails(*_):
    raise RuntimeError("out of order")

def writes_nothing(job, options):
    raise KeyError("total")
    yield

def nameless(settings):
    return Nameless()

def number(settings):
    return 7
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_example(tmp_path_factory.mktemp("example"))


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Puts a folder on the path, as if its packages had been installed."""

    def put(folder: Path) -> None:
        monkeypatch.syspath_prepend(str(folder))
        plugins.find_plugins.cache_clear()

    yield put
    monkeypatch.undo()
    plugins.find_plugins.cache_clear()


@pytest.fixture
def arve(tmp_path: Path) -> Path:
    return estonian_invoice(tmp_path / "arve.pdf")


def command(example: Path, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with the example installed."""
    path = os.pathsep.join((str(example), str(ROOT)))
    environment = {**os.environ, "PYTHONPATH": path, "INVOICE_CONNECTOR_DATABASE_URL": f"sqlite:///{folder}/audit.db"}
    return subprocess.run(
        [sys.executable, "-m", "invoice_connector", *arguments],
        env={**environment, **more}, cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip


def values(document: dict[str, Any]) -> dict[str, str]:
    return {name: field["value"] for name, field in document["fields"].items()}


def test_by_command(example: Path, arve: Path) -> None:
    folder = arve.parent
    sinks = json.dumps({"lines": {"kind": "json_lines", "path": str(folder / "out.jsonl")}})
    options = ["--engines", "sparse_text", "--verifier", "overlap", "--verify-when", "always", "--deliver", "lines"]
    done = command(
        example, folder, "process", str(arve), "--json", *options,
        INVOICE_CONNECTOR_SINKS=sinks, INVOICE_CONNECTOR_LOCALES="estonian",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["engines_used"] == ["sparse_text"]
    assert document["provenance"]["plugins"] == CHOSEN
    assert (document["verification"]["backend"], document["verification"]["model"]) == ("overlap", "pixels")
    assert values(document)["due_date"] == "2026-11-13"
    [line] = map(json.loads, (folder / "out.jsonl").read_text("utf-8").splitlines())
    assert line["document"]["job_id"] == document["job_id"]
    options = ["--set", "seller_name=Saku Puidukoda", "--set", "currency_code=EUR", "--confirm", "--note", "looked"]
    assert command(example, folder, "review", document["job_id"], *options).returncode == 0
    written = command(example, folder, "export", document["job_id"], "--format", "ledger")
    assert written.stdout == "2026-10-14;20260917;Saku Puidukoda;EUR;1240.00\n", written.stderr
    told = command(example, folder, "doctor").stdout
    for name in ("sparse_text", "overlap", "json_lines", "ledger", "estonian"):
        assert f"ok       plug-in {name} {PACKAGE}" in told


def test_by_python(example: Path, tmp_path: Path, on_path: Callable[[Path], None]) -> None:
    on_path(example)
    settings = ConnectorSettings(
        database_url=f"sqlite:///{tmp_path / 'audit.db'}",
        engines=("sparse_text", "pdf_text"),
        verifier="off",
        sinks={"lines": {"kind": "json_lines", "path": tmp_path / "out.jsonl"}},  # type: ignore[dict-item]
        deliver_to=("lines",),
    )
    connector = InvoiceOCRConnector(settings)
    done = connector.process_invoice_with_ocr(pdf_invoice(tmp_path / "invoice.pdf"))
    assert "sparse_text" in done.outcome.engine_versions
    log = connector.database
    assert [attempt.error for attempt in deliver_due(log, settings.sinks)] == [None]
    request_delivery(log, done.record.id, ("lines",))
    list(deliver_due(log, settings.sinks))
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 1, "what arrived is not written again"
    log.dispose()


def test_over_http(example: Path, arve: Path, on_path: Callable[[Path], None]) -> None:
    on_path(example)
    settings = ConnectorSettings(
        database_url=f"sqlite:///{arve.parent / 'audit.db'}",
        engines=("sparse_text",),
        verifier="off",
        sinks={"lines": {"kind": "json_lines", "path": arve.parent / "out.jsonl"}},  # type: ignore[dict-item]
        deliver_to=("lines",),
    )
    with serving(settings) as base, arve.open("rb") as file:
        answer = httpx.post(f"{base}/invoices", files={"file": file}, timeout=600)
        document = answer.json()
        assert document["engines_used"] == ["sparse_text"]
        assert document["provenance"]["plugins"] == {"ocr_ensemble.engines:sparse_text": PACKAGE}
        assert httpx.get(f"{base}/invoices/{document['job_id']}").json() == document
    log = open_log(settings)
    with BackgroundSender(lambda: log, settings.sinks):
        wait_until((arve.parent / "out.jsonl").exists)
    assert json.loads((arve.parent / "out.jsonl").read_text("utf-8"))["document"] == document
    log.dispose()


def test_a_locale_is_used_where_it_is_named_and_only_there(example: Path, arve: Path) -> None:
    found = []
    for named in ("", "estonian"):
        options = ("--engines", "pdf_text", "--verifier", "off", "--json")
        done = command(example, arve.parent, "process", str(arve), *options, INVOICE_CONNECTOR_LOCALES=named)
        found.append(json.loads(done.stdout))
    without, with_words = found
    assert "due_date" in values(with_words) and values(with_words)["seller_name"] == "Saku Puidukoda OÜ"
    assert len(values(without)) < len(values(with_words))
    assert "plugins" not in without["provenance"]
    assert "locales of estonian" in with_words["provenance"]["parts"]


def test_a_new_version_of_a_plug_in_reads_again(tmp_path: Path, on_path: Callable[[Path], None]) -> None:
    settings = ConnectorSettings(database_url="sqlite://", engines=("mine", "pdf_text"))
    keys = set()
    for version in ("1", "2"):
        on_path(install(tmp_path / version, "mine", {"ocr_ensemble.engines:mine": "mine:create"}, version=version))
        assert provenance(settings, {}, None)["plugins"] == {"ocr_ensemble.engines:mine": f"mine {version}"}
        keys.add(settings_key(settings, None))
    assert len(keys) == 2


def test_nothing_is_looked_up_where_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(**_: str) -> None:
        raise AssertionError("other packages were looked at")

    plugins.find_plugins.cache_clear()
    monkeypatch.setattr(plugins, "entry_points", looked)
    log = f"sqlite:///{tmp_path / 'audit.db'}"
    assert main(["process", str(pdf_invoice(tmp_path / "invoice.pdf")), "--db", log]) == 0


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere:create", "ModuleNotFoundError"),
        ("broken:missing", "AttributeError"),
        ("broken:fails", "out of order"),
        ("broken:nameless", "no engine of that name"),
        ("broken:number", "no engine of that name"),
    ],
)
def test_a_broken_engine_is_one_sentence_and_the_others_read(
    target: str, reason: str, tmp_path: Path, on_path: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    on_path(install(tmp_path / "packages", "broken", {"ocr_ensemble.engines:bad": target}, BROKEN))
    with pytest.raises(EngineUnavailableError, match=reason):
        create_engine("bad", EngineSettings())
    looked = engine_versions(("bad", "pdf_text"), EngineSettings(), deep=False)
    assert isinstance(looked["bad"], EngineUnavailableError) and looked["pdf_text"] == "1"
    path, log = str(pdf_invoice(tmp_path / "invoice.pdf")), f"sqlite:///{tmp_path / 'audit.db'}"
    main(["process", path, "--engines", "bad,pdf_text", "--verifier", "off", "--json", "--db", log])
    document = json.loads(capsys.readouterr().out)
    assert document["engines_used"] == ["pdf_text"]
    assert any(part["part"] == "engine bad" and reason in part["reason"] for part in document["not_read"])


def test_a_built_in_name_is_not_taken(
    tmp_path: Path, on_path: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    points = {"ocr_ensemble.engines:pdf_text": "taker:create", "invoice_connector.exports:csv": "taker:create"}
    on_path(install(tmp_path / "packages", "taker", points))
    assert known_engines().count("pdf_text") == 1
    assert type(create_engine("pdf_text", EngineSettings())).__module__ == "ocr_ensemble.engines.pdf_text"
    main(["doctor", "--db", f"sqlite:///{tmp_path / 'audit.db'}"])
    told = capsys.readouterr().out
    for name, group in (("pdf_text", "ocr_ensemble.engines"), ("csv", "invoice_connector.exports")):
        assert f"taker 1 gives '{name}' in {group}, which is built in and stays" in told


def test_of_a_name_given_twice_neither_is_used(tmp_path: Path, on_path: Callable[[Path], None]) -> None:
    for name in ("one", "two"):
        install(tmp_path, name, {"ocr_ensemble.engines:same": f"{name}:create", "verifier.backends:same": name})
    on_path(tmp_path)
    with pytest.raises(EngineUnavailableError, match="both give 'same'"):
        create_engine("same", EngineSettings())
    with pytest.raises(VerifierSettingsError, match="both give 'same'"):
        create_verifier(VerifierSettings("same"))
    assert main(["process", "x.pdf", "--verifier", "same", "--db", f"sqlite:///{tmp_path / 'audit.db'}"]) == 2


def test_a_broken_verifier_is_unavailable(tmp_path: Path, on_path: Callable[[Path], None]) -> None:
    on_path(install(tmp_path, "broken", {"verifier.backends:bad": "broken:fails"}, BROKEN))
    with pytest.raises(VerifierUnavailableError, match="out of order"):
        create_verifier(VerifierSettings("bad"))


SINK = """
from pydantic import SecretStr
from invoice_connector import PluginSink

class Failing(PluginSink):
    kind: str
    token: SecretStr = SecretStr("hidden-token")
    def deliver(self, document, source, identifier):
        raise RuntimeError("out of order")
"""


def test_a_sink_that_fails_is_tried_again_later(tmp_path: Path, on_path: Callable[[Path], None]) -> None:
    on_path(install(tmp_path / "packages", "failing", {"invoice_connector.sinks:bad": "failing:Failing"}, SINK))
    settings = ConnectorSettings(
        database_url=f"sqlite:///{tmp_path / 'audit.db'}",
        sinks={"bad": {"kind": "bad"}, "good": {"kind": "folder", "path": tmp_path / "out"}},  # type: ignore[dict-item]
    )
    assert "hidden-token" not in str(list(all_settings(settings)))
    log = open_log(settings)
    append_job(log, record := sample_job())
    request_delivery(log, record.id, ("bad", "good"))
    attempts = {attempt.sink: attempt for attempt in deliver_due(log, settings.sinks)}
    assert "out of order" in str(attempts["bad"].error) and attempts["bad"].again_at is not None
    assert attempts["good"].error is None
    log.dispose()


@pytest.mark.parametrize(
    ("sink", "reason"),
    [
        ({"kind": "nobody"}, "there is no kind of sink 'nobody'; known are folder, parse, webhook, number"),
        ({"kind": "number"}, "is no PluginSink"),
        ({"kind": "folder"}, "path"),
    ],
)
def test_a_wrong_sink_is_a_wrong_setting(
    sink: dict[str, str], reason: str, tmp_path: Path, on_path: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    on_path(install(tmp_path, "broken", {"invoice_connector.sinks:number": "broken:number"}, BROKEN))
    monkeypatch.setenv("INVOICE_CONNECTOR_SINKS", json.dumps({"one": sink}))
    assert main(["process", "x.pdf", "--db", f"sqlite:///{tmp_path / 'audit.db'}"]) == 2
    assert reason in capsys.readouterr().err


def test_a_broken_format_fails_its_jobs_with_a_sentence(
    tmp_path: Path, on_path: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    points = {"invoice_connector.exports:bad": "broken:writes_nothing", "invoice_connector.exports:gone": "nowhere:x"}
    on_path(install(tmp_path / "packages", "broken", points, BROKEN))
    settings = ConnectorSettings(database_url=f"sqlite:///{tmp_path / 'audit.db'}")
    log = open_log(settings)
    append_job(log, record := sample_job())
    assert get_job(log, record.id)
    log.dispose()
    for name, code, reason in (("bad", 1, "KeyError"), ("gone", 3, "cannot be loaded"), ("none", 2, "known are json")):
        assert main(["export", record.id, "--format", name, "--db", settings.database_url]) == code
        assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "content", "reason"),
    [
        ("nobody", "", "which no installed package gives; known are words"),
        ("words", "[labels]\nseller = 7\n", "xx.toml is no list of phrases"),
    ],
)
def test_a_wrong_locale_is_a_wrong_setting(named: str, content: str, reason: str, tmp_path: Path) -> None:
    install(tmp_path, "worded", {"invoice_connector.locales:words": "words"})
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "__init__.py").touch()
    (tmp_path / "words" / "xx.toml").write_text(content)
    done = command(tmp_path, tmp_path, "process", "x.pdf", **{PLUGIN_VARIABLE: named})
    assert done.returncode == 2
    assert reason in done.stderr and "Traceback" not in done.stderr


def test_the_listings_of_the_guide_are_parts_of_the_example() -> None:
    guide = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    sources = "\n".join(path.read_text("utf-8") for path in (EXAMPLE / "src").rglob("*.py"))
    lines = {line.strip() for line in f"{sources}\n{(EXAMPLE / 'pyproject.toml').read_text('utf-8')}".splitlines()}
    listings = re.findall(r"```(?:python|toml)\n(.*?)```", guide, re.DOTALL)
    assert len(listings) >= 9
    for line in "\n".join(listings).splitlines():
        assert line.strip().removesuffix(" ...") in {"", "...", *lines}, line
