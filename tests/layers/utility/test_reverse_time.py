"""ReverseTime: each sequence from its own end."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(options: str) -> str:
    ports = 'bottom: "x" bottom: "lengths" top: "y"'
    return f'layer {{ name: "r" type: "ReverseTime" {ports} reverse_time_param {{ {options} }} }}'


@pytest.mark.parametrize("copies", [True, False])
def test_each_from_its_end(copies: bool) -> None:
    x = np.arange(12.0).reshape(4, 3, 1)
    options = f"copy_remaining: {str(copies).lower()}"
    (y,) = LayerRun(_text(options), [x, np.array([4.0, 2.0, 0.0])]).forward()
    assert y[:, 0, 0].tolist() == [9, 6, 3, 0]
    assert y[:, 1, 0].tolist() == ([4, 1, 7, 10] if copies else [4, 1, 0, 0])
    assert y[:, 2, 0].tolist() == ([2, 5, 8, 11] if copies else [0, 0, 0, 0])


def test_lengths_that_no_sequence_has_are_cut() -> None:
    x = np.arange(6.0).reshape(2, 3)
    (y,) = LayerRun(_text(""), [x, np.array([9.0, -3.0, np.nan])]).forward()
    assert y.tolist() == [[3, 0, 0], [0, 0, 0]]


def test_every_sequence_has_a_length() -> None:
    with pytest.raises(UserError, match="each sequence has a length"):
        LayerRun(_text(""), [np.zeros((4, 3)), np.zeros(4)])
