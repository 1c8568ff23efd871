"""The page with what was found on it: fields named and framed, the colour telling how sure they are."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from db.records import JobRecord
from invoice_connector.exports.pages import ShownPage
from ocr_ensemble.layout import BoundingBox

Color = tuple[int, int, int]

SURE, DOUBTFUL, WRONG, LINE = (0, 128, 60), (214, 120, 0), (200, 0, 40), (120, 140, 190)
CORRECTED = (30, 80, 200)
_SURE_FROM, _DOUBTFUL_FROM = 0.9, 0.5  # probability that the value is right


def annotated(record: JobRecord, page: ShownPage) -> bytes:
    """A PNG in the page's own pixels: thin frames around lines, thick ones around fields with name and
    probability, or with what a person wrote instead."""
    image = Image.fromarray(page.pixels)
    draw = ImageDraw.Draw(image)
    thick = max(2, page.height // 700)
    font = ImageFont.load_default(size=max(11, page.height // 110))
    for line in record.lines:
        if line["page"] == page.number:
            doubtful = (line.get("confidence") or 0.0) < _DOUBTFUL_FROM
            draw.rectangle(_frame(line["box"]), outline=WRONG if doubtful else LINE, width=1)
    for name, field in record.fields.items():
        if field["page"] != page.number:
            continue
        by_hand = field.get("corrected", False)
        color = CORRECTED if by_hand else doubt_color(field["confidence"])
        draw.rectangle(_frame(field["box"]), outline=color, width=thick)
        sure = field["value"] if by_hand else "?" if field["confidence"] is None else f"{field['confidence']:.2f}"
        _label(draw, field["box"], f"{name.replace('_', ' ')} {sure}", (font, color))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def doubt_color(confidence: float | None) -> Color:
    """Green when sure, orange in doubt or unknown, red when more likely wrong than right."""
    if confidence is None:
        return DOUBTFUL
    return SURE if confidence >= _SURE_FROM else DOUBTFUL if confidence >= _DOUBTFUL_FROM else WRONG


def _label(
    draw: ImageDraw.ImageDraw,
    box: list[int],
    text: str,
    style: tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, Color],
) -> None:
    """The text on a coloured strip above the box, or below where there is no room."""
    font, color = style
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    height = round(bottom - top) + 4
    y = box[1] - height - 2 if box[1] > height + 2 else box[3] + 2
    draw.rectangle((box[0], y, box[0] + right - left + 6, y + height), fill=color)
    draw.text((box[0] + 3, y + 2 - top), text, fill="white", font=font)


def _frame(box: list[int]) -> tuple[int, int, int, int]:
    found = BoundingBox(*box)
    return found.left, found.top, found.right - 1, found.bottom - 1
