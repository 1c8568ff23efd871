"""An account announced as new beside another one: which of the two is to be paid to is for a person to find out."""

from __future__ import annotations

from collections.abc import Iterator

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import says
from invoice_connector.fields.number_parts import in_iban
from invoice_connector.invoice import Violation

RULE = "ACCOUNT-ANNOUNCED"
_NAME = "payment_account_identifier"
_KINDS = (Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ACCOUNT)
_NAMED = 0.5  # evidence of a label that a number without a form of its own needs
_NEAR = 2.5  # line heights between an announcement and its account


def announced_accounts(scene: Scene) -> Iterator[Violation]:
    """ACCOUNT-ANNOUNCED: the pages give two accounts and call one of them new or changed."""
    accounts = [candidate for candidate in scene.of_kind(*_KINDS) if _is_account(scene, candidate)]
    for account in accounts:
        others = (other for other in accounts if not _are_same(account, other))
        other = next(others, None)
        if other is not None and any(_announces(s, account, scene) for s in scene.context(account).segments):
            message = (
                f"The page announces a new account near {account.text} and also gives {other.text}; ask the seller, by "
                "a telephone number known from before, which of the two to pay to."
            )
            yield Violation(RULE, message, (_NAME,))
            return


def _is_account(scene: Scene, candidate: Candidate) -> bool:
    if candidate.kind is Kind.IBAN:
        return True
    return not in_iban(scene, candidate) and best_link(scene, candidate, candidate.kind.value)[1] > _NAMED


def _are_same(one: Candidate, other: Candidate) -> bool:
    """Whether two prints are one account: a bank's own number is a part of its IBAN."""
    bare = ["".join(filter(str.isalnum, str(candidate.value))) for candidate in (one, other)]
    return bare[0] in bare[1] or bare[1] in bare[0]


def _announces(segment: Segment, account: Candidate, scene: Scene) -> bool:
    """Whether a segment that is the account's own, or near it, says that an account is new."""
    own, reach = account.segment.box, _NEAR * scene.context(account).line_height
    near = abs(segment.box.center[1] - own.center[1]) <= reach
    return near and says(segment.text, "new_account")
