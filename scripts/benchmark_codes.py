"""Prints codes of every family into synthetic invoices, scans and photographs them, and counts what is read and mapped.

    python scripts/benchmark_codes.py --count 20 --seed 1
    python scripts/benchmark_codes.py --count 20 --seed 1 --kinds scan --families hub3,tse
    python scripts/benchmark_codes.py --swapped 100 --seed 1

Read: the text is the printed one. Mapped: the family and every value that its payload has are right. Milliseconds are
processor time of reading a page's codes. `--swapped` prints codes in which one value (account, amount, reference,
number or day) is another into invoices with a text layer, then the true ones, and counts how many say CODE-DIFFERS.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from statistics import median
from time import process_time

if __package__ is None or not __package__:  # run as a file: the project's root is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np

from invoice_connector.codes.evidence import RULE
from invoice_connector.codes.families import payload
from invoice_connector.pipeline.process import process
from invoice_connector.pipeline.request import Request
from ocr_ensemble.codes import read_codes
from ocr_ensemble.document.decode import load_document
from ocr_ensemble.ensemble import OCREnsemble
from ocr_ensemble.settings import EnsembleSettings
from scripts.synthetic.coded import coded_invoice, swapped
from scripts.synthetic.codes import make_symbol, print_symbols
from scripts.synthetic.documents import make_document
from scripts.synthetic.layouts import LAYOUTS
from scripts.synthetic.payloads import PRINTS, WRITERS, Facts, make_iban
from scripts.synthetic.rendering import KINDS, render_pdf, to_pdf, worsened

DPI = 150
_LANGUAGES = ("sv", "de", "en", "fr")
_MOST_ON_A_PAGE = 4


@dataclass
class Counts:
    """Of one kind of picture and family."""

    printed: int = 0
    read: int = 0
    mapped: int = 0
    milliseconds: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    cv2.setNumThreads(1)
    if options.swapped:
        return _swapped(options.swapped, options.seed, options.families)
    found: dict[tuple[str, str], Counts] = defaultdict(Counts)
    for at in range(options.count):
        rng = np.random.default_rng([options.seed, at])
        texts = {family: WRITERS[family](make_facts(rng, family)) for family in options.families}
        while texts:
            printed = _print(rng, texts)
            for kind, name, counts in _read_all(printed, rng, options.kinds):
                _add(found[kind, name], counts)
            texts = {family: text for family, text in texts.items() if family not in printed.texts}
    for kind in options.kinds:
        _show(kind, {name: counts for (own, name), counts in found.items() if own == kind})
    return 0


def make_facts(rng: np.random.Generator, family: str) -> Facts:
    """What an invented invoice with a code of the family says."""
    digits = "".join(map(str, rng.integers(0, 10, 20)))
    names = (
        "Nordlicht Energie GmbH",
        "Bäckerei Sjöberg",
        "Comércio Azul Lda",
        "Müller & Söhne AG",
        "Żaglowa Sp. z o.o.",
    )
    country = PRINTS[family].country
    total = Decimal(int(rng.integers(1_000, 900_000))) / 100
    issued = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 330)))
    return Facts(
        seller=str(rng.choice(names)),
        buyer="Hotel Krone AG",
        iban=make_iban(country, "10050" + digits) if country else "",
        number=f"{digits[:4]}-{digits[4:8]}",
        reference=f"{1 + int(digits[0]) % 9}{digits[1:8]}",
        issued=issued,
        due=issued + timedelta(days=30),
        total=total.quantize(Decimal("0.01")),
        vat=(total / 6).quantize(Decimal("0.01")),
    )


@dataclass(frozen=True)
class Printed:
    """An invoice with codes on its last page, their texts by family."""

    pdf: bytes
    texts: dict[str, str]


def _print(rng: np.random.Generator, texts: dict[str, str]) -> Printed:
    """An invented invoice with as many of the codes, four at most, as fit on its last page."""
    chosen = list(texts.items())[:_MOST_ON_A_PAGE]
    symbols = [make_symbol(text, PRINTS[family], latin_2=family == "upn_qr") for family, text in chosen]
    while True:
        language = _LANGUAGES[int(rng.integers(len(_LANGUAGES)))]
        pages = make_document(int(rng.integers(2**31)), language, LAYOUTS[int(rng.integers(len(LAYOUTS)))]).pages
        pdf, count = print_symbols(to_pdf(pages), symbols)
        if count:
            return Printed(pdf, dict(chosen[:count]))


def _read_all(printed: Printed, rng: np.random.Generator, kinds: Sequence[str]) -> Iterator[tuple[str, str, Counts]]:
    """What is read of the codes in every kind of picture; the time is the first code's."""
    for kind in kinds:
        content = printed.pdf if kind == "pdf" else _picture(printed.pdf, rng, kind)
        page = load_document(content, "page").pages[-1]
        started = process_time()
        codes = read_codes(page.pixels)
        milliseconds = [(process_time() - started) * 1000]
        for family, text in printed.texts.items():
            told = payload(text)[:2]
            read = any(code.text == text for code in codes)
            mapped = any(payload(code.text)[:2] == told for code in codes)
            yield kind, family, Counts(1, int(read), int(mapped), milliseconds)
            milliseconds = []


def _picture(pdf: bytes, rng: np.random.Generator, kind: str) -> bytes:
    picture = worsened(render_pdf(pdf, DPI)[-1], rng, kind, "invoice").image
    colours = cv2.COLOR_RGB2BGR if picture.ndim == 3 else cv2.COLOR_GRAY2BGR
    return cv2.imencode(".png", cv2.cvtColor(picture, colours))[1].tobytes()


def _swapped(count: int, seed: int, families: Sequence[str]) -> int:
    """Prints how many swapped and true codes are said to differ."""
    ensemble = OCREnsemble(EnsembleSettings(engines=("pdf_text",), confirming=()))
    said: dict[str, Counter[bool]] = {"swapped": Counter(), "true": Counter()}
    for family, name, pdf in islice(_swaps(seed, families), 2 * count):
        kind = "swapped" if name else "true"
        outcome = process(pdf, Request(f"{family}-{name}", f"{family}.pdf"), ensemble)
        found = [broken.message for broken in outcome.violations if broken.rule == RULE]
        said[kind][bool(found)] += 1
        if bool(found) != bool(name):
            print(f"{family} {name or 'true'}: {found or 'nothing is said'}")
    print("; ".join(f"{told[True]} of {told.total()} {kind} codes reported" for kind, told in said.items()))
    return 0


def _swaps(seed: int, families: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """Family, what is swapped ("" for nothing) and an invoice with the code: all values of all families in turn, each
    with the true one after it."""
    for at in count(seed):
        for family in families:
            rng = np.random.default_rng([at, len(family)])
            facts = make_facts(rng, family)
            pdf = coded_invoice(family, facts, rng)
            for name, text in swapped(family, facts, rng):
                for told, own in ((name, text), ("", WRITERS[family](facts))):
                    symbol = make_symbol(own, PRINTS[family], latin_2=family == "upn_qr")
                    yield family, told, print_symbols(pdf, [symbol])[0]


def _add(counts: Counts, more: Counts) -> None:
    counts.printed += more.printed
    counts.read += more.read
    counts.mapped += more.mapped
    counts.milliseconds += more.milliseconds


def _show(kind: str, found: dict[str, Counts]) -> None:
    whole = Counts()
    for name, counts in found.items():
        print(f"{kind:6} {name:18} {counts.read:4} read {counts.mapped:4} mapped of {counts.printed:4}")
        _add(whole, counts)
    times = sorted(whole.milliseconds)
    share = 100 * whole.mapped / max(1, whole.printed)
    print(
        f"{kind:6} all: {whole.mapped} of {whole.printed} mapped ({share:.1f} %); {median(times):.0f} ms a page, 95 of "
        f"100 within {times[int(0.95 * (len(times) - 1))]:.0f} ms"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="invoices of each family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--swapped", type=int, default=0, help="how many swapped codes to look for instead")
    parser.add_argument("--kinds", type=lambda text: tuple(text.split(",")), default=KINDS)
    parser.add_argument("--families", type=lambda text: tuple(text.split(",")), default=tuple(WRITERS))
    return parser


if __name__ == "__main__":
    sys.exit(main())
