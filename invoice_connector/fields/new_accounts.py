"""Accounts that a person has to look at: one that is announced as new, told by a sentence or labelled beside another;
a labelled one that was not read, or not to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from invoice_connector.fields.candidates import Candidate, Kind
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.domestic_accounts import in_iban_order
from invoice_connector.fields.features import Scene, best_link
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.kind_phrases import says
from invoice_connector.fields.labels import Label
from invoice_connector.fields.number_parts import in_iban
from invoice_connector.fields.ranking import Chosen
from invoice_connector.fields.sentences import Sentence, sentences_of
from invoice_connector.fields.statements import shortened
from invoice_connector.fields.vocabulary import PARTY_TERMS
from invoice_connector.fields.wrapped import goes_on_in
from invoice_connector.invoice import Violation
from invoice_connector.locales import alternatives
from ocr_ensemble.page_layout import same_row

RULE, TOLD = "ACCOUNT-ANNOUNCED", "ACCOUNT-TOLD"
_NAME = "payment_account_identifier"
_KINDS = (Kind.IBAN, Kind.BANKGIRO, Kind.PLUSGIRO, Kind.ACCOUNT)
_NAMED = 0.5  # evidence of a label that a number without a form of its own needs
_LABELS = frozenset({"iban", "account", "bankgiro", "plusgiro"})
_WHOLE = 0.7  # of the letters before the number, the share that its label makes
_FEWEST_DIGITS = 5
_BESIDE = 20.0  # line heights between a label and what it names
_WORD = re.compile(r"[^\W\d_]{2,}")
# Labels that may be verbs of a sentence: "Pay to", "To be paid by".
_ASKING = (*PARTY_TERMS, "amount_due", "total_with_vat", "payment_terms", "_tender", "_amount")
_MOST = 40  # accounts of a document that are compared
_FEWEST_WORDS = 2  # of a sentence besides the account and what it is called
_TELLING = 3  # letters of a word without a capital that no list of accounts has ("nr", "no")
_JOINED = re.compile(r"\d[ ]?[-/.–]$"), re.compile(r"[-/–][ ]?\d")  # the end of a line, and the beginning of the next
_REST = re.compile(r"\d{2,}")  # the rest of a number, alone on its line
_MORE = re.compile(r" ?[-/.–]? ?\d{2}")  # the same on the number's own line
_NEAR = 2.5  # line heights between an announcement and its account
_LISTED = 7.0  # line heights between two accounts of one list


def rival_accounts(scene: Scene, chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """One sentence per way in which the pages give another account than the chosen one."""
    yield from _announced_accounts(scene)
    yield from _told_accounts(scene)
    yield from _competing_accounts(scene, chosen)


def _announced_accounts(scene: Scene) -> Iterator[Violation]:
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


def _told_accounts(scene: Scene) -> Iterator[Violation]:
    """ACCOUNT-TOLD: a sentence gives an account beside another one: "Please pay to GB26 MIDL ... instead"."""
    found = (candidate for candidate in scene.of_kind(*_KINDS) if _is_account(scene, candidate))
    accounts = list(islice(found, _MOST))
    for told, account in _in_sentences(scene, accounts if len(accounts) > 1 else ()):
        other = _other_account(account, accounts)
        if other is not None and _runs(scene.context(account), told, account):
            message = (
                f"The page says {shortened(told.text)!r} and also gives {other.text}; ask the seller, by a telephone "
                "number known from before, which of the two to pay to."
            )
            yield Violation(TOLD, message, (_NAME,))
            return


def _competing_accounts(scene: Scene, chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """ACCOUNT-COMPETES: labels name two accounts whose check digits hold, and no list of the seller's banks has both,
    of which the payer may choose one."""
    field = chosen[_NAME].field if _NAME in chosen else None
    if field is None or scene.receipt:
        return
    accounts = [candidate for candidate in scene.of_kind(Kind.IBAN, Kind.ACCOUNT)[:_MOST] if candidate.valid]
    own = [account for account in accounts if account.value == field.value]
    known = {other.value for other in accounts for each in own if _are_listed(scene, each, other)}
    for other in accounts if own else ():
        same = other.value in known or any(_are_same(each, other) for each in own)
        if not same and not in_iban(scene, other) and _is_sellers_labelled(scene, other):
            message = (
                f"The pages name two accounts to pay to, {own[0].text} and {other.text}, and do not list them as the "
                "seller's banks; ask the seller, by a telephone number known from before, which of the two to pay to."
            )
            yield Violation("ACCOUNT-COMPETES", message, (_NAME,))
            return


def _is_sellers_labelled(scene: Scene, account: Candidate) -> bool:
    """Whether a label on its line, or that stands near, names an account, which is not given with the buyer."""
    context = scene.context(account)
    terms = {meaning.term for label in context.labels_of(account.segment) for meaning in label.meanings}
    named = terms & _LABELS or max(best_link(scene, account, label)[1] for label in ("iban", "account")) > _NAMED
    return bool(named) and account.segment not in context.buyers


def _are_listed(scene: Scene, one: Candidate, other: Candidate) -> bool:
    """Whether two accounts stand on one row or below each other, each with what tells it apart, as its bank's name."""
    context, a, b = scene.context(one), one.segment.box, other.segment.box
    gap = max(a.top, b.top) - min(a.bottom, b.bottom)
    below = gap <= _LISTED * context.line_height and a.horizontal_overlap(b) > 0
    near = one.page == other.page and (same_row(a, b) or below)
    return near and all(_is_told_apart(context, account) for account in (one, other))


def _is_told_apart(context: PageContext, account: Candidate) -> bool:
    """Whether words that no label of accounts has stand on the account's row or right above it."""
    own = account.segment
    above = [segment for segment in context.segments if goes_on_in(segment, own)]
    beside = [each for each in context.by_height.beside(own.box) if same_row(each.box, own.box)]
    near = (own, *beside, *above)
    return any(True for each in near for _ in _free_words(context, each, (0, len(each.text)), account))


def _in_sentences(scene: Scene, accounts: Sequence[Candidate]) -> Iterator[tuple[Sentence, Candidate]]:
    """The sentences that give one of the accounts, each with it, page by page."""
    for context in scene.contexts:
        here = [account for account in accounts if account.page == context.page.number]
        sentences = sentences_of(context) if here else ()
        yield from ((sentence, account) for sentence in sentences for account in here if sentence.has(account))


def _other_account(account: Candidate, accounts: Sequence[Candidate]) -> Candidate | None:
    others = (o for o in accounts if o.valid is not False and _are_comparable(account, o) and not _are_same(account, o))
    return next(others, None)


def _are_comparable(one: Candidate, other: Candidate) -> bool:
    """Whether two numbers could be one account: a giro's never is a part of an IBAN."""
    giro = (Kind.BANKGIRO, Kind.PLUSGIRO)
    return one.kind is other.kind or not (one.kind in giro or other.kind in giro)


def _runs(context: PageContext, sentence: Sentence, account: Candidate) -> bool:
    """Whether an account stands in running text: among words that no label has, one of them without a capital."""
    free = [
        word for segment, start, end in sentence.parts for word in _free_words(context, segment, (start, end), account)
    ]
    return len(free) >= _FEWEST_WORDS and any(word.islower() and len(word) >= _TELLING for word in free)


@cache
def _bank_numbers() -> re.Pattern[str]:
    return re.compile(rf"\b{alternatives('bank_numbers')}\b", re.IGNORECASE)


def _free_words(context: PageContext, segment: Segment, span: tuple[int, int], account: Candidate) -> Iterator[str]:
    labels = (label for label in context.labels_of(segment) if not any(map(label.meaning, _ASKING)))
    taken = [(label.start, label.end) for label in labels]
    taken += [match.span() for match in _bank_numbers().finditer(segment.text)]
    if segment is account.segment:
        taken.append((account.start, account.end))
    for word in _WORD.finditer(segment.text, *span):
        if all(word.end() <= start or end <= word.start() for start, end in taken):
            yield word[0]


def unread_accounts(scene: Scene, chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """ACCOUNT-UNREAD: no account was found, but a label that means nothing else has a number behind it."""
    if _NAME in chosen or scene.receipt:
        return
    for context in scene.contexts:
        for label in context.labels:
            behind = _print_behind(context, label) if _names_account(label) else ""
            if sum(map(str.isdigit, behind)) >= _FEWEST_DIGITS:
                named = " ".join(label.segment.text[label.start : label.end].split())
                message = (
                    f"The page gives {behind!r} behind {named!r}, which could not be read as an account; compare it "
                    "with the page and enter the account by hand."
                )
                yield Violation("ACCOUNT-UNREAD", message, (_NAME,))
                return


def broken_accounts(scene: Scene, chosen: Mapping[str, Chosen]) -> Iterator[Violation]:
    """ACCOUNT-UNREAD: the account has no check digits that hold, and its number goes on in another line."""
    if _NAME not in chosen:
        return
    field = chosen[_NAME].field
    places = [c for c in scene.of_kind(*_KINDS) if (c.page, c.box) == (field.page, field.box)]
    if not places or any(c.valid for c in places):
        return
    account = places[0]
    if _MORE.match(account.segment.text, account.end):
        message = (
            f"Behind the account {account.text} its line goes on with digits ({shortened(account.segment.text)!r}); "
            "compare it with the page and enter the whole of it by hand."
        )
        yield Violation("ACCOUNT-UNREAD", message, (_NAME,))
        return
    rest = next((s for s in scene.context(account).segments if _goes_on(account, s)), None)
    if rest is not None:
        message = (
            f"The account {account.text} goes on in another line ({shortened(rest.text)!r}); compare it with the page "
            "and enter the whole of it by hand."
        )
        yield Violation("ACCOUNT-UNREAD", message, (_NAME,))


def _goes_on(account: Candidate, other: Segment) -> bool:
    """Whether the line above or below an account holds the rest of its number: one of the two breaks off with a sign
    that joins numbers, or nothing but digits stands below the labelled line, at its left edge."""
    own = account.segment
    before, after = own.text[: account.start].rstrip(), own.text[account.end :].strip()
    ends, begins = _JOINED
    if goes_on_in(other, own) and not before.rstrip("-/.–"):
        return bool(ends.search(other.text.rstrip()) or (begins.match(own.text) and other.text[-1:].isdigit()))
    if not goes_on_in(own, other) or after.strip("-/.– "):
        return False
    if begins.match(other.text) or (ends.search(own.text.rstrip()) and other.text[:1].isdigit()):
        return True
    return bool(before and _REST.fullmatch(other.text)) and abs(other.box.left - own.box.left) <= own.height


def _names_account(label: Label) -> bool:
    """Whether a label is an account's at a bank: customers have accounts, too, and are called by the same words."""
    meanings = {meaning.term for meaning in label.meanings if meaning.strength == 1.0}
    return bool(meanings) and meanings <= _LABELS and label.coverage >= _WHOLE


def _print_behind(context: PageContext, label: Label) -> str:
    """What stands behind a label on its own line, or else right of it, or else below."""
    own = label.segment.text[label.end :].strip(" :.")
    if own:
        return " ".join(own.split())[:40]
    reach = label.box.right + _BESIDE * context.line_height
    right = [
        segment
        for segment in context.segments
        if segment is not label.segment
        and same_row(segment.box, label.box)
        and label.box.right <= segment.box.left <= reach
    ]
    if right:
        return min(right, key=lambda segment: segment.box.left).text[:40]
    below = (segment for segment in context.segments if goes_on_in(label.segment, segment))
    return next((segment.text[:40] for segment in below), "")


def _is_account(scene: Scene, candidate: Candidate) -> bool:
    if candidate.kind is Kind.IBAN:
        return True
    return not in_iban(scene, candidate) and best_link(scene, candidate, candidate.kind.value)[1] > _NAMED


def _are_same(one: Candidate, other: Candidate) -> bool:
    """Whether two prints are one account: a bank's own number is a part of its IBAN."""
    bare = [in_iban_order(str(candidate.value)) for candidate in (one, other)]
    return bare[0] in bare[1] or bare[1] in bare[0]


def _announces(segment: Segment, account: Candidate, scene: Scene) -> bool:
    """Whether a segment that is the account's own, or near it, says that an account is new."""
    own, reach = account.segment.box, _NEAR * scene.context(account).line_height
    near = abs(segment.box.center[1] - own.center[1]) <= reach
    return near and says(segment.text, "new_account")
