#!/usr/bin/env python
"""The languages and countries that the reader knows, as the README lists them.

python scripts/known_languages.py            # prints the list
python scripts/known_languages.py --write    # puts it into README.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from babel import Locale

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_connector.evidence.vat_rates import rates_by_country
from invoice_connector.fields.domestic_accounts import FORMS
from invoice_connector.locales import locales

README = Path(__file__).resolve().parents[1] / "README.md"
_PLACE = re.compile(r"(?<=<!-- made by scripts/known_languages.py -->\n).*?(?=<!-- end -->)", re.DOTALL)


def known_languages() -> str:
    """Two paragraphs in Markdown, from the files in ``invoice_connector/locales`` and the tables of countries."""
    english = Locale("en")
    languages = _listed(english.languages[code] for code in locales())
    rates = _listed(english.territories[code] for code in rates_by_country())
    accounts = _listed(english.territories[form.country] for form in FORMS)
    return (
        f"Labels, kinds of papers and the sentences that matter are known in {len(locales())} languages: {languages}."
        f"\n\nVAT rates are checked for {len(rates_by_country())} countries: {rates}. Account numbers without an IBAN "
        f"are known as banks write them in {accounts}.\n"
    )


def _listed(names: Iterable[str]) -> str:
    *first, last = sorted(set(names))
    return f"{', '.join(first)} and {last}"


def main(arguments: Sequence[str] | None = None) -> int:
    options = list(sys.argv[1:] if arguments is None else arguments)
    if options == ["--write"]:
        README.write_text(_PLACE.sub(lambda _: known_languages(), README.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(known_languages())
    return 0


if __name__ == "__main__":
    sys.exit(main())
