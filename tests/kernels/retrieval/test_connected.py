"""What hangs together in a picture, on pictures small enough to see."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.retrieval.connected import label_connected


def labelled(there: np.ndarray) -> tuple[np.ndarray, int]:
    labels = np.full(there.shape, -7, np.int32)
    parents = np.empty(-(-there.shape[0] // 2) * -(-there.shape[1] // 2) + 1, np.int64)
    return labels, label_connected(there, parents, labels)


def flooded(there: np.ndarray) -> np.ndarray:
    """The same by filling one piece after the other."""
    labels = np.zeros(there.shape, np.int32)
    count = 0
    for start in zip(*np.nonzero(there), strict=True):
        if labels[start]:
            continue
        count += 1
        todo = [start]
        while todo:
            y, x = todo.pop()
            inside = 0 <= y < there.shape[0] and 0 <= x < there.shape[1]
            if inside and there[y, x] and not labels[y, x]:
                labels[y, x] = count
                todo += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return labels


def test_pieces_are_numbered_in_the_order_of_their_first_places_and_corners_hold_together() -> None:
    there = np.array([[0, 1, 0, 0, 1], [1, 0, 0, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]], bool)
    labels, count = labelled(there)
    assert count == 3
    assert labels.tolist() == [[0, 1, 0, 0, 2], [1, 0, 0, 0, 2], [0, 0, 0, 0, 0], [3, 0, 0, 0, 0]]


def test_arms_that_meet_below_are_one_piece() -> None:
    there = np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [1, 1, 1, 1, 1]], bool)
    labels, count = labelled(there)
    assert count == 1 and (labels == there).all()


def test_any_picture_is_labelled_as_by_filling_its_pieces() -> None:
    random = np.random.default_rng(4)
    for share in (0.1, 0.3, 0.5, 0.9):
        there = random.random((17, 23)) < share
        labels, count = labelled(there)
        assert (labels == flooded(there)).all() and count == labels.max()


def test_a_picture_of_single_dots_has_as_many_pieces_as_there_is_room_for() -> None:
    there = np.zeros((7, 9), bool)
    there[::2, ::2] = True
    labels, count = labelled(there)
    assert count == 20 == labels.max()
    assert labelled(np.zeros((1, 1), bool))[1] == 0
