"""Sums in the order of a tree are the same whoever makes which part of them."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.solver.shards.segments import PIECE, Segments
from mycaffe_py.solver.shards.tree import nodes_within, summed


@pytest.mark.parametrize("shards", [1, 2, 3, 6, 8, 12])
def test_any_number_of_processes_makes_the_same_sum(shards: int) -> None:
    numbers = np.random.default_rng(1)
    given = numbers.normal(size=(shards, 50)).astype(np.float32) * 10.0 ** numbers.integers(
        -3, 3, (shards, 1)
    ).astype(np.float32)
    found = set()
    for ranks in (n for n in range(1, shards + 1) if shards % n == 0):
        share = shards // ranks
        parts = {}
        for rank in range(ranks):
            own = {(s, s + 1): given[s].copy() for s in range(rank * share, (rank + 1) * share)}
            for node in nodes_within((0, shards), (rank * share, (rank + 1) * share)):
                parts[node] = summed(node, own)
        found.add(summed((0, shards), parts).tobytes())
    assert len(found) == 1


def test_a_process_with_half_of_the_shards_sends_one_sum() -> None:
    assert nodes_within((0, 8), (4, 8)) == [(4, 8)]
    assert nodes_within((0, 6), (2, 4)) == [(2, 3), (3, 4)]


@pytest.mark.parametrize("ranks", [1, 2, 4, 7])
def test_segments_are_whole_pieces_and_cover_all_runs_once(ranks: int) -> None:
    start = np.array([0, 5 * PIECE + 16, 9 * PIECE])
    count = np.array([5 * PIECE + 3, 40, 3 * PIECE + 5])
    segments = Segments.of(12 * PIECE + 16, ranks)
    seen = np.zeros(12 * PIECE + 16, int)
    all_pieces = []
    for rank in range(ranks):
        first, length, number = segments.pieces(rank, start, count)
        own = segments[rank]
        for begin, size, run in zip(first, length, number, strict=True):
            assert own.start <= begin and begin + size <= own.stop
            assert start[run] <= begin and begin + size <= start[run] + count[run]
            seen[begin : begin + size] += 1
            all_pieces.append((begin, size, run))
    wanted = np.zeros_like(seen)
    for begin, size in zip(start, count, strict=True):
        wanted[begin : begin + size] += 1
    np.testing.assert_array_equal(seen, wanted)
    alone = Segments.of(12 * PIECE + 16, 1).pieces(0, start, count)
    assert all_pieces == list(zip(*alone, strict=True))
