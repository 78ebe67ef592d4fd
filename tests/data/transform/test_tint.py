"""Hue and saturation against the colour wheel of the standard library."""

import colorsys

import numpy as np
import pytest

from mycaffe_py.data.transform.augment import DRAWS, MORE_DRAWS, SHAPE_DRAWS, Augment, warp_of
from mycaffe_py.data.transform.tint import tinted, tints
from mycaffe_py.data.transform.transform import Transform, TransformSettings

IMAGES = np.random.default_rng(5).integers(0, 256, (6, 3, 4, 5)).astype(np.uint8)


def _one(hue=0.0, saturation=1.0):
    return tints(np.array([hue]), np.array([saturation]))[0]


def test_nothing_asked_changes_nothing() -> None:
    np.testing.assert_allclose(_one(), np.eye(3), atol=1e-12)


@pytest.mark.parametrize(("hue", "saturation"), [(0.7, 1), (-2, 0.3), (0, 0), (3, 1.9)])
def test_gray_stays_and_so_does_brightness(hue: float, saturation: float) -> None:
    mixing = _one(hue, saturation)
    np.testing.assert_allclose(mixing @ [1, 1, 1], [1, 1, 1], atol=2e-3)
    brightness = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(brightness @ mixing, brightness, atol=1e-12)


def test_without_saturation_all_channels_are_the_brightness() -> None:
    red, green, blue = _one(saturation=0) @ [200, 100, 50]
    wanted = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    assert [red, green, blue] == pytest.approx([wanted] * 3)


def test_a_turn_goes_round_the_colour_wheel_one_way() -> None:
    """Red becomes yellower or more magenta, as the sign says, and comes back after a whole turn."""
    angles = np.deg2rad([0, 15, 30, 45, 60])
    hues = [colorsys.yiq_to_rgb(*colorsys.rgb_to_yiq(*(_one(a) @ [0.6, 0.3, 0.3]))) for a in angles]
    wheel = np.unwrap([colorsys.rgb_to_hsv(*rgb)[0] for rgb in hues], period=1)
    assert (np.abs(np.diff(wheel)) > 0.02).all()
    assert len(set(np.sign(np.diff(wheel)))) == 1
    np.testing.assert_allclose(_one(2 * np.pi), np.eye(3), atol=1e-12)
    there_and_back = _one(1) @ _one(-1)
    np.testing.assert_allclose(there_and_back, np.eye(3), atol=1e-12)


def test_images_are_mixed_pixel_by_pixel() -> None:
    mixing = tints(np.linspace(-1, 1, 6), np.linspace(0, 2, 6))
    wanted = np.einsum("mij,mjhw->mihw", mixing, IMAGES.astype(float))
    np.testing.assert_allclose(tinted(IMAGES, mixing), wanted, atol=1e-9)


def _applied(augment, images=IMAGES, **settings):
    transform = Transform(
        TransformSettings(augment=augment, **settings), images.shape[1:], train=True, seed=3
    )
    y = np.full((len(images), 1, *transform.out_shape), np.nan)
    transform.apply(images, np.arange(len(images)), 0, y)
    return y[:, 0]


def test_colours_that_stand_blue_first_are_mixed_alike() -> None:
    augment = Augment(hue=50, saturation=0.5)
    plain, turned = _applied(augment), _applied(augment, bgr=True)
    np.testing.assert_allclose(turned, plain[:, ::-1], atol=1e-9)
    assert not np.allclose(plain, IMAGES)


def test_gray_images_and_those_that_are_left_alone_stay() -> None:
    augment = Augment(hue=50, saturation=0.5)
    assert np.array_equal(_applied(augment, IMAGES[:, :1]), IMAGES[:, :1])
    still = Augment(hue=50, saturation=0.5, probability=0.5)
    draws = np.full((2, DRAWS + MORE_DRAWS + SHAPE_DRAWS), 0.9)
    draws[0, 8] = 0.1
    tint = warp_of(still, (3, 4, 5), draws).tint
    assert not np.allclose(tint[0], np.eye(3))
    assert np.array_equal(tint[1], np.eye(3))
