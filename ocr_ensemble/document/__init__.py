"""Files to upright page images with what was measured and done on the way."""

from ocr_ensemble.document.decode import load_document, read_source
from ocr_ensemble.document.limits import Limits
from ocr_ensemble.document.page import Document, ImageQuality, PageImage, PreprocessingStep
from ocr_ensemble.document.preprocess import Treatments

__all__ = [
    "Document",
    "ImageQuality",
    "Limits",
    "PageImage",
    "PreprocessingStep",
    "Treatments",
    "load_document",
    "read_source",
]
