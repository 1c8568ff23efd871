"""Companies and suppliers over HTTP, and from a file to the decision, with the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from live_server import serving
from pdf_invoices import pdf_invoice

from db.database import open_database
from db.keys import create
from db.verification import verify
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.settings import ConnectorSettings
from invoice_connector.suppliers.master import Company, Supplier
from invoice_connector.suppliers.store import put
from invoice_connector.web.serve import build_app

NORRVIK = {"names": ["Norrviks Snickeri AB"], "vat_identifiers": ["SE559987456601"], "accounts": ["5050-1055"]}


def text_layer_only(url: str) -> ConnectorSettings:
    return ConnectorSettings(
        database_url=url, engines=("pdf_text",), policy="single", verifier="off", reader_isolated=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("suppliers")


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with serving(text_layer_only(f"sqlite:///{folder / 'audit.db'}")) as address:
        yield address


def sent(base: str, path: Path, **query: str) -> dict[str, object]:
    files = {"file": (path.name, path.read_bytes())}
    answer = httpx.post(f"{base}/invoices", params=query, files=files, timeout=120)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_records_are_put_listed_found_and_deleted(base: str) -> None:
    place, acme = f"{base}/suppliers/77", {"customer_id": "acme"}
    assert httpx.get(place, params=acme).status_code == 404
    assert httpx.put(place, params=acme, json=NORRVIK).json()["id"] == "77"
    assert httpx.get(place, params=acme).json()["accounts"] == ["5050-1055"]
    listed = httpx.get(f"{base}/suppliers", params=acme).json()
    assert (listed["total"], listed["items"][0]["customer_id"]) == (1, "acme")
    for words in ("snickeri norrviks", "559987-4566"):
        assert httpx.get(f"{base}/suppliers", params={**acme, "q": words}).json()["total"] == 1
    exported = httpx.get(f"{base}/suppliers/export/csv", params=acme)
    assert (exported.headers["content-type"], "5050-1055" in exported.text) == ("text/csv; charset=utf-8", True)
    assert httpx.get(f"{base}/suppliers/export/xlsx", params=acme).content.startswith(b"PK")
    assert httpx.get(f"{base}/suppliers/export/doc").status_code == 422
    assert httpx.put(place, params=acme, json={**NORRVIK, "currency": "XXQ"}).status_code == 422
    assert httpx.put(place, params=acme, json={"names": []}).status_code == 422
    assert httpx.delete(place, params=acme).status_code == 204
    assert httpx.delete(place, params=acme).status_code == 404
    company = f"{base}/companies/own"
    assert httpx.put(company, params=acme, json={"names": ["Käufer AG"]}).status_code == 200
    assert httpx.delete(company, params=acme).status_code == 204


def test_from_upload_to_decision(base: str, folder: Path) -> None:
    who = {"customer_id": "norrvik"}
    httpx.put(f"{base}/suppliers/4", params=who, json={"names": ["Någon Annan AB"], "accounts": ["991-2346"]})
    unknown = sent(base, pdf_invoice(folder / "a.pdf"), **who)
    assert "supplier" not in unknown
    assert "UNKNOWN-SUPPLIER" in rules(unknown)
    refused = httpx.post(f"{base}/invoices/{unknown['job_id']}/supplier", json={"id": "9"})
    assert refused.status_code == 422  # nobody approved it
    httpx.post(f"{base}/invoices/{unknown['job_id']}/review", json={"reviewer": "Anna"})
    made = httpx.post(f"{base}/invoices/{unknown['job_id']}/supplier", json={"id": "9"})
    assert (made.status_code, made.json()["names"]) == (201, ["Norrviks Snickeri & Bygg AB"])
    assert httpx.post(f"{base}/invoices/{unknown['job_id']}/supplier", json={"id": "9"}).status_code == 422
    known = sent(base, pdf_invoice(folder / "b.pdf", number="20260918"), **who)
    assert known["supplier"] == {**known["supplier"], "id": "9", "name": "Norrviks Snickeri & Bygg AB"}  # type: ignore[dict-item]
    assert not rules(known) & {"UNKNOWN-SUPPLIER", "ACCOUNT-CHANGED"}
    changed = sent(base, pdf_invoice(folder / "c.pdf", number="20260919", account="991-2346"), **who)
    assert "ACCOUNT-CHANGED" in rules(changed)
    engine = open_database(f"sqlite:///{folder / 'audit.db'}")
    assert verify(engine).intact


def rules(document: dict[str, object]) -> set[str]:
    violations = document["violations"]
    assert isinstance(violations, list)
    return {violation["rule"] for violation in violations}


def test_pages_name_records_and_matches(base: str, folder: Path) -> None:
    browser = {"Accept": "text/html"}
    httpx.put(f"{base}/suppliers/5", json={"names": ["<b>Kvarnby</b> Måleri"]})
    listing = httpx.get(f"{base}/suppliers", headers=browser)
    assert "&lt;b&gt;Kvarnby&lt;/b&gt; Måleri" in listing.text
    assert "Måleri" in httpx.get(f"{base}/suppliers/5", headers=browser).text
    assert httpx.get(f"{base}/companies", headers=browser).status_code == 200
    httpx.delete(f"{base}/suppliers/5")


def test_settings_name_own_companies(folder: Path) -> None:
    settings = text_layer_only(f"sqlite:///{folder / 'own.db'}")
    connector = InvoiceOCRConnector(settings.model_copy(update={"companies": ({"names": ["Bergs Bygg AB"]},)}))
    put(connector.database, [Company("other", ("Ekens Bygg AB",), customer_id="else"), Supplier("1", ("Bo AB",))])
    known = connector.directory.known(["Bo AB"], None)
    assert [company.name for company in known.companies] == ["Bergs Bygg AB"]
    assert [candidate.supplier.id for candidate in known.candidates] == ["1"]


def test_only_an_administrator_changes_master_data(folder: Path) -> None:
    connector = InvoiceOCRConnector(text_layer_only(f"sqlite:///{folder / 'keys.db'}"))
    app = build_app(connector, "0.0.0.0")
    write, admin = (create(connector.database, "test", [scope]) for scope in ("write", "admin"))
    transport = httpx.ASGITransport(app=app)

    async def put_with(key: str) -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://reader") as client:
            headers = {"Authorization": f"Bearer {key}"}
            return (await client.put("/suppliers/1", json=NORRVIK, headers=headers)).status_code

    assert anyio.run(put_with, write) == 403
    assert anyio.run(put_with, admin) == 200
