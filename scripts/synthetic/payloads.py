"""The texts of codes on invoices and receipts, one writer per family that `invoice_connector.codes` reads.

Each writer follows the publication that the reader's module names. `PRINTS` says how each is printed in practice.
"""

from __future__ import annotations

import base64
import binascii
import json
import lzma
import struct
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stdnum import luhn

from invoice_connector.codes.spanish import crc8

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"


@dataclass(frozen=True)
class Facts:
    """What a code is to say. `iban` is of the code's country; `number` the invoice's; `reference` digits."""

    seller: str
    buyer: str
    iban: str
    number: str
    reference: str
    issued: date
    due: date
    total: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Print:
    """How a family's code is printed: symbology of zxing, width and height in mm, error correction, and the country of
    its account ("" where it names none)."""

    symbology: str
    width: float
    height: float
    level: str = "M"
    country: str = ""


def epc(facts: Facts) -> str:
    reference = facts.reference if facts.reference.startswith("RF") else iso_reference(facts.reference or "1")
    lines = ["BCD", "002", "1", "SCT", "", facts.seller[:70], facts.iban, f"EUR{facts.total:.2f}", "", reference]
    return "\n".join(lines)


def swiss(facts: Facts) -> str:
    payee = ["S", facts.seller[:70], "Bahnhofstrasse", "12", "8001", "Zürich", "CH"]
    payer = ["S", facts.buyer[:70], "Seestrasse", "5", "6003", "Luzern", "CH"]
    lines = ["SPC", "0200", "1", facts.iban, *payee, *[""] * 7, f"{facts.total:.2f}", "CHF", *payer]
    billing = f"//S1/10/{facts.number}/11/{facts.issued:%y%m%d}/40/0:{(facts.due - facts.issued).days}"
    return "\n".join([*lines, "SCOR", iso_reference(facts.reference), "", "EPD", billing])


def usingqr(facts: Facts) -> str:
    body = {
        "uqr": 1, "tp": 1, "nme": facts.seller, "cc": "SE", "cid": "556000-4615", "iref": facts.reference,
        "idt": f"{facts.issued:%Y%m%d}", "ddt": f"{facts.due:%Y%m%d}", "due": float(facts.total),
        "vat": float(facts.vat), "cur": "SEK", "pt": "BG", "acc": bankgiro(facts.reference),
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False)


def spayd(facts: Facts) -> str:
    parts = [
        f"ACC:{facts.iban}", f"AM:{facts.total:.2f}", "CC:CZK", f"DT:{facts.due:%Y%m%d}", f"MSG:FA {facts.number}",
        f"X-VS:{facts.reference}",
    ]  # fmt: skip
    checksum = zlib.crc32(("SPD*1.0*" + "*".join(sorted(parts))).encode())
    return "*".join(["SPD", "1.0", *parts, f"CRC32:{checksum:08X}"])


def pay_by_square(facts: Facts) -> str:
    payment = [
        facts.number, "1", "1", f"{facts.total:.2f}", "EUR", f"{facts.due:%Y%m%d}", facts.reference, "", "", "",
        "", "1", facts.iban, "", "0", "0", facts.seller[:70], "", "",
    ]  # fmt: skip
    plain = "\t".join(payment).encode()
    data = struct.pack("<I", zlib.crc32(plain)) + plain
    filters = [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 17}]
    packed = struct.pack("<BBH", 0, 0, len(data)) + lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    bits = "".join(f"{byte:08b}" for byte in packed)
    bits += "0" * (-len(bits) % 5)
    return "".join(_DIGITS[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def upn_qr(facts: Facts) -> str:
    fields = ["UPNQR", "", "", "", "", facts.buyer[:33], "Celovška 1", "1000 Ljubljana"]
    fields += [f"{facts.total * 100:011.0f}", "", "", "OTHR", f"Račun {facts.number}"[:42], f"{facts.due:%d.%m.%Y}"]
    fields += [facts.iban, f"SI00{facts.reference}", facts.seller[:33], "Slovenska 5", "2000 Maribor"]
    return "\n".join([*fields, f"{sum(map(len, fields)) + len(fields):03}", ""])


def hub3(facts: Facts) -> str:
    lines = ["HRVHUB30", "EUR", f"{facts.total * 100:015.0f}", facts.buyer[:30], "Ilica 1", "10000 Zagreb"]
    lines += [facts.seller[:25], "Vukovarska 7", "21000 Split", facts.iban, "HR00", facts.reference, "OTHR"]
    return "\n".join([*lines, f"Racun {facts.number}"[:35], ""])


def polish(facts: Facts) -> str:
    due = f"{facts.total * 100:06.0f}"
    return "|".join(["5261040828", "PL", facts.iban[2:], due, facts.seller[:20], facts.number[:32], "", "", ""])


def finnish(facts: Facts) -> str:
    return f"4{facts.iban[2:]}{facts.total * 100:08.0f}000{viite(facts.reference):0>20}{facts.due:%y%m%d}"


def finnish_international(facts: Facts) -> str:
    reference = iso_reference(facts.reference)
    body = f"{reference[2:4]}{reference[4:]:0>21}"
    return f"5{facts.iban[2:]}{facts.total * 100:08.0f}{body}{facts.due:%y%m%d}"


def portuguese(facts: Facts) -> str:
    net, atcud = facts.total - facts.vat, f"CSDF7T5H-{facts.reference}"
    return (
        f"A:123456789*B:999999990*C:PT*D:FT*E:N*F:{facts.issued:%Y%m%d}*G:FT {facts.number}*H:{atcud}"
        f"*I1:PT*I7:{net:.2f}*I8:{facts.vat:.2f}*N:{facts.vat:.2f}*O:{facts.total:.2f}*Q:TPXz*R:9999"
    )


def verifactu(facts: Facts) -> str:
    host = "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR"
    return f"{host}?nif=89890001K&numserie={facts.number}&fecha={facts.issued:%d-%m-%Y}&importe={facts.total:.2f}"


def ticketbai(facts: Facts) -> str:
    begin = f"TBAI-89890001K-{facts.issued:%d%m%y}-btFpwP8dcLGAF-"
    body = f"https://batuz.eus/QRTBAI/?id={begin}{crc8(begin):03}&s=T&nf={facts.reference}&i={facts.total:.2f}"
    return f"{body}&cr={crc8(body):03}"


def zatca(facts: Facts) -> str:
    values = (facts.seller, "310122393500003", f"{facts.issued}T12:00:00Z", f"{facts.total:.2f}", f"{facts.vat:.2f}")
    parts = (value.encode() for value in values)
    return base64.b64encode(b"".join(bytes([tag, len(p)]) + p for tag, p in enumerate(parts, start=1))).decode()


def indian(facts: Facts) -> str:
    data = {
        "SellerGstin": "27AAPFU0939F1ZV", "BuyerGstin": "29AAGCB7383J1Z4", "DocNo": facts.number[:16], "DocTyp": "INV",
        "DocDt": f"{facts.issued:%d/%m/%Y}", "TotInvVal": float(facts.total), "ItemCnt": 1, "MainHsnCode": "8471",
        "Irn": "a5c12dca80e743321740b001fd70953e8738d109865d28ba4013750f2046f229",
    }  # fmt: skip
    parts = ({"alg": "RS256", "typ": "JWT"}, {"data": json.dumps(data), "iss": "NIC"})
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    signature = base64.urlsafe_b64encode(bytes(range(256))).decode().rstrip("=")
    return ".".join([*coded, signature])


def rksv(facts: Facts) -> str:
    sums = f"{facts.total:.2f}".replace(".", ",")
    head = f"_R1-AT1_BOX{facts.reference[:3]}_{facts.number}_{facts.issued}T10:20:30_{sums}_0,00_0,00_0,00_0,00"
    return f"{head}_w+2YxA==_3667961875706356849_d3YUbS+zZx8=_{base64.b64encode(bytes(range(64))).decode()}"


def tse(facts: Facts) -> str:
    total = f"{facts.total:.2f}"
    data = f"Beleg^{total}_0.00_0.00_0.00_0.00^{total}:Bar"
    moments = f"{facts.issued}T10:20:30.000Z;{facts.issued}T10:20:31.000Z"
    signature, key = (base64.b64encode(bytes(range(size))).decode() for size in (64, 65))
    return f"V0;955002-00;Kassenbeleg-V1;{data};18;112;{moments};ecdsa-plain-SHA256;unixTime;{signature};{key}"


def pix(facts: Facts) -> str:
    account = _tlv("00", "br.gov.bcb.pix") + _tlv("01", "123e4567-e12b-12d1-a456-426655440000")
    name = unicodedata.normalize("NFKD", facts.seller).encode("ascii", "ignore").decode()[:25]
    body = _tlv("00", "01") + _tlv("26", account) + _tlv("52", "0000") + _tlv("53", "986")
    body += _tlv("54", f"{facts.total:.2f}") + _tlv("58", "BR") + _tlv("59", name) + _tlv("60", "SAO PAULO")
    body += _tlv("62", _tlv("05", facts.reference)) + "6304"
    return f"{body}{binascii.crc_hqx(body.encode(), 0xFFFF):04X}"


WRITERS: Mapping[str, Callable[[Facts], str]] = {
    "epc": epc, "swiss_qr_bill": swiss, "usingqr": usingqr, "spayd": spayd, "pay_by_square": pay_by_square,
    "upn_qr": upn_qr, "hub3": hub3, "polish_transfer": polish, "finnish_barcode": finnish,
    "finnish_barcode_5": finnish_international, "portuguese_qr": portuguese, "verifactu": verifactu,
    "ticketbai": ticketbai, "zatca": zatca, "indian_qr": indian, "rksv": rksv, "tse": tse, "pix": pix,
    "atcud": lambda facts: f"ATCUD:CSDF7T5H-{facts.reference}",
}  # fmt: skip
PRINTS: Mapping[str, Print] = {
    "epc": Print("QRCode", 28, 28, country="DE"), "swiss_qr_bill": Print("QRCode", 46, 46, country="CH"),
    "usingqr": Print("QRCode", 30, 30), "spayd": Print("QRCode", 30, 30, country="CZ"),
    "pay_by_square": Print("QRCode", 32, 32, country="SK"), "upn_qr": Print("QRCode", 39, 39, country="SI"),
    "hub3": Print("PDF417", 58, 26, "4", "HR"), "polish_transfer": Print("QRCode", 28, 28, country="PL"),
    "finnish_barcode": Print("Code128", 105, 12, country="FI"),
    "finnish_barcode_5": Print("Code128", 105, 12, country="FI"), "portuguese_qr": Print("QRCode", 32, 32),
    "verifactu": Print("QRCode", 32, 32), "ticketbai": Print("QRCode", 32, 32), "zatca": Print("QRCode", 30, 30),
    "indian_qr": Print("QRCode", 50, 50, "L"), "rksv": Print("QRCode", 35, 35), "tse": Print("QRCode", 42, 42),
    "pix": Print("QRCode", 32, 32), "atcud": Print("DataMatrix", 14, 14),
}  # fmt: skip


def make_iban(country: str, digits: str) -> str:
    """A valid IBAN of the country; `digits` fill its account number from the left."""
    lengths = {"DE": 18, "CH": 17, "CZ": 20, "SK": 20, "SI": 15, "HR": 17, "PL": 24, "FI": 14}
    body = f"{digits}{'0' * 30}"[: lengths[country]]
    letters = "".join(str(int(sign, 36)) for sign in f"{country}00")
    return f"{country}{98 - int(body + letters) % 97:02}{body}"


def iso_reference(digits: str) -> str:
    """ISO 11649."""
    return f"RF{98 - int(digits + '271500') % 97:02}{digits}"


def viite(digits: str) -> str:
    """A Finnish reference with its check digit."""
    weighed = sum(int(digit) * (7, 3, 1)[at % 3] for at, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighed % 10}"


def bankgiro(digits: str) -> str:
    body = digits[:7]
    whole = body + str(luhn.calc_check_digit(body))
    return f"{whole[:-4]}-{whole[-4:]}"


def _tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"
