"""Numbers of which nobody can tell from the page whether they are the invoice's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.identities import kinds_named
from invoice_connector.fields.links import Link, Relation
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.terms import candidates_of
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.invoice import Violation

_RULE = "NUMBER-COMPETES"
_NUMBER = "invoice_number"
_LEADING_ON = frozenset("-–/_")
_COMPETING = 0.15  # share of all that speaks for any number, from which one competes
_NAMED_WELL = 0.7  # evidence of a label


def competing_numbers(chosen: Mapping[str, Chosen], receipt: bool) -> Iterator[Violation]:
    """NUMBER-COMPETES: another number of the pages may as well be it. Receipts have many, but pay by none."""
    for name in ("invoice_number", "seller_vat_identifier"):
        found = None if receipt else chosen.get(name)
        if found is None:
            continue
        own = squeezed(str(found.field.value))  # a piece of which competes with nothing
        likely = [other for other in found.field.alternatives if (other.confidence or 0.0) >= _COMPETING]
        others = [other for other in likely if squeezed(str(other.value)) not in own]
        if others:
            words = name.replace("_", " ")
            message = f"Both {found.field.text} and {others[0].text} may be the {words}; look which of the two it is."
            yield Violation(_RULE, message, (name,))


def unfinished_number(chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """NUMBER-UNREAD: the number ends with a sign that leads on, so that its line may have been too short for it."""
    found = chosen.get(_NUMBER)
    if found is not None and found.field.text[-1:] in _LEADING_ON:
        message = f"The invoice number {found.field.text!r} may go on in the next line; enter the whole number."
        yield Violation("NUMBER-UNREAD", message, (_NUMBER,))


def numbers_named_alike(scene: Scene, chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """NUMBER-COMPETES: the label that names the invoice's number stands a second time, beside another number."""
    found = None if scene.receipt else chosen.get(_NUMBER)
    if found is None:
        return
    named = list(_named(scene))
    label = next((link for c, link in named if c.box == found.field.box and c.value == found.field.value), None)
    if label is None:
        return
    for candidate, link in named:
        alike = _words(link) == _words(label) and link.label is not label.label
        if alike and not _is_piece(str(candidate.value), str(found.field.value)):
            message = (
                f"Both {found.field.text} and {candidate.text} are called {_text(link)!r}; look which of the two is "
                "the invoice number."
            )
            yield Violation(_RULE, message, (_NUMBER,))
            return


def _named(scene: Scene) -> Iterator[tuple[Candidate, Link]]:
    """The numbers that a label on their own row names as the invoice's."""
    for candidate in candidates_of(scene, _NUMBER):
        link, evidence = best_link(scene, candidate, _NUMBER)
        if link is not None and evidence >= _NAMED_WELL and link.relation in (Relation.SAME, Relation.RIGHT):
            yield candidate, link


def _text(link: Link) -> str:
    return link.label.segment.text[link.label.start : link.label.end].strip(" :.")


def _words(link: Link) -> str:
    return squeezed(_text(link))


def _is_piece(one: str, other: str) -> bool:
    """Whether two numbers are one, read or cut in two ways."""
    first, second = (squeezed(number) for number in (one, other))
    return first in second or second in first


def borrowed_number(scene: Scene, chosen: Mapping[str, Chosen], kind: str) -> Iterator[Violation]:
    """NUMBER-COMPETES: a credit note's number is only called an invoice's: it may be that of the one credited."""
    found = chosen.get(_NUMBER)
    if kind != "credit_note" or found is None:
        return
    own = [c for c in scene.of_kind(Kind.TOKEN) if c.box == found.field.box and c.value == found.field.value]
    near = (link for c in own for link in scene.links[c] if not link.between and link.relation is not Relation.COLUMN)
    kinds = {called for link in near if link.label.meaning("invoice_number") for called in kinds_named(link)}
    if "invoice" in kinds and "credit_note" not in kinds:
        message = (
            f"The number {found.field.text} is called an invoice's, and this is a credit note: it may be the number of "
            "the invoice that it credits; look for its own."
        )
        yield Violation(_RULE, message, (_NUMBER,))
