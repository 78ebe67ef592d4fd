import math

import numpy as np
import pytest

from mycaffe_py.evaluate.film.view import Box

BOX = Box(np.array([-1.0, 0.0, 2.0]), np.array([3.0, 1.0, 5.0]))


def test_the_middle_stays_and_nearer_is_larger() -> None:
    assert BOX.seen(BOX.middle[np.newaxis], 0.7)[0] == pytest.approx([0, 0, 1])
    front, back = BOX.seen(BOX.middle + np.array([[0, -1, 0], [0, 1, 0]]), 0.0)
    assert front[2] > 1 > back[2]
    assert front[1] < 0 < back[1]


def test_turning_by_a_quarter_brings_the_second_axis_to_the_first() -> None:
    place = BOX.middle + np.array([[0.0, 1.0, 0.0]])
    turned = BOX.seen(place, -math.pi / 2)[0]
    assert turned[0] == pytest.approx(turned[2])
    assert turned[1] == pytest.approx(0, abs=1e-12)


def test_everything_fits_however_it_is_turned() -> None:
    across, up = BOX.extent()
    for yaw in np.linspace(0, 6.2, 500):
        seen = BOX.seen(BOX.corners, yaw)
        assert np.abs(seen[:, 0]).max() <= across * 1.01
        assert np.abs(seen[:, 1]).max() <= up * 1.01


def test_walls_lie_behind_the_middle_and_names_outside_the_box() -> None:
    for yaw in np.linspace(0, 6.2, 20):
        corner = BOX.seen(BOX.corners, yaw)
        for axis in range(3):
            place, out = BOX.name_spot(axis, yaw)
            assert np.linalg.norm(out) == pytest.approx(1)
            assert out @ place > 0
            if axis != 2:
                assert place[1] < np.median(corner[:, 1])
        far = BOX.corners[corner[:, 2].argmin()]
        for line in BOX.walls(yaw, 1.0):
            assert (line == far).any(axis=1).all()


def test_grid_lines_keep_apart_from_the_ends() -> None:
    assert BOX.marks(0, 1.0) == [-1, 0, 1, 2, 3]
    assert Box(np.array([-0.1] * 3), np.array([1.4] * 3)).marks(0, 1.0) == [-0.1, 1.0, 1.4]
