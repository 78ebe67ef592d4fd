"""Distances of known labels beside those that never win, whose size would hide any error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.export.exported_net import exported_net
from mycaffe_py.export.onnx.translate import to_onnx
from mycaffe_py.kernels.losses.centroids import NO_DISTANCE
from tests.export.opened import Opened, net_text, with_inputs


def _opened(path: Path, status: float = 1) -> Opened:
    """Five labels: 1 is ignored, 3 has not been seen."""
    text = with_inputs(
        'layer { name: "d" type: "Decode" bottom: "x" top: "y" top: "c" '
        "decode_param { label_count: 5 ignore_label: 1 } }",
        {"x": (2, 4, 1, 1)},
    )
    plain = exported_net(net_text(text))
    values = plain.net.values
    values["d[0]"][...] = np.random.default_rng(1).normal(size=(5, 4, 1, 1))
    values["d[1]"][...] = status
    values["d[2]"][...] = np.array([1000, 1000, 1000, 0, 1000]).reshape(5, 1, 1, 1)
    return Opened(plain, path)


def test_the_nearest_known_label_wins(tmp_path: Path) -> None:
    file = _opened(tmp_path / "net.onnx")
    assert file.outputs == {"y": ("N", 5), "c": (5, 4, 1, 1)}
    x = np.random.default_rng(2).normal(size=(6, 4, 1, 1))
    found, expected = file.run({"x": x}), file.expected({"x": x})
    known = [0, 2, 4]
    assert (found["y"][:, [1, 3]] == np.float32(NO_DISTANCE)).all()
    np.testing.assert_allclose(found["y"][:, known], expected["y"][:, known], rtol=1e-4)
    centroids = file.plain.net.values["d[0]"].reshape(5, 4)
    by_hand = ((x.reshape(6, 1, 4) - centroids) ** 2).sum(axis=2)
    np.testing.assert_allclose(found["y"][:, known], by_hand[:, known], rtol=1e-4)
    np.testing.assert_array_equal(found["c"], expected["c"])
    assert found["c"].any()


def test_incomplete_centroids_are_not_shown(tmp_path: Path) -> None:
    file = _opened(tmp_path / "net.onnx", status=0)
    x = np.zeros((1, 4, 1, 1))
    np.testing.assert_array_equal(file.run({"x": x})["c"], 0)
    np.testing.assert_array_equal(file.expected({"x": x})["c"], 0)


def test_neighbours_are_refused() -> None:
    text = with_inputs(
        'layer { name: "d" type: "Decode" bottom: "x" top: "y"\n'
        "  decode_param { label_count: 5 cache_size: 2\n    target: KNN } }",
        {"x": (2, 4)},
    )
    with pytest.raises(UserError) as caught:
        to_onnx(exported_net(net_text(text)))
    assert str(caught.value) == (
        "net.prototxt:4: layer 'd' (Decode): target KNN; this cannot be exported to ONNX."
    )
