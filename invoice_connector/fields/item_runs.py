"""Which rows are the items: the run of one column's amounts that makes a total of the document.

A run goes from one amount of a column to another, without the sub-totals and carried sums on the way. Each is judged as
a whole: by the total it makes, by how many of its rows quantity times price makes, by the words in its rows and by the
heads above it. The likeliest run of all columns is the table of items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from invoice_connector.fields.item_columns import SUMS, ItemRows, Member, amount_columns
from invoice_connector.invoice import CENT, InvoiceField

_ANYWHERE = 60  # amounts of a column up to which its items may begin at any of them
_MOST_STARTS = 8  # in a longer one: its top, the first amount that is made, under the first heads
_BELOW = 8  # rows below a lone item in which its amount may be printed once more
_MOST_TOTALS = 2  # rows named as totals among the items, beyond which no sum says anything
_ENOUGH = 4.0  # score from which a run is believed

# What speaks for a run.
_MADE_SHARE, _MADE_EACH, _MADE_MOST = 3.0, 0.3, 10
_WORDED_SHARE, _HEADED = 2.0, 1.5
# Totals that items make: a sum named as that of the lines, the net total, the one with VAT, a named sum below, any.
_LINES, _NET, _WHOLE, _PRINTED, _UNNAMED = 6.5, 6.0, 5.0, 4.5, 2.5
_UNPRINTED_NET = 4.0
_NAMED_TOTAL, _BESIDE_SUM, _BESIDE_LAST, _WORDLESS, _OTHER_HEAD, _MISSED = -3.0, -2.5, -1.5, -3.0, -3.0, -1.0
_UNDER_TOTALS = -2.0  # as a list of payments stands
_LONGER, _RIGHT = 0.01, 0.2  # only where all else is alike


@dataclass(frozen=True, slots=True)
class Run:
    """The items of a document, top to bottom; ``head``: the row of the heads of their columns; ``passed``: rows with
    another amount of the column."""

    items: tuple[Member, ...]
    score: float
    head: int | None
    passed: frozenset[int]


class _Walk:
    """A run that grows downwards. ``keeps``: an amount that equals the sum so far is an item where nothing names it."""

    def __init__(self, table: ItemRows, keeps: bool) -> None:
        self._table = table
        self.items: list[Member] = []
        self.made = Decimal(0)
        self.penalty = 0.0
        self.doubtful = False  # something that nothing names equalled the sum so far
        self.totals = 0  # rows named as totals that are among the items
        self._keeps = keeps
        self._section: list[Decimal] = []  # the amounts since the last sub-total
        self._summed = False  # a named sub-total was passed

    def take(self, member: Member) -> bool:
        """Adds the amount as an item or passes it as a sub-total; whether it was an item."""
        if self._is_subtotal(member):
            self._section = []
            self._summed |= member.total
            return False
        self.items.append(member)
        self.made += member.net.amount
        self._section.append(member.net.amount)
        if not member.made:
            self.totals += member.total
            self.penalty += _NAMED_TOTAL * member.total + _WORDLESS * (not member.worded)
            self.penalty += _BESIDE_SUM * (member.beside and self._summed) + _OTHER_HEAD * self._is_elsewhere(member)
        return True

    def _is_elsewhere(self, member: Member) -> bool:
        """Whether the amount stands under other heads than the first item: in another table."""
        first = self.items[0].head
        if first is None or member.head in (None, first):
            return False
        texts = [[s.text for s in self._table.rows[head].segments] for head in (first, member.head) if head is not None]
        return texts[0] != texts[1]

    def _is_subtotal(self, member: Member) -> bool:
        amount = member.net.amount
        if member.made or not self.items or amount == 0 or amount not in (self.made, sum(self._section)):
            return False
        if member.total or member.carried:
            return True
        several = len(self.items if amount == self.made else self._section) > 1
        self.doubtful |= several
        return several and not self._keeps


def item_run(table: ItemRows, totals: Mapping[str, InvoiceField], receipt: bool) -> Run | None:
    """The likeliest run; None where no run is likely enough."""
    search = _Search(table, _targets(totals), receipt)
    runs = (run for column in amount_columns(table, search.whole_numbers) for run in search.runs(column))
    best = max(runs, key=lambda run: run.score, default=None)
    return best if best is not None and best.score >= _ENOUGH else None


def _targets(totals: Mapping[str, InvoiceField]) -> dict[Decimal, float]:
    """What the items may make, without sign, and how much it says that they do."""
    amounts = {name: abs(f.value) for name, f in totals.items() if isinstance(f.value, Decimal) and f.value}
    whole = amounts.get("total_with_vat", amounts.get("amount_due"))
    net, vat = amounts.get("total_without_vat"), amounts.get("total_vat")
    found = {} if whole is None else {whole: _WHOLE}
    if net is not None:
        return {**found, net: _NET}
    # Charges may lead on from the printed sum of the lines to a net total that is not.
    return found if whole is None or vat is None else {**found, whole - vat: _UNPRINTED_NET}


@dataclass(frozen=True, slots=True)
class _Search:
    """``targets``: the sums that items may make, each with its weight."""

    table: ItemRows
    targets: Mapping[Decimal, float]
    receipt: bool

    @property
    def whole_numbers(self) -> bool:
        """Whether the document's currency is printed without decimals."""
        return bool(self.targets) and all(amount.as_tuple().exponent == 0 for amount in self.targets)

    def runs(self, column: Sequence[Member]) -> Iterator[Run]:
        """Every run of the column that may be the items."""
        for start in self._starts(column):
            head = column[start].head
            for keeps in (False, True):
                walk = _Walk(self.table, keeps)
                for held in self._ends(column[start:], walk):
                    if self._may_be(walk, head, held):
                        yield self._run(column, walk, head, held)
                if not walk.doubtful:
                    break

    def _starts(self, column: Sequence[Member]) -> Iterator[int]:
        """Where the items of a column may begin: anywhere in a short one."""
        if len(column) <= _ANYWHERE:
            return iter(range(len(column)))
        made = next((at for at, member in enumerate(column) if member.made), 0)
        headed = (at for at, member in enumerate(column) if member.head is not None)
        return islice(dict.fromkeys((0, made, *islice(headed, _MOST_STARTS))), _MOST_STARTS)

    def _ends(self, column: Sequence[Member], walk: _Walk) -> Iterator[float]:
        """Takes one amount after the other; what the sum weighs wherever the items may end: where they make a total,
        before the first row named as one, at the end of the column."""
        for member in column:
            if member.total and not member.made and walk.items and not walk.totals:
                yield 0.0
            free = not (member.net.amount or member.made)  # a text for which nothing is charged ends no table
            if walk.take(member) and walk.totals < _MOST_TOTALS and not free:
                held = self._held(walk)
                if held:
                    yield held
        yield 0.0

    def _held(self, walk: _Walk) -> float:
        """How much the sum of the items says, 0 where nothing is printed that it makes."""
        made, last = abs(walk.made), walk.items[-1].at
        slack = (Decimal(0), CENT, -CENT) if len(walk.items) > 2 else (Decimal(0),)
        own = len(walk.items) == 1 and self.table.is_total(walk.items[0].net)  # a total that is the item proves nothing
        known = 0.0 if own else max(self.targets.get(made + step, 0.0) for step in slack)
        below = [at for at in self.table.printed.get(made, ()) if last < at and made]
        several = len(walk.items) > 1
        near = frozenset(t for at in below if several or at <= last + _BELOW for t in self.table.rows[at].terms)
        printed = _UNNAMED if below and several else 0.0
        return max(known, _LINES if "_line_total" in near else _PRINTED if near & SUMS else printed)

    def _may_be(self, walk: _Walk, head: int | None, held: float) -> bool:
        """Whether anything tells the rows from others that have a name and an amount."""
        made = any(member.made for member in walk.items)
        if self.receipt:
            return made or all(member.worded for member in walk.items)
        several = len(walk.items) > 1 or not self.table.payable
        listed = head is not None or (held >= _WHOLE and several and not walk.penalty)
        return made or (held > 0 and listed)

    def _run(self, column: Sequence[Member], walk: _Walk, head: int | None, held: float) -> Run:
        items, count = tuple(walk.items), len(walk.items)
        made, worded = sum(m.made for m in items), sum(m.worded for m in items)
        missed = min(sum(m.made for m in column) - made, _MADE_MOST)
        page = self.table.rows[items[0].at].context.page
        score = held + walk.penalty + _WORDED_SHARE * worded / count + _HEADED * (head is not None)
        score += _MADE_SHARE * made / count + _MADE_EACH * min(made, _MADE_MOST) + _MISSED * missed
        score += _BESIDE_LAST * (made > 0 and items[-1].beside and not items[-1].made)
        score += _UNDER_TOTALS * (not made and items[0].at > self.table.first_total)
        score += _LONGER * min(count, _MADE_MOST) + _RIGHT * items[0].net.box.right / max(1, page.width)
        return Run(items, score, head, frozenset(m.at for m in column) - {m.at for m in items})
