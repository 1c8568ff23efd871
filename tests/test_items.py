"""Invoice lines: a table in any order of its columns comes back, whatever its heads are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pytest
from field_pages import Placed, page
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invoice_connector.fields import FieldPage, extract
from invoice_connector.invoice import Invoice, InvoiceLine
from invoice_connector.pipeline.columns import line_json

TOP: list[Placed] = [
    (60, 60, "Sägewerk Tannhof GmbH"), (60, 85, "Mühlweg 3"), (60, 110, "87435 Kempten"),
    (60, 240, "Dachbau Illertal AG"), (60, 265, "Am Ried 9"), (60, 290, "89264 Weißenhorn"),
    (600, 240, "Rechnungsnummer"), (800, 240, "RE-2031"), (600, 265, "Rechnungsdatum"), (800, 265, "03.04.2025"),
    (600, 290, "Fällig am"), (800, 290, "03.05.2025"),
]  # fmt: skip
CENT = Decimal("0.01")


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def sums(net: Decimal, top: int = 1000, rate: int = 19) -> list[Placed]:
    """A block of totals whose right edge is not that of the items."""
    vat = (net * rate / 100).quantize(CENT, ROUND_HALF_UP)
    texts = [("Summe netto", net), (f"zzgl. {rate} % MwSt.", vat), ("Rechnungsbetrag", net + vat)]
    return [
        placed
        for at, (label, amount) in enumerate(texts)
        for placed in ((550, top + 30 * at, label), (985 - 10 * len(money(amount)), top + 30 * at, money(amount)))
    ]


def table(spans: Sequence[tuple[int, str]], rows: Sequence[str], top: int = 450, step: int = 40) -> list[Placed]:
    """``rows`` of cells between "|"; a column is its place and "l" for left- or "r" for right-aligned."""
    placed = []
    for at, row in enumerate(rows):
        for (x, side), cell in zip(spans, row.split("|"), strict=True):
            text = cell.strip()
            if text:
                placed.append((x if side == "l" else x - 10 * len(text), top + step * at, text))
    return placed


def read(*pages: list[Placed]) -> Invoice:
    return extract([page(placed, number) for number, placed in enumerate(pages, start=1)])


def brief(line: InvoiceLine) -> str:
    discount = line.discount_percentage if line.discount_percentage is not None else line.discount_amount
    values = (line.quantity, line.unit, line.unit_price, discount, line.vat_rate, line.net_amount)
    return " | ".join([line.description, *("" if value is None else f"{value}" for value in values)])


@dataclass(frozen=True)
class Case:
    """A table, the net total, and the lines as ``brief`` gives them."""

    spans: Sequence[tuple[int, str]]
    rows: Sequence[str]
    net: str
    lines: Sequence[str]


FOUR = [(60, "l"), (500, "r"), (700, "r"), (950, "r")]
CASES = {
    "nothing but names and amounts": Case(
        [(60, "l"), (950, "r")],
        ["Beschreibung | Betrag", "Fotos vom Bau | 640,00", "Fahrt 185 km | 37,00", "Abzüge 20 Stück | 89,95"],
        "766.95",
        ["Fotos vom Bau |  |  |  |  |  | 640.00", "Fahrt 185 km |  |  |  |  |  | 37.00",
         "Abzüge 20 Stück |  |  |  |  |  | 89.95"],
    ),
    "some rows without quantity": Case(
        FOUR,
        ["Text | Menge | Preis | Betrag", "Beratung | 14 | 95,00 | 1.330,00", "Spesen | | | 41,25",
         "Lizenz | | | 189,00"],
        "1560.25",
        ["Beratung | 14 |  | 95.00 |  |  | 1330.00", "Spesen |  |  |  |  |  | 41.25", "Lizenz |  |  |  |  |  | 189.00"],
    ),
    "quantity and the amount only": Case(
        [(60, "l"), (500, "r"), (950, "r")],
        ["Ware | Anzahl | Preis", "Honig 500 g | 7 | 55,65", "Kerzen | 12 | 91,08", "Tee 250 g | 4 | 14,20"],
        "160.93",
        ["Honig 500 g | 7 |  |  |  |  | 55.65", "Kerzen | 12 |  |  |  |  | 91.08", "Tee 250 g | 4 |  |  |  |  | 14.20"],
    ),
    "sections with headings and sub-totals": Case(
        FOUR,
        ["Text | Menge | Preis | Betrag", "Material | | |", "Rohr | 8 | 64,00 | 512,00", "Kabel | 5 | 89,00 | 445,00",
         "Summe Material | | | 957,00", "Arbeit | | |", "Monteur | 2 | 78,00 | 156,00", "Helfer | 3 | 42,00 | 126,00",
         "Summe Arbeit | | | 282,00"],
        "1239.00",
        ["Rohr | 8 |  | 64.00 |  |  | 512.00", "Kabel | 5 |  | 89.00 |  |  | 445.00",
         "Monteur | 2 |  | 78.00 |  |  | 156.00", "Helfer | 3 |  | 42.00 |  |  | 126.00"],
    ),
    "units, a discount in per cent, and the rate behind the amount": Case(
        [(60, "l"), (400, "l"), (520, "r"), (640, "r"), (740, "r"), (880, "r"), (950, "r")],
        ["Ware | ME | Menge | Preis | Rab. | Betrag | USt", "Platten | qm | 42 | 23,50 | 5 % | 937,65 | 19 %",
         "Kleber | Sack | 9 | 17,90 | | 161,10 | 19 %", "Leisten | m | 14 | 6,75 | | 94,50 | 19 %"],
        "1193.25",
        ["Platten | 42 | qm | 23.50 | 5 | 19 | 937.65", "Kleber | 9 | Sack | 17.90 |  | 19 | 161.10",
         "Leisten | 14 | m | 6.75 |  | 19 | 94.50"],
    ),
    "a discount as an amount": Case(
        [(60, "l"), (500, "r"), (640, "r"), (780, "r"), (950, "r")],
        ["Ware | Menge | Preis | Nachlass | Betrag", "Stuhl | 5 | 79,00 | 39,50 | 355,50",
         "Tisch | 2 | 189,00 | 0,00 | 378,00", "Aufbau | 1 | 60,00 | 10,00 | 50,00"],
        "783.50",
        ["Stuhl | 5 |  | 79.00 | 39.50 |  | 355.50", "Tisch | 2 |  | 189.00 |  |  | 378.00",
         "Aufbau | 1 |  | 60.00 | 10.00 |  | 50.00"],
    ),
    "net, tax and gross of each row": Case(
        [(60, "l"), (420, "r"), (540, "r"), (660, "r"), (730, "r"), (840, "r"), (960, "r")],
        ["Ware | Anz | Preis | Netto | % | USt | Brutto", "Fahrt | 320 | 4,20 | 1.344,00 | 19 | 255,36 | 1.599,36",
         "Kisten | 50 | 3,10 | 155,00 | 19 | 29,45 | 184,45"],
        "1499.00",
        ["Fahrt | 320 |  | 4.20 |  | 19 | 1344.00", "Kisten | 50 |  | 3.10 |  | 19 | 155.00"],
    ),
    "a free item and a credit": Case(
        FOUR,
        ["Text | Menge | Preis | Betrag", "Gespräch | 1 | 0,00 | 0,00", "Entwurf | 2 | 140,00 | 280,00",
         "Treuebonus | 1 | -30,00 | -30,00"],
        "250.00",
        ["Gespräch | 1 |  | 0.00 |  |  | 0.00", "Entwurf | 2 |  | 140.00 |  |  | 280.00",
         "Treuebonus | 1 |  | -30.00 |  |  | -30.00"],
    ),
    "heads in a language that nobody listed": Case(
        FOUR,
        ["Qawza | Mesu | Brin | Tolan", "Hirka valte | 3 | 12,40 | 37,20", "Osmi pelle | 10 | 8,15 | 81,50"],
        "118.70",
        ["Hirka valte | 3 |  | 12.40 |  |  | 37.20", "Osmi pelle | 10 |  | 8.15 |  |  | 81.50"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_table_gives_its_lines(name: str) -> None:
    case = CASES[name]
    lines = read([*TOP, *table(case.spans, case.rows), *sums(Decimal(case.net))]).lines
    assert [brief(line).strip() for line in lines] == list(case.lines)


def test_a_table_goes_on_over_the_page_with_its_sum_carried() -> None:
    first = ["Text | Menge | Preis | Betrag", "Balken | 4 | 112,50 | 450,00", "Bretter | 2 | 86,00 | 172,00",
             "Übertrag | | | 622,00"]  # fmt: skip
    second = ["Text | Menge | Preis | Betrag", "Übertrag | | | 622,00", "Latten | 10 | 14,90 | 149,00",
              "Schrauben | 1 | 24,00 | 24,00"]  # fmt: skip
    invoice = read([*TOP, *table(FOUR, first)], [*table(FOUR, second, top=100), *sums(Decimal(795))])
    assert [(line.page, line.description, line.net_amount) for line in invoice.lines] == [
        (1, "Balken", Decimal(450)), (1, "Bretter", Decimal(172)),
        (2, "Latten", Decimal(149)), (2, "Schrauben", Decimal(24)),
    ]  # fmt: skip


def test_a_text_goes_with_the_row_it_stands_nearest_to() -> None:
    below = [(60, 475, "gehobelt, 4 m"), (60, 575, "verzinkt")]
    rows = table(FOUR, ["Text | Menge | Preis | Betrag", "Balken | 4 | 112,50 | 450,00", "Winkel | 2 | 86,00 | 172,00"],
                 top=350, step=100)  # fmt: skip
    lines = read([*TOP, *rows, *below, *sums(Decimal(622))]).lines
    assert [line.description for line in lines] == ["Balken gehobelt, 4 m", "Winkel verzinkt"]


def test_each_value_has_its_box() -> None:
    case = CASES["units, a discount in per cent, and the rate behind the amount"]
    line = read([*TOP, *table(case.spans, case.rows), *sums(Decimal(case.net))]).lines[0]
    boxes = {name: (box.left, box.right) for name, box in line.boxes.items()}
    assert boxes["description"] == (60, 130) and boxes["unit"] == (400, 420) and boxes["quantity"] == (500, 520)
    assert boxes["net_amount"] == (820, 880) and set(boxes) >= {"unit_price", "discount_percentage", "vat_rate"}
    assert line_json(line)["boxes"]["net_amount"] == [820, 490, 880, 510]
    assert line_json(line)["discount_percentage"] == "5" and "discount_amount" not in line_json(line)


def test_shipping_below_the_sum_of_the_items_is_no_item() -> None:
    rows = ["Ware | Menge | Preis | Betrag", "Becher | 2 | 12,00 | 24,00", "Teller | 3 | 20,00 | 60,00",
            "Zwischensumme | | | 84,00", "Versandkosten | | | 7,50"]  # fmt: skip
    lines = read([*TOP, *table(FOUR, rows), *sums(Decimal("91.50"))]).lines
    assert [line.net_amount for line in lines] == [Decimal(24), Decimal(60)]


def test_discounts_and_taxes_in_tables_of_their_own_are_no_items() -> None:
    rows = ["Ware | Menge | Preis | Betrag", "Saft | 5 | 12,00 | 60,00", "Zucker | 2 | 20,00 | 40,00"]
    below: list[Placed] = [
        (60, 640, "Art"), (300, 640, "Basis"), (910, 640, "Abzug"), (60, 670, "Treue"), (310, 670, "60,00"),
        (900, 670, "-3,00"), (60, 700, "Messe"), (310, 700, "40,00"), (900, 700, "-2,00"), (60, 760, "Positionssumme"),
        (890, 760, "100,00"), (60, 790, "steuerfrei"), (320, 790, "0 %"), (910, 790, "0,00"),
    ]  # fmt: skip
    lines = read([*TOP, *table(FOUR, rows), *below, *sums(Decimal(95))]).lines
    assert [line.net_amount for line in lines] == [Decimal(60), Decimal(40)]


def test_a_list_of_payments_below_the_totals_is_no_table_of_items() -> None:
    item = table(FOUR, ["Leistung | Netto | USt | Brutto", "Gutachten | 500,00 | 95,00 | 595,00"])
    paid: list[Placed] = [(60, 1100, "Rate"), (300, 1100, "Tag"), (890, 1100, "Summe"),
                          (60, 1130, "Einmalig"), (300, 1130, "03.05.2025"), (890, 1130, "595,00")]  # fmt: skip
    assert [line.description for line in read([*TOP, *item, *sums(Decimal(500), top=700), *paid]).lines] == [
        "Gutachten"
    ]


def test_a_letter_without_items_has_no_lines() -> None:
    assert read([*TOP, *sums(Decimal(500))]).lines == ()


WORDS = st.text(st.sampled_from("abdefgiklmnoprstuvz"), min_size=3, max_size=9).map(str.capitalize)
PARTS = ("description", "quantity", "price", "net")


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations([*PARTS, "rate"]),
    items=st.lists(st.tuples(WORDS, WORDS, st.integers(2, 60), st.integers(105, 90_000)), min_size=1, max_size=7),
    heads=st.lists(WORDS, min_size=5, max_size=5, unique=True),
    with_rate=st.booleans(),
)
def test_any_table_in_any_order_comes_back(
    order: Sequence[str], items: Sequence[tuple[str, str, int, int]], heads: Sequence[str], with_rate: bool
) -> None:
    columns = [name for name in order if with_rate or name != "rate"]
    spans = [
        (60 + 180 * at, "l") if name == "description" else (180 + 180 * at, "r") for at, name in enumerate(columns)
    ]
    rows = ["|".join(heads[: len(columns)])]
    true: list[tuple[str, Decimal | None, Decimal | None, Decimal]] = []
    for one, other, quantity, cents in items:
        price = Decimal(cents) / 100
        true.append((f"{one} {other}"[:11], Decimal(quantity), price, quantity * price))
        cells = {"description": true[-1][0], "quantity": str(quantity), "price": money(price),
                 "net": money(quantity * price), "rate": "19 %"}  # fmt: skip
        rows.append("|".join(cells[name] for name in columns))
    net = sum((entry[3] for entry in true), Decimal(0))
    invoice = read([*TOP, *table(spans, rows), *sums(net)])
    assume(invoice.amount("total_without_vat") == net)
    found = [(line.description, line.quantity, line.unit_price, line.net_amount) for line in invoice.lines]
    assert found == true
    assert all(line.vat_rate == (19 if with_rate else None) for line in invoice.lines)


def test_a_page_is_read_alike_wherever_it_stands() -> None:
    case = CASES["some rows without quantity"]
    placed = [*TOP, *table(case.spans, case.rows), *sums(Decimal(case.net))]
    one = extract([page(placed)]).lines
    cover = FieldPage(1, 1000, 1400, page([(60, 60, "Anlage zur Rechnung")]).lines)
    both = extract([cover, page(placed, 2)]).lines
    assert [brief(line) for line in one] == [brief(line) for line in both]
