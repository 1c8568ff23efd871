"""Which program had a file last, and whether it is one that changes what pages show: said by the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import tomli

from ocr_ensemble.document.signs import Change, Sign

if TYPE_CHECKING:
    from PIL import Image

_EDITORS = Path(__file__).with_name("editors.toml")
_HISTORY = re.compile(rb"(?:stEvt:softwareAgent|xmp:CreatorTool)(?:>|=\")([^<\"]{1,200})")
_SOFTWARE = 0x0131  # of EXIF
_LONGEST = 1 << 20  # bytes of an XMP packet
_MOST_PACKETS = 20


@cache
def _editors() -> re.Pattern[str]:
    names: list[str] = tomli.loads(_EDITORS.read_text(encoding="utf-8"))["editors"]
    return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b", re.IGNORECASE)


def edited_pdf(told: Mapping[str, str], source: bytes) -> tuple[Sign, ...]:
    """EDITOR where such a program had a PDF after another one had made it, and after the time it was made at; ``told``:
    its document information."""
    created, modified = (_moment(told.get(name, "")) for name in ("CreationDate", "ModDate"))
    maker = told.get("Creator", "").strip()
    if not maker or _editors().search(maker) or not created or not modified or modified <= created:
        return ()
    return _edited((told.get("Producer", ""), *_history(source)))


def edited_picture(image: Image.Image) -> tuple[Sign, ...]:
    """EDITOR where such a program wrote a picture."""
    try:
        told = [image.getexif().get(_SOFTWARE), image.info.get("Software")]
    except Exception:  # a hostile EXIF block raises anything
        return ()
    packet = image.info.get("xmp")
    history = _history(packet) if isinstance(packet, bytes) else ()
    return _edited((*(text for text in told if isinstance(text, str)), *history))


def _edited(programs: Iterable[str]) -> tuple[Sign, ...]:
    found = next((program for program in programs if _editors().search(program)), None)
    return () if found is None else (Sign(Change.EDITOR, _shown(found)),)


def _history(source: bytes) -> Iterator[str]:
    """The programs that the XMP packets of the file name; those in compressed streams are not looked for."""
    start = -1
    for _ in range(_MOST_PACKETS):
        start = source.find(b"<x:xmpmeta", start + 1)
        if start < 0:
            return
        end = source.find(b"</x:xmpmeta", start, start + _LONGEST)
        for match in _HISTORY.finditer(source, start, max(start, end)):
            yield match[1].decode("utf-8", "replace")


def _moment(told: str) -> str:
    """The digits of a PDF's date down to the minute, comparable where both are of one time zone."""
    match = re.match(r"(?:D:)?(\d{12})", told)
    return match[1] if match else ""


def _shown(program: str) -> str:
    return "".join(char if char.isprintable() else " " for char in program)[:100].strip()
