"""Baselines of one_shot_glyphs that learn nothing: pixels, moments, HOG; nearest neighbour each."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.one_shot_glyphs_task import Encode, Side

_ORIENTATIONS = 9


def pixels(images: np.ndarray) -> np.ndarray:
    """The pixels, as rows of length 1."""
    return _unit(images.reshape(len(images), -1).astype(np.float32))


def moments(images: np.ndarray) -> np.ndarray:
    """Central moments of orders 2 to 6, scaled alike and signed roots of them."""
    ink = images[:, 0].astype(np.float64) / 255
    height, width = ink.shape[1:]
    mass = ink.sum((1, 2))
    y, x = np.mgrid[:height, :width]
    dy = y - ((ink * y).sum((1, 2)) / mass)[:, np.newaxis, np.newaxis]
    dx = x - ((ink * x).sum((1, 2)) / mass)[:, np.newaxis, np.newaxis]
    found = []
    for order in range(2, 7):
        for power in range(order + 1):
            raw = (ink * dx**power * dy ** (order - power)).sum((1, 2)) / mass
            found.append(np.sign(raw) * np.abs(raw) ** (1 / order))
    return np.stack(found, axis=1).astype(np.float32)


def hog(cell: int, blocks: int) -> Encode:
    """Histograms of oriented gradients (Dalal, Triggs 2005) in cells of `cell` pixels.

    Blocks of `blocks` x `blocks` cells are brought to length 1.
    """

    def encode(images: np.ndarray) -> np.ndarray:
        return np.concatenate([_hog(part, cell, blocks) for part in np.array_split(images, 20)])

    return encode


def _hog(images: np.ndarray, cell: int, blocks: int) -> np.ndarray:
    ink = images[:, 0].astype(np.float32) / 255
    down, across = np.gradient(ink, axis=(1, 2))
    strength = np.hypot(down, across)
    turn = (np.arctan2(down, across) % np.pi) / np.pi * _ORIENTATIONS
    first = np.floor(turn).astype(int)
    share = turn - first
    cells = ink.shape[1] // cell
    parts = np.zeros((len(ink), cells, cells, _ORIENTATIONS), np.float32)
    for orientation in range(_ORIENTATIONS):
        weight = strength * (
            (first % _ORIENTATIONS == orientation) * (1 - share)
            + ((first + 1) % _ORIENTATIONS == orientation) * share
        )
        parts[..., orientation] = weight.reshape(len(ink), cells, cell, cells, cell).sum((2, 4))
    rows = [
        _unit(parts[:, y : y + blocks, x : x + blocks].reshape(len(ink), -1))
        for y in range(cells - blocks + 1)
        for x in range(cells - blocks + 1)
    ]
    return np.concatenate(rows, axis=1)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-3)


def _weighted(letters: np.ndarray) -> Encode:
    """Moments in units of their deviation over `letters`."""
    deviation = moments(letters).std(axis=0)
    return lambda images: moments(images) / deviation


def baselines(letters: np.ndarray) -> list[Side]:
    """All of them.

    `letters` are those to learn from. Cells of HOG, blocks, and whether moments are weighted were
    chosen on the validation scripts.
    """
    return [
        Side("pixels, nearest", pixels),
        Side("moments, nearest", _weighted(letters)),
        Side("HOG, nearest", hog(4, 3)),
    ]
