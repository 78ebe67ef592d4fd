"""A window of a large picture gives what the same pixels give alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.retrieve.spotting.window_rows import Slid, Tiled, net_alone, window_rows
from mycaffe_py.trained.pictures_like import pictures_like
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture(scope="module")
def nets(convolution_snapshot: Path):
    snapshot = open_snapshot(convolution_snapshot)
    like = pictures_like(snapshot)
    alone = net_alone(snapshot, like, 8)
    return window_rows(snapshot, like, alone), Slid(alone, like.shape), alone


def test_the_map_of_a_tile_gives_the_same_bits_as_each_window_alone(nets) -> None:
    tiled, slid, alone = nets
    assert isinstance(tiled, Tiled) and tiled.step == (4, 4)
    page = np.random.default_rng(2).integers(0, 256, (1, 190, 331), np.uint8)
    # In three tiles, in the last row and column, and twice the same.
    places = np.array([[0, 0], [124, 128], [160, 300], [4, 132], [160, 0], [4, 132]])
    windows = np.stack([page[:, y : y + 28, x : x + 28] for y, x in places])
    wanted = alone.encodings(windows)
    assert (tiled.rows(page, places) == wanted).all()
    assert (slid.rows(page, places) == wanted).all()


def test_a_window_may_be_the_whole_picture(nets) -> None:
    tiled, _, alone = nets
    page = np.random.default_rng(3).integers(0, 256, (1, 28, 28), np.uint8)
    places = np.zeros((1, 2), np.int64)
    assert (tiled.rows(page, places) == alone.encodings(page[np.newaxis])).all()
