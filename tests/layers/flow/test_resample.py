"""Resample by its definition; sizes; what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.flow import resampled


def _text(options: str, bottoms: str = "x") -> str:
    ports = " ".join(f'bottom: "{name}"' for name in bottoms)
    return f'layer {{ name: "r" type: "Resample" {ports} top: "y" resample_param {{ {options} }} }}'


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("kind", ["LINEAR", "CUBIC"])
@pytest.mark.parametrize("size", [(6, 8), (12, 16), (3, 4), (9, 5), (2, 20), (1, 1), (6, 3)])
def test_by_the_definition(size: tuple[int, int], kind: str, antialias: bool) -> None:
    x = np.random.default_rng(0).normal(size=(1, 2, 6, 8))
    options = f"height: {size[0]} width: {size[1]} type: {kind} antialias: {str(antialias).lower()}"
    (y,) = LayerRun(_text(options), [x]).forward()
    np.testing.assert_allclose(y[0], resampled(x[0], *size, kind, antialias), atol=1e-13)


def test_nearest() -> None:
    x = np.arange(4.0).reshape(1, 1, 1, 4)
    (y,) = LayerRun(_text("height: 1 width: 8 type: NEAREST"), [x]).forward()
    # Column k lies at k / 2 + 1 / 2 - 1 / 2, halves go up; the last one is inside.
    assert y.ravel().tolist() == [0, 1, 1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    ("options", "bottoms", "shape"),
    [
        ("factor: 0.5", [(2, 3, 7, 9)], (2, 3, 3, 4)),
        ("factor: 2", [(1, 1, 1, 3)], (1, 1, 2, 6)),
        ("", [(1, 1, 4, 4), (5, 2, 3, 6)], (1, 1, 3, 6)),
        ("factor: 2", [(0, 2, 3, 3)], (0, 2, 6, 6)),
    ],
)
def test_sizes(options: str, bottoms: Any, shape: tuple[int, ...]) -> None:
    run = LayerRun(_text(options, "xs"[: len(bottoms)]), [np.zeros(s) for s in bottoms])
    assert run.forward()[0].shape == shape


def test_a_net_tells_no_second_gradient() -> None:
    run = LayerRun(_text("", "xs"), [np.zeros((1, 1, 4, 4)), np.zeros((1, 1, 2, 2))])
    run.forward()
    assert run.backward([np.ones((1, 1, 2, 2))])[1] is None


@pytest.mark.parametrize(
    ("options", "shape", "told"),
    [
        ("width: 3", (1, 1, 4, 4), "no height"),
        ("factor: 0.1", (1, 1, 4, 4), "a pixel must be left"),
        ("factor: -1", (1, 1, 4, 4), "factor -1"),
        ("factor: 1e30", (1, 1, 4, 4), "factor 1e+30"),
        ("width: 4000000000 height: 1", (1, 1, 4, 4), "at most 65536"),
        ("type: AREA", (1, 1, 4, 4), "LINEAR or CUBIC"),
        ("", (1, 4, 4), "maps with pixels"),
        ("", (1, 4, 0, 4), "maps with pixels"),
    ],
)
def test_what_cannot_be_is_told(options: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(options), [np.zeros(shape)])
    assert told in str(error.value)
