import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from tests.pycaffe.colours import colours


@pytest.fixture
def net_files(tmp_path):
    return colours(tmp_path, 12)


@pytest.fixture
def picture(tmp_path):
    """Left half black, right half red."""
    pixels = np.zeros((20, 30, 3), dtype=np.uint8)
    pixels[:, 15:, 0] = 255
    Image.fromarray(pixels).save(tmp_path / "halves.png")
    return str(tmp_path / "halves.png")


def test_windows_are_scored_in_their_order(net_files, picture) -> None:
    detector = caffe.Detector(*net_files, channel_swap=(2, 1, 0), raw_scale=10)
    windows = np.array([[0, 0, 10, 15], [5, 15, 9, 30], [0, 10, 20, 20]])
    found = detector.detect_windows([(picture, windows), (picture, [[0, 16, 3, 20]])])
    reds = [one["prediction"][2] for one in found]
    assert np.allclose(reds, [0, 10, 5, 10], atol=1e-4)
    assert [list(one["window"]) for one in found] == [*windows.tolist(), [0, 16, 3, 20]]
    assert {one["filename"] for one in found} == {picture}
    assert detector.detect_windows([]) == []


def test_without_context_a_window_is_cut_out(net_files) -> None:
    im = np.random.default_rng(1).random((20, 30, 3))
    detector = caffe.Detector(*net_files)
    assert np.array_equal(detector.crop(im, np.array([2, 3, 9, 30])), im[2:9, 3:30])
    assert np.array_equal(detector.crop(im, [-5, 3, 9, 99]), im[:9, 3:])
    with pytest.raises(ValueError, match="holds no pixel"):
        detector.crop(im, [5, 40, 9, 50])


def test_context_stands_around_the_window(net_files) -> None:
    """A window of 8x8 pixels in an input of 12 with 2 of context: one pixel is one pixel."""
    im = np.random.default_rng(1).random((40, 40, 3)).astype(np.float32)
    detector = caffe.Detector(*net_files, context_pad=2)
    found = detector.crop(im, np.array([10, 20, 17, 27]))
    assert found.shape == (12, 12, 3)
    # Both edges belong to a window and to its surroundings, which adds one pixel: 13 are seen as
    # 12, of which Caffe cuts the first 12.
    assert np.allclose(found, im[8:20, 18:30], atol=1e-6)


def test_what_lies_outside_the_picture_is_the_mean(net_files) -> None:
    im = np.ones((40, 40, 3), dtype=np.float32)
    mean = np.array([25.0, 50.0, 75.0])
    detector = caffe.Detector(
        *net_files, mean=mean, raw_scale=100, channel_swap=(2, 1, 0), context_pad=2
    )
    found = detector.crop(im, np.array([0, 32, 7, 39]))
    plain = np.array([0.75, 0.5, 0.25])  # RGB, in 0-1
    assert np.allclose(found[:2], plain)
    assert np.allclose(found[:, -1], plain)
    assert np.allclose(found[2:, :10], 1)
    entered = detector.transformer.preprocess("data", found)
    assert np.allclose(entered[:, :2], 0, atol=1e-5)


def test_windows_across_every_edge_fill_the_input(net_files) -> None:
    im = np.ones((17, 23, 3), dtype=np.float32)
    detector = caffe.Detector(*net_files, context_pad=4)
    for window in np.random.default_rng(8).integers(0, [17, 23, 17, 23], (200, 4)):
        ymin, ymax = sorted((window[0], window[2]))
        xmin, xmax = sorted((window[1], window[3]))
        found = detector.crop(im, (ymin, xmin, ymax, xmax))
        assert found.shape == (12, 12, 3)
        assert np.isin(found, (0, 1)).all()
        assert found[6, 6, 0] == 1  # the window's own middle


def test_context_must_leave_something(net_files) -> None:
    with pytest.raises(ValueError, match="context_pad 6 leaves nothing"):
        caffe.Detector(*net_files, context_pad=6)


def test_selective_search_is_asked_for_windows(
    net_files, picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = caffe.Detector(*net_files)
    with pytest.raises(UserError, match="selective_search_ijcv_with_python"):
        detector.detect_selective_search([picture])
    proposer = ModuleType("selective_search_ijcv_with_python")
    proposer.get_windows = lambda files, cmd: [np.array([[0, 0, 5, 5]]) for _ in files]
    monkeypatch.setitem(sys.modules, proposer.__name__, proposer)
    (found,) = detector.detect_selective_search([picture])
    assert found["prediction"].shape == (3,)
