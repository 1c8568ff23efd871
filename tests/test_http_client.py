"""Answers of servers are bounded in time and size, and say when to come back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from verifier.http_client import Answer, Cut, Limits, ask, new_client


def answer_of(body: bytes, max_bytes: int = 100, late: bool = False, unread: frozenset[int] = frozenset()) -> Answer:
    transport = httpx.MockTransport(lambda _: httpx.Response(503, content=iter([body, body])))
    with httpx.Client(transport=transport) as client:
        deadline = time.monotonic() + (-1.0 if late else 60.0)
        return ask(client, client.build_request("GET", "http://shop.example/"), Limits(deadline, max_bytes, unread))


def test_a_body_is_read_to_its_end_or_says_why_not() -> None:
    whole = answer_of(b"abc")
    assert (whole.status, whole.body, whole.cut) == (503, b"abcabc", None)
    assert answer_of(b"abc", max_bytes=5).cut is Cut.LONG
    late = answer_of(b"abc", late=True)
    assert (late.body, late.cut) == (b"abc", Cut.LATE)
    assert answer_of(b"abc", unread=frozenset({503})).body == b""


def retry_after(value: str) -> float | None:
    return Answer(503, "", {"Retry-After": value}, b"").retry_after


@pytest.mark.parametrize(("value", "seconds"), [("90", 90.0), (" 0 ", 0.0), ("soon", None), ("-5", None), ("", None)])
def test_retry_after_is_a_number(value: str, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_or_a_date() -> None:
    def shown(hours: int) -> str:
        return format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)

    assert retry_after(shown(1)) == pytest.approx(3600.0, abs=60.0)
    assert retry_after(shown(-1)) == 0.0


def test_redirects_are_not_followed() -> None:
    assert not new_client().follow_redirects
