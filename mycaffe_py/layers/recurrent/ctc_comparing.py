"""How far labels that were read are those that were wanted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mycaffe_py.kernels.recurrent.ctc import edit_distance
from mycaffe_py.layers.base import Array

Labels = npt.NDArray[np.int64]


def share_right(labels: Array, counts: Labels, wanted: Array) -> float:
    """Part of the rows of labels (N, T) that are the columns of wanted (T, N) up to its end."""
    rows = len(labels)
    right = 0
    for n in range(rows):
        column = wanted[:, n]
        ended = column < 0
        end = int(ended.argmax()) if ended.any() else len(column)
        right += bool(counts[n] == end and (labels[n, :end] == np.rint(column[:end])).all())
    return right / rows if rows else 0.0


def likeness(labels: Array, counts: Labels, wanted: Array, blank: int) -> tuple[float, float]:
    """1 - the mean edit distance of rows in parts of the longer row; and the part without any.

    labels (N, T) of which counts (N,) are read; wanted (N, L) without blanks, up to the first one
    below 0.
    """
    rows = len(labels)
    if not rows:
        return 0.0, 0.0
    apart, right = 0.0, 0
    for n in range(rows):
        read = labels[n, : counts[n]].astype(np.int64)
        asked = _asked(wanted[n], blank)
        longer = max(len(read), len(asked))
        distance = int(edit_distance(read, asked, np.empty(len(asked) + 1, np.int64)))
        apart += distance / longer if longer else 0.0
        right += distance == 0
    return 1 - apart / rows, right / rows


def _asked(row: Array, blank: int) -> Labels:
    ended = row < 0
    end = int(ended.argmax()) if ended.any() else len(row)
    labels: Labels = np.rint(row[:end]).astype(np.int64)
    kept: Labels = labels[labels != blank]
    return kept
