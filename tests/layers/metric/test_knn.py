"""KNN: what it remembers, and the nearest classes against a loop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun

TEXT = (
    'layer { name: "knn" type: "KNN" bottom: "feat" bottom: "label" top: "knn" '
    "knn_param { num_output: 4 k: 2 max_stored_batches: 2 } }"
)


def _trained(batches: list[tuple[Any, Any]], first: int = 0, params: Any = ()) -> LayerRun:
    run = LayerRun(TEXT, batches[0], params=params)
    for number, (x, labels) in enumerate(batches):
        run.inputs[0][...], run.inputs[1][...] = x, labels
        run.values = [value.copy() for value in (run.io.params if number else run.values)]
        run.io.run.batch_number = first + number
        (y,) = run.forward()
        assert not y.any()
    return run


def _scores(row: Any, batches: list[tuple[Any, Any]], k: int) -> list[float]:
    means = {}
    for label in range(4):
        near = sorted(
            math.dist(row, z)
            for x, labels in batches
            for z, other in zip(x, labels, strict=True)
            if other == label
        )[:k]
        if near:
            means[label] = sum(near) / len(near)
    span = max(means.values()) - min(means.values())
    return [1 - (means[i] - min(means.values())) / span if i in means else 0.0 for i in range(4)]


def _batches(count: int) -> list[tuple[Any, Any]]:
    random = np.random.default_rng(count)
    return [(random.normal(size=(5, 3)), np.array([0.0, 1, 3, 3, 1])) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_the_newest_batches_answer(count: int) -> None:
    """Two fit; class 2 was never seen."""
    batches = _batches(count)
    params = _trained(batches).io.params
    asked = np.random.default_rng(0).normal(size=(7, 3))
    text = TEXT.replace(' bottom: "label"', "")
    stored = tuple(param.shape for param in params)
    run = LayerRun(text, [asked], phase=pb.RUN, params=params, stored=stored)
    (y,) = run.forward()
    for row, found in zip(asked, y, strict=True):
        np.testing.assert_allclose(found, _scores(row, batches[-2:], 2), rtol=1e-12)


def test_a_run_that_goes_on_writes_where_it_would_have() -> None:
    batches = _batches(5)
    begun = _trained(batches[:3])
    resumed = _trained(batches[3:], first=3, params=begun.io.params)
    for found, wanted in zip(resumed.io.params, _trained(batches).io.params, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_nothing_remembered_is_nothing_near() -> None:
    run = LayerRun(TEXT, [np.ones((3, 2)), [0, 1, 2]], phase=pb.TEST)
    assert not run.forward()[0].any()


def test_equal_distances_do_not_divide_by_0() -> None:
    params = _trained([(np.zeros((2, 2)), np.array([0.0, 3.0]))]).io.params
    run = LayerRun(TEXT, [np.ones((2, 2)), [0, 3]], phase=pb.TEST, params=params)
    assert run.forward()[0].tolist() == [[1, 0, 0, 1]] * 2


@pytest.mark.parametrize(
    ("text", "bottoms", "message"),
    [
        (TEXT.replace(' bottom: "label"', ""), [np.ones((3, 2))], "no labels"),
        (
            TEXT.replace("num_output: 4", "num_output: 0"),
            [np.ones((3, 2)), [0, 1, 2]],
            "num_output",
        ),
        (TEXT, [np.ones(()), [0, 1, 2]], "rows of encodings"),
    ],
)
def test_what_cannot_be_is_refused(text: str, bottoms: list[Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        LayerRun(text, bottoms)


def test_a_label_too_large_is_named() -> None:
    with pytest.raises(UserError, match="row 1 of bottom 'label' holds label 4"):
        LayerRun(TEXT, [np.ones((3, 2)), [0, 4, 2]]).forward()
