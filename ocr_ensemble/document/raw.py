"""A page as a decoder hands it over, and the one door through which foreign bytes go to a decoder."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.document.signs import Sign
from ocr_ensemble.document.steps import NotRead, PreprocessingStep
from ocr_ensemble.errors import DamagedDocumentError, DocumentError, DocumentTooLargeError, UnsupportedDocumentError

# pdfium is not thread-safe, and neither is warnings.catch_warnings: decoders run one at a time in a process.
_DECODERS = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """The n printable glyphs and spaces of a page, in pixels of its rendered image.

    ``codes``: Unicode; ``tight`` and ``loose``: float64, shape (n, 4), left, top, right, bottom of the ink and of the
    advance box; ``baselines``: float64, shape (n,); ``visible`` and ``mapped``: bool, shape (n,), whether the glyph
    is painted and whether the font says what it means; ``covered``: bool, shape (n,), whether it is hidden by what was
    painted over it; ``fonts``: int32, shape (n,), equal for glyphs of one font; ``colours``: int32, shape (n,), what it
    is filled with, 0xRRGGBB.
    """

    codes: NDArray[np.int32]
    tight: NDArray[np.float64]
    loose: NDArray[np.float64]
    baselines: NDArray[np.float64]
    visible: NDArray[np.bool_]
    mapped: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    fonts: NDArray[np.int32]
    colours: NDArray[np.int32]

    def where(self, chosen: NDArray[np.bool_]) -> Glyphs:
        """Those of ``chosen``, shape (n,)."""
        return Glyphs(**{item.name: getattr(self, item.name)[chosen] for item in fields(self)})

    def joined(self, others: Glyphs) -> Glyphs:
        """These and the others."""
        pairs = {item.name: (getattr(self, item.name), getattr(others, item.name)) for item in fields(self)}
        return Glyphs(**{name: np.concatenate(pair) for name, pair in pairs.items()})


@dataclass(frozen=True, slots=True, eq=False)
class RawPage:
    """``pixels``: uint8, shape (H, W, 3), RGB, EXIF orientation applied; the three channels may be one array.
    ``glyphs``: the text a PDF page carries. ``askew``: its texts at an angle, such as stamps; ``bare``: uint8, shape
    (h, w), the page without any of its texts, at ``steps.DRAWINGS_SCALE``. ``not_read``: parts of the file that are
    no page and were met on the way to this one. ``version``: of the library that found the ``glyphs``; ``signs``:
    that the page or the file was changed."""

    pixels: NDArray[np.uint8]
    dpi: float | None = None
    steps: tuple[PreprocessingStep, ...] = ()
    glyphs: Glyphs | None = None
    askew: tuple[str, ...] = ()
    bare: NDArray[np.uint8] | None = None
    not_read: tuple[NotRead, ...] = ()
    version: str = ""
    signs: tuple[Sign, ...] = ()


@contextmanager
def guarded_decoding(where: str) -> Iterator[None]:
    """Whatever a decoder raises inside becomes a DocumentError about ``where``.

    Decoders meet hostile bytes with any exception there is (struct.error, IndexError, OverflowError), so all count.
    Their warnings are silenced: what they warn of is either an error here or without effect on the pixels.
    """
    with _DECODERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except DocumentError:
            raise
        except Exception as error:
            if isinstance(error, MemoryError) or _is_bomb(error):
                raise DocumentTooLargeError(
                    f"{where} unpacks to more than memory allows; scan it again at 300 dpi and send that."
                ) from error
            if _first_line(error).lower().startswith("unsupported"):
                raise UnsupportedDocumentError(
                    f"{where} is of a rare kind that cannot be read here ({_first_line(error)}); "
                    "save it as a PNG or PDF and send that."
                ) from error
            raise DamagedDocumentError(
                f"{where} is cut short or corrupt ({_first_line(error)}); send or scan it again."
            ) from error


def _is_bomb(error: Exception) -> bool:
    from PIL import Image  # which a PDF needs only here

    return isinstance(error, Image.DecompressionBombError)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:120] if lines else type(error).__name__
