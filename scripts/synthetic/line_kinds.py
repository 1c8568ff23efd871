"""The kinds of line that invoices and receipts consist of, each with its share of all lines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scripts.synthetic import identifiers
from scripts.synthetic.culture import COUNTRIES, AmountStyle, Country, format_amount, format_day, format_quantity
from scripts.synthetic.draw import chance, digits, fill, pick, whole
from scripts.synthetic.parties import company_name, make_party, person_name, place_parts, street_line
from scripts.synthetic.quantities import random_amount, random_day, ware_price
from scripts.synthetic.vocabulary import Vocabulary, vocabulary


def _amount(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    style = pick(rng, country.amounts)
    if chance(rng, 0.15):
        style = pick(rng, (AmountStyle(",", "."), AmountStyle(".", ","), AmountStyle(" ", ","), AmountStyle("", ".")))
    value = random_amount(rng) * (-1 if chance(rng, 0.06) else 1)
    text = format_amount(value, style, 0 if value == value.to_integral() and chance(rng, 0.12) else 2)
    symbol = pick(rng, (*country.symbols, "", ""))
    if not symbol:
        return text + pick(rng, ("",) * 12 + ("-", " SR", " A", " B", " *", ":-", " Z", "%"))
    if symbol in ("€", "kr", "EUR", "SEK") and chance(rng, 0.75):
        return f"{text} {symbol}" if chance(rng, 0.85) else text + symbol
    return f"{symbol}{text}" if chance(rng, 0.5) else f"{symbol} {text}"


def _label(rng: np.random.Generator, words: Vocabulary) -> str:
    return pick(rng, words.labels[pick(rng, _LABEL_NAMES)])


_LABEL_NAMES = tuple(name for name in vocabulary("en").labels if name not in ("vat_line", "page", "note", "footer"))


def _total(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    names = (
        "total_without_vat",
        "total_vat",
        "total_with_vat",
        "rounding_amount",
        "amount_due",
        "receipt_total",
        "cash",
    )
    label = pick(rng, words.labels[pick(rng, names)])
    if chance(rng, 0.25):
        rate = format_quantity(pick(rng, country.vat_rates), AmountStyle("", country.amounts[0].decimal))
        label = pick(rng, words.labels["vat_line"]).format(rate=rate)
    return label + pick(rng, (" ", ": ", ":", "  ")) + _amount(rng, words, country)


def _words(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    return " ".join(pick(rng, words.words) for _ in range(whole(rng, 1, 5)))


def _phrase(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    pool = words.phrases if chance(rng, 0.5) else words.receipt_phrases
    if chance(rng, 0.3):
        pool = words.labels[pick(rng, ("note", "footer", "thanks", "title", "receipt_title"))]
    return fill(rng, pick(rng, pool)) + pick(rng, ("",) * 8 + ("!", ".", ":", " !", "..."))


def _labels(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    count = pick(rng, (1, 1, 1, 2, 3))
    joined = pick(rng, (" ", " ", " / ")).join(_label(rng, words) for _ in range(count))
    return joined + pick(rng, ("", "", ":", " :", "."))


def _date(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    owner = country if chance(rng, 0.8) else pick(rng, COUNTRIES)
    text = format_day(random_day(rng), pick(rng, owner.dates), owner.locale)
    if chance(rng, 0.3):
        label = pick(rng, words.labels[pick(rng, ("issue_date", "due_date", "delivery_date"))])
        text = f"{label}{pick(rng, (' ', ': '))}{text}"
    return f"{text} {_clock(rng)}" if chance(rng, 0.25) else text


def _clock(rng: np.random.Generator) -> str:
    hour, minute = whole(rng, 0, 23), whole(rng, 0, 59)
    text = f"{hour:02d}:{minute:02d}" + (f":{whole(rng, 0, 59):02d}" if chance(rng, 0.5) else "")
    if chance(rng, 0.2):
        text = f"{hour % 12 or 12}:{text[3:]} {pick(rng, ('AM', 'PM'))}"
    return text


def _time(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    text = _clock(rng)
    return f"{pick(rng, words.labels['time'])}: {text}" if chance(rng, 0.3) else text


def _item(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    pool = words.shop_items if chance(rng, 0.5) else words.items
    ware = pick(rng, pool)
    style = country.amounts[0]
    price = format_amount(ware_price(rng, ware, country.price_factor), style)
    count = str(whole(rng, 1, 24))
    forms = (
        ware.description, ware.description, f"{ware.description} {price}", f"{count} x {ware.description}",
        f"{count} {ware.unit} {ware.description}", f"{count} x {price}", f"{count} @ {price}", f"{count} {ware.unit}",
        f"{count} {price} {price}", f"{digits(rng, whole(rng, 3, 8))} {ware.description}", f"{count}X {price}",
        f"{ware.description} {count} {price}", f"{price}/{ware.unit or 'st'}", f"{ware.description} *",
        f"{ware.description} ({digits(rng, 4)})", f"{ware.description} - {pick(rng, words.words)}",
    )  # fmt: skip
    return pick(rng, forms)


def _company(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    shop = chance(rng, 0.3)
    name = pick(rng, words.shops) if shop else company_name(rng, words)
    if country.code == "MY":
        name = f"{pick(rng, words.stems)} {pick(rng, words.stems)} {pick(rng, words.trades)} SDN BHD"
        name += fill(rng, pick(rng, ("", "", " (######-@)", " (#######-@)")))
    return name


def _person(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    name = person_name(rng, words)
    if chance(rng, 0.35):
        label = pick(rng, words.labels[pick(rng, ("buyer_reference", "seller_reference", "cashier"))])
        return f"{label}: {name}"
    return name


def _street(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    if words.extra_streets and chance(rng, 0.6):
        return fill(rng, pick(rng, words.extra_streets)) + pick(rng, ("", ",", ", "))
    return street_line(rng, words) + pick(rng, ("", "", ","))


def _place(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    if words.extra_cities and chance(rng, 0.5):
        return fill(rng, pick(rng, words.extra_cities)) + pick(rng, ("", ".", ","))
    postal, city = place_parts(rng, words)
    if words.language == "en":
        return pick(rng, (f"{city} {postal}", f"{city}, {postal}", postal, city))
    prefix = pick(rng, ("", "", "", f"{country.code}-"))
    return pick(
        rng, (f"{prefix}{postal} {city}", f"{prefix}{postal} {city}", city, f"{street_line(rng, words)}, {city}")
    )


def _contact(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    party = make_party(rng, country)
    phone = pick(rng, words.labels["phone"])
    forms = (
        party.phone, f"{phone}: {party.phone}", f"{phone} {party.phone}", party.mail, party.web, party.web,
        f"{pick(rng, words.labels['mail'])}: {party.mail}", f"FAX: {party.phone}", f"http://{party.web}",
        f"TEL : {party.phone}",
    )  # fmt: skip
    return pick(rng, forms)


def _tax(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    party = make_party(rng, country)
    vat = party.vat_identifier
    names = ("seller_vat_identifier", "seller_vat_identifier", "seller_legal_registration_identifier")
    name = pick(rng, names)
    value = (
        vat if name == "seller_vat_identifier" or not party.registration_identifier else party.registration_identifier
    )
    if chance(rng, 0.2) and len(vat) > 6:
        value = f"{vat[:2]} {identifiers.spaced(vat[2:], 3)}"
    return value if chance(rng, 0.3) else f"{pick(rng, words.labels[name])}{pick(rng, (' ', ': ', ':'))}{value}"


def _account(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    if words.language == "sv" and chance(rng, 0.6):
        kind = pick(rng, ("Bankgiro", "Bankgiro", "BG", "Bg", "Plusgiro", "PG"))
        number = identifiers.bankgiro(rng) if kind[0] == "B" else identifiers.plusgiro(rng)
        return number if chance(rng, 0.3) else f"{kind}{pick(rng, (' ', ': ', ' nr '))}{number}"
    owner = (
        pick(rng, [each for each in COUNTRIES if each.code not in ("AU", "MY")]).code
        if chance(rng, 0.3)
        else country.code
    )
    code = owner if owner not in ("AU", "MY") else "GB"
    number = identifiers.iban(rng, code)
    number = identifiers.spaced(number) if chance(rng, 0.7) else number
    forms = (
        number,
        f"IBAN {number}",
        f"IBAN: {number}",
        f"BIC: {identifiers.bic(rng, code)}",
        identifiers.bic(rng, code),
    )
    return pick(rng, forms)


def _payment_reference(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    number = (
        identifiers.ocr_number(rng) if words.language == "sv" or chance(rng, 0.3) else identifiers.rf_reference(rng)
    )
    label = pick(rng, words.labels["remittance_information"])
    return number if chance(rng, 0.4) else f"{label}{pick(rng, (' ', ': '))}{number}"


def _number(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    names = ("invoice_number", "receipt_number", "customer_number", "purchase_order_reference", "item_number")
    number = fill(rng, pick(rng, _CODE_PATTERNS))
    if chance(rng, 0.35):
        return number
    return f"{pick(rng, words.labels[pick(rng, names)])}{pick(rng, (' ', ': ', ':', '. '))}{number}"


_CODE_PATTERNS = (
    "####", "#####", "######", "########", "20######", "202#-###", "202#-####", "F-#####", "F20##/###", "INV-####",
    "INV-202#-####", "INV######", "RE-202#-###", "R######", "CS########", "#####/##", "##/####", "@@-#####",
    "FT 202#/###",
    "FA-######", "A@#####", "@####", "#-###-#####", "PO-#####", "SO#######", "##-######-#", "#################",
    "@@#@##",
    "### ###", "@#@##@#", "000######", "T0#-R0#", "OR#############", "#############", "X########", "##.##.###",
)  # fmt: skip


def _random_code(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    alphabet = pick(
        rng, ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "abcdefghijkmnpqrstuvwxyz23456789ABC-/.#")
    )
    return "".join(pick(rng, alphabet) for _ in range(whole(rng, 2, 18)))


def _card(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    star = pick(rng, "*X*")
    forms = (
        f"{star * 12}{digits(rng, 4)}", f"{star * 4} {star * 4} {star * 4} {digits(rng, 4)}",
        f"AID: A00000000{digits(rng, 5)}",
        f"VISA {star * 4}{digits(rng, 4)}", f"APPR CODE: {digits(rng, 6)}", f"TID:{digits(rng, 8)}",
        f"REF {digits(rng, 12)}",
        f"MASTERCARD {digits(rng, 4)}", f"Auth: {fill(rng, '#@####')}", f"TVR: {digits(rng, 10)}",
        f"Ksn:{digits(rng, 6)}",
    )  # fmt: skip
    return pick(rng, forms)


def _separator(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    return pick(rng, ("-", "-", "=", "*", ".", "_", "~", "- ")) * whole(rng, 3, 40)


def _token(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    small = str(whole(rng, 0, 120))
    style = country.amounts[0]
    rate = format_quantity(pick(rng, country.vat_rates), style)
    forms = (
        small, small, f"x{small}", f"{small}x", f"{small}.00", f"{small},00", f"{rate}%", f"{rate} %",
        pick(rng, words.units),
        f"{small} {pick(rng, words.units)}", pick(rng, "ABCXZ*#-:"), f"({small})", f"#{small}", country.currency,
        pick(rng, country.symbols) or "kr", f"0{style.decimal}00", f"{small}{style.decimal}{digits(rng, 2)}",
        f"S{small}", "RM",
        f"{small}{style.decimal}{digits(rng, 3)}", pick(rng, words.words), pick(rng, words.words), f"{small}:",
        f"{small}.",
    )  # fmt: skip
    return pick(rng, forms)


def _page(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    pages = whole(rng, 1, 9)
    text = pick(rng, words.labels["page"]).format(page=whole(rng, 1, pages), pages=pages)
    return pick(
        rng,
        (
            text,
            f"({whole(rng, 1, 99)})",
            f"{pick(rng, words.payment_terms)}",
            f"{text}",
            pick(rng, words.payment_terms),
        ),
    )


def _gst(rng: np.random.Generator, words: Vocabulary, country: Country) -> str:
    """Lines of receipts in English with a goods and services tax."""
    amount = format_amount(random_amount(rng), pick(rng, (AmountStyle(",", "."), AmountStyle("", "."))))
    forms = (
        "GST 6%", f"GST 6% {amount}", f"SR @ 6% {amount}", f"GST ID : {fill(rng, '00##########')}",
        f"TOTAL (RM) {amount}",
        f"RM {amount}", f"RM{amount}", f"ROUNDING ADJ 0.0{whole(rng, 0, 9)}", "GST SUMMARY AMT(RM) TAX(RM)",
        f"TAX : {amount}",
        f"CO.REG NO : {fill(rng, '######-@')}", f"({fill(rng, '######-@')})",
        f"GST REG NO: {fill(rng, '00##########')}",
        f"{fill(rng, pick(rng, vocabulary('en').extra_streets))},", fill(rng, pick(rng, vocabulary("en").extra_cities)),
        f"CASH {amount}", f"CHANGE {amount}", f"TOTAL INCL. GST@6% {amount}",
        f"{whole(rng, 1, 9)} {amount} {amount} SR",
        "THANK YOU. PLEASE COME AGAIN.", pick(rng, vocabulary("en").receipt_phrases), f"S{whole(rng, 1, 9)} = 6%",
    )  # fmt: skip
    return pick(rng, forms)


Maker = Callable[[np.random.Generator, Vocabulary, Country], str]

LINE_KINDS: tuple[tuple[Maker, float], ...] = (
    (_amount, 14), (_total, 9), (_words, 10), (_phrase, 6), (_labels, 8), (_date, 7), (_time, 1.5), (_item, 13),
    (_company, 5), (_person, 3), (_street, 5), (_place, 4), (_contact, 4), (_tax, 4), (_account, 3),
    (_payment_reference, 2), (_number, 6), (_random_code, 2.5), (_card, 1.5), (_separator, 0.7), (_token, 8),
    (_page, 1), (_gst, 4),
)  # fmt: skip
