"""Pictures to RGB pages. Only the plugins named here ever see the bytes; OpenCV's decoders never do."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ImageFile import ImageFile

from ocr_ensemble.document.editing import edited_picture
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.pictures import Repeats, frames_of, opened, parts_beside
from ocr_ensemble.document.raw import RawPage, guarded_decoding
from ocr_ensemble.document.sniff import MediaType
from ocr_ensemble.document.steps import NotRead, PreprocessingStep
from ocr_ensemble.errors import UnsupportedDocumentError

# The plugin classes themselves and not Image.open: it would apply Pillow's own pixel limit instead of ours.
_PLUGINS: dict[MediaType, type[ImageFile]] = {
    MediaType.PNG: PngImagePlugin.PngImageFile,
    MediaType.JPEG: JpegImagePlugin.JpegImageFile,
    MediaType.TIFF: TiffImagePlugin.TiffImageFile,
    MediaType.WEBP: WebPImagePlugin.WebPImageFile,
    MediaType.BMP: BmpImagePlugin.BmpImageFile,
    MediaType.GIF: GifImagePlugin.GifImageFile,
}
_ORIENTATION = 0x0112
_SCANNER_DPI = (100.0, 1300.0)  # 72 and 96 are what programs write when they do not know


def image_pages(source: bytes, name: str, media_type: MediaType, limits: Limits) -> Iterator[RawPage]:
    """The pages of a picture file one after the other: every picture in it that shows something of its own.

    The others are named in ``not_read`` of the pages they follow. Raises DamagedDocumentError, DocumentTooLargeError
    and PageTooSmallError; sizes are checked before decoding.
    """
    if media_type is MediaType.HEIC:
        yield from _heic_pages(source, name, limits)
        return
    held: RawPage | None = None
    skipped: list[NotRead] = []
    for found in _pictures(source, name, media_type, limits):
        if isinstance(found, NotRead):
            skipped.append(found)
            continue
        if held is not None:
            yield held
        held = found
    if held is not None:
        yield replace(held, not_read=(*held.not_read, *skipped))


def _pictures(source: bytes, name: str, media_type: MediaType, limits: Limits) -> Iterator[RawPage | NotRead]:
    """Every picture of the file as a page, or as what is said of it."""
    with guarded_decoding(name):
        image = opened(_PLUGINS[media_type](io.BytesIO(source)))
        frames = frames_of(image, limits)
    limits.check_page_count(len(frames), name)
    repeats = Repeats()
    for frame in frames:
        found: RawPage | NotRead | None = frame.not_read
        where = name if len(frames) == 1 else f"page {frame.index + 1} of {name}"
        with guarded_decoding(where):
            if found is None and len(frames) > 1:
                image.seek(frame.index)
            if found is None:
                limits.check_page_size(image.width, image.height, where)
                image.load()
                found = None if media_type is MediaType.TIFF else repeats.of(image, frame.index)
            if found is None:
                found = replace(_to_page(image, limits, where), not_read=parts_beside(image))
        yield found


def _heic_pages(source: bytes, name: str, limits: Limits) -> Iterator[RawPage]:
    """All pictures, the primary one first; libheif applies rotations and reports sizes before it decodes."""
    try:
        import pillow_heif
    except ImportError as error:
        raise UnsupportedDocumentError(
            f"{name} is a HEIC picture and the library pillow-heif is missing; install it or send a JPEG."
        ) from error
    with guarded_decoding(name):
        file = pillow_heif.open_heif(io.BytesIO(source))
        count, primary = len(file), file.primary_index
    limits.check_page_count(count, name)
    for index in [primary, *(other for other in range(count) if other != primary)]:
        where = name if count == 1 else f"picture {index + 1} of {name}"
        with guarded_decoding(where):
            picture = file[index]
            limits.check_page_size(*picture.size, where)
            page = _to_page(picture.to_pillow(), limits, where)
        yield page


def _to_page(image: Image.Image, limits: Limits, where: str) -> RawPage:
    """A loaded picture as RGB, turned as its EXIF orientation says, its pixels made square.

    Raises DocumentTooLargeError where square pixels would be too many.
    """
    steps: list[PreprocessingStep] = []
    resolution = _resolution(image)
    orientation = _exif_orientation(image)
    if orientation != 1:
        image = ImageOps.exif_transpose(image)
        resolution = resolution[::-1] if orientation >= 5 else resolution
        steps.append(PreprocessingStep("exif_orientation", f"the camera noted orientation {orientation}"))
    pixels, signs = to_rgb(image), edited_picture(image)
    horizontal, vertical = resolution
    if horizontal and vertical and max(horizontal, vertical) > 1.2 * min(horizontal, vertical):
        size, dpi = _square_size(image.size, horizontal, vertical)
        limits.check_page_size(*size, where)
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
        steps.append(PreprocessingStep("square_pixels", f"scanned at {horizontal:g} x {vertical:g} dpi, as faxes are"))
        return RawPage(pixels, dpi, tuple(steps), signs=signs)
    return RawPage(pixels, horizontal, tuple(steps), signs=signs)


def _exif_orientation(image: Image.Image) -> int:
    """1..8; 1 when absent or unreadable, as broken EXIF says nothing about the pixels."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a hostile EXIF block raises anything
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _resolution(image: Image.Image) -> tuple[float | None, float | None]:
    """Horizontal and vertical dpi from the metadata, None where it is absent or a program's placeholder."""
    stated: Any = image.info.get("dpi")
    if not isinstance(stated, tuple) or len(stated) != 2:
        return None, None
    values = [float(value) if value else math.nan for value in stated]
    if not all(math.isfinite(value) for value in values) or max(values) < _SCANNER_DPI[0]:
        return None, None
    # Faxes have 204 x 98: the smaller one alone may lie below what scanners use.
    if min(values) < 0.4 * _SCANNER_DPI[0] or max(values) > _SCANNER_DPI[1]:
        return None, None
    return values[0], values[1]


def _square_size(size: tuple[int, int], horizontal: float, vertical: float) -> tuple[tuple[int, int], float]:
    """Width and height stretched along the coarser side to the resolution of the finer one, at most by 2.5."""
    finer = max(horizontal, vertical)
    return (round(size[0] * min(2.5, finer / horizontal)), round(size[1] * min(2.5, finer / vertical))), finer


def to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Any Pillow mode as uint8, shape (H, W, 3), RGB; transparency shows white paper.

    A picture that is transparent everywhere comes from a program that left the fourth channel at zero: it is opaque.
    """
    if image.mode.startswith(("I", "F")):
        grey = _deep_grey_to_8_bit(np.asarray(image), image.mode.startswith("I;16"))
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        if rgba.getchannel("A").getextrema() == (0, 0):
            return np.array(rgba.convert("RGB"), dtype=np.uint8)
        paper = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(paper, rgba)
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _deep_grey_to_8_bit(values: NDArray[Any], sixteen_bit: bool) -> NDArray[np.uint8]:
    """16-bit, 32-bit and floating grey as uint8. Other than 16-bit grey does not say what white is: it is the smallest
    usual white that holds all values."""
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(values.max(initial=0.0))
    whites = (65_535.0,) if sixteen_bit else (1.0, 255.0, 65_535.0)
    white = next((white for white in whites if largest <= white), largest)
    return np.asarray(np.clip(np.rint(values * (255.0 / white)), 0, 255), dtype=np.uint8)
