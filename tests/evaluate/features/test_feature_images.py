import numpy as np
import pytest

from mycaffe_py.data.transform.augment import Augment
from mycaffe_py.data.transform.transform import Transform, TransformSettings
from mycaffe_py.evaluate.features.feature_images import FeatureImages, settings_sum, usual_augment
from tests.data.made import small_source

SOURCE = small_source(count=5, shape=(2, 9, 8))
ALL = Augment(2, 20, 0.2, 0.1, crop=0.3, flip=0.5, brightness=0.2)


def _rows(images, start, count):
    y = np.full((count, 1, *images.shape), np.nan, np.float32)
    images.write(start, y)
    return y[:, 0]


def _settings(**more):
    mean = np.full((2, 9, 8), 20, np.float32)
    return TransformSettings(scale=0.5, mean=mean, augment=ALL, mirror=True, **more)


@pytest.mark.parametrize("crop", [0, 6])
def test_the_first_variant_is_the_image_as_it_is(crop: int) -> None:
    images = FeatureImages(SOURCE, _settings(crop_size=crop), 4, seed=3)
    assert len(images) == 20
    plain = TransformSettings(scale=0.5, mean=_settings().mean, crop_size=crop)
    for image in range(5):
        transform = Transform(plain, SOURCE.shape)
        wanted = np.empty((1, 1, *transform.out_shape), np.float32)
        transform.apply(SOURCE.images, np.array([image]), 0, wanted)
        rows = _rows(images, 4 * image, 4)
        assert np.array_equal(rows[0], wanted[0, 0])
        assert all(not np.array_equal(rows[0], row) for row in rows[1:])


def test_one_variant_is_the_image() -> None:
    rows = _rows(FeatureImages(SOURCE, _settings(), 1, seed=3), 0, 5)
    many = _rows(FeatureImages(SOURCE, _settings(), 2, seed=3), 0, 10)
    assert np.array_equal(rows, many[::2])


def test_rows_do_not_depend_on_what_is_made_together() -> None:
    images = FeatureImages(SOURCE, _settings(crop_size=6), 4, seed=3)
    whole = _rows(images, 0, 20)
    for start, count in ((0, 3), (3, 9), (12, 1), (13, 7)):
        assert np.array_equal(_rows(images, start, count), whole[start : start + count])


def test_variants_do_not_depend_on_their_number() -> None:
    few = _rows(FeatureImages(SOURCE, _settings(), 3, seed=3), 0, 15).reshape(5, 3, -1)
    many = _rows(FeatureImages(SOURCE, _settings(), 7, seed=3), 0, 35).reshape(5, 7, -1)
    assert np.array_equal(few, many[:, :3])


def test_another_seed_makes_other_variants() -> None:
    one = _rows(FeatureImages(SOURCE, _settings(), 2, seed=3), 0, 10)
    other = _rows(FeatureImages(SOURCE, _settings(), 2, seed=4), 0, 10)
    assert np.array_equal(one[::2], other[::2])
    assert not np.array_equal(one[1::2], other[1::2])


def test_the_usual_variants_suit_digits() -> None:
    usual = usual_augment((1, 28, 28))
    assert (usual.shift, usual.rotate, usual.flip, usual.crop) == (2, 10, 0, 0)
    assert usual_augment((3, 4, 9)).shift == 1


def test_sums_tell_transforms_apart() -> None:
    known = [
        TransformSettings(), TransformSettings(scale=2), TransformSettings(crop_size=3),
        TransformSettings(bgr=True), TransformSettings(channels="gray"),
        TransformSettings(mean=np.zeros((1, 2, 2), np.float32)),
        TransformSettings(mean=np.ones((1, 2, 2), np.float32)),
    ]  # fmt: skip
    assert len({settings_sum(settings) for settings in known}) == len(known)
    assert settings_sum(_settings()) == settings_sum(
        TransformSettings(scale=0.5, mean=_settings().mean)
    )
