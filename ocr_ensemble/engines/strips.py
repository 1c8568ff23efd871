"""Pages far longer than wide, or far wider than long, in strips that overlap; lines found in two strips are one line.

A network that finds lines takes memory by the pixel, so its picture has to be bounded whatever the page's shape is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocr_ensemble.layout import BoundingBox, Polygon

_SAME_ROW = 0.5  # of the lower of two boxes, that two parts of one line share
_WITHIN = 0.9  # of a line's area, that lies in another one: it is the same line, cut off


def strips(width: int, height: int, length: int, overlap: int) -> list[BoundingBox]:
    """Boxes that cover a page of ``width`` x ``height`` from its beginning to its end, cut across the longer side.

    Each is ``length`` pixels long (the last one as long as is left) and shares ``overlap`` of them with the next.
    """
    longer = max(width, height)
    step = max(1, length - overlap)
    starts = range(0, max(1, longer - overlap), step)
    if width >= height:
        return [BoundingBox(start, 0, min(width, start + length), height) for start in starts]
    return [BoundingBox(0, start, width, min(height, start + length)) for start in starts]


def joined(found: Sequence[tuple[BoundingBox, Sequence[Polygon]]]) -> list[Polygon]:
    """The lines of all strips, in the order of ``strips``; polygons are in pixels of the page.

    Only lines that reach into what two neighbouring strips share are compared with each other.
    """
    lines: list[Polygon] = []
    earlier: list[int] = []
    for number, (_, polygons) in enumerate(found):
        following = found[number + 1][0] if number + 1 < len(found) else None
        reaching = []
        for polygon in polygons:
            twin = next((index for index in earlier if _one_line(lines[index], polygon)), None)
            if twin is None:
                twin = len(lines)
                lines.append(polygon)
            else:
                lines[twin] = _union(lines[twin], polygon)
            if following is not None and _touch(BoundingBox.around(polygon), following):
                reaching.append(twin)
        earlier = reaching
    return lines


def _touch(one: BoundingBox, other: BoundingBox) -> bool:
    return one.intersection_area(other) > 0


def _one_line(first: Polygon, second: Polygon) -> bool:
    """Whether two polygons overlap in the direction of reading and stand on one row."""
    one, other = BoundingBox.around(first), BoundingBox.around(second)
    if not _touch(one, other):
        return False
    if one.height > one.width and other.height > other.width:  # text that runs downwards
        return one.horizontal_overlap(other) >= _SAME_ROW * min(one.width, other.width)
    return one.vertical_overlap(other) >= _SAME_ROW * min(one.height, other.height)


def _union(first: Polygon, second: Polygon) -> Polygon:
    """The larger of the two where it holds the other one, else from the beginning of one to the end of the other."""
    one, other = BoundingBox.around(first), BoundingBox.around(second)
    smaller, larger = sorted(((one.area, first), (other.area, second)), key=lambda item: item[0])
    if one.intersection_area(other) >= _WITHIN * smaller[0]:
        return larger[1]
    if one.height > one.width and other.height > other.width:
        upper, lower = sorted((first, second), key=_top)
        return upper[0], upper[1], lower[2], lower[3]
    left, right = sorted((first, second), key=_left)
    return left[0], right[1], right[2], left[3]


def _top(polygon: Polygon) -> float:
    return min(y for _, y in polygon)


def _left(polygon: Polygon) -> float:
    return min(x for x, _ in polygon)


def moved(polygon: Polygon, strip: BoundingBox) -> Polygon:
    """From pixels of the strip to those of the page."""
    a, b, c, d = ((x + strip.left, y + strip.top) for x, y in polygon)
    return a, b, c, d
