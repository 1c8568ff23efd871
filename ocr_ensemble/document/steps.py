"""What a decoder tells of a page beside its pixels. Imports nothing, so that the decoding process starts fast."""

from __future__ import annotations

from dataclasses import dataclass

LOWER_RESOLUTION = "lower_resolution"  # the step of a page that is larger than what is rendered
NO_FONTS = "fonts_missing"  # the step of a page whose text nothing could be drawn of
DRAWINGS_SCALE = 0.5  # of the page, at which drawings are looked for: stamps are large


@dataclass(frozen=True, slots=True)
class PreprocessingStep:
    """One treatment and why it was chosen, as it goes into the audit log."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """A part of a file that became no page, and why, in words. ``may_matter``: it may show what no page shows."""

    part: str
    reason: str
    may_matter: bool = False
