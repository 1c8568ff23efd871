"""How a document looks: faces, sizes, colours, distances, and which of its labels are bold, small or coloured."""

from __future__ import annotations

import functools
import subprocess
from dataclasses import dataclass

import numpy as np

from scripts.synthetic.draw import chance, pick, whole

_ACCENTS = (
    "#1f3a5f", "#0b6e4f", "#8c1c13", "#444444", "#000000", "#2e6da4", "#b5651d", "#5b2a86", "#c2410c", "#0f766e",
    "#334155", "#9d174d", "#4d7c0f", "#1d4ed8", "#b91c1c", "#78350f", "#64748b", "#e11d48",
)  # fmt: skip
_UNFIT = (
    "Emoji",
    "Math",
    "Symbol",
    "Braille",
    "3270",
    "Z003",
    "Dingbats",
    "DotGothic",
    "OCR",
    "Terminus",
    "Spleen",
    "Proggy",
)
LABELS = ("", "font-weight:bold", "color:#666", "font-size:.82em;color:#555", "color:var(--a)", "font-style:italic",
          "font-weight:bold;color:var(--a)", "font-size:.75em;letter-spacing:.06em",
          "font-size:.88em;font-weight:bold")  # fmt: skip

NAMES = ("", "font-weight:bold", "font-weight:bold", "font-size:1.15em;font-weight:bold")


@dataclass(frozen=True)
class Style:
    """CSS values: sizes in points, margins of the page in millimetres."""

    family: str
    heading: str
    size: float
    leading: float
    accent: str
    tint: str
    margins: tuple[float, float, float, float]
    label: str
    name: str
    letter: bool

    @property
    def css(self) -> str:
        """The document's style sheet."""
        top, right, bottom, left = self.margins
        page = "letter" if self.letter else "A4"
        return (
            f"@page{{size:{page};margin:{top}mm {right}mm {bottom}mm {left}mm}}"
            f":root{{--a:{self.accent};--t:{self.tint}}}"
            f"*{{box-sizing:border-box}}html,body{{margin:0;padding:0}}"
            f"body{{font-family:'{self.family}',sans-serif;font-size:{self.size}pt;line-height:{self.leading};color:#111;"
            "-webkit-print-color-adjust:exact}"
            "a{color:inherit;text-decoration:none}.k{white-space:nowrap}table{border-collapse:collapse}"
            "td,th{vertical-align:top;text-align:left;font-weight:inherit;padding:0}tr{break-inside:avoid}"
            f".l{{{self.label}}}.n{{{self.name}}}.h{{font-family:'{self.heading}',sans-serif}}"
            ".r{text-align:right}.c{text-align:center}.row{display:flex;justify-content:space-between;gap:6mm}"
            ".g{margin-bottom:5mm;break-inside:avoid}.i{break-inside:auto}"
        )


def make_style(rng: np.random.Generator, language: str, country: str) -> Style:
    """A random style in a face that has the language's letters."""
    faces = families(language)
    mono = tuple(each for each in faces if each in families(language, ":spacing=mono") or "Courier" in each)
    plain = tuple(each for each in faces if each not in mono)
    family = pick(rng, mono) if mono and chance(rng, 0.07) else pick(rng, plain)
    size = float(rng.choice([7.5, 8, 8.5, 9, 9, 9.5, 10, 10, 10.5, 11]))
    accent = pick(rng, _ACCENTS)
    return Style(
        family=family, heading=family if chance(rng, 0.7) else pick(rng, plain),
        size=size - (1 if "DejaVu" in family or family in mono else 0),
        leading=float(rng.choice([1.15, 1.25, 1.35, 1.5])),
        accent=accent, tint=pick(rng, ("#eee", "#f3f4f6", "#e8eef5", "#f5efe6", "#eaf4ee", f"{accent}22")),
        margins=(whole(rng, 8, 21), whole(rng, 10, 23), whole(rng, 9, 17), whole(rng, 10, 25)),
        label=pick(rng, LABELS), name=pick(rng, NAMES),
        letter=country in ("US", "CA") and chance(rng, 0.8),
    )  # fmt: skip


@functools.cache
def families(language: str, more: str = "") -> tuple[str, ...]:
    """Installed families with the language's letters, by fontconfig's pattern; `OSError` without `fc-list`."""
    asked = ["fc-list", f":lang={'no' if language == 'nb' else language}{more}", "--format", "%{family[0]}\\n"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    usable = {each for each in found if each and not any(word in each for word in _UNFIT)}
    return tuple(sorted(usable)) or ("sans-serif",)
