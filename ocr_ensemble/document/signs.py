"""Signs that a document was changed after it was made, as they are found in a file: what, and where on which page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ocr_ensemble.layout import BoundingBox


class Change(StrEnum):
    """What speaks for a change."""

    SIGNED = "signed"  # the page looks otherwise than when it was signed
    PAGES = "pages"  # there are more, fewer or larger pages than were signed
    SIGNATURE = "signature"  # the bytes are not those that were signed
    REVISED = "revised"  # print that an earlier revision in the file shows is gone
    MIXED = "mixed"  # digits of one number are set unlike each other
    COVERED = "covered"  # print of a picture lies under something that was put on it
    COPIED = "copied"  # a letter stands in another place of the page, too, in every pixel
    EDITOR = "editor"  # a program that can change what pages show had the file after it was made


class Layer(StrEnum):
    """What of a page a change is in."""

    PAGE = "page"  # its own content, or what was put over it
    FIELD = "field"  # a form field or signature, filled in where nothing of the page is hidden
    NOTE = "note"  # an annotation that hides nothing


@dataclass(frozen=True, slots=True)
class Sign:
    """``text``: the number or program that it is about, or what stood there in the earlier revision, may be empty;
    ``box``: its place in pixels of the page, None where it has none."""

    change: Change
    text: str = ""
    box: BoundingBox | None = None
    layer: Layer = Layer.PAGE
