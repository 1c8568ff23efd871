"""What a document calls things: phrases of the package's locales, words of this folder, written as businesses do."""

from __future__ import annotations

import numpy as np

from invoice_connector.locales import locales
from scripts.synthetic.blocks.phrases import folded, phrases, spelt, words_of
from scripts.synthetic.culture import Country
from scripts.synthetic.deals import Kind
from scripts.synthetic.draw import chance, pick

_TERMS = {  # the labels of a document by where the locales have them
    "invoice_number": "invoice_number", "issue_date": "issue_date", "due_date": "due_date",
    "purchase_order_reference": "purchase_order_reference", "buyer_reference": "buyer_reference",
    "payment_terms": "payment_terms", "remittance_information": "remittance_information", "iban": "iban", "bic": "bic",
    "seller_vat_identifier": "vat_identifier", "buyer_vat_identifier": "vat_identifier", "account": "account",
    "seller_legal_registration_identifier": "legal_registration", "bill_to": "buyer", "seller": "seller",
    "total_without_vat": "total_without_vat", "total_vat": "total_vat", "total_with_vat": "total_with_vat",
    "paid_amount": "paid_amount", "rounding_amount": "rounding_amount", "amount_due": "amount_due",
    "allowance": "_allowance", "charge": "_charge",
}  # fmt: skip
_DISTRACTORS = frozenset((  # they never take a name that a field might have
    "customer_number", "delivery_date", "service_period", "project_reference", "contract_reference", "seller_reference",
    "contact_person", "previous_balance", "currency", "ship_to_label", "notes", "payment_method",
))  # fmt: skip
_CLAIMED = (
    "invoice_number", "issue_date", "due_date", "amount_due", "total_with_vat", "remittance_information", "account",
    "buyer_reference", "payment_terms", "purchase_order_reference", "buyer", "seller",
)  # fmt: skip
_WEAK = 0.3  # the share of labels that other things are called, too ("Date", "Total")
_TAXES = {"AU": "GST", "NZ": "GST", "SG": "GST", "MY": "GST", "CA": "GST", "US": "Sales Tax"}
_CODES = {"AU": "ABN", "US": "Tax ID", "NZ": "GST No", "CA": "GST/HST No.", "SG": "GST Reg. No.", "MY": "GST ID"}
_CAPITALS = frozenset((
    "iban", "bic", "swift", "vat", "gst", "hst", "abn", "ein", "nif", "cif", "nip", "nipc", "iva", "tva", "dph", "ddv",
    "pvn", "pvm", "kdv", "mva", "alv", "cvr", "kvk", "ocr", "po", "id", "siret", "siren", "rcs", "krs", "regon", "uid",
    "ico", "dic", "kid", "fik", "rf", "eur",
))  # fmt: skip


def tax_name(country: Country) -> str:
    """What the country calls its tax on sales."""
    if country.code == "CH":
        return {"de": "MWST", "fr": "TVA", "it": "IVA"}.get(country.language, "VAT")
    if country.language == "sv":
        return "Moms"
    own = words_of(country.language).tax
    return _TAXES.get(country.code, own) if country.language in ("en", "fi") and country.code != "FI" else own


def choose_labels(rng: np.random.Generator, country: Country, kind: Kind) -> dict[str, str]:
    """One phrase a name, in one case throughout; no sum shares its name with another."""
    words, locale = words_of(country.language), locales()[country.language]
    cased = _CASES[int(rng.integers(len(_CASES)))]
    out: dict[str, str] = {}
    for name, key in _TERMS.items():
        strong, weak = (
            phrases(country, kind, name, table.get(key, ())) for table in (locale.labels, locale.weak_labels)
        )
        taken = {folded(text) for text in out.values()}
        chosen = weak if weak and (chance(rng, _WEAK) or not strong) else strong or weak
        out[name] = _ranked(rng, [each for each in chosen if folded(each) not in taken] or chosen or (name,))
    if chance(rng, 0.5):
        out["buyer_vat_identifier"] = out["seller_vat_identifier"]
    tables = (locale.labels, locale.weak_labels)
    claimed = {folded(each) for key in _CLAIMED for table in tables for each in table.get(key, ())}
    for name, given in words.labels.items():
        usable = phrases(country, kind, name, given)
        free = [each for each in usable if name not in _DISTRACTORS or folded(each) not in claimed]
        out[name] = _ranked(rng, free or usable)
    out["payee"] = pick(rng, locale.labels.get("_payee", (out["seller"],)))
    for name, paper in (("title", "invoice"), ("credit_title", "credit_note")):
        known = {folded(each) for each in locale.document_kinds[paper]}
        out[name] = _ranked(rng, [each for each in words.labels[name] if folded(each) in known] or words.labels[name])
    if country.code in _CODES:
        out["seller_vat_identifier"] = out["buyer_vat_identifier"] = _CODES[country.code]
    spelled = {name: words.spellings.get(spelt(text), _acronyms(text)) for name, text in out.items()}
    labels = {name: cased(text) for name, text in spelled.items()}
    tax = tax_name(country)
    labels["vat_line"] = pick(rng, (f"{tax} {{rate}} %", f"{tax} {{rate}}%", f"{{rate}}% {tax}", f"{tax} ({{rate}} %)"))
    labels["taxable_amount"] = labels["line_net_amount"]
    return labels


def may_be_purchase_order(label: str, country: Country) -> bool:
    """Whether the locale has the label of an order for the buyer's ("Order number"), strong or weak."""
    locale, name = locales()[country.language], "purchase_order_reference"
    known = (*locale.labels.get(name, ()), *locale.weak_labels.get(name, ()))
    return folded(label) in {folded(each) for each in known}


def two_languages(rng: np.random.Generator, labels: dict[str, str]) -> dict[str, str]:
    """Labels with the English ones beside them: "Faktura / Invoice"."""
    english = locales()["en"]
    sign = pick(rng, (" / ", "/", " - ", " ("))
    out = dict(labels)
    for name in ("invoice_number", "issue_date", "due_date", "total_with_vat", "amount_due", "bill_to", "seller"):
        other = _sentence(pick(rng, english.labels[_TERMS[name]][:4]))
        out[name] = f"{labels[name]}{sign}{other}{')' if '(' in sign else ''}"
    out["title"] = f"{labels['title']}{sign}Invoice{')' if '(' in sign else ''}"
    return out


def _ranked(rng: np.random.Generator, phrases: tuple[str, ...] | list[str]) -> str:
    """Earlier phrases, which more systems use, more often."""
    weights = 1 / (np.arange(len(phrases)) + 2.0)
    return phrases[int(rng.choice(len(phrases), p=weights / weights.sum()))]


def _acronyms(text: str) -> str:
    return " ".join(word.upper() if word.strip(".:()-").casefold() in _CAPITALS else word for word in text.split(" "))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _lower(text: str) -> str:
    return text if any(char.isupper() for char in text[1:]) else text.lower()


_CASES = (*[_sentence] * 6, _title, _title, str.upper, str.upper, _lower)
