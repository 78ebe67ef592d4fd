"""How a query is read, and how large it is on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.retrieve.spotting.query import Query, read_query


class MeanColour:
    """Stands for a net: its encoding is the mean of each channel."""

    def encodings(self, images: Any) -> Any:
        assert images.flags.c_contiguous and images.dtype == np.uint8
        return images.mean(axis=(2, 3), dtype=np.float64).astype(np.float32)


def query(tmp_path: Path, fit: str) -> Query:
    """A red picture of 60 x 30 for a net of 3 x 20 x 20."""
    Image.new("RGB", (60, 30), (200, 20, 0)).save(tmp_path / "red.png")
    record = PictureRecord(20, 20, gray=False, fit=fit)
    return read_query(tmp_path / "red.png", record, MeanColour())  # type: ignore[arg-type]


def test_a_colour_query_keeps_its_colours_in_every_view(tmp_path: Path) -> None:
    assert query(tmp_path, "stretch").encoding.tolist() == [[200, 20, 0]]


@pytest.mark.parametrize(
    ("fit", "window", "inside"),
    [
        ("stretch", (60, 30), (0, 0, 60, 30)),
        ("pad", (60, 60), (0, 15, 60, 30)),
        ("crop", (30, 30), (0, 0, 30, 30)),
    ],
)
def test_the_window_is_what_the_net_sees_of_the_query(
    tmp_path: Path, fit: str, window: tuple[int, int], inside: tuple[int, ...]
) -> None:
    read = query(tmp_path, fit)
    assert read.window == pytest.approx(window)
    assert read.inside == pytest.approx(inside)
    assert read.ink is None
