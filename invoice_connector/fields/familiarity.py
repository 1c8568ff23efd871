"""How much of what labels call things on these pages is known: far from home nobody is as sure as at home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.invoice import Violation

_FEWEST = 5  # labels, known or not, from which their share says something


def familiarity(contexts: Sequence[PageContext]) -> float:
    """The share of the pages' labels that a locale has, 0..1; the others only the label model holds for labels."""
    known = sum(len(context.labels) for context in contexts)
    learned = sum(len(context.learned) for context in contexts)
    return known / max(1, known + learned)


def unfamiliar(scene: Scene) -> Iterator[Violation]:
    """UNFAMILIAR: fewer of the labels are known than on nearly any page that the models were fitted on. On a receipt
    what was bought looks like labels; it has few others."""
    share = familiarity(scene.contexts)
    labels = sum(len(context.labels) + len(context.learned) for context in scene.contexts)
    if labels >= _FEWEST and not scene.receipt and share < scene.ranker.familiar:
        message = (
            f"Unlike anything seen: only {share:.0%} of the labels on the pages are known, so the layout or the "
            "language is new; compare every field with the page."
        )
        yield Violation("UNFAMILIAR", message)
