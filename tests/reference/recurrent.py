"""LSTM and RNN as a student would write them: loops over time and rows, float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


def lstm(sums: Array, cont: Array, w: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """All h (T, N, H) and the last c (N, H) from sums (T, N, 4H) of the inputs."""
    h, c = h.astype(float), c.astype(float)
    outputs = []
    for t in range(len(sums)):
        rows = []
        for n in range(sums.shape[1]):
            keep = cont[t, n]
            i, f, o, g = np.split(sums[t, n] + w @ (keep * h[n]), 4)
            c[n] = keep * sigmoid(f) * c[n] + sigmoid(i) * np.tanh(g)
            rows.append(sigmoid(o) * np.tanh(c[n]))
        h = np.array(rows)
        outputs.append(h)
    return np.array(outputs), c


def rnn(sums: Array, cont: Array, w: Array, h: Array) -> Array:
    """All h (T, N, H) from sums (T, N, H) of the inputs."""
    h = h.astype(float)
    outputs = []
    for t in range(len(sums)):
        h = np.array(
            [np.tanh(s + w @ (k * old)) for s, k, old in zip(sums[t], cont[t], h, strict=True)]
        )
        outputs.append(h)
    return np.array(outputs)
