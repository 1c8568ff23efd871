"""Addresses in the codes of Spanish invoices. VERI*FACTU: Agencia Tributaria, "Características del QR", version 0.4.7.
TicketBAI: Diputaciones Forales, "TicketBAI: código QR", version 1.2. No address is asked."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from stdnum.es import nif

from invoice_connector.codes.payload import PayloadError, Values, amount, day, named, printable

_TAX_HOSTS = frozenset(
    {"www2.agenciatributaria.gob.es", "prewww2.aeat.es", "www2.aeat.es", "prewww2.agenciatributaria.gob.es"}
)
_BASQUE_HOSTS = ("batuz.eus", "gipuzkoa.eus", "araba.eus")
_IDENTIFIER = re.compile(r"(TBAI-([A-Z0-9]{9})-(\d{6})-[A-Za-z0-9+/]{13}-)(\d{3})", re.ASCII)
_SIGNED = r"-?\d{1,12}(?:\.\d{1,2})?"


def verifactu(text: str) -> Values | None:
    """The values of a tax agency's address; None for another. Raises PayloadError."""
    given = _query(text)
    if given is None or urlsplit(text).hostname not in _TAX_HOSTS or "ValidarQR" not in urlsplit(text).path:
        return None
    if given.keys() - {"formato", "idioma"} != {"nif", "numserie", "fecha", "importe"}:
        raise PayloadError("its parts are not nif, numserie, fecha and importe")
    return named(
        seller_vat_identifier=_tax_number(given["nif"]),
        invoice_number=printable(given["numserie"], "number", 60),
        issue_date=day(given["fecha"], "%d-%m-%Y"),
        total_with_vat=amount(given["importe"], _SIGNED),
    )


def ticketbai(text: str) -> Values | None:
    """The values of a Basque province's address, with two checksums; None for another. Raises PayloadError."""
    given = _query(text)
    if given is None or not _is_basque(text) or not given.get("id", "").startswith("TBAI-"):
        return None
    body, _, checksum = text.partition("&cr=")
    found = _IDENTIFIER.fullmatch(given["id"])
    if found is None or not {"s", "nf", "i", "cr"} <= given.keys():
        raise PayloadError("its identifier has another form, or a part is missing")
    if checksum != f"{crc8(body):03}" or found[4] != f"{crc8(found[1]):03}":
        raise PayloadError("its checksum does not hold")
    return named(
        seller_vat_identifier=_tax_number(found[2]),
        issue_date=day(found[3], "%d%m%y"),
        invoice_number=printable(f"{given['s']}{given['nf']}", "number", 40),
        total_with_vat=amount(given["i"], _SIGNED),
    )


def _is_basque(text: str) -> bool:
    host = urlsplit(text).hostname or ""
    return any(host == own or host.endswith(f".{own}") for own in _BASQUE_HOSTS)


def _query(text: str) -> dict[str, str] | None:
    if not text.startswith("https://") or len(text) > 500 or not text.isprintable():
        return None
    try:
        pairs = parse_qsl(urlsplit(text).query, keep_blank_values=True, max_num_fields=12)
    except ValueError:
        return None
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def _tax_number(text: str) -> str:
    if not nif.is_valid(text):
        raise PayloadError(f"the check sign of the tax number {text[:20]!r} does not hold")
    return f"ES{text}"


def crc8(text: str) -> int:
    """Polynomial 0x07, start 0."""
    found = 0
    for byte in text.encode():
        found ^= byte
        for _ in range(8):
            found = (found << 1 ^ 7 if found & 128 else found << 1) & 255
    return found
