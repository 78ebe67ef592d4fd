from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.engine.arena import Arena, Slot, pack
from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import graph_of, siamese

TIMES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda t: (min(t), max(t))), min_size=1
)
ROOMS = st.lists(st.tuples(st.integers(0, 500), TIMES), max_size=12).map(
    lambda found: [Slot(str(i), size, times) for i, (size, times) in enumerate(found)]
)


@pytest.mark.slow
@given(ROOMS)
def test_rooms_wanted_at_the_same_time_do_not_overlap(rooms: list[Slot]) -> None:
    starts, total = pack(rooms)
    for a, b in combinations(rooms, 2):
        apart = starts[a.name] + a.size <= starts[b.name] or (
            starts[b.name] + b.size <= starts[a.name]
        )
        assert apart or not a.size or not b.size or not a.meets(b)
    assert all(starts[room.name] + room.size <= total for room in rooms)


def test_rooms_in_turn_share_memory() -> None:
    arena = Arena([Slot("a", 256, [(0, 1)]), Slot("b", 128, [(2, 3)]), Slot("c", 64, [(1, 2)])])
    a, b, c = (arena.array(n, (s,), np.uint8) for n, s in (("a", 256), ("b", 128), ("c", 64)))
    assert np.shares_memory(a, b)
    assert not np.shares_memory(a, c) and not np.shares_memory(b, c)
    assert (arena.bytes_shared, arena.bytes_apart) == (320, 448)


def test_sharing_changes_no_bit_of_a_step_and_saves_memory() -> None:
    passes = [name for name in ALL_PASSES if name != "memory"]
    nets = [Net(graph_of(siamese(), pb.TRAIN, passes=p)) for p in (passes, ALL_PASSES)]
    random = np.random.default_rng(2)
    pair = random.standard_normal((4, 2, 6, 6))
    for net in nets:
        for batch in range(3):
            net.feed({"pair": pair + batch, "sim": np.array([1.0, 0, 1, 0])})
            net.clear_gradients()
            net.forward(batch)
            net.backward()
    np.testing.assert_array_equal(nets[0].params.diff, nets[1].params.diff)
    assert nets[0].arena.bytes_shared == 0
    assert 0 < nets[1].arena.bytes_shared < nets[1].arena.bytes_apart


def test_an_array_of_its_own_grows_and_shrinks() -> None:
    arena = Arena([])
    small = arena.array("a", (2, 3), np.float32)
    assert arena.array("a", (2, 3), np.float32) is small
    small[...] = 1
    less = arena.array("a", (5,), np.float32)
    assert np.shares_memory(less, small) and less.sum() == 5
    assert arena.grown == 0
    more = arena.array("a", (9,), np.float32)
    assert not np.shares_memory(more, small) and not more.any()
    assert arena.grown == 1
    assert np.shares_memory(arena.array("a", (2, 3), np.float32), more)
    assert not np.shares_memory(arena.array("b", (9,), np.float32), more)
