"""What a mail says in its own text: its paragraphs, without what it quotes of other mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree, html

_LONGEST = 20_000  # characters of a text that are looked at
_MOST = 60  # paragraphs
_LONGEST_PARAGRAPH = 2_000  # characters that are kept of one
_QUOTED = ">"
_UNSEEN = ("script", "style", "head", "title")


def paragraphs_in(subject: str | None, texts: Sequence[str], as_page: bool = False) -> tuple[str, ...]:
    """A mail's subject and the paragraphs of its texts, each once. ``as_page``: the texts are HTML."""
    plain = [subject or "", *(_of_page(text) if as_page else text for text in texts)]
    found = (paragraph for text in plain for paragraph in _paragraphs(text[:_LONGEST]))
    return tuple(dict.fromkeys(found))[:_MOST]


def _paragraphs(text: str) -> Iterator[str]:
    """What empty lines divide; a line that is quoted is another mail's."""
    paragraph = ""
    for line in [*text.splitlines(), ""]:
        words = " ".join(line.split())
        if words and not words.startswith(_QUOTED):
            paragraph += (" " if paragraph else "") + words
            continue
        if paragraph:
            yield paragraph[:_LONGEST_PARAGRAPH]
        paragraph = ""


def _of_page(text: str) -> str:
    """The text of a page in HTML, its blocks on lines of their own; nothing of one that cannot be read."""
    try:
        page = html.fromstring(text[: 10 * _LONGEST])
    except (etree.ParserError, ValueError):
        return ""
    pieces = []
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("p", "div", "br", "tr", "li", "table", "h1", "h2", "h3"):
            pieces.append("\n\n")
        if element.tag not in _UNSEEN:
            pieces.append(element.text or "")
        pieces.append(element.tail or "")
    return "".join(pieces)
