"""Proposal against its definition and OpenCV; py-faster-rcnn's layer; what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.detection.proposal_options import resolved
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun, context_of
from tests.reference import regions as reference

OPTIONS = "ratio: 0.5 ratio: 1 ratio: 2 scale: 1 scale: 2 scale: 4 nms_thresh: 0.6"
ANCHORS = reference.anchors(16, [0.5, 1, 2], [1, 2, 4])
INFO = [96.0, 130.0, 1.25]


def _text(options: str = OPTIONS, tops: str = "y s") -> str:
    ports = " ".join(f'top: "{name}"' for name in tops.split())
    return (
        'layer { name: "p" type: "Proposal" bottom: "scores" bottom: "moves" bottom: "info" '
        f"{ports} proposal_param {{ {options} }} }}"
    )


def _bottoms(items: int = 1, info: list[float] = INFO) -> list[Any]:
    random = np.random.default_rng(4)
    return [
        random.uniform(size=(items, 18, 6, 8)).astype(np.float32),
        (random.normal(size=(items, 36, 6, 8)) / 3).astype(np.float32),
        np.array([info] * items, np.float32),
    ]


def _run(options: str, bottoms: list[Any], dtype: Any = np.float32) -> tuple[Any, Any]:
    run = LayerRun(_text(options), bottoms, dtype=dtype)
    run.layer.forward(run.io)
    return run.io.tops[0], run.io.tops[1]


def _wanted(bottoms: list[Any], item: int = 0, **how: Any) -> Any:
    how = {"least": 20.0, "most": (6000, 300), "limit": 0.6, "stride": 16, **how}
    scores, moves, info = (array[item] for array in bottoms)
    return reference.proposals(scores, moves, info, ANCHORS, **how)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_best_regions_of_each_item(dtype: Any) -> None:
    bottoms = _bottoms(2)
    rows, scores = _run(OPTIONS, bottoms, dtype)
    wanted = [(item, *box, score) for item in range(2) for score, box in _wanted(bottoms, item)]
    assert len(wanted) > 40
    np.testing.assert_allclose(rows, [row[:5] for row in wanted], atol=1e-4)
    np.testing.assert_allclose(scores, [row[5:] for row in wanted], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ("pre_nms_topn: 30", {"most": (30, 300)}),
        ("post_nms_topn: 5", {"most": (6000, 5)}),
        ("pre_nms_topn: 0", {}),
        ("min_size: 40", {"least": 50.0}),
        ("feat_stride: 12", {"stride": 12}),
    ],
)
def test_options(options: str, how: dict[str, Any]) -> None:
    bottoms = _bottoms()
    rows, _ = _run(f"{OPTIONS} {options}", bottoms)
    np.testing.assert_allclose(rows[:, 1:], [box for _, box in _wanted(bottoms, **how)], atol=1e-4)


def test_a_scale_for_each_axis() -> None:
    bottoms = _bottoms(info=[96.0, 130.0, 1.0, 2.0, 0.0, 0.0])
    rows, _ = _run(OPTIONS, bottoms)
    wanted = _wanted(bottoms, least=np.array([32.0, 16.0]))
    np.testing.assert_allclose(rows[:, 1:], [box for _, box in wanted], atol=1e-4)


def test_as_in_opencv_without_min_size(tmp_path: Path) -> None:
    """OpenCV takes no min_size and fills up with zeros."""
    bottoms = _bottoms()
    options = f"{OPTIONS} min_size: 0 post_nms_topn: 40"
    rows, _ = _run(options, bottoms)
    inputs = "".join(
        f'layer {{ name: "{name}" type: "Input" top: "{name}" input_param {{ shape {{ '
        + " ".join(f"dim: {n}" for n in array.shape)
        + " } } }\n"
        for name, array in zip(("scores", "moves", "info"), bottoms, strict=True)
    )
    model = tmp_path / "net.prototxt"
    model.write_text(inputs + _text(options, "y"))
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    for name, array in zip(("scores", "moves", "info"), bottoms, strict=True):
        theirs.setInput(array, name)
    found = theirs.forward("p").reshape(-1, 5)
    np.testing.assert_allclose(rows, found[: len(rows)], atol=1e-4)
    assert not found[len(rows) :].any()


def test_no_region_is_large_enough() -> None:
    rows, scores = _run(f"{OPTIONS} min_size: 1000", _bottoms())
    assert rows.shape == (0, 5) and scores.shape == (0, 1)


def test_what_is_no_number_is_no_region() -> None:
    bottoms = _bottoms()
    bottoms[0][0, 9:, :3] = np.nan
    bottoms[1][0, :, 3:, 4:] = np.nan
    rows, scores = _run(OPTIONS, bottoms)
    assert len(rows) and np.isfinite(rows).all() and np.isfinite(scores).all()
    bottoms[1][...] = np.inf
    assert np.isfinite(_run(OPTIONS, bottoms)[0]).all()


def test_anchors_of_faster_r_cnn() -> None:
    shapes = [(1, 18, 2, 2), (1, 36, 2, 2), (1, 3)]
    options = "ratio: 0.5 ratio: 1 ratio: 2 scale: 8 scale: 16 scale: 32"
    anchors = LayerRun(_text(options), [np.zeros(shape) for shape in shapes]).plan.facts.anchors
    assert anchors[0] == (-84, -40, 99, 55)
    assert anchors[3] == (-56, -56, 71, 71)
    assert anchors[8] == (-168, -344, 183, 359)


def test_the_numbers_of_py_faster_rcnn_in_each_phase() -> None:
    text = (
        'layer { name: "p" type: "Proposal" top: "y" proposal_param { ratio: 1 scale: 1 %s } '
        'python_param { module: "rpn.proposal_layer" } }'
    )
    assert resolved(context_of(text % "", [], phase=pb.TRAIN)).most == (12000, 2000)
    assert resolved(context_of(text % "", [], phase=pb.TEST)).most == (6000, 300)
    given = context_of(text % "post_nms_topn: 9", [], phase=pb.TRAIN)
    assert resolved(given).most == (12000, 9)


@pytest.mark.parametrize(("module", "height"), [("", 7), ("rpn.proposal_layer", 6)])
def test_halves_are_rounded_as_where_the_layer_is_from(module: str, height: int) -> None:
    """6.5: numpy, which py-faster-rcnn asks, rounds it to an even number."""
    text = (
        'layer { name: "p" type: "Proposal" top: "y" python_param { module: "%s" } '
        "proposal_param { base_size: 9 ratio: 0.5 scale: 1 } }"
    )
    ((_, y1, _, y2),) = resolved(context_of(text % module, [])).anchors
    assert y2 - y1 + 1 == height


def test_that_no_code_of_the_users_runs_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    text = _text("ratio: 1 scale: 1", "y").replace(
        "proposal_param", 'python_param { module: "rpn.proposal_layer" } proposal_param'
    )
    for _ in range(2):
        LayerRun(text, [np.zeros(shape) for shape in [(1, 2, 2, 2), (1, 4, 2, 2), (1, 3)]])
    told = capsys.readouterr().err
    assert told.count("rpn.proposal_layer") == 1
    assert "layer 'p': the built-in Proposal runs instead" in told


@pytest.mark.parametrize(
    ("options", "shapes", "told"),
    [
        ("scale: 1", [], "proposal_param has no ratio"),
        ("ratio: 1", [], "proposal_param has no scale"),
        ("ratio: 1 scale: -1", [], "scale -1"),
        ("ratio: 1 scale: 1 nms_thresh: 2", [], "nms_thresh 2"),
        ("ratio: 1 scale: 1 feat_stride: 0", [], "feat_stride 0"),
        ("ratio: 1 scale: 1", [(1, 4, 2, 2)], "(N, 2, H, W)"),
        ("ratio: 1 scale: 1", [(1, 2, 2, 2), (1, 8, 2, 2)], "(1, 4, 2, 2): four numbers"),
        ("ratio: 1 scale: 1", [(1, 2, 2, 2), (1, 4, 2, 2), (1, 2)], "(1, 3): height, width"),
    ],
)
def test_what_cannot_be_is_told(options: str, shapes: list[Any], told: str) -> None:
    whole = [*shapes, *[(1, 2, 2, 2), (1, 4, 2, 2), (1, 3)][len(shapes) :]]
    with pytest.raises(UserError, match=r"test.prototxt:1: layer 'p'") as error:
        LayerRun(_text(options, "y"), [np.zeros(shape) for shape in whole])
    assert told in str(error.value)
