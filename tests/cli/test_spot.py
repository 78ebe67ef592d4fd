import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source
from mycaffe_py.retrieve.spotting.boxes import shared
from tests.conftest import Result

# Where digits of the first five labels are pasted on the page: x, y and side.
PLACES = ((10, 12, 28), (90, 30, 34), (60, 120, 24), (130, 100, 28), (15, 80, 28))


def digits() -> np.ndarray:
    """The first image of each of the labels 0 to 4, (5, 28, 28)."""
    source = open_source("digits28.training")
    records = [int(np.flatnonzero(source.labels == label)[0]) for label in range(5)]
    return source.gather(np.array(records))[:, 0]


@pytest.fixture
def pages(convolution_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with the snapshot, page.png, and query.png, which is on the page once."""
    shutil.copytree(convolution_snapshot.parent, tmp_path / "snapshots")
    page = np.zeros((170, 180), np.uint8)
    for (x, y, side), digit in zip(PLACES, digits(), strict=True):
        page[y : y + side, x : x + side] = np.asarray(Image.fromarray(digit).resize((side, side)))
    Image.fromarray(page).save(tmp_path / "page.png")
    Image.fromarray(digits()[1]).save(tmp_path / "query.png")
    return tmp_path


def first(result: Result) -> dict:
    assert result.code == 0, result.err
    return json.loads(result.out)["pages"][0]


def overlap(found: dict, place: tuple[int, int, int]) -> float:
    box = np.array([found[key] for key in ("x", "y", "width", "height")])
    return float(shared(box, np.array([[place[0], place[1], place[2], place[2]]], float))[0])


def test_the_query_is_found_where_it_was_pasted(mycaffe: Callable[..., Result], pages) -> None:
    page = first(mycaffe("spot", "query.png", "page.png", "-k", "3", "--json"))
    assert (page["width"], page["height"], len(page["found"])) == (180, 170, 3)
    assert overlap(page["found"][0], PLACES[1]) > 0.8
    assert page["found"][0]["scale"] == pytest.approx(34 / 28, abs=0.08)
    distances = [found["distance"] for found in page["found"]]
    assert distances == sorted(distances) and distances[0] < distances[1]


def test_what_lies_beyond_the_distance_is_left_out_and_the_nearest_told(
    mycaffe: Callable[..., Result], pages
) -> None:
    every = first(mycaffe("spot", "query.png", "page.png", "--json"))["found"]
    middle = (every[0]["distance"] + every[1]["distance"]) / 2
    page = first(mycaffe("spot", "query.png", "page.png", "--within", str(middle), "--json"))
    assert page["found"] == every[:1] and page["nearest_beyond"] == every[1]["distance"]
    told = mycaffe("spot", "query.png", "page.png", "--within", "0").out
    assert "within 0, as given" in told and "found nowhere; the nearest lies at" in told


def test_without_a_threshold_nothing_is_left_out_and_this_is_said(
    mycaffe: Callable[..., Result], pages
) -> None:
    found = json.loads(mycaffe("spot", "query.png", "page.png", "--json").out)
    assert found["within"] is None and "no threshold" in found["within_from"]
    assert found["pages"][0]["nearest_beyond"] is None


def test_the_page_is_drawn_with_boxes_and_the_places_as_sheet_and_table(
    mycaffe: Callable[..., Result], pages
) -> None:
    result = mycaffe(
        "spot", "query.png", "page.png", "-k", "2",
        "--out", "boxed.png", "--sheet", "places.png", "--csv", "places.tsv",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert result.out.splitlines()[-3:] == ["boxed.png", "places.png", "places.tsv"]
    boxed = np.asarray(Image.open(pages / "boxed.png").convert("RGB")).astype(int)
    assert boxed.shape == (170, 180, 3)
    assert (np.abs(boxed - (255, 140, 0)).sum(axis=2) == 0).sum() > 100
    with Image.open(pages / "places.png") as sheet:
        assert sheet.height > 64
    lines = (pages / "places.tsv").read_text().splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert [row["page"] for row in rows] == ["page.png"] * 2
    assert overlap({key: float(rows[0][key]) for key in ("x", "y", "width", "height")}, PLACES[1])


def test_a_page_that_cannot_be_read_costs_no_other(mycaffe: Callable[..., Result], pages) -> None:
    (pages / "broken.png").write_bytes(b"no picture")
    result = mycaffe("spot", "query.png", "broken.png", "page.png", "none.png", "--out", "all")
    assert result.code == 2
    assert "broken.png" in result.err and "'none.png' is not there" in result.err
    assert "page.png (180x170): found in" in result.out
    assert [file.name for file in (pages / "all").iterdir()] == ["page.boxed.png"]


def test_a_blank_page_holds_nothing(mycaffe: Callable[..., Result], pages) -> None:
    Image.new("L", (90, 60), 255).save(pages / "blank.png")
    page = first(mycaffe("spot", "query.png", "blank.png", "--json"))
    assert (page["width"], page["height"], page["found"]) == (90, 60, [])


def test_a_page_of_dark_ink_on_transparent_colour_is_read_like_any_other(
    mycaffe: Callable[..., Result], pages
) -> None:
    ink = np.asarray(Image.open(pages / "page.png"))
    colour = np.zeros((*ink.shape, 4), np.uint8)
    colour[..., 2], colour[..., 3] = 60, ink
    Image.fromarray(colour, "RGBA").save(pages / "clear.png")
    Image.fromarray(ink.astype(np.uint16) * 257).save(pages / "deep.png")
    for name in ("clear.png", "deep.png"):
        page = first(mycaffe("spot", "query.png", name, "-k", "1", "--json"))
        assert overlap(page["found"][0], PLACES[1]) > 0.8


def test_a_query_of_another_size_stands_for_things_of_its_own_size(
    mycaffe: Callable[..., Result], pages
) -> None:
    large = Image.open(pages / "query.png").resize((84, 84))
    large.save(pages / "large.png")
    page = Image.open(pages / "page.png")
    page.resize((540, 510)).save(pages / "wide.png")
    found = first(mycaffe("spot", "large.png", "wide.png", "-k", "1", "--json"))["found"][0]
    assert overlap(found, tuple(3 * value for value in PLACES[1])) > 0.8
    # Cut to its ink, it gets boxes around the ink.
    large.crop(large.getbbox()).save(pages / "tight.png")
    tight = first(mycaffe("spot", "tight.png", "wide.png", "-k", "1", "--json"))["found"][0]
    assert tight["width"] < 0.9 * found["width"] and tight["height"] < 0.9 * found["height"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing.png", "page.png"), "'missing.png' is not there"),
        (("black.png", "page.png"), "is empty"),
        (("query.png", "small.png"), "smaller than the query"),
        (("query.png", "."), "is a folder"),
        (("query.png", "page.png", "-k", "0"), "-k is 0"),
        (("query.png", "page.png", "--within", "nan"), "--within is nan"),
        (("query.png", "page.png", "--scales", "1,x"), "--scales is '1,x'"),
        (("query.png", "page.png", "--scales", "0"), "--scales is '0'"),
        (("query.png", "page.png", "--out", "boxed.jpg"), "ends in .png"),
        (("query.png", "page.png", "page.png", "--out", "query.png"), "pictures need a folder"),
        (("query.png", "page.png", "--sheet", "sheet"), "ends in .png"),
        (("speck.png", "huge.png", "--scales", "0.05"), "would have to be enlarged"),
    ],
)
def test_a_mistake_is_told_in_one_error(
    mycaffe: Callable[..., Result], pages, arguments, told
) -> None:
    Image.new("L", (28, 28)).save(pages / "black.png")
    Image.new("L", (9, 9)).save(pages / "small.png")
    dots = np.zeros((9, 9), np.uint8)
    dots[4, 3:6] = 255
    Image.fromarray(dots).save(pages / "small.png")
    Image.fromarray(dots).save(pages / "speck.png")
    Image.fromarray(np.tile(dots, (60, 60))).save(pages / "huge.png")
    result = mycaffe("spot", *arguments)
    assert result.code == 2 and told in result.err
    assert len(result.err.strip().splitlines()) == 1
