"""HTTP requests to addresses that settings name: resolved once, checked, and made to exactly that address.

A name could resolve to a harmless address when it is checked and to an internal one when it is used, so the connection
goes to the checked address itself; the name is kept for ``Host`` and for the certificate. Redirects are not followed
and proxies of the environment are not used.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from invoice_connector.sinks.errors import AddressRefusedError, DeliveryError
from verifier.http_client import Answer, Limits, ask, new_client

_MOST_BYTES = 1_000_000  # of an answer
_LONGEST_WAIT = 86_400.0  # seconds that a server may ask for
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Exchange:
    """How a server is asked: with what headers, within how many seconds, and whether it may be a private one."""

    headers: Mapping[str, str]
    seconds: float
    allow_private: bool


def send(method: str, url: str, exchange: Exchange, content: bytes = b"") -> tuple[int, bytes]:
    """Status (always 2xx) and body of the answer. Raises DeliveryError for every other answer and for none."""
    parsed = httpx.URL(url)
    if parsed.scheme != "https" and not exchange.allow_private:
        raise AddressRefusedError(
            f"{parsed.host} would be asked without TLS; use https, or set allow_private", final=True
        )
    failure: Exception | None = None
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    for address in resolved(parsed.raw_host.decode("ascii"), port, exchange.allow_private):
        try:
            return _sent(method, parsed, str(address), exchange, content)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = error  # nothing was sent: the name's next address may answer
        except httpx.HTTPError as error:
            raise DeliveryError(f"{parsed.host} did not answer: {_reason(error)}; it will be tried again") from error
    reason = _reason(failure) if failure else "it has no address"
    raise DeliveryError(f"{parsed.host} cannot be reached: {reason}; it will be tried again")


def resolved(host: str, port: int, allow_private: bool) -> Sequence[IPAddress]:
    """The addresses of a host. Raises AddressRefusedError when one must not be asked, DeliveryError for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"{host} has no address ({error}); check its name; it will be tried again") from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found))
    for address in addresses:
        if not _may_be_asked(address, allow_private):
            raise AddressRefusedError(
                f"{host} is {address}, an address in this machine or its network; set allow_private if that is meant",
                final=True,
            )
    return addresses


def _may_be_asked(address: IPAddress, allow_private: bool) -> bool:
    """Public addresses; private and loopback ones when allowed; never link-local, where cloud credentials lie."""
    address = _innermost(address)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or (allow_private and (address.is_private or address.is_loopback))


def _innermost(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        teredo = address.teredo[1] if address.teredo else None
        return address.ipv4_mapped or address.sixtofour or teredo or address
    return address


def _sent(method: str, url: httpx.URL, address: str, exchange: Exchange, content: bytes) -> tuple[int, bytes]:
    with new_client(environment=False) as client:
        request = client.build_request(
            method,
            url.copy_with(host=address),
            content=content,
            headers={**exchange.headers, "Host": url.netloc.decode(), "User-Agent": "invoice-connector"},
            timeout=exchange.seconds,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        # The status is what counts: a server may not hold a delivery up by answering without end.
        answer = ask(client, request, Limits(time.monotonic() + exchange.seconds, _MOST_BYTES))
    _check(answer, url.host)
    return answer.status, answer.body


def _check(answer: Answer, host: str) -> None:
    if 200 <= answer.status < 300:
        return
    if 300 <= answer.status < 400:
        raise DeliveryError(f"{host} redirects, which is not followed; give the final address in the settings")
    words = " ".join(answer.body[:200].decode(errors="replace").split())
    wait = answer.retry_after
    raise DeliveryError(
        f"{host} answered {answer.status} {answer.reason}" + (f": {words}" if words else ""),
        final=answer.status == httpx.codes.GONE,
        retry_after=None if wait is None else min(wait, _LONGEST_WAIT),
        status=answer.status,
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
