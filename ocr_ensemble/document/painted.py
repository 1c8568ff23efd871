"""Which characters of a PDF page are painted: those whose text object, left out, changes the picture.

The picture is the judge, whatever hides a text: render mode, transparency, the colour of what lies under it, a box or a
picture over it, a clip, a layer that is off.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # shape (H, W, 3)

_SEEN = 16  # grey levels that a person sees a letter by
_LEAST_SHARE = 0.02  # of the pixels of a character's box
_INNER = 0.6  # of a character's sides: centres nearer than this lie over each other, neighbours do not
_CELL = 12.0  # pixels: characters that lie over each other have their centres within half of it, or nearly
_MOSTLY = 0.5  # of a text object that is seen
_MOST_LAYERS = 4  # pictures made to tell texts apart that lie over each other


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCharacters:
    """``codes``: Unicode, shape (n,); ``boxes``: float64, shape (n, 4), left, top, right, bottom in pixels of the
    picture; ``objects``: pdfium's text objects by their address, ``owners``: int64, shape (n,), whose each is."""

    codes: NDArray[np.int32]
    boxes: NDArray[np.float64]
    objects: Mapping[int, pdfium.FPDF_PAGEOBJECT]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, codes: NDArray[np.int32], boxes: NDArray[np.float64], owners: NDArray[np.int64]) -> PlacedCharacters:
        """``owners``: the address of each character's text object, 0 for none."""
        objects = {owner: ctypes.cast(owner, pdfium.FPDF_PAGEOBJECT) for owner in dict.fromkeys(owners.tolist())}
        return cls(codes, boxes, objects, owners)

    @property
    def printed(self) -> NDArray[np.bool_]:
        """Which are no spaces, shape (n,)."""
        spaces = [code for code in np.unique(self.codes).tolist() if chr(code).isspace()]
        return np.isin(self.codes, spaces, invert=True)

    def hidden(self, seen: NDArray[np.bool_]) -> list[pdfium.FPDF_PAGEOBJECT]:
        """The text objects of which no character is seen."""
        return [self.objects[owner] for owner in self.objects.keys() - set(self.owners[seen].tolist())]


def painted(characters: PlacedCharacters, picture: Picture, render: Callable[[], Picture]) -> NDArray[np.bool_]:
    """Shape (n,). ``render`` makes the page's picture anew, without the text objects that are switched off."""
    owners, objects = characters.owners, characters.objects
    if not len(owners):
        return np.zeros(0, dtype=np.bool_)
    seen = differing(characters.boxes, picture, without(objects.values(), render))
    layers = _layers(characters)
    for layer in layers:
        members = np.isin(owners, list(layer))
        seen[members] = differing(
            characters.boxes[members], picture, without([objects[owner] for owner in layer], render)
        )
    printed = characters.printed
    if not seen[printed].all():
        seen = _whole_words(seen, printed, characters, set().union(*layers))
    shown, inked = np.unique(owners[seen & printed]), np.unique(owners[printed])
    # A space belongs to what its text object paints; one that paints nothing else is where it is.
    return (seen & printed) | (~printed & (np.isin(owners, shown) | ~np.isin(owners, inked)))


def _whole_words(
    seen: NDArray[np.bool_], printed: NDArray[np.bool_], characters: PlacedCharacters, contested: set[int]
) -> NDArray[np.bool_]:
    """Words as a person takes them where a stamp or a watermark hides a part: letters from what is left of their line,
    numbers only where every digit is seen."""
    whole, owners = seen.copy(), characters.owners
    for (owner, inked), run in groupby(range(len(seen)), key=lambda at: (int(owners[at]), bool(printed[at]))):
        word = list(run)
        if not inked or owner in contested or seen[word].all():
            continue
        numeric = any(chr(code).isdigit() for code in characters.codes[word].tolist())
        whole[word] = not numeric and seen[(owners == owner) & printed].mean() > _MOSTLY
    return whole


@contextmanager
def switched_off(objects: Iterable[pdfium.FPDF_PAGEOBJECT]) -> Iterator[None]:
    """The objects are neither rendered nor part of the page's text inside."""
    chosen = list(objects)
    for item in chosen:
        pdfium.FPDFPageObj_SetIsActive(item, False)
    try:
        yield
    finally:
        for item in chosen:
            pdfium.FPDFPageObj_SetIsActive(item, True)


def without(objects: Iterable[pdfium.FPDF_PAGEOBJECT], render: Callable[[], Picture]) -> Picture:
    """The page's picture without the objects."""
    with switched_off(objects):
        return render()


def differing(boxes: NDArray[np.float64], one: Picture, other: Picture) -> NDArray[np.bool_]:
    """Per box, shape (n, 4), whether a person sees the two pictures differ in it."""
    edges = _clipped(boxes, one.shape)
    if not edges.size:
        return np.zeros(0, dtype=np.bool_)
    first, last = edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)
    if (first >= last).any():
        return np.zeros(len(edges), dtype=np.bool_)
    window = slice(first[1], last[1]), slice(first[0], last[0])
    sums = cv2.integral(_unlike(one[window], other[window]))
    left, top, right, bottom = (edges - np.tile(first, 2)).T
    counts = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(counts > _LEAST_SHARE * (right - left) * (bottom - top), dtype=np.bool_)


def _unlike(one: Picture, other: Picture) -> NDArray[np.uint8]:
    """Shape (H, W): 1 where a person sees two pictures differ in a channel, of which those without colour have one."""
    if one.strides[-1] == other.strides[-1] == 0:
        return np.asarray(cv2.threshold(cv2.absdiff(one[..., 0], other[..., 0]), _SEEN - 1, 1, cv2.THRESH_BINARY)[1])
    alike = np.asarray(cv2.inRange(cv2.absdiff(one, other), (0, 0, 0), (_SEEN - 1,) * 3), np.uint8)
    return np.asarray(~alike & 1, dtype=np.uint8)


def _clipped(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Whole pixels inside the picture; empty for what lies beyond it."""
    limits = np.array([shape[1], shape[0]] * 2)
    whole = np.column_stack([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])])
    return np.asarray(np.clip(whole, 0, limits), dtype=np.intp)


def _layers(characters: PlacedCharacters) -> list[set[int]]:
    """Text objects that lie over other texts, as few groups as possible in which none lies over another.

    The same text painted again in its place, as for bold print, belongs to one group.
    """
    same, other = _collisions(characters)
    rivals: dict[int, set[int]] = defaultdict(set)
    for one, two in other:
        rivals[one].add(two)
        rivals[two].add(one)
    twins: dict[int, set[int]] = defaultdict(set)
    for one, two in same - other:
        twins[one].add(two)
        twins[two].add(one)
    layer_of: dict[int, int] = {}
    for owner, others in rivals.items():
        taken = {layer_of[rival] for rival in others if rival in layer_of}
        preferred = [layer_of[twin] for twin in twins[owner] if twin in layer_of and layer_of[twin] not in taken]
        free = (number for number in range(len(rivals) + 1) if number not in taken)
        layer_of[owner] = preferred[0] if preferred else next(free)
    layers: dict[int, set[int]] = defaultdict(set)
    for owner, number in layer_of.items():
        layers[number].add(owner)
    return [layers[number] for number in sorted(layers)[:_MOST_LAYERS]]


def _collisions(characters: PlacedCharacters) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of text objects with equal characters in one place, and pairs with different ones."""
    boxes, owners, codes = characters.boxes, characters.owners, characters.codes
    centres, near = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) * _INNER
    one, two = _neighbours(centres, owners)
    over = (np.abs(centres[one] - centres[two]) <= np.minimum(near[one], near[two])).all(axis=1)
    one, two = one[over], two[over]
    pairs = np.sort(np.column_stack([owners[one], owners[two]]), axis=1)
    alike = codes[one] == codes[two]
    same, other = (set(map(tuple, np.unique(pairs[chosen], axis=0).tolist())) for chosen in (alike, ~alike))
    return same, other


def _neighbours(centres: NDArray[np.float64], owners: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of characters of different text objects that share a cell of one of four grids, half a cell apart."""
    found: list[NDArray[np.intp]] = []
    for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        columns, rows = np.floor(centres / _CELL + shift).astype(np.int64).T
        cells = rows * (1 << 32) + columns
        order = np.argsort(cells, kind="stable")
        for step in range(1, _MOST_LAYERS + 1):
            one, two = order[:-step], order[step:]
            close = (cells[one] == cells[two]) & (owners[one] != owners[two])
            found.append(one[close] * len(owners) + two[close])
    return np.divmod(np.unique(np.concatenate(found)), max(1, len(owners)))
