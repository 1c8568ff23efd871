"""Page images as files."""

from __future__ import annotations

from pathlib import Path

from PIL import Image as PillowImage

from scripts.synthetic.rendering import Picture

JPEG_QUALITY = 85


def save_pictures(folder: Path, stem: str, pictures: tuple[Picture, ...], dpi: int) -> str:
    """Writes one page as JPEG, several as a PDF of images without text layer; returns the file's name."""
    images = [PillowImage.fromarray(picture.image) for picture in pictures]
    if len(images) == 1:
        name = f"{stem}.jpg"
        images[0].save(folder / name, quality=JPEG_QUALITY, dpi=(dpi, dpi))
        return name
    name = f"{stem}.pdf"
    rest = [image.convert(images[0].mode) for image in images[1:]]
    images[0].save(folder / name, save_all=True, append_images=rest, resolution=dpi, quality=JPEG_QUALITY)
    return name
