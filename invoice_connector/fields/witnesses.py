"""What the page says of a chosen field beside its value: the label that names it, what belongs to a party."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.labels import Label
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.terms import TERMS, Term, candidates_of
from invoice_connector.invoice import Evidence, InvoiceField, Witness

NAMED = 0.5  # evidence from which a label counts as naming a value
_TERMS = {"seller_vat_identifier": "vat_identifier", "buyer_vat_identifier": "vat_identifier"}
_PARTY_LABELS = {"seller": "seller_label", "buyer": "buyer_label"}


def with_page_witnesses(
    scene: Scene, chosen: Sequence[Chosen], fields: Mapping[str, InvoiceField]
) -> dict[str, InvoiceField]:
    """The fields, each with the witnesses that its surroundings give."""
    facts = {item.field.name: item.facts for item in chosen}
    return {name: field.witnessed(*_witnesses(scene, field, facts.get(name, {}))) for name, field in fields.items()}


def _witnesses(scene: Scene, field: InvoiceField, facts: Mapping[str, float]) -> Iterator[Witness]:
    label = _label(scene, field)
    role = field.name.partition("_")[0]
    if label:
        yield Witness(Evidence.LABEL, f"the label “{label}” names it")
    elif facts.get(_PARTY_LABELS.get(role, ""), 0.0) > 0:
        yield Witness(Evidence.LABEL, f"a label announces the {role}")
    elif facts.get("same") and facts.get("evidence", 0.0) >= NAMED:
        yield Witness(Evidence.PLACE, "it stands where a letter has its date")
    if field.name == "seller_name" and _heads(facts):
        yield Witness(Evidence.PLACE, "it heads the page or the only block with contact details")
    if field.name in TERMS and _is_alone(scene, field):
        yield Witness(Evidence.ONLY, "no other value of its kind is on the pages")
    if facts.get("printed"):
        yield Witness(Evidence.PLACE, f"“{field.text}” is printed with the amounts or over them")
    if facts.get("country"):
        yield Witness(Evidence.COUNTRY, "it is the currency of the seller's country")
    if facts.get("own_domain") and not facts.get("other_domain"):
        yield Witness(Evidence.IDENTITY, "the web and mail addresses on the page belong to it")
    if field.name == "seller_name" and facts.get("own_vat_below") and not facts.get("other_vat_below"):
        yield Witness(Evidence.IDENTITY, "the VAT identifier on the page stands with its name")
    if field.name == "seller_name" and facts.get("own_payee_label"):
        yield Witness(Evidence.IDENTITY, "the account is held under its name")
    if facts.get("named", 0.0) > 0:
        yield Witness(Evidence.DOCUMENT_MODEL, "a document model found the same")
    if facts.get("column_sum"):
        yield Witness(Evidence.SUM, "the amounts above it in its column add up to it")


def _heads(facts: Mapping[str, float]) -> bool:
    """Whether a name stands where a sender's does: what both parties have tells them from nobody."""
    return bool(facts.get("first_text") or (facts.get("contact_near") and not facts.get("other_contact_near")))


def _is_alone(scene: Scene, field: InvoiceField) -> bool:
    """Whether the pages have no other value of any kind that the term may be; a number that has the form of an account,
    as a sort code has, is one only where a label says so."""
    term = TERMS[field.name]
    return field.value in {candidate.value for candidate in scene.of_kind(*term.kinds)} and not any(
        candidate.value != field.value and (candidate.kind is not Kind.ACCOUNT or _is_called(scene, candidate, term))
        for candidate in scene.of_kind(*term.kinds)
    )


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
