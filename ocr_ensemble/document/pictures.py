"""The pictures that one picture file holds: each is a page, or is named with the reason why it is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, JpegImagePlugin, MpoImagePlugin, TiffImagePlugin
from PIL.ImageFile import ImageFile

from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.steps import NotRead

_REDUCED = 1  # bit of TIFF's NewSubfileType
_NEW_SUBFILE_TYPE, _SUB_IFDS = 254, 330
_MP_COUNT = 0xB001
_MP_ENTRIES = 0xB002  # of a JPEG with several pictures (CIPA DC-007)
_THUMBNAIL = "Large Thumbnail"
_UNNAMED = "Undefined"  # what cameras call depth and gain maps; scanners with two sides, too
_MAP_SHARE = 0.9  # of the photograph's pixels, from which such a picture may be another page


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture by its ``index`` in the file, counted from 0; ``not_read`` says why it is no page."""

    index: int
    not_read: NotRead | None = None


def opened(image: ImageFile) -> ImageFile:
    """The same file as a container of several pictures where a JPEG is one."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return image
    try:
        directory = image._getmp()  # Pillow has no public name for it
        several = directory is not None and len(directory[_MP_ENTRIES]) == directory[_MP_COUNT] > 1
    except Exception:  # programs that edit a photograph leave broken directories behind
        return image
    return MpoImagePlugin.MpoImageFile.adopt(image, directory) if several else image


def frames_of(image: ImageFile, limits: Limits) -> list[Frame]:
    """All pictures of the file, at most one more than ``limits.max_pages``: the chain of them may be endless."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _tiff_frames(image, limits)
    if isinstance(image, MpoImagePlugin.MpoImageFile):
        return _mpo_frames(image, limits)
    count = int(getattr(image, "n_frames", 1))
    return [Frame(index) for index in range(min(count, limits.max_pages + 1))]


class Repeats:
    """Tells pictures of an animation that show the same as one before."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def of(self, image: Image.Image, index: int) -> NotRead | None:
        """Why the loaded picture is no page of its own, None when it is one."""
        content = hashlib.sha256(f"{image.mode} {image.size}".encode() + image.tobytes()).digest()
        first = self._seen.setdefault(content, index)
        if first == index:
            return None
        return NotRead(f"picture {index + 1}", f"it shows the same as picture {first + 1}")


def _tiff_frames(image: TiffImagePlugin.TiffImageFile, limits: Limits) -> list[Frame]:
    """Every directory; reduced copies are no pages unless there is nothing else."""
    frames: list[Frame] = []
    while len(frames) <= limits.max_pages:
        index = len(frames)
        try:
            image.seek(index)
        except EOFError:
            break
        reduced = int(image.tag_v2.get(_NEW_SUBFILE_TYPE, 0)) & _REDUCED
        size = f"{image.width} x {image.height} pixels"
        copy = NotRead(f"picture {index + 1}", f"the file calls it a reduced copy of another picture ({size})")
        frames.append(Frame(index, copy if reduced else None))
    image.seek(0)
    return frames if any(frame.not_read is None for frame in frames) else [Frame(frame.index) for frame in frames]


def _mpo_frames(image: MpoImagePlugin.MpoImageFile, limits: Limits) -> list[Frame]:
    entries = list(_entries(image))[: limits.max_pages + 1]
    largest = image.width * image.height
    frames = [Frame(0)]
    for index, kind in enumerate(entries[1:], start=1):
        reason = _why_no_page(image, index, kind, largest)
        frames.append(Frame(index, NotRead(f"picture {index + 1}", reason) if reason else None))
    image.seek(0)
    return frames


def _why_no_page(image: MpoImagePlugin.MpoImageFile, index: int, kind: str, largest: int) -> str | None:
    try:
        image.seek(index)
    except Exception:  # Pillow parses the picture's header here
        return "the file's directory points to a place where no picture is"
    size = f"{image.width} x {image.height} pixels"
    if kind.startswith(_THUMBNAIL):
        return f"the file calls it a thumbnail ({size})"
    if kind == _UNNAMED and image.width * image.height < _MAP_SHARE * largest:
        return f"it is smaller than the photograph and unnamed, as the maps of cameras are ({size})"
    return None


def _entries(image: MpoImagePlugin.MpoImageFile) -> Iterator[str]:
    directory: Any = image.mpinfo
    for entry in directory[_MP_ENTRIES]:
        yield str(entry["Attribute"]["MPType"])


def parts_beside(image: ImageFile) -> tuple[NotRead, ...]:
    """Pictures below a TIFF's directories, which programs keep for previews."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or _SUB_IFDS not in image.tag_v2:
        return ()
    value = image.tag_v2[_SUB_IFDS]
    count = len(value) if isinstance(value, tuple) else 1
    return (NotRead(f"{count} subordinate pictures of page {image.tell() + 1}", "TIFF keeps previews there"),)
