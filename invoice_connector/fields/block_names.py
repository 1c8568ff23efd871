"""Which lines over an address name who is meant.

A block may also print whom the letter is for there, a person (BT-56 of EN 16931) or a department, and a long name goes
on in the next line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.lines import is_for_person, is_salutation
from invoice_connector.fields.name_kinds import kinds_of_name, name_kinds
from invoice_connector.fields.name_lines import continues_name, lacked_room, says_again, set_alike
from invoice_connector.fields.party_pages import PartyPage
from invoice_connector.fields.vocabulary import squeezed

_MOST_LINES = 4  # of a name, a contact and a department
_MOST_WORDS = 8  # of one such line; prose has more
_MOST_BLOCKS = 12  # of a text column
_SURE, _LIKELY, _MAYBE = 0.7, 0.5, 0.4  # probability of a kind of name
_SAME_SIZE = 1.25  # times the type of the smaller of two lines of one name
_NEAR = 1.1  # heights of white between two lines of one name


@dataclass(frozen=True, slots=True)
class BlockNames:
    """``contacts``: lines that name nobody who sells or buys; ``rest``: by a name's first line its further ones;
    ``head``: by a name's first line the first line of its block, which is what a label over it announces."""

    contacts: frozenset[Segment] = frozenset()
    rest: Mapping[Segment, tuple[Segment, ...]] = field(default_factory=dict)
    head: Mapping[Segment, Segment] = field(default_factory=dict)


def block_names(page: PartyPage, run: Sequence[Segment]) -> BlockNames:
    """Of a text column; nothing where no encoder runs."""
    contacts, rest, head = set[Segment](), dict[Segment, tuple[Segment, ...]](), dict[Segment, Segment]()
    for lines in islice(_heads_of_addresses(page, run), _MOST_BLOCKS):
        kinds = _kinds_of(lines)
        broken = {
            first: second
            for first, second in pairwise(lines)
            if continues_name(page, first, second) or _is_wrapped(page, run, (first, second), kinds)
        }
        own = _contacts(page, lines, kinds) - broken.keys() - set(broken.values())
        contacts |= own
        head |= {line: lines[0] for line in [line for line in lines if line not in own][:1] if own}
        rest |= {first: (second,) for first, second in broken.items()}
    return BlockNames(frozenset(contacts), rest, head)


def _heads_of_addresses(page: PartyPage, run: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Two to four lines that could be names, one below the other, right over an address; a line that says for whom the
    letter is is none and parts none."""
    lines: list[Segment] = []
    for line in run:
        kind = page.kinds[line]
        short = len(line.text.split()) <= _MOST_WORDS
        announced = line in page.headings or line in page.inline
        if kind.name and short and not (kind.address or kind.postal or announced):
            lines.append(line)
            continue
        if is_for_person(line.text):
            continue
        if (kind.address or kind.postal) and 1 < len(lines) <= _MOST_LINES:
            yield lines
        lines = []


def _kinds_of(lines: Sequence[Segment]) -> Mapping[Segment, Mapping[str, float]]:
    """The probability of each kind of name by line; nothing where no encoder runs."""
    return {} if name_kinds() is None else {line: kinds_of_name(line.text) for line in lines}


def _contacts(page: PartyPage, lines: Sequence[Segment], kinds: Mapping[Segment, Mapping[str, float]]) -> set[Segment]:
    """Departments beside any other name, and persons beside a company, below an organisation or where a department is
    named. Below a person alone a line without a legal form may as well be the house."""
    named = [line for line in lines if line in kinds and not is_salutation(line.text)]
    organisations = [line for line in named if kinds[line]["organisation"] >= _SURE]
    departments = {
        line
        for at, line in enumerate(named)
        if kinds[line]["department"] >= (_MAYBE if {*organisations} & {*named[:at]} else _SURE)
    }
    persons = {line for line in named if kinds[line]["person"] >= _SURE}
    if len(departments) == len(named):
        return set()
    companies = [line for line in organisations if page.kinds[line].legal_form or departments]
    above = {line for line in persons if any(named.index(other) < named.index(line) for other in organisations)}
    return departments | (persons if companies else above)


def _is_wrapped(
    page: PartyPage,
    run: Sequence[Segment],
    pair: tuple[Segment, Segment],
    kinds: Mapping[Segment, Mapping[str, float]],
) -> bool:
    """Whether an organisation's name is broken over two lines, since its first word below would not have fitted into
    the column."""
    first, second = pair
    if page.kinds[first].legal_form or any(kinds.get(line, {}).get("organisation", 0.0) < _LIKELY for line in pair):
        return False
    if squeezed(second.text) in page.domains or says_again(first, second):  # a name of its own, below a slogan or brand
        return False
    height = min(first.height, second.height)
    aside = abs(first.box.left - second.box.left)
    if aside > height or second.box.top - first.box.bottom > _NEAR * height:
        return False
    if not set_alike(first, second, _SAME_SIZE):
        return False
    return lacked_room(page, run, first, second)
