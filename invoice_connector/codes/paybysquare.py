"""PAY by square, Slovak: Slovenská banková asociácia, "PAY by square specifications", version 1.1.0."""

from __future__ import annotations

import lzma
import re
import struct
import zlib

from invoice_connector.codes.payload import PayloadError, Values, account, amount, currency, day, named, printable

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_FORM = re.compile(rf"[{_DIGITS}]{{20,2000}}", re.ASCII)
_MOST_BYTES = 4_096  # of the unpacked data
_FILTERS = [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 17}]
_ONE_PAYMENT = 16  # fields of one payment with one account, its beneficiary left out


def values(text: str) -> Values | None:
    """The values of a payload, of its first payment and account; None for another family's. Raises PayloadError."""
    data = _data(text)
    if data is None:
        return None
    fields = data.split("\t")
    if len(fields) < _ONE_PAYMENT or not fields[1].isdigit() or int(fields[1]) < 1 or not fields[11].isdigit():
        raise PayloadError("it holds no payment")
    invoice, _, kind, due, code, until, symbol, _, _, reference, note = fields[:11]
    if not kind.isdigit() or not int(kind) & 1 or int(fields[11]) < 1:
        raise PayloadError("it holds no payment order with an account")
    return named(
        invoice_number=printable(invoice, "number", 36),
        amount_due=amount(due, r"\d{1,13}(?:\.\d{1,2})?") if due else None,
        currency_code=currency(code),
        due_date=day(until, "%Y%m%d") if until else None,
        remittance_information=symbol or printable(reference, "reference", 35),
        message=printable(note, "note", 140),
        payment_account_identifier=account(fields[12]),
        seller_name=_beneficiary(fields),
    )


def _beneficiary(fields: list[str]) -> str:
    """The name behind a single payment with a single account, and neither a standing order nor a direct debit."""
    alone = fields[1] == "1" and fields[11] == "1" and fields[14:16] == ["0", "0"]
    return printable(fields[16], "name", 70) if alone and len(fields) > 16 else ""


def _data(text: str) -> str | None:
    """The unpacked data; None for what is packed otherwise. Raises PayloadError where the checksum fails."""
    if not _FORM.fullmatch(text):
        return None
    bits = "".join(f"{_DIGITS.index(sign):05b}" for sign in text)
    packed = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) // 8 * 8, 8))
    if packed[0] >> 4 or packed[0] & 15 > 2 or packed[1]:  # PAY by square, payments
        return None
    (length,) = struct.unpack("<H", packed[2:4])
    if not 4 < length <= _MOST_BYTES:
        return None
    try:
        plain = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS).decompress(packed[4:], max_length=length)
    except lzma.LZMAError:
        return None
    if len(plain) < length or zlib.crc32(plain[4:]) != struct.unpack("<I", plain[:4])[0]:
        raise PayloadError("its checksum does not hold")
    try:
        return plain[4:].decode()
    except UnicodeDecodeError as error:
        raise PayloadError("its text is not UTF-8") from error
