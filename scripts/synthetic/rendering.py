"""Drawn pages as PDF, as clean images, as scans and as photos."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from scripts.synthetic import degrade, moving
from scripts.synthetic.degrade import Image, Profile, Step
from scripts.synthetic.sheet import Area, Page, Polygon, Rule, Text

Matrix = NDArray[np.float64]
Box = tuple[float, float, float, float]

POINTS_PER_INCH = 72.0
KINDS = ("pdf", "scan", "photo")


@dataclass(frozen=True)
class Picture:
    """A page as an image (H, W) or (H, W, 3); `matrix` (3 x 3) takes points of the page to pixels of the image."""

    image: Image
    matrix: Matrix

    def quad(self, box: Box) -> NDArray[np.float64]:
        """The corners of a box in points as pixels, shape (4, 2): clockwise from top left."""
        left, top, right, bottom = box
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
        return moving.move_points(corners, self.matrix)

    def box(self, box: Box) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels of the upright rectangle about the moved box."""
        quad = self.quad(box)
        left, top = np.floor(quad.min(axis=0)).astype(int).tolist()
        right, bottom = np.ceil(quad.max(axis=0)).astype(int).tolist()
        return left, top, right, bottom


def to_pdf(pages: tuple[Page, ...], title: str = "") -> bytes:
    """A PDF with text layer; the same pages give the same bytes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(pages[0].width, pages[0].height), invariant=1)
    canvas.setTitle(title)
    for page in pages:
        canvas.setPageSize((page.width, page.height))
        for command in page.commands:
            _draw(canvas, page.height, command)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def render_pdf(pdf: bytes, dpi: float) -> tuple[Picture, ...]:
    """Every page in RGB at `dpi`."""
    document = pypdfium2.PdfDocument(pdf)
    scale = dpi / POINTS_PER_INCH
    try:
        images = [np.array(page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]) for page in document]
    finally:
        document.close()
    return tuple(Picture(image, np.diag([scale, scale, 1.0])) for image in images)


def _draw(canvas: Canvas, height: float, command: Text | Rule | Area | Polygon) -> None:
    """One command on a canvas whose origin is the lower left corner."""
    if isinstance(command, Text):
        canvas.setFillColorRGB(*command.colour)
        canvas.setFont(command.font, command.size)
        canvas.drawString(command.x, height - command.y, command.text)
    elif isinstance(command, Rule):
        canvas.setStrokeColorRGB(*command.colour)
        canvas.setLineWidth(command.width)
        canvas.setDash([2, 2] if command.dashed else [])
        canvas.line(command.x1, height - command.y1, command.x2, height - command.y2)
        canvas.setDash([])
    elif isinstance(command, Area):
        _draw_area(canvas, height, command)
    else:
        _draw_polygon(canvas, height, command)


def _draw_area(canvas: Canvas, height: float, area: Area) -> None:
    if area.fill is not None:
        canvas.setFillColorRGB(*area.fill)
    if area.stroke is not None:
        canvas.setStrokeColorRGB(*area.stroke)
        canvas.setLineWidth(area.width)
    place = (area.left, height - area.bottom, area.right - area.left, area.bottom - area.top)
    paint = {"stroke": int(area.stroke is not None), "fill": int(area.fill is not None)}
    if area.radius:
        canvas.roundRect(*place, area.radius, **paint)
    else:
        canvas.rect(*place, **paint)


def _draw_polygon(canvas: Canvas, height: float, polygon: Polygon) -> None:
    canvas.setFillColorRGB(*polygon.fill)
    if len(polygon.points) == 2:
        (x, y), (edge_x, edge_y) = polygon.points
        canvas.circle(x, height - y, float(np.hypot(edge_x - x, edge_y - y)), stroke=0, fill=1)
        return
    path = canvas.beginPath()
    path.moveTo(polygon.points[0][0], height - polygon.points[0][1])
    for x, y in polygon.points[1:]:
        path.lineTo(x, height - y)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


# Page-sized versions of the line profiles: a fault that covers a fifth of a line must not cover a fifth of a page.
SCAN = Profile("scanned page", (
    Step(degrade.bleed, 0.25, 0, 0.3), Step(degrade.thin, 0.15, 0, 0.35), Step(degrade.fade, 0.12, 0, 0.4),
    Step(degrade.paper_grain, 0.3, 0, 0.35), Step(degrade.blur, 0.45, 0, 0.4), Step(degrade.noise, 0.7, 0, 0.3),
    Step(degrade.levels, 0.5, 0, 0.45), Step(degrade.sharpen, 0.3, 0, 0.4), Step(degrade.binarise, 0.1, 0, 0.4),
    Step(degrade.dust, 0.3, 0, 0.03), Step(degrade.jpeg, 0.8, 0.15, 0.65),
))  # fmt: skip
THERMAL_SCAN = Profile("scanned receipt", (
    Step(degrade.bleed, 0.25, 0, 0.4), Step(degrade.thin, 0.2, 0, 0.4), Step(degrade.fade, 0.4, 0, 0.6),
    Step(degrade.stripes, 0.12, 0, 0.25), Step(degrade.crumple, 0.15, 0, 0.5), *SCAN.steps[3:],
))  # fmt: skip
PHOTO = Profile("photographed page", (
    Step(degrade.bleed, 0.15, 0, 0.3), Step(degrade.crumple, 0.3, 0.1, 0.5), Step(degrade.shadow, 0.75, 0.1, 0.75),
    Step(degrade.paper_grain, 0.4, 0, 0.2), Step(degrade.motion_blur, 0.15, 0, 0.5), Step(degrade.blur, 0.6, 0, 0.5),
    Step(degrade.noise, 0.9, 0.05, 0.35), Step(degrade.levels, 0.5, 0, 0.4), Step(degrade.jpeg, 0.9, 0.1, 0.6),
))  # fmt: skip


def scan(picture: Picture, rng: np.random.Generator, profile: Profile = SCAN) -> Picture:
    """The page through a scanner: grey, a little askew, with a scanner's faults."""
    grey = cv2.cvtColor(picture.image, cv2.COLOR_RGB2GRAY)
    centre = (grey.shape[1] / 2, grey.shape[0] / 2)
    turn = np.vstack([cv2.getRotationMatrix2D(centre, float(np.clip(rng.normal(0, 0.5), -1.5, 1.5)), 1.0), [0, 0, 1]])
    image = moving.warp(np.asarray(grey, np.uint8), turn)
    return Picture(degrade.degrade(image, rng, profile), turn @ picture.matrix)


def photograph(picture: Picture, rng: np.random.Generator, slant: float = 0.6, profile: Profile = PHOTO) -> Picture:
    """The page on a table through a phone camera: perspective, uneven light, blur, noise.

    `slant` 0..1 bounds how far the corners move.
    """
    height, width = picture.image.shape[:2]
    margin = round(0.05 * max(height, width))
    size = (width + 2 * margin, height + 2 * margin)
    matrix = _camera(rng, (width, height), margin, slant)
    table = _table(rng, (size[1], size[0]))
    page = cv2.warpPerspective(picture.image, matrix, size, flags=cv2.INTER_AREA)
    covered = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    shade = cv2.GaussianBlur(covered, (0, 0), margin * 0.25)[:, :, None] / 255.0
    mask = covered[:, :, None] / 255.0
    tint = np.array(rng.uniform((246, 243, 232), (255, 254, 250)), np.float32) / 255.0
    mixed = page * tint * mask + table * (1 - mask) * (1 - 0.45 * shade)
    image = degrade.degrade(np.clip(mixed, 0, 255).astype(np.uint8), rng, profile)
    return Picture(image, matrix @ picture.matrix)


def worsened(picture: Picture, rng: np.random.Generator, kind: str, document: str) -> Picture:
    """As a `kind` of `KINDS`; a `document` "receipt" is scanned as thermal paper."""
    if kind == "scan":
        return scan(picture, rng, THERMAL_SCAN if document == "receipt" else SCAN)
    return photograph(picture, rng) if kind == "photo" else picture


def _camera(rng: np.random.Generator, page: tuple[int, int], margin: int, slant: float) -> Matrix:
    """Page pixels to canvas pixels: each corner moves by up to the margin, the whole turns a little."""
    width, height = page
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    centre = corners.mean(axis=0)
    angle = np.deg2rad(rng.uniform(-2.0, 2.0) * slant)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (corners - centre) @ turn.T * 0.97 + centre + margin
    moved += rng.uniform(-1, 1, (4, 2)) * margin * 0.75 * slant
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32)), np.float64)


def _table(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """A surface to lie on: one colour, with grain along one direction. Shape (H, W, 3), 0..255."""
    colours = ((96, 72, 52), (140, 112, 84), (58, 60, 66), (172, 168, 160), (118, 84, 58), (44, 52, 62))
    colour = np.array(colours[int(rng.integers(len(colours)))], np.float32)
    grain = degrade.smooth_field((shape[0], max(8, shape[1] // 24)), rng, 6.0)
    wood = cv2.resize(grain, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    light = degrade.smooth_field(shape, rng, max(shape) / 2)
    return np.asarray(colour * (0.8 + 0.25 * wood + 0.2 * light)[:, :, None], np.float32)
