"""LSTMUnit: a step by hand, wrong shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(c: Any, sums: Any, cont: Any) -> LayerRun:
    text = (
        'layer { name: "step" type: "LSTMUnit" bottom: "c" bottom: "sums" bottom: "cont" '
        'top: "c1" top: "h" }'
    )
    return LayerRun(text, [np.asarray(c), np.asarray(sums), np.asarray(cont)])


def test_by_hand() -> None:
    """All gates half open, candidate tanh 1; row 0 remembers 4, row 1 starts anew."""
    c, h = _run([[[4.0], [np.nan]]], [[[0, 0, 0, 1.0]] * 2], [[1.0, 0]]).forward()
    wanted = np.array([2 + 0.5 * math.tanh(1), 0.5 * math.tanh(1)])
    np.testing.assert_allclose(c.ravel(), wanted)
    np.testing.assert_allclose(h.ravel(), 0.5 * np.tanh(wanted))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            ((2, 3, 4), (2, 3, 16), (2, 3)),
            "bottom 'c' is (2, 3, 4); a state, (1, rows, hidden numbers)",
        ),
        (
            ((1, 3, 4), (1, 3, 12), (1, 3)),
            "bottom 'sums' is (1, 3, 12); bottom 'c' is (1, 3, 4), which asks for (1, 3, 16)",
        ),
        (
            ((1, 3, 4), (1, 3, 16), (3,)),
            "bottom 'cont' is (3,); bottom 'c' is (1, 3, 4), which asks for (1, 3)",
        ),
    ],
)
def test_refused(shapes: Any, message: str) -> None:
    with pytest.raises(UserError) as caught:
        _run(*[np.zeros(shape) for shape in shapes])
    assert str(caught.value) == f"test.prototxt:1: layer 'step' (LSTMUnit): {message}."
