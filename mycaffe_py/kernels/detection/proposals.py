"""Regions that may hold an object: anchors moved as a net says, the best of them that differ.

A anchors a cell, a map of H x W cells, P = H * W * A; boxes as in boxes.py, in pixels of the image,
both corners belonging to them.
"""

import math

import numpy as np

from ..jit import kernel
from .boxes import suppress


@kernel
def _inside(value, most):
    """`value` brought to 0 ... most; NaN stays."""
    value = most if value > most else value
    return value if not value < 0 else most * 0


@kernel
def _moved(anchor, across, down, told, image):
    """The corners of an anchor shifted by (across, down), moved by told (4,), cut to the image."""
    one, half = image.dtype.type(1), image.dtype.type(0.5)
    width, height = anchor[2] - anchor[0] + one, anchor[3] - anchor[1] + one
    middle_x = told[0] * width + (anchor[0] + across + half * width)
    middle_y = told[1] * height + (anchor[1] + down + half * height)
    half_width, half_height = half * math.exp(told[2]) * width, half * math.exp(told[3]) * height
    return (
        _inside(middle_x - half_width, image[1] - one),
        _inside(middle_y - half_height, image[0] - one),
        _inside(middle_x + half_width, image[1] - one),
        _inside(middle_y + half_height, image[0] - one),
    )


@kernel
def _lay(scores, told, anchors, stride, image, least, corners_out, values_out):
    """Corners (4, P) and minus scores (P,) of the boxes that are large enough; how many."""
    count = 0
    for row in range(scores.shape[1]):
        for column in range(scores.shape[2]):
            for a in range(scores.shape[0]):
                x1, y1, x2, y2 = _moved(
                    anchors[a], column * stride, row * stride, told[a, :, row, column], image
                )
                score = scores[a, row, column]
                # No comparison holds for NaN, so such a box is left out, too.
                if x2 - x1 + 1 >= least[1] and y2 - y1 + 1 >= least[0] and score == score:
                    corners_out[0, count], corners_out[1, count] = x1, y1
                    corners_out[2, count], corners_out[3, count] = x2, y2
                    values_out[count] = -score
                    count += 1
    return count


@kernel
def propose(
    scores, told, anchors, stride, image, least, most, overlap,
    corners, values, boxes, kept, rows_out, scores_out,
):  # fmt: skip
    """The best regions of one item, corners in rows (M, 4) and scores (M,); how many.

    scores (A, H, W), told (A, 4, H, W), anchors (A, 4); image and least (2,) are height and width
    of the image and of the smallest region; the `most` best go into the suppression. Room: corners
    (4, P), values and whole numbers kept (P,), boxes (6, P).
    """
    count = _lay(scores, told, anchors, stride, image, least, corners, values)
    order = np.argsort(values[:count], kind="mergesort")
    count = min(count, most)
    for k in range(count):
        p = order[k]
        boxes[0, k], boxes[1, k] = corners[0, p], corners[1, p]
        # Their far corner belongs to these boxes: they are a pixel larger.
        boxes[2, k], boxes[3, k] = corners[2, p] + 1, corners[3, p] + 1
    left = suppress(boxes, count, overlap, 1.0, kept[: len(rows_out)])
    for n in range(left):
        p = order[kept[n]]
        for i in range(4):
            rows_out[n, i] = corners[i, p]
        scores_out[n] = -values[p]
    return left
