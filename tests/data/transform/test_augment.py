"""Flips, windows and brightness; moves are in test_transform.py."""

import numpy as np
import pytest

from mycaffe_py.data.transform.augment import DRAWS, MORE_DRAWS, SHAPE_DRAWS, Augment, warp_of
from mycaffe_py.data.transform.transform import Transform, TransformSettings
from tests.reference import transform as reference

SHAPE = (2, 9, 7)
IMAGES = np.random.default_rng(2).integers(0, 256, (40, *SHAPE)).astype(np.uint8)


def _draws(**given):
    """Draws that change nothing but what is `given`."""
    names = [
        "mirror", "top", "left", "angle", "zoom", "down", "right", "slant", "change",
        "flip", "crop", "wtop", "wleft", "bright",
    ]  # fmt: skip
    draws = dict.fromkeys(names, 0.5) | {"change": 0.0, "flip": 0.999, "crop": 0.0} | given
    return np.array([list(draws.values())])


def _applied(augment, count=40, batch=0, train=True, seed=0):
    transform = Transform(TransformSettings(augment=augment), SHAPE, train=train, seed=seed)
    y = np.full((count, 1, *SHAPE), np.nan)
    transform.apply(IMAGES, np.arange(count), batch, y)
    return y[:, 0]


def test_the_names_above_are_all() -> None:
    assert _draws().shape == (1, DRAWS + MORE_DRAWS)


def test_without_amounts_nothing_changes() -> None:
    assert not Augment().changes
    assert not Augment(flip=0.5, probability=0).changes
    for one in ("shift", "rotate", "zoom", "shear", "crop", "flip", "brightness"):
        assert Augment(**{one: 0.5}).changes
    warp = warp_of(Augment(crop=0.5, flip=0.5, brightness=0.5), SHAPE, _draws())
    np.testing.assert_array_equal(warp.matrix[0], np.eye(2, 3))
    assert warp.gain.tolist() == [1]


def test_a_share_is_flipped_exactly() -> None:
    flipped = [
        bool(np.array_equal(y, image[:, :, ::-1])) or not np.array_equal(y, image)
        for batch in range(10)
        for y, image in zip(_applied(Augment(flip=0.25), batch=batch), IMAGES, strict=True)
    ]
    assert 70 < sum(flipped) < 130
    for y, image in zip(_applied(Augment(flip=1)), IMAGES, strict=True):
        assert np.array_equal(y, image[:, :, ::-1])


@pytest.mark.parametrize(("bright", "gain"), [(0.0, 0.8), (0.5, 1.0), (0.75, 1.1)])
def test_brightness_multiplies(bright: float, gain: float) -> None:
    warp = warp_of(Augment(brightness=0.2), SHAPE, _draws(bright=bright))
    assert warp.gain[0] == pytest.approx(gain)


def test_brightness_comes_before_the_mean() -> None:
    mean = np.full(SHAPE, 50, np.float32)
    settings = TransformSettings(mean=mean, scale=0.5, augment=Augment(brightness=0.3))
    y = np.empty((40, 1, *SHAPE))
    Transform(settings, SHAPE, train=True).apply(IMAGES, np.arange(40), 0, y)
    gains = (y[:, 0] / 0.5 + 50)[:, 0, 0, 0] / np.maximum(IMAGES[:, 0, 0, 0], 1)
    gains = gains[IMAGES[:, 0, 0, 0] > 0]
    assert gains.min() >= 0.7
    assert gains.max() <= 1.3
    assert gains.std() > 0.1
    plain = (y[:, 0] / 0.5 + 50).reshape(40, -1) / np.maximum(IMAGES.reshape(40, -1), 1)
    for row, image in zip(plain, IMAGES.reshape(40, -1), strict=True):
        np.testing.assert_allclose(row[image > 0], row[image > 0][0], rtol=1e-6)


@pytest.mark.parametrize("corner", [(0.0, 0.0), (1.0, 1.0), (0.25, 0.5)])
def test_a_window_spans_the_share_that_is_kept(corner: tuple[float, ...]) -> None:
    """The first pixel shows the window's first, the last its last."""
    draws = _draws(crop=0.5, wtop=corner[0], wleft=corner[1])
    matrix = warp_of(Augment(crop=0.5), SHAPE, draws).matrix[0]
    rows, columns = SHAPE[1] - 1, SHAPE[2] - 1
    first, last = matrix @ (0, 0, 1), matrix @ (rows, columns, 1)
    np.testing.assert_allclose(last - first, np.array([rows, columns]) * 0.75)
    np.testing.assert_allclose(first, np.array([rows, columns]) * 0.25 * np.array(corner))


def test_all_together_is_one_after_the_other() -> None:
    """Read pixel by pixel: the flipped place in the window, then where the moves show it."""
    augment = Augment(2, 20, 0.2, 0.1, crop=0.4, flip=0.5, brightness=0.2, fill=9)
    draws = _draws(angle=0.8, zoom=0.3, down=0.9, right=0.2, slant=0.7, flip=0.1, crop=0.6)
    full = warp_of(augment, SHAPE, draws).matrix[0]
    moved = warp_of(Augment(2, 20, 0.2, 0.1), SHAPE, draws[:, :DRAWS]).matrix[0]
    kept = 1 - 0.4 * 0.6
    for row in range(SHAPE[1]):
        for column in range(SHAPE[2]):
            turned = SHAPE[2] - 1 - column
            begin = (1 - kept) * np.array([SHAPE[1] - 1, SHAPE[2] - 1]) * 0.5
            place = begin + kept * np.array([row, turned])
            np.testing.assert_allclose(full @ (row, column, 1), moved @ (*place, 1), atol=1e-12)


def test_pixels_are_those_of_the_matrix() -> None:
    augment = Augment(1, 10, crop=0.3, flip=0.5, brightness=0.1, fill=3)
    transform = Transform(TransformSettings(augment=augment), SHAPE, train=True, seed=4)
    warp = warp_of(augment, SHAPE, transform._drawn(6, 40))
    y = np.empty((40, 1, *SHAPE))
    transform.apply(IMAGES, np.arange(40), 6, y)
    wanted = reference.warp(IMAGES, warp.matrix, 3) * warp.gain[:, None, None, None]
    np.testing.assert_allclose(y[:, 0], wanted, atol=1e-9)


def test_new_settings_leave_the_draws_of_the_old_ones() -> None:
    plain = Transform(TransformSettings(augment=Augment(2)), SHAPE, train=True)
    more = Transform(TransformSettings(augment=Augment(2, flip=0.5)), SHAPE, train=True)
    assert np.array_equal(plain._drawn(3, 5), more._drawn(3, 5)[:, :DRAWS])


def test_only_the_wanted_share_changes_brightness() -> None:
    y = _applied(Augment(brightness=0.5, probability=0.5))
    still = sum(np.array_equal(a, b) for a, b in zip(y, IMAGES, strict=True))
    assert 10 < still < 30
    assert np.array_equal(_applied(Augment(brightness=0.5, flip=1), train=False), IMAGES)


def test_half_precision_is_read() -> None:
    rows = (IMAGES / 255).astype(np.float16)
    y = np.empty((3, 1, *SHAPE), np.float32)
    records = np.array([7, 0, 39])
    Transform(TransformSettings(scale=2), SHAPE).apply(rows, records, 0, y)
    assert np.array_equal(y[:, 0], rows[records].astype(np.float32) * 2)


def _shaped(**given):
    """As _draws, with those of width and colour, which change nothing at 0.5."""
    shape = dict.fromkeys(["width", "red", "green", "blue", "hue", "strength"], 0.5) | given
    return np.hstack([_draws(), [list(shape.values())]])


@pytest.mark.parametrize(("width", "factor"), [(0.0, 0.5), (0.5, 1.0), (0.75, 1.25)])
def test_an_image_becomes_wider_about_its_middle_column(width: float, factor: float) -> None:
    warp = warp_of(Augment(stretch=0.5), SHAPE, _shaped(width=width))
    middle = (SHAPE[2] - 1) / 2
    for column in range(SHAPE[2]):
        row, read = warp.matrix[0] @ (4, column, 1)
        assert row == pytest.approx(4)
        assert read == pytest.approx(middle + (column - middle) / factor)


def test_each_colour_has_a_factor_of_its_own() -> None:
    draws = _shaped(red=0.0, green=0.5, blue=0.75)
    warp = warp_of(Augment(color=0.2), (3, 9, 7), draws)
    assert warp.colour[0] == pytest.approx([0.8, 1.0, 1.1])
    assert warp.gain.tolist() == [1]
    gray = warp_of(Augment(color=0.2), (1, 9, 7), draws)
    assert gray.colour.tolist() == [[1]]


def test_colours_and_widths_leave_all_other_draws() -> None:
    more = Transform(TransformSettings(augment=Augment(2, flip=0.5)), SHAPE, train=True)
    shaped = Augment(2, flip=0.5, color=0.2, stretch=0.1)
    all_draws = Transform(TransformSettings(augment=shaped), SHAPE, train=True)._drawn(3, 5)
    assert all_draws.shape == (5, DRAWS + MORE_DRAWS + SHAPE_DRAWS)
    assert np.array_equal(all_draws[:, : DRAWS + MORE_DRAWS], more._drawn(3, 5))


def test_colours_of_gray_images_that_become_colour() -> None:
    images = IMAGES[:, :1]
    settings = TransformSettings(channels="color", augment=Augment(color=0.5))
    y = np.full((40, 1, 3, *SHAPE[1:]), np.nan)
    Transform(settings, (1, *SHAPE[1:]), train=True).apply(images, np.arange(40), 0, y)
    factors = y[:, 0].max(axis=(2, 3)) / images.max(axis=(1, 2, 3))[:, None]
    assert factors.min() >= 0.5
    assert factors.max() <= 1.5
    assert np.abs(factors[:, 0] - factors[:, 1]).max() > 0.1
