"""Scores |x| cos(theta) of classes, with an angular margin at the own class of each row.

x (M, K), w (L, K) of unit rows, labels (M,), scores (M, L). `margin` m is 1 to 4.
"""

from math import cos, pi, sqrt

import numpy as np

from ..jit import kernel


@kernel
def unit_rows(w, unit_out):
    """Each row of w (L, K) at length 1. One that has it already stays as it is, to the bit."""
    for j in range(w.shape[0]):
        total = 0.0
        for k in range(w.shape[1]):
            total += np.float64(w[j, k]) * w[j, k]
        near = abs(total - 1) <= 4 * np.finfo(w.dtype).eps
        scale = 1.0 if near or total == 0 else 1 / sqrt(total)
        for k in range(w.shape[1]):
            unit_out[j, k] = w[j, k] if near else w[j, k] * scale


@kernel
def _psi(margin, c):
    """psi = (-1)^j cos(m theta) - 2j with c = cos(theta), j = floor(m theta / pi), and dpsi/dc."""
    j = 0
    while j < margin - 1 and c < cos((j + 1) * pi / margin):
        j += 1
    if margin == 4:
        value, slope = 8 * c**4 - 8 * c**2 + 1, 32 * c**3 - 16 * c
    elif margin == 3:
        value, slope = 4 * c**3 - 3 * c, 12 * c**2 - 3
    elif margin == 2:
        value, slope = 2 * c**2 - 1, 4 * c
    else:
        value, slope = c, 1.0
    sign = 1 - 2 * (j % 2)
    return sign * value - 2 * j, sign * slope


@kernel
def _length_and_cosine(x, score):
    """|x| (K,) and score / |x|, which is 0 where x is."""
    total = 0.0
    for k in range(x.size):
        total += np.float64(x[k]) * x[k]
    length = sqrt(total)
    if length == 0:
        return length, 0.0
    return length, min(1.0, max(-1.0, score / length))


@kernel
def add_margin(x, labels, margin, plain, plain_out, scores_out):
    """The own class's score s becomes (|x| psi + plain s) / (1 + plain); plain_out (M,) keeps s."""
    for m in range(x.shape[0]):
        score = scores_out[m, labels[m]]
        plain_out[m] = score
        length, c = _length_and_cosine(x[m], np.float64(score))
        value, _ = _psi(margin, c)
        scores_out[m, labels[m]] = (length * value + plain * score) / (1 + plain)


@kernel
def add_margin_gradient(x, w, labels, margin, plain, plain_scores, dscores, dx_out):
    """Takes dscores w out of dx for each own class and puts in what the margin makes of it.

    The gradient of |x| psi is a w + b x; it is scaled to a^2 + b^2 = 1, as those do who train so.
    """
    for m in range(x.shape[0]):
        label = labels[m]
        length, c = _length_and_cosine(x[m], np.float64(plain_scores[m]))
        value, slope = _psi(margin, c)
        along_x = (value - c * slope) / length if length > 0 else 0.0
        size = sqrt(slope * slope + along_x * along_x)
        if size > 0:
            slope /= size
            along_x /= size
        factor = dscores[m, label] / (1 + plain)
        for k in range(x.shape[1]):
            margins = slope * w[label, k] + along_x * x[m, k]
            dx_out[m, k] += factor * (margins - w[label, k])
