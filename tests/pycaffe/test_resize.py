"""Resizing, held against a slow walk over pixels and against scipy."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from mycaffe_py.errors import UserError
from mycaffe_py.pycaffe.resize import resize_image

SIZES = st.integers(1, 9)
RNG = np.random.default_rng(5)


def between(values, place):
    """The value at a place between two entries, the ends going on for ever."""
    place = min(max(place, 0), len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def walk(im, height, width, place):
    out = np.zeros((height, width, im.shape[2]))
    for y in range(height):
        for x in range(width):
            rows = [between(row, place(x, im.shape[1], width)) for row in im]
            out[y, x] = between(rows, place(y, im.shape[0], height))
    return out


def centre(i, size, new):
    return (i + 0.5) * size / new - 0.5


def corner(i, size, new):
    return i * (size - 1) / (new - 1) if new > 1 else 0.0


@given(SIZES, SIZES, SIZES, SIZES, st.sampled_from([1, 2, 3, 4]))
def test_linear_is_a_walk_over_pixels(height, width, new_height, new_width, channels) -> None:
    im = RNG.standard_normal((height, width, channels))
    place = centre if channels in (1, 3) else corner
    found = resize_image(im, (new_height, new_width))
    assert found.dtype == np.float32
    assert np.allclose(found, walk(im, new_height, new_width, place), atol=1e-6)


@pytest.mark.parametrize("size", [(5, 7), (31, 17), (12, 4), (40, 40)])
@pytest.mark.parametrize("channels", [1, 3])
def test_linear_is_scipys_zoom_at_pixel_centres(size: tuple[int, ...], channels: int) -> None:
    im = RNG.random((20, 24, channels))
    factors = (size[0] / 20, size[1] / 24, 1)
    wanted = ndimage.zoom(im, factors, order=1, mode="nearest", grid_mode=True)
    assert np.allclose(resize_image(im, size), wanted, atol=1e-6)


@pytest.mark.parametrize("size", [(5, 7), (31, 17), (12, 4)])
def test_other_channels_are_scipys_plain_zoom(size: tuple[int, ...]) -> None:
    im = RNG.random((20, 24, 5))
    wanted = ndimage.zoom(im, (size[0] / 20, size[1] / 24, 1), order=1)
    assert np.allclose(resize_image(im, size), wanted, atol=1e-6)


def test_half_the_size_is_the_mean_of_four() -> None:
    im = RNG.random((8, 6, 3))
    wanted = im.reshape(4, 2, 3, 2, 3).mean(axis=(1, 3))
    assert np.allclose(resize_image(im, (4, 3)), wanted, atol=1e-6)


def test_edges_stay_as_bright_as_they_are() -> None:
    assert np.array_equal(resize_image(np.full((2, 2, 3), 7.0), (9, 5)), np.full((9, 5, 3), 7.0))
    ramp = np.linspace(0, 1, 4).reshape(4, 1, 1)
    assert resize_image(ramp, (16, 1)).min() == 0
    assert resize_image(ramp, (16, 1)).max() == 1


def test_nearest_takes_pixels_and_splines_stay_in_range() -> None:
    im = RNG.random((6, 6, 3)).astype(np.float32)
    assert np.isin(resize_image(im, (13, 4), interp_order=0), im).all()
    assert np.array_equal(resize_image(im, (12, 12), 0)[::2, ::2], im)
    cubic = resize_image(im, (12, 12), interp_order=3)
    assert cubic.min() >= im.min()
    assert cubic.max() <= im.max()
    assert np.abs(cubic - resize_image(im, (12, 12))).max() > 0.01


def test_bytes_are_taken_as_numbers() -> None:
    im = np.array([[[0], [255]]], dtype=np.uint8)
    assert resize_image(im, (1, 4)).ravel().tolist() == [0, 63.75, 191.25, 255]


def test_splines_need_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.ndimage", None)
    with pytest.raises(UserError, match="interp_order=3 needs scipy"):
        resize_image(np.zeros((2, 2, 1)), (3, 3), interp_order=3)


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 3), (1, 4, 4, 3)])
def test_what_is_no_picture(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(H, W, K\)"):
        resize_image(np.zeros(shape), (2, 2))
    with pytest.raises(ValueError, match="0x2 pixels"):
        resize_image(np.zeros((4, 4, 3)), (0, 2))
