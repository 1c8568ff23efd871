"""Mails, mailboxes and archives: each document in them is a job, and of everything else it is said why it is none."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from export_samples import stored_invoice
from hypothesis import given
from hypothesis import strategies as st
from mail_samples import mail, outlook, png, zipped

from db.ids import new_job_id
from db.queries import get_job
from db.verification import verify
from invoice_connector.arrivals.arriving import Opening, shown_by_data
from invoice_connector.arrivals.containers import Container, container_kind
from invoice_connector.arrivals.mail import subject_of
from invoice_connector.arrivals.outlook import message_parts
from invoice_connector.arrivals.parts import Bounds, LeftOut, Part, clean_path
from invoice_connector.arrivals.unpack import unpack
from invoice_connector.cli import main
from invoice_connector.connector import InvoiceOCRConnector
from invoice_connector.exports.pages import page_pictures
from invoice_connector.exports.ubl import Customization, to_ubl
from invoice_connector.pipeline.request import Request, plain_request, request_of
from invoice_connector.settings import ConnectorSettings
from invoice_connector.workers.batch import find_documents, found_items
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.errors import DamagedDocumentError, DocumentError
from ocr_ensemble.settings import EnsembleSettings

DOCX = b"PK\x03\x04[Content_Types].xml word/document.xml"
FACTS = {"sender": "Åsa Öberg <asa@example.com>", "subject": "Faktura Å-1", "received": "2026-11-02T09:00:00+00:00"}


def ubl(number: str) -> bytes:
    return to_ubl(stored_invoice({"invoice_number": number}).record, Customization.CORE)


def bookable(number: str) -> bytes:
    """The same without the buyer's identifier, whose check digits do not fit."""
    changes = {"invoice_number": number, "buyer_vat_identifier": None}
    return to_ubl(stored_invoice(changes).record, Customization.CORE)


def names(parts: Sequence[Part]) -> list[str]:
    return [part.path for part in parts]


def reasons(left_out: Sequence[LeftOut]) -> dict[str, str]:
    return {each.part: each.reason for each in left_out}


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> InvoiceOCRConnector:
    url = f"sqlite:///{tmp_path_factory.mktemp('data') / 'audit.db'}"
    return InvoiceOCRConnector(ConnectorSettings(database_url=url, engines=("pdf_text",), verifier="off"))


def test_a_mail_gives_its_documents_and_the_reasons_of_the_rest(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    inner = mail({"r2.xml": ubl("M-2")}, subject="inner")
    message = mail(
        {
            "faktura.xml": ubl("M-1"), "faktura.pdf": b"%PDF-1.7 shown", "Allmänna villkor.pdf": b"%PDF-1.7 terms",
            "brev.docx": DOCX, "all.zip": zipped({"../../x/r3.xml": ubl("M-3"), "copy.xml": ubl("M-1")}),
        },
        png(700, 200),
    )  # fmt: skip
    message.add_attachment(inner)
    path = tmp_path / "post.eml"
    path.write_bytes(message.as_bytes())
    done = connector.process_invoice_with_ocr(path)
    documents = [each.to_dict() for each in (done, *done.others)]
    found = {document["container"]["part"]: document for document in documents}
    documents_in = ["faktura.xml", "Allmänna villkor.pdf", "brev.docx", "all.zip/x/r3.xml", "inner.eml/r2.xml"]
    assert list(found) == documents_in  # the terms cannot be read, so that nobody knows whether they are
    assert found["faktura.xml"]["container"] == {"file": "post.eml", "part": "faktura.xml", **FACTS}
    assert found["inner.eml/r2.xml"]["container"]["subject"] == "inner"
    assert found["faktura.xml"]["fields"]["invoice_number"]["value"] == "M-1"
    assert found["brev.docx"]["error"]["type"] == "UnsupportedDocumentError"
    assert "print it to a PDF" in found["brev.docx"]["error"]["message"]
    said = {each["part"]: each["reason"] for each in documents[0]["not_read"]}
    assert said["faktura.pdf"].startswith("it was not read: ")
    assert said["all.zip/copy.xml"] == "the same file as faktura.xml"
    assert any("logo" in reason and "700 x 200" in reason for reason in said.values())
    assert "text" in said["the text of the mail"] or "page" in said["the text of the mail"]
    assert verify(connector.database).intact
    record = get_job(connector.database, found["all.zip/x/r3.xml"]["job_id"]).record
    (page,) = page_pictures(record, None, Limits())  # found again in the mail by its hash
    assert (page.width, page.height) == (record.pages[0]["width"], record.pages[0]["height"])


@pytest.mark.parametrize("page", [False, True])
def test_what_a_mail_says_of_its_document_stops_it(connector: InvoiceOCRConnector, tmp_path: Path, page: bool) -> None:
    said = "Please note that our bank details have changed, use the new account from now on."
    message = EmailMessage()
    message["From"] = "asa@example.com"
    if page:
        message.set_content(f"<html><style>p {{}}</style><p>Hello</p><p>{said}</p></html>", subtype="html")
    else:
        message.set_content(f"Hello,\n\n{said}\n\n> This invoice was cancelled.\n")
    name = f"said-{page}.eml"
    message.add_attachment(bookable(name), maintype="application", subtype="xml", filename="f.xml")
    (tmp_path / name).write_bytes(message.as_bytes())
    (broken,) = connector.process_invoice_with_ocr(tmp_path / name).to_dict()["violations"]
    assert broken["rule"] == "SENTENCE-IN-DOUBT"
    assert broken["message"].startswith("The mail says 'Please note that our bank details have changed")


def test_an_ordinary_mail_and_what_it_quotes_stop_nothing(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "asa@example.com", "Invoice 4471"
    message.set_content(
        "Dear Ms Hill,\n\nplease find attached our invoice for May. Thank you for your order.\n\n"
        "Kind regards\nAnna Wood\n\n> This invoice was cancelled and replaced by another one.\n"
    )
    message.add_attachment(bookable("Q-1"), maintype="application", subtype="xml", filename="f.xml")
    path = tmp_path / "quiet.eml"
    path.write_bytes(message.as_bytes())
    assert connector.process_invoice_with_ocr(path).to_dict()["violations"] == []


def test_a_container_without_a_document_is_one_failed_job(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    path = tmp_path / "hello.eml"
    path.write_bytes(mail({}, png(90, 40)).as_bytes())
    document = connector.process_invoice_with_ocr(path).to_dict()
    assert document["error"]["type"] == "NoDocumentError"
    assert "small picture" in document["error"]["message"]
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04" + b"x" * 50)
    document = connector.process_invoice_with_ocr(tmp_path / "broken.zip").to_dict()
    assert document["error"]["type"] == "DamagedDocumentError"
    several = connector.process_bytes(zipped({"a.xml": ubl("1"), "b.xml": ubl("2")}), Request(new_job_id(), "z.zip"))
    assert several.to_dict()["error"]["type"] == "SeveralDocumentsError"


def test_a_part_that_cannot_be_had_costs_itself(connector: InvoiceOCRConnector, tmp_path: Path) -> None:
    content = bytearray(zipped({"good.xml": ubl("P-1"), "bad.pdf": b"%PDF-1.7" + bytes(range(256)) * 8}))
    place = content.index(b"bad.pdf") + 40
    content[place : place + 30] = b"\xff" * 30
    (tmp_path / "two.zip").write_bytes(content)
    done = connector.process_invoice_with_ocr(tmp_path / "two.zip")
    good, bad = (each.to_dict() for each in (done, *done.others))
    assert good["status"] != "failed" and bad["status"] == "failed"
    assert bad["error"]["type"] == "DamagedDocumentError"
    assert "bad.pdf was not taken out of two.zip" in bad["error"]["message"]
    assert bad["container"]["part"] == "bad.pdf"


def test_the_command_prints_one_line_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "two.zip"
    archive.write_bytes(zipped({"a.xml": ubl("C-1"), "b.xml": ubl("C-2")}))
    (tmp_path / "alone.xml").write_bytes(ubl("C-3"))
    (tmp_path / "alone.pdf").write_bytes(b"%PDF-1.7 shows it")
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    files = [str(archive), str(tmp_path / "alone.pdf"), str(tmp_path / "alone.xml")]
    assert main(["process", *files, "--json", "--db", url, "--verifier", "off"]) == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [document["file"] for document in documents] == ["a.xml", "b.xml", "alone.xml"]
    assert [document["fields"]["invoice_number"]["value"] for document in documents] == ["C-1", "C-2", "C-3"]
    assert documents[2]["not_read"][0]["part"] == "alone.pdf"


def test_a_batch_finds_the_documents_in_containers(tmp_path: Path) -> None:
    (tmp_path / "two.zip").write_bytes(zipped({"a.xml": ubl("B-1"), "b.xml": ubl("B-2")}))
    (tmp_path / "c.xml").write_bytes(ubl("B-3"))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7 shows it")
    (tmp_path / "settings.xml").write_bytes(b"<?xml version='1.0'?><settings/>")
    opening = Opening(EnsembleSettings(), Bounds())
    items = list(found_items(find_documents(tmp_path), opening))
    assert [(item.path.name, item.part) for item in items] == [("c.xml", None), ("two.zip", 0), ("two.zip", 1)]
    assert len({item.sha256 for item in items}) == 3
    assert items[0].shown_by == tmp_path / "c.pdf"
    assert shown_by_data([tmp_path / "c.pdf", Path(), Path("/"), tmp_path / "none.xml"], opening) == {}


def test_what_a_system_adds_to_an_archive_is_told_once() -> None:
    files = {"r.xml": ubl("Z-1"), "__MACOSX/._r.xml": b"x", ".DS_Store": b"x", "Thumbs.db": b"x"}
    documents, left_out = unpack(zipped(files), Bounds(parts=2))
    assert names(documents) == ["r.xml"]
    (told,) = left_out
    assert (told.part, told.reason[:29]) == ("__MACOSX/._r.xml and 2 more", "what an operating system adds")


@pytest.mark.parametrize("charset", ["latin-1", "utf-8"])
def test_a_subject_of_raw_bytes_is_read(charset: str) -> None:
    raw = "From: a@x.de\nSubject: Rechnung für Müller\n\n".encode(charset)
    assert subject_of(raw) == "Rechnung für Müller"


def test_a_mailbox_holds_mails_of_which_a_sentence_begins_none() -> None:
    text = b"From here on it is a text.\n>From a quoted line\n"
    first = b"From: a@x.de\nSubject: 1\n\n" + text
    second = mail({"r.xml": ubl("X-1")}).as_bytes()
    source = b"From a@x.de Mon Nov  2 10:00:00 2026\n" + first + b"\nFrom b@x.de Mon Nov  2 10:00:00 2026\n" + second
    assert container_kind(source) is Container.MAILBOX
    documents, left_out = unpack(source, Bounds())
    assert names(documents) == ["message 2/r.xml"]
    assert documents[0].mail["subject"] == "Faktura Å-1"
    assert any(each.part.startswith("message 1") for each in left_out)


def test_pictures_are_documents_unless_they_are_small_or_shown_and_wide() -> None:
    message = mail({"photo.png": png(900, 1200), "stamp.png": png(200, 200), "banner.png": png(2000, 300)})
    documents, left_out = unpack(message.as_bytes(), Bounds())
    assert names(documents) == ["photo.png", "banner.png"]
    assert "small picture" in reasons(left_out)["stamp.png"]


def test_bounds_are_kept_and_said() -> None:
    many = zipped({f"{number}.xml": ubl(str(number)) for number in range(8)})
    documents, left_out = unpack(many, Bounds(parts=3))
    assert names(documents) == ["0.xml", "1.xml", "2.xml"]
    assert reasons(left_out)["all from 3.xml on"].startswith("more than 3 parts")
    deep = ubl("D-1")
    for level in range(6):
        deep = zipped({f"{level}.zip" if level else "d.xml": deep})
    documents, _ = unpack(deep, Bounds(depth=3))
    assert [type(part.error).__name__ for part in documents] == ["DocumentTooLargeError"]
    documents, _ = unpack(deep, Bounds(depth=6))
    assert names(documents)[0].endswith("d.xml")
    bomb = zipped({"bomb.pdf": b"%PDF-" + bytes(3_000_000), "after.xml": ubl("D-2")})
    documents, _ = unpack(bomb, Bounds(part_bytes=1_000_000))
    assert [type(part.error).__name__ for part in documents] == ["DocumentTooLargeError", "NoneType"]
    documents, left_out = unpack(bomb, Bounds(total_bytes=1_000_000))
    assert documents[0].error is not None and "all after bomb.pdf" in reasons(left_out)


def test_office_documents_are_no_archives() -> None:
    assert container_kind(DOCX) is None
    assert container_kind(zipped({"a.txt": b"x"})) is Container.ZIP
    with pytest.raises(DamagedDocumentError):
        unpack(DOCX, Bounds())


def test_a_request_with_a_container_comes_back_from_its_row() -> None:
    request = Request(
        new_job_id(), "a.pdf", container={"file": "z.zip", "part": "a.pdf"}, not_read=({"part": "b", "reason": "c"},),
        broken=("DamagedDocumentError", "it is cut short"), remarks=("Our account has changed.",),
    )  # fmt: skip
    assert request_of(json.loads(json.dumps(plain_request(request)))) == request


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"From x\n", b"From: a\nSubject: b\n", b"\xd0\xcf\x11\xe0"]),
)
def test_any_bytes_end_as_parts_or_as_a_document_error(content: bytes, begin: bytes) -> None:
    try:
        documents, _ = unpack(begin + content, Bounds(parts=5))
    except DocumentError:
        return
    assert all(part.path and "\x00" not in part.path for part in documents)


@given(st.text(max_size=400))
def test_names_lead_nowhere(name: str) -> None:
    shown = clean_path(name)
    assert not Path(shown).is_absolute() and ".." not in shown.split("/") and "\\" not in shown
    assert shown and not any(ord(character) < 32 for character in shown)


def test_an_outlook_message_is_taken_apart() -> None:
    ticks = 134_380_692_000_000_000  # of 2026-11-02 09:00 UTC
    source = outlook({"r.xml": ubl("O-1"), "logo.png": png(80, 40)}, "Faktura", "asa@example.com", ticks)
    assert container_kind(source) is Container.OUTLOOK
    documents, left_out = unpack(source, Bounds())
    assert names(documents) == ["r.xml"]
    assert documents[0].content.rstrip() == ubl("O-1").rstrip()
    assert documents[0].mail["sender"] == "asa@example.com"
    assert documents[0].mail["subject"] == "Faktura"
    assert str(documents[0].mail["received"]).startswith("2026-1")
    assert "small picture" in reasons(left_out)["logo.png"]


def der(tag: int, content: bytes) -> bytes:
    return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content


def in_pieces(tag: int, *contents: bytes) -> bytes:
    """BER of indefinite length."""
    return bytes((tag, 0x80)) + b"".join(contents) + b"\0\0"


SIGNED, DATA = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")


def test_what_was_signed_is_a_document() -> None:
    invoice, version = ubl("S-1"), bytes.fromhex("020101") + der(0x31, b"")
    signature = der(0x31, b"signers")
    whole = der(0x30, DATA + der(0xA0, der(0x04, invoice)))
    plain = der(0x30, SIGNED + der(0xA0, der(0x30, version + whole + signature)))
    pieces = in_pieces(0x24, *(der(0x04, invoice[begin : begin + 900]) for begin in range(0, len(invoice), 900)))
    inner = in_pieces(0x30, DATA, in_pieces(0xA0, pieces))
    streamed = in_pieces(0x30, SIGNED, in_pieces(0xA0, in_pieces(0x30, version, inner, signature)))
    for source in (plain, streamed, base64.encodebytes(plain)):
        assert container_kind(source) is Container.SIGNED
        (document,), _ = unpack(source, Bounds())
        assert document.content == invoice
    in_mail, _ = unpack(mail({"IT1_1.xml.p7m": streamed}).as_bytes(), Bounds())
    assert names(in_mail) == ["IT1_1.xml.p7m/signed content"]
    detached = der(0x30, SIGNED + der(0xA0, der(0x30, version + der(0x30, DATA) + signature)))
    with pytest.raises(DamagedDocumentError, match="send it unsigned"):
        unpack(detached, Bounds())
    for length in range(0, len(plain), 97):
        with suppress(DocumentError):
            unpack(plain[:length], Bounds())


def test_a_damaged_outlook_message_has_a_type() -> None:
    with pytest.raises(DamagedDocumentError, match="damaged Outlook message"):
        list(message_parts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), 3))


def test_zip64_that_lies_is_damaged() -> None:
    content = bytearray(zipped({"a.pdf": b"%PDF-1.7"}))
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 20] = b"\xff" * 8  # size and place of the directory
    with pytest.raises(DamagedDocumentError):
        unpack(bytes(content), Bounds())


def test_an_empty_mail_is_told_from_a_text() -> None:
    assert container_kind(b"Dear Sir: hello\n\nFrom: nobody") is None
    assert container_kind(b"From: a\nTo: b\n\nx") is Container.MAIL
