"""Boxes from what a net says of prior boxes, and the suppression of those that overlap.

A box is x1 y1 x2 y2. P prior boxes, K classes, L boxes told for each prior: 1, or one a class.
"""

import math

import numpy as np

from ..jit import kernel

# How a box is told relative to its prior box: the numbers of PriorBoxParameter.CodeType.
CORNER, CENTER_SIZE, CORNER_SIZE = 1, 2, 3


@kernel
def decode(told, prior, variance, code):
    """The box that the numbers `told` (4,) tell of a prior box; variance (4,)."""
    first, second = variance[0] * told[0], variance[1] * told[1]
    third, fourth = variance[2] * told[2], variance[3] * told[3]
    if code == CORNER:
        return prior[0] + first, prior[1] + second, prior[2] + third, prior[3] + fourth
    width, height = prior[2] - prior[0], prior[3] - prior[1]
    if code == CORNER_SIZE:
        return (
            prior[0] + first * width,
            prior[1] + second * height,
            prior[2] + third * width,
            prior[3] + fourth * height,
        )
    middle_x = first * width + (prior[0] + prior[2]) / 2
    middle_y = second * height + (prior[1] + prior[3]) / 2
    half_width, half_height = math.exp(third) * width / 2, math.exp(fourth) * height / 2
    return (
        middle_x - half_width,
        middle_y - half_height,
        middle_x + half_width,
        middle_y + half_height,
    )


@kernel
def decode_all(told, priors, variances, code, y_out):
    """Every box of told, priors, variances and y (P, 4)."""
    for p in range(told.shape[0]):
        box = decode(told[p], priors[p], variances[p], code)
        y_out[p, 0], y_out[p, 1], y_out[p, 2], y_out[p, 3] = box


@kernel
def _above(scores, threshold, background, rows_out):
    """The rows of scores (P, K) with one above threshold beside the background; how many."""
    found = 0
    for p in range(scores.shape[0]):
        hits = 0
        for c in range(scores.shape[1]):
            hits += scores[p, c] > threshold
        if background >= 0:
            hits -= scores[p, background] > threshold
        rows_out[found] = p
        found += hits > 0
    return found


@kernel
def _best(scores, c, threshold, rows, most, values, room, places_out):
    """Places of the `most` best of class c above threshold, the best first, of equals the first."""
    found = 0
    for p in rows:
        if scores[p, c] > threshold:
            values[found] = -scores[p, c]
            room[found] = p
            found += 1
    count = min(found, most)
    order = np.argsort(values[:found], kind="mergesort")
    for k in range(count):
        places_out[k] = room[order[k]]
    return count


@kernel
def _overlap(boxes, j, count):
    """Raise boxes[5, i] to the overlap of box j with box i, for all i behind j.

    boxes (6, P): corners, area, and the largest overlap with a box that was kept.
    """
    x1, y1, x2, y2, area, worst = boxes[0], boxes[1], boxes[2], boxes[3], boxes[4], boxes[5]
    zero = area.dtype.type(0)
    for i in range(j + 1, count):
        width = (x2[i] if x2[i] < x2[j] else x2[j]) - (x1[i] if x1[i] > x1[j] else x1[j])
        height = (y2[i] if y2[i] < y2[j] else y2[j]) - (y1[i] if y1[i] > y1[j] else y1[j])
        both = (width if width > 0 else zero) * (height if height > 0 else zero)
        shared = both / (area[i] + area[j] - both) if both > 0 else zero
        worst[i] = shared if shared > worst[i] else worst[i]


@kernel
def suppress(boxes, count, overlap, eta, kept_out):
    """Numbers of the boxes that overlap no better one by more than `overlap`; how many.

    boxes (6, P) hold the corners of `count` boxes, the best first; rows 4 and 5 are room. As many
    are kept as kept_out has room for. With eta below 1, `overlap` shrinks by it with each box
    kept, as long as it is above 0.5.
    """
    for i in range(count):
        width, height = boxes[2, i] - boxes[0, i], boxes[3, i] - boxes[1, i]
        boxes[4, i] = width * height if width >= 0 and height >= 0 else 0
        boxes[5, i] = 0
    kept = 0
    for j in range(count):
        if kept == kept_out.size:
            break
        if boxes[5, j] <= overlap:
            kept_out[kept] = j
            kept += 1
            _overlap(boxes, j, count)
            if eta < 1 and overlap > 0.5:
                overlap *= eta
    return kept


@kernel
def _keep_best(most, found, count):
    """Leave the `most` rows of the best scores in found[:count], in their order; how many."""
    if most < 0 or count <= most:
        return count
    order = np.argsort(-found[:count, 2], kind="mergesort")
    chosen = np.zeros(count, np.bool_)
    for k in order[:most]:
        chosen[k] = True
    kept = 0
    for k in range(count):
        if chosen[k]:
            found[kept] = found[k]
            kept += 1
    return kept


@kernel
def detect(
    item, told, scores, priors, variances, code, background, threshold, limits, overlap, eta,
    numbers, values, boxes, found_out,
):  # fmt: skip
    """The objects of one item, as rows (item, class, score, x1, y1, x2, y2); how many.

    told (P, L, 4), scores (P, K), priors and variances (P, 4). `limits`: how many of a class go
    into the suppression, and how many of the item are left (-1: all). Room: whole `numbers`
    (4, P), values (P,), boxes (6, P).
    """
    rows, room, places, kept = numbers
    least = scores.dtype.type(threshold)
    interesting = rows[: _above(scores, least, background, rows)]
    total = 0
    for c in range(scores.shape[1]):
        if c == background:
            continue
        count = _best(scores, c, least, interesting, limits[0], values, room, places)
        for k in range(count):
            p = places[k]
            box = decode(told[p, c if told.shape[1] > 1 else 0], priors[p], variances[p], code)
            boxes[0, k], boxes[1, k], boxes[2, k], boxes[3, k] = box
        for k in kept[: suppress(boxes, count, overlap, eta, kept)]:
            row = found_out[total]
            row[0], row[1], row[2] = item, c, scores[places[k], c]
            row[3], row[4], row[5], row[6] = boxes[0, k], boxes[1, k], boxes[2, k], boxes[3, k]
            total += 1
    return _keep_best(limits[1], found_out, total)
