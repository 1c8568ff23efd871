"""Master data in the log: versions, the chain, removal without a trace, imports, and several writers at once."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from audit_samples import fresh_log, sample_job
from openpyxl import Workbook
from sqlalchemy import text, update

from db.audit import append_job
from db.database import open_database
from db.errors import AppendOnlyError, RecordNotFoundError
from db.log_reader import export
from db.master_tables import MASTER
from db.reviews import ReviewRequest
from db.transactions import writing
from db.verification import verify, verify_export
from invoice_connector.review.storing import store_review
from invoice_connector.suppliers.files import read_records, written
from invoice_connector.suppliers.master import Company, MasterDataError, Record, Supplier, to_json
from invoice_connector.suppliers.store import create, get, history, listed, put, remove

ALMA = Supplier("A1", ("Älma Städ AB", "Alma"), ("SE559987456601",), accounts=("5050-1055",), currency="SEK")
BO = Supplier("B2", ("Bo Bygg KB",), payment_terms="30 dagar")


def test_a_change_is_a_version_and_an_event() -> None:
    engine = fresh_log()
    assert put(engine, [ALMA, BO]) == 2
    assert put(engine, [ALMA, BO]) == 0
    assert put(engine, [replace(ALMA, accounts=("991-2346",)), BO]) == 1
    assert get(engine, Supplier, "A1").accounts == ("991-2346",)
    assert [version.sequence for version in history(engine, Supplier, "A1")] == [1, 2]
    assert listed(engine, Supplier) == [replace(ALMA, accounts=("991-2346",)), BO]
    report = verify(engine)
    assert (report.intact, report.events) == (True, 2)


def test_what_is_removed_leaves_no_bytes_and_the_chain_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    engine = open_database(url)
    put(engine, [ALMA, BO])
    put(engine, [replace(ALMA, names=("Älma Städ i Väst AB",))])
    assert remove(engine, Supplier, ["A1"]) == 1
    assert verify(engine).intact
    engine.dispose()
    stored = (tmp_path / "audit.db").read_bytes()
    for trace in ("Älma", "alma", "5050-1055", "50501055", "559987", "Väst"):
        assert trace.encode() not in stored
    assert b"Bo Bygg" in stored
    with pytest.raises(RecordNotFoundError, match="A1"):
        get(open_database(url), Supplier, "A1")
    assert put(open_database(url), [ALMA]) == 1  # it may come again


def test_a_change_past_the_log_shows() -> None:
    engine = fresh_log()
    put(engine, [ALMA])
    with pytest.raises(AppendOnlyError), writing(engine) as connection:
        connection.execute(update(MASTER).values(data={"id": "A1", "names": ["Mallory AB"]}))
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER master_records_no_update"))
        connection.execute(text("UPDATE master_records SET data = replace(data, '5050-1055', '123-4567')"))
    assert [problem.kind for problem in verify(engine).problems] == ["content_altered"]


def test_an_emptied_or_inserted_record_shows() -> None:
    engine = fresh_log()
    put(engine, [ALMA])
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER master_records_no_update"))
        connection.execute(text("UPDATE master_records SET data = NULL, salt = ''"))
        connection.execute(
            text("INSERT INTO master_records VALUES ('supplier', '*', 'M', 9, 'salt', '{}', 'sha256:0')")
        )
    assert {problem.kind for problem in verify(engine).problems} == {"record_emptied", "record_without_event"}


def test_an_export_of_the_log_can_be_checked_elsewhere(tmp_path: Path) -> None:
    engine = fresh_log()
    put(engine, [ALMA, BO])
    remove(engine, Supplier, ["B2"])
    append_job(engine, sample_job(1))
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(export(engine)), "utf-8")
    assert verify_export(path).intact
    path.write_text(path.read_text("utf-8").replace("5050-1055", "123-4567"), "utf-8")
    assert not verify_export(path).intact


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_files_come_in_and_go_out(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"list.{kind}"
    records: list[Record] = [ALMA, BO]
    if kind == "xlsx":
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append(["Supplier number", "Name", "Alias", "VAT number", "Bankgiro", "Currency", "Terms", "Colour"])
        sheet.append(["A1", "Älma Städ AB", "Alma", "SE559987456601", "5050-1055", "SEK", None, "red"])
        sheet.append(["B2", "Bo Bygg KB", None, None, None, None, "30 dagar", None])
        book.save(path)
    else:
        path.write_bytes(written(records, kind))
    assert read_records(Supplier, path) == records


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_what_goes_out_comes_in_again_with_its_zeros_signs_and_lines(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"list.{kind}"
    suppliers = [Supplier("0042", ("=1+1 AB", "+Plus"), accounts=("0012-3", "9"), currency="EUR"), ALMA]
    path.write_bytes(written(suppliers, kind))
    assert read_records(Supplier, path) == suppliers
    companies = [Company("own", ("Käufer AG",), addresses=("Weg 1; Hof\n10115 Berlin", "Allee 2"))]
    path.write_bytes(written(companies, kind))
    assert read_records(Company, path) == companies


def test_a_csv_of_windows_with_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("id;name;iban\n7;Åkeri Öst;NL41RABO0587789441|5050-1055\n".encode("cp1252"))
    (record,) = read_records(Supplier, path)
    assert (record.name, record.accounts) == ("Åkeri Öst", ("NL41RABO0587789441", "5050-1055"))


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.txt", "x", "csv"),
        ("a.csv", "colour\nred\n", "columns"),
        ("a.csv", "id,name\n1,A\n1,B\n", "row 3"),
        ("a.csv", "id,name\n1,\n", "no name"),
        ("a.json", "[1]", "row 1"),
        ("a.json", "{", "JSON"),
        ("a.xlsx", "no workbook", "workbook"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path: Path, name: str, content: str, word: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(MasterDataError, match=word):
        read_records(Supplier, path)


def test_a_supplier_is_made_of_an_approved_job_once() -> None:
    engine = fresh_log()
    job = sample_job(1, customer_id=None)
    append_job(engine, job)
    with pytest.raises(MasterDataError, match="not approved"):
        create(engine, job.id)
    named = {"seller_name": "Nordisk Kontorsmiljö AB"}
    store_review(engine, ReviewRequest(job.id, named, note="so it is printed"), confirmed=True)
    supplier = create(engine, job.id, "4711")
    assert (supplier.id, supplier.name) == ("4711", "Nordisk Kontorsmiljö AB")
    with pytest.raises(MasterDataError, match="already"):
        create(engine, job.id, "4711")


def _write(url: str, number: int) -> None:
    engine = open_database(url)
    for place in range(10):
        put(
            engine,
            [Supplier(f"{number}-{place}", (f"Firma {number} {place}",)), Supplier("same", (f"Firma {number}",))],
        )
    engine.dispose()


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    open_database(url).dispose()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(url, number)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    engine = open_database(url)
    assert len(listed(engine, Supplier)) == 21
    assert verify(engine).intact


def run(*arguments: str, db: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "invoice_connector", *arguments, "--db", db]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_commands(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'audit.db'}"
    path = tmp_path / "companies.json"
    path.write_text(json.dumps([to_json(Company("own", ("Käufer AG",)))]), "utf-8")
    assert run("companies", "import", str(path), db=db).stdout == "1 companies read, 1 new or changed\n"
    assert "Käufer AG" in run("companies", "list", db=db).stdout
    path = tmp_path / "suppliers.csv"
    path.write_bytes(written([ALMA, BO], "csv"))
    assert run("suppliers", "import", str(path), "--customer-id", "acme", db=db).returncode == 0
    shown = json.loads(run("suppliers", "show", "A1", "--customer-id", "acme", db=db).stdout)
    assert (shown["names"][0], shown["customer_id"], len(shown["events"])) == ("Älma Städ AB", "acme", 1)
    assert run("suppliers", "export", db=db).stdout.count("\n") == 3
    book = tmp_path / "out.xlsx"
    assert run("suppliers", "export", "--format", "xlsx", "--to", str(book), db=db).returncode == 0
    assert [supplier.id for supplier in read_records(Supplier, book)] == ["A1", "B2"]
    missing = run("suppliers", "show", "A1", db=db)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert run("suppliers", "remove", "A1", "--customer-id", "acme", db=db).returncode == 0
    assert run("suppliers", "import", str(tmp_path / "none.csv"), db=db).returncode == 2
