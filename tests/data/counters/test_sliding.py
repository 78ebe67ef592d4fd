"""Windows that slide over a long CSV file."""

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.counters.one_window import read_window
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.sliding import is_long, sliding_windows
from mycaffe_py.errors import UserError
from tests.data.counters.write import traffic, write_csv

COUNTERS = Counters(("x", "y"), ("", ""), (4.7, 1.5), (0.1, 0.3), 4, 1.0, "time")


def test_each_window_is_what_a_file_of_its_own_would_be(tmp_path: Path) -> None:
    found = sliding_windows(write_csv(tmp_path / "long.csv", traffic(11)), COUNTERS, 3)
    assert found.starts.tolist() == [0, 3, 6]
    assert found.span(1) == ("3", "6")
    for number, start in enumerate(found.starts.tolist()):
        path = write_csv(tmp_path / "one.csv", traffic(11)[start : start + 4])
        assert np.array_equal(found.image(number), read_window(path, COUNTERS))


def test_no_window_reaches_over_a_gap(tmp_path: Path) -> None:
    rows = traffic(6) + traffic(2, start=20) + traffic(5, start=30)
    found = sliding_windows(write_csv(tmp_path / "a.csv", rows), COUNTERS, 1)
    assert [found.span(number) for number in range(len(found))] == [
        ("0", "3"), ("1", "4"), ("2", "5"), ("30", "33"), ("31", "34"),
    ]  # fmt: skip
    assert found.stretches.tolist() == [1, 1, 1, 3, 3]
    assert any("shorter than a window, left out: 1" in line for line in found.table.remarks)


def test_a_missing_value_costs_the_windows_that_hold_it(tmp_path: Path) -> None:
    rows = traffic(8)
    rows[4][1] = ""
    found = sliding_windows(write_csv(tmp_path / "a.csv", rows), COUNTERS, 4)
    assert found.image(0).shape == (1, 4, 2)
    with pytest.raises(UserError, match=r"a.csv:6: column 'x' has no number in line 6"):
        found.image(1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (traffic(3), "has no window: no 4 rows follow one another 1 s apart"),
        ([[60 * t, 1, 2, ""] for t in range(20)], "has no window"),
        ([], "no row has a time"),
    ],
)
def test_a_file_without_a_window_is_an_error(tmp_path: Path, rows, message) -> None:
    with pytest.raises(UserError, match=message):
        sliding_windows(write_csv(tmp_path / "a.csv", rows), COUNTERS, 1)


def test_a_missing_column_is_an_error(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", traffic(9), ("time", "x", "z", "fault"))
    with pytest.raises(UserError, match="1 of 2 counters have no column: y"):
        sliding_windows(path, COUNTERS, 1)


def test_what_is_long(tmp_path: Path) -> None:
    assert not is_long(write_csv(tmp_path / "a.csv", traffic(4)), COUNTERS)
    assert is_long(write_csv(tmp_path / "a.csv", traffic(5)), COUNTERS)
    assert not is_long(tmp_path / "nowhere.csv", COUNTERS)
