import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.counters.scaling import Counters, fitted
from mycaffe_py.errors import MyCaffeError

NAMES, UNITS = ("a", "b", "c"), ("bytes/s", "", "ms")


def _windows(count=6, steps=5):
    numbers = np.random.default_rng(5)
    values = numbers.lognormal(3, 2, (count, steps, 3))
    values[:, :, 1] = 7.0
    values[:, :, 2] -= 20
    return values


def test_scaled_as_the_formula_says() -> None:
    values = _windows()
    counters = fitted(values, NAMES, UNITS, 1.0, "time")
    images = counters.scaled(values)
    assert images.shape == (6, 1, 5, 3)
    assert images.dtype == np.float32
    for f in range(3):
        column = [x for window in values for x in window[:, f]]
        logs = [np.sign(x) * np.log(1 + abs(x)) for x in column]
        mean, spread = sum(logs) / len(logs), np.std(logs)
        wanted = [(log - mean) / (spread if f != 1 else 1) for log in logs]
        assert images[:, 0, :, f].ravel() == pytest.approx(wanted, abs=1e-5)


def test_a_constant_counter_is_zero_and_a_later_change_is_seen() -> None:
    counters = fitted(_windows(), NAMES, UNITS, 1.0, "time")
    assert counters.deviations[1] == 1.0
    assert not counters.scaled(_windows())[:, :, :, 1].any()
    later = _windows()
    later[:, :, 1] = 20
    assert counters.scaled(later)[0, 0, 0, 1] == pytest.approx(np.log(21 / 8), abs=1e-6)


def test_json_keeps_every_bit() -> None:
    counters = fitted(_windows(), NAMES, UNITS, 0.1, "when")
    assert Counters.from_json(counters.to_json()) == counters
    for text in ("", "[]", "{}", '{"names": 3}', "null"):
        with pytest.raises(MyCaffeError, match="scaling of counters is damaged"):
            Counters.from_json(text)


@given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4))
def test_unscaled_gives_the_values_back(numbers) -> None:
    values = np.array(numbers).reshape(1, 4, 1)
    counters = fitted(_windows(), NAMES[:1], UNITS[:1], 1.0, "time")
    counters = Counters(("a",), ("",), counters.means[:1], counters.deviations[:1], 4, 1.0, "t")
    images = counters.scaled(values)
    back = counters.unscaled(images)
    assert back == pytest.approx(values, rel=3e-5, abs=1e-5)
    # Rounding to a power of ten costs up to ten units in the last place of z, below 16 here.
    assert np.abs(counters.scaled(back) - images).max() <= 10 * 16 * 2.0**-23
