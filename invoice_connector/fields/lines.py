"""What a run of text looks like: a name, part of an address, a way to get in touch, or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from invoice_connector.fields.amounts import find_amounts
from invoice_connector.fields.context import PageContext
from invoice_connector.fields.dates import find_dates
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.identifiers import find_identifiers
from invoice_connector.fields.labels import Label, title_code
from invoice_connector.fields.legal_forms import has_legal_form, legal_form_at
from invoice_connector.fields.line_patterns import (
    AMERICAN_PHONE,
    PHONE,
    POSTAL,
    REGISTRATION,
    contact_word,
    post_box,
    salutation,
    street_line,
    street_word,
    without_registration,
)
from invoice_connector.fields.vocabulary import PARTY_TERMS, countries, squeezed
from invoice_connector.locales import alternatives, phrase_pattern

_YEAR = re.compile(r"\b(?:19[5-9]\d|20[0-4]\d)\b|(?<=[a-z] )1[89]\d\d\b")  # "since 1974", "founded 1921": no house's
_CARE_OF = re.compile(r"c/(?:o\b|-)", re.IGNORECASE)
# "721 30 Västerås. Org.nr 556036-0793", not "9000 St. Gallen" and "47170 Puchong. Selangor"
_SENTENCE_END = re.compile(r"(?<=\w{3})\.\s+(?=\S+\s+\S)")
_OPENING = re.compile(r"(?<=[^\W\d_]{3}):\s+|(?<=[^\W\d_]{5})\.\s+|\s[–—-]\s")  # behind words before an address
_HOUSE_NUMBER = re.compile(
    r"[^\W\d_]{3,}[.,]{0,2} (?:(?:n[º°.]{1,2}|(?!n)[a-zß-ž]{1,2}\.|(?!N)[A-ZÀ-Ž]{1,2}\.) ?)?\d{1,4}"
    r"(?:[ ]?[a-zA-Z])?(?:[ ]?[-/][ ]?\d+)?\b"
    r"|^\d{1,4}[a-zA-Z]?,? [^\W\d_]{3,}|#\d{1,3}-\d+"
)
_STREET_AND_NUMBER = re.compile(r"[^\W\d_][^\d,]*[^\W\d_.]{3,}\.? \d{1,3}[a-zA-Z]?")
_TOWN_AND_CODE = re.compile(r"(?:[A-ZÀ-ÞĀ-Ž][^\W\d_]+[ -]){1,3}\d{4}\.?")  # Upper Moutere 7175
_SENDER_LINE = re.compile(r"\s+[|•●·∙*–—-]\s+|\s*[|•●·∙]\s*|\s+/\s+|,\s+|;\s+|\s{2,}")
_HEADLINE = 1.8  # times the page's line height: no address is set so large
_LONGEST_REST = 3  # words of a name behind its legal form: "Acme AG Niederlassung Zug"
DECORATION = "*=~_|•●·∙ "  # round a name: "** KIOSK CITY **", "Acme Ltd •"
_BRANCH = re.compile(r"\([^\W\d_][^()\d]*\)")
_QUOTED = re.compile(r"""(?P<form>\S+) [„"“«][^“”"»]+[“”"»]""")  # UAB „Saulė“
_APART = re.compile(r"\s*[,;—|]\s*\w")
_BULLET = re.compile(r"\s+[|•●·∙]\s+")
_PARTY_BREAKERS = frozenset(
    {"invoice_number", "issue_date", "due_date", "_date", "vat_identifier", "legal_registration", "_number", "iban",
     "bic", "bankgiro", "plusgiro", "buyer_reference", "purchase_order_reference", "remittance_information",
     "currency_code", "payment_terms", "_amount", "total_with_vat", "total_vat", "amount_due"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineKind:
    """What one segment looks like; several may hold. ``labelled`` when a label other than a party's explains it."""

    name: bool
    address: bool
    postal: bool
    contact: bool
    registration: bool
    title: bool
    labelled: bool
    legal_form: bool
    value: bool


def kind_of(context: PageContext, segment: Segment) -> LineKind:
    """Judges ``segment`` by its form and labels."""
    text = " ".join(segment.text.split())
    labels = context.labels_of(segment)
    letters = sum(character.isalpha() for character in text)
    name = without_registration(text)
    street = bool(street_word().search(text))
    dates = [d for d in find_dates(text, context.orders) if not (street and not d.numeric)]  # Calle 2 de Mayo, 40
    amounts = [a for a in find_amounts(text, context.mark, context.thousandths) if a.has_mark and a.decimals == 2]
    if street:  # "No. 21, 23,25 & 27, Jalan Meranti" has house numbers
        amounts = [a for a in amounts if a.currency is not None]
    title = title_code(text)
    postal = bool(POSTAL.search(AMERICAN_PHONE.sub("", text))) and not dates
    contact = bool(contact_word().search(text) or PHONE.match(text) or (AMERICAN_PHONE.search(text) and not postal))
    legal_form = has_legal_form(text)
    labelled = _is_labelled(labels, legal_form) and not (street_line().fullmatch(text) or post_box().fullmatch(text))
    labelled = labelled or (not legal_form and is_for_person(text))
    value = bool(dates or amounts)
    is_title = title is not None and title[2] >= 0.5 and not legal_form
    care_of, capital = is_care_of(text), bool(phrase_pattern("share_capital").search(text))
    boxed = bool(post_box().fullmatch(text))
    housed = street or care_of or boxed or bool(_HOUSE_NUMBER.search(_YEAR.sub("", text)))
    company = legal_form and not care_of and not any(character.isdigit() for character in text)
    identified = not (postal or legal_form) and any(found.valid for found in find_identifiers(text, "vat"))
    headline = segment.height >= _HEADLINE * context.line_height and not street  # "Bageri 166", as a letterhead has it
    address = postal or (letters >= 3 and housed and not (company or identified or headline))
    nameless = value or contact or is_title or labelled or care_of or capital or identified
    return LineKind(
        name=(legal_form and _leads_with_company(text)) or (is_wordy(name) and not nameless),
        address=address and not (contact or value or labelled or is_title),
        postal=postal and not (contact or is_title),
        contact=contact,
        registration=identified or (bool(REGISTRATION.fullmatch(text)) and letters <= 8),
        title=is_title,
        labelled=labelled,
        legal_form=legal_form,
        value=value,
    )


def _leads_with_company(text: str) -> bool:
    """ "Acme Ltd • Tel. 0113 496 0142", "Acme AB, Box 7, 903 28 Umeå, org.nr 556677-8899"."""
    bullet = _BULLET.search(text)
    first = text[: bullet.start()] if bullet else next(iter(sender_parts(text)), "")
    return bool(first) and is_wordy(first) and has_legal_form(first)


def is_wordy(text: str) -> bool:
    """Whether a text is made of letters for the most part, as names are."""
    text = text.strip(DECORATION)
    letters = sum(character.isalpha() for character in text)
    return letters >= 3 and letters >= 0.55 * len(text.replace(" ", "")) and (text[0].isalnum() or text[0] in "\"'(«“")


def without_label(text: str) -> str:
    """The name without the word that announces it, known or not: "Fordringsägare:Norrviken AB" -> "Norrviken AB".

    Names have no colon in them, but for short forms such as "S:t Erik".
    """
    before, colon, behind = text.partition(":")
    announces = sum(character.isalpha() for character in before) > 3
    return behind.strip() if colon and announces and behind.strip() and is_wordy(behind) else text


def is_town(kind: LineKind, text: str, follows: bool) -> bool:
    """Whether a line has the town of an address, behind a street on it or on a line before (``follows``), as
    "Upper Moutere 7175" needs; "2200 Burnside St" and "Lot 11480, Kapar" only look like one."""
    found = POSTAL.search(text)
    if kind.postal and found is not None:
        led = sum(map(str.isalpha, text[: found.start()])) >= 3
        before = re.split(r"\d", text[found.start() :], maxsplit=1)[0] or text[: found.start()]
        numbered = bool(street_word().fullmatch(before.split()[-1])) if before.split() else False
        return (led and not numbered) or (follows and not street_word().search(text))
    return follows and kind.address and bool(_TOWN_AND_CODE.fullmatch(text.strip()))


def tells_street(text: str) -> bool:
    """Whether a street or a house number stands before the town on its line."""
    town = POSTAL.search(text) or _TOWN_AND_CODE.fullmatch(text.strip())
    before = text[: town.start()] if town else text
    return bool(_HOUSE_NUMBER.search(_YEAR.sub("", before)) or street_word().search(before))


def is_care_of(text: str) -> bool:
    """ "c/o Berg Fastigheter": who takes the mail."""
    return bool(_CARE_OF.match(text))


def is_for_person(text: str) -> bool:
    """ "z. Hd. Frau Sommer", "Attn: J. Berg": whom a letter is for."""
    return bool(_for_person().match(text.strip()))


@lru_cache(maxsize=1)
def _for_person() -> re.Pattern[str]:
    """What stands before the person whom a letter is for: "z. Hd. Frau Sommer", "Attn: J. Berg"."""
    return re.compile(rf"{alternatives('for_person')}(?!\w)[ .:]*[^\W\d_]", re.IGNORECASE)


def is_salutation(text: str) -> bool:
    """ "Herrn", "Messrs" and the like, alone on a line above a name."""
    return bool(salutation().match(text.strip()))


def sender_parts(text: str) -> list[str]:
    """The pieces of a one-line sender address, "Acme GmbH | Allee 1 | 60486 Frankfurt"; empty for other text."""
    parts = _with_forms([part.strip() for part in _SENDER_LINE.split(text) if part.strip()])
    fewest = 2 if re.search(r"[|•●·∙]|\s[–—-]\s", text) else 3
    if not POSTAL.search(text):
        return []
    company = _form_end(text)
    address = text[company:].lstrip(" ,") if company else ""
    housed = _HOUSE_NUMBER.search(address)
    if housed and POSTAL.search(address, housed.start()):
        behind = (part.strip() for part in _SENDER_LINE.split(text[company:]))
        return [text[:company], *(part for part in behind if part)]
    if len(parts) < fewest or sum(c.isalpha() for c in parts[0]) < 3:
        return []
    if company and len(parts[0][company:].split()) > _LONGEST_REST:  # "Acme Ltd. Registered in England 1944821, ..."
        parts = [text[:company], parts[0][company:].strip(), *parts[1:]]
    street = _STREET_AND_NUMBER.fullmatch(parts[0]) and not any(map(_HOUSE_NUMBER.search, parts[1:]))
    return parts if not street and not re.match(r"\d", parts[0]) else []  # "Bakery 190 • 116 South Drive • Plymouth"


def _with_forms(parts: Sequence[str]) -> list[str]:
    """The parts, with a legal form that a comma sets apart put back behind its name: "Acme Software, Inc."."""
    if len(parts) < 2 or legal_form_at(words := parts[1].split()) < len(words):
        return list(parts)
    return [f"{parts[0]}, {parts[1]}", *parts[2:]]


def name_end(text: str) -> int:
    """Where a name ends on its line: before a bullet or the brand that it trades as, or behind a legal form that a
    street, a country or the capital follows, "Ek & Son ANS Lia 3", "Brunet SA au capital de 10 000 €"; the line's
    length where the name goes on."""
    bullet = _BULLET.search(text)
    end = bullet.start() if bullet and is_wordy(text[: bullet.start()]) else len(text)
    brand = phrase_pattern("trading_as").search(text[:end])
    if brand and is_wordy(text[: brand.start()]):
        return len(text[: brand.start()].rstrip(" ,(-–"))
    form = _form_end(text[:end])
    if form and _APART.match(text[form:end]):  # "Acme Ltd, Dock Street, Preston"
        return form
    behind = text[form:end].strip(" ,-–")
    capital = phrase_pattern("share_capital").search(behind)
    place = _HOUSE_NUMBER.search(behind) or POSTAL.search(behind) or squeezed(behind) in countries()
    return form if form and (capital or place) else end


def leading_name(text: str) -> int:
    """Where the name ends that a line begins with, whatever follows: behind its legal form, or before what parts it
    from its address; the line's length where that has no number in it."""
    form = _form_end(text)
    if form and (_APART.match(text[form:]) or any(map(str.isdigit, text[form:]))):
        return form
    apart = _SENDER_LINE.search(text)
    return apart.start() if apart and any(map(str.isdigit, text[apart.start() :])) else len(text)


def _form_end(text: str) -> int:
    """Where a company's name with its legal form ends, "Ek & Son ANS" in "Ek & Son ANS Lia 3 0150 Oslo"; 0 where there
    is none."""
    words = list(re.finditer(r"[^\s,]+", text))
    printed = [word[0] for word in words]
    for place in range(1, len(words)):
        count = legal_form_at(printed[place:])
        while more := count and (legal_form_at(printed[place + count :]) or _branch_and_form(printed[place + count :])):
            count += more
        if count:
            return words[place + count - 1].end()
        if any(map(str.isdigit, words[place - 1][0])):
            break
    quoted = _QUOTED.match(text)
    return quoted.end() if quoted and legal_form_at([quoted["form"]]) else 0


def _branch_and_form(words: Sequence[str]) -> int:
    """How many words a branch in brackets and a legal form behind it are: "Timber Co. (Northern) Limited"; else 0."""
    count = legal_form_at(words[1:]) if words and _BRANCH.fullmatch(words[0]) else 0
    return count and count + 1


def sender_address(text: str) -> tuple[int, int] | None:
    """Where in a one-line sender address the address stands, up to the town; None in other text."""
    parts = sender_parts(text)
    if not parts:
        return None
    places, at = [], 0
    for part in parts:
        at = text.index(part, at)
        places.append((at, at + len(part)))
        at += len(part)
    town = next((i for i, part in enumerate(parts) if i and POSTAL.search(part)), None)
    if town is None:
        return None
    land = parts[town + 1 : town + 2]
    if land and squeezed(land[0]) in countries():
        return places[1][0], places[town + 1][1]
    return places[1][0], places[town][0] + town_end(text[slice(*places[town])])


def town_end(text: str) -> int:
    """Where an address ends on the line of its town: before the next sentence, or the line's length."""
    town = POSTAL.search(text)
    sentence = _SENTENCE_END.search(text, town.end() - 1) if town else None
    return sentence.start() if sentence else len(text)


def address_start(text: str) -> int:
    """Where an address begins on the line of its street, behind words that tell what it is, "Shop and office: Quay 6,
    730 60 Ramnäs"; 0 where they may be part of it."""
    town = POSTAL.search(text)
    for opening in _OPENING.finditer(text, 0, town.start() if town else len(text)):
        behind = text[opening.end() :]
        announced = opening[0].startswith(":")
        if tells_street(behind) and (announced or not tells_street(text[: opening.start()])):
            return opening.end() + address_start(behind)
    return 0


def address_behind(text: str, start: int) -> tuple[int, int] | None:
    """Where in a line an address stands behind a name that ends at ``start``; None without a street there."""
    end = min(address_end(text), start + town_end(text[start:]))
    while start < end and not text[start].isalnum():
        start += 1
    return (start, end) if tells_street(text[start:end]) else None


def address_end(text: str) -> int:
    """Where an address ends on its line: before a web address or telephone number behind a bullet."""
    end = len(text)
    for bullet in reversed(list(_BULLET.finditer(text))):
        behind = text[bullet.end() : end]
        if POSTAL.search(behind) or street_word().search(behind):
            break
        end = bullet.start()
    return end


def _is_labelled(labels: Sequence[Label], legal_form: bool) -> bool:
    for label in labels:
        if legal_form and label.coverage < 0.6:
            continue
        terms = {meaning.term for meaning in label.meanings}
        at_start = not any(character.isalpha() for character in label.segment.text[: label.start])
        colon = label.segment.text[label.end :].lstrip(" .")[:1] in (":", "#")
        if not _has_other_text(label) and not legal_form:
            return True
        sure = any(meaning.strength == 1.0 and meaning.term in _PARTY_BREAKERS for meaning in label.meanings)
        if terms & _PARTY_BREAKERS and at_start and (colon or (sure and label.coverage >= 0.6)):
            return True
        if not terms.isdisjoint(PARTY_TERMS) and at_start and colon:
            return True
    return False


def _has_other_text(label: Label) -> bool:
    text = label.segment.text
    return any(character.isalnum() for character in text[: label.start] + text[label.end :])
