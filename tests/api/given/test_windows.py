from dataclasses import replace

import numpy as np
import pytest

from mycaffe_py.api.given.windows import given_windows
from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.counters.scaling import fitted
from mycaffe_py.errors import UserError

WINDOWS = np.random.default_rng(1).gamma(2, 100, (5, 3, 2)).round()
SCALING = fitted(WINDOWS, ("drops", "latency"), ("", "ms"), 1.0, "time")
LIKE = replace(
    make_source("LINK.x", np.zeros((1, 1, 3, 2), np.float32), np.zeros(1, int)),
    counters=SCALING.to_json(),
)


class Table:
    """As pandas has it: columns by name, and rows of another order than the net's."""

    def __init__(self, **columns) -> None:
        self.columns = list(columns)
        self._columns = columns

    def __array__(self, *_, **__):
        return np.stack(list(self._columns.values()), axis=1)

    def __getitem__(self, name):
        return self._columns[name]


def read(given):
    made = given_windows(given, LIKE)
    return np.concatenate(list(made.parts(2)))


def test_windows_are_scaled_as_the_net_learned_them() -> None:
    expected = SCALING.scaled(WINDOWS)
    assert np.array_equal(read(WINDOWS), expected)
    assert np.array_equal(read(WINDOWS.astype(int)), expected)
    assert np.array_equal(read(list(WINDOWS)), expected)
    assert np.array_equal(read(WINDOWS[2]), expected[2:3])


def test_a_sheet_is_read_as_the_command_reads_it(tmp_path) -> None:
    rows = [f"{i},{row[1]},{row[0]}" for i, row in enumerate(WINDOWS[1])]
    path = tmp_path / "w.csv"
    path.write_text("\n".join(["time,latency,drops", *rows]))
    assert np.array_equal(read([path, str(path)]), SCALING.scaled(WINDOWS[[1, 1]]))


def test_the_columns_of_a_table_are_found_by_their_names() -> None:
    window = WINDOWS[3]
    table = Table(time=np.arange(3), latency=window[:, 1], drops=window[:, 0])
    assert np.array_equal(read(table), SCALING.scaled(window[None]))
    with pytest.raises(UserError, match="no column 'latency'; columns drops, latency"):
        read(Table(drops=window[:, 0], latenzy=window[:, 1]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (WINDOWS[:, :2], r"\(5, 2, 2\); windows are \(N, 3, 2\)"),
        (WINDOWS[..., :1], r"\(5, 3, 1\)"),
        (WINDOWS[:, None], r"\(5, 1, 3, 2\)"),
        (WINDOWS[:0], r"\(0, 3, 2\)"),
        ([WINDOWS], r"\(5, 3, 2\)"),
        (np.full((3, 2), np.nan), "nan at"),
        ("lost.csv", "lost.csv"),
    ],
)
def test_what_is_no_window(given, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(given)
