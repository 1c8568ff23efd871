"""What stands around a possible party and what its text is like, as numbers for the fitted scores of either role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.label_model import NO_LABEL
from invoice_connector.fields.labels import Label
from invoice_connector.fields.lines import sender_parts
from invoice_connector.fields.vocabulary import squeezed
from ocr_ensemble.layout import BoundingBox
from ocr_ensemble.page_layout import same_row
from ocr_ensemble.shelves import Shelves

SURROUNDINGS = (
    "name_like",  # probability that the text is a name, by the label model
    "label_like",  # and that it is a label
    "learned_seller", "learned_buyer", "learned_party", "learned_payee",  # a party's label above or beside, by the same
    "below_sender",  # a line with somebody's name and address stands right above, as in the window of an envelope
    "vat_below", "account_below",  # a VAT identifier, an account in the column below
    "down",  # 0 at the top of its page, 1 at the foot
    "foot",  # 1 in the lowest eighth of its page
    "large",  # 1 where it is a third higher than the page's lines
    "tallest",  # its height as a share of the tallest possible party's
    "parties",  # how many possible parties there are, up to 30, as a share of that
    "beside",  # others on the same printed line, up to 3, as a share of that
    "echoed",  # another text of the pages is the beginning of this name, as a brand is in the letterhead
)  # fmt: skip
_TERMS = {"seller": "learned_seller", "buyer": "learned_buyer", "_party": "learned_party", "_payee": "learned_payee"}
_REACH = 9.0  # line heights that a party's block reaches down from its name
_ABOVE, _BESIDE = 7.0, 25.0  # line heights that a party's label stands above its name, or left of it
_ACCOUNTS = (Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ACCOUNT)
_WINDOW = 6.0  # line heights from the sender's line in the window of an envelope down to the name
_FOOT, _LARGE = 7 / 8, 4 / 3
_MOST, _MOST_BESIDE = 30, 3
_SHORTEST_BRAND = 4  # letters


def surroundings(scene: Scene, lines: Sequence[tuple[str, Segment]]) -> list[dict[str, float]]:
    """``SURROUNDINGS`` of every possible party, given by its name and the first line of it."""
    if not lines:
        return []
    contexts = {context.page.number: context for context in scene.contexts}
    likes = _likes(scene.contexts[0], [name for name, _ in lines])
    pages = {number: _Page.of(scene, context, lines) for number, context in contexts.items()}
    tallest = max(segment.height for _, segment in lines)
    texts = frozenset(squeezed(segment.text) for segment in scene.kinds)
    found = []
    for (name, segment), like in zip(lines, likes, strict=True):
        page = pages[segment.page]
        found.append(
            like
            | page.learned_labels(segment)
            | {
                "below_sender": float(page.is_below_sender(segment)),
                "vat_below": float(page.has_below(segment, page.vat)),
                "account_below": float(page.has_below(segment, page.accounts)),
                "down": segment.box.center[1] / page.context.page.height,
                "foot": float(segment.box.center[1] > _FOOT * page.context.page.height),
                "large": float(segment.height > _LARGE * page.context.line_height),
                "tallest": segment.height / tallest,
                "parties": min(len(lines), _MOST) / _MOST,
                "beside": min(page.beside(segment), _MOST_BESIDE) / _MOST_BESIDE,
                "echoed": float(_is_echoed(squeezed(name), segment, texts)),
            }
        )
    return found


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page has that may stand around a party, by height."""

    context: PageContext
    parties: Shelves[Segment]
    learned: Shelves[Label]
    senders: Shelves[Segment]
    vat: Shelves[Candidate]
    accounts: Shelves[Candidate]

    @classmethod
    def of(cls, scene: Scene, context: PageContext, lines: Sequence[tuple[str, Segment]]) -> _Page:
        own = [segment for _, segment in lines if segment.page == context.page.number]
        vat, accounts = (
            Shelves([c for c in scene.of_kind(*kinds) if c.page == context.page.number], lambda c: c.box)
            for kinds in ((Kind.VAT,), _ACCOUNTS)
        )
        parties = Shelves(own, lambda segment: segment.box)
        senders = Shelves([s for s in context.segments if sender_parts(s.text)], lambda segment: segment.box)
        return cls(context, parties, Shelves(context.learned, lambda label: label.box), senders, vat, accounts)

    def is_below_sender(self, segment: Segment) -> bool:
        """Whether a sender's line stands over the segment, a few lines above at most, and goes no further left."""
        reach = _WINDOW * self.context.line_height
        return any(
            sender is not segment
            and 0 < segment.box.center[1] - sender.box.center[1] <= reach
            and sender.box.horizontal_overlap(segment.box) > 0
            for sender in self.senders.beside(_stretched(segment.box, up=reach))
        )

    def beside(self, segment: Segment) -> int:
        """How many other possible parties stand on the segment's printed line."""
        others = self.parties.beside(segment.box)
        return sum(other is not segment and same_row(other.box, segment.box) for other in others)

    def learned_labels(self, segment: Segment) -> dict[str, float]:
        """The strongest claim of each role's label that only the label model knows, fading with distance."""
        best, height = dict.fromkeys(_TERMS.values(), 0.0), self.context.line_height
        for label in self.learned.beside(_stretched(segment.box, up=(_ABOVE + 1) * height)):
            fade = _nearness(label.box, segment.box, height)
            for meaning in label.meanings if fade and label.segment is not segment else ():
                if meaning.term in _TERMS:
                    name = _TERMS[meaning.term]
                    best[name] = max(best[name], fade * meaning.strength)
        return best

    def has_below(self, segment: Segment, identifiers: Shelves[Candidate]) -> bool:
        """Whether one of the identifiers stands in the column below the segment."""
        height = self.context.line_height
        near = identifiers.beside(_stretched(segment.box, down=(_REACH + 1) * height))
        return any(_below(segment, candidate, height) for candidate in near)


def _stretched(box: BoundingBox, up: float = 0.0, down: float = 0.0) -> BoundingBox:
    """The box with as many more pixels above and below."""
    return BoundingBox(box.left, max(0, int(box.top - up)), box.right, int(box.bottom + down) + 1)


def _is_echoed(name: str, own: Segment, texts: frozenset[str]) -> bool:
    first = squeezed(own.text)
    beginnings = (name[:length] for length in range(_SHORTEST_BRAND, len(name)))
    return any(text in texts and text != first for text in beginnings)


def _likes(context: PageContext, names: Sequence[str]) -> list[dict[str, float]]:
    model = context.vocabulary.model
    if model is None:
        return [{} for _ in names]
    rows = model.by_spelling(names)
    name = model.classes.index("name")
    nothing = [model.classes.index(kind) for kind in NO_LABEL]
    return [{"name_like": float(row[name]), "label_like": float(1.0 - row[nothing].sum())} for row in rows]


def _nearness(label: BoundingBox, name: BoundingBox, height: float) -> float:
    """1 beside the label or right below it, less further down, 0 elsewhere."""
    if same_row(label, name) and 0 <= name.left - label.right <= _BESIDE * height:
        return 1.0
    gap = (name.top - label.bottom) / height
    aligned = -1.5 * height <= name.left - label.left <= 4 * height or abs(name.right - label.right) <= height
    return 1.0 - 0.08 * max(0.0, gap) if aligned and -0.4 <= gap <= _ABOVE else 0.0


def _below(segment: Segment, candidate: Candidate, height: float) -> bool:
    gap = candidate.box.top - segment.box.bottom
    near = -0.3 * height <= gap <= _REACH * height
    return near and candidate.box.horizontal_overlap(segment.box) > 0
