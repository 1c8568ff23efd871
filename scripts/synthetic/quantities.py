"""Random dates, amounts and prices."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np

from scripts.synthetic.draw import chance, whole
from scripts.synthetic.vocabulary import Ware


def random_day(rng: np.random.Generator) -> datetime.date:
    """A day from 2005 to 2029; three in four since 2017."""
    first = datetime.date(2017, 1, 1) if chance(rng, 0.75) else datetime.date(2005, 1, 1)
    return first + datetime.timedelta(days=whole(rng, 0, (datetime.date(2029, 12, 31) - first).days))


def random_amount(rng: np.random.Generator) -> Decimal:
    """0.01 to 999,999.99, small ones more often; a good part round."""
    value = Decimal(str(round(float(10 ** rng.uniform(-0.5, 5.2)), 2)))
    if chance(rng, 0.25):
        return value.quantize(Decimal(1)) + 0
    return (value * 10).quantize(Decimal(1)) / 10 if chance(rng, 0.2) else value


def ware_price(rng: np.random.Generator, ware: Ware, factor: Decimal) -> Decimal:
    """A price between the ware's bounds, rounded as its size suggests (never 0)."""
    value = ware.low + (ware.high - ware.low) * Decimal(whole(rng, 0, 1000)) / 1000
    scaled = value * factor
    step = Decimal(5) if scaled > 400 else Decimal(1) if scaled > 60 and chance(rng, 0.6) else Decimal("0.05")
    rounded = (scaled / step).quantize(Decimal(1)) * step
    if step < 1 and chance(rng, 0.4):
        rounded = rounded.quantize(Decimal(1)) - Decimal("0.01")
    return max(rounded, Decimal("0.05")).quantize(Decimal("0.01"))
