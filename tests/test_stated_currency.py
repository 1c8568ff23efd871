"""What a page says its amounts are in, against the signs that they carry."""

from __future__ import annotations

import pytest
from field_pages import page

from invoice_connector.fields import extract

SUMS = ("Total net {}300.00", "VAT 20 % {}60.00", "Total {}360.00")


def rules(sign: str, *said: str) -> list[str]:
    texts = ("Fjordlys Handel Ltd", "12 High Street, London", "Invoice No. 4410", "Invoice date: 12 June 2026")
    sums = [text.format(sign) for text in SUMS]
    invoice = extract([page([(60, 60 + 60 * place, text) for place, text in enumerate((*texts, *sums, *said))])])
    return [conflict.rule for conflict in invoice.conflicts]


@pytest.mark.parametrize("sign", ["£", "€", "GBP ", "EUR "])
@pytest.mark.parametrize(
    "said",
    ["All amounts in USD", "All amounts are in USD.", "Currency: USD", "Alle Beträge in CHF", "Importi in CHF",
     "Montants exprimés en USD", "Alla belopp i SEK"],
)  # fmt: skip
def test_another_currency_than_the_amounts_carry_stops(sign: str, said: str) -> None:
    assert "CURRENCY-DIFFERS" in rules(sign, said)


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        ("£", ("All amounts in GBP",)),
        ("€", ("All prices in Euro",)),
        ("$", ("All amounts in SGD",)),  # which "$" can mean
        ("€", ("1 EUR = 1.0832 USD", "VAT in SEK: 720.00")),
        ("£", ("Prices in USD on request", "All amounts in GBP")),
        ("", ("All amounts in USD",)),
    ],
)
def test_the_same_currency_and_conversions_do_not(sign: str, said: tuple[str, ...]) -> None:
    assert "CURRENCY-DIFFERS" not in rules(sign, *said)


def test_a_currency_in_a_partys_name_is_none() -> None:
    head = ((60, 60, "Făgăraș & Euro Print"), (60, 85, "Calea Florilor 58"), (60, 110, "809748 Galați"))
    rest = ((60, 240, "Beneficiar"), (60, 265, "Agro Imobiliare"), (60, 290, "Calea Unirii 2"),
            (60, 315, "702929 Iași"),
            (600, 60, "Factura nr. 4410"), (600, 85, "Data facturii 12.06.2026"),
            (550, 640, "Total fără TVA"), (850, 640, "1000,00"), (550, 670, "TVA 19 %"), (850, 670, "190,00"),
            (550, 700, "Total de plată"), (850, 700, "1190,00 Lei"),
            (60, 800, "Titular cont: Făgăraș & Euro Print"))  # fmt: skip
    assert extract([page([*head, *rest])]).fields["currency_code"].value == "RON"
