"""What of a page's picture changed between two revisions of its file: its content, its form fields, or its notes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from ocr_ensemble.document.characters import View, mapped_boxes
from ocr_ensemble.document.compared import SEEN, differences
from ocr_ensemble.document.covers import is_scan
from ocr_ensemble.document.notes import Annotation
from ocr_ensemble.document.opening import OpenedPage
from ocr_ensemble.document.signs import Layer
from ocr_ensemble.grey import grey_of
from ocr_ensemble.layout import BoundingBox

Grey = NDArray[np.uint8]

_RIM = 2  # pixels by which the edges of what changed differ, too
_SAME = 1.0  # points between the corners of a field in two revisions
_LONGEST = 500  # characters of a text that stood somewhere


@dataclass(frozen=True, slots=True)
class Place:
    """Where something changed, ``box`` in pixels of the page, and what stood there ``before``."""

    layer: Layer
    box: BoundingBox
    before: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two revisions of a page, seen through one ``view`` in ``scale`` times the size of the page's picture.

    ``before`` and ``now`` are the pages as they are shown, ``sources`` the bytes of their files; ``anything``: what is
    new counts, too, not only print that is gone.
    """

    before: OpenedPage
    now: OpenedPage
    sources: tuple[bytes, bytes]
    index: int
    view: View
    scale: float
    anything: bool

    def places(self) -> Iterator[Place]:
        """Notes and fields only where they hide nothing of the page; a note or field that does is told as the page."""
        old, new = (self._shown(each.page) for each in (self.before, self.now))
        if not _seen(old, new).any():
            return
        one, other = (pypdfium2.PdfDocument(source) for source in self.sources)
        with closing(one), closing(other), closing(one[self.index]) as page, closing(other[self.index]) as later:
            printed, print_now = (self._shown(each, annotations=False) for each in (page, later))
            yield from self._told(printed, print_now)
            rest = old.copy()
            own = cv2.dilate(_seen(printed, print_now), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)) > 0
            rest[own] = new[own]
            for annotation in self._annotations():
                yield from self._put_on(annotation, rest, new, _Print(page, printed, self.view.to_pixels()))
            yield from self._told(rest, new)

    def _put_on(self, annotation: Annotation, rest: Grey, new: Grey, printed: _Print) -> Iterator[Place]:
        """Where the annotation changed what is shown; ``rest`` is what is not explained yet."""
        left, top, right, bottom = self._window(annotation)
        window = slice(top, bottom), slice(left, right)
        rows, columns = np.nonzero(_seen(rest[window], new[window]))
        if not len(rows):
            return
        rest[window] = new[window]
        corners = (left + columns.min(), top + rows.min()), (left + columns.max() + 1, top + rows.max() + 1)
        box = BoundingBox.around([(float(x), float(y)) for x, y in corners])
        layer = self._layer(annotation)
        if printed.is_hidden(box, new, numbers_only=layer is Layer.FIELD):
            layer = Layer.PAGE
        yield Place(layer, self._full(box), _text(self.before.page, box, self.view.to_pixels()))

    def _layer(self, annotation: Annotation) -> Layer:
        """A field that the earlier revision has not was put there as a note is; a signature signs where it likes."""
        fields = np.array([each.place for each in self.before.annotations if each.field]).reshape(-1, 4)
        known = bool((np.abs(fields - np.array(annotation.place)).max(axis=1, initial=0.0) < _SAME).any())
        return Layer.FIELD if annotation.signature or (annotation.field and known) else Layer.NOTE

    def _annotations(self) -> list[Annotation]:
        """Those of both revisions, notes first: they lie over fields."""
        found = dict.fromkeys((*self.now.annotations, *self.before.annotations))
        return sorted(found, key=lambda each: each.field)

    def _window(self, annotation: Annotation) -> tuple[int, int, int, int]:
        (box,) = mapped_boxes(np.array([annotation.place], dtype=np.float64), self.view.to_pixels()).tolist()
        width, height = self.view.size
        left, right = (int(np.clip(x, 0, width)) for x in (box[0] - _RIM, box[2] + _RIM + 1))
        top, bottom = (int(np.clip(y, 0, height)) for y in (box[1] - _RIM, box[3] + _RIM + 1))
        return left, top, right, bottom

    def _told(self, old: Grey, new: Grey) -> Iterator[Place]:
        for box in differences(old, new, self.anything, self.scale):
            yield Place(Layer.PAGE, box)

    def _full(self, box: BoundingBox) -> BoundingBox:
        left, top, right, bottom = (edge / self.scale for edge in box.as_tuple())
        return BoundingBox.around([(left, top), (right, bottom)])

    def _shown(self, page: pypdfium2.PdfPage, annotations: bool = True) -> Grey:
        return grey_of(replace(self.view, page=page, annotations=annotations).picture())


@dataclass(frozen=True, slots=True, eq=False)
class _Print:
    """A page's own content: the page, its picture, and the map from its points to pixels."""

    page: pypdfium2.PdfPage
    picture: Grey
    to_pixels: NDArray[np.float64]

    def is_hidden(self, box: BoundingBox, now: Grey, numbers_only: bool) -> bool:
        """Whether something of it is not seen there any more: letters, digits, or anything of a scan. Under a field,
        prompts and leaders are meant to be covered, numbers are not; a scan has no text to tell them by."""
        window = slice(box.top, box.bottom), slice(box.left, box.right)
        rows, columns = np.nonzero(cv2.subtract(now[window], self.picture[window]) >= SEEN)
        if not len(rows):
            return False
        corners = [(box.left + columns.min(), box.top + rows.min()), (box.left + columns.max(), box.top + rows.max())]
        gone = BoundingBox.around([(float(x), float(y)) for x, y in corners])
        counts = str.isdigit if numbers_only else str.isalnum
        return any(map(counts, _text(self.page, gone, self.to_pixels))) or is_scan(self.page)


def _text(page: pypdfium2.PdfPage, box: BoundingBox, to_pixels: NDArray[np.float64]) -> str:
    """What the page's text says in a box of pixels."""
    corners = np.array([box.as_tuple()[:2], box.as_tuple()[2:]]) - to_pixels[2]
    one, other = (corners @ np.linalg.inv(to_pixels[:2])).tolist()
    (left, right), (bottom, top) = (sorted(pair) for pair in zip(one, other, strict=True))
    with closing(page.get_textpage()) as text:
        return str(text.get_text_bounded(left, bottom, right, top))[:_LONGEST]


def _seen(one: Grey, other: Grey) -> Grey:
    """Where a person sees two pictures differ, as 1, 0 elsewhere."""
    return np.asarray(cv2.absdiff(one, other) >= SEEN, dtype=np.uint8)
