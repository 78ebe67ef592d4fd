import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source, mean_image, source_checksum
from mycaffe_py.errors import UserError
from tests.data.made import small_source


def test_facts_of_a_source() -> None:
    source = small_source()
    assert source.shape == (2, 5, 4)
    assert source.dtype == np.uint8
    assert len(source) == 30
    assert source.label_count == 3
    assert source.label_names[2] == "class 2"
    assert source.images.flags.c_contiguous


def test_gather_copies_the_asked_rows() -> None:
    source = small_source()
    records = np.array([4, 0, 4])
    gathered = source.gather(records)
    assert np.array_equal(gathered, source.images[records])
    gathered[:] = 0
    assert source.images[4].any()


def test_mean_is_a_true_mean() -> None:
    source = small_source(count=2500)
    wanted = source.images.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(source.mean(), wanted, rtol=1e-6)
    np.testing.assert_allclose(mean_image(source.images), wanted, rtol=1e-6)
    assert source.mean().dtype == np.float32
    assert not np.array_equal(source.mean(), np.floor(source.mean()))


def test_checksum_sees_pixels_labels_shape_and_type() -> None:
    source = small_source()
    images, labels = source.images, source.labels
    changed = images.copy()
    changed[3, 1, 2, 2] ^= 1
    sums = {
        source_checksum(images, labels),
        source_checksum(changed, labels),
        source_checksum(images, labels[::-1]),
        source_checksum(images.reshape(30, 1, 10, 4), labels),
        source_checksum(images.astype(np.float32), labels),
    }
    assert len(sums) == 5
    assert source.checksum in sums


def test_checksum_does_not_depend_on_memory_layout() -> None:
    source = small_source()
    strided = np.asfortranarray(source.images)
    assert source_checksum(strided, source.labels) == source.checksum


@pytest.mark.parametrize(
    ("count", "labels", "match"),
    [(0, [], "no images"), (2, [0], "2 images and 1 labels"), (2, [0, -1], "label -1")],
)
def test_bad_sources_are_refused(count: int, labels, match: str) -> None:
    with pytest.raises(UserError, match=match):
        make_source("X.training", np.zeros((count, 1, 2, 2), np.uint8), np.array(labels, np.int64))
