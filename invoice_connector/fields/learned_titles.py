"""What kind of paper a title names that no locale has, for first pages without any that is known."""

from __future__ import annotations

from collections.abc import Iterator

from invoice_connector.fields.context import PageContext
from invoice_connector.fields.geometry import Segment
from invoice_connector.fields.meaning_model import NOTHING, meaning_model, plain
from ocr_ensemble.page_layout import same_row

_MOST = 3  # lines of a page that the encoder is asked about, the largest first
_LONGEST = 6  # words of a title
_SURE = 0.9  # probability of a kind
_LARGE = 1.2  # in heights of the page's lines
_LOWEST = 0.5  # of the page's height


def learned_titles(context: PageContext) -> Iterator[tuple[Segment, str]]:
    """The lines that are likely a title, and the kind of paper that each names; none where no encoder runs."""
    model = meaning_model("titles")
    lines = sorted((each for each in context.segments if _may_be_title(context, each)), key=lambda each: -each.height)
    if model is None or not lines:
        return
    shares = model.probabilities([plain(line.text).lower() for line in lines[:_MOST]])
    for line, own in zip(lines, shares, strict=False):
        kind = model.classes[int(own.argmax())]
        if kind != NOTHING and own.max() >= _SURE:
            yield line, kind


def _may_be_title(context: PageContext, segment: Segment) -> bool:
    """Whether it is large, or alone on its row, and neither a label nor a value."""
    text = segment.text
    if segment.box.center[1] > _LOWEST * context.page.height or len(text.split()) > _LONGEST:
        return False
    if any(map(str.isdigit, text)) or ":" in text or sum(map(str.isalpha, text)) < 4 or context.labels_of(segment):
        return False
    if segment.height >= _LARGE * context.line_height:
        return True
    return not any(each is not segment and same_row(each.box, segment.box) for each in context.segments)
