"""Triplet losses of a labelled batch: which triplets are formed, and their gradient.

x (N, D) encodings, labels (N,) whole numbers, counted (N,) False for rows that stay out. A positive
is another row of the anchor's label, a negative a row of another label. Of equal distances the
first row's counts. A distance that is NaN is taken before all others, so that it is seen.

Each search adds to slopes (N, N), which starts at 0, the slope of the summed costs in the distance
from row i (anchor) to row j, and returns the sum and the number of triplets it is to be divided by.
Costs: see triplet.py.
"""

import numpy as np

from ..jit import kernel
from .triplet import pull_of, row_distance, triplet_cost

NOBODY = -1


@kernel
def all_distances(x, squared, distance_out):
    """Distances (N, N) of all rows to each other."""
    for i in range(x.shape[0]):
        distance_out[i, i] = 0
        for j in range(i):
            d = row_distance(x, i, x, j, squared)
            distance_out[i, j] = d
            distance_out[j, i] = d


@kernel
def is_positive(labels, counted, i, j):
    """Whether row j is a positive of anchor i."""
    return i != j and counted[j] and labels[i] == labels[j]


@kernel
def is_negative(labels, counted, i, j):
    """Whether row j is a negative of anchor i."""
    return counted[j] and labels[i] != labels[j]


@kernel
def add_triplet(distance, i, p, n, lossless, margin, top, beta, epsilon, slopes_out):
    """Return the cost of triplet (i, p, n); its slopes are added."""
    cost, near_slope, far_slope = triplet_cost(
        distance[i, p], distance[i, n], lossless, margin, top, beta, epsilon
    )
    slopes_out[i, p] += near_slope
    slopes_out[i, n] += far_slope
    return cost


@kernel
def hinge_with_all(near, far, margin, hits_out):
    """Return the costs of one positive with all negatives, and how many cost something.

    near: distance of the positive; far (m,): those of the negatives. hits (m,): 1 is added for each
    negative that costs something. Branches and calls would keep the loop out of vector registers.
    """
    total = 0.0
    costing = 0.0
    for j in range(far.shape[0]):
        value = near - far[j] + margin
        hit = 0.0 if value <= 0 else 1.0  # NaN costs NaN
        total += 0.0 if value <= 0 else value
        costing += hit
        hits_out[j] += hit
    return total, int(costing)


@kernel
def negatives_of(distance, labels, counted, i, rows_out, far_out):
    """Write the negatives of anchor i and their distances in front; return how many there are."""
    found = 0
    for j in range(distance.shape[0]):
        if is_negative(labels, counted, i, j):
            rows_out[found] = j
            far_out[found] = distance[i, j]
            found += 1
    return found


@kernel
def batch_all(distance, labels, counted, lossless, margin, top, beta, epsilon, slopes_out):
    """All triplets; the number is that of those which cost something."""
    count = distance.shape[0]
    rows = np.empty(count, np.int64)
    far, hits = np.empty(count), np.empty(count)
    total = 0.0
    triplets = 0
    for i in range(count):
        negatives = negatives_of(distance, labels, counted, i, rows, far)
        hits[:] = 0
        for p in range(count if counted[i] else 0):
            if not is_positive(labels, counted, i, p):
                continue
            if not lossless:
                cost, costing = hinge_with_all(
                    distance[i, p], far[:negatives], margin, hits[:negatives]
                )
                total += cost
                triplets += costing
                slopes_out[i, p] += costing
                continue
            for n in rows[:negatives]:
                cost = add_triplet(
                    distance, i, p, n, lossless, margin, top, beta, epsilon, slopes_out
                )
                total += cost
                triplets += cost != 0
        for j in range(negatives):
            slopes_out[i, rows[j]] -= hits[j]
    return total, triplets


@kernel
def batch_hard(distance, labels, counted, lossless, margin, top, beta, epsilon, slopes_out):
    """For each anchor that has both, its farthest positive and its nearest negative."""
    count = distance.shape[0]
    total = 0.0
    triplets = 0
    for i in range(count):
        farthest = NOBODY
        nearest = NOBODY
        for j in range(count if counted[i] else 0):
            d = distance[i, j]
            farther = farthest == NOBODY or d > distance[i, farthest] or d != d
            nearer = nearest == NOBODY or d < distance[i, nearest] or d != d
            if farther and is_positive(labels, counted, i, j):
                farthest = j
            if nearer and is_negative(labels, counted, i, j):
                nearest = j
        if farthest != NOBODY and nearest != NOBODY:
            total += add_triplet(
                distance, i, farthest, nearest, lossless, margin, top, beta, epsilon, slopes_out
            )
            triplets += 1
    return total, triplets


@kernel
def semihard_negative(distance, labels, counted, i, p):
    """The nearest negative of i that is farther than p, else its farthest, else NOBODY."""
    nearest = NOBODY
    farthest = NOBODY
    for j in range(distance.shape[0]):
        if not is_negative(labels, counted, i, j):
            continue
        d = distance[i, j]
        if d != d:
            return j
        if d > distance[i, p] and (nearest == NOBODY or d < distance[i, nearest]):
            nearest = j
        if farthest == NOBODY or d > distance[i, farthest]:
            farthest = j
    return farthest if nearest == NOBODY else nearest


@kernel
def batch_semihard(distance, labels, counted, lossless, margin, top, beta, epsilon, slopes_out):
    """For each anchor and each of its positives, the negative that `semihard_negative` names."""
    count = distance.shape[0]
    total = 0.0
    triplets = 0
    for i in range(count):
        for p in range(count if counted[i] else 0):
            if not is_positive(labels, counted, i, p):
                continue
            n = semihard_negative(distance, labels, counted, i, p)
            if n != NOBODY:
                total += add_triplet(
                    distance, i, p, n, lossless, margin, top, beta, epsilon, slopes_out
                )
                triplets += 1
    return total, triplets


@kernel
def mined_gradient(x, distance, slopes, squared, factor, dx_out):
    """dx_i = factor * sum over j of (slopes_ij + slopes_ji) times their distance's slope in x_i."""
    dx_out[:] = 0
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            slope = slopes[i, j] + slopes[j, i]
            if slope == 0:
                continue
            pull = x.dtype.type(factor * pull_of(slope, distance[i, j], squared))
            for k in range(x.shape[1]):
                dx_out[i, k] += pull * (x[i, k] - x[j, k])
