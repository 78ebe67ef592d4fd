"""Fillers: their distributions, and who may use them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError, Where
from mycaffe_py.layers.fillers import FILLERS, fill
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter
from mycaffe_py.random_streams import stream

SHAPE = (50, 40, 5, 5)


def filled(shape: tuple[int, ...] = SHAPE, dtype: Any = np.float64, **options: Any) -> Any:
    array = np.full(shape, np.nan, dtype)
    fill(FillerParameter(**options), array, stream(1, "test"), None)
    return array


def test_the_default_is_zero() -> None:
    assert not filled().any()


def test_constant() -> None:
    assert (filled(type="constant", value=2.5) == 2.5).all()


def test_uniform() -> None:
    x = filled(type="uniform", min=-2, max=1)
    assert -2 <= x.min() < -1.99 and 0.99 < x.max() < 1
    assert x.mean() == pytest.approx(-0.5, abs=0.02)


def test_gaussian() -> None:
    x = filled(type="gaussian", mean=3, std=0.5)
    assert x.mean() == pytest.approx(3, abs=0.02)
    assert x.std() == pytest.approx(0.5, abs=0.02)


def test_sparse_gaussian() -> None:
    """About `sparse` inputs of each output are not 0: sparse / shape[0] of all."""
    x = filled(type="gaussian", std=1, sparse=5)
    assert (x != 0).mean() == pytest.approx(5 / 50, abs=0.01)


def test_positive_unitball() -> None:
    x = filled(type="positive_unitball")
    assert (x >= 0).all()
    np.testing.assert_allclose(x.reshape(50, -1).sum(axis=1), 1, rtol=1e-5)


FAN_IN, FAN_OUT = 40 * 25, 50 * 25
NORMS = [
    (FillerParameter.FAN_IN, FAN_IN),
    (FillerParameter.FAN_OUT, FAN_OUT),
    (FillerParameter.AVERAGE, (FAN_IN + FAN_OUT) / 2),
]


@pytest.mark.parametrize(("norm", "fan"), NORMS)
def test_xavier(norm: int, fan: float) -> None:
    x = filled(type="xavier", variance_norm=norm)
    limit = math.sqrt(3 / fan)
    assert 0.999 * limit < np.abs(x).max() <= limit * (1 + 1e-6)
    assert x.std() == pytest.approx(1 / math.sqrt(fan), rel=0.02)


@pytest.mark.parametrize(("norm", "fan"), NORMS)
def test_msra(norm: int, fan: float) -> None:
    x = filled(type="msra", variance_norm=norm)
    assert x.std() == pytest.approx(math.sqrt(2 / fan), rel=0.02)
    assert np.abs(x).max() > 3 * x.std()


def test_diagonal() -> None:
    x = filled((3, 2, 2, 2), type="diagonal", diag_val=[6])
    wanted = np.zeros((3, 2, 2, 2))
    wanted[0, 0], wanted[1, 1] = 6 / 4, 1 / 4
    np.testing.assert_array_equal(x, wanted)


def test_bilinear() -> None:
    """Size 4 doubles a picture: 1/4, 3/4, 3/4, 1/4 each way."""
    x = filled((2, 3, 4, 4), type="bilinear")
    line = np.array([0.25, 0.75, 0.75, 0.25])
    np.testing.assert_allclose(x, np.broadcast_to(np.outer(line, line), x.shape))


@pytest.mark.parametrize("name", sorted(FILLERS))
def test_both_precisions_start_the_same(name: str) -> None:
    double = filled((4, 3, 2, 2), np.float64, type=name)
    np.testing.assert_array_equal(double, filled((4, 3, 2, 2), np.float32, type=name))


@pytest.mark.parametrize(
    ("options", "shape", "text"),
    [
        ({"type": "xavir"}, (2, 3), "unknown filler 'xavir'. Did you mean 'xavier'?"),
        ({"type": "xavier", "sparse": 2}, (2, 3), "only a gaussian filler can be sparse"),
        ({"type": "gaussian", "std": 0}, (2, 3), "std must be above 0"),
        ({"type": "bilinear"}, (2, 3, 4, 5), "4 axes and a square kernel"),
        ({"type": "diagonal"}, (3,), "an axis of outputs and one of inputs"),
        ({"type": "xavier"}, (0, 3), "for an array of shape (0, 3)"),
    ],
)
def test_errors(options: dict[str, Any], shape: tuple[int, ...], text: str) -> None:
    with pytest.raises(UserError) as found:
        fill(FillerParameter(**options), np.empty(shape), stream(1, "x"), Where("net.prototxt", 7))
    assert text in str(found.value)
    assert str(found.value).startswith("net.prototxt:7: ")
