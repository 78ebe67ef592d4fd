from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.state import read_state, write_state

GOLDEN = Path(__file__).parents[1] / "golden" / "solvers"
HISTORY = [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros(2, np.float32)]


def test_round_trip_and_what_a_protobuf_parser_reads(tmp_path: Path) -> None:
    path = tmp_path / "s.solverstate"
    write_state(path, 1234567, "s.caffemodel", HISTORY, 3)
    state = pb.SolverState.FromString(path.read_bytes())
    assert (state.iter, state.learned_net, state.current_step) == (1234567, "s.caffemodel", 3)
    assert len(state.history) == 2
    loaded = read_state(path)
    assert (loaded.iteration, loaded.learned_net, loaded.current_step) == (
        1234567, "s.caffemodel", 3,
    )  # fmt: skip
    for mine, theirs in zip(loaded.history, HISTORY, strict=True):
        np.testing.assert_array_equal(mine.array, theirs)


@pytest.mark.parametrize("case", sorted(p.name for p in GOLDEN.iterdir()))
def test_states_a_real_caffe_wrote(case: str) -> None:
    path = GOLDEN / case / "snap_iter_3.solverstate"
    wanted = pb.SolverState.FromString(path.read_bytes())
    loaded = read_state(path)
    assert (loaded.iteration, loaded.learned_net) == (wanted.iter, wanted.learned_net)
    for mine, theirs in zip(loaded.history, wanted.history, strict=True):
        np.testing.assert_array_equal(mine.array.ravel(), np.float32(theirs.data))


def test_mycaffe_writes_its_numbers_as_packed_lists(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(b"\x0a\x02\xe8\x07" + b"\x22\x01\x02")
    loaded = read_state(path)
    assert (loaded.iteration, loaded.current_step) == (1000, 2)


def test_damage_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "s"
    write_state(path, 7, "w", HISTORY, 0)
    whole = path.read_bytes()
    for size in range(len(whole) - 3):
        path.write_bytes(whole[:size])
        try:
            assert len(read_state(path).history) < 2 or size >= len(whole) - 4
        except UserError as error:
            assert str(path) in str(error)
    with pytest.raises(UserError, match="cannot read"):
        read_state(tmp_path / "missing")
