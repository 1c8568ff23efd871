"""PDF files that run scripts, draw for ever, nest without end, unpack to gigabytes, or carry poisoned invoices."""

from __future__ import annotations

import io
import zlib
from random import Random

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from scripts.hostile.healthy import INVOICE_XML, pdf, pdf_with, saved
from scripts.hostile.pictures import Attack


def script(rng: Random) -> tuple[str, bytes]:
    """Something to run when the file is opened."""
    document = _healthy()
    actions = (
        Dictionary(S=Name.JavaScript, JS="while (true) app.alert('x')"),
        Dictionary(S=Name.Launch, F="/bin/sh"),
        Dictionary(S=Name.URI, URI="file:///etc/passwd"),
        Dictionary(S=Name.GoToR, F="\\\\host\\share\\file", D=Array([0, Name.Fit])),
        Dictionary(S=Name.SubmitForm, F="http://127.0.0.1/"),
    )
    document.Root.OpenAction = rng.choice(actions)
    document.pages[0].AA = Dictionary(O=rng.choice(actions))
    return "pdf", saved(document)


def endless_drawing(rng: Random) -> tuple[str, bytes]:
    """Forms that draw forms that draw forms."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(300, 300))
    inner = _form(document, b"0 0 10 10 re f", Dictionary())
    for _ in range(rng.choice((3, 12))):
        inner = _form(document, b"/X Do " * 10, Dictionary(XObject=Dictionary(X=inner)))
    page.Resources = Dictionary(XObject=Dictionary(X=inner))
    page.Contents = document.make_stream(b"/X Do")
    return "pdf", saved(document)


def form_that_draws_itself(_rng: Random) -> tuple[str, bytes]:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(300, 300))
    form = _form(document, b"/X Do 0 0 10 10 re f", Dictionary())
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    page.Resources = Dictionary(XObject=Dictionary(X=form))
    page.Contents = document.make_stream(b"/X Do")
    return "pdf", saved(document)


def page_tree_that_bites_its_tail(rng: Random) -> tuple[str, bytes]:
    document = _healthy()
    pages = document.Root.Pages
    kids = [document.pages[0].obj, *[pages] * rng.choice((1, 5))]
    pages.Kids = Array(kids[:: rng.choice((1, -1))])
    pages.Count = rng.choice((-1, 0, 2, 2**31 - 1))
    return "pdf", saved(document)


def nested_arrays(rng: Random) -> tuple[str, bytes]:
    depth = rng.choice((100, 10_000, 200_000))
    opening, closing = rng.choice(((b"[", b"]"), (b"<</A", b">>")))
    value = opening * depth + b"0" * (opening != b"[") + closing * depth
    return "pdf", _by_hand(b"<</Type/Catalog/Pages 2 0 R/X " + value + b">>")


def flood_of_content(rng: Random) -> tuple[str, bytes]:
    """A content stream that unpacks to a hundred times its size, or to what takes ages to draw."""
    commands = (
        b"q " * 500_000,
        b"0 0 m 99 99 l S " * 300_000,
        b"BT /F1 12 Tf (x) Tj ET " * 100_000,
        b"[" * 1_000_000,
    )
    document = _healthy()
    packed = zlib.compress(rng.choice(commands), 9)
    stream = document.make_stream(b"")
    stream.write(packed, filter=Name.FlateDecode)
    document.pages[0].Contents = stream
    return "pdf", saved(document, compress_streams=False)


def bomb_in_bombs(rng: Random) -> tuple[str, bytes]:
    """A stream that was packed several times over."""
    content, filters = bytes(rng.choice((1, 50)) * 1_000_000), rng.choice((2, 3))
    for _ in range(filters):
        content = zlib.compress(content, 9)
    packed = b"<</Length %d/Filter[%s]>>stream\n" % (len(content), b"/FlateDecode" * filters)
    return "pdf", _by_hand(b"<</Type/Catalog/Pages 2 0 R>>", packed + content + b"\nendstream")


def page_of_impossible_size(rng: Random) -> tuple[str, bytes]:
    document = _healthy()
    sides: tuple[float, ...] = (0, -1, 1e-9, 14_400, 1e7, 1e38)
    document.pages[0].MediaBox = Array([0, 0, rng.choice(sides), rng.choice(sides)])
    document.pages[0].obj.UserUnit = rng.choice((0, 1, 1e6))
    document.pages[0].Rotate = rng.choice((0, 45, 2**31 - 1))
    return "pdf", saved(document)


def picture_of_impossible_size(rng: Random) -> tuple[str, bytes]:
    document = _healthy()
    side = rng.choice((10_000, 50_000, 2**31 - 1))
    image = document.make_stream(zlib.compress(bytes(1000)))
    for name, value in (("Type", Name.XObject), ("Subtype", Name.Image), ("Width", side), ("Height", side),
                        ("ColorSpace", Name.DeviceRGB), ("BitsPerComponent", rng.choice((1, 8, 16, 99)))):  # fmt: skip
        image[f"/{name}"] = value
    document.pages[0].Resources = Dictionary(XObject=Dictionary(I=image))
    document.pages[0].Contents = document.make_stream(b"300 0 0 300 0 0 cm /I Do")
    return "pdf", saved(document)


def pages_beyond_count(rng: Random) -> tuple[str, bytes]:
    document = _healthy()
    for _ in range(rng.choice((99, 101, 2000))):
        document.add_blank_page(page_size=(100, 100))
    return "pdf", saved(document)


def encrypted(rng: Random) -> tuple[str, bytes]:
    passwords = pikepdf.Encryption(owner="o", user=rng.choice(("secret", "")), R=rng.choice((4, 6)))
    stream = io.BytesIO()
    _healthy().save(stream, encryption=passwords)
    # The salt is random: what is the same every time is that it is encrypted.
    return "pdf", stream.getvalue()


def wild_references(rng: Random) -> tuple[str, bytes]:
    """Objects that are not there, refer to themselves or lie outside the file."""
    values = (b"99 0 R", b"1 0 R", b"2 0 R", b"null", b"-5", b"(text)", b"[1 0 R 2 0 R 3 0 R]")
    catalog = b"<</Type/Catalog/Pages %s/AcroForm %s/Names %s>>" % tuple(rng.choice(values) for _ in range(3))
    return "pdf", _by_hand(catalog, rng.choice(values))


def poisoned_invoice(rng: Random) -> tuple[str, bytes]:
    """An embedded invoice that is a bomb, a thief, a liar or no XML."""
    entities = b"".join(b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 12))
    inner = b"".join((b"<!DOCTYPE x [<!ENTITY e0 'lol'>", entities, b"]><Invoice>&e11;</Invoice>"))
    deep = rng.choice((200, 300, 100_000))
    documents = (
        inner,
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Invoice><ID>&a;</ID></Invoice>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><Invoice/>',
        b"<a>" * deep + b"</a>" * deep,
        b"<Invoice " + b" ".join(b'a%d="x"' % number for number in range(20_000)) + b"/>",
        b"<Invoice>" + b"x" * 11_000_000 + b"</Invoice>",
        INVOICE_XML.replace(b"125.00", rng.choice((b"NaN", b"Infinity", b"1e999999999", b"9" * 5000, b"-0", b""))),
        INVOICE_XML.replace(b"2026-03-17", rng.choice((b"99999-99-99", b"0000-00-00", b"2026-02-30", b"now"))),
        INVOICE_XML.replace(b"4711", rng.choice((b"=cmd|'/c calc'!A0", b"&lt;script&gt;", b"'; DROP TABLE x; --"))),
        INVOICE_XML.decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="nosuch"?>' + INVOICE_XML,
        INVOICE_XML[: rng.randrange(len(INVOICE_XML))],
        b"<?xml-stylesheet href='file:///etc/passwd'?>" + INVOICE_XML.replace(b"<cbc:ID>", b"<cbc:ID><!--", 1),
        rng.randbytes(2000),
    )
    names = ("factur-x.xml", "../../../etc/cron.d/x.xml", "C:\\x.xml", "=1+1.xml", "x" * 3000 + ".xml", "a\nb.xml")
    return "pdf", pdf_with({rng.choice(names): rng.choice(documents)})


def many_attachments(rng: Random) -> tuple[str, bytes]:
    return "pdf", pdf_with({f"{number}.xml": INVOICE_XML for number in range(rng.choice((40, 400)))})


def _healthy() -> Pdf:
    return pikepdf.open(io.BytesIO(pdf()))


def _form(document: Pdf, content: bytes, resources: Dictionary) -> pikepdf.Object:
    form = document.make_stream(content, Type=Name.XObject, Subtype=Name.Form, Resources=resources)
    form.BBox = Array([0, 0, 300, 300])
    return form


def _by_hand(catalog: bytes, contents: bytes = b"<</Length 0>>stream\n\nendstream") -> bytes:
    """A PDF of one page whose parts no library would write."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>"
    objects = (catalog, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, contents)
    body, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 5\n0000000000 65535 f \n" + table
    return body + head + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


ATTACKS: tuple[Attack, ...] = (
    script,
    endless_drawing,
    form_that_draws_itself,
    page_tree_that_bites_its_tail,
    nested_arrays,
    flood_of_content,
    bomb_in_bombs,
    page_of_impossible_size,
    picture_of_impossible_size,
    pages_beyond_count,
    encrypted,
    wild_references,
    poisoned_invoice,
    poisoned_invoice,
    many_attachments,
)
