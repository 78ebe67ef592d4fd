"""Decoding and suppression against a student's loops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.detection.boxes import decode_all, detect, suppress
from mycaffe_py.proto.mycaffe_pb2 import PriorBoxParameter
from tests.reference import detection as reference

Code = PriorBoxParameter.CodeType


def _boxes(random: np.random.Generator, count: int) -> Any:
    corners = random.uniform(0, 0.7, (count, 2))
    return np.hstack([corners, corners + random.uniform(0.05, 0.4, (count, 2))])


@pytest.mark.parametrize("code", ["CORNER", "CENTER_SIZE", "CORNER_SIZE"])
def test_boxes_are_decoded(code: str) -> None:
    random = np.random.default_rng(0)
    told, priors = random.normal(size=(9, 4)), _boxes(random, 9)
    variances = random.uniform(0.1, 0.3, (9, 4))
    found = np.full((9, 4), np.nan)
    decode_all(told, priors, variances, Code.Value(code), found)
    rows = zip(told, priors, variances, strict=True)
    wanted = [reference.decoded(*map(list, row), code) for row in rows]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("eta", [1.0, 0.8])
@pytest.mark.parametrize("overlap", [0.0, 0.3, 0.9])
def test_overlapping_boxes_are_dropped(overlap: float, eta: float) -> None:
    corners = _boxes(np.random.default_rng(1), 80)
    corners[7] = corners[3]
    corners[9, 2] = corners[9, 0] - 0.1  # a box inside out has no area
    corners[20] = [*corners[21, [2, 1]], corners[21, 2] + 0.1, corners[21, 3]]  # they touch
    room = np.full((6, 90), np.nan)
    room[:4, :80] = corners.T
    kept = np.full(90, -1)
    count = suppress(room, 80, overlap, eta, kept)
    assert list(kept[:count]) == reference.suppressed([list(c) for c in corners], overlap, eta)
    assert 1 < count < 80


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("keep", [-1, 0, 7, 1000])
@pytest.mark.parametrize("background", [-1, 0, 2])
@pytest.mark.parametrize("boxes_each", [1, 4])
def test_detections(boxes_each: int, background: int, keep: int, dtype: type) -> None:
    random = np.random.default_rng(2)
    places, classes = 60, 4
    told = random.normal(size=(places, boxes_each, 4)).astype(dtype)
    scores = random.integers(0, 50, (places, classes)).astype(dtype) / 50  # with equal ones
    priors = _boxes(random, places).astype(dtype)
    variances = np.full((places, 4), 0.1, dtype)
    found = np.full((places * classes, 7), np.nan, dtype)
    count = detect(
        3, told, scores, priors, variances, Code.CENTER_SIZE, background, 0.3, (25, keep),
        0.45, 1.0, np.empty((4, places), np.int64), np.empty(places, dtype),
        np.empty((6, places), dtype), found,
    )  # fmt: skip
    wanted = reference.detections(
        told[None], scores[None], priors, variances, code="CENTER_SIZE", background=background,
        threshold=float(dtype(0.3)), top_k=25, keep_top_k=keep, overlap=0.45,
    )  # fmt: skip
    if keep == 0:
        assert count == 0
        return
    assert count == len(wanted)
    assert set(found[:count, 0]) == {3}
    np.testing.assert_allclose(found[:count, 1:], np.array(wanted)[:, 1:], rtol=0, atol=1e-6)


def test_without_a_threshold_all_but_nan_is_compared() -> None:
    scores = np.array([[0.0, -1e30], [0.0, np.nan], [0.0, 0.5]])
    told = np.zeros((3, 1, 4))
    priors = np.array([[0, 0, 1, 1], [2, 0, 3, 1], [4, 0, 5, 1]], float)
    found = np.empty((6, 7))
    count = detect(
        0, told, scores, priors, told[:, 0], Code.CORNER, 0, -math.inf, (3, -1), 0.3, 1.0,
        np.empty((4, 3), np.int64), np.empty(3), np.empty((6, 3)), found,
    )  # fmt: skip
    assert list(found[:count, 2]) == [0.5, -1e30]
