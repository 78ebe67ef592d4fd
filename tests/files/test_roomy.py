"""Long arrays lie in a file, short ones in memory, and all are zeros to write to."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.files.roomy import joined, roomy_zeros


@pytest.mark.parametrize("count", [0, 1, 1000, 131_071, 131_072, 400_001])
def test_they_are_zeros_to_write_to(count: int) -> None:
    made = roomy_zeros(count, np.int64)
    assert made.shape == (count,) and made.dtype == np.int64 and not made.any()
    made[:] = np.arange(count)
    assert (made == np.arange(count)).all()


def test_long_ones_take_no_memory() -> None:
    tracemalloc.start()
    try:
        made = roomy_zeros(2_000_000, np.int64)
        made[:] = 7
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert made.sum() == 14_000_000


def test_without_room_for_a_file_they_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert not roomy_zeros(400_000, np.float64).any()


@pytest.mark.parametrize("rows", [1, 3, 1000, 300_000])
def test_rows_that_come_piece_by_piece_become_one_array(rows: int, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    whole = np.arange(rows * 6, dtype=np.float32).reshape(rows, 2, 3)
    # Turned round, so that they do not lie one behind the other.
    parts = (whole[start : start + 7001][:, ::-1] for start in range(0, rows, 7001))
    found = joined(parts, folder)
    np.testing.assert_array_equal(found, whole[:, ::-1])
    assert found.dtype == np.float32 and found.flags.c_contiguous
    # Nothing is left behind, and of few rows nothing was made.
    assert folder.exists() == (whole.nbytes >= 1 << 20) and not list(tmp_path.rglob("*.*"))


def test_a_folder_without_room_for_rows_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="the first 300,000 items cannot be written: Not a dir"):
        joined([np.zeros(300_000)], tmp_path / "file" / "x")
