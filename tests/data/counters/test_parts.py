import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycaffe_py.data.counters.parts import split_by_time


def test_the_latest_windows_are_for_testing() -> None:
    starts = np.arange(0, 50, 5)
    files, labels = np.zeros(10, dtype=np.int64), np.zeros(10, dtype=np.int64)
    parts, dropped = split_by_time(files, starts, labels, 8, {"training": 0.7, "testing": 0.3})
    # Window 6 reaches to row 37 and window 7 starts at row 35.
    assert parts["training"].tolist() == [0, 1, 2, 3, 4, 5]
    assert parts["testing"].tolist() == [7, 8, 9]
    assert dropped == 1


@pytest.mark.slow
@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), min_size=1, max_size=40),
    st.integers(1, 8),
    st.integers(0, 2),
)
def test_parts_never_overlap(windows, steps, labels) -> None:
    windows = sorted(set(windows))
    files, starts = (np.array(part, dtype=np.int64) for part in zip(*windows, strict=True))
    # One label for each file and half of the time, so that labels share no rows.
    own = files * 2 + (starts >= 30) * labels
    shares = {"training": 0.6, "validation": 0.2, "testing": 0.2}
    parts, dropped = split_by_time(files, starts, own, steps, shares)
    assert sum(map(len, parts.values())) + dropped == len(starts)
    for label in np.unique(own):
        covered: dict[str, set[tuple[int, int]]] = {
            name: {
                (int(files[i]), int(starts[i]) + step)
                for i in rows
                if own[i] == label
                for step in range(steps)
            }
            for name, rows in parts.items()
        }
        assert not covered["training"] & covered["testing"]
        assert not covered["training"] & covered["validation"]
        assert not covered["validation"] & covered["testing"]
