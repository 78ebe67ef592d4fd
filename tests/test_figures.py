import math

import pytest

from mycaffe_py.figures import distance_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0915820212176186e-06, "1.09e-06"),
        (0.00041280253, "0.00041"),
        (9.6e-5, "0.00010"),
        (9.4e-5, "9.4e-05"),
        (0.0177858, "0.01779"),
        (1234.5, "1234.50000"),
        (0.0, "0.00000"),
        (math.inf, "inf"),
        (-3e-9, "-3e-09"),
    ],
)
def test_no_distance_but_zero_is_shown_as_zero(value, text: str) -> None:
    assert distance_text(value) == text
