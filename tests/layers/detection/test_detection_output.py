"""DetectionOutput: rows, their number and order, RefineDet's bottoms, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import detection as reference

PLACES, CLASSES = 40, 4
PORTS = "loc conf prior"
OPTIONS = (
    "num_classes: 4 code_type: CENTER_SIZE confidence_threshold: 0.3 keep_top_k: 30 "
    "nms_param { nms_threshold: 0.45 top_k: 25 }"
)


def _run(options: str, bottoms: Any, ports: str = PORTS, dtype: type = np.float64) -> Any:
    named = " ".join(f'bottom: "{name}"' for name in ports.split())
    text = (
        f'layer {{ name: "d" type: "DetectionOutput" {named} top: "y"\n'
        f"detection_output_param {{ {options} }} }}"
    )
    run = LayerRun(text, bottoms, dtype=dtype)
    run.layer.forward(run.io)
    return run.io.tops[0]


def _bottoms(items: int = 2, boxes_each: int = 1) -> list[Any]:
    random = np.random.default_rng(5)
    corners = random.uniform(0, 0.7, (PLACES, 2))
    priors = np.hstack([corners, corners + random.uniform(0.1, 0.3, (PLACES, 2))])
    return [
        random.normal(size=(items, PLACES * boxes_each * 4)),
        random.uniform(size=(items, PLACES * CLASSES)),
        np.stack([priors.ravel(), np.tile([0.1, 0.1, 0.2, 0.2], PLACES)])[None],
    ]


def _wanted(bottoms: list[Any], boxes_each: int = 1, **how: Any) -> Any:
    loc, conf, prior = bottoms[:3]
    how = {
        "code": "CENTER_SIZE", "threshold": 0.3, "top_k": 25, "keep_top_k": 30, "overlap": 0.45,
        **how,
    }  # fmt: skip
    return np.array(
        reference.detections(
            loc.reshape(-1, PLACES, boxes_each, 4),
            conf.reshape(-1, PLACES, CLASSES),
            *prior.reshape(2, PLACES, 4),
            **how,
        )
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_all_items_in_the_order_of_the_fork(dtype: type) -> None:
    bottoms = _bottoms()
    found = _run(OPTIONS, bottoms, dtype=dtype)
    wanted = _wanted(bottoms)
    assert found.shape == (1, 1, len(wanted), 7)
    np.testing.assert_allclose(found[0, 0], wanted, rtol=0, atol=1e-5)


def test_a_box_for_each_class() -> None:
    bottoms = _bottoms(boxes_each=CLASSES)
    found = _run(OPTIONS + " share_location: false", bottoms)
    np.testing.assert_allclose(found[0, 0], _wanted(bottoms, CLASSES), rtol=0, atol=1e-12)


_REGIONS = "variance_encoded_in_target: true normalized: false input_width: 200 input_height: 100"


def test_regions_in_pixels_stand_for_prior_boxes() -> None:
    loc, conf, prior = _bottoms(items=1)
    corners = prior[0, 0].reshape(-1, 4) * [200, 100, 200, 100]
    regions = np.hstack([np.zeros((PLACES, 1)), corners]).reshape(1, 1, -1)
    found = _run(f"{OPTIONS} {_REGIONS}", [loc, conf, regions])
    prior[0, 1] = 1
    np.testing.assert_allclose(found[0, 0], _wanted([loc, conf, prior]), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "numbers", "told"),
    [
        ("normalized: false input_width: 9", 200, "normalized: false without input_height"),
        (_REGIONS.replace("true", "false"), 200, "regions have no variances"),
        (_REGIONS, 203, "five numbers for each region"),
        (_REGIONS, 195, "'prior' has 39 prior boxes"),
    ],
)
def test_regions_that_are_none(options: str, numbers: int, told: str) -> None:
    loc, conf, _ = _bottoms(items=1)
    with pytest.raises(UserError, match=told):
        _run(f"{OPTIONS} {options}", [loc, conf, np.zeros((1, 1, numbers))])


def test_numbers_that_hold_the_variance() -> None:
    bottoms = _bottoms()
    found = _run(OPTIONS + " variance_encoded_in_target: true", bottoms)
    bottoms[2][0, 1] = 1
    np.testing.assert_allclose(found[0, 0], _wanted(bottoms), rtol=0, atol=1e-12)


def test_where_nothing_is_found_there_is_a_row_for_each_item() -> None:
    bottoms = _bottoms(items=3)
    bottoms[1][...] = 0.1
    found = _run(OPTIONS, bottoms)
    np.testing.assert_array_equal(found[0, 0], [[item, *[-1] * 6] for item in range(3)])


def test_a_score_equal_to_the_threshold_does_not_count() -> None:
    bottoms = _bottoms(items=1)
    bottoms[1][...] = 0.25
    options = OPTIONS.replace("0.3", "0.25")
    assert _run(options, bottoms)[0, 0, 0, 1] == -1


def test_no_items() -> None:
    bottoms = _bottoms(items=2)
    found = _run(OPTIONS, [bottoms[0][:0], bottoms[1][:0], bottoms[2]])
    assert found.shape == (1, 1, 0, 7)


def test_refined_boxes_and_certain_places() -> None:
    bottoms = _bottoms(items=1)
    random = np.random.default_rng(9)
    certain = random.uniform(size=(1, PLACES, 2))
    shift = random.normal(size=(1, PLACES, 4))
    found = _run(
        OPTIONS + " objectness_score: 0.4",
        [*bottoms, certain.reshape(1, -1), shift.reshape(1, -1)],
        "loc conf prior certain shift",
    )
    priors, variances = bottoms[2].reshape(2, PLACES, 4)
    rows = zip(shift[0], priors, variances, strict=True)
    moved = [reference.decoded(*map(list, row), "CENTER_SIZE") for row in rows]
    scores = bottoms[1].reshape(PLACES, CLASSES)
    scores[certain[0, :, 1] < 0.4] = [1, 0, 0, 0]
    bottoms[2][0, 0] = np.ravel(moved)
    np.testing.assert_allclose(found[0, 0], _wanted(bottoms), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "detection_output_param has no num_classes"),
        ("num_classes: 5", r"bottom 'conf' is \(2, 160\)"),
        ("num_classes: 4 share_location: false", r"bottom 'loc' is \(2, 160\)"),
        ("num_classes: 4 background_label_id: 4", "background_label_id 4"),
        ("num_classes: 4 nms_param { nms_threshold: -1 }", "nms_threshold -1"),
        ("num_classes: 4 nms_param { eta: 0 }", "eta 0"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(options: str, told: str) -> None:
    begin = r"^test.prototxt:[12]: layer 'd' \(DetectionOutput\): "
    with pytest.raises(UserError, match=begin + told):
        _run(options, _bottoms())


def test_prior_boxes_have_four_numbers_and_variances() -> None:
    bottoms = _bottoms()
    for shape in ((1, 160), (1, 1, 160), (1, 2, 159), (2, 2, 160)):
        with pytest.raises(UserError, match=r"\(1, 2, P \* 4\)"):
            _run(OPTIONS, [*bottoms[:2], np.zeros(shape)])
