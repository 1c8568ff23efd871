"""Companies and people: names, addresses, phones, mail, tax numbers. All invented."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from scripts.synthetic import identifiers
from scripts.synthetic.culture import Country
from scripts.synthetic.draw import chance, fill, pick, whole
from scripts.synthetic.vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True)
class Party:
    """A seller or buyer as printed. The two identifiers are "" where the country has none."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_identifier: str
    registration_identifier: str
    phone: str
    mail: str
    web: str
    contact: str

    @property
    def place(self) -> str:
        """Postal code and city in the order of the country ("111 22 Stockholm", "London EC1A 1BB")."""
        return f"{self.city} {self.postal_code}" if self.country in _PLACE_FIRST else f"{self.postal_code} {self.city}"

    @property
    def address(self) -> str:
        """Street and place as one string."""
        return f"{self.street}, {self.place}"


_PLACE_FIRST = frozenset(("GB", "IE", "AU", "US", "CA", "NZ", "ZA", "SG", "LV"))  # the town before the postal code


def person_name(rng: np.random.Generator, words: Vocabulary) -> str:
    return f"{pick(rng, words.first_names)} {pick(rng, words.last_names)}"


def company_name(rng: np.random.Generator, words: Vocabulary) -> str:
    """A stem or surname, a trade, a legal form ("Nordljus Bygg AB")."""
    if chance(rng, 0.2):
        core = f"{pick(rng, words.last_names)} & {pick(rng, words.last_names)}"
    elif chance(rng, 0.25):
        core = f"{pick(rng, words.last_names)} {pick(rng, words.trades)}"
    else:
        core = f"{pick(rng, words.stems)} {pick(rng, words.trades)}"
    form = pick(rng, words.legal_forms)
    return f"{core}{form}" if form.startswith(",") else f"{core} {form}"


def street_line(rng: np.random.Generator, words: Vocabulary) -> str:
    """Street and number in the language's order; suffixes that end in a blank go before the name."""
    stem, suffix = pick(rng, words.street_stems), pick(rng, words.street_suffixes)
    whole_name = stem.endswith("vägen")  # "Sveavägen" takes no further suffix
    street = suffix + stem if suffix.endswith(" ") else stem + ("" if whole_name else suffix)
    number = str(whole(rng, 1, 130)) + (pick(rng, "ABCab") if chance(rng, 0.12) else "")
    return words.street_pattern.format(street=street, number=number)


def place_parts(rng: np.random.Generator, words: Vocabulary) -> tuple[str, str]:
    """(postal code, city) of the language's main country."""
    parts = fill(rng, pick(rng, words.cities)).split(" ")
    if words.language == "en":
        return " ".join(parts[-2:]), " ".join(parts[:-2])
    size = 2 if words.language in ("sv", "nl", "cs", "sk") else 1
    return " ".join(parts[:size]), " ".join(parts[size:])


_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "đ": "d"})


def ascii_slug(text: str) -> str:
    """Lower-case letters and digits without accents, as in mail addresses."""
    flat = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    return "".join(char for char in flat if char.isascii() and char.isalnum())


def make_party(rng: np.random.Generator, country: Country, name: str | None = None) -> Party:
    """A company of the country, all of it random; `name` fixes its name."""
    words = vocabulary(country.language)
    title = name if name is not None else company_name(rng, words)
    postal, city = _foreign_place(rng, country) or place_parts(rng, words)
    street = street_line(rng, words)
    if country.code == "MY":
        street = f"{fill(rng, pick(rng, words.extra_streets))}".title()
    vat = identifiers.vat_identifier(rng, country.code)
    domain = f"{_domain_name(title)}.{_top_level(rng, country, words)}"
    contact = person_name(rng, words)
    mailbox = pick(
        rng, ("info", "info", "kontakt" if country.language in ("sv", "de") else "office", _mailbox(contact))
    )
    return Party(
        name=title, street=street, postal_code=postal, city=city, country=country.code, vat_identifier=vat,
        registration_identifier=identifiers.registration_identifier(rng, country.code, vat),
        phone=fill(rng, _phone_pattern(rng, country, words)), mail=f"{mailbox}@{domain}", web=f"www.{domain}",
        contact=contact,
    )  # fmt: skip


_FOREIGN_PLACES = {
    "sv_FI": ("00### Helsingfors", "20### Åbo", "65### Vasa", "10### Ekenäs", "22### Mariehamn"),
    "IE": ("D02 X#@# Dublin", "T12 @#@# Cork", "H91 @#@# Galway", "V94 @#@# Limerick"),
    "AU": ("NSW 20## Sydney", "VIC 30## Melbourne", "QLD 40## Brisbane", "WA 60## Perth", "SA 50## Adelaide"),
    "MY": ("50### Kuala Lumpur", "47### Petaling Jaya", "40### Shah Alam", "81### Johor Bahru", "30### Ipoh"),
    "AT": ("10#0 Wien", "80#0 Graz", "40#0 Linz", "50#0 Salzburg", "60#0 Innsbruck", "93#0 Klagenfurt"),
    "fr_CH": ("12## Genève", "10## Lausanne", "20## Neuchâtel", "17## Fribourg", "19## Sion"),
    "it_CH": ("69## Lugano", "65## Bellinzona", "66## Locarno", "68## Mendrisio"),
    "nl_BE": ("20#0 Antwerpen", "90#0 Gent", "80#0 Brugge", "30#0 Leuven", "35#0 Hasselt", "85#0 Kortrijk"),
    "de_CH": ("80## Zürich", "30## Bern", "40## Basel", "60## Luzern", "90## St. Gallen", "84## Winterthur"),
    "fr_BE": ("10#0 Bruxelles", "40#0 Liège", "50#0 Namur", "60#0 Charleroi", "70#0 Mons"),
    "LU": ("L-1### Luxembourg", "L-4### Esch-sur-Alzette", "L-9### Diekirch", "L-3### Dudelange"),
    "US": ("TX 7#### Austin", "CA 9#### San Diego", "NY 1#### Albany", "OH 4#### Columbus", "WA 9#### Seattle",
           "FL 3#### Tampa", "IL 6#### Springfield", "CO 8#### Denver", "OR 9#### Portland", "GA 3#### Savannah"),
    "CA": ("ON M#V #K# Toronto", "BC V#B #T# Vancouver", "AB T#P #J# Calgary", "QC H#X #Y# Montreal"),
    "NZ": ("10## Auckland", "60## Wellington", "80## Christchurch", "90## Dunedin", "31## Tauranga"),
    "ZA": ("80## Cape Town", "20## Johannesburg", "40## Durban", "00## Pretoria", "60## Gqeberha"),
    "SG": ("0##### Singapore", "5##### Singapore", "3##### Singapore"),
}  # fmt: skip
_PHONES = {
    "FI": "+358 9 ### ####", "IE": "+353 1 ### ####", "AU": "(02) 9### ####", "MY": "03-#### ####",
    "AT": "+43 1 #######", "CH": "+41 44 ### ## ##", "BE": "+32 2 ### ## ##", "LU": "+352 ## ## ##",
    "US": "(5##) 2##-####", "CA": "(4##) 5##-####", "NZ": "+64 9 ### ####", "ZA": "021 ### ####", "SG": "+65 6### ####",
}  # fmt: skip
_TOP_LEVELS = {
    "FI": "fi",
    "IE": "ie",
    "AU": "com.au",
    "MY": "com.my",
    "AT": "at",
    "CH": "ch",
    "BE": "be",
    "GB": "co.uk",
    "LU": "lu",
    "US": "com",
    "CA": "ca",
    "NZ": "co.nz",
    "ZA": "co.za",
    "SG": "com.sg",
}


def _foreign_place(rng: np.random.Generator, country: Country) -> tuple[str, str] | None:
    places = _FOREIGN_PLACES.get(country.locale, _FOREIGN_PLACES.get(country.code))
    if places is None:
        return None
    parts = fill(rng, pick(rng, places)).split(" ")
    size = {"IE": 2, "AU": 2, "US": 2, "CA": 3}.get(country.code, 1)
    return " ".join(parts[:size]), " ".join(parts[size:])


def _phone_pattern(rng: np.random.Generator, country: Country, words: Vocabulary) -> str:
    if country.code in _PHONES:
        return _PHONES[country.code]
    if country.code == "GB":
        return pick(rng, ("020 7### ####", "0161 ### ####", "01### ######", "+44 20 7### ####"))
    return pick(rng, words.phones)


def _top_level(rng: np.random.Generator, country: Country, words: Vocabulary) -> str:
    return _TOP_LEVELS.get(country.code) or (words.domains[0] if chance(rng, 0.8) else "com")


def _domain_name(title: str) -> str:
    parts = [ascii_slug(word) for word in title.split() if len(ascii_slug(word)) > 2]
    return "".join(parts[:2])[:22] or ascii_slug(title)[:22] or "firma"


def _mailbox(contact: str) -> str:
    first, _, last = contact.partition(" ")
    return f"{ascii_slug(first)}.{ascii_slug(last)}"
