"""Windows as a CSV file: one by one with gaps between them, or joined as a recording."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.counters.export import export_windows, numbers_of_series
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.sliding import sliding_windows

COUNTERS = Counters(("x", "y"), ("", ""), (4.7, 1.5), (0.1, 0.3), 4, 1.0, "time")


def _source():
    values = np.arange(8 * 4 * 2, dtype=np.float64).reshape(8, 4, 2) + 1
    labels = np.arange(8) % 2
    made = make_source("A.testing", COUNTERS.scaled(values), labels, {0: "fine", 1: "cut"})
    return replace(made, counters=COUNTERS.to_json())


def test_a_series_takes_the_windows_of_each_label_in_turn() -> None:
    assert numbers_of_series(_source(), "fine:2, cut:3,fine:1") == [0, 2, 1, 3, 5, 4]


def test_joined_windows_have_no_gap_and_the_same_values(tmp_path: Path) -> None:
    source, windows = _source(), [0, 2, 1]
    for joined, stretches in ((True, [1, 1, 1]), (False, [1, 2, 3])):
        export_windows(source, windows, tmp_path / "a.csv", joined)
        found = sliding_windows(tmp_path / "a.csv", COUNTERS, 4)
        assert found.stretches.tolist() == stretches
        for number, window in enumerate(windows):
            assert np.allclose(found.image(number), source.images[window], atol=1e-5)
