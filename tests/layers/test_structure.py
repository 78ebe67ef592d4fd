"""Layers that feed, cut, join, reshape and combine: Caffe's rules, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def layer(type_: str, options: str, *bottoms: Any, tops: int = 1, **more: Any) -> LayerRun:
    ports = "".join(f' bottom: "x{k}"' for k in range(len(bottoms)))
    ports += "".join(f' top: "y{k}"' for k in range(tops))
    text = f'layer {{ name: "l" type: "{type_}"{ports}\n{options} }}'
    return LayerRun(text, [np.asarray(x, dtype=np.float64) for x in bottoms], **more)


@pytest.mark.parametrize(
    ("options", "shape", "wanted"),
    [
        ("shape { dim: 0 dim: 0 dim: -1 }", (2, 3, 4, 5), (2, 3, 20)),
        ("shape { dim: -1 }", (2, 3), (6,)),
        ("shape { dim: 2 dim: 2 } axis: 1 num_axes: 1", (5, 4, 3), (5, 2, 2, 3)),
        ("shape { dim: 1 } axis: -1 num_axes: 0", (5, 4), (5, 4, 1)),
        ("shape { dim: 1 } axis: 0 num_axes: 0", (5, 4), (1, 5, 4)),
        ("shape { dim: -1 dim: 2 } axis: -3", (3, 4, 6), (3, 12, 2)),
        ("shape { }", (1, 1), ()),
    ],
)
def test_reshape(options: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape)).reshape(shape)
    run = layer("Reshape", f"reshape_param {{ {options} }}", x)
    (y,) = run.forward()
    assert y.shape == wanted
    np.testing.assert_array_equal(y.ravel(), run.inputs[0].ravel())


def test_slice_dim_beside_axis_as_mycaffe_writes_it() -> None:
    options = "slice_param { axis: 1 slice_point: 1 slice_dim: 1 }"
    run = layer("Slice", options, np.arange(12).reshape(2, 2, 3), tops=2)
    for k, y in enumerate(run.forward()):
        np.testing.assert_array_equal(y, run.inputs[0][:, k : k + 1])


def test_split_adds_gradients() -> None:
    run = layer("Split", "", np.zeros((2, 2)), tops=3)
    run.forward()
    (dx,) = run.backward([np.full((2, 2), 1.0), np.full((2, 2), 10.0), np.full((2, 2), 100.0)])
    np.testing.assert_array_equal(dx, np.full((2, 2), 111.0))


def test_eltwise_maximum_ties_go_to_the_second_bottom() -> None:
    run = layer("Eltwise", "eltwise_param { operation: MAX }", [1, 2, 0], [1, 0, 0], [1, 2, 5])
    (y,) = run.forward()
    np.testing.assert_array_equal(y, [1, 2, 5])
    dxs = run.backward([np.array([10.0, 20.0, 30.0])])
    np.testing.assert_array_equal(dxs, [[0, 20, 0], [10, 0, 0], [0, 0, 30]])


def test_eltwise_shows_nan() -> None:
    for first, second in (([np.nan], [1]), ([1], [np.nan])):
        (y,) = layer("Eltwise", "eltwise_param { operation: MAX }", first, second).forward()
        assert np.isnan(y).all()


def test_eltwise_product_of_zeros_has_a_gradient() -> None:
    options = "eltwise_param { operation: PROD stable_prod_grad: false }"
    run = layer("Eltwise", options, [0.0, 2.0], [3.0, 0.0])
    run.forward()
    np.testing.assert_array_equal(run.backward([np.ones(2)]), [[3, 0], [0, 2]])


def test_silence_gives_zeros() -> None:
    run = layer("Silence", "", np.ones((2, 3)), tops=0)
    run.forward()
    np.testing.assert_array_equal(run.backward([])[0], np.zeros((2, 3)))


def test_dummy_data_draws_anew_but_keeps_constants() -> None:
    options = """dummy_data_param { num: 2 channels: 3 height: 1 width: 1
        data_filler { value: 7 } data_filler { type: "uniform" } }"""
    run = layer("DummyData", options, tops=2)
    first = run.forward()
    assert first[0].shape == (2, 3, 1, 1)
    assert (first[0] == 7).all()
    run.io.tops[0][...] = 1.0
    run.io.run.batch_number = 5
    run.layer.forward(run.io)
    assert (run.io.tops[0] == 1).all(), "a caller may overwrite a constant"
    assert (run.io.tops[1] != first[1]).all()


def test_input_shapes() -> None:
    run = layer("Input", "input_param { shape { dim: 2 dim: 3 } shape { dim: 2 } }", tops=2)
    assert [top.shape for top in run.plan.tops] == [(2, 3), (2,)]


PAIR = np.zeros((2, 4))


@pytest.mark.parametrize(
    ("type_", "options", "tops", "text"),
    [
        ("Slice", "slice_param { slice_point: 3 slice_point: 2 }", 3, "slice_point 3, 2 of"),
        ("Slice", "slice_param { slice_point: 0 }", 2, "points must rise"),
        ("Slice", "slice_param { slice_point: 4 }", 2, "with 4 entries"),
        ("Slice", "slice_param { slice_point: 2 }", 3, "1 slice_point for 3 tops"),
        ("Slice", "", 3, "cannot be cut into 3 equal parts"),
        ("Slice", "slice_param { axis: 0 slice_dim: 1 }", 2, "disagree"),
        ("Slice", "slice_param { axis: 2 }", 2, "axis 2 does not exist"),
        ("Concat", "concat_param { axis: 0 concat_dim: 1 }", 1, "disagree"),
        ("Flatten", "flatten_param { axis: 1 end_axis: 0 }", 1, "end_axis 0 lies before axis 1"),
        ("Reshape", "reshape_param { shape { dim: 3 dim: -1 } }", 1, "8 values cannot be spread"),
        ("Reshape", "reshape_param { shape { dim: 3 } }", 1, "holds 3 values"),
        ("Reshape", "reshape_param { shape { dim: -1 dim: -1 } }", 1, "one -1 at most"),
        ("Reshape", "reshape_param { shape { dim: 2 dim: 4 dim: 0 } }", 1, "copies axis 2"),
        ("Reshape", "reshape_param { axis: 3 }", 1, "axis 3 does not exist"),
        ("Reshape", "reshape_param { axis: 1 num_axes: 2 }", 1, "num_axes 2 from axis 1"),
        ("InnerProduct", "", 1, "no num_output"),
        ("InnerProduct", "inner_product_param { num_output: 1 axis: 2 }", 1, "axis 2 does not"),
    ],
)
def test_errors(type_: str, options: str, tops: int, text: str) -> None:
    with pytest.raises(UserError) as found:
        layer(type_, options, PAIR, tops=tops)
    assert text in str(found.value)
    assert str(found.value).startswith("test.prototxt:")


@pytest.mark.parametrize(
    ("type_", "options", "second", "text"),
    [
        ("Concat", "", (3, 4), "only axis 1 may differ"),
        ("Concat", "", (2,), "bottom 'x1' is (2,)"),
        ("Eltwise", "", (2, 3), "all must be the same"),
        ("Eltwise", "eltwise_param { coeff: 1 }", (2, 4), "1 coeff for 2 bottoms"),
        ("Eltwise", "eltwise_param { operation: MAX coeff: [1, 2] }", (2, 4), "only a sum"),
    ],
)
def test_errors_of_two(type_: str, options: str, second: tuple[int, ...], text: str) -> None:
    with pytest.raises(UserError) as found:
        layer(type_, options, PAIR, np.zeros(second))
    assert text in str(found.value)


@pytest.mark.parametrize(
    ("type_", "options", "text"),
    [
        ("Input", "", "0 shapes for 2 tops"),
        ("Input", "input_param { shape { dim: -1 } }", "negative dim"),
        ("DummyData", "dummy_data_param { num: 1 }", "0 entries of channels for 2 tops"),
        ("DummyData", "dummy_data_param { num: 1 shape { dim: 1 } }", "one way of giving"),
        (
            "DummyData",
            "dummy_data_param { shape { dim: 1 } data_filler { } data_filler { } data_filler { } }",
            "3 data_filler for 2 tops",
        ),
        ("DummyData", 'dummy_data_param { shape { dim: 1 } data_filler { type: "a" } }', "'a'"),
    ],
)
def test_errors_of_feeders(type_: str, options: str, text: str) -> None:
    with pytest.raises(UserError) as found:
        layer(type_, options, tops=2)
    assert text in str(found.value)
