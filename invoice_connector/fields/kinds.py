"""What kind of paper a document is: log-odds per kind, added up over titles, labels, wording and what is missing.

The weights are rule-based priors, not fitted; a softmax over the scores gives the probabilities.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from invoice_connector.fields.candidates import Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import (
    numbers_in,
    says,
    signs_in,
)
from invoice_connector.fields.page_titles import (
    LONGEST_TITLE,
    NEVER_REFERRED_TO,
    OWN,
    Title,
    full_strength,
    titles_learned,
    titles_of,
)
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.statements import Statement, Topic
from invoice_connector.invoice import DocumentKind

BOOKED = ("invoice", "credit_note", "till_receipt")
CODES: Mapping[str, str] = {  # UNTDID 1001
    "invoice": "380",
    "credit_note": "381",
    "proforma": "325",
    "quotation": "310",
    "order": "220",
    "order_confirmation": "231",
    "delivery_note": "270",
}
_PRIOR: Mapping[str, float] = {
    "invoice": 0.0,
    "credit_note": -2.0,
    "till_receipt": -1.5,
    "payment_receipt": -4.5,
    "proforma": -4.5,
    "delivery_note": -4.5,
    "reminder": -4.5,
    "statement": -4.5,
    "quotation": -4.5,
    "order_confirmation": -4.5,
    "order": -4.5,
    "other": -5.0,
}
_RECEIPTS = ("till_receipt", "payment_receipt")
_TITLE = 1.8  # log-odds per unit of a title's strength
_NO_TITLE = 1.8  # the same against papers that would have another title
_INVOICE_NUMBER = {
    "invoice": 2.0, "credit_note": 1.5, "payment_receipt": 1.5, "reminder": 1.5, "statement": 1.0, "till_receipt": 1.0,
}  # fmt: skip
_CREDIT_NUMBER = {"credit_note": 3.0, "invoice": 0.5}  # the only number of an invoice's kind is a credit note's
_HEADED_NUMBER, _NUMBER_UNDER = 4.0, 0.5  # "Credit note No. 4711": of that kind; of an invoice, which it refers to
_OWN_NUMBER = {"order": 0.3, "order_confirmation": 0.3, "delivery_note": 0.3, "other": 0.0}  # invoices refer to them
_OTHERS_NUMBER = 1.2
_ONLY_NUMBER = 1.2  # besides, where no invoice has a number or a title
_SIGN, _MOST_SIGNS = 2.0, 4.4
_DENIED = 12.0  # "this is not an invoice"
TOLD_KINDS = {Topic.OVERDUE: "reminder", Topic.DRAFT: "proforma"}  # the kinds of papers of which sentences say so
_OUTRIGHT = 5.0  # for that kind
_PAYABLE = {"invoice": 1.0, "proforma": 1.0, "reminder": 1.0, "credit_note": 0.5, "statement": 0.5}
_UNCALLED = {"credit_note": -0.7}  # which the law wants called one, on pages in a language whose words are known
_TENDERED = {"till_receipt": 3.0, "payment_receipt": 1.0}
_PAID_INVOICE = {"payment_receipt": 2.5, "till_receipt": -2.5}  # a receipt that names its customer and an invoice
_NO_AMOUNT = {"delivery_note": 2.5, "order": 1.0, "other": 1.0, "invoice": -2.0, "till_receipt": -2.0}
_HEADED = 1.0  # strength of a numbered title
_CLEAR = 1.5  # strength of a title that can be no label
_TAXED = {"invoice": 1.5, "credit_note": 1.5, "till_receipt": 1.5, "proforma": 1.5, "quotation": 1.5,
          "order_confirmation": 1.5, "order": 1.0, "payment_receipt": 1.0, "reminder": 0.8}  # fmt: skip
_PRINTED_CODE = re.compile(r"(?<!\S)TD[012]\d\b(?!-)")  # of FatturaPA
_SLIP = 0.4  # of the page's height, below which a payment slip begins
_PAGES = 6  # that are looked at for wording; what follows is terms


@dataclass(slots=True)
class _Score:
    """Log-odds by kind as they add up, and by kind the heaviest print."""

    odds: dict[str, float] = field(default_factory=lambda: dict(_PRIOR))
    seen: dict[str, tuple[float, str]] = field(default_factory=dict)

    def add(self, kind: str, weight: float, text: str = "") -> None:
        for each in _RECEIPTS if kind == "receipt" else (kind,):
            self.odds[each] += weight
            if text and weight > self.seen.get(each, (0.0, ""))[0]:
                self.seen[each] = (weight, " ".join(text.split())[:80])

    def add_all(self, weights: Mapping[str, float]) -> None:
        for kind, weight in weights.items():
            self.odds[kind] += weight


def document_kind(scene: Scene, said: Sequence[Statement] = ()) -> DocumentKind:
    """The likeliest kind of the document and its probability; an invoice where nothing speaks for anything else.

    ``said``: what its sentences and stamps say of the paper.
    """
    score = _Score()
    titles, headed = _add_titles(score, scene.contexts[0])
    numbered = _add_numbers(score, scene.contexts[0], titles, headed)
    _add_printed_code(score, scene.contexts[0])
    _add_wording(score, scene)
    _add_statements(score, said)
    terms = {m.term for c in scene.contexts for label in c.labels if label.coverage >= 0.6 for m in label.meanings}
    if terms & {"amount_due", "due_date"}:
        score.add_all(_PAYABLE)
    if scene.contexts[0].language and "credit_note" not in score.seen:
        score.add_all(_UNCALLED)
    if scene.receipt:
        score.add_all(_TENDERED)
    if not scene.of_kind(Kind.AMOUNT):
        score.add_all(_NO_AMOUNT)
    if "total_vat" in terms:
        score.add_all(_TAXED)
    if "receipt" in titles and numbered and "buyer" in terms:
        score.add_all(_PAID_INVOICE)
    return _chosen(score)


def type_code_of(kind: DocumentKind, found: Chosen | None) -> Chosen | None:
    """The type code that a title gives, as far as the kind agrees: none on papers that have no invoice's code."""
    code = {"till_receipt": "380"}.get(kind.value, kind.code)
    if found is None or kind.value not in BOOKED or code is None:
        return None
    return found if found.field.value == code else replace(found, field=replace(found.field, value=code))


def _chosen(score: _Score) -> DocumentKind:
    largest = max(score.odds.values())
    weights = {kind: math.exp(odds - largest) for kind, odds in score.odds.items()}
    whole = sum(weights.values())
    best = max(weights, key=lambda kind: weights[kind])
    others = sum(weight for kind, weight in weights.items() if kind not in BOOKED) / whole
    seen = score.seen.get(best, (0.0, ""))[1]
    credit = weights["credit_note"] / whole
    opposite = 1.0 - others - credit if best == "credit_note" else credit
    return DocumentKind(best, weights[best] / whole, others, CODES.get(best), seen, opposite)


def _add_titles(score: _Score, context: PageContext) -> tuple[dict[str, float], str | None]:
    """The strength of the best title of each kind on the first page; the kind whose own number the page then has."""
    segments = _above_slip(context)
    found = [title for segment in segments for title in titles_of(context, segment)] or titles_learned(context)
    found = found if _names_own(context, found) else [full_strength(title) for title in found]
    another = any(_is_clear(title) and title.kind != "invoice" for title in found)
    best: dict[str, tuple[float, str]] = {}
    for title in found:
        # Under "Second reminder" or "Credit note 12", "Invoice 4711" is what is reminded of or credited.
        below = another and title.kind in OWN and not _is_plain(title) and not _is_clear(title)
        strength = title.strength * (0.5 if below else 1.0)
        if strength > best.get(title.kind, (0.0, ""))[0]:
            best[title.kind] = (strength, title.text)
    for kind, (strength, text) in best.items():
        score.add(kind, _TITLE * strength, text)
    strengths = {kind: strength for kind, (strength, _) in best.items()}
    own = max((strengths.get(kind, 0.0) for kind in ("invoice", "credit_note")), default=0.0)
    other = max((strength for kind, strength in strengths.items() if kind not in ("invoice", "credit_note")), default=0)
    if other > own:
        score.add_all(dict.fromkeys(("invoice", "credit_note"), -_NO_TITLE * (other - own)))
    invoice = any(title.kind == "invoice" and _is_plain(title) for title in found)
    headed = (t.kind for t in found if not invoice and (_heads_number(t) or _names_credit(t)))
    return strengths, next(headed, None)


def _above_slip(context: PageContext) -> list[Segment]:
    """The page without the payment slip at its foot, whose stub is called a receipt, or an order to the bank."""
    lower = (s for s in context.segments if s.box.center[1] > _SLIP * context.page.height)
    tops = [s.box.top for s in lower if len(s.text) <= LONGEST_TITLE and says(s.text, "payment_slip")]
    return [s for s in context.segments if not tops or s.box.bottom < min(tops)]


def _heads_number(title: Title) -> bool:
    return title.numbered and title.kind in NEVER_REFERRED_TO and _is_clear(title)


def _names_credit(title: Title) -> bool:
    """Whether a title that stands alone calls the paper a credit note; an invoice's number is then what it credits."""
    return title.kind == "credit_note" and _is_plain(title) and title.strength > _CLEAR


def _is_clear(title: Title) -> bool:
    """Whether a title can be no label of another paper's number."""
    if title.numbered and title.kind in NEVER_REFERRED_TO:
        return title.strength > _HEADED
    return title.alone and title.kind not in OWN and title.strength > _CLEAR


def _is_plain(title: Title) -> bool:
    """Whether a title is none of "Invoice date: 3 May", however large."""
    return title.alone and not numbers_in(title.text)


def _names_own(context: PageContext, found: Sequence[Title]) -> bool:
    """Whether anything calls the page an invoice or credit note: what else has a number is then referred to."""
    return any(title.kind in OWN for title in found) or any(
        each.kinds and set(each.kinds) & OWN for segment in context.segments for each in numbers_in(segment.text)
    )


def _add_numbers(score: _Score, context: PageContext, titles: Mapping[str, float], headed: str | None) -> bool:
    """Which kinds' own numbers or days the first page labels; whether an invoice's are among them.

    ``headed``: the kind whose own number stands at the head of a line: an invoice's is then what it refers to.
    """
    labelled: dict[str, str] = {}
    for segment in context.segments:
        if len(segment.text) <= 2 * LONGEST_TITLE:
            for found in numbers_in(segment.text):
                for kind in found.kinds:
                    labelled.setdefault(kind, segment.text[found.start : found.end])
    invoice = "invoice" in labelled or "credit_note" in labelled
    if headed:
        score.add_all({headed: _HEADED_NUMBER, "invoice": _NUMBER_UNDER})
    elif invoice:
        score.add_all(_INVOICE_NUMBER if "invoice" in labelled else _CREDIT_NUMBER)
    for kind, text in labelled.items():
        if kind not in ("invoice", "credit_note"):
            alone = 0.0 if invoice or "invoice" in titles else _ONLY_NUMBER
            score.add(kind, _OWN_NUMBER.get(kind, _OTHERS_NUMBER) + alone, text)
    return invoice


def _add_printed_code(score: _Score, context: PageContext) -> None:
    """A code of the kind, which those who print e-invoices show: "TD04 nota di credito"."""
    for segment in context.segments:
        if len(segment.text) <= LONGEST_TITLE and (printed := _PRINTED_CODE.search(segment.text)):
            from invoice_connector.einvoice.syntaxes import syntaxes  # brings lxml, which few documents need

            code = syntaxes()["fatturapa"].code("invoice_type_code", printed[0])
            kind = next((kind for kind, own in CODES.items() if own == code), None)
            if kind is not None:
                score.add(kind, _OUTRIGHT, segment.text)
            return


def _add_statements(score: _Score, said: Sequence[Statement]) -> None:
    """What a sentence says outright outweighs a title: dunning prose under "Invoice" is a reminder all the same."""
    for statement in said:
        kind = TOLD_KINDS.get(statement.topic)
        if kind is not None:
            score.add_all(dict.fromkeys(BOOKED, -_DENIED))
            score.add(kind, _OUTRIGHT, statement.text)


def _add_wording(score: _Score, scene: Scene) -> None:
    """What papers of a kind say, on the first pages, each phrase once."""
    found: dict[str, set[str]] = {}
    for context in scene.contexts[:_PAGES]:
        for block in context.blocks:
            text = " ".join(segment.text for segment in block.segments)
            for sign in signs_in(text):
                for kind in sign.kinds:
                    found.setdefault(kind, set()).add(text[sign.start : sign.end].casefold())
    denied = found.pop("not_invoice", set())
    if denied:
        score.add_all(dict.fromkeys(BOOKED, -_DENIED))
        score.add("other", 0.5, max(denied, key=len))
    for kind, phrases in found.items():
        score.add(kind, min(_MOST_SIGNS, _SIGN * len(phrases)), max(phrases, key=len))
