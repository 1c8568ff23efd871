"""Settings of a reading, with their defaults and units. Frozen: change one with ``dataclasses.replace``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ocr_ensemble.document.isolation import Isolation
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.engines.protocols import EngineSettings


class Policy(StrEnum):
    """How engines share the work: FALLBACK asks them in order, the next one only where doubt is left; FUSION has every
    engine read everything; SINGLE takes the first available one alone."""

    FALLBACK = "fallback"
    FUSION = "fusion"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class EnsembleSettings:
    """``engines`` in the order they are asked; ``detector`` the engine that finds the lines when a reader of lines
    comes first; ``confirming`` those of the engines that compare a text layer with the picture, in order, and
    ``first_look`` a cheap reader of lines before them, which confirms and never contradicts; ``certain`` the
    probability (0..1) from which a line needs no further engine; ``wanted_error`` the share of wrong lines (0..1) that
    is accepted among those that no reader of lines looks at again; ``line_share`` the largest share of a page's
    lines that such a reader is given; ``budget_ms`` the milliseconds of engine time on a page after which no further
    engine is asked; ``keep`` the probability below which a line that one engine alone saw is taken for dirt;
    ``engine_seconds`` the time limit of one engine on one page; ``document_seconds`` the time after which no further
    page of a document is begun; ``cached_documents`` how many readings are kept in memory for files that come again;
    ``limits`` how large a document may be, ``isolation`` what decoding it may cost."""

    engines: tuple[str, ...] = ("pdf_text", "rapidocr", "tesseract", "rapidocr_again", "trocr")
    policy: Policy = Policy.FALLBACK
    detector: str = "rapidocr"
    confirming: tuple[str, ...] = ("tesseract", "rapidocr")
    first_look: str | None = "easyocr"
    certain: float = 0.99
    wanted_error: float = 0.005
    line_share: float = 0.25
    budget_ms: float | None = None
    keep: float = 0.1
    engine_seconds: float = 120.0
    document_seconds: float = 480.0
    cached_documents: int = 256
    engine: EngineSettings = field(default_factory=EngineSettings)
    limits: Limits = field(default_factory=Limits)
    isolation: Isolation = field(default_factory=Isolation)
