"""Swedish and English: words from ``texts``, numbers and moments as each writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from fastapi import Request

from analytics.texts import TEXTS

COOKIE = "lang"
UNKNOWN = "–"
NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` is ``sv`` or ``en``. Calling it translates a key; a key without a translation shows as it is."""

    code: str

    def __call__(self, key: str) -> str:
        pair = TEXTS.get(key)
        if pair is None:
            return key.replace("_", " ")
        return pair[0] if self.code == "sv" else pair[1]

    def percent(self, share: Any, digits: int = 0) -> str:
        """``share`` of 0..1; anything that is no number shows as unknown: pages also show what old rows lack."""
        if not isinstance(share, int | float):
            return UNKNOWN
        decimals = "." + "0" * digits if digits else ""
        return str(format_percent(share, f"#,##0{decimals}{NO_BREAK if self.code == 'sv' else ''}%", self.code))

    def number(self, value: float | None) -> str:
        return UNKNOWN if value is None else str(format_decimal(value, locale=self.code))

    def milliseconds(self, value: float | None) -> str:
        """Under a second in whole milliseconds, above in seconds with one decimal."""
        if value is None:
            return UNKNOWN
        if value < 1000:
            return f"{value:.0f} ms"
        return f"{format_decimal(value / 1000, '#,##0.0', locale=self.code)} s"

    def megabytes(self, value: int) -> str:
        return f"{format_decimal(value / 1e6, '#,##0', locale=self.code)} MB"

    def moment(self, value: datetime) -> str:
        return str(format_datetime(value, "d MMM y HH:mm", locale=self.code))

    def day(self, value: datetime) -> str:
        return str(format_date(value, "d MMM", locale=self.code))

    def exact(self, value: datetime) -> str:
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"


def language_of(request: Request) -> Language:
    """``?lang=``, then what was chosen before, then the browser's order; English when it names neither."""
    wanted = [request.query_params.get("lang", ""), request.cookies.get(COOKIE, "")]
    weighed = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")):
        name, _, weight = part.strip().partition(";q=")
        weighed.append((-_weight(weight), place, name[:2].lower()))
    for code in (*wanted, *(name for weight, _, name in sorted(weighed) if weight < 0)):
        if code in ("sv", "en"):
            return Language(code)
    return Language("en")


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
