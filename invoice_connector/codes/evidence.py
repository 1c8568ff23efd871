"""What follows from the codes of a document for its fields: witnesses, differences, and values that nothing printed
gave."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from invoice_connector.codes.families import PAYING, Code, without_printed_codes
from invoice_connector.codes.same import ACCOUNT, PARTIES, REFERENCE, is_printed, same_name, same_value
from invoice_connector.evidence.folding import alphanumeric
from invoice_connector.invoice import Evidence, FieldValue, Invoice, InvoiceField, Violation, Witness, plain
from invoice_connector.suppliers.names import plain_text
from ocr_ensemble.reading import CODE_ENGINE, DocumentReading

RULE = "CODE-DIFFERS"
_AMOUNTS = ("amount_due", "total_with_vat")
_COMPARED = (
    ACCOUNT, REFERENCE, *_AMOUNTS, "currency_code", "due_date", "issue_date", "invoice_number", "seller_vat_identifier",
    "buyer_vat_identifier", "invoice_type_code", *PARTIES,
)  # fmt: skip
_WITNESSED = (*_COMPARED, "total_vat", "payment_service_provider_identifier", "seller_legal_registration_identifier")
_NEVER_BOTH = {"amount_due": "total_with_vat", "total_with_vat": "amount_due"}
_RAISED = 4.0  # log-odds that a code's agreement adds to a field that was read and named without it
# The probability of a value that only a code gives: set, not fitted, for want of labelled documents with codes. An
# account is never that sure: a code that is stuck over another one changes it, and nothing on the page tells.
_NAMED, _NAMED_ACCOUNT = 0.98, 0.95
_NUMBER = re.compile(r"\d{2}")  # what a word has that is a number
_SHORTEST = 4  # letters and digits of a number that a message may repeat
_ASSUMED = "CURRENCY-ASSUMED"


def with_codes(invoice: Invoice, codes: Sequence[Code], reading: DocumentReading) -> Invoice:
    """The invoice with the witnesses of its codes, and with the values that only they give, in their place.

    A code whose account or amount differs from the page is no witness at all and gives nothing.
    """
    pages = _Pages.of(reading)
    believed = [code for code in codes if not any(_differences(invoice, code, codes, pages))]
    fields = {name: _witnessed(field, believed) for name, field in invoice.fields.items()}
    fields |= {field.name: field for field in _named(fields, believed)}
    currency = fields.get("currency_code")
    sure = currency is not None and any(witness.kind is Evidence.CODE for witness in currency.witnesses)
    conflicts = tuple(each for each in invoice.conflicts if not (sure and each.rule == _ASSUMED))
    return replace(invoice, fields=fields, conflicts=conflicts)


def code_differences(invoice: Invoice, codes: Sequence[Code], reading: DocumentReading) -> tuple[Violation, ...]:
    """CODE-DIFFERS with both sides for each value of a code that the pages have otherwise, and between codes."""
    pages = _Pages.of(reading)
    found = [each for code in codes for each in _differences(invoice, code, codes, pages)]
    said = [each for code in codes for each in (*_said_of_the_paper(code), *_other_message(code, pages))]
    return tuple(dict.fromkeys((*found, *said, *_between(codes), *_broken(codes))))


def _other_message(code: Code, pages: _Pages) -> Iterator[Violation]:
    """What the payer is to write names numbers, and the pages print none of them."""
    message = str(code.values.get("message", ""))
    numbers = [word for word in message.split() if len(alphanumeric(word)) >= _SHORTEST and _NUMBER.search(word)]
    if numbers and REFERENCE not in code.values and not any(alphanumeric(word) in pages.text for word in numbers):
        sentence = (
            f"{_called(code)} asks to write {message!r}, which the pages "
            "do not print; a code may have been swapped, so ask the seller before anything is paid"
        )
        yield Violation(RULE, sentence, (REFERENCE,))


def _broken(codes: Sequence[Code]) -> Iterator[Violation]:
    """Codes for payments that break the rules of their family: a bank's program may still take what they say."""
    for code in codes:
        if code.problem and code.kind in PAYING:
            sentence = (
                f"{_called(code)} could not be checked: {code.problem}; "
                "do not pay by it, and compare account and amount with the page"
            )
            yield Violation(RULE, sentence, (ACCOUNT,))


class _Pages:
    """The letters and digits of all lines, and the lines as they are, but for codes in digits."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.text = "".join(map(alphanumeric, lines))

    @classmethod
    def of(cls, reading: DocumentReading) -> _Pages:
        return cls([without_printed_codes(line.line.text) for page in reading.pages for line in page.lines])

    def have(self, name: str, said: FieldValue) -> bool:
        if name in PARTIES:
            return any(same_name(str(said), line) for line in self.lines) or alphanumeric(str(said)) in self.text
        return is_printed(said, self.text)


def _differences(invoice: Invoice, code: Code, codes: Sequence[Code], pages: _Pages) -> Iterator[Violation]:
    for name in _COMPARED:
        field = _compared(invoice, name)
        said = code.values.get(name)
        if field is None or said is None or same_value(name, said, field.value) or pages.have(name, said):
            continue
        if name in _AMOUNTS and (_agrees_otherwise(invoice, said) or _is_part(invoice, code, codes)):
            continue
        if name == REFERENCE and _same_as(invoice, "invoice_number", said):
            continue
        yield Violation(RULE, _sentence(code, name, said, field), (field.name,))


def _said_of_the_paper(code: Code) -> Iterator[Violation]:
    """What a code calls the document, where that is no invoice to be paid."""
    for name, field in (("said_kind", "invoice_type_code"), ("said_status", "amount_due")):
        if (said := code.values.get(name)) is not None:
            what = f"this document is {plain(said)}"
            message = (
                f"{_called(code)} says that {what}, and "
                "the page looks like an invoice to be paid; ask the seller before anything is paid"
            )
            yield Violation(RULE, message, (field,))


def _compared(invoice: Invoice, name: str) -> InvoiceField | None:
    """The field that a code's value is compared with; of amounts the other one where this one is not printed."""
    return invoice.fields.get(name) or invoice.fields.get(_NEVER_BOTH.get(name, ""))


def _agrees_otherwise(invoice: Invoice, said: FieldValue) -> bool:
    return any(_same_as(invoice, name, said) for name in _AMOUNTS)


def _same_as(invoice: Invoice, name: str, said: FieldValue) -> bool:
    field = invoice.fields.get(name)
    return field is not None and same_value(name, said, field.value)


def _is_part(invoice: Invoice, code: Code, codes: Sequence[Code]) -> bool:
    """Whether another code to the same account has the whole amount: this one is for an instalment or early payment."""
    return any(
        other is not code
        and other.values.get(ACCOUNT) == code.values.get(ACCOUNT)
        and any(_agrees_otherwise(invoice, other.values[name]) for name in _AMOUNTS if name in other.values)
        for other in codes
    )


def _sentence(code: Code, name: str, said: FieldValue, field: InvoiceField) -> str:
    return (
        f"{_called(code)} gives the {name.replace('_', ' ')} as "
        f"{plain(said)!r}, but the page says {field.text!r}; a code may have been swapped, so ask the seller before "
        "anything is paid"
    )


def _between(codes: Sequence[Code]) -> Iterator[Violation]:
    """Codes of one document that ask for payment to different IBANs; a giro number may be the same account as one."""
    paying = [code for code in codes if str(code.values.get(ACCOUNT, ""))[:2].isalpha()]
    for code in paying[1:]:
        first, other = paying[0].values[ACCOUNT], code.values[ACCOUNT]
        if not same_value(ACCOUNT, first, other):
            message = (
                f"the codes on pages {paying[0].page} and {code.page} ask for payment to {plain(first)!r} and to "
                f"{plain(other)!r}; look which of the two the seller means"
            )
            yield Violation(RULE, message, (ACCOUNT,))


def _witnessed(field: InvoiceField, codes: Sequence[Code]) -> InvoiceField:
    for code in codes:
        said = code.values.get(field.name)
        agrees = field.name in _WITNESSED and said is not None and same_value(field.name, said, field.value)
        if agrees or (field.name == "invoice_number" and _is_repeated(field, code)):
            sure = None if field.confidence is None else _raised(field.confidence)
            return replace(field, confidence=sure, value=_spelled(field, said)).witnessed(_witness(code))
    return field


def _spelled(field: InvoiceField, said: FieldValue | None) -> FieldValue:
    """The value; of a name as the code spells it, where accents that were not read are all that it has more."""
    if field.name not in PARTIES or not isinstance(said, str) or plain_text(said) != plain_text(field.text):
        return field.value
    return said if _accents(said) > _accents(field.text) else field.value


def _accents(text: str) -> int:
    return sum(not sign.isascii() and sign.isalpha() for sign in text)


def _witness(code: Code) -> Witness:
    return Witness(Evidence.CODE, f"{_called(code)} says the same")


def _is_repeated(field: InvoiceField, code: Code) -> bool:
    """Whether what the payer is to write repeats the number."""
    number, message = alphanumeric(field.text), alphanumeric(str(code.values.get("message", "")))
    return len(number) >= _SHORTEST and number in message


def _raised(confidence: float) -> float:
    sure = min(max(confidence, 1e-6), 1.0 - 1e-6)
    return 1.0 / (1.0 + math.exp(-(math.log(sure / (1.0 - sure)) + _RAISED)))


def _called(code: Code) -> str:
    return f"the code on page {code.page} ({code.kind.replace('_', ' ')})"


def _named(fields: Mapping[str, InvoiceField], codes: Sequence[Code]) -> Iterator[InvoiceField]:
    """The terms that no field has and that all codes which give them have alike."""
    for name in _COMPARED:
        giving = [code for code in codes if name in code.values]
        if not giving or name in fields or _NEVER_BOTH.get(name, "") in fields:
            continue
        said, place = giving[0].values[name], giving[0]
        if any(not same_value(name, said, code.values[name]) for code in giving) or said == Decimal(0):
            continue
        sure = _NAMED_ACCOUNT if name == ACCOUNT else _NAMED
        found = InvoiceField(name, said, plain(said), sure, place.page, place.box, (CODE_ENGINE,))
        yield found.witnessed(_witness(place))
