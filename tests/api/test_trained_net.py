import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py import load
from mycaffe_py.api.trained_net import TrainedNet
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.conftest import Result

FILES = ["four.png", "seven.png", "cross.png", "paper.png", "colour.jpg"]


@pytest.fixture
def files(here: Path) -> list[str]:
    """Pictures that are no 28 x 28 of light on dark: on paper, large, in colours."""
    four = Image.open("four.png")
    paper = Image.fromarray(255 - np.asarray(four)).resize((90, 70))
    paper.save("paper.png")
    paper.convert("RGB").rotate(3, fillcolor="white").save("colour.jpg")
    return FILES


@pytest.mark.slow
def test_answers_are_those_of_the_command(
    mycaffe: Callable[..., Result], net: TrainedNet, files
) -> None:
    """To the bit, also with a class that was enrolled and a threshold."""
    net.enroll("cross", "cross.png")
    limit = float(np.median(net.identify(files).distance))
    net.threshold = limit
    told = json.loads(mycaffe("identify", *files, "--json", "--threshold", str(limit)).out)
    label, distance, unknown = net.identify(files)
    distances = net.distances(files)
    assert [one["label"] for one in told] == label.tolist()
    assert [one["distance"] for one in told] == distance.tolist()
    assert [one["unknown"] for one in told] == unknown.tolist()
    assert {True, False} == set(unknown.tolist())
    for one, row in zip(told, distances.tolist(), strict=True):
        assert one["distances"] == dict(zip(net.labels, row, strict=True))


def test_a_picture_is_the_same_as_file_image_and_array(net: TrainedNet, files) -> None:
    by_path = net.encode(files)
    opened = [Image.open(file) for file in files]
    assert np.array_equal(net.encode(opened), by_path)
    assert np.array_equal(net.encode([np.asarray(image) for image in opened]), by_path)
    assert np.array_equal(net.encode(Path("four.png")), by_path[:1])


def test_values_of_other_kinds_are_the_same_picture(net: TrainedNet) -> None:
    source = open_source("digits28.testing")
    images = source.images[:20, 0]
    encoded = net.encode(images)
    assert encoded.shape == (20, 8) and encoded.dtype == np.float32
    for same in (
        images / np.float32(255), images.astype(np.float64), images.astype(np.uint16) * 257,
        images[..., None], np.repeat(images[..., None], 3, axis=3), images.tolist(), list(images),
        np.asfortranarray(images),
    ):  # fmt: skip
        assert np.array_equal(net.encode(same), encoded)
    assert np.array_equal(net.encode(images[3]), encoded[3:4])
    assert np.array_equal(net.encode(images[3][..., None]), encoded[3:4])


def test_a_picture_alone_has_the_bits_it_has_among_others(net: TrainedNet) -> None:
    images = open_source("digits28.testing").images[:300, 0]
    together = net.encode(images)
    for count in (1, 2, 17):
        assert np.array_equal(net.encode(images[:count]), together[:count])
    names = net.identify(images)
    assert names.label[:1].tolist() == net.identify(images[0]).label.tolist()


def test_threads_get_the_same_bits(here: Path) -> None:
    """Also when the first calls of a net come from several threads at once."""
    images = open_source("digits28.testing").images[:200, 0]
    expected = load("snapshots").distances(images)
    net = load("snapshots")
    found: list[object] = []

    def ask(first: int) -> None:
        for _ in range(3):
            found.append(np.array_equal(net.distances(images[first:]), expected[first:]))
            found.append(np.array_equal(net.encode("four.png"), net.encode("four.png")))

    threads = [threading.Thread(target=ask, args=(40 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 24


def test_distance_of_one_of_some_and_of_one_to_some(net: TrainedNet) -> None:
    a, b = net.encode("four.png")[0], net.encode("seven.png")[0]
    apart = net.distance("four.png", "seven.png")
    assert isinstance(apart, float)
    assert apart == pytest.approx(((a - b).astype(np.float64) ** 2).sum(), rel=1e-6)
    several = net.distance(["four.png", "seven.png"], "seven.png")
    assert several.tolist() == [apart, 0.0]
    with pytest.raises(UserError, match="2 pictures and 3; as many of both"):
        net.distance(["four.png"] * 2, ["four.png"] * 3)


def test_an_enrolled_class_is_there_for_the_commands_and_for_later_nets(
    mycaffe: Callable[..., Result], net: TrainedNet
) -> None:
    cross = np.asarray(Image.open("cross.png"))
    net.enroll("cross", [cross, "cross.png"])
    assert net.labels == [*map(str, range(10)), "cross"]
    assert load("snapshots").labels[-1] == "cross"
    told = json.loads(mycaffe("enroll", "--list", "--json").out)["enrolled"]
    assert [(one["label"], one["files"]) for one in told] == [("cross", ["array[0]"])]


@pytest.mark.parametrize(
    ("label", "images", "message"),
    [
        ("4", "cross.png", "'4' is a class the net was trained on.*force=True"),
        ("unknown", "cross.png", "identify says that"),
        ("x", ["cross.png", "lost.png"], "'lost.png' is not there"),
        ("x", [], "an empty list"),
    ],
)
def test_what_cannot_be_enrolled_changes_nothing(
    net: TrainedNet, label: str, images: object, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        net.enroll(label, images)
    assert net.labels == [*map(str, range(10))]


def test_threshold(net: TrainedNet) -> None:
    assert net.threshold == float("inf")
    assert not net.identify("cross.png").unknown[0]
    net.threshold = 0
    label, _, unknown = net.identify("cross.png")
    assert (label[0], unknown[0]) == ("unknown", True)
    net.threshold = None
    assert net.threshold == float("inf")
    with pytest.raises(UserError, match="0 or more"):
        net.threshold = -1
    with pytest.raises(UserError, match="threshold is 'x'; a number or None"):
        net.threshold = "x"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ("lost.png", "'lost.png' is not there"),
        ("snapshots", "'snapshots' is a folder"),
        ("deploy.prototxt", "cannot be read as a picture"),
        (np.zeros((28, 28), np.uint8), "'array\\[0\\]' is empty"),
        ([Image.new("L", (9, 9), 5)], "'array\\[0\\]' is empty"),
        (np.full((2, 28, 28), np.nan), r"nan at \[0, 0, 0\]"),
        ({"a": 1}, "an object of type dict is given"),
        (None, "an object of type NoneType is given"),
        (["four.png", 3], "an object of type int is given in a list"),
    ],
)
def test_what_cannot_be_encoded(net: TrainedNet, images: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        net.encode(images)


def test_a_classifier_has_names_and_distances_too(classifier_snapshot: Path) -> None:
    net = load(classifier_snapshot)
    images = open_source("digits28.testing").images[:50, 0]
    right = net.identify(images).label == open_source("digits28.testing").labels[:50].astype(str)
    assert right.mean() > 0.8
    assert net.encode(images).shape == (50, 10)
