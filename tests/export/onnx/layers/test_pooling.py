"""Caffe's rounding and its counting of padding, for windows of all kinds."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mycaffe_py.errors import UserError
from tests.export.opened import Opened, opened, with_inputs

SIDE = st.integers(1, 9)
AXIS = st.tuples(SIDE, st.integers(1, 5), st.integers(1, 4), st.integers(0, 3))


def _opened(axes: list[tuple[int, int, int, int]], options: str, folder: str, tops: int) -> Opened:
    """Pooling of pictures; an axis is (size, kernel, stride, pad)."""
    sizes, *rest = zip(*axes, strict=True)
    for name, (h, w) in zip(("kernel", "stride", "pad"), rest, strict=True):
        options += f" {name}_h: {h} {name}_w: {w}"
    names = "".join(f' top: "y{number}"' for number in range(tops))
    layer = (
        f'layer {{ name: "p" type: "Pooling" bottom: "x"{names} pooling_param {{ {options} }} }}'
    )
    return opened(with_inputs(layer, {"x": (2, 2, *sizes)}), Path(folder) / "net.onnx")


_UNCHECKED = [HealthCheck.filter_too_much, HealthCheck.too_slow]


@pytest.mark.slow
@settings(max_examples=80, suppress_health_check=_UNCHECKED)
@given(
    st.lists(AXIS, min_size=2, max_size=2),
    st.sampled_from(["MAX", "AVE"]),
    st.sampled_from(["CEIL", "FLOOR"]),
)
def test_any_window(axes: list[tuple[int, int, int, int]], pool: str, rounding: str) -> None:
    with TemporaryDirectory() as folder:
        try:
            file = _opened(axes, f"pool: {pool} round_mode: {rounding}", folder, 1)
        except UserError:
            assume(False)
        shape = file.shapes(3)["x"]
        file.check({"x": np.random.default_rng(1).normal(size=shape)})


@pytest.mark.parametrize("pool", ["MAX", "AVE"])
def test_a_kernel_larger_than_its_picture(pool: str, tmp_path: Path) -> None:
    file = _opened([(1, 2, 2, 0), (2, 5, 4, 1)], f"pool: {pool}", str(tmp_path), 1)
    file.check({"x": np.random.default_rng(1).normal(size=file.shapes(3)["x"])})


def test_the_places_of_maxima(tmp_path: Path) -> None:
    """Of equal values the first; counted within the picture, whatever the padding."""
    file = _opened([(5, 3, 2, 1), (6, 3, 2, 1)], "pool: MAX", str(tmp_path), 2)
    x = np.random.default_rng(1).integers(0, 3, size=file.shapes(3)["x"])
    expected = file.check({"x": x})
    assert expected["y1"].max() > 6


def test_a_mean_behind_the_padding_needs_a_factor(tmp_path: Path) -> None:
    file = _opened([(5, 3, 2, 1), (6, 3, 2, 1)], "pool: AVE", str(tmp_path), 1)
    assert [op.kind for op in file.onnx.ops] == ["AveragePool", "Mul"]
    file = _opened([(5, 3, 2, 1), (5, 3, 2, 1)], "pool: AVE", str(tmp_path), 1)
    assert [op.kind for op in file.onnx.ops] == ["AveragePool"]
