"""Write what the package needs of CLDR into a file of its own, out of Babel's data.

    python -m scripts.make_cldr

To be run when Babel brings a new CLDR, or a language is added to the locales; a test says so.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.core import get_global

from invoice_connector.evidence.cldr import (
    DAY_FIRST,
    babel_currency_names,
    babel_decimals,
    babel_months,
    babel_short_date,
    babel_tender,
    babel_territories,
    babel_towns,
)
from invoice_connector.evidence.country_clues import tables
from invoice_connector.locales import locales

PATH = Path(str(files("invoice_connector.evidence").joinpath("cldr.json")))


def table() -> dict[str, Any]:
    """The content of the file."""
    spoken = sorted(locales())
    named = sorted({"en", *spoken, *tables().languages})
    orders = {country: babel_short_date(country) for country in sorted(get_global("territory_languages"))}
    return {
        "territories": {language: babel_territories(language) for language in named},
        "months": {language: [list(month) for month in dict.fromkeys(babel_months(language))] for language in spoken},
        "short_dates": {country: order for country, order in orders.items() if order != DAY_FIRST},
        "currency_names": {language: babel_currency_names(language) for language in spoken},
        "tender": {country: [list(period) for period in periods] for country, periods in babel_tender().items()},
        "decimals": babel_decimals(),
        "towns": babel_towns(),
    }


def main() -> None:
    PATH.write_text(json.dumps(table(), ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"{PATH}: {PATH.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
