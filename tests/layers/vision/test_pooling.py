"""Pooling: Caffe's sizes and numbers, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def pooling(options: str, x: object, tops: int = 1) -> LayerRun:
    names = "".join(f' top: "y{k}"' for k in range(tops))
    ports = f'bottom: "x"{names}'
    text = f'layer {{ name: "p" type: "Pooling" {ports}\npooling_param {{ {options} }} }}'
    array = np.asarray(x, dtype=np.float64)
    return LayerRun(text, [array if array.ndim != 2 else array[None, None]])


@pytest.mark.parametrize(
    ("options", "size", "wanted"),
    [
        ("kernel_size: 3 stride: 2 pad: 1", (6, 5), (4, 3)),
        ("kernel_size: 3 stride: 2", (55, 55), (27, 27)),
        ("kernel_size: 3 stride: 2", (112, 112), (56, 56)),
        ("kernel_size: 3 stride: 2 round_mode: FLOOR", (112, 112), (55, 55)),
        ("kernel_size: 3 stride: 2", (32, 32), (16, 16)),
        ("kernel_h: 2 kernel_w: 3 stride_h: 2 stride_w: 1", (5, 5), (3, 3)),
        ("global_pooling: true", (5, 7), (1, 1)),
        ("kernel_size: 1 stride: 3", (3, 4), (1, 2)),
        ("kernel_size: 2 stride: 2", (1, 1), (1, 1)),
        ("kernel_size: 3 stride: 2", (2, 7), (1, 3)),
        ("kernel_size: 5 stride: 3 pad: 1", (1, 2), (1, 1)),
    ],
)
def test_sizes(options: str, size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert pooling(options, np.zeros((1, 1, *size))).plan.tops[0].shape == (1, 1, *wanted)


def test_a_stride_above_the_kernel_makes_no_empty_window() -> None:
    """Caffe makes a second window from row 4 of 3 on here: the lowest float, or 0 / 0."""
    for pool in ("MAX", "AVE"):
        run = pooling(f"pool: {pool} kernel_size: 1 stride: 4", np.ones((3, 3)))
        np.testing.assert_array_equal(run.forward()[0], [[[[1]]]])


def test_padding_counts_in_the_mean() -> None:
    run = pooling("pool: AVE kernel_size: 3 pad: 1", np.full((3, 3), 2.0))
    wanted = [[8 / 9, 4 / 3, 8 / 9], [4 / 3, 2, 4 / 3], [8 / 9, 4 / 3, 8 / 9]]
    np.testing.assert_allclose(run.forward()[0][0, 0], wanted)


def test_what_lies_behind_the_padding_does_not_count_in_the_mean() -> None:
    run = pooling("pool: AVE kernel_size: 3 stride: 2", np.ones((4, 4)))
    np.testing.assert_allclose(run.forward()[0], np.ones((1, 1, 2, 2)))


def test_a_kernel_larger_than_its_picture_is_cut_to_it() -> None:
    """Texts of nets whose picture size is given when they run begin with 1 x 1 pixels."""
    x = [[3.0, 5.0, 1.0, 8.0]]
    largest = pooling("kernel_size: 2 stride: 2", x)
    np.testing.assert_array_equal(largest.forward()[0][0, 0], [[5, 8]])
    np.testing.assert_array_equal(largest.backward([np.ones((1, 1, 1, 2))])[0], [[[[0, 1, 0, 1]]]])
    mean = pooling("pool: AVE kernel_size: 2 stride: 2", x)
    np.testing.assert_array_equal(mean.forward()[0][0, 0], [[4, 4.5]])
    np.testing.assert_array_equal(
        mean.backward([np.ones((1, 1, 1, 2))])[0], np.full((1, 1, 1, 4), 0.5)
    )


def test_maximum_ignores_padding() -> None:
    run = pooling("kernel_size: 3 stride: 2 pad: 2", [[1, 2, 4], [2, 3, 2], [4, 2, 1]])
    np.testing.assert_array_equal(run.forward()[0][0, 0], [[1, 4, 4], [4, 4, 4], [4, 4, 1]])


def test_the_first_of_equals_wins() -> None:
    run = pooling("kernel_size: 2", [[5, 5, 0], [5, 5, 0]], tops=2)
    y, places = run.forward()
    np.testing.assert_array_equal(y[0, 0], [[5, 5]])
    np.testing.assert_array_equal(places[0, 0], [[0, 1]])
    (dx,) = run.backward([np.array([[[[10.0, 20.0]]]]), np.zeros((1, 1, 1, 2))])
    assert dx is not None
    np.testing.assert_array_equal(dx[0, 0], [[10, 20, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("options", "tops", "text"),
    [
        ("stride: 2", 1, "no kernel_size"),
        ("kernel_size: 2 kernel_h: 2 kernel_w: 2", 1, "kernel_size stands beside kernel_h"),
        ("kernel_h: 2", 1, "only kernel_h of kernel_h and kernel_w"),
        ("kernel_size: 2 stride_w: 2", 1, "only stride_w of stride_h and stride_w"),
        ("kernel_size: 2 pad: 1 pad_h: 1", 1, "pad stands beside pad_h"),
        ("kernel_size: 2 pad: 2", 1, "pad 2 x 2 for a kernel of 2 x 2"),
        ("kernel_size: 2 stride: 0", 1, "stride 0 x 0"),
        ("kernel_size: 5", 1, "larger than its input"),
        ("kernel_size: 6 stride: 2", 1, "larger than its input"),
        ("kernel_size: 5 stride: 2 round_mode: FLOOR", 1, "larger than its input"),
        ("kernel_size: 2 global_pooling: true", 1, "global_pooling beside"),
        ("pool: STOCHASTIC kernel_size: 2", 1, "Caffe has the third on a GPU only"),
        ("pool: AVE kernel_size: 2", 2, "only MAX has one"),
    ],
)
def test_errors(options: str, tops: int, text: str) -> None:
    with pytest.raises(UserError) as found:
        pooling(options, np.zeros((4, 4)), tops)
    assert text in str(found.value)
    assert str(found.value).startswith("test.prototxt:")
    assert "layer 'p' (Pooling)" in str(found.value)


def test_only_pictures() -> None:
    with pytest.raises(UserError, match="pictures"):
        pooling("kernel_size: 2", np.zeros((2, 3, 4)))
