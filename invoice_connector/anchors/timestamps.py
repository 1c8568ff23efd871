"""Time stamps by RFC 3161: a server signs that a head existed at a moment, and nobody here can make such a signature.

Source: RFC 3161; rfc3161-client of Trail of Bits builds and verifies, ``invoice_connector.sinks.http`` sends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_connector.anchors.settings import TimestampAnchor
from invoice_connector.sinks.errors import DeliveryError
from invoice_connector.sinks.http import Exchange, send

if TYPE_CHECKING:
    from rfc3161_client import VerifierBuilder


class TimestampError(Exception):
    """A time stamp is not one of this message, or not of a server that is trusted."""


def stamped(place: TimestampAnchor, message: bytes) -> bytes:
    """The server's answer in DER, verified. Raises DeliveryError."""
    library = _library()
    request = library.TimestampRequestBuilder().data(message).hash_algorithm(library.HashAlgorithm.SHA256).build()
    exchange = Exchange({"Content-Type": "application/timestamp-query"}, place.seconds, place.allow_private)
    _, answer = send("POST", place.url, exchange, request.as_bytes())
    try:
        _verify(answer, message, place.roots, library.VerifierBuilder.from_request(request))
    except TimestampError as error:
        raise DeliveryError(f"{place.url} gave a time stamp that does not hold: {error}") from error
    return answer


def stamped_at(stamp: bytes | None, message: bytes, roots: Path) -> datetime:
    """When the server saw the message. Raises TimestampError, without a stamp, too, and DeliveryError where the library
    is missing."""
    if stamp is None:
        raise TimestampError("there is none")
    return _verify(stamp, message, roots, _library().VerifierBuilder())


def _verify(stamp: bytes, message: bytes, roots: Path, builder: VerifierBuilder) -> datetime:
    library = _library()
    for root in _certificates(roots):
        builder = builder.add_root_certificate(root)
    try:
        response = library.decode_timestamp_response(stamp)
        if response.tst_info.message_imprint.message != hashlib.sha256(message).digest():
            raise TimestampError("it is of something else")
        builder.build().verify_message(response, message)
    except (library.VerificationError, ValueError) as error:
        raise TimestampError(f"{error}; check {roots} and the server") from error
    moment: datetime = response.tst_info.gen_time
    return moment


def _certificates(path: Path) -> Sequence[Any]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return list(dict.fromkeys(load_pem_x509_certificates(path.read_bytes())))
    except (OSError, ValueError) as error:
        raise TimestampError(f"{path} holds no certificates in PEM ({error}); ask the server's owner") from error


def _library() -> Any:
    try:
        import rfc3161_client
    except ModuleNotFoundError as error:
        raise DeliveryError(
            "time stamps need rfc3161-client; type: pip install invoice-connector[timestamp]", final=True
        ) from error
    return rfc3161_client
