"""What the page says of a chosen field beside its value: the label that names it, what belongs to a party."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from invoice_connector.fields.amounts_in_words import words_witness
from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene, best_link, evidence
from invoice_connector.fields.labels import Label
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.terms import TERMS, Term, candidates_of
from invoice_connector.invoice import PAYABLE, Evidence, InvoiceField, Witness

NAMED = 0.5  # evidence from which a label counts as naming a value
_ALONE = 0.25  # and from which it does where no other label claims the value, and no other value is called so
_LEARNED = 0.5  # of a label that only the label model knows
_BY_ONE_LABEL = frozenset({"issue_date", "invoice_number", "payment_account_identifier"})
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_MOST_WORDS = 1  # between an invoice's number and its date: "of", "vom", "dated"
_TERMS = {"seller_vat_identifier": "vat_identifier", "buyer_vat_identifier": "vat_identifier"}
_PARTY_LABELS = {"seller": "seller_label", "buyer": "buyer_label"}


def with_page_witnesses(
    scene: Scene, chosen: Sequence[Chosen], fields: Mapping[str, InvoiceField]
) -> dict[str, InvoiceField]:
    """The fields, each with the witnesses that its surroundings give."""
    facts = {item.field.name: item.facts for item in chosen}
    found = {name: field.witnessed(*_witnesses(scene, field, facts.get(name, {}))) for name, field in fields.items()}
    if "issue_date" in found:
        day = found["issue_date"]
        found["issue_date"] = day.witnessed(*_of_day(scene, day, found.get("invoice_number")))
    return found


def _witnesses(scene: Scene, field: InvoiceField, facts: Mapping[str, float]) -> Iterator[Witness]:
    label = _label(scene, field)
    role = field.name.partition("_")[0]
    if label:
        yield Witness(Evidence.LABEL, f"the label “{label}” names it")
    elif facts.get(_PARTY_LABELS.get(role, ""), 0.0) > 0:
        yield Witness(Evidence.LABEL, f"a label announces the {role}")
    elif facts.get("same") and facts.get("evidence", 0.0) >= NAMED:
        yield Witness(Evidence.PLACE, "it stands where a letter has its date")
    elif field.name in _BY_ONE_LABEL and (label := _only_label(scene, field)):
        yield Witness(Evidence.LABEL, f"“{label}” names it and no other value, and nothing else names it")
    if field.name == "seller_name":
        yield from _of_seller(facts)
    if field.name in TERMS and _is_alone(scene, field):
        yield Witness(Evidence.ONLY, "no other value of its kind is on the pages")
    if facts.get("printed"):
        yield Witness(Evidence.PLACE, f"“{field.text}” is printed with the amounts or over them")
    if facts.get("country"):
        yield Witness(Evidence.COUNTRY, "it is the currency of the seller's country")
    if facts.get("own_domain") and not facts.get("other_domain"):
        yield Witness(Evidence.IDENTITY, "the web and mail addresses on the page belong to it")
    if facts.get("named", 0.0) > 0:
        yield Witness(Evidence.DOCUMENT_MODEL, "a document model found the same")
    if field.name in PAYABLE:
        yield from words_witness(scene.contexts, field.value)
    if facts.get("column_sum"):
        yield Witness(Evidence.SUM, "the amounts above it in its column add up to it")


def _only_label(scene: Scene, field: InvoiceField) -> str:
    """The text of a label that may mean several things, or that only the label model knows, where it can mean no other
    value of the pages and no other label names the field's print; empty where none does."""
    terms = TERMS[field.name].labels
    for links, least in ((scene.links, _ALONE), (scene.learned, _LEARNED)):
        best, rival, others = ("", 0.0), 0.0, 0.0
        for candidate in candidates_of(scene, field.name):
            own = candidate.page == field.page and candidate.box == field.box
            for link in links[candidate]:
                sure = max((evidence(link, term) for term in terms), default=0.0)
                if candidate.value != field.value:
                    others = max(others, sure)
                elif own and sure > best[1]:
                    best = _text(link.label).strip(" :."), sure
                elif own and not sure:
                    rival = max(rival, *(evidence(link, meaning.term) for meaning in link.label.meanings), 0.0)
        if best[1] >= least and max(rival, others) < best[1]:
            return best[0]
    return ""


def _of_day(scene: Scene, day: InvoiceField, number: InvoiceField | None) -> Iterator[Witness]:
    """What stands beside a date: the invoice's number right before it, where a label names that ("Invoice 4711 of
    3 May"); on a receipt the time of the day."""
    own = [c for c in scene.of_kind(Kind.DATE) if (c.page, c.box, c.value) == (day.page, day.box, day.value)]
    for candidate in own:
        text = candidate.segment.text
        if scene.receipt and _TIME.search(text[candidate.end :]):
            yield Witness(Evidence.PLACE, "the time of the day stands behind it, as tills print it")
        if number is None or all(witness.kind is not Evidence.LABEL for witness in number.witnesses):
            continue
        start = text.find(number.text)
        between = text[start + len(number.text) : candidate.start]
        if 0 <= start < candidate.start and len(between.split()) <= _MOST_WORDS and not any(map(str.isdigit, between)):
            yield Witness(Evidence.PLACE, f"it stands behind the invoice number {number.text!r}")


def _of_seller(facts: Mapping[str, float]) -> Iterator[Witness]:
    if _heads(facts):
        yield Witness(Evidence.PLACE, "it heads the page or the only block with contact details")
    elif _is_in_foot(facts):
        yield Witness(Evidence.PLACE, "the page's foot has its particulars and nobody else's")
    if facts.get("echoed") and facts.get("own_large"):
        yield Witness(Evidence.IDENTITY, "the letterhead has the beginning of its name as a brand")
    if facts.get("own_vat_below") and not facts.get("other_vat_below"):
        yield Witness(Evidence.IDENTITY, "the VAT identifier on the page stands with its name")
    if facts.get("own_payee_label"):
        yield Witness(Evidence.IDENTITY, "the account is held under its name")


def _heads(facts: Mapping[str, float]) -> bool:
    """Whether a name stands where a sender's does: what both parties have tells them from nobody, nor does the page's
    head where names stand in it side by side."""
    alone = facts.get("first_text") and not facts.get("beside")
    return bool(alone or (facts.get("contact_near") and not facts.get("other_contact_near")))


def _is_in_foot(facts: Mapping[str, float]) -> bool:
    """Whether a name stands in the foot of a page with its address or numbers, and no other name does."""
    told = facts.get("own_sender_line") or facts.get("own_contact_within")
    return bool(facts.get("own_foot") and told and not facts.get("other_foot"))


_ONLY_CALLED = frozenset({Kind.ACCOUNT, Kind.BANKGIRO, Kind.PLUSGIRO})


def _is_alone(scene: Scene, field: InvoiceField) -> bool:
    """Whether the pages have no other value of any kind that the term may be, but for those whose check digits fail
    where the field's hold; a number that only has the form of an account, as a sort code or a registration has, is one
    only where a label says so."""
    term = TERMS[field.name]
    candidates = scene.of_kind(*term.kinds)
    own = [candidate for candidate in candidates if candidate.value == field.value]
    held = any(candidate.valid for candidate in own)
    others = (
        c
        for c in candidates
        if c.value != field.value and str(c.value) not in str(field.value) and not (held and c.valid is False)
    )
    return bool(own) and not any(other.kind not in _ONLY_CALLED or _is_called(scene, other, term) for other in others)


def _is_called(scene: Scene, candidate: Candidate, term: Term) -> bool:
    return any(best_link(scene, candidate, label)[1] >= NAMED for label in term.labels)


def _label(scene: Scene, field: InvoiceField) -> str:
    """The text of the label that names the field's print; empty when none does well enough."""
    name = _TERMS.get(field.name, field.name)
    if name not in TERMS:
        return ""
    best, sure = "", NAMED
    for candidate in candidates_of(scene, name):
        if candidate.page != field.page or candidate.box != field.box or candidate.value != field.value:
            continue
        for term in TERMS[name].labels:
            link, evidence = best_link(scene, candidate, term)
            if link is not None and evidence >= sure:
                best, sure = _text(link.label), evidence
    return best.strip(" :.")


def _text(label: Label) -> str:
    return label.segment.text[label.start : label.end]
