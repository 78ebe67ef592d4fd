"""What the map page is told: places, neighbours, pictures, and the command for what was chosen."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")

from PIL import Image

from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.answers import Answers, write_answers
from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.laid_out import layout_of
from mycaffe_py.studio.routes.map import COLUMNS, near, sheet, tile, whole_map
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace


@pytest.fixture
def studio(tmp_path: Path, siamese_snapshot: Path) -> Iterator[Studio]:
    """A studio of a run without answers."""
    for path in siamese_snapshot.parent.glob("small_iter_150.*"):
        if not path.name.endswith(".npz"):
            shutil.copy(path, tmp_path)
    workspace = Workspace.at(tmp_path)
    jobs = Jobs(workspace.own / "jobs", workspace.root)
    yield Studio(workspace, jobs)
    jobs.close()


def _record(studio: Studio, features: Any, count: int = 4) -> Answers:
    source = open_source("digits28.testing")
    records = np.arange(count, dtype=np.int64)
    labels = source.labels[:count]
    answers = labels.copy()
    answers[1] = (answers[1] + 1) % 10
    classes = np.arange(10, dtype=np.int64)
    distances = np.ones((count, 10), np.float32)
    rows = np.asarray(features, np.float32)
    kept = Answers(source.name, source.checksum, records, labels, answers, classes, distances, rows)
    write_answers(SnapshotFiles.beside(studio.workspace.root / "small_iter_150.run.json"), kept)
    return kept


def test_a_run_without_answers_has_nothing_to_show_but_can_record(studio: Studio) -> None:
    found = whole_map(studio, {"run": "small"})
    assert (found["items"], found["film"], found["recorded"]) == (None, None, False)
    assert (found["iteration"], found["snapshots"]) == (150, [150])
    with pytest.raises(UserError, match="has no snapshot 7"):
        whole_map(studio, {"run": "small", "iteration": "7"})


def test_items_have_places_answers_and_the_looks_of_all_pictures(studio: Studio) -> None:
    kept = _record(studio, [[0, 0], [3, 4], [0, 1], [9, 9]])
    found = whole_map(studio, {"run": "small"})
    items = found["items"]
    assert (items["width"], items["told"]) == (2, "The 2-D feature as it is")
    assert items["labels"] == kept.labels.tolist()
    assert items["answers"][1] != items["labels"][1]
    assert items["records"] == [0, 1, 2, 3]
    assert items["unknown"] == [] and items["threshold"] is None
    looks = shown_classes([str(n) for n in range(10)])
    assert [one["colour"] for one in found["classes"]] == [look.colour for look in looks]
    dumps(found)


def test_neighbours_are_those_of_the_whole_feature(studio: Studio) -> None:
    _record(studio, [[0, 0, 0, 0], [3, 0, 0, 4], [0, 1, 0, 0], [0, 0, 9, 0]])
    found = near(studio, {"run": "small", "item": "0", "count": "2"})
    assert found["near"] == [{"item": 2, "distance": 1.0}, {"item": 1, "distance": 5.0}]
    with pytest.raises(UserError, match="no item 4"):
        near(studio, {"run": "small", "item": 4})


def test_pictures_come_as_tiles_of_one_sheet(studio: Studio) -> None:
    _record(studio, np.zeros((4, 2)))
    head = tile(studio, {"run": "small"})
    assert (head["columns"], head["word"]) == (COLUMNS, "image")
    png = sheet(studio, {"run": "small", "records": "3,1"}).body
    picture = Image.open(io.BytesIO(bytes(png))).convert("L")
    assert picture.size == (28 * COLUMNS, 28)
    second = np.asarray(picture)[:, 28:56]
    assert (second == open_source("digits28.testing").images[1, 0]).all()


def test_items_that_are_not_finite_are_no_neighbours(studio: Studio) -> None:
    _record(studio, [[0, 0], [np.nan, 0], [1, 0], [np.inf, 0]])
    assert near(studio, {"run": "small", "item": 2})["near"] == [{"item": 0, "distance": 1.0}]
    with pytest.raises(UserError, match="item 1 is not finite"):
        near(studio, {"run": "small", "item": 1})


@pytest.mark.parametrize("records", ["", "-1", "360", "1,x", "1;2", "²"])
def test_pictures_that_are_not_there_are_refused(studio: Studio, records: str) -> None:
    _record(studio, np.zeros((4, 2)))
    with pytest.raises(UserError, match="pictures that are not there"):
        sheet(studio, {"run": "small", "records": records})


def test_wide_features_are_laid_out_on_their_principal_axes() -> None:
    rows = np.zeros((4, 5), np.float32)
    rows[:, 4] = [-2, 2, 0, 0]
    rows[:, 0] = [0, 0, 1, -1]
    layout = layout_of(rows)
    assert layout.told == (
        "The 5-D feature on the 3 principal axes (PCA) of these points, which hold 100 % of the "
        "variance"
    )
    assert np.abs(layout.of(rows)[:, :2]) == pytest.approx(np.abs(rows[:, [4, 0]]), abs=1e-6)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_narrow_features_stay_as_they_are(width: int) -> None:
    rows = np.arange(2 * width, dtype=np.float32).reshape(2, width)
    assert (layout_of(rows).of(rows) == rows).all()


def test_one_item_or_values_that_are_not_finite_can_be_laid_out() -> None:
    assert layout_of(np.ones((1, 6), np.float32)).of(np.ones((1, 6), np.float32)).shape == (1, 3)
    rows = np.ones((5, 6), np.float32)
    rows[0, 0] = np.nan
    assert np.isfinite(layout_of(rows).of(rows)[1:]).all()


def test_what_was_chosen_becomes_a_list_in_the_studios_own_folder(studio: Studio) -> None:
    asked = {"source": "digits28.testing", "records": [7, 3, 3], "name": "HARD"}
    words = command_of(studio.workspace, "subset-of-records", asked)
    assert words[:4] == ["dataset", "create", "subset", "digits28.testing"]
    assert words[5:] == ["--name=HARD"]
    listed = studio.workspace.root / words[4].removeprefix("--records=./")
    assert listed.read_text() == "3\n7"
    assert listed.is_relative_to(studio.workspace.own)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "--force"}, {"source": "--x.y"}, {"source": 3}, {"records": []},
        {"records": ["1"]}, {"records": [-1]}, {"records": [True]}, {"name": ""}, {"name": "a\nb"},
    ],
)  # fmt: skip
def test_a_choice_of_another_kind_is_refused(studio: Studio, wrong: dict[str, Any]) -> None:
    asked = {"source": "digits28.testing", "records": [1], "name": "HARD", **wrong}
    with pytest.raises(UserError):
        command_of(studio.workspace, "subset-of-records", asked)
