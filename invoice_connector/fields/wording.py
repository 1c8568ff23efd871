"""What the words beside a value on its own line say of it."""

from __future__ import annotations

import re
from functools import cache

from invoice_connector.fields.candidates import Candidate
from invoice_connector.locales import alternatives


def heads_letter(day: Candidate) -> bool:
    """Whether a place stands before the date and nothing behind it, as over a letter: "Nürnberg, 26.02.2026"."""
    text = day.segment.text
    return bool(_place_before().fullmatch(text[: day.start])) and not text[day.end :].strip(" .")


def ends_discount(day: Candidate) -> bool:
    """Whether the date is only the last one for paying less: "by 25 February less 2 % discount, by 13 March net"."""
    return bool(_discount().match(day.segment.text[day.end :]))


def is_taxed(amount: Candidate) -> bool:
    """Whether an amount is what a rate is taken of: "IVA 22 % su 1.872,00"."""
    return bool(_rate_of().search(amount.segment.text[: amount.start]))


@cache
def _place_before() -> re.Pattern[str]:
    return re.compile(rf"[^\W\d_][^\d,:]{{2,30}}, ?(?:{alternatives('day_after_place')} )?")


@cache
def _discount() -> re.Pattern[str]:
    rate = r"(?:\d{1,2}(?:[.,]\d+)? ?%[^.;,\d]{0,10})?"
    return re.compile(rf"[^.;\d]{{0,25}}{rate}\b{alternatives('discounts')}", re.IGNORECASE)


@cache
def _rate_of() -> re.Pattern[str]:
    return re.compile(rf"%\)?[ ]*{alternatives('rate_of')}[ ]*(?:[€$£]|EUR|kr)?[ ]*$", re.IGNORECASE)
