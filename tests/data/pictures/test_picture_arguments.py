"""A net is asked about pictures read as those it learned were, or as the user says."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.source import open_source
from tests.conftest import Result


@pytest.fixture
def snapshot(siamese_snapshot, tmp_path):
    """A copy of a snapshot beside dark.png, dark on light, and a function that changes its record.

    Without a record the card is that of an older version, of a data set nobody knows.
    """
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    pixels = open_source("digits28.testing").gather(np.array([0]))[0, 0]
    Image.fromarray(255 - pixels).save(tmp_path / "dark.png")
    Image.fromarray(255 - pixels).resize((56, 40)).save(tmp_path / "large.png")
    card = tmp_path / "snapshots" / "small_iter_150.run.json"
    if not card.exists():
        card = next((tmp_path / "snapshots").glob("*150*.json"))

    def change(record):
        told = json.loads(card.read_text())
        for dataset in told["datasets"]:
            dataset["source"] = dataset["source"].replace("digits28", "OTHER")
            if record is None:
                del dataset["pictures"]
            else:
                dataset["pictures"] = record.to_json()
        card.write_text(json.dumps(told))

    return change


def _done(result):
    assert result.code == 0, result.err
    return [one["done"] for one in json.loads(result.out)]


@pytest.mark.slow
def test_the_record_travels_in_the_run_card(siamese_snapshot: Path) -> None:
    card = next(siamese_snapshot.parent.glob("*150*.json"))
    for dataset in json.loads(card.read_text())["datasets"]:
        assert PictureRecord.from_json(dataset["pictures"]).fit == "ink"


@pytest.mark.parametrize("command", ["test", "identify"])
@pytest.mark.parametrize("polarity", ["dark on light", "mixed"])
def test_a_net_of_dark_on_light_is_asked_as_it_learned(
    mycaffe: Callable[..., Result], snapshot, command: str, polarity: str
) -> None:
    snapshot(PictureRecord(28, 28, True, "stretch", polarity))
    result = mycaffe(command, "dark.png", "large.png", "--json")
    assert _done(result) == [[], ["resized from 56x40 to 28x28"]]
    assert result.err == ""


@pytest.mark.parametrize(
    ("options", "done"),
    [
        (["--no-invert"], ["padded from 56x40 to 28x28"]),
        (["--invert"], ["dark on light, so inverted", "padded from 56x40 to 28x28"]),
        (["--fit", "crop"], ["cropped from 56x40 to 28x28"]),
        (["--fit", "ink", "--invert"],
         ["dark on light, so inverted", "brought from 56x40 to 28x28"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["test", "identify"])
def test_options_stand_above_the_record(
    mycaffe: Callable[..., Result], snapshot, command: str, options: list[str], done: list[str]
) -> None:
    snapshot(PictureRecord(28, 28, True, "pad", "dark on light"))
    assert _done(mycaffe(command, "large.png", "--json", *options)) == [done]


def test_enroll_reads_alike_and_tells_what_it_did(mycaffe: Callable[..., Result], snapshot) -> None:
    snapshot(PictureRecord(28, 28, True, "stretch", "dark on light"))
    told = json.loads(mycaffe("enroll", "--label", "x", "large.png", "--json").out)
    assert told["done"] == ["large.png: resized from 56x40 to 28x28"]
    result = mycaffe("enroll", "--label", "y", "dark.png", "--invert")
    assert "dark.png: dark on light, so inverted" in result.out


def test_without_a_record_pictures_are_read_as_ever_and_one_line_says_so(
    mycaffe: Callable[..., Result], snapshot
) -> None:
    snapshot(None)
    result = mycaffe("identify", "dark.png", "large.png", "--json")
    assert _done(result) == [
        ["dark on light, so inverted"],
        ["dark on light, so inverted", "brought from 56x40 to 28x28"],
    ]
    assert result.err.count("\n") == 1
    assert "OTHER.testing does not tell how its pictures were read" in result.err
    asked = mycaffe("identify", "dark.png", "--json", "--fit", "ink", "--no-invert")
    assert _done(asked) == [[]] and asked.err == ""


def test_a_damaged_record_is_named(mycaffe: Callable[..., Result], snapshot) -> None:
    snapshot(PictureRecord(28, 28, True, "shrink"))
    result = mycaffe("test", "dark.png")
    assert result.code == 2
    assert "the record of how pictures were read is damaged" in result.err


@pytest.mark.parametrize("text", ["5", "9:1", "a:b", "1:nan", "1:1", ":", "0:4095:3"])
def test_a_range_is_two_numbers(mycaffe: Callable[..., Result], snapshot, text: str) -> None:
    result = mycaffe("test", "dark.png", f"--range={text}")
    assert result.code == 2
    assert f"--range is '{text}'; LOW:HIGH, two numbers, the lower one first" in result.err


def test_a_range_may_begin_below_0_and_what_the_error_says_works(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "ct" / "a").mkdir(parents=True)
    values = np.array([[-1000, 0, 999], [5, 6, 7]], np.int32)
    Image.fromarray(values).save(tmp_path / "ct" / "a" / "0.tif")
    start = ("dataset", "create", "images", "ct", "--name", "CT", "--gray")
    refused = mycaffe(*start)
    assert refused.code == 2
    assert "--range=-1000:999" in refused.err
    for number, option in enumerate((["--range=-1000:999"], ["--range", "-1000:999"])):
        made = mycaffe(*start[:-2], f"CT{number}", "--gray", *option)
        assert made.code == 0, made.err
        image = open_source(f"CT{number}.training").images[0, 0]
        assert image[0].tolist() == [0, 128, 255]


def test_a_data_set_tells_how_it_was_read(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "set" / name).mkdir(parents=True)
        Image.new("L", (9, 5), 255).save(tmp_path / "set" / name / "0.png")
    made = mycaffe(
        *("dataset", "create", "images", "set", "--name", "SET", "--gray"),
        *("--size", "4x4", "--fit", "pad"),
    )
    assert made.code == 0
    words = "gray 4x4, fit pad, dark on light, inverted: never"
    assert f"read as {words}\n" in made.err
    assert f"pictures read as {words}" in mycaffe("dataset", "show", "SET").out
    subset = mycaffe("dataset", "create", "subset", "SET", "--labels", "1", "--name", "PART")
    assert subset.code == 0
    part = open_source("PART.training")
    assert part.pictures == open_source("SET.training").pictures != ""
    assert mycaffe("dataset", "verify", "PART").code == 0


def test_records_taken_in_from_lmdb_are_measured(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    pytest.importorskip("lmdb")
    assert mycaffe("dataset", "export", "digits28.testing", "lmdb", "digits").code == 0
    assert mycaffe("dataset", "import", "lmdb", "digits", "--name", "OLD").code == 0
    record = PictureRecord.from_json(open_source("OLD.training").pictures)
    assert (record.polarity, record.fit, record.known_fit) == ("light on dark", "", "ink")
    assert mycaffe("dataset", "import", "lmdb", "digits", "--name", "OLD", "--force").code == 0
    assert dataset_path("OLD").exists()
    assert open_source("OLD.training").pictures == record.to_json()
