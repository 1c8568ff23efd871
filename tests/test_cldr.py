"""The package's own table of CLDR says what Babel says."""

from __future__ import annotations

import json

from babel.core import get_global

from invoice_connector.evidence import cldr
from invoice_connector.locales import locales
from scripts.make_cldr import PATH, table


def test_the_table_is_what_babel_says_in_the_same_order() -> None:
    stored, made = json.loads(PATH.read_text("utf-8")), table()
    assert stored == made, "run python -m scripts.make_cldr"
    for kind in ("territories", "months"):
        for language, content in made[kind].items():
            assert list(stored[kind][language]) == list(content)


def test_languages_that_the_table_lacks_are_read_from_babel() -> None:
    assert "cy" not in locales()
    assert cldr.territories("cy")["IE"] == "Iwerddon"
    assert (1, "Ionawr") in cldr.months("cy")
    assert cldr.territories("sv")["IE"] == "Irland"


def test_short_dates_of_all_countries() -> None:
    orders = {country: cldr.short_date(country) for country in get_global("territory_languages")}
    assert orders == {country: cldr.babel_short_date(country) for country in orders}
    assert (orders["US"], orders["GB"], orders["SE"], cldr.short_date("ZZ")) == ("MDY", "DMY", "YMD", "DMY")
