"""BN: which of the two layers of that name is meant, and their state phase by phase."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import BlobSpec
from mycaffe_py.layers.normalization.bn_kind import is_segnet
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import upgrade_net
from tests.layers.harness import LayerRun, context_of

X = np.random.default_rng(0).normal(2, 3, size=(4, 2, 5, 1))
ONES = 'slope_filler { type: "constant" value: 1 }'
_FEW = (1, 2, 1, 1)


def _text(options: str, more: str = "", tops: int = 1) -> str:
    names = " ".join(f'top: "y{k}"' for k in range(tops))
    return (
        f'layer {{ name: "bn" type: "BN" bottom: "x"\n{names} {more}\nbn_param {{ {options} }} }}'
    )


def _evened(x: np.ndarray, eps: float) -> np.ndarray:
    mean, variance = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
    return (x - mean.reshape(_FEW)) / np.sqrt(variance.reshape(_FEW) + eps)


@pytest.mark.parametrize(
    ("options", "more", "tops", "stored", "wanted"),
    [
        ("eps: 0.001", "", 1, None, False),
        ("bn_mode: INFERENCE", "", 1, None, True),
        ("bn_mode: INFERENCE", "", 1, 4, True),
        ("", "", 1, 2, True),
        ("", "", 1, 4, False),
        ("", "", 1, None, False),
        ("", "param { } param { }", 1, None, True),
        ("", "", 3, None, True),
    ],
)
def test_which_layer_is_meant(
    options: str, more: str, tops: int, stored: int | None, wanted: bool
) -> None:
    shapes = None if stored is None else (_FEW,) * stored
    context = context_of(_text(options, more, tops), [BlobSpec(X.shape)], stored=shapes)
    assert is_segnet(context) is wanted


def test_stored_means_move_towards_those_of_the_batch() -> None:
    before = np.array([8.0, 16.0])
    params = [None, None, before.reshape(_FEW), before.reshape(_FEW)]
    run = LayerRun(_text(f"{ONES} momentum: 0.75"), [X], params=params)
    (y,) = run.forward()
    np.testing.assert_allclose(y, _evened(X, 1e-5))
    for state, found in zip(run.io.params[2:], (X.mean((0, 2, 3)), X.var((0, 2, 3))), strict=True):
        np.testing.assert_allclose(state.reshape(-1), 0.75 * before + found / 4)


@pytest.mark.parametrize(("options", "phase"), [("frozen: true", pb.TRAIN), ("", pb.TEST)])
def test_stored_means_are_used_and_stay(options: str, phase: int) -> None:
    values = [np.array(pair).reshape(_FEW) for pair in [(2.0, 3), (4.0, 5), (6.0, 7), (8.0, 9)]]
    run = LayerRun(_text(f"eps: 1 {options}"), [X], phase=phase, params=list(values))
    slope, bias, mean, variance = values
    (y,) = run.forward()
    np.testing.assert_allclose(y, slope * (X - mean) / np.sqrt(variance + 1) + bias)
    for param, value in zip(run.io.params, values, strict=True):
        np.testing.assert_array_equal(param, value)


def test_means_over_shards() -> None:
    run = LayerRun(_text("momentum: 0.5"), [X])
    pairs = [(np.array([1.0, 2]), np.array([3.0, 4])), (np.array([3.0, 4]), np.array([5.0, 6]))]
    run.layer.learn(run.io, pairs)
    assert [param.reshape(-1).tolist() for param in run.io.params[2:]] == [[1, 1.5], [2, 2.5]]


@pytest.mark.parametrize("phase", [pb.TRAIN, pb.TEST])
def test_segnet_takes_the_batch_in_every_phase(phase: int) -> None:
    run = LayerRun(
        _text("bn_mode: LEARN", tops=3),
        [X],
        phase=phase,
        params=[np.full(_FEW, 2.0), np.full(_FEW, 1.0)],
    )
    y, mean, variance = run.forward()
    np.testing.assert_allclose(y, 2 * _evened(X, 1e-9) + 1)
    np.testing.assert_allclose(mean, X.mean(axis=(0, 2, 3)).reshape(_FEW))
    np.testing.assert_allclose(variance, X.var(axis=(0, 2, 3)).reshape(_FEW))


def test_segnet_inference_only_scales_and_shifts() -> None:
    params = [np.array([2.0, 3]).reshape(_FEW), np.array([4.0, 5]).reshape(_FEW)]
    (y,) = LayerRun(_text("bn_mode: INFERENCE"), [X], params=list(params)).forward()
    np.testing.assert_allclose(y, params[0] * X + params[1])


@pytest.mark.parametrize(
    ("options", "rates"), [("eps: 0.1", [1, 1, 0, 0]), ("frozen: true", [0, 0, 0, 0])]
)
def test_what_is_no_weight_is_not_learned_whatever_the_text_says(
    options: str, rates: list[float]
) -> None:
    text = _text(options, "param { lr_mult: 1 } " * 4)
    upgraded = upgrade_net(read_text(text, pb.NetParameter, "net.prototxt").message)
    assert [spec.lr_mult for spec in upgraded.layer[0].param] == rates


@pytest.mark.parametrize(
    ("options", "tops", "shape", "line", "words"),
    [
        ("eps: 0.1 bn_mode: LEARN", 1, (2, 3), 3, "bn_mode stands beside eps"),
        ("frozen: true", 2, (2, 3), 2, "2 tops"),
        ("bn_mode: INFERENCE", 3, (2, 3), 2, "3 tops"),
        ("", 1, (2,), 1, "'x' is (2,)"),
    ],
)
def test_what_cannot_be(
    options: str, tops: int, shape: tuple[int, ...], line: int, words: str
) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text(options, tops=tops), [np.zeros(shape)])
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert words in caught.value.found
