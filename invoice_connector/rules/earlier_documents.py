"""What earlier documents tell about a new one: the same invoice again, or a known seller with another account."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Protocol

from db.known import EarlierJob
from invoice_connector.einvoice import XML
from invoice_connector.invoice import CENT, PAYABLE, Evidence, Violation, plain
from invoice_connector.pipeline.outcome import Outcome
from invoice_connector.pipeline.page_pictures import fingerprint
from invoice_connector.rules.decision import decide

DUPLICATE, ACCOUNT_CHANGED = "DUPLICATE", "ACCOUNT-CHANGED"
_SELLER = ("seller_vat_identifier", "seller_legal_registration_identifier", "seller_name")
_ACCOUNT, _KIND = "payment_account_identifier", "invoice_type_code"
_ENOUGH = 2  # documents that make an account known beside another one
_NUMBERED, _SUFFIX = 4, 3  # signs of a number, at least, and letters behind it, at most: the same invoice once more
_BANDS = 6  # of a fingerprint: two that differ in fewer bits than there are bands share at least one of them
_ALIKE = 8  # differing bits, of 64, up to which two pages look alike; copies measured had 2 in the median, others 30


class EarlierJobs(Protocol):
    """What was processed before; ``db.known`` has the log's own."""

    def first_of_content(self, sha256: str) -> tuple[str, int] | None:
        """Id and audit number of the first job that read these bytes."""
        ...

    def with_key(self, keys: Collection[str], before: int | None = None) -> Sequence[EarlierJob]:
        """The newest jobs that share a key, only those below the audit number ``before`` when given."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """A document as it is compared with others. ``picture``: fingerprint of its first page, None without one;
    ``account_known``: the master data have its account; ``instead_of``: jobs that it takes the place of."""

    source_name: str
    values: Mapping[str, str]
    picture: int | None = None
    account_known: bool = False
    instead_of: tuple[str, ...] = ()

    def keys(self) -> dict[str, str]:
        """What later documents find this one by."""
        named = (*_invoice_keys(self.values), *_seller_keys(self.values))
        return {**dict.fromkeys(named, ""), **_picture_keys(self.picture)}


def compared(outcome: Outcome) -> Compared:
    """The new document of an outcome."""
    fields = outcome.invoice.fields if outcome.invoice else {}
    document = outcome.document
    # E-invoices by themselves are all drawn alike.
    pages = document.pages if document and document.media_type != XML else ()
    values = {name: plain(found.value) for name, found in fields.items()}
    account = fields.get(_ACCOUNT)
    known = account is not None and any(witness.kind is Evidence.MASTER_DATA for witness in account.witnesses)
    division = outcome.request.division
    instead_of = division.instead_of if division is not None else ()
    return Compared(outcome.request.source_name, values, fingerprint(pages[0]) if pages else None, known, instead_of)


def judged(outcome: Outcome, document: Compared, earlier: EarlierJobs) -> Outcome:
    """The outcome with what the earlier jobs say against it. The same bytes read again are no duplicate: the feedback
    names the first reading, and only what was stored before that one counts."""
    if outcome.failure is not None or outcome.sha256 is None:
        return outcome
    first = earlier.first_of_content(outcome.sha256)
    found = check_known(document, earlier, None if first is None else first[1])
    violations = (*outcome.violations, *found)
    verification = outcome.verification
    if first is not None:
        said = f"{verification.feedback}; these very bytes were read before, as job {first[0]}".removeprefix("; ")
        verification = replace(verification, feedback=said)
    return replace(outcome, violations=violations, status=decide(violations), verification=verification)


def check_known(document: Compared, earlier: EarlierJobs, before: int | None = None) -> tuple[Violation, ...]:
    """A duplicate, and an account that a known seller did not use before."""

    def jobs_with(keys: Collection[str]) -> Sequence[EarlierJob]:
        found = earlier.with_key(keys, before) if keys else ()
        return [job for job in found if job.job_id not in document.instead_of]

    sellers = jobs_with(_seller_keys(document.values))
    return (*_duplicate(document, sellers, jobs_with), *_account(document, sellers))


def _duplicate(
    document: Compared, sellers: Sequence[EarlierJob], jobs_with: Callable[[Collection[str]], Sequence[EarlierJob]]
) -> Iterator[Violation]:
    """The earliest job that is the same invoice; its number is what counts, else how its page looks. ``sellers``: the
    jobs of its seller."""
    searches: tuple[tuple[Callable[[], Sequence[EarlierJob]], Callable[[Compared, EarlierJob], bool]], ...] = (
        (lambda: jobs_with(_invoice_keys(document.values)), _is_same_invoice),
        (lambda: sellers, _is_renumbered),
        (lambda: sellers, _has_its_number),
        (lambda: jobs_with(_picture_keys(document.picture)), _looks_the_same),
    )
    for jobs, same in searches:
        alike = [job for job in jobs() if not job.rejected and same(document, job)]
        if alike:
            yield _duplicate_of(document, min(alike, key=lambda job: job.sequence), same)
            return


def _duplicate_of(document: Compared, job: EarlierJob, same: Callable[[Compared, EarlierJob], bool]) -> Violation:
    here, there = document.source_name, f"{job.source_name}, job {job.job_id}"
    if same is _looks_the_same:
        message = (
            f"The first page of {here} looks like that of {there}, and what was read differs little; book one of them."
        )
        return Violation(DUPLICATE, message, ("invoice_number",))
    number, amount = document.values["invoice_number"], _amount(document.values)
    if same is _has_its_number:
        message = (
            f"The invoice {number} in {here} is over {amount}, but {there}, of the same seller has this number over "
            f"{_amount(job.values)}; ask the seller which of them is to be paid."
        )
        return Violation(DUPLICATE, message, ("invoice_number", "total_with_vat"))
    was = "" if same is _is_same_invoice else f" with the number {job.values['invoice_number']}"
    message = (
        f"The invoice {number} over {amount} in {here} was already read{was} from {there}, of the same seller; "
        "book one of them."
    )
    return Violation(DUPLICATE, message, ("invoice_number", "total_with_vat"))


def _account(document: Compared, sellers: Sequence[EarlierJob]) -> Iterator[Violation]:
    """An account beside those that the seller named before, unless the master data have it or two documents that were
    booked or approved named it too: one correction that is wrong must not make an account known."""
    account = document.values.get(_ACCOUNT)
    if account is None or document.account_known:
        return
    jobs = [job for job in sellers if _vouches(job) and _same_seller(document.values, job)]
    naming = [job for job in jobs if _ACCOUNT in job.values]
    others = [job for job in naming if plain_key(job.values[_ACCOUNT]) != plain_key(account)]
    booked = sum(job not in others and (job.approved or not job.rules) for job in naming)
    if others and booked < _ENOUGH:
        known = sorted({job.values[_ACCOUNT] for job in others})
        only = ", and only one document was booked with it so far" if booked else ""
        message = (
            f"{document.source_name} asks to pay to {account}, but this seller's earlier invoices named "
            f"{', '.join(known)} (last in {others[0].source_name}, job {others[0].job_id}){only}; ask the seller "
            "before paying."
        )
        yield Violation(ACCOUNT_CHANGED, message, (_ACCOUNT,))


def _vouches(job: EarlierJob) -> bool:
    """A job that was stopped for its own account, or refused, tells nothing until a person approved it."""
    return not job.rejected and (job.review is not None or not job.rules & {ACCOUNT_CHANGED})


def _is_same_invoice(document: Compared, job: EarlierJob) -> bool:
    """By the values that count now; a key may be older than a correction."""
    return bool(set(_invoice_keys(document.values)) & set(_invoice_keys(job.values)))


def _is_renumbered(document: Compared, job: EarlierJob) -> bool:
    """The same amount of the same seller under a number that has a letter more or less: "4711" and "4711A"."""
    numbers = sorted((plain_key(values.get("invoice_number", "")) for values in (document.values, job.values)), key=len)
    more = numbers[1].removeprefix(numbers[0])
    renumbered = len(numbers[0]) >= _NUMBERED and numbers[1] != more and more.isalpha() and len(more) <= _SUFFIX
    same = _amount(document.values) == _amount(job.values) and _same_seller(document.values, job)
    return renumbered and same


def _has_its_number(document: Compared, job: EarlierJob) -> bool:
    """The same number of the same seller over another amount: one is wrong, or replaces the other. A credit note may
    have the number of what it credits, and short numbers begin anew each year."""
    numbers = {plain_key(values.get("invoice_number", "")) for values in (document.values, job.values)}
    kinds = {values.get(_KIND) for values in (document.values, job.values)} - {None}
    amounts = _amount(document.values), _amount(job.values)
    long = len(numbers) == 1 and len(min(numbers)) >= _NUMBERED
    return long and len(kinds) < 2 and None not in amounts and _same_seller(document.values, job)


def _looks_the_same(document: Compared, job: EarlierJob) -> bool:
    """Pages alike, and of number, date, amount, currency and seller at most one read differently: a seller's invoices
    all look alike, and so do those of all who use one program."""
    theirs = [int(value, 16) for value in job.keys.values()]
    return (
        document.picture is not None
        and any((document.picture ^ other).bit_count() <= _ALIKE for other in theirs)
        and _differences(document.values, job.values) <= 1
    )


def _differences(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    pairs = [(one.get(name), other.get(name)) for name in ("invoice_number", "issue_date", "currency_code")]
    texts = sum(a is not None and b is not None and plain_key(a) != plain_key(b) for a, b in pairs)
    amounts, sellers = (_amount(one), _amount(other)), (_sellers(one), _sellers(other))
    strangers = all(sellers) and not {*sellers[0]} & {*sellers[1]}
    return texts + (None not in amounts and amounts[0] != amounts[1]) + strangers


def _invoice_keys(values: Mapping[str, str]) -> list[str]:
    """Number and amount with each name the seller goes by."""
    number, amount = values.get("invoice_number"), _amount(values)
    if not number or amount is None:
        return []
    return [f"invoice {plain_key(number)} {amount.quantize(CENT)} {seller}" for seller in _sellers(values)]


def _seller_keys(values: Mapping[str, str]) -> list[str]:
    return [f"seller {seller}" for seller in _sellers(values)]


def _picture_keys(picture: int | None) -> dict[str, str]:
    """The bands of a fingerprint, each with the whole of it."""
    if picture is None:
        return {}
    bits, whole = f"{picture:064b}", f"{picture:016x}"
    edges = [64 * band // _BANDS for band in range(_BANDS + 1)]
    return {f"picture {band} {bits[edges[band] : edges[band + 1]]}": whole for band in range(_BANDS)}


def _sellers(values: Mapping[str, str]) -> list[str]:
    """The seller's VAT identifier, registration and name, as far as they were read."""
    return [f"{name} {key}" for name in _SELLER if (key := plain_key(values.get(name, "")))]


def _same_seller(values: Mapping[str, str], job: EarlierJob) -> bool:
    """Shops of one name are several sellers when their numbers say so."""
    pairs = [(plain_key(values.get(name, "")), plain_key(job.values.get(name, ""))) for name in _SELLER[:2]]
    told = [one == other for one, other in pairs if one and other]
    return all(told) if told else plain_key(values.get(_SELLER[2], "")) == plain_key(job.values.get(_SELLER[2], ""))


def _amount(values: Mapping[str, str]) -> Decimal | None:
    for name in PAYABLE:
        try:
            return Decimal(values[name])
        except (KeyError, InvalidOperation):
            continue
    return None


def plain_key(text: str) -> str:
    """Letters and digits only, upper-cased: "DE 136 695 976" and "de136695976" are the same."""
    return re.sub(r"[\W_]", "", text).upper()
