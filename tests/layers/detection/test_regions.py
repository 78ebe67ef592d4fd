"""Regions of feature maps against their definition and against OpenCV; what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import regions as reference

ROI = 'layer { name: "r" type: "ROIPooling" bottom: "x" bottom: "rois" top: "y" ' + (
    "roi_pooling_param { pooled_h: %d pooled_w: %d spatial_scale: %g } }"
)
PSROI = 'layer { name: "r" type: "PSROIPooling" bottom: "x" bottom: "rois" top: "y" ' + (
    "psroi_pooling_param { output_dim: %d group_size: %d spatial_scale: %g } }"
)


def _bottoms(channels: int, count: int = 60, items: int = 2) -> list[Any]:
    """Maps of few different values, and regions of all sizes, some over the edges."""
    random = np.random.default_rng(3)
    maps = random.integers(-4, 4, size=(items, channels, 13, 17)).astype(np.float32)
    rois = np.empty((count, 5), np.float32)
    rois[:, 0] = random.integers(0, items, size=count)
    # Quarters, so that halves come up where they are rounded.
    rois[:, 1:] = random.integers(-80, 1200, size=(count, 4)) / 4
    rois[::3, 3:] = rois[::3, 1:3] + random.integers(0, 40, size=(len(rois[::3]), 2))
    return [maps, rois]


def _forward(text: str, bottoms: list[Any], dtype: Any = np.float32) -> Any:
    return LayerRun(text, bottoms, dtype=dtype).forward()[0]


@pytest.mark.parametrize("grid", [(7, 7), (3, 5), (1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_greatest_of_each_cell(grid: tuple[int, int], dtype: Any) -> None:
    bottoms = _bottoms(3)
    found = _forward(ROI % (*grid, 0.0625), bottoms, dtype)
    np.testing.assert_array_equal(found, reference.greatest(*bottoms, *grid, 0.0625))


@pytest.mark.parametrize(("dim", "group"), [(2, 3), (4, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_of_each_cell_in_its_channel(dim: int, group: int, dtype: Any) -> None:
    # Cells whose bounds are whole in exact numbers only would differ between the types.
    bottoms = _bottoms(dim * group * group)
    found = _forward(PSROI % (dim, group, 0.07), bottoms, dtype)
    wanted = reference.averages(*bottoms, dim, group, float(np.float32(0.07)))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("text", [ROI % (7, 6, 0.0625), PSROI % (2, 3, 0.0625)])
def test_as_in_opencv(text: str, tmp_path: Path) -> None:
    maps, rois = _bottoms(18, items=1)
    rois[:, 0] = 0
    rois[:, 3:] = np.maximum(rois[:, 3:], rois[:, 1:3])
    model = tmp_path / "net.prototxt"
    inputs = "".join(
        f'layer {{ name: "{name}" type: "Input" top: "{name}" input_param {{ shape {{ '
        + " ".join(f"dim: {n}" for n in array.shape)
        + " } } }\n"
        for name, array in (("x", maps), ("rois", rois))
    )
    model.write_text(inputs + text)
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    theirs.setInput(maps, "x")
    theirs.setInput(rois, "rois")
    np.testing.assert_allclose(_forward(text, [maps, rois]), theirs.forward("r"), atol=1e-6)


def test_a_nan_stays() -> None:
    maps = np.zeros((1, 1, 4, 4))
    maps[0, 0, 1, 2] = np.nan
    rois = np.array([[0, 0, 0, 3, 3]], np.float64)
    assert np.isnan(_forward(ROI % (1, 1, 1), [maps, rois])).all()
    assert np.isnan(_forward(PSROI % (1, 1, 1), [maps, rois])).all()


@pytest.mark.parametrize("text", [ROI % (2, 2, 1), PSROI % (1, 2, 1)])
def test_regions_far_away_are_empty_and_none_are_fine(text: str) -> None:
    maps = np.ones((1, 4, 3, 3))
    rois = np.array([[0, 1e30, -1e30, 1e30, 1e30], [0, -1e30, -1e30, -1e25, -1e25]])
    assert (_forward(text, [maps, rois]) == 0).all()
    assert len(_forward(text, [maps, rois[:0]])) == 0
    everything = np.array([[0, -1e30, -1e30, 1e30, 1e30]])
    assert _forward(text, [maps, everything]).shape[0] == 1


@pytest.mark.parametrize("text", [ROI % (2, 2, 1), PSROI % (1, 2, 1)])
@pytest.mark.parametrize(
    ("row", "told"), [([2, 0, 0, 1, 1], "(2, 0, 0, 1, 1)"), ([0, 0, np.nan, 1, 1], "nan")]
)
def test_a_wrong_region_is_named(text: str, row: list[float], told: str) -> None:
    rois = np.array([[1, 0, 0, 1, 1], row])
    with pytest.raises(UserError) as error:
        _forward(text, [np.ones((2, 4, 3, 3)), rois])
    assert "row 1 of bottom 'rois' is (" in str(error.value)
    assert told in str(error.value)
    assert "from 0 to 1, as bottom 'x' has 2 items" in str(error.value)


@pytest.mark.parametrize(
    ("text", "shapes", "told"),
    [
        (ROI % (0, 2, 1), [(1, 4, 3, 3), (2, 5)], "pooled_h"),
        (ROI % (2, 2, 0), [(1, 4, 3, 3), (2, 5)], "spatial_scale 0"),
        (ROI % (2, 2, 1), [(1, 4, 3), (2, 5)], "bottom 'x' is (1, 4, 3)"),
        (ROI % (2, 2, 1), [(1, 4, 3, 3), (2, 4)], "bottom 'rois' is (2, 4)"),
        (PSROI % (1, 3, 1), [(1, 4, 3, 3), (2, 5)], "9 channels"),
        (PSROI % (0, 3, 1), [(1, 4, 3, 3), (2, 5)], "output_dim 0"),
    ],
)
def test_what_cannot_be_is_told(text: str, shapes: list[Any], told: str) -> None:
    with pytest.raises(UserError, match=r"test.prototxt:1: layer 'r'") as error:
        LayerRun(text, [np.zeros(shape) for shape in shapes])
    assert told in str(error.value)
