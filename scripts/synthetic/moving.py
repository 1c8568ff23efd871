"""Faults that move pixels: pages that lie askew, that are photographed at a slant, or that curl.

Each comes in two steps, so that a caller can move its boxes along: one function returns the map, another applies it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.synthetic.degrade import Image, smooth_field


def skew_matrix(shape: tuple[int, ...], rng: np.random.Generator, strength: float) -> NDArray[np.float64]:
    """3 x 3 matrix (source to target pixels): rotation up to 4 degrees and shear about the centre."""
    angle, shear = np.deg2rad(rng.uniform(-4, 4) * strength), rng.uniform(-0.15, 0.15) * strength
    centre_x, centre_y = shape[1] / 2, shape[0] / 2
    turn = np.array([[np.cos(angle), -np.sin(angle) + shear, 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    to_origin = np.array([[1, 0, -centre_x], [0, 1, -centre_y], [0, 0, 1]], np.float64)
    back = np.array([[1, 0, centre_x], [0, 1, centre_y], [0, 0, 1]], np.float64)
    return np.asarray(back @ turn @ to_origin, np.float64)


def perspective_matrix(shape: tuple[int, ...], rng: np.random.Generator, strength: float) -> NDArray[np.float64]:
    """3 x 3 matrix (source to target pixels) of a page photographed at a slant; corners move inwards by up to 8 %."""
    height, width = shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    moved = corners + inward * (rng.random((4, 2)) * 0.08 * strength * np.array([width, height])).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, moved.astype(np.float32)), np.float64)


def warp(image: Image, matrix: NDArray[np.float64], paper: int = 255) -> Image:
    """The picture moved by a 3 x 3 matrix, same shape; what comes into view is `paper`."""
    size = (image.shape[1], image.shape[0])
    moved = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(paper,) * 3)
    return np.asarray(moved, np.uint8)


def move_points(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2), format (x, y), moved by a 3 x 3 matrix."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def wave_displacement(shape: tuple[int, ...], rng: np.random.Generator, strength: float) -> NDArray[np.float32]:
    """Curled paper: how far each pixel moves down, shape (H, W), at most 1 % of the width."""
    reach = 0.01 * strength * shape[1]
    return (smooth_field((shape[0], shape[1]), rng, shape[1] / 2.5) - 0.5) * np.float32(2 * reach)


def displace(image: Image, down: NDArray[np.float32], paper: int = 255) -> Image:
    """The picture with every pixel moved down by `down` (H, W) pixels."""
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    return np.asarray(cv2.remap(image, x, y - down, cv2.INTER_LINEAR, borderValue=(paper,) * 3), np.uint8)
