"""How large a document may be. Every limit is a setting with a stated default."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_ensemble.errors import DocumentTooLargeError, PageTooSmallError


@dataclass(frozen=True, slots=True)
class Limits:
    """All sizes are inclusive. ``max_pixels`` bounds one page as its header states it, before a byte is decoded, and
    ``max_side`` (pixels) its longer side: at 200 dpi the default is nearly four metres;
    ``max_render_pixels`` bounds a rendered PDF page, whose resolution is lowered until it fits;
    ``max_total_pixels`` bounds all pages together as they are kept in memory (3 bytes each)."""

    max_bytes: int = 50_000_000
    max_pages: int = 200
    max_pixels: int = 60_000_000
    max_render_pixels: int = 16_000_000
    max_total_pixels: int = 500_000_000
    max_side: int = 30_000
    min_side: int = 16
    pdf_dpi: int = 200

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")

    def check_bytes(self, size: int, name: str) -> None:
        """Raises DocumentTooLargeError beyond ``max_bytes``."""
        if size > self.max_bytes:
            raise DocumentTooLargeError(
                f"{name} has {size:,} bytes and the limit is {self.max_bytes:,}; "
                "split or compress it, or raise the limit max_bytes."
            )

    def check_page_count(self, count: int, name: str) -> None:
        """Raises DocumentTooLargeError beyond ``max_pages``."""
        if count > self.max_pages:
            raise DocumentTooLargeError(
                f"{name} has {count:,} pages and the limit is {self.max_pages:,}; "
                "split it into one file per invoice, or raise the limit max_pages."
            )

    def check_page_size(self, width: int, height: int, where: str) -> None:
        """Raises DocumentTooLargeError beyond ``max_pixels`` and ``max_side``, PageTooSmallError below ``min_side``;
        sides in pixels."""
        if width * height > self.max_pixels:
            raise DocumentTooLargeError(
                f"{where} measures {width:,} x {height:,} pixels and the limit is {self.max_pixels:,} pixels; "
                "scan it at 300 dpi or scale it down, or raise the limit max_pixels."
            )
        if max(width, height) > self.max_side:
            raise DocumentTooLargeError(
                f"{where} measures {width:,} x {height:,} pixels and no side may have more than {self.max_side:,}; "
                "cut it into several pages and send those."
            )
        if min(width, height) < self.min_side:
            raise PageTooSmallError(
                f"{where} measures only {width} x {height} pixels, too few for legible text (at least "
                f"{self.min_side} on each side); scan or photograph the document again."
            )

    def check_total(self, pixels: int, name: str) -> None:
        """Raises DocumentTooLargeError beyond ``max_total_pixels``."""
        if pixels > self.max_total_pixels:
            raise DocumentTooLargeError(
                f"the pages of {name} have more than {self.max_total_pixels:,} pixels together; "
                "split it into one file per invoice, or raise the limit max_total_pixels."
            )
