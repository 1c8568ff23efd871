"""Files that ask decoders for what is rarely asked: odd codecs, fonts, patterns and groups in PDFs, many pictures in
one file, deep pixels, wrong densities and orientations."""

from __future__ import annotations

import io
import struct
from random import Random

import numpy as np
import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageCms

from scripts.hostile.healthy import LINES, encoded, pdf, pdf_with, picture, saved
from scripts.hostile.pictures import Attack

_SRGB_TO_LAB = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
_SIDE = 300  # points of a page here


def odd_codec(rng: Random) -> tuple[str, bytes]:
    """A picture in a PDF as JPEG 2000, JBIG2, fax or JPEG whose own size is another than the PDF says."""
    width, height = rng.choice(((420, 260), (60_000, 60_000), (1, 65_535))), rng.choice((260, 20_000))
    jbig2 = (  # a page's information and one generic region, larger than anything that follows
        b"\0\0\0\0\x30\0\x01\0\0\0\x13" + struct.pack(">IIII", width[0], height, 0, 0) + b"\0\0\0"
        b"\0\0\0\x01\x26\0\x01\0\0\0\x1c" + struct.pack(">IIII", width[0], height, 0, 0) + b"\0\x00" + bytes(10)
    )
    jpeg = bytearray(encoded(picture(), "JPEG"))
    frame = jpeg.find(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", min(height, 65_535), min(width[0], 65_535))
    coded = {
        "JPXDecode": encoded(picture(), "JPEG2000", tile_size=rng.choice(((16, 16), (420, 260)))),
        "JBIG2Decode": jbig2,
        "CCITTFaxDecode": rng.randbytes(rng.choice((10, 3000))),
        "DCTDecode": bytes(jpeg),
    }
    codec = rng.choice(sorted(coded))
    content = bytearray(coded[codec])
    for _ in range(rng.choice((0, 0, 5))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    document, page = _page()
    image = document.make_stream(
        bytes(content), Type=Name.XObject, Subtype=Name.Image, Width=width[0], Height=height, BitsPerComponent=1
    )
    image.ColorSpace, image.Filter = rng.choice((Name.DeviceGray, Name.DeviceRGB, Name.DeviceCMYK)), Name(f"/{codec}")
    image.DecodeParms = Dictionary(K=rng.choice((-1, 0, 4)), Columns=rng.choice((width[0], 2**31 - 1)), Rows=height)
    page.Resources = Dictionary(XObject=Dictionary(I=image))
    page.Contents = document.make_stream(b"300 0 0 300 0 0 cm /I Do")
    return "pdf", saved(document, compress_streams=False)


def letters_that_draw_letters(rng: Random) -> tuple[str, bytes]:
    """A Type 3 font whose glyphs are set in the same font, or are a thousand strokes each."""
    document, page = _page()
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 9, 9])))
    strokes = b"0 0 m 9 9 l S " * 1000
    glyph = rng.choice((b"9 0 d0 BT /F 1 Tf (aa) Tj ET", b"9 0 0 0 9 9 d1 " + strokes, b"9 0 d0 /X Do"))
    font.CharProcs = Dictionary(a=document.make_stream(glyph))
    font.Encoding = Dictionary(Differences=Array([97, Name.a]))
    font.FontMatrix = Array([0.01, 0, 0, 0.01, 0, 0])
    font.FirstChar, font.LastChar, font.Widths = 97, 97, Array([9])
    font.Resources = Dictionary(Font=Dictionary(F=font))
    page.Resources = Dictionary(Font=Dictionary(F=font))
    page.Contents = document.make_stream(b"BT /F 40 Tf 9 9 Td (" + b"a" * rng.choice((10, 2000)) + b") Tj ET")
    return "pdf", saved(document)


def tiles_without_end(rng: Random) -> tuple[str, bytes]:
    """A pattern of tiles a thousandth of a point apart, or of tiles filled with tiles."""
    document, page = _page()
    step = rng.choice((0.001, 0.1, -1, 1e-9, 1e9))
    pattern = document.make_stream(
        b"/Pattern cs /P scn 0 0 1 1 re f", Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1
    )
    pattern.BBox, pattern.XStep, pattern.YStep = Array([0, 0, 1, 1]), step, step
    pattern.Resources = Dictionary(Pattern=Dictionary(P=pattern)) if rng.random() < 0.5 else Dictionary()
    page.Resources = Dictionary(Pattern=Dictionary(P=pattern))
    page.Contents = document.make_stream(b"/Pattern cs /P scn 0 0 300 300 re f")
    return "pdf", saved(document)


def groups_in_groups(rng: Random) -> tuple[str, bytes]:
    """Transparency groups in groups, or soft masks in soft masks: each needs a picture of its own."""
    document, page = _page()
    masked = rng.random() < 0.5
    inner = _group(document, b"0.5 g 0 0 300 300 re f", Dictionary())
    for _ in range(rng.choice((5, 50, 400))):
        state = Dictionary(Type=Name.ExtGState, ca=0.9)
        if masked:
            state.SMask = Dictionary(S=Name.Luminosity, G=inner)
        resources = Dictionary(XObject=Dictionary(G=inner), ExtGState=Dictionary(E=state))
        inner = _group(document, b"/E gs 0 0 300 300 re f" if masked else b"/E gs /G Do", resources)
    page.Resources = Dictionary(XObject=Dictionary(G=inner))
    page.Contents = document.make_stream(b"/G Do")
    return "pdf", saved(document)


def shading_of_many_steps(rng: Random) -> tuple[str, bytes]:
    """Colours that a small program computes for every pixel, or that a table of impossible size gives."""
    document, page = _page()
    program = b"{ " + b"dup mul " * rng.choice((10, 5000)) + b"}"
    function = document.make_stream(program, FunctionType=4, Domain=Array([0, 1]), Range=Array([0, 1]))
    if rng.random() < 0.5:
        function = document.make_stream(bytes(100), FunctionType=0, Domain=Array([0, 1]), Range=Array([0, 1]))
        function.Size, function.BitsPerSample = Array([rng.choice((2, 2**31 - 1))]), rng.choice((1, 32))
    shading = Dictionary(ShadingType=rng.choice((1, 2, 3)), ColorSpace=Name.DeviceGray, Function=function)
    shading.Coords = Array([0, 0, rng.choice((0, 1, 1e9)), 300, 300, 1][: 4 + 2 * (shading.ShadingType == 3)])
    shading.Extend = Array([True, True])
    page.Resources = Dictionary(Shading=Dictionary(S=shading))
    page.Contents = document.make_stream(b"/S sh " * rng.choice((1, 200)))
    return "pdf", saved(document)


def meanings_of_letters(rng: Random) -> tuple[str, bytes]:
    """Text whose letters mean right-to-left marks, nothing of any width, combining signs, or hundreds of letters."""
    document = pikepdf.open(io.BytesIO(pdf((*LINES, *("abcdefghij" * 4,) * 3))))
    meanings = rng.choice(("202E", "200B", "0301", "FEFF", "FFFE", "DBFF", "0041" * 500, "05D0202E0041", "0000"))
    pairs = "\n".join(f"<{code:02X}> <{meanings}>" for code in range(97, 123))
    table = f"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n{26} "
    fonts = document.pages[0].Resources.Font
    for name in map(str, fonts.keys()):
        fonts[name].ToUnicode = document.make_stream(f"{table}beginbfchar\n{pairs}\nendbfchar endcmap end".encode())
    return "pdf", saved(document)


def crowd_of_texts(rng: Random) -> tuple[str, bytes]:
    """A hundred thousand texts of a letter or two on a page, in a heap, in a grid, or too small to be seen."""
    document = pikepdf.open(io.BytesIO(pdf()))
    count, size = rng.choice((1_000, 20_000, 100_000)), rng.choice((0.01, 1, 4))
    heap = rng.random() < 0.3
    texts = (
        f"1 0 0 1 {9 if heap else 3 * (number % 130)} {9 if heap else number // 130 % 290} Tm ({number % 90}) Tj"
        for number in range(count)
    )
    page = document.pages[0]
    font = next(iter(page.Resources.Font.keys()))
    page.contents_add(f"BT {font} {size} Tf {' '.join(texts)} ET".encode(), prepend=False)
    return "pdf", saved(document)


def rows_without_end(rng: Random) -> tuple[str, bytes]:
    """A table of ten thousand rows over a hundred pages, or an e-invoice of as many lines."""
    count = rng.choice((1_000, 10_000))
    if rng.random() < 0.5:
        line = b"<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount>1.00</cbc:LineExtensionAmount>"
        content = b"<Invoice xmlns:cac='urn:a' xmlns:cbc='urn:b'>" + (line + b"</cac:InvoiceLine>") * count
        return "pdf", pdf_with({"factur-x.xml": content + b"</Invoice>"})
    document = pikepdf.open(io.BytesIO(pdf()))
    for at in range(0, min(count, 880), 9):
        rows = (f"Artikel {number}   2   {number}.50   {2 * number + 1}.00" for number in range(at, at + 9))
        document.pages.extend(pikepdf.open(io.BytesIO(pdf(tuple(rows)))).pages)
    return "pdf", saved(document)


def updates_of_updates(rng: Random) -> tuple[str, bytes]:
    """A PDF that was saved again and again, each time behind the last; the chain may end in itself."""
    content = pdf()
    for number in range(rng.choice((10, 500, 5_000))):
        earlier = content.rfind(b"xref\n") if rng.random() < 0.9 else len(content)
        place = len(content)
        content += b"xref\n0 0\ntrailer<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
            earlier if number else max(0, content.rfind(b"xref", 0, content.rfind(b"startxref"))), place
        )  # fmt: skip
    return "pdf", content


def many_pictures_in_one(rng: Random) -> tuple[str, bytes]:
    """Moving pictures and files of many: WebP, APNG, HEIC, TIFF."""
    side, count = rng.choice((20, 1000)), rng.choice((3, 20))
    count *= 10 if side < 100 else 1
    frames = [Image.new("RGB", (side, side), (number % 256, 99, 9)) for number in range(count)]
    kind = rng.choice(("WEBP", "PNG", "HEIF", "TIFF"))
    if kind == "HEIF":
        file, stream = pillow_heif.from_pillow(frames[0]), io.BytesIO()
        for frame in frames[1:30]:
            file.add_from_pillow(frame)
        file.save(stream, quality=30)
        return "heic", stream.getvalue()
    options = {} if kind == "TIFF" else {"duration": rng.choice((0, 1, 65_535)), "loop": 0}
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    return {"WEBP": "webp", "PNG": "png", "TIFF": "tif"}[kind], content


def deep_pixels(rng: Random) -> tuple[str, bytes]:
    """Pixels of 16 or 32 bits, floating point, four inks, palettes, inverted or without anything but transparency."""
    plain = picture((*LINES, *LINES), rng.choice(((420, 260), (2400, 3000))))
    ending, mode = rng.choice(
        (("tif", "I;16"), ("tif", "F"), ("tif", "CMYK"), ("tif", "LAB"), ("tif", "YCbCr"), ("tif", "1"),
         ("png", "I;16"), ("png", "LA"), ("png", "P"), ("jpg", "CMYK"), ("jpg", "L"), ("webp", "RGBA"), ("png", "RGBA"))
    )  # fmt: skip
    if mode == "I;16":  # as bright as it can be, or so dark that 8 bits show nothing
        deep = np.asarray(plain.convert("L"), dtype=np.uint16) * rng.choice((1, 257))
        image = Image.fromarray(deep)
    elif mode == "F":
        image = plain.convert("L").convert("F")
    elif mode in ("LA", "RGBA"):
        image = plain.convert(mode)
        image.putalpha(rng.choice((0, 1, 128)))
    elif mode == "LAB":
        image = ImageCms.buildTransform(*_SRGB_TO_LAB, "RGB", "LAB").apply(plain)
    else:
        image = plain.convert(mode)
    kind = {"tif": "TIFF", "png": "PNG", "jpg": "JPEG", "webp": "WEBP"}[ending]
    return ending, encoded(image, kind)


def wrong_density(rng: Random) -> tuple[str, bytes]:
    """Pictures that say that they have no, a million, or a negative number of dots an inch, or lie turned as nothing
    can."""
    exif = Image.Exif()
    exif[0x0112] = rng.choice((0, 2, 5, 8, 9, 65_535))
    exif[0x011A], exif[0x011B] = rng.choice((0.0, 1e6, 0.001)), rng.choice((0.0, 72.0))
    kind, ending = rng.choice((("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif")))
    options = {} if kind == "WEBP" else {"dpi": rng.choice(((0, 0), (65_535, 1), (65_535, 65_535), (1, 1)))}
    colours = rng.randbytes(rng.choice((1, 200)))
    return ending, encoded(picture(), kind, exif=exif.tobytes(), icc_profile=colours, **options)


def _page() -> tuple[Pdf, pikepdf.Page]:
    document = pikepdf.new()
    return document, document.add_blank_page(page_size=(_SIDE, _SIDE))


def _group(document: Pdf, content: bytes, resources: Dictionary) -> pikepdf.Object:
    group = Dictionary(S=Name.Transparency, I=True, K=False)
    form = document.make_stream(content, Type=Name.XObject, Subtype=Name.Form, Resources=resources, Group=group)
    form.BBox = Array([0, 0, _SIDE, _SIDE])
    return form


ATTACKS: tuple[Attack, ...] = (
    odd_codec,
    letters_that_draw_letters,
    tiles_without_end,
    groups_in_groups,
    shading_of_many_steps,
    meanings_of_letters,
    crowd_of_texts,
    rows_without_end,
    updates_of_updates,
    many_pictures_in_one,
    deep_pixels,
    wrong_density,
)
