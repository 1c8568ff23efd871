"""What the pages say about a possible party elsewhere, and what they say about others: a name without a label on top is
the seller where another one is the buyer by its label, and the buyer where the foot names the company whose paper it
is."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice, pairwise

from invoice_connector.fields.vocabulary import squeezed

_SHARED = (
    "seller_label", "buyer_label", "party_label", "payee_label", "learned_seller", "learned_buyer", "legal_form",
    "contact_near", "contact_within", "domain", "vat_below", "account_below", "addressed", "address_below",
    "sender_line", "below_sender", "foot", "large",
)  # fmt: skip
_CLEAR = 0.5  # from which a fact holds
_SHORTEST_NAME = 4  # letters of a name that stands for a longer one
_MOST_FORMS = 20  # longer forms of a name that are looked at
_MOST_LINES = 5  # that name somebody
ONE_LINE = 1 / _MOST_LINES
"""``own_lines`` of a name that stands on the pages once."""
RELATIONS = (
    *(f"own_{fact}" for fact in _SHARED), *(f"other_{fact}" for fact in _SHARED),
    "own_lines",  # how many lines name them, up to 5, as a share of that
    "names",  # how many names the pages have that are no beginning of a longer one, up to 5, as a share of that
)  # fmt: skip

Facts = Mapping[str, float]


def relations(parties: Sequence[tuple[str, Facts]]) -> list[dict[str, float]]:
    """``RELATIONS`` of every possible party, given by its name and its facts: what holds wherever the same name stands,
    a brand for its company's, too, and what holds for anybody else. All are 0 to 1."""
    held: dict[str, set[str]] = {}
    lines = Counter(squeezed(name) for name, _ in parties)
    for name, facts in parties:
        held.setdefault(squeezed(name), set()).update(fact for fact in _SHARED if facts.get(fact, 0.0) >= _CLEAR)
    counts = Counter(fact for facts in held.values() for fact in facts)
    names = sorted(held)
    apart = len(names) - sum(longer.startswith(name) for name, longer in pairwise(names))
    shared = {"names": min(apart, _MOST_LINES) / _MOST_LINES}
    return [_relations_of(squeezed(name), names, held, counts, lines) | shared for name, _ in parties]


def _relations_of(
    name: str,
    names: Sequence[str],
    held: Mapping[str, set[str]],
    counts: Mapping[str, int],
    lines: Mapping[str, int],
) -> dict[str, float]:
    forms = _forms(name, names, held)
    own = Counter(fact for form in forms for fact in held[form])
    found = {f"own_{fact}": float(own[fact] > 0) for fact in _SHARED}
    found["own_lines"] = min(sum(lines[form] for form in forms), _MOST_LINES) / _MOST_LINES
    return found | {f"other_{fact}": float(counts.get(fact, 0) > own[fact]) for fact in _SHARED}


def _forms(name: str, names: Sequence[str], held: Mapping[str, set[str]]) -> set[str]:
    """The name itself, the names that begin with it, and those it begins with."""
    if len(name) < _SHORTEST_NAME:
        return {name}
    first = bisect_left(names, name)
    longer = {other for other in islice(names, first, first + _MOST_FORMS) if other.startswith(name)}
    return longer | {name[:length] for length in range(_SHORTEST_NAME, len(name) + 1) if name[:length] in held}
