"""The picture of a run holds all that it names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from mycaffe_py.evaluate.pictures.curves import Curve, Curves
from mycaffe_py.evaluate.pictures.projection import Plane
from mycaffe_py.evaluate.pictures.run_picture import Embedding, draw


def test_a_centroid_far_from_all_points_is_in_the_picture(tmp_path: Path) -> None:
    points = np.random.default_rng(0).normal(size=(50, 2))
    plane = Plane(points, np.array([[1e6, -1e6], [0.0, 0.0]]), "the 2-D feature as it is")
    embedding = Embedding(
        plane, np.zeros(50, np.int64), np.array([1, 0]), {0: "zero", 1: "one"}, "50 items"
    )
    none = Curve((), ())
    path = draw(tmp_path / "run.png", "far", Curves(none, none), embedding)
    colours = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    second_hue = np.array([0xEE, 0x66, 0x77])
    assert (np.abs(colours.astype(int) - second_hue).max(axis=1) < 8).sum() > 100
