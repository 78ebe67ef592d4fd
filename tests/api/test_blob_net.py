from pathlib import Path

import numpy as np
import pytest

from mycaffe_py import BlobNet, load
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.weights import read_weights
from tests.detect.colour_finder import squares

SNAPSHOT = Path("snapshots/small_iter_150.caffemodel")


@pytest.fixture
def net(here: Path) -> BlobNet:
    return load(model="deploy.prototxt", weights=SNAPSHOT)


def test_blobs_by_name(net: BlobNet) -> None:
    x = np.random.default_rng(1).random((3, 1, 28, 28), np.float32)
    found = net.forward({"data": x}, blobs=["feat"])
    weights = read_weights(SNAPSHOT).layers["feat"][0].array.reshape(8, -1)
    np.testing.assert_allclose(found["feat"], x.reshape(3, -1) @ weights.T, rtol=1e-4, atol=1e-5)
    assert np.array_equal(found["positive"], found["feat"].clip(0))
    assert list(found) == [*net.outputs, "feat"] == ["positive", "feat"]
    assert net.blobs == ["data", "feat", "positive"]


def test_what_came_out_stays_when_the_net_runs_again(net: BlobNet) -> None:
    x = np.ones((1, 1, 28, 28))
    before = net.forward(data=x)["positive"]
    kept = before.copy()
    net.forward(data=x * 2)
    assert np.array_equal(before, kept)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, r"input 'data' is not given.*\(1, 1, 28, 28\)"),
        ({"dat": 1}, "no input 'dat'"),
        ({"data": np.zeros((28, 28))}, "4 axes"),
        ({"data": np.zeros((0, 1, 28, 28))}, "empty"),
        ({"data": np.full((1, 1, 28, 28), np.inf)}, "inf at"),
        ({"data": "four.png"}, "input 'data' cannot be used"),
        ({"data": np.zeros((1, 1, 28, 30))}, "feat"),
    ],
)
def test_inputs_that_cannot_be_used(net: BlobNet, inputs, message: str) -> None:
    with pytest.raises(UserError, match=message):
        net.forward(inputs)
    assert net.forward(data=np.ones((2, 1, 28, 28)))["positive"].shape == (2, 8)


def test_a_blob_that_is_not_there(net: BlobNet) -> None:
    with pytest.raises(UserError, match=r"no blob 'fead'.*feat"):
        net.forward(data=np.ones((1, 1, 28, 28)), blobs=["fead"])


def test_objects_are_found_in_paths_images_and_arrays(here: Path) -> None:
    detector = load(model="detector.prototxt", weights="detector.caffemodel")
    wanted = detector.detect("street.png", names={2: "blue"})
    assert [(one.label, one.name) for one in wanted] == [(1, "1"), (2, "blue")]
    assert wanted[1].box == (40, 20, 60, 40)
    picture = squares()
    values = np.asarray(picture)
    for image in (Path("street.png"), picture, values, values / np.float32(255)):
        assert detector.detect(image, names={2: "blue"}) == wanted


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("none.png", "'none.png' is not there"),
        (["street.png", "street.png"], "2 pictures are given"),
        (np.zeros((2, 40, 60, 3)), "shape"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_picture_to_look_at(here: Path, image, told: str) -> None:
    detector = load(model="detector.prototxt", weights="detector.caffemodel")
    with pytest.raises(UserError, match=told):
        detector.detect(image)


def test_a_net_that_is_no_detector(net: BlobNet) -> None:
    with pytest.raises(UserError, match="no detector"):
        net.detect("four.png")
