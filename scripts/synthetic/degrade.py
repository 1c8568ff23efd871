"""What printers, paper, scanners and phones do to print.

Every fault is a pure function `(image, rng, strength) -> image` over uint8 arrays, (H, W) or (H, W, 3), dark
print on light paper, strength 0..1; shape and dtype are kept. Faults that move pixels are in `moving`. `degrade` runs a
profile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Fault = Callable[[Image, np.random.Generator, float], Image]


def _image(values: NDArray[Any]) -> Image:
    return np.asarray(values, np.uint8)


def _clip(values: NDArray[Any]) -> Image:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _like(field: NDArray[Any], image: Image) -> NDArray[Any]:
    """A (H, W) field made to broadcast over `image`."""
    return field[..., None] if image.ndim == 3 else field


def _paper(image: Image) -> float:
    return float(np.percentile(image[:: max(1, image.shape[0] // 64), :: max(1, image.shape[1] // 64)], 90))


def _blend(image: Image, other: Image, amount: float) -> Image:
    return _image(cv2.addWeighted(image, 1.0 - amount, other, amount, 0.0))


def smooth_field(shape: tuple[int, int], rng: np.random.Generator, cell: float) -> NDArray[np.float32]:
    """Smooth random values in 0..1, shape (H, W), that change over about `cell` pixels."""
    rows, columns = max(2, round(shape[0] / cell) + 1), max(2, round(shape[1] / cell) + 1)
    coarse = rng.random((rows, columns), dtype=np.float32)
    return np.clip(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), 0, 1)


# Print


def bleed(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Ink that spreads: thicker strokes, closed counters."""
    size = (3, 3) if strength > 0.7 else [(2, 2), (2, 1), (1, 2)][int(rng.integers(3))]
    return _blend(image, _image(cv2.erode(image, np.ones(size, np.uint8))), min(1.0, 0.3 + strength))


def thin(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Too little ink: strokes lose pixels at their edges."""
    size = [(2, 2), (2, 1), (1, 2)][int(rng.integers(3))]
    return _blend(image, _image(cv2.dilate(image, np.ones(size, np.uint8))), 0.2 + 0.6 * strength)


def fade(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Thermal print that went pale, unevenly."""
    paper = _paper(image)
    field = smooth_field(image.shape[:2], rng, float(rng.uniform(6, 80)))
    keep = 1.0 - strength * (0.3 + 0.45 * field)
    return _clip(paper + (image.astype(np.float32) - paper) * _like(keep, image))


def worn_spots(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Patches where the print is all but gone."""
    field = smooth_field(image.shape[:2], rng, float(rng.uniform(4, 14)))
    keep = np.clip((field - 0.42 * strength) * 6.0, 0.2, 1.0)
    paper = _paper(image)
    return _clip(paper + (image.astype(np.float32) - paper) * _like(keep, image))


def stripes(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Dead dots of a thermal head (vertical) or slipping paper (horizontal): thin lines without print."""
    height, width = image.shape[:2]
    out = image.astype(np.float32)
    paper = _paper(image)
    vertical = rng.random() < 0.5
    extent = width if vertical else height
    count = 1 + int(rng.poisson(strength * extent / (60 if vertical else 25)))
    for position in rng.integers(0, extent, count):
        keep = float(rng.uniform(0.0, 0.6))
        line = out[:, position : position + 1] if vertical else out[position : position + 1]
        line += (paper - line) * (1.0 - keep)
    return _clip(out)


def dots(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Needle printer: strokes made of separate dots."""
    height, width = image.shape[:2]
    period_y, period_x = rng.uniform(2.2, 4.0), rng.uniform(2.0, 3.6)
    wave_y = 0.5 + 0.5 * np.cos(2 * np.pi * (np.arange(height) / period_y + rng.random()))
    wave_x = 0.5 + 0.5 * np.cos(2 * np.pi * (np.arange(width) / period_x + rng.random()))
    lattice = np.sqrt(wave_y[:, None] * wave_x[None, :]).astype(np.float32)
    keep = 1.0 - strength * 0.8 * (1.0 - lattice)
    paper = _paper(image)
    return _clip(paper + (image.astype(np.float32) - paper) * _like(keep, image))


def speckled_ink(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Print on rough paper: single pixels of the strokes stay white."""
    paper = _paper(image)
    holes = rng.random(image.shape[:2], dtype=np.float32) < 0.25 * strength
    keep = np.where(holes, np.float32(rng.uniform(0.1, 0.6)), np.float32(1.0))
    return _clip(paper + (image.astype(np.float32) - paper) * _like(keep, image))


def rules(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """A line under, over or (seldom) through the print, or a table's vertical rule."""
    height, width = image.shape[:2]
    out = image.copy()
    shade = int(rng.integers(0, 140))
    thickness = 1 + int(rng.random() < strength * 0.5)
    kind = rng.random()
    if kind < 0.15:
        x = int(rng.integers(0, width))
        cv2.line(out, (x, 0), (x, height), (shade,) * 3, thickness)
        return out
    share = rng.uniform(0.35, 0.65) if kind > 0.93 else (rng.uniform(0.86, 1.0) if kind > 0.4 else rng.uniform(0, 0.1))
    y = round(height * share)
    cv2.line(out, (0, y), (width, y + int(rng.integers(-1, 2))), (shade,) * 3, thickness)
    return out


def stamp(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Part of a stamp's ring or frame laid over the print."""
    height, width = image.shape[:2]
    layer = np.full_like(image, 255)
    radius = int(rng.uniform(0.6, 2.5) * min(height, width)) + 3
    centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
    shade = int(rng.integers(60, 190))
    if rng.random() < 0.6:
        cv2.circle(layer, centre, radius, (shade,) * 3, 1 + int(rng.integers(1, 3)), cv2.LINE_AA)
    else:
        corner = (centre[0] + 2 * radius, centre[1] + radius)
        cv2.rectangle(layer, centre, corner, (shade,) * 3, 1 + int(rng.integers(1, 3)), cv2.LINE_AA)
    return _clip(image.astype(np.float32) * (1.0 - (255.0 - layer) / 255.0 * (0.4 + 0.6 * strength)))


# Light, paper and lens


def blur(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Out of focus."""
    return _image(cv2.GaussianBlur(image, (0, 0), 0.3 + 1.3 * strength * float(rng.uniform(0.5, 1.0))))


def motion_blur(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """The camera moved."""
    size = 2 + round(3 * strength)
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, np.pi)
    middle, reach = (size - 1) / 2, size / 2
    start = (round(middle - reach * np.cos(angle)), round(middle - reach * np.sin(angle)))
    end = (round(middle + reach * np.cos(angle)), round(middle + reach * np.sin(angle)))
    cv2.line(kernel, start, end, (1.0,), 1)
    return _image(cv2.filter2D(image, -1, kernel / max(1.0, float(kernel.sum()))))


def low_resolution(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Sampled too coarsely and enlarged again."""
    height, width = image.shape[:2]
    factor = 1.0 - 0.6 * strength * float(rng.uniform(0.4, 1.0))
    small = (max(1, round(width * factor)), max(1, round(height * factor)))
    down = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST)[int(rng.integers(3 if strength > 0.3 else 2))]
    up = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(rng.integers(3))]
    return _image(cv2.resize(cv2.resize(image, small, interpolation=down), (width, height), interpolation=up))


def jpeg(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """JPEG at quality 95 (strength 0) down to 15."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(95 - 80 * strength)])
    flag = cv2.IMREAD_COLOR if image.ndim == 3 else cv2.IMREAD_GRAYSCALE
    return np.asarray(cv2.imdecode(data, flag), np.uint8)


def shadow(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """A gradient of light across the picture, or the soft edge of a shadow."""
    height, width = image.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32)
    along = np.float32(np.sin(angle)) * y[:, None] + np.float32(np.cos(angle)) * x[None, :]
    field = 1.0 / (1.0 + np.exp(-(along - rng.uniform(-0.7, 0.7)) * np.float32(rng.uniform(0.8, 8.0))))
    return _clip(image * _like((1.0 - 0.65 * strength * field).astype(np.float32), image))


def noise(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Sensor noise."""
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * (1 + 24 * strength)
    return _clip(image + _like(grain, image))


def dust(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Dark and white specks."""
    out = image.copy()
    height, width = image.shape[:2]
    count = int(rng.poisson(0.004 * strength * height * width))
    rows, columns = rng.integers(0, height, count), rng.integers(0, width, count)
    values = np.where(rng.random(count) < 0.5, rng.integers(0, 100, count), 255).astype(np.uint8)
    out[rows, columns] = values[:, None] if image.ndim == 3 else values
    return out


def binarise(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """A scanner's black-and-white mode, with a threshold that may be off."""
    low, high = float(np.percentile(image, 2)), _paper(image)
    share = 0.55 + 0.3 * strength * float(rng.uniform(-1, 1))
    return np.where(image > low + share * (high - low), 255, 0).astype(np.uint8)


def levels(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Contrast and brightness moved: grey paper, grey ink, or both stretched."""
    low, high = 110 * strength * rng.random(), 255 - 100 * strength * rng.random()
    gamma = np.exp(rng.uniform(-0.7, 0.7) * strength)
    table = low + (high - low) * (np.arange(256) / 255.0) ** gamma
    return _image(cv2.LUT(image, table.astype(np.uint8)))


def sharpen(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """A scanner's sharpening, with its halo."""
    amount = (0.5 + 2.0 * strength) * float(rng.uniform(0.5, 1.0))
    return _image(
        cv2.addWeighted(image, 1 + amount, cv2.GaussianBlur(image, (0, 0), rng.uniform(0.7, 2.0)), -amount, 0)
    )


def paper_grain(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Uneven paper."""
    fine = smooth_field(image.shape[:2], rng, float(rng.uniform(2, 6)))
    broad = smooth_field(image.shape[:2], rng, float(rng.uniform(20, 120)))
    shade = (1.0 - strength * (0.12 * fine + 0.2 * broad)).astype(np.float32)
    return _clip(image * _like(shade, image))


def crumple(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Creases: straight ridges with a light and a dark side."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = np.zeros((height, width), np.float32)
    for _ in range(1 + int(rng.poisson(1 + 2 * strength))):
        angle = rng.uniform(0, np.pi)
        distance = np.cos(angle) * (x - rng.uniform(0, width)) + np.sin(angle) * (y - rng.uniform(0, height))
        reach = rng.uniform(2, 0.1 * max(height, width) + 6)
        shade += np.tanh(distance / 2) * np.exp(-np.abs(distance) / reach) * np.float32(rng.uniform(-1, 1))
    return _clip(image * _like((1.0 + 0.4 * strength * shade).astype(np.float32), image))


@dataclass(frozen=True)
class Step:
    """A fault, how often it strikes (0..1) and the range of its strength."""

    fault: Fault
    probability: float
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Profile:
    """The faults of one way of making a picture, in the order they happen."""

    name: str
    steps: tuple[Step, ...]


def degrade(image: Image, rng: np.random.Generator, profile: Profile, intensity: float = 1.0) -> Image:
    """`image` after the faults of `profile` that strike this time; shape and dtype are kept.

    `intensity` 0..1 scales every strength: small print bears less than large print before nobody can read it.
    """
    for step in profile.steps:
        if rng.random() < step.probability:
            image = step.fault(image, rng, intensity * float(rng.uniform(step.low, step.high)))
    return image


_CAPTURE = (
    Step(low_resolution, 0.3, 0, 0.7), Step(blur, 0.25, 0, 0.6), Step(noise, 0.25, 0, 0.5),
    Step(levels, 0.5), Step(sharpen, 0.2), Step(jpeg, 0.5, 0, 0.7),
)  # fmt: skip

CLEAN = Profile("clean", (Step(blur, 0.3, 0, 0.4), Step(levels, 0.2, 0, 0.5), Step(jpeg, 0.3, 0, 0.4)))
OFFICE = Profile("office scan", (
    Step(bleed, 0.2, 0, 0.5), Step(thin, 0.12, 0, 0.6), Step(rules, 0.06), Step(stamp, 0.02),
    Step(paper_grain, 0.15), Step(binarise, 0.12), *_CAPTURE,
))  # fmt: skip
THERMAL = Profile("thermal print", (
    Step(bleed, 0.3, 0, 0.8), Step(thin, 0.25), Step(fade, 0.35), Step(worn_spots, 0.15, 0.2, 1),
    Step(speckled_ink, 0.2), Step(stripes, 0.15), Step(rules, 0.05), Step(low_resolution, 0.15, 0, 0.5),
    Step(binarise, 0.25), Step(paper_grain, 0.15), *_CAPTURE,
))  # fmt: skip
DOT_MATRIX = Profile("dot matrix", (
    Step(bleed, 0.3, 0, 0.5), Step(dots, 0.85, 0.3, 1), Step(fade, 0.3), Step(rules, 0.04), *_CAPTURE,
))  # fmt: skip
PHOTO = Profile("photo", (
    Step(bleed, 0.15, 0, 0.6), Step(fade, 0.15, 0, 0.7), Step(crumple, 0.25), Step(shadow, 0.6),
    Step(paper_grain, 0.3), Step(motion_blur, 0.2), Step(rules, 0.04), Step(stamp, 0.03), *_CAPTURE, Step(dust, 0.1),
))  # fmt: skip
PROFILES = (CLEAN, OFFICE, THERMAL, DOT_MATRIX, PHOTO)
