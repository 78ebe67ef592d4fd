"""Overlaps worked by hand, and which of overlapping boxes stay."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.retrieve.spotting.boxes import best_apart, shared

BOXES = np.array([[0, 0, 4, 4], [2, 0, 4, 4], [4, 4, 4, 4], [0, 0, 2, 2]], float)


def test_the_shared_part_is_the_area_in_common_of_the_area_of_both() -> None:
    assert shared(BOXES[0], BOXES) == pytest.approx([1, 8 / 24, 0, 4 / 16])


def test_boxes_without_an_area_share_nothing() -> None:
    nothing = np.zeros((1, 4))
    assert shared(nothing[0], nothing).tolist() == [0]


def test_the_nearer_of_two_boxes_that_overlap_stays() -> None:
    kept = best_apart(BOXES, np.array([2.0, 1.0, 3.0, 4.0]), 10)
    assert kept.tolist() == [1, 2, 3]


def test_of_equal_distances_the_first_box_comes_first_and_no_more_than_asked_for() -> None:
    assert best_apart(BOXES, np.ones(4), 10).tolist() == [0, 2, 3]
    assert best_apart(BOXES, np.ones(4), 1).tolist() == [0]
    assert best_apart(BOXES[:0], np.ones(0), 5).tolist() == []
