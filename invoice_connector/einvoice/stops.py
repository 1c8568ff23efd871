"""What stops an e-invoice although its arithmetic holds: money that is collected or was paid, a document that its buyer
wrote, terms that it states twice or in another currency. The rules are those by which a page stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from invoice_connector.einvoice.data import EmbeddedInvoice
from invoice_connector.fields.statements import STOPS, Topic, shortened
from invoice_connector.invoice import Invoice, Violation
from invoice_connector.rules.consistency import dates_in_order
from invoice_connector.rules.kinds import NOT_AN_INVOICE
from invoice_connector.rules.vat import known_rates

# UNTDID 4461 (payment means, D.16B; BT-81), of which these ask for no transfer by the buyer: UNECE code list,
# https://service.unece.org/trade/untdid/d16b/tred/tred4461.htm
_COLLECTED = {
    "3": "ACH debit", "7": "ACH demand debit", "10": "cash", "14": "ACH savings debit",
    "18": "ACH demand corporate concentration debit", "24": "bill of exchange awaiting acceptance",
    "27": "ACH demand corporate trade debit", "29": "ACH demand corporate trade exchange debit",
    "33": "ACH demand corporate concentration debit", "34": "ACH prearranged payment",
    "36": "ACH savings corporate concentration debit", "38": "ACH savings corporate trade debit",
    "40": "ACH savings corporate trade exchange debit", "43": "ACH savings corporate concentration debit",
    "44": "accepted bill of exchange", "48": "bank card", "49": "direct debit", "54": "credit card",
    "55": "debit card", "59": "SEPA direct debit", "60": "promissory note",
    "61": "promissory note signed by the debtor", "68": "online payment service",
    "70": "bill drawn by the creditor on the debtor", "97": "clearing between partners",
}  # fmt: skip
_CREDITS = ("381", "261", "262", "296", "308", "396", "420", "458", "532")
_NATIONAL = "FatturaPA"
# Agenzia delle Entrate, "Specifiche tecniche fatturazione elettronica" 1.9, TipoDocumento: what a buyer writes for VAT
# of another's supply, or a seller of its own. The debt, where there is one, is that of another paper.
_OWN_DOCUMENTS = frozenset({"TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27", "TD28", "TD29"})
# UNTDID 1001: self-billed invoice, credit note, debit note, corrective, prepayment and factored ones
_SELF_BILLED = frozenset({"261", "389", "471", "473", "500", "501", "502", "527"})
_COMPETES = {"invoice_number": "NUMBER-COMPETES"}


def stops(data: EmbeddedInvoice, invoice: Invoice) -> tuple[Violation, ...]:
    """One sentence for each thing that stops an e-invoice by itself; ``invoice``: the same as fields."""
    rules: tuple[Callable[[EmbeddedInvoice], Iterator[Violation]], ...] = (
        collected, own_document, _stated_twice, _two_accounts, _other_currency,
    )  # fmt: skip
    found = (violation for rule in rules for violation in rule(data))
    return (*found, *dates_in_order(invoice), *known_rates(invoice))


def collected(data: EmbeddedInvoice) -> Iterator[Violation]:
    """COLLECTED: the seller takes the money, or has it. Several means are a choice unless all say so; FatturaPA states
    one for each instalment."""
    known = [code for code in data.means if code in _COLLECTED]
    owed = data.fields.get("amount_due")
    nothing = owed is not None and Decimal(owed) == 0
    choice = data.syntax != _NATIONAL and len(known) < len(data.means)
    if not known or choice or nothing or data.fields.get("invoice_type_code") in _CREDITS:
        return
    stop = STOPS[Topic.COLLECTED]
    message = (
        f"The e-invoice names {_COLLECTED[known[0]]!r} as the means of payment (code {known[0]}), so this paper "
        f"{stop.means}; {stop.todo}."
    )
    yield Violation(stop.rule, message, (stop.field,))


def own_document(data: EmbeddedInvoice) -> Iterator[Violation]:
    """NOT-AN-INVOICE: what a buyer writes, of itself for VAT or in its seller's place."""
    code = data.fields.get("invoice_type_code")
    if data.kind in _OWN_DOCUMENTS:
        message = (
            f"This is of the kind {data.kind}, which is written for VAT and asks for no payment; the debt is booked "
            "with the supplier's own invoice. Approve it if it is owed."
        )
        yield Violation(NOT_AN_INVOICE, message, ("invoice_type_code",))
    elif code in _SELF_BILLED:
        message = (
            f"This is self-billed (code {code}): its buyer wrote it in the seller's place, so who receives it is the "
            "seller and owes nothing. Approve it if it is owed."
        )
        yield Violation(NOT_AN_INVOICE, message, ("invoice_type_code",))


def _stated_twice(data: EmbeddedInvoice) -> Iterator[Violation]:
    """NUMBER-COMPETES and TOTAL-COMPETES: what an invoice has once is there with several values."""
    for name, (first, second, *_) in data.repeated.items():
        words = name.replace("_", " ")
        message = (
            f"The e-invoice states two values as its {words}, {shortened(first)} and {shortened(second)}, and may have "
            "one; ask the seller for a correct one."
        )
        yield Violation(_COMPETES.get(name, "TOTAL-COMPETES"), message, (name,))


def _two_accounts(data: EmbeddedInvoice) -> Iterator[Violation]:
    """ACCOUNT-COMPETES: two IBANs to pay to; a giro number beside an IBAN may be the same account."""
    ibans = [account for account in data.accounts if account[:2].isalpha()]
    if len(ibans) > 1:
        message = (
            f"The e-invoice names two accounts to pay to, {shortened(ibans[0])} and {shortened(ibans[1])}; ask the "
            "seller, by a telephone number known from before, which of the two to pay to."
        )
        yield Violation("ACCOUNT-COMPETES", message, ("payment_account_identifier",))


def _other_currency(data: EmbeddedInvoice) -> Iterator[Violation]:
    own = data.fields.get("currency_code")
    for name, code in data.currencies.items():
        if own is not None and code != own:
            message = (
                f"The e-invoice is in {own}, but its {name.replace('_', ' ')} is in {shortened(code)}; ask the seller "
                "which currency is meant, and enter it."
            )
            yield Violation("CURRENCY-DIFFERS", message, ("currency_code", name))
            return
