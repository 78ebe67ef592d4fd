import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.counters.times import iso, seconds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0", 0.0),
        ("1772366407.5", 1772366407.5),
        ("1970-01-01T00:00:07", 7.0),
        ("1970-01-01 00:00:07.25", 7.25),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:09Z", 9.0),
        ("  1970-01-01T00:00:01 ", 1.0),
    ],
)
def test_times_that_are_some(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "noon", "1772366407000", "nan", "inf", "13:00", "2026-13-01", "01.02.2026"]
)
def test_times_that_are_none(text: str) -> None:
    assert seconds(text) is None


@given(st.integers(0, 4_000_000_000))
def test_iso_is_read_back(time_s) -> None:
    assert seconds(iso(time_s)) == time_s


@given(st.text())
def test_no_text_breaks_it(text) -> None:
    found = seconds(text)
    assert found is None or math.isfinite(found)
