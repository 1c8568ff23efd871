"""The published schema says all that the JSON of a document holds, of whatever kind and version."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from audit_samples import failed_job, sample_job
from export_samples import stored_invoice
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from mail_samples import mail
from old_database import make_old
from pdf_invoices import pdf_invoice
from pypdf import PdfReader, PdfWriter
from swiss_piles import swiss_invoice
from test_einvoice import CII
from test_einvoice_alone import BODY, fattura
from test_export_ubl import VALID

from analytics.app import create_app
from analytics.models.job import JobDetail
from db.audit import append_job, erase_job
from db.contract import document_json
from db.database import open_database
from db.document import Document, document_schema
from db.queries import get_job
from db.records import Place, ReviewStatus
from db.reviews import ReviewRequest, add_review
from invoice_connector.cli import main
from invoice_connector.exports.ubl import Customization, to_ubl

PUBLISHED = Path(__file__).parents[1] / "docs" / "schema" / "document.schema.json"
SAMPLES = Path(__file__).parents[1] / "invoice_connector" / "samples"
ENGINES = ("--engines", "pdf_text", "--verifier", "off")
Json = dict[str, Any]


def strict(schema: Any) -> Any:
    """The schema without leave for keys that it does not name, which consumers have for the sake of later versions."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return {name: strict(part) for name, part in schema.items()} | closed


CHECK = Draft202012Validator(strict(document_schema()))


def embedded(folder: Path) -> bytes:
    """A PDF with the terms as data, as Factur-X and ZUGFeRD have them."""
    writer = PdfWriter(clone_from=PdfReader(pdf_invoice(folder / "plain.pdf")))
    writer.add_attachment("factur-x.xml", CII)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def pile() -> bytes:
    """Two invoices one after the other, with payment codes."""
    writer = PdfWriter()
    for number, seller in (("4711", "Muster Treuhand AG"), ("4712", "Beispiel Garten GmbH")):
        writer.append(io.BytesIO(swiss_invoice(random.Random(int(number)), seller, number)))
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def printed(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[Json]:
    """What ``process --json`` prints of a file."""
    log = f"sqlite:///{path.parent / 'audit.db'}"
    main(["process", str(path), "--json", "--db", log, *ENGINES, *options])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_published_schema_is_the_one_of_this_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == PUBLISHED.read_text("utf-8"), f"run `invoice-connector schema > {PUBLISHED}`"
    Draft202012Validator.check_schema(document_schema())


@pytest.mark.parametrize(
    ("name", "options", "held"),
    [
        ("plain.pdf", ["--words"], {"provenance", "resources", "document_kind"}),
        ("expected.pdf", ["--customer-id", "K-1", "--invoice-number", "1", "--expected-amount", "9.50"], {"expected"}),
        ("embedded.pdf", [], {"embedded_invoice"}),
        ("pile.pdf", [], {"container", "codes"}),
        ("post.eml", [], {"container", "not_read"}),
        ("ubl.xml", [], {"adjustments"}),
        ("IT1_0001.xml", [], {"vat_breakdown"}),
        ("cut.pdf", [], {"error"}),
        ("missing.pdf", [], {"error"}),
    ],
)
def test_what_is_printed_is_described(
    name: str, options: list[str], held: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, invoice = tmp_path / name, pdf_invoice(tmp_path / "invoice.pdf").read_bytes()
    content = {
        "embedded.pdf": lambda: embedded(tmp_path),
        "pile.pdf": pile,
        "post.eml": lambda: mail({"a.pdf": invoice, "b.txt": b"hello"}).as_bytes(),
        "ubl.xml": lambda: to_ubl(
            stored_invoice(**VALID["discount and freight of the document"]).record, Customization.CORE
        ),
        "IT1_0001.xml": lambda: fattura(BODY.format(kind="TD01", number="1")),
        "cut.pdf": lambda: invoice[: len(invoice) // 3],
    }.get(name, lambda: invoice)()
    if name != "missing.pdf":
        path.write_bytes(content)
    documents = printed(path, capsys, *options)
    for document in documents:
        CHECK.validate(document)
    assert {key for document in documents for key, value in document.items() if value} >= held


@pytest.mark.slow
@pytest.mark.parametrize("name", ["faktura.pdf", "faktura-skannad.png", "faktura-foto.jpg"])
def test_the_bundled_samples_are_described(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With all engines and the verifier."""
    log = f"sqlite:///{tmp_path / 'audit.db'}"
    main(["process", str(SAMPLES / name), "--json", "--words", "--verify-when", "always", "--db", log])
    CHECK.validate(json.loads(capsys.readouterr().out))


@cache
def stored() -> tuple[Json, ...]:
    """Jobs of the log in every state: read, failed, corrected, rejected, erased."""
    log = open_database("sqlite://")
    records = [sample_job(1), failed_job(2), *(sample_job(number) for number in range(3, 7))]
    for record in records:
        append_job(log, record)
    place = {"amount_due": Place(1, (10.0, 10.0, 50.5, 20.0), "9,50")}
    add_review(log, ReviewRequest(records[2].id, {"amount_due": "9.50", "due_date": None}, "Ada", "seen", places=place))
    add_review(log, ReviewRequest(records[3].id, {}, status=ReviewStatus.REJECTED))
    add_review(log, ReviewRequest(records[4].id, {"amount_due": "9.50"}, "Ada"))
    for record in records[4:]:
        erase_job(log, record.id)
    return tuple(document_json(get_job(log, record.id), words=True) for record in records)


def test_stored_jobs_of_every_state_are_described() -> None:
    for document in stored():
        CHECK.validate(document)


def test_jobs_of_an_old_database_are_described(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    log = open_database(url)
    records = [sample_job(1), failed_job(2)]
    for record in records:
        append_job(log, record)
    log.dispose()
    make_old(tmp_path / "audit.db")
    log = open_database(url)
    for record in records:
        CHECK.validate(document_json(get_job(log, record.id), words=True))
    log.dispose()


def places(schema: Json) -> Iterator[tuple[str, str]]:
    """Every key of every object of the schema."""
    for name, part in {"": schema, **schema["$defs"]}.items():
        yield from ((name, key) for key in part.get("properties", ()))


@given(st.sampled_from(stored()), st.data())
def test_a_key_that_the_schema_lacks_is_told(document: Json, data: st.DataObject) -> None:
    """A new key in any object of a document."""
    changed = json.loads(json.dumps(document))
    closed = {"engine_processing_times", "timings_ms", "readings", "fields", "corrections"}  # whose keys are names
    part = data.draw(st.sampled_from(list(objects(changed, closed))))
    part["brand_new"] = 1
    with pytest.raises(ValidationError, match="brand_new"):
        CHECK.validate(changed)
    Draft202012Validator(document_schema()).validate(changed)  # of a later version, for a consumer of this one


def objects(value: Any, mappings: set[str], name: str = "") -> Iterator[Json]:
    if isinstance(value, list):
        for each in value:
            yield from objects(each, mappings)
    if isinstance(value, dict):
        if name not in mappings:
            yield value
        for key, each in value.items():
            yield from objects(each, mappings, key if name not in mappings else "")


def test_a_schema_that_loses_a_key_of_a_document_is_told() -> None:
    document = stored()[0]
    for key in document:
        schema = strict(document_schema())
        del schema["properties"][key]
        with pytest.raises(ValidationError, match=key):
            Draft202012Validator(schema).validate(document)


def test_every_key_is_described_in_words_or_by_its_type() -> None:
    schema = document_schema()
    assert len(list(places(schema))) > 130
    assert all(part.get("description") for part in (schema, *schema["$defs"].values()))


def test_the_api_answers_with_every_key(tmp_path: Path) -> None:
    assert JobDetail.model_fields.keys() >= Document.__annotations__.keys()
    log = open_database("sqlite://")
    record = sample_job(adjustments=({"reason": "Frakt", "amount": "9.50", "charge": True},))
    append_job(log, record)
    expected = document_json(get_job(log, record.id))
    with TestClient(create_app(log)) as client:
        answer = client.get(f"/analytics/jobs/{record.id}").json()
    assert {key: answer[key] for key in expected if key != "lines"} == {
        key: value for key, value in expected.items() if key != "lines"
    }
