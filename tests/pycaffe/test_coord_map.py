"""Maps of coordinates, held against the receptive fields that a slow walk finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.pycaffe import coord_map as maps
from mycaffe_py.pycaffe.net_spec import layers


def window(kind, bottom, kernel, stride, pad, dilation=1):
    own = {"kernel_size": kernel, "stride": stride, "pad": pad}
    if kind == "Pooling":
        return layers.Pooling(bottom, **own)
    return getattr(layers, kind)(bottom, convolution_param=dict(own, dilation=dilation))


def centre_read(place, kernel, stride, pad, dilation):
    """The middle of the pixels that output `place` of a convolution reads."""
    return np.mean([place * stride - pad + tap * dilation for tap in range(kernel)])


WINDOWS = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))


@given(st.lists(WINDOWS, min_size=1, max_size=4), st.integers(0, 20))
def test_an_output_maps_to_the_middle_of_what_it_reads(windows, place) -> None:
    data = layers.Input()
    top = data
    for kernel, stride, pad, dilation in windows:
        top = window("Convolution", top, kernel, stride, pad, dilation)
    middle = float(place)
    for kernel, stride, pad, dilation in reversed(windows):
        middle = centre_read(middle, kernel, stride, pad, dilation)
    axis, scale, shift = maps.coord_map_from_to(top, data)
    assert axis == 1
    assert np.allclose(scale * place + shift, middle)
    _, scale_back, shift_back = maps.coord_map_from_to(data, top)
    assert np.allclose(scale_back * middle + shift_back, place)


@given(WINDOWS)
def test_a_deconvolution_undoes_the_convolution_of_its_size(shape) -> None:
    data = layers.Input()
    there = window("Convolution", data, *shape)
    back = window("Deconvolution", there, *shape)
    _, scale, shift = maps.coord_map_from_to(back, data)
    assert np.allclose(scale, 1)
    assert np.allclose(shift, 0)


def test_pooling_and_crops_shift() -> None:
    data = layers.Input()
    pool = window("Pooling", data, 2, 2, 0)
    assert maps.coord_map(pool.fn) == (1, 0.5, -0.25)
    cut = layers.Crop(pool, data, axis=2, offset=[3, 4])
    axis, scale, shift = maps.coord_map(cut.fn)
    assert (axis, scale, list(shift)) == (1, 1, [-3, -4])


def test_layers_of_values_alone_map_nothing() -> None:
    data = layers.Input()
    top = layers.PReLU(layers.Dropout(layers.LRN(data)))
    assert maps.coord_map_from_to(top, data) == (None, 1, 0)


def test_several_axes_are_those_of_each_alone() -> None:
    data = layers.Input()
    both = window("Convolution", data, [3, 5], [1, 2], [0, 10])
    alone = [window("Convolution", data, 3, 1, 0), window("Convolution", data, 5, 2, 10)]
    _, scale, shift = maps.coord_map_from_to(both, data)
    for number, top in enumerate(alone):
        _, one_scale, one_shift = maps.coord_map_from_to(top, data)
        assert (scale[number], shift[number]) == (one_scale, one_shift)


def test_crop_makes_the_layer_that_lines_up() -> None:
    data = layers.Input()
    up = window("Deconvolution", window("Pooling", data, 4, 4, 0), 8, 4, 0)
    layer = maps.crop(up, data).fn
    assert layer.type_name == "Crop"
    assert layer.inputs == (up, data)
    assert layer.params == {"crop_param": {"axis": 2, "offset": [2]}}
    same = maps.crop(layers.ReLU(data), data).fn
    assert same.params == {"crop_param": {"axis": 2, "offset": [0]}}


@pytest.mark.parametrize(
    ("pool", "kernel", "stride", "pad", "told"),
    [
        (3, 4, 2, 0, "scales differ"),
        (2, 4, 2, 10, "negative offset"),
        (2, 3, 2, 0, "parts of pixels"),
    ],
)
def test_crop_refuses(pool: int, kernel: int, stride: int, pad: int, told: str) -> None:
    data = layers.Input()
    up = window("Deconvolution", window("Pooling", data, pool, pool, 0), kernel, stride, pad)
    with pytest.raises(AssertionError, match=told):
        maps.crop(up, data)


def test_scales_that_multiply_to_one_only_nearly() -> None:
    data = layers.Input()
    # 1/49 * 49 is not 1 in floating point.
    up = window("Deconvolution", window("Pooling", data, 49, 49, 0), 49, 49, 0)
    assert maps.crop(up, data).fn.params["crop_param"]["offset"] == [0]


def test_unconnected_tops() -> None:
    data = layers.Input()
    score = layers.InnerProduct(window("Convolution", data, 3, 1, 0), num_output=2)
    with pytest.raises(RuntimeError):
        maps.coord_map_from_to(score, data)
    with pytest.raises(maps.UndefinedMapException):
        maps.coord_map(score.fn)


def test_the_second_bottom_of_a_crop_is_no_way() -> None:
    data, other = layers.Input(), layers.Input()
    cut = layers.Crop(data, layers.ReLU(other), offset=1)
    assert maps.coord_map_from_to(cut, data)[2] == 1
    with pytest.raises(RuntimeError):
        maps.coord_map_from_to(cut, other)


def test_maps_of_other_axes_do_not_compose() -> None:
    with pytest.raises(maps.AxisMismatchException):
        maps.compose((1, 1, 0), (2, 1, 0))
    assert maps.compose((None, 1, 0), (2, 3, 4)) == (2, 3, 4)
    assert maps.compose((1, 2, 3), (None, 5, 7)) == (1, 10, 17)


def test_parameters_of_one_axis_are_refused() -> None:
    with pytest.raises(AssertionError, match="kernel_h"):
        maps.coord_map(layers.Convolution(layers.Input(), kernel_h=3, kernel_w=3).fn)
