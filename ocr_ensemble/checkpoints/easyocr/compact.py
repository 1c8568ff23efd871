"""EasyOCR's own network; its sizes are in the YAML file."""

from easyocr.model.vgg_model import Model

__all__ = ["Model"]
