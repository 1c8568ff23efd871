"""Whether the seller may be somebody else, where no label says who sells: what only a seller prints of itself, its VAT
identifier and the account to pay to, stands with another name, or the page's head has two names and nothing tells
which is whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identities import SELLER_OR_BUYER, names_bank
from invoice_connector.fields.legal_forms import has_legal_form
from invoice_connector.fields.line_patterns import street_word
from invoice_connector.fields.name_kinds import kinds_of_name
from invoice_connector.fields.parties import PartyLine
from invoice_connector.fields.party_relations import ONE_LINE
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.vocabulary import squeezed
from invoice_connector.invoice import PAYABLE, Violation
from ocr_ensemble.page_layout import same_row

_SHORTEST = 4  # letters of a name that tells
_AS_LARGE = 0.95  # times the seller's height
_STRIP = 4.0  # lines of a foot
_PARTICULARS = ("sender_line", "contact_within", "contact_near", "vat_below", "account_below")
_LIKELY = 0.5  # probability of an organisation's name
_OWN = ("own_vat_below", "own_account_below", "own_payee_label", "own_domain", "own_contact_near", "own_contact_within",
        "own_sender_line", "own_foot")  # fmt: skip
_IN_FOOT = ("own_vat_below", "own_payee_label", "own_foot")
_SELLERS = ("payment_account_identifier", "seller_vat_identifier")


def exchanged_parties(
    scene: Scene,
    chosen: Mapping[str, Chosen],
    seller: PartyLine | None,
    buyer: PartyLine | None,
    parties: Sequence[PartyLine],
) -> Iterator[Violation]:
    """SELLER-OR-BUYER; ``parties``: all that could be one."""
    if seller is None or seller.facts["seller_label"]:
        return
    numbers, beside = _sellers_numbers(scene, chosen), _beside(scene, seller, parties)
    why = _by_line(numbers, seller, parties)
    if not why and buyer is not None and not buyer.facts["buyer_label"]:
        why = _by_vat(chosen, buyer) or _by_block(scene, numbers, seller, buyer)
    if not why and buyer is None:
        why = next(filter(None, (_by_block(scene, numbers, seller, other) for other in beside)), "")
    why = why or _by_head(seller, beside) or _by_foot(scene, _below_totals(numbers, chosen), seller, parties)
    if why:
        message = f"{seller.name!r} was taken for the seller, but {why}; look who sells and who buys."
        yield Violation(SELLER_OR_BUYER, message, ("seller_name", "buyer_name"))


def _sellers_numbers(scene: Scene, chosen: Mapping[str, Chosen]) -> list[Candidate]:
    """Where the account to pay to and the seller's VAT identifier are printed."""
    fields = [chosen[name].field for name in _SELLERS if name in chosen]
    places = {(field.page, field.box) for field in fields}
    return [candidate for candidate in scene.candidates if (candidate.page, candidate.box) in places]


def _by_vat(chosen: Mapping[str, Chosen], buyer: PartyLine) -> str:
    """A seller of what VAT is paid on has to print its identifier, and a buyer has not."""
    tax = chosen.get("total_vat")
    only = chosen.get("buyer_vat_identifier") if "seller_vat_identifier" not in chosen else None
    if only is None or tax is None or not tax.field.value:
        return ""
    return f"the only VAT identifier, {only.field.text}, stands with {buyer.name!r}"


def _by_block(scene: Scene, numbers: Sequence[Candidate], seller: PartyLine, buyer: PartyLine) -> str:
    """A number of the seller's in a block that names the buyer and not the seller."""
    theirs, ours = squeezed(buyer.name), squeezed(seller.name)
    for candidate in numbers if len(theirs) >= _SHORTEST else ():
        text = squeezed(" ".join(segment.text for segment in _block_of(scene, candidate)))
        if theirs in text and ours not in text:
            return f"{candidate.text} is printed with {buyer.name!r}"
    return ""


def _by_head(seller: PartyLine, beside: Sequence[PartyLine]) -> str:
    """Another name beside the seller's, in type as large, where nothing tells of either that it sells."""
    if any(seller.facts.get(fact) for fact in _OWN) or seller.facts.get("own_lines", 0.0) > ONE_LINE:
        return ""
    height = seller.segments[0].height
    other = next((party for party in beside if party.segments[0].height >= _AS_LARGE * height), None)
    return "" if other is None else f"{other.name!r} stands beside it, and nothing says which of the two sells"


def _by_foot(scene: Scene, numbers: Sequence[Candidate], seller: PartyLine, parties: Sequence[PartyLine]) -> str:
    """A number of the seller's in the strip below the totals that names another organisation and not the seller: a
    company beside the VAT identifier, or anybody where nothing else tells that the seller sells."""
    if any(seller.facts.get(fact) for fact in _IN_FOOT):
        return ""
    lone = not any(seller.facts.get(fact) for fact in _OWN)
    others = [party for party in parties if _names_company(party) and not _are_forms(party, seller)]
    for number in numbers:
        reach = _STRIP * scene.context(number).line_height
        for party in others:
            line = party.segments[0]
            near = line.page == number.page and abs(line.box.top - number.box.top) <= reach
            if near and (lone or (number.kind is Kind.VAT and party.facts["legal_form"])):
                return f"{number.text} stands below the totals beside {party.name!r}"
    return ""


def _below_totals(numbers: Sequence[Candidate], chosen: Mapping[str, Chosen]) -> list[Candidate]:
    totals = [chosen[name].field for name in PAYABLE if name in chosen]
    return [n for n in numbers if any(total.page == n.page and total.box.bottom < n.box.top for total in totals)]


def _names_company(party: PartyLine) -> bool:
    """Whether a line names an organisation, and is no label's value, no street and no bank. Without a legal form it has
    more than a word, which may be a town, and its address or numbers with it."""
    told = any(party.facts.get(fact) for fact in _PARTICULARS) and len(party.name.split()) > 1
    formed = bool(party.facts["legal_form"])
    sure = formed or (told and kinds_of_name(party.name)["organisation"] >= _LIKELY)
    street = street_word().search(party.name) and not has_legal_form(party.name)
    return _tells(party) and sure and not street and not names_bank(party.name)


def _tells(party: PartyLine) -> bool:
    """Whether a line is long enough for a name, without digits, and nobody's by a label."""
    named = len(squeezed(party.name)) >= _SHORTEST and not any(map(str.isdigit, party.name))
    return named and not (party.facts["buyer_label"] or party.facts["party_label"])


def _are_forms(one: PartyLine, other: PartyLine) -> bool:
    """Whether one of two names holds the other."""
    first, second = squeezed(one.name), squeezed(other.name)
    return first in second or second in first


def _beside(scene: Scene, seller: PartyLine, parties: Sequence[PartyLine]) -> list[PartyLine]:
    """The names on the seller's row that no label calls the buyer's."""
    own = seller.segments[0]
    return [
        party
        for party in parties
        if party.segments[0].page == own.page
        and party.segments[0] is not own
        and same_row(party.segments[0].box, own.box)
        and scene.kinds[party.segments[0]].name
        and _tells(party)
    ]


def _by_line(numbers: Sequence[Candidate], seller: PartyLine, parties: Sequence[PartyLine]) -> str:
    """A number of the seller's in the line of a name that the pages print elsewhere, too, as a foot repeats the
    letterhead's."""
    ours, printed = squeezed(seller.name), Counter(squeezed(party.name) for party in parties)
    by_line = {candidate.segment: candidate for candidate in numbers}
    for party in parties:
        name, number = squeezed(party.name), by_line.get(party.segments[0])
        labelled = party.facts["buyer_label"] or party.facts["party_label"]
        if number is None or labelled or printed[name] < 2 or len(name) < _SHORTEST:
            continue
        if name not in ours and ours not in name:
            return f"{number.text} is printed in the line of {party.name!r}"
    return ""


def _block_of(scene: Scene, candidate: Candidate) -> tuple[Segment, ...]:
    """The lines that stand together with a number's."""
    context = scene.context(candidate)
    return next((block.segments for block in context.blocks if candidate.segment in block.segments), ())
