"""Correlation1D by its definition; what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.flow import correlation_of_rows

SETTINGS = [(2, 1, 2, 1, 1), (3, 3, 3, 2, 2), (0, 1, 2, 1, 1), (4, 1, 4, 1, 3)]
NAMES = ("pad", "kernel_size", "max_displacement", "stride_1", "stride_2")


def _text(options: str) -> str:
    return (
        'layer { name: "c" type: "Correlation1D" bottom: "a" bottom: "b" top: "y"\n'
        f"correlation_param {{ {options} }} }}"
    )


@pytest.mark.parametrize("way", [-1, 0, 1])
@pytest.mark.parametrize("setting", SETTINGS)
def test_by_the_definition(setting: tuple[int, ...], way: int) -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 2, 3, 5, 9))
    options = " ".join(f"{name}: {value}" for name, value in zip(NAMES, setting, strict=True))
    (y,) = LayerRun(_text(f"{options} single_direction: {way}"), [a, b]).forward()
    np.testing.assert_allclose(y, correlation_of_rows(a, b, *setting, way), atol=1e-14)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("kernel_size: 1 max_displacement: 1 single_direction: 2", "single_direction 2"),
        ("kernel_size: 1 max_displacement: 9", "more than 0 rows and 18 columns"),
        ("kernel_size: 9 max_displacement: 0", "more than 8 rows and 8 columns"),
        ("kernel_size: 1 max_displacement: 1 stride_2: 4000000 single_direction: -1", "at most"),
    ],
)
def test_refused(options: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        LayerRun(_text(options), [np.zeros((1, 1, 4, 5))] * 2)
