"""Rows asked about, and the prototypes they are told apart by. rows (N, D), prototypes (L, D)."""

import numpy as np

from ..jit import kernel


@kernel
def make_prototypes(rows, classes, supports, shots_out, prototypes_out):
    """The mean of each class's `supports` (N,); shots_out (L,) is how many it has."""
    shots_out[:] = 0
    prototypes_out[:] = 0
    for n in range(rows.shape[0]):
        if supports[n]:
            shots_out[classes[n]] += 1
            for d in range(rows.shape[1]):
                prototypes_out[classes[n], d] += rows[n, d]
    for label in range(prototypes_out.shape[0]):
        for d in range(rows.shape[1]):
            prototypes_out[label, d] /= shots_out[label]


@kernel
def tell_apart(rows, classes, supports, prototypes, scale, slopes_out):
    """Sum of the queries' cross entropies, how many are right, and how many queries there are.

    slopes_out (N, L): softmax(-scale * squared distance) minus 1 at the own class; 0 of supports.
    """
    total, right, asked = 0.0, 0, 0
    for n in range(rows.shape[0]):
        slopes_out[n] = 0
        if supports[n]:
            continue
        asked += 1
        nearest, best = -1, -np.inf
        for label in range(prototypes.shape[0]):
            squared = 0.0
            for d in range(rows.shape[1]):
                gap = np.float64(rows[n, d]) - prototypes[label, d]
                squared += gap * gap
            slopes_out[n, label] = -scale * squared
            if slopes_out[n, label] > best:
                nearest, best = label, slopes_out[n, label]
        weight = 0.0
        own = slopes_out[n, classes[n]]
        for label in range(prototypes.shape[0]):
            slopes_out[n, label] = np.exp(slopes_out[n, label] - best)
            weight += slopes_out[n, label]
        total += np.log(weight) + best - own
        for label in range(prototypes.shape[0]):
            slopes_out[n, label] /= weight
        slopes_out[n, classes[n]] -= 1
        if nearest == classes[n]:
            right += 1
    return total, right, asked


@kernel
def pull_apart(rows, classes, supports, shots, prototypes, slopes, factor, drows_out):
    """Gradient of `factor` * the sum: of queries, and through the prototypes of supports."""
    moves = np.zeros(prototypes.shape, np.float64)
    turns = np.zeros(rows.shape[1], np.float64)
    for n in range(rows.shape[0]):
        if supports[n]:
            continue
        turns[:] = 0
        for label in range(prototypes.shape[0]):
            slope = -2 * factor * slopes[n, label]
            for d in range(rows.shape[1]):
                pull = slope * (np.float64(rows[n, d]) - prototypes[label, d])
                turns[d] += pull
                moves[label, d] -= pull
        for d in range(rows.shape[1]):
            drows_out[n, d] = turns[d]
    for n in range(rows.shape[0]):
        if supports[n]:
            for d in range(rows.shape[1]):
                drows_out[n, d] = moves[classes[n], d] / shots[classes[n]]
