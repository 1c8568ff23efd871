"""XML of strangers as a tree, and what lies at the paths of ``syntaxes.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from db import inputs
from invoice_connector.einvoice.errors import EmbeddedInvoiceError

_SUM = "sum:"
_STEP = re.compile(r"(?:[^/\[]|\[[^\]]*\])+")  # of a path: a slash within brackets parts no steps
_ATTRIBUTE = re.compile(r"(?:^|/)@(\w+)$")
_JOINED = re.compile(r"([+~])")


def safe_root(content: bytes, name: str) -> Any:
    """Parsed without entities, DTD and network, so that nothing in it can grow or fetch."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        what = getattr(error, "msg", None) or error
        raise EmbeddedInvoiceError(f"{name} is not well formed ({what}); ask the seller for a correct one") from error
    if root.getroottree().docinfo.doctype:
        raise EmbeddedInvoiceError(f"{name} declares a document type, which invoices must not have; it was not read")
    return root


def text_at(node: Any, path: str) -> str | None:
    """The first text that one of the paths leads to, white space squeezed; None where there is none."""
    for way in path.split():
        if found := _of_way(node, way):
            return found
    return None


def nodes_at(node: Any, path: str) -> list[Any]:
    """The elements at a path, in the order of the document."""
    found = [node]
    for step in _STEP.findall(path):
        names, _, condition = step.partition("[")
        wanted = frozenset(names.split("|"))
        below = (child for parent in found for child in parent.iterchildren("{*}*"))
        named = (child for child in below if etree.QName(child).localname in wanted)
        found = [child for child in named if not condition or _holds(child, condition.rstrip("]"))]
    return found


def _of_way(node: Any, way: str) -> str | None:
    if way.startswith(_SUM):
        return _sum(node, way.removeprefix(_SUM))
    first, *more = _JOINED.split(way)
    text = _single(node, first)
    for joint, part in zip(more[::2], more[1::2], strict=True):
        other = _single(node, part)
        if text is None or other is None:
            return None
        text += (" " if joint == "+" else "") + other
    return text


def _single(node: Any, path: str) -> str | None:
    attribute = _ATTRIBUTE.search(path)
    for found in nodes_at(node, path[: attribute.start()] if attribute else path):
        text = found.get(attribute[1]) or "" if attribute else "".join(found.itertext())
        if squeezed := " ".join(text.split()):
            return inputs.text(squeezed, path.rpartition("/")[2], inputs.LONG_TEXT)
    return None


def _sum(node: Any, path: str) -> str | None:
    """What the amounts at a path add up to; None where there is none."""
    amounts = list(_amounts(node, path))
    return f"{sum(amounts[1:], amounts[0]):f}" if amounts else None


def _amounts(node: Any, path: str) -> Iterator[Any]:
    for found in nodes_at(node, path):
        if text := "".join(found.itertext()).strip():
            yield inputs.amount(text, path.rpartition("/")[2])


def _holds(node: Any, condition: str) -> bool:
    place, _, value = condition.partition("=")
    if place.startswith("@"):
        return bool(node.get(place[1:]) == value)
    return text_at(node, place) == value
