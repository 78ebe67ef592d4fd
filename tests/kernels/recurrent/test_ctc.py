"""The edit distance, beside its definition."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mycaffe_py.kernels.recurrent.ctc import edit_distance


def _distance(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    @cache
    def of(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        return min(of(i - 1, j) + 1, of(i, j - 1) + 1, of(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

    return of(len(a), len(b))


@pytest.mark.parametrize("sizes", [(0, 0), (0, 3), (4, 0), (1, 1), (5, 7), (9, 4)])
def test_by_the_definition(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(sum(sizes))
    for _ in range(20):
        a, b = (random.integers(0, 3, size) for size in sizes)
        room = np.empty(len(b) + 1, np.int64)
        assert edit_distance(a, b, room) == _distance(tuple(a.tolist()), tuple(b.tolist()))
