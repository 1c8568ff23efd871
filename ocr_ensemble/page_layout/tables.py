"""From lines to tables: columns of figures that stand under each other, with what stands left of them in their rows.

A column of figures is what tells a table, or a list of labels and values, from two addresses printed side by side.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout.lines import is_figure, same_row
from ocr_ensemble.page_layout.model import LayoutLine, TableCell, TableRegion

# In heights of the text.
_EDGE = 0.6  # how far edges of one column lie apart
_NEXT = 4.0  # to the next row of a table
_HEAD = 3.0  # from the heads of its columns to its first row

Row = tuple[LayoutLine, ...]


def rows_of(lines: Iterable[LayoutLine]) -> list[Row]:
    """The printed rows of the page from top to bottom, each from left to right."""
    rows: list[list[LayoutLine]] = []
    for line in sorted(lines, key=lambda item: (item.box.center[1], item.box.left)):
        if rows and same_row(rows[-1][-1].box, line.box):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [tuple(sorted(row, key=lambda item: item.box.left)) for row in rows]


def tables_of(lines: Sequence[LayoutLine]) -> list[TableRegion]:
    """The tables of the page: at least two rows and two columns, one of them of figures."""
    rows = rows_of(lines)
    left = {line: before for row in rows for before, line in pairwise(row)}
    right = {row[0]: row[1] for row in rows if len(row) > 1}  # of a row's number, or of how many, before what it is
    groups = _Groups(lines)
    figures = dict.fromkeys(line for line in lines if is_figure(line.text))
    for upper, lower in _column_pairs(tuple(figures)):
        for beside in (left, right):
            if upper in beside and lower in beside:
                groups.join(upper, lower)
                _join_row(upper, beside, figures, groups)
                _join_row(lower, beside, figures, groups)
    for row, box in _enclosed(rows, groups):
        for line in row:
            groups.join(line, box)
    return [table for members in groups.members() if (table := _table(members)) is not None]


def _join_row(
    line: LayoutLine, beside: Mapping[LayoutLine, LayoutLine], figures: Container[LayoutLine], groups: _Groups
) -> None:
    """What stands beside a figure belongs to its row, up to the first text that is none."""
    while line in beside:
        groups.join(line, beside[line])
        line = beside[line]
        if line not in figures:
            return


def _enclosed(rows: Sequence[Row], groups: _Groups) -> Iterator[tuple[Row, LayoutLine]]:
    """Lines between the rows of a table, and the heads above its columns, each with a line of that table."""
    tables = [(BoundingBox.union(line.box for line in members), members) for members in groups.members()]
    tables.sort(key=lambda table: table[0].top)
    tops = [box.top for box, _ in tables]
    for row in rows:
        free = tuple(line for line in row if groups.is_alone(line))
        if not free:
            continue
        middle, height = free[0].box.center[1], free[0].box.height
        for box, members in tables[: bisect_right(tops, middle + _HEAD * height)]:
            if box.top <= middle < box.bottom:
                inside = tuple(line for line in free if box.left <= line.box.center[0] < box.right)
            else:
                inside = _heads(free, box, members)
            if inside:
                yield inside, members[0]
                break


def _heads(row: Row, box: BoundingBox, members: Sequence[LayoutLine]) -> Row:
    """The row, where it stands right above a table and two or more of its lines each head one column of their own."""
    if not 0 <= box.top - row[0].box.bottom <= _HEAD * row[0].box.height:
        return ()
    columns = _columns(members)
    over = [[n for n, (left, right) in enumerate(columns) if line.box.left < right and left < line.box.right]
            for line in row]  # fmt: skip
    headed = [numbers[0] for numbers in over if len(numbers) == 1]
    if len(headed) < 2 or len(set(headed)) < len(headed) or any(len(numbers) > 1 for numbers in over):
        return ()
    return tuple(line for line, numbers in zip(row, over, strict=True) if numbers)


def _column_pairs(figures: Sequence[LayoutLine]) -> Iterable[tuple[LayoutLine, LayoutLine]]:
    """Each figure with the next one below it that has its right or its left edge."""
    for edge in (_right, _left):
        edges = sorted(map(edge, figures))
        last: dict[int, LayoutLine] = {}  # by the place of the column's first edge
        for line in sorted(figures, key=lambda item: item.box.top):
            slack = _EDGE * line.box.height
            first = bisect_left(edges, edge(line) - slack)
            known = range(first, bisect_right(edges, edge(line) + slack))
            above = next((last[at] for at in known if at in last), None)
            if above is not None and line.box.top - above.box.bottom <= _NEXT * line.box.height:
                yield above, line
            for at in known:
                last.pop(at, None)
            last[first] = line


def _right(line: LayoutLine) -> int:
    return line.box.right


def _left(line: LayoutLine) -> int:
    return line.box.left


class _Groups:
    """Lines that belong together: disjoint sets with path halving."""

    def __init__(self, lines: Iterable[LayoutLine]) -> None:
        self._parent = {line: line for line in lines}
        self._sizes = dict.fromkeys(self._parent, 1)

    def _root(self, line: LayoutLine) -> LayoutLine:
        while self._parent[line] is not line:
            self._parent[line] = self._parent[self._parent[line]]
            line = self._parent[line]
        return line

    def join(self, one: LayoutLine, other: LayoutLine) -> None:
        below, above = self._root(one), self._root(other)
        if below is not above:
            self._parent[below] = above
            self._sizes[above] += self._sizes[below]

    def is_alone(self, line: LayoutLine) -> bool:
        return self._sizes[self._root(line)] == 1

    def members(self) -> list[list[LayoutLine]]:
        groups: dict[LayoutLine, list[LayoutLine]] = {}
        for line in self._parent:
            groups.setdefault(self._root(line), []).append(line)
        return [members for members in groups.values() if len(members) > 1]


def _table(lines: Sequence[LayoutLine]) -> TableRegion | None:
    """The lines as cells; None where they do not make two rows and two columns."""
    rows, columns = rows_of(lines), _columns(lines)
    if len(rows) < 2 or len(columns) < 2:
        return None
    lefts = [left for left, _ in columns]
    cells: dict[tuple[int, int], list[LayoutLine]] = {}
    for number, row in enumerate(rows):
        for line in row:
            cells.setdefault((number, bisect_right(lefts, line.box.left) - 1), []).append(line)
    placed = [
        TableCell(row, column, tuple(inside), BoundingBox.union(line.box for line in inside))
        for (row, column), inside in sorted(cells.items(), key=lambda cell: cell[0])
    ]
    return TableRegion(tuple(placed), BoundingBox.union(cell.box for cell in placed))


def _columns(lines: Sequence[LayoutLine]) -> list[tuple[int, int]]:
    """Left and right edges of the columns: what the lines cover, with the white between taken out."""
    columns: list[tuple[int, int]] = []
    for line in sorted(lines, key=lambda item: item.box.left):
        if columns and line.box.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], line.box.right))
        else:
            columns.append((line.box.left, line.box.right))
    return columns
