"""Numbers of a register that the tax office of the same country uses as they are, so that one print serves both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class NationalForm:
    """The ``print`` as a pattern, and python-stdnum's ``module`` that knows its check digits."""

    print: str
    module: str

    def fits(self, number: str) -> bool:
        """Whether a print has the form and its check digits hold."""
        whole = re.fullmatch(self.print, number) is not None
        return whole and bool(import_module(f"stdnum.{self.module}").is_valid(number))


_FORMS: Mapping[str, NationalForm] = MappingProxyType(  # by country, ISO 3166-1
    {
        "BE": NationalForm(r"[01]?\d{3}[. ]?\d{3}[. ]?\d{3}", "be.vat"),
        "DK": NationalForm(r"\d{2}(?: ?\d{2}){3}", "dk.cvr"),
        "FI": NationalForm(r"\d{7}-\d", "fi.ytunnus"),
    }
)


def is_vat_identifier(number: str, odds: Mapping[str, float]) -> bool:
    """Whether a number of a register is a VAT identifier as well; ``odds``: of the countries it may be of."""
    return any(odds.get(country, 0.0) > 0.5 and form.fits(number) for country, form in _FORMS.items())
