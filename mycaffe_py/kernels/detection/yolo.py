"""Objects in the maps of YOLO: the best class of each box, the best boxes that differ.

A boxes a cell, K classes. A map (A, 5 + K, H, W) has for each: x, y, width, height, whether there
is an object, and the classes. Its boxes are parts of the image.
"""

import math

import numpy as np

from ..jit import kernel
from .boxes import suppress


@kernel
def _squashed(x):
    return 1 / (1 + math.exp(-x))


@kernel
def _best_class(x, a, row, column, one_of_all):
    """The class of the largest value, the first of equals, and its part in the score.

    That is its softmax if one_of_all, else its sigmoid.
    """
    best, value = 0, x[a, 5, row, column]
    for c in range(1, x.shape[1] - 5):
        if x[a, 5 + c, row, column] > value:
            best, value = c, x[a, 5 + c, row, column]
    if not one_of_all:
        return best, _squashed(value)
    total = 0.0
    for c in range(x.shape[1] - 5):
        total += math.exp(x[a, 5 + c, row, column] - value)
    return best, 1 / total


@kernel
def gather(x, sizes, threshold, one_of_all, first, corners_out, values_out, classes_out):
    """Boxes of x that score more than threshold, put behind the `first` there are; how many then.

    sizes (A, 2) in parts of the image; corners (4, P), minus scores and classes (P,).
    """
    boxes, _, height, width = x.shape
    count = first
    for row in range(height):
        for column in range(width):
            for a in range(boxes):
                best, part = _best_class(x, a, row, column, one_of_all)
                score = _squashed(x[a, 4, row, column]) * part
                # In the type of the results, so that no row has a score below the threshold.
                values_out[count] = -score
                if -values_out[count] > threshold:
                    middle_x = (column + _squashed(x[a, 0, row, column])) / width
                    middle_y = (row + _squashed(x[a, 1, row, column])) / height
                    half_width = math.exp(x[a, 2, row, column]) * sizes[a, 0] / 2
                    half_height = math.exp(x[a, 3, row, column]) * sizes[a, 1] / 2
                    corners_out[0, count] = middle_x - half_width
                    corners_out[1, count] = middle_y - half_height
                    corners_out[2, count] = middle_x + half_width
                    corners_out[3, count] = middle_y + half_height
                    classes_out[count] = best
                    count += 1
    return count


@kernel
def select(item, count, overlap, corners, values, classes, boxes, kept, found_out):
    """Rows (item, class + 1, score, x1, y1, x2, y2) of what `gather` found; how many.

    A box is dropped that overlaps a better one, of whatever class, by more than `overlap`. Room:
    boxes (6, P), whole numbers kept (P,).
    """
    order = np.argsort(values[:count], kind="mergesort")
    for k in range(count):
        for i in range(4):
            boxes[i, k] = corners[i, order[k]]
    left = suppress(boxes, count, overlap, 1.0, kept)
    for n in range(left):
        p = order[kept[n]]
        row = found_out[n]
        row[0], row[1], row[2] = item, classes[p] + 1, -values[p]
        for i in range(4):
            row[3 + i] = corners[i, p]
    return left
