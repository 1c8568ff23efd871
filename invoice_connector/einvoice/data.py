"""An invoice as data, whatever syntax it was in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, str | None]
Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class EmbeddedInvoice:
    """An invoice as data. Values are spelled as in the contract's JSON; ``syntax`` is CII, UBL or FatturaPA,
    ``profile`` BT-24. ``sums`` may hold ``line_total`` (BT-106), ``allowance_total`` (BT-107), ``charge_total``
    (BT-108), and of FatturaPA ``withheld``, ``split_vat`` (that the buyer pays to the state) and ``stamp_duty``;
    ``countries`` of seller and buyer; ``attachments`` are names of files in it. ``notes``: what it says in words, of
    the whole and of its payment; ``payee``: who is paid (BT-59), where it says so; ``kind``: its type as the syntax
    codes it; ``means``: all means of payment (UNTDID 4461); ``accounts``: all to pay to; ``repeated``: the values of
    terms of which there may be one and are several; ``currencies`` of amounts by name.
    """

    syntax: str
    profile: str | None
    fields: Mapping[str, str]
    invoice_lines: Rows = ()
    vat_breakdown: Rows = ()
    adjustments: tuple[Mapping[str, Any], ...] = ()
    sums: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    payee: str | None = None
    kind: str | None = None
    means: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    repeated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
