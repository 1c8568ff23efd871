"""Which characters of a PDF page are painted: those whose text object, left out, changes the picture.

The picture is the judge, whatever hides a text: render mode, transparency, the colour of what lies under it, a box or a
picture over it, a clip, a layer that is off.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # shape (H, W, 3)

_SEEN = 16  # grey levels that a person sees a letter by
_LEAST_SHARE = 0.02  # of the pixels of a character's box
_INNER = 0.6  # of a character's box, on each side: neighbours may touch, but do not lie over each other
_MOST_LAYERS = 4  # pictures made to tell texts apart that lie over each other


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCharacters:
    """``codes``: Unicode, shape (n,); ``boxes``: float64, shape (n, 4), left, top, right, bottom in pixels of the
    picture; ``objects``: pdfium's text object that paints each of them."""

    codes: NDArray[np.int32]
    boxes: NDArray[np.float64]
    objects: Sequence[pdfium.FPDF_PAGEOBJECT]

    @property
    def owners(self) -> list[int]:
        """Per character the address of its text object."""
        return [ctypes.cast(item, ctypes.c_void_p).value or 0 for item in self.objects]

    def hidden(self, seen: NDArray[np.bool_]) -> list[pdfium.FPDF_PAGEOBJECT]:
        """The text objects of which no character is seen."""
        owners = self.owners
        shown = {owner for owner, is_seen in zip(owners, seen.tolist(), strict=True) if is_seen}
        return [item for owner, item in dict(zip(owners, self.objects, strict=True)).items() if owner not in shown]


def painted(characters: PlacedCharacters, picture: Picture, render: Callable[[], Picture]) -> NDArray[np.bool_]:
    """Shape (n,). ``render`` makes the page's picture anew, without the text objects that are switched off."""
    owners = characters.owners
    objects = dict(zip(owners, characters.objects, strict=True))
    codes, boxes = characters.codes.tolist(), _clipped(characters.boxes, picture.shape)
    seen = np.zeros(len(owners), dtype=np.bool_)
    if owners:
        _look(seen, boxes, range(len(owners)), _difference(picture, _without(objects.values(), render)))
    layers = _layers(boxes, codes, owners)
    for layer in layers:
        members = [index for index, owner in enumerate(owners) if owner in layer]
        _look(seen, boxes, members, _difference(picture, _without([objects[owner] for owner in layer], render)))
    words = _whole_words(seen, codes, owners, set().union(*layers))
    return words | _spaces_of(words, codes, owners)


def _whole_words(
    seen: NDArray[np.bool_], codes: Sequence[int], owners: Sequence[int], contested: set[int]
) -> NDArray[np.bool_]:
    """Words as a person takes them where a stamp or a watermark hides a part: letters from what is left of their line,
    numbers only where every digit is seen."""
    whole = seen.copy()
    printed = [not chr(code).isspace() for code in codes]
    shown: dict[int, list[bool]] = defaultdict(list)
    for owner, is_seen, inked in zip(owners, seen.tolist(), printed, strict=True):
        if inked:
            shown[owner].append(is_seen)
    for (owner, inked), run in groupby(range(len(codes)), key=lambda at: (owners[at], printed[at])):
        word = list(run)
        if not inked or owner in contested or seen[word].all():
            continue
        numeric = any(chr(codes[at]).isdigit() for at in word)
        whole[word] = not numeric and sum(shown[owner]) > len(shown[owner]) / 2
    return whole


def _spaces_of(seen: NDArray[np.bool_], codes: Sequence[int], owners: Sequence[int]) -> NDArray[np.bool_]:
    """Spaces whose text object paints something, or holds nothing but spaces."""
    blank = [chr(code).isspace() for code in codes]
    inked = {owner for owner, empty in zip(owners, blank, strict=True) if not empty}
    shown = {owner for owner, is_seen in zip(owners, seen.tolist(), strict=True) if is_seen}
    return np.array(
        [empty and (owner in shown or owner not in inked) for owner, empty in zip(owners, blank, strict=True)],
        dtype=np.bool_,
    )


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


def _without(objects: Iterable[pdfium.FPDF_PAGEOBJECT], render: Callable[[], Picture]) -> Picture:
    with switched_off(objects):
        return render()


def _difference(one: Picture, other: Picture) -> NDArray[np.bool_]:
    """Shape (H, W): where a person sees the two pictures differ."""
    differs = np.zeros(one.shape[:2], dtype=np.bool_)
    rows = np.flatnonzero((one != other).any(axis=(1, 2)))
    if len(rows):
        span = slice(int(rows[0]), int(rows[-1]) + 1)
        differs[span] = np.abs(one[span].astype(np.int16) - other[span]).max(axis=2) >= _SEEN
    return differs


def _look(seen: NDArray[np.bool_], boxes: NDArray[np.intp], members: Iterable[int], differs: NDArray[np.bool_]) -> None:
    """Sets ``seen`` of the members to whether anything differs in their boxes."""
    for index in members:
        left, top, right, bottom = boxes[index].tolist()
        patch = differs[top:bottom, left:right]
        seen[index] = np.count_nonzero(patch) > _LEAST_SHARE * patch.size


def _clipped(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Whole pixels inside the picture; empty for what lies beyond it."""
    limits = np.array([shape[1], shape[0]] * 2)
    whole = np.column_stack([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])])
    return np.asarray(np.clip(whole, 0, limits), dtype=np.intp)


def _layers(boxes: NDArray[np.intp], codes: Sequence[int], owners: Sequence[int]) -> list[set[int]]:
    """Text objects that lie over other texts, as few groups as possible in which none lies over another.

    The same text painted again in its place, as for bold print, belongs to one group.
    """
    same, other = _collisions(boxes, codes, owners)
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


def _collisions(
    boxes: NDArray[np.intp], codes: Sequence[int], owners: Sequence[int]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of text objects with equal characters in one place, and pairs with different ones."""
    same: set[tuple[int, int]] = set()
    other: set[tuple[int, int]] = set()
    if not len(boxes):
        return same, other
    places = np.full((int(boxes[:, 3].max()) + 1, int(boxes[:, 2].max()) + 1), -1, dtype=np.int32)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]) * _INNER / 2
    inner = np.column_stack([np.floor(centres - half), np.ceil(centres + half)]).astype(np.intp)
    for index, (left, top, right, bottom) in enumerate(inner.tolist()):
        patch = places[top:bottom, left:right]
        for earlier in np.unique(patch).tolist() if (patch >= 0).any() else ():
            if earlier >= 0 and owners[earlier] != owners[index]:
                pair = (min(owners[earlier], owners[index]), max(owners[earlier], owners[index]))
                (same if codes[earlier] == codes[index] else other).add(pair)
        patch[:] = index
    return same, other
