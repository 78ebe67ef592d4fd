"""Convolution: against its definition, Caffe's sizes, and what is refused."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.vision.columns import _ELEMENTS
from tests.layers.harness import LayerRun
from tests.reference.im2col import convolution as reference


def convolution(options: str, x: Any, **more: Any) -> LayerRun:
    ports = 'bottom: "x" top: "y"'
    text = f'layer {{ name: "c" type: "Convolution" {ports}\nconvolution_param {{ {options} }} }}'
    return LayerRun(text, [x], **more)


@pytest.mark.parametrize(
    ("options", "stride", "pad", "dilation", "group"),
    [
        ("kernel_size: 3", (1, 1), (0, 0), (1, 1), 1),
        ("kernel_size: 3 stride_h: 2 stride_w: 1 pad: 1", (2, 1), (1, 1), (1, 1), 2),
        ("kernel_size: 3 pad_h: 2 dilation: 2", (1, 1), (2, 0), (2, 2), 1),
    ],
)
def test_definition(options: str, stride: Any, pad: Any, dilation: Any, group: int) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 4, 7, 6))
    w, b = random.normal(size=(6, 4 // group, 3, 3)), random.normal(size=6)
    run = convolution(f"num_output: 6 group: {group} {options}", x, params=[w, b])
    (y,) = run.forward()
    wanted = reference(x, w, b, stride, pad, dilation, y.shape[2:], group)
    np.testing.assert_allclose(y, wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "size", "wanted"),
    [
        ("kernel_size: 11 stride: 4", 227, 55),
        ("kernel_size: 5 pad: 2", 27, 27),
        ("kernel_size: 7 stride: 2 pad: 3", 224, 112),
        ("kernel_size: 5", 28, 24),
        ("kernel_size: 3 dilation: 2", 5, 1),
    ],
)
def test_sizes(options: str, size: int, wanted: int) -> None:
    run = convolution(f"num_output: 1 {options}", np.zeros((1, 1, size, size)))
    assert run.plan.tops[0].shape == (1, 1, wanted, wanted)


def test_many_chunks_are_as_good_as_one() -> None:
    """The columns of all pictures do not fit the scratch; those of each picture alone do."""
    random = np.random.default_rng(0)
    x = random.normal(size=(20, 4, 40, 40)).astype(np.float32)
    options = 'num_output: 3 kernel_size: 3 weight_filler { type: "xavier" }'
    run = convolution(options, x, dtype=np.float32)
    (y,) = run.forward()
    assert run.plan.facts.columns.chunk < len(x)
    assert run.io.scratch["columns"].size <= _ELEMENTS
    dy = random.normal(size=y.shape)
    (dx,) = run.backward([dy])
    assert dx is not None
    dw = np.zeros_like(run.io.params[0], dtype=np.float64)
    for n in range(len(x)):
        single = convolution(options, x[n : n + 1], dtype=np.float32)
        np.testing.assert_array_equal(single.forward()[0][0], y[n])
        (dx_n,) = single.backward([dy[n : n + 1]])
        assert dx_n is not None
        np.testing.assert_array_equal(dx_n[0], dx[n])
        assert single.io.dparams[0] is not None
        dw += single.io.dparams[0]
    np.testing.assert_allclose(run.io.dparams[0], dw, rtol=1e-3, atol=1e-3)


def test_same_bits_on_any_number_of_threads() -> None:
    random = np.random.default_rng(0)
    x, dy = random.normal(size=(6, 4, 12, 12)), random.normal(size=(6, 8, 8, 8))
    options = 'num_output: 8 kernel_size: 5 weight_filler { type: "xavier" }'
    before = numba.get_num_threads()
    results = []
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        run = convolution(options, x, dtype=np.float32)
        results.append([*run.forward(), *run.backward([dy]), *run.io.dparams])
    numba.set_num_threads(before)
    for one, many in zip(*results, strict=True):
        assert one is not None and many is not None
        np.testing.assert_array_equal(one, many)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("kernel_size: 2", "no num_output"),
        ("num_output: 2", "no kernel_size"),
        ("num_output: 2 kernel_size: 0", "kernel_size 0 x 0"),
        ("num_output: 2 kernel_size: 2 kernel_h: 2 kernel_w: 2", "kernel_size stands beside"),
        ("num_output: 2 kernel_h: 2", "kernel_h without kernel_w"),
        ("num_output: 2 kernel_size: 2 stride_w: 2", "stride_w without stride_h"),
        ("num_output: 2 kernel_size: 2 stride: 0", "stride 0 x 0"),
        ("num_output: 2 kernel_size: [2, 2, 2]", "3 values of kernel_size"),
        ("num_output: 2 kernel_size: 6", "larger than its input"),
        ("num_output: 2 kernel_size: 3 dilation: 3", "a window of 7 x 7 pixels"),
        ("num_output: 3 kernel_size: 2 group: 2", "group must divide both"),
        ("num_output: 2 kernel_size: 2 axis: 4", "axis 4 does not exist"),
        ('num_output: 2 kernel_size: 2 weight_filler { type: "x" }', "unknown filler 'x'"),
    ],
)
def test_errors(options: str, text: str) -> None:
    with pytest.raises(UserError) as found:
        convolution(options, np.zeros((1, 2, 5, 5)))
    assert text in str(found.value)
    assert str(found.value).startswith("test.prototxt:2: ")


def test_kernel_h_is_for_two_axes() -> None:
    with pytest.raises(UserError, match="for 1 spatial axes"):
        convolution("num_output: 1 kernel_h: 2 kernel_w: 2", np.zeros((1, 2, 5)))
