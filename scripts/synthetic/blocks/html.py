"""HTML elements as text."""

from __future__ import annotations

from collections.abc import Iterable


def element(tag: str, content: str, css: str = "", kind: str = "", span: int = 1) -> str:
    """`kind` is the element's class, `span` the columns that a cell covers."""
    style = f' style="{css}"' if css else ""
    named = f' class="{kind}"' if kind else ""
    wide = f' colspan="{span}"' if span > 1 else ""
    return f"<{tag}{named}{style}{wide}>{content}</{tag}>"


def div(content: str, css: str = "", kind: str = "") -> str:
    return element("div", content, css, kind)


def span(content: str, css: str = "", kind: str = "") -> str:
    return element("span", content, css, kind)


def cell(content: str, css: str = "", kind: str = "", across: int = 1) -> str:
    return element("td", content, css, kind, across)


def row(cells: Iterable[str], css: str = "") -> str:
    return element("tr", "".join(cells), css)


def table(rows: Iterable[str], css: str = "", kind: str = "") -> str:
    return element("table", "".join(rows), css, kind)


def document(language: str, css: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><style>{css}</style></head>'
        f"<body>{body}</body></html>"
    )
