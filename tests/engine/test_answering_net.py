import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture(scope="module")
def source():
    return open_source("digits28.testing")


@pytest.fixture
def net(siamese_snapshot, source):
    return RunNet(open_snapshot(siamese_snapshot), source, 7)


@pytest.mark.parametrize("ask", ["features", "distances", "encodings"])
def test_more_images_than_the_batch_go_through_in_parts(net, source, ask: str) -> None:
    images = source.gather(np.arange(20))
    parts = [getattr(net, ask)(images[start : start + 7]) for start in (0, 7, 14)]
    np.testing.assert_array_equal(getattr(net, ask)(images), np.concatenate(parts))


def test_no_image_at_all_has_no_row(net, source) -> None:
    assert net.features(source.images[:0]).shape == (0, 8)


def test_images_of_another_shape_are_refused(net, source) -> None:
    for images in (source.images[:, :, :14], source.images[:, 0], np.zeros((2, 3, 28, 28))):
        with pytest.raises(UserError, match="the net takes pictures of \\(1, 28, 28\\)"):
            net.features(images)
