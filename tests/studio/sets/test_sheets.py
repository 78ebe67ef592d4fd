"""Sheets hold the very pixels of the set; a set that was made anew is opened anew."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.cli.main import main
from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.studio.sets import browsed, sheets


@pytest.fixture
def colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """50 pictures of 3 channels, 4 x 6, of the labels 0 and 7."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path))
    images = np.random.default_rng(1).integers(0, 256, (50, 3, 4, 6)).astype(np.uint8)
    labels = np.array([0, 7] * 25, np.int64)
    source = make_source("COLOURS.training", images, labels, {7: "<b>seven</b>"})
    write_dataset(tmp_path / "COLOURS.sqlite", "COLOURS", {"training": source})
    return source.name


def test_a_sheet_holds_the_pixels_and_what_is_not_filled_is_transparent(colours: str) -> None:
    source = browsed.browse(colours)
    records = browsed.records_of(source, 7)
    assert len(records) == 25
    drawn = np.asarray(Image.open(io.BytesIO(sheets.sheet(source, records, 10))))
    assert drawn.shape == (8 * 5, 10 * 7, 4)
    picture = open_source(colours).images[records[13]].transpose(1, 2, 0)
    np.testing.assert_array_equal(drawn[5:9, 21:27, :3], picture)
    assert (drawn[5:9, 21:27, 3] == 255).all()
    assert not drawn[10:14, 35:, 3].any()


def test_the_mean_of_a_label_is_that_of_its_images(colours: str) -> None:
    source = browsed.browse(colours)
    loaded = open_source(colours)
    wanted = loaded.images[loaded.labels == 7].mean(axis=0)
    np.testing.assert_allclose(browsed.mean_of(source, 7), wanted, rtol=1e-6)
    with pytest.raises(UserError, match="no image of label 3"):
        browsed.mean_of(source, 3)


def test_a_set_that_was_made_anew_is_opened_anew(colours: str, tmp_path: Path) -> None:
    before = browsed.browse(colours).checksum
    source = make_source(colours, np.zeros((2, 3, 4, 6), np.uint8), np.array([0, 7], np.int64))
    write_dataset(tmp_path / "COLOURS.sqlite", "COLOURS", {"training": source})
    assert browsed.browse(colours).checksum != before


def test_a_damaged_set_is_listed_with_what_is_wrong(colours: str, tmp_path: Path) -> None:
    (tmp_path / "BROKEN.sqlite").write_bytes(b"no database")
    told = {fact["dataset"]: fact for fact in browsed.all_told()}
    assert "damaged" in told["BROKEN"]["error"]
    assert told["COLOURS"]["sources"] == [
        {"name": colours, "images": 50, "shape": [3, 4, 6], "labels": 2, "word": "image"}
    ]


@pytest.mark.parametrize("label", [None, 1])
def test_sheets_of_pictures_that_are_kept_as_they_came_are_those_of_their_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: int | None
) -> None:
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path / "data"))
    numbers = np.random.default_rng(2)
    for place in range(30):
        path = tmp_path / "set" / "ab"[place % 2] / f"{place}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(numbers.integers(0, 256, (90, 70, 3)).astype(np.uint8)).save(path)
    drawn = []
    for name, more in (("PIXELS", []), ("FILES", ["--encoded"])):
        folder = str(tmp_path / "set")
        assert main(["dataset", "create", "images", folder, "--name", name, *more]) == 0
        source = browsed.browse(f"{name}.training")
        assert isinstance(source, EncodedSource) == bool(more)
        drawn.append(sheets.sheet(source, browsed.records_of(source, label), 5))
        assert browsed.mean_of(source, 1).shape == (3, 90, 70)
    assert drawn[0] == drawn[1]
    # Larger than 64 pixels, so brought to that.
    assert Image.open(io.BytesIO(drawn[1])).size == (5 * 51, 8 * 65)
