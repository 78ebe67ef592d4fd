"""How far two groupings of the same items agree: NMI and AMI.

Source: Vinh, Epps, Bailey: Information Theoretic Measures for Clusterings Comparison, 2010, with
the arithmetic mean of the two entropies, as scikit-learn has it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.retrieve.distances import Numbers, Rows


def normalized_mutual_information(labels: NDArray[Any], clusters: NDArray[Any]) -> float:
    """NMI = 2 I(labels; clusters) / (H(labels) + H(clusters)), 0 to 1; both (n,).

    1 where neither tells anything (one group, or no items).
    """
    table = _contingency(labels, clusters)
    if table.shape[0] == table.shape[1] <= 1:
        return 1.0
    information = _information(table)
    mean = (_entropy(table.sum(axis=1)) + _entropy(table.sum(axis=0))) / 2
    return information / mean if information > 0 else 0.0


def adjusted_mutual_information(labels: NDArray[Any], clusters: NDArray[Any]) -> float:
    """AMI = (I - E[I]) / ((H(labels) + H(clusters))/2 - E[I]): 0 for groups at random, 1 at most.

    E[I] is the mean over all groupings with groups of the same sizes.
    """
    table = _contingency(labels, clusters)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    alone = table.shape[0] == table.shape[1] == table.sum()
    if table.shape[0] == table.shape[1] <= 1 or alone:
        return 1.0
    expected = _expected_information(rows, columns)
    mean = (_entropy(rows) + _entropy(columns)) / 2
    # Never divide by less than rounding leaves of 0.
    slack = mean - expected
    floor = math.copysign(float(np.finfo(np.float64).eps), slack if slack else 1.0)
    return (_information(table) - expected) / (slack if abs(slack) > abs(floor) else floor)


def _contingency(labels: NDArray[Any], clusters: NDArray[Any]) -> Rows:
    """Items (labels, clusters) in each pair of groups."""
    if labels.shape != clusters.shape or labels.ndim != 1:
        raise ValueError(f"groupings of shapes {labels.shape} and {clusters.shape}")
    first, row = np.unique(labels, return_inverse=True)
    second, column = np.unique(clusters, return_inverse=True)
    size = len(first) * len(second)
    flat = np.bincount(row * len(second) + column, minlength=size) if size else np.empty(0)
    return flat.reshape(len(first), len(second)).astype(np.int64)


def _entropy(sizes: Rows) -> float:
    share = sizes[sizes > 0] / sizes.sum()
    return float(-(share * np.log(share)).sum())


def _information(table: Rows) -> float:
    total = table.sum()
    row, column = np.nonzero(table)
    count = table[row, column]
    sizes = table.sum(axis=1)[row] * table.sum(axis=0)[column]
    terms = count / total * (np.log(count) + np.log(total) - np.log(sizes))
    # Smaller than rounding is no information.
    return max(0.0, float(terms.sum())) if abs(terms.sum()) > 1e-15 else 0.0


def _expected_information(rows: Rows, columns: Rows) -> float:
    """E[I]; groups of equal sizes give equal terms, which are computed once."""
    total = int(rows.sum())
    factorial = np.array([math.lgamma(number + 1) for number in range(total + 1)])
    sum_ = 0.0
    for a, times_a in zip(*np.unique(rows, return_counts=True), strict=True):
        for b, times_b in zip(*np.unique(columns, return_counts=True), strict=True):
            term = _expected_term(int(a), int(b), total, factorial)
            sum_ += int(times_a) * int(times_b) * term
    return sum_


def _expected_term(a: int, b: int, total: int, factorial: Numbers) -> float:
    """Sum over the possible overlaps of groups of a and of b items: share times its chance."""
    n = np.arange(max(1, a + b - total), min(a, b) + 1)
    chance = (
        factorial[a] + factorial[b] + factorial[total - a] + factorial[total - b]
        - factorial[total] - factorial[n] - factorial[a - n] - factorial[b - n]
        - factorial[total - a - b + n]
    )  # fmt: skip
    share = n / total * (np.log(n) + math.log(total) - math.log(a) - math.log(b))
    return float((share * np.exp(chance)).sum())
