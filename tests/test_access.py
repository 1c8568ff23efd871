"""Keys, scopes and limits of a server that others can reach."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from audit_samples import fresh_log, sample_job
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.access import Access, TokenBuckets, bound_to, is_same_origin
from analytics.app import create_app
from db import keys
from db.audit import append_job

JOB = sample_job(1)


@pytest.fixture
def app() -> FastAPI:
    engine = fresh_log()
    append_job(engine, JOB)
    app = create_app(engine, bound_to("0.0.0.0", requests_per_minute=60))
    app.add_api_route("/invoices", lambda: {"done": True}, methods=["POST"])
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def bearer(app: FastAPI, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys.create(app.state.database, 'test', scopes)}"}


def test_everything_about_documents_needs_a_key(client: TestClient) -> None:
    for path in (
        "/",
        "/analytics/dashboard",
        f"/jobs/{JOB.id}",
        f"/jobs/{JOB.id}/pages/1",
        "/metrics",
        "/openapi.json",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "unauthorized"), path
        assert "keys create" in answer.json()["error"]["message"]
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.post("/invoices").status_code == 401
    for path in ("/livez", "/readyz", "/static/style.css"):
        assert client.get(path).status_code == 200, path


def test_scopes_reach_as_far_as_they_say(app: FastAPI, client: TestClient) -> None:
    for scope, written in (("read", 403), ("write", 200), ("admin", 200)):
        headers = bearer(app, scope)
        assert client.get("/analytics/dashboard", headers=headers).status_code == 200
        assert client.post("/invoices", headers=headers).status_code == written, scope
    assert client.get("/analytics/dashboard", headers={"Authorization": "Bearer ic_nothing"}).status_code == 401


def test_a_revoked_key_opens_nothing(app: FastAPI, client: TestClient) -> None:
    headers = bearer(app, "admin")
    assert client.get("/", headers=headers).status_code == 200
    keys.revoke(app.state.database, keys.list_keys(app.state.database)[0].id)
    assert client.get("/", headers=headers).status_code == 401


def test_a_browser_may_give_the_key_as_a_password(app: FastAPI, client: TestClient) -> None:
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert "<h1>401</h1>" in answer.text
    key = bearer(app, "read")["Authorization"].partition(" ")[2]
    assert client.get("/", auth=("anna", key)).status_code == 200
    for wrong in ("Basic %%", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Digest x", "Bearer", ""):
        assert client.get("/", headers={"Authorization": wrong}).status_code == 401, wrong


def test_a_key_is_bounded_and_does_not_bound_another(app: FastAPI, client: TestClient) -> None:
    first, second = bearer(app, "read"), bearer(app, "read")
    answers = [client.get("/metrics", headers=first) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert client.get("/metrics", headers=second).status_code == 200


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    buckets = TokenBuckets(rate=2.0, capacity=3.0, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    now[0] = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    now[0] = 100.0
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_only_this_computer_needs_no_key() -> None:
    assert [bound_to(host).keys_required for host in ("127.0.0.1", "localhost", "::1", "127.0.0.2")] == [False] * 4
    assert [bound_to(host).keys_required for host in ("0.0.0.0", "::", "192.168.1.5", "invoices.example")] == [True] * 4
    assert bound_to("0.0.0.0").hosts is None


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("localhost:8002", 200), ("127.0.0.1:8002", 200), ("[::1]:8002", 200), ("evil.example", 421)],
)
def test_a_server_for_this_computer_is_called_by_its_names(host: str, status: int) -> None:
    with TestClient(create_app(fresh_log(), bound_to("127.0.0.1"))) as client:
        assert client.get("/analytics/dashboard", headers={"Host": host}).status_code == status


def test_origins() -> None:
    assert is_same_origin({})
    assert is_same_origin({"sec-fetch-site": "same-origin", "origin": "null"})
    assert is_same_origin({"origin": "http://10.0.0.5:8002", "host": "10.0.0.5:8002"})
    assert not is_same_origin({"origin": "http://10.0.0.5:8003", "host": "10.0.0.5:8002"})
    assert not is_same_origin({"origin": "null", "host": "10.0.0.5:8002"})
    assert not is_same_origin({"sec-fetch-site": "same-site"})


def test_nobody_is_refused_where_no_access_is_asked_for() -> None:
    with TestClient(create_app(fresh_log(), Access())) as client:
        assert client.get("/analytics/dashboard").status_code == 200
