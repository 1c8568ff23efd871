"""What Donut writes, as JSON: ``<s_total><s_price>9.00</s_price></s_total>`` is ``{"total": {"price": "9.00"}}``."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

_OPENING = re.compile("<s_", re.IGNORECASE)
SEPARATOR = "<sep/>"


def said(text: str, added: Container[str], inner: bool = False) -> Any:
    """The values by their tags, as ``DonutProcessor.token2json`` (Apache-2.0, the Hugging Face team) gives them.

    ``added``: the tokenizer's own tags, of which ``<name/>`` are values that are called ``name``; ``inner``: the text
    stands between two tags, and its values come as a list.
    """
    output: dict[str, Any] = {}
    while found := _OPENING.search(text):
        tag = text[found.start() :]
        if ">" not in tag:
            break
        tag = tag[: tag.index(">") + 1]
        key = tag[len("<s_") : -1]
        closing = re.search(rf"</s_{re.escape(key)}>", text, re.IGNORECASE)
        if closing is None:
            text = text.replace(tag, "")
            continue
        end = closing.group()
        content = re.search(f"{re.escape(tag)}(.*?){re.escape(end)}", text, re.IGNORECASE | re.DOTALL)
        if content is not None:
            _keep(output, key, content[1].strip(), added)
        text = text[text.find(end) + len(end) :].strip()
        if text.startswith(SEPARATOR):
            return [output, *said(text[len(SEPARATOR) :], added, inner=True)]
    if inner:
        return [output] if output else []
    return output or {"text_sequence": text}


def _keep(output: dict[str, Any], key: str, content: str, added: Container[str]) -> None:
    if "<s_" in content and "</s_" in content:
        groups = said(content, added, inner=True)
        if groups:
            output[key] = groups[0] if len(groups) == 1 else groups
        return
    leaves = [leaf.strip() for leaf in content.split(SEPARATOR)]
    leaves = [leaf[1:-2] if leaf in added and leaf[0] == "<" and leaf[-2:] == "/>" else leaf for leaf in leaves]
    output[key] = leaves[0] if len(leaves) == 1 else leaves
