import dataclasses

import numpy as np
import pytest

from mycaffe_py.data.transform.transform import Augment, Transform, TransformSettings, with_channels
from tests.reference import transform as reference

SHAPE = (3, 12, 10)
NUMBERS = np.random.default_rng(8)
IMAGES = NUMBERS.integers(0, 256, (8, *SHAPE), dtype=np.uint8)
MEAN = (NUMBERS.random(SHAPE) * 255).astype(np.float32)


def _applied(settings, batch=0, train=True, dtype=np.float32, images=IMAGES, **more):
    transform = Transform(settings, images.shape[1:], train, **more)
    y = np.full((len(images) // 2, 2, *transform.out_shape), np.nan, dtype)
    transform.apply(images, np.arange(len(images)), batch, y)
    assert np.isfinite(y).all()
    return y.reshape(len(images), *transform.out_shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_comes_before_scale(dtype) -> None:
    y = _applied(TransformSettings(scale=0.5, mean=MEAN), dtype=dtype)
    np.testing.assert_allclose(y, (IMAGES - MEAN.astype(dtype)) * 0.5, rtol=1e-6)


def test_a_power_of_two_scale_is_exact() -> None:
    assert np.array_equal(_applied(TransformSettings(scale=1 / 256)), IMAGES / np.float32(256))


def test_without_train_the_crop_is_from_the_centre() -> None:
    y = _applied(TransformSettings(crop_size=5, mean=MEAN), train=False)
    corner = np.array([[3, 2]] * 8)  # floor((12 - 5) / 2), floor((10 - 5) / 2)
    wanted = reference.transform(IMAGES, MEAN, 1, np.zeros(8, bool), corner, (5, 5))
    np.testing.assert_allclose(y, wanted, rtol=1e-5, atol=1e-4)


def test_in_train_every_corner_comes_up() -> None:
    settings = TransformSettings(crop_size=9)
    seen = set()
    for batch in range(40):
        for image, window in zip(IMAGES, _applied(settings, batch), strict=True):
            corners = [
                (top, left)
                for top in range(4)
                for left in range(2)
                if np.array_equal(image[:, top : top + 9, left : left + 9], window)
            ]
            assert len(corners) == 1
            seen.update(corners)
    assert seen == {(top, left) for top in range(4) for left in range(2)}


@pytest.mark.parametrize("train", [True, False])
def test_half_of_the_images_are_mirrored_in_every_phase(train: bool) -> None:
    settings = TransformSettings(mirror=True, mean=MEAN)
    flipped = 0
    for batch in range(50):
        for image, y in zip(IMAGES, _applied(settings, batch, train), strict=True):
            plain = image - MEAN
            assert np.allclose(y, plain) or np.allclose(y, plain[:, :, ::-1])
            flipped += bool(np.allclose(y, plain[:, :, ::-1]))
    assert 150 < flipped < 250


def test_one_switch_does_not_change_what_another_draws() -> None:
    mirrored = _applied(TransformSettings(mirror=True), 7)
    both = _applied(TransformSettings(mirror=True, augment=Augment(shift=3)), 7)
    flips = [np.array_equal(y, image) for y, image in zip(mirrored, IMAGES, strict=True)]
    assert 0 < sum(flips) < 8
    moved = _applied(TransformSettings(augment=Augment(shift=3)), 7)
    for y, plain, kept in zip(both, moved, flips, strict=True):
        assert np.array_equal(y, plain if kept else plain[:, :, ::-1])


def test_batches_differ_and_repeat() -> None:
    settings = TransformSettings(mirror=True, crop_size=7, augment=Augment(2, 10, 0.1, 0.1))
    first = _applied(settings, 3, seed=1)
    assert np.array_equal(first, _applied(settings, 3, seed=1))
    for other in ({"seed": 2}, {"seed": 1, "purpose": "other"}):
        assert not np.array_equal(first, _applied(settings, 3, **other))
    assert not np.array_equal(first, _applied(settings, 4, seed=1))


def test_only_train_is_augmented() -> None:
    settings = TransformSettings(augment=Augment(rotate=30, shift=3))
    assert np.array_equal(_applied(settings, train=False), IMAGES)
    assert not np.array_equal(_applied(settings, train=True), IMAGES)


def test_whole_pixel_shifts_move_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    # Draws of 1 and 0.5: 2 pixels down, none to the right.
    draws = np.tile([0.0, 0, 0, 0.5, 0.5, 1.0, 0.5, 0.5, 0.0], (8, 1))
    _draw(monkeypatch, draws)
    y = _applied(TransformSettings(augment=Augment(shift=2, fill=9)))
    assert np.array_equal(y[:, :, 2:], IMAGES[:, :, :-2])
    assert (y[:, :, :2] == 9).all()


def _draw(monkeypatch, draws):
    class Numbers:
        def random(self, size):
            assert size == draws.shape
            return draws

    monkeypatch.setattr("mycaffe_py.data.transform.transform.stream", lambda *_: Numbers())


def test_a_quarter_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    square = IMAGES[:, :, :10]
    _draw(monkeypatch, np.tile([0.0, 0, 0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.0], (8, 1)))
    y = _applied(TransformSettings(augment=Augment(rotate=90)), images=square)
    wanted = np.rot90(square, axes=(2, 3))
    turned_back = np.rot90(square, -1, axes=(2, 3))
    assert np.allclose(y, wanted, atol=0.01) or np.allclose(y, turned_back, atol=0.01)


def test_zoom_grows_about_the_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    _draw(monkeypatch, np.tile([0.0, 0, 0, 0.5, 1.0, 0.5, 0.5, 0.5, 0.0], (8, 1)))
    spot = np.zeros((8, 1, 11, 11), np.uint8)
    spot[:, :, 4:7, 4:7] = 200
    y = _applied(TransformSettings(augment=Augment(zoom=0.5)), images=spot)
    assert y.sum() == pytest.approx(spot.sum() * 1.5**2, rel=0.1)
    np.testing.assert_allclose(y, y[:, :, ::-1, ::-1], atol=1e-3)


def test_shear_leaves_the_middle_row(monkeypatch: pytest.MonkeyPatch) -> None:
    _draw(monkeypatch, np.tile([0.0, 0, 0, 0.5, 0.5, 0.5, 0.5, 1.0, 0.0], (8, 1)))
    bar = np.zeros((8, 1, 11, 11), np.uint8)
    bar[:, :, :, 5] = 100
    y = _applied(TransformSettings(augment=Augment(shear=0.4)), images=bar)[0, 0]
    centres = (y * np.arange(11)).sum(axis=1) / y.sum(axis=1)
    np.testing.assert_allclose(centres, 5 + 0.4 * (np.arange(11) - 5), atol=1e-4)


def test_only_the_wanted_share_is_moved() -> None:
    settings = TransformSettings(augment=Augment(shift=3, probability=0.25))
    still = sum(
        np.array_equal(y, image)
        for batch in range(50)
        for y, image in zip(_applied(settings, batch), IMAGES, strict=True)
    )
    assert 260 < still < 340
    none = dataclasses.replace(settings, augment=Augment(shift=3, probability=0))
    assert np.array_equal(_applied(none), IMAGES)


def test_channels() -> None:
    gray = with_channels(IMAGES, "gray", False)
    weights = np.array([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)
    assert gray.shape == (8, 1, 12, 10)
    assert gray.dtype == np.uint8
    assert np.abs(gray - (IMAGES * weights).sum(axis=1, keepdims=True)).max() <= 0.51
    assert np.array_equal(with_channels(gray, "color", False), np.repeat(gray, 3, axis=1))
    assert np.array_equal(with_channels(IMAGES, "", True), IMAGES[:, ::-1])
    assert with_channels(gray, "gray", True) is gray
    assert with_channels(IMAGES, "color", False) is IMAGES


def test_output_may_be_strided() -> None:
    """A compiler may hand out views into larger buffers."""
    wide = np.full((4, 2, 3, 12, 20), np.nan, np.float32)
    Transform(TransformSettings(), SHAPE).apply(IMAGES, np.arange(len(IMAGES)), 0, wide[..., 5:15])
    assert np.array_equal(wide[..., 5:15].reshape(IMAGES.shape), IMAGES)
    assert np.isnan(wide[..., :5]).all()
