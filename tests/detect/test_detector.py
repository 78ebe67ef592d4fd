"""Objects in pictures: which, where, and what is no detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.detect.detector import Detector
from mycaffe_py.detect.preparing import Preparing, pixels_of, preparing
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.test_model import open_tested
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.detect.colour_finder import squares, write_colour_finder
from tests.graph.nets import graph_of

NAMES = {1: "red", 2: "blue"}


def _detector(folder: Path, batch: int = 1) -> Detector:
    model, weights = write_colour_finder(folder, batch)
    return Detector(open_tested(str(model), weights, 0, ()))


def _seen(detector: Detector, way: Preparing, scale: int = 1) -> list[tuple[str, list[float]]]:
    picture = squares().resize((60 * scale, 40 * scale), 0)
    found = detector.detect(pixels_of(picture, gray=False), way, 0.5, NAMES)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    return sorted((one.name, [round(side, 3) for side in one.box]) for one in found)


@pytest.mark.parametrize("batch", [1, 3])
def test_objects_are_found_where_they_are(tmp_path: Path, batch: int) -> None:
    detector = _detector(tmp_path, batch)
    assert (detector.shape, detector.class_count, detector.gray) == ((3, 40, 60), 3, False)
    wanted = [("blue", [40, 20, 60, 40]), ("red", [20, 0, 40, 20])]
    assert _seen(detector, Preparing()) == wanted
    # Boxes are told in pixels of the picture, whatever its size.
    assert _seen(detector, Preparing(), scale=3)[1] == ("red", [60, 0, 120, 60])


def test_mean_scale_and_order_of_colours(tmp_path: Path) -> None:
    detector = _detector(tmp_path)
    assert [name for name, _ in _seen(detector, Preparing(mean=(300, 0, 0)))] == ["red"] * 6
    assert not _seen(detector, Preparing(scale=0.001))
    assert _seen(detector, Preparing(rgb=True))[0] == ("blue", [20, 0, 40, 20])


def test_what_a_net_sees_of_a_picture() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    blob = preparing((1, 2, 3), 0.5, False, 3).blob(pixels, 2, 2)
    np.testing.assert_array_equal(blob[0, :, 0, 0], [-0.5, 1, 2.5])
    blob = preparing((4,), 1, True, 3).blob(pixels, 2, 2)
    np.testing.assert_array_equal(blob[0, :, 0, 0], [4, 0, -4])


@pytest.mark.parametrize(
    ("mean", "scale", "rgb", "channels", "told"),
    [
        ((1, 2), 1, False, 3, "2 values of mean"),
        ((1, float("nan"), 2), 1, False, 3, "the mean is 1, nan, 2"),
        ((), 0, False, 3, "the scale is 0"),
        ((), 1, True, 1, "gray"),
    ],
)
def test_ways_without_sense(mean, scale, rgb, channels, told) -> None:
    with pytest.raises(UserError, match=told):
        preparing(mean, scale, rgb, channels)


INPUT = 'layer { name: "data" type: "Input" top: "data" input_param { shape { %s } } }'
PICTURE = INPUT % "dim: 1 dim: 3 dim: 4 dim: 4"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PICTURE, r"the net is no detector: its outputs are "),
        (
            PICTURE + 'layer { name: "r" type: "ReLU" bottom: "data" top: "y" }',
            r"no detector: its outputs are 'y' \(1, 3, 4, 4\)",
        ),
        (
            INPUT % "dim: 1 dim: 1 dim: 9 dim: 7"
            + INPUT.replace("data", "info") % "dim: 1 dim: 3"
            + 'layer { name: "s" type: "Silence" bottom: "info" }'
            + 'layer { name: "r" type: "ReLU" bottom: "data" top: "y" }',
            r"the inputs of the net are 'data' \(1, 1, 9, 7\), 'info' \(1, 3\)",
        ),
    ],
)
def test_nets_that_are_no_detectors(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        Detector(Net(graph_of(text, pb.TEST)))
