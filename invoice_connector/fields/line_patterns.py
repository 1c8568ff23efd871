"""The forms and words by which a line is told: postal codes, streets, ways to get in touch, registrations."""

from __future__ import annotations

import re
from functools import cache

from invoice_connector.locales import alternatives

POSTAL = re.compile(
    r"\b(?:[A-Z]{1,3}[- ])?\d{5}(?:-\d{4})?,?\s+[^\W\d_]{2,}"  # 80333 München, D-80333 München
    r"|\b(?:[A-Z]{1,3}[- ])?\d{4}\s+(?:S[at]\.? )?[A-ZÅÄÖÉÜ][^\W\d_]{2,}"  # 1050 Wien, 9023 St. Gallen
    r"|\b(?:SE?-)?\d{3} \d{2}\s+[^\W\d_]{2,}"  # 111 22 Stockholm
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # SW1A 1AA
    r"|\b\d{4}-\d{3}\s+[^\W\d_]{2,}"  # 1100-148 Lisboa
    r"|[^\W\d_]{3,},? [AC-FHKNPRTV-Y]\d[\dW] (?=\d{0,3}[A-Z])[A-Z\d]{4}\b"  # Cork T12 J7C6
    r"|^[AC-FHKNPRTV-Y]\d[\dW] (?=\d{0,3}[A-Z])[A-Z\d]{4}$"  # D02 XY45
    r"|(?:[^\W\d_]{2,}\)?,? |^)[A-Z]\d[A-Z] \d[A-Z]\d\b(?![.,]\d)"  # Toronto, ON M5V 2T6
    r"|\b(?:\d{4} [A-Z]{2}|\d{2}-\d{3})\s+[A-ZŁŚŻ][^\W\dA-Z_]+"  # 1012 AB Amsterdam, 00-950 Warszawa
    r"|[^\W\d_]{3,} ?[-–] ?\d{3} ?\d{3}\b"  # Pune - 411001
    r"|[^\W\d_]{3,},? (?:[A-Z]{2,3} \d{4,5}|LV-\d{4})\b"  # Springfield, IL 62704; Adelaide SA 5036; Valmiera LV-4201
    r"|(?:^|, )\d{6} [A-ZȘȚ][^\W\dA-Z_]{2,}(?:[ -][A-Z][^\W\d_]+){0,2}(?=,|$)"  # 400001 Cluj-Napoca
    r"|[^\W\d_]{3,},?\s+\d{5,6}\b\.?$|^\d{5},?\s"  # Johor 81200
    r"|[A-Z][a-zß-ž]{2,} \d{6}(?=\.\s|, [A-Z])"  # Chennai 600098, Tamil Nadu
)
PHONE = re.compile(r"^[\s:]*(?:\(?\+?\d{1,3}\)?[\s./-]?)?\(?\d{2,4}\)?[\s./-]\d{3,4}[\s./-]?\d{2,5}\s*\.?$")
AMERICAN_PHONE = re.compile(r"\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}-\d{3}-\d{4}\b")
REGISTRATION = re.compile(r"\(?\s*(?:[A-Z]{1,3})?\d{5,9}\s?-?\s?[A-Z0-9]?\s*\)?\.?$")
_TITLE = r"(?!\.?\s(?-i:[A-ZÄÖÜÉ][a-zäöüé]))"  # "Oak Dr, Reno", not "Dr. Weber"


@cache
def street_word() -> re.Pattern[str]:
    """A word, or the end of one, that streets and places have: "Parkallee", "Station Road", "via Roma"."""
    words, titles = alternatives("street_words"), alternatives("street_or_title")
    return re.compile(rf"{alternatives('street_endings')}\b|\b(?:{words}|{titles}{_TITLE})\b", re.IGNORECASE)


@cache
def street_line() -> re.Pattern[str]:
    """A line that is a street in all: "Station Road" and "77 Commercial Street" are no labels."""
    return re.compile(rf"(?:\d{{1,5}}[a-z]?,? )?[^\d:]+ {alternatives('street_names_end')}[.,]?", re.IGNORECASE)


@cache
def post_box() -> re.Pattern[str]:
    """A line that is a box at the post office in all: "PO Box 310" is no order's number."""
    return re.compile(rf"{alternatives('post_boxes')}\.? \d[\d ]*", re.IGNORECASE)


@cache
def contact_word() -> re.Pattern[str]:
    """A word for a telephone or for mail, or an address in the net."""
    words = alternatives("telephone", "email")
    domains = r"\.(?:com|de|se|fr|es|it|pt|co\.uk|my)\b"
    return re.compile(rf"@|\bwww\.|https?:|\b{words}\b|{domains}", re.IGNORECASE)


@cache
def trailing_registration() -> re.Pattern[str]:
    """A registration number behind a name, with its label if it has one."""
    label = rf"(?:(?:{alternatives('registered')}\.?\s*)*{alternatives('number')}\.?\s*:?\s*)?"
    return re.compile(
        rf"\s*[\(\[]?\s*{label}\(?\d{{5,9}}\s?-?\s?[A-Z]\s*[\)\]]?\.?$|\s*[|•●·∙]\s*\d{{5,12}}$", re.IGNORECASE
    )


@cache
def salutation() -> re.Pattern[str]:
    """A text that is a salutation in all."""
    return re.compile(rf"{alternatives('salutations')}\.?:?$", re.IGNORECASE)


def without_registration(text: str) -> str:
    """The name without the registration number that is printed behind it: "ABC SDN BHD (12345-X)" -> "ABC SDN BHD"."""
    return trailing_registration().sub("", text).rstrip(" ,-:(")
