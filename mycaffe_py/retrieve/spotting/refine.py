"""Windows moved and resized a little to where they are nearest to the query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.retrieve.distances import distances
from mycaffe_py.retrieve.spotting.boxes import Boxes, best_apart
from mycaffe_py.retrieve.spotting.candidates import Candidates
from mycaffe_py.retrieve.spotting.query import Query

Pixels = NDArray[np.uint8]

# Windows of a page begin at every eighth of their side at most.
_MOVES = 1 / 16
_SIZES = 1.06


def refined(
    page: Pixels, found: Candidates, query: Query, net: AnsweringNet, most: int
) -> Candidates:
    """At most `most` of the windows `found` on `page` (C, H, W), no two of the same place.

    Each is the nearest of itself and six around it: moved to four sides, smaller, larger.
    """
    found_apart = best_apart(found.boxes, found.distances, most)
    if not len(found_apart):
        return found
    boxes = found.boxes[found_apart]
    around = np.stack([_moved(boxes, *change) for change in _CHANGES], axis=1)
    pictures = np.stack([_cut(page, box, query.pixels) for box in around.reshape(-1, 4)])
    apart = distances(query.encoding, net.encodings(np.ascontiguousarray(pictures)))[0].reshape(
        len(boxes), -1
    )
    apart = np.concatenate([found.distances[found_apart][:, np.newaxis], apart], axis=1)
    around = np.concatenate([boxes[:, np.newaxis], around], axis=1)
    best = apart.argmin(axis=1)
    each = np.arange(len(boxes))
    return Candidates(around[each, best], apart[each, best], found.scales[found_apart])


_CHANGES = (
    (-_MOVES, 0.0, 1.0), (_MOVES, 0.0, 1.0), (0.0, -_MOVES, 1.0), (0.0, _MOVES, 1.0),
    (0.0, 0.0, 1 / _SIZES), (0.0, 0.0, _SIZES),
)  # fmt: skip


def _moved(boxes: Boxes, across: float, down: float, size: float) -> Boxes:
    """Boxes (n, 4) moved by parts of their sides, and resized around their middle."""
    sides = boxes[:, 2:] * size
    corners = boxes[:, :2] + boxes[:, 2:] * np.array([across, down]) + (boxes[:, 2:] - sides) / 2
    return np.concatenate([corners, sides], axis=1)


def _cut(page: Pixels, box: Boxes, like: Pixels) -> Pixels:
    """The part `box` (4,) of page (C, H, W), of the size of `like`; beyond the edge the nearest."""
    x, y, width, height = box
    top, left = max(0, int(y)), max(0, int(x))
    low, right = int(np.ceil(y + height)), int(np.ceil(x + width))
    part = page[:, top : max(low, top + 1), left : max(right, left + 1)]
    area = np.array([x - left, y - top, x + width - left, y + height - top])
    limits = np.array([part.shape[2], part.shape[1]] * 2)
    inside = tuple(np.clip(area, 0, limits).tolist())
    picture = as_picture(part).resize(
        (like.shape[2], like.shape[1]), Image.Resampling.LANCZOS, box=inside
    )
    pixels = np.asarray(picture, np.uint8)
    return pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
