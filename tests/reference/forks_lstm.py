"""The forks' Lstm and the greedy reading of labels, number by number, in float64."""

from __future__ import annotations

from itertools import groupby
from math import exp, tanh
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def forks_lstm(x: Array, cont: Array, params: list[Array], h: Array, c: Array) -> Array:
    """All h (T, N, H) of x (T, N, D); h and c (N, H) are the state before, and are changed."""
    w_i, w_h, b = params
    hidden = h.shape[1]
    y = np.zeros((len(x), x.shape[1], hidden))
    for t, n in np.ndindex(x.shape[:2]):
        h_before, c_before = h[n].copy(), c[n].copy()
        for j in range(hidden):
            sums = []
            for gate in range(4):
                row = gate * hidden + j
                total = float(w_i[row] @ x[t, n] + b[row])
                sums.append(total + (float(w_h[row] @ h_before) if cont[t, n] else 0))
            i, f, o = (1 / (1 + exp(-value)) for value in sums[:3])
            c[n, j] = i * tanh(sums[3]) + (f * c_before[j] if cont[t, n] else 0)
            h[n, j] = o * tanh(c[n, j])
        y[t, n] = h[n]
    return y


def greedy(x: Array, blank: int, merged: bool) -> list[int]:
    """The labels of x (T, C)."""
    path = [max(range(len(step)), key=lambda k: step[k]) for step in x]
    if merged:
        path = [label for label, _ in groupby(path)]
    return [label for label in path if label != blank]
