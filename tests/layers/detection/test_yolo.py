"""Both layers of YOLO against every class of every box; where nothing is found; what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import yolo as reference

BIASES = [(1.2, 1.6), (3.0, 2.2), (0.6, 2.5), (2.0, 2.0), (4.0, 1.0), (1.0, 5.0)]


def _biases(factor: float = 1) -> str:
    return " ".join(f"biases: {factor * v:g}" for pair in BIASES for v in pair)


V2 = f"num_classes: 4 num_box: 3 confidence_threshold: 0.2 nms_threshold: 0.35 {_biases()}"
V3 = (
    "num_classes: 4 num_box: 3 confidence_threshold: 0.2 nms_threshold: 0.35 "
    f"{_biases(20)} mask: 3 mask: 4 mask: 5 mask: 0 mask: 1 mask: 2 "
    "anchors_scale: 32 anchors_scale: 16 mask_group_num: 2"
)


def _text(options: str, kind: str = "Yolov3DetectionOutput", ports: str = "a b") -> str:
    field = {"Y": "yolo_detection_output_param", "3": "yolov3_detection_output_param"}
    chosen = field["3" if "v3" in kind else "Y"]
    named = " ".join(f'bottom: "{name}"' for name in ports.split())
    return f'layer {{ name: "d" type: "{kind}" {named} top: "y" {chosen} {{ {options} }} }}'


def _maps(items: int = 2) -> list[Any]:
    random = np.random.default_rng(6)
    shapes = [(items, 27, 3, 5), (items, 27, 6, 10)]
    return [random.normal(size=shape, scale=1.2).astype(np.float32) for shape in shapes]


def _run(text: str, maps: list[Any], dtype: Any = np.float32) -> Any:
    run = LayerRun(text, maps, dtype=dtype)
    run.layer.forward(run.io)
    return run.io.tops[0]


def _wanted(maps: list[Any], sizes: list[Any], softmax: bool) -> Any:
    rows = []
    for item in range(len(maps[0])):
        every = [
            row
            for x, of_map in zip(maps, sizes, strict=True)
            for row in reference.rows_of_map(x[item], np.array(of_map), softmax)
        ]
        rows += [[item, *row] for row in reference.objects(every, 0.2, 0.35)]
    return np.array(rows)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_yolo_v3_of_several_scales(dtype: Any) -> None:
    maps = _maps()
    found = _run(_text(V3), maps, dtype)
    boxes = np.array(BIASES) * 20
    wanted = _wanted(maps, [boxes[3:] / (160, 96), boxes[:3] / (160, 96)], softmax=False)
    assert len(wanted) > 30 and len(set(wanted[:, 1])) == 4
    assert found.shape == (1, 1, len(wanted), 7)
    np.testing.assert_allclose(found[0, 0], wanted, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2])
def test_yolo_v2(count: int) -> None:
    maps = _maps()[:count]
    found = _run(_text(V2, "YoloDetectionOutput", "a b"[: 2 * count]), maps)
    boxes = np.array(BIASES[:3])
    wanted = _wanted(maps, [boxes / x.shape[:1:-1] for x in maps], softmax=True)
    assert len(wanted) > 20
    np.testing.assert_allclose(found[0, 0], wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "kept"), [("YoloDetectionOutput", 1), ("Yolov3DetectionOutput", 0)]
)
def test_a_score_of_just_the_threshold(kind: str, kept: int) -> None:
    """0.25: half an object, half of two classes, or one of a sigmoid of 0."""
    one = "num_box: 1 num_classes: 2 confidence_threshold: 0.25 biases: 2 biases: 2 "
    if "v3" in kind:
        one += "mask_group_num: 1 mask: 0 anchors_scale: 8"
    found = _run(_text(one, kind, "a"), [np.zeros((1, 7, 1, 1))])
    assert (found[0, 0, 0, 1] > 0) == bool(kept)


def test_an_overlap_of_just_the_limit_is_too_much() -> None:
    options = (
        "num_box: 2 num_classes: 1 confidence_threshold: 0.1 nms_threshold: %s "
        "biases: 0.5 biases: 0.5 biases: 0.5 biases: 0.25"
    )
    x = np.zeros((1, 12, 1, 1))
    assert _run(_text(options % "0.5", "YoloDetectionOutput", "a"), [x]).shape[2] == 1
    assert _run(_text(options % "0.51", "YoloDetectionOutput", "a"), [x]).shape[2] == 2


def test_nothing_is_a_row_for_each_item() -> None:
    found = _run(_text(V3), [np.full_like(x, -20) for x in _maps()])
    np.testing.assert_array_equal(found[0, 0], [[item, *[-1] * 6] for item in range(2)])


def test_scores_that_are_no_numbers_are_left_out() -> None:
    maps = _maps(1)
    maps[0][:, 4] = np.nan
    maps[1][:, 5:9] = np.nan
    assert np.isfinite(_run(_text(V3), maps)).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("num_classes: 4", "num_classes: 5"), "30, H, W): 3 boxes a cell of 5 numbers and 5"),
        (("num_box: 3", "num_box: 0"), "num_box 0"),
        (("mask: 5", "mask: 6"), "12 values of biases"),
        (("mask: 5", ""), "5 values of mask"),
        (("mask_group_num: 2", "mask_group_num: 3"), "mask_group_num 3"),
        (("anchors_scale: 16", ""), "anchors_scale 32"),
        (("anchors_scale: 16", "anchors_scale: 0"), "anchors_scale 32 0"),
        (("nms_threshold: 0.35", "nms_threshold: 1.5"), "nms_threshold 1.5"),
        (("num_box: 3", "num_box: 3 gaussian_box: true"), "uncertainty"),
    ],
)
def test_what_cannot_be_is_told(change: tuple[str, str], told: str) -> None:
    with pytest.raises(UserError, match=r"test.prototxt:1: layer 'd'") as error:
        LayerRun(_text(V3.replace(*change)), _maps())
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("num_box: 3", "num_box: 3 coords: 5"), "coords 5"),
        (("biases: 5", ""), "11 values of biases"),
        (("num_classes: 4", "num_classes: 0"), "num_classes 0"),
    ],
)
def test_what_cannot_be_in_v2_is_told(change: tuple[str, str], told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(V2.replace(*change), "YoloDetectionOutput", "a"), _maps()[:1])
    assert told in str(error.value)
