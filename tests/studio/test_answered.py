"""The page Test Many shows what the command measured, figure by figure."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("starlette")

from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.answers import read_answers, write_answers
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.routes import pairs, test_many
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace

ASKED = {"run": "small"}


@pytest.fixture
def studio(siamese_snapshot: Path, tmp_path: Path) -> Studio:
    for path in siamese_snapshot.parent.glob("small_iter_150.*"):
        shutil.copy(path, tmp_path)
    workspace = Workspace.at(tmp_path)
    jobs = Jobs(workspace.own / "jobs", workspace.root)
    jobs.close()
    return Studio(workspace, jobs)


@pytest.fixture
def told(studio: Studio, mycaffe: Callable[..., Any]) -> dict[str, Any]:
    """What the command tells; the answers are kept beside the snapshot."""
    done = mycaffe("test-many", "--record", "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_figures_are_those_of_the_command(studio: Studio, told: dict[str, Any]) -> None:
    found = test_many.found(studio, ASKED)
    assert found["accuracy"] == told["accuracy"]
    assert found["n"] == told["n"]
    assert found["source"] == told["dataset"]
    assert found["confusion"]["counts"] == told["confusion"]
    shown = {
        label["name"]: {name: label[name] for name in ("accuracy", "n", "nearest_wrong")}
        for label in found["labels"]
    }
    assert shown == told["per_label"]
    assert not found["outdated"]
    assert not found["trained_on"]


def test_a_cell_opens_its_items_the_hardest_first(studio: Studio, told: dict[str, Any]) -> None:
    found = test_many.found(studio, ASKED)
    counts = np.array(found["confusion"]["counts"])
    truth, answer = np.argwhere(counts * (1 - np.eye(len(counts), dtype=int)) > 0)[0].tolist()
    cell = test_many.items(studio, {**ASKED, "truth": str(truth), "answer": str(answer)})
    assert cell["n"] == len(cell["items"]) == counts[truth, answer]
    assert not any(item["right"] for item in cell["items"])
    gaps = [item["other_distance"] - item["own"] for item in cell["items"]]
    assert gaps == sorted(gaps)
    wrong = test_many.items(studio, {**ASKED, "wrong": "1", "from": "2", "count": "3"})
    assert wrong["n"] == found["wrong"]
    assert len(wrong["items"]) == 3
    assert wrong["width"] == wrong["height"]
    assert not wrong["changed"]


def test_pictures_come_as_one_sheet(studio: Studio, told: dict[str, Any]) -> None:
    sheet = test_many.pictures(studio, {**ASKED, "records": "3,0,7", "columns": "2"})
    source = open_source("digits28.testing")
    with Image.open(io.BytesIO(bytes(sheet.body))) as image:
        high, wide = source.shape[1:]
        assert image.size == (2 * wide, 2 * high)
        corner = np.asarray(image.convert("L"))[:high, wide:]
    assert np.array_equal(corner, source.images[0, 0])
    for records in ("", "-1", "1000000", "x"):
        with pytest.raises(UserError):
            test_many.pictures(studio, {**ASKED, "records": records})


def test_before_anything_was_measured_there_is_nothing(studio: Studio) -> None:
    found = test_many.found(studio, ASKED)
    assert (found["n"], found["sources"]) == (0, [])
    assert test_many.threshold(studio, ASKED) == {}
    with pytest.raises(UserError, match="Press Test Many"):
        pairs.pairs(studio, ASKED)


def test_hard_pairs_are_told_by_their_records(studio: Studio, told: dict[str, Any]) -> None:
    found = pairs.pairs(studio, ASKED)
    n = told["n"]
    assert found["same_n"] + found["different_n"] == n * (n - 1) // 2
    assert found["loss"]
    assert 0 <= found["violating_share"] <= 1
    near = found["different"][0]
    assert near["names"][0] != near["names"][1]
    assert near["loss"] == pytest.approx(max(found["margin"] - near["distance"], 0) ** 2 / 2)
    files = SnapshotFiles.beside(studio.workspace.root / "small_iter_150.caffemodel")
    kept = read_answers(files, found["source"])
    rows = dict(zip(kept.records.tolist(), kept.features, strict=True))
    gap = rows[near["records"][0]].astype(float) - rows[near["records"][1]]
    assert near["distance"] == pytest.approx(float(np.sqrt((gap * gap).sum())))


def test_answers_without_features_say_how_to_get_them(studio: Studio, told: dict[str, Any]) -> None:
    files = SnapshotFiles.beside(studio.workspace.root / "small_iter_150.caffemodel")
    kept = read_answers(files, told["dataset"])
    write_answers(files, replace(kept, features=np.empty((0, 0), np.float32)))
    with pytest.raises(UserError, match=r"features .* not kept.*Press Test Many"):
        pairs.pairs(studio, ASKED)


def test_data_that_is_gone_is_told_where_pictures_would_be(
    studio: Studio, told: dict[str, Any]
) -> None:
    files = SnapshotFiles.beside(studio.workspace.root / "small_iter_150.caffemodel")
    write_answers(files, replace(read_answers(files, told["dataset"]), source="GONE.testing"))
    found = test_many.items(studio, {**ASKED, "source": "GONE.testing"})
    assert found["items"]
    assert "GONE" in found["not_drawn"]["text"]


def test_the_threshold_is_the_report_of_the_command(
    studio: Studio, mycaffe: Callable[..., Any]
) -> None:
    done = mycaffe("threshold", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    found = test_many.threshold(studio, ASKED)
    assert not found.pop("outdated")
    assert found == {name: told[name] for name in found}
    path = studio.workspace.root / "small_iter_150.threshold.json"
    path.write_text("[1")
    with pytest.raises(UserError, match="damaged"):
        test_many.threshold(studio, ASKED)


def test_commands_name_the_snapshot_that_was_chosen(studio: Studio) -> None:
    asked = {**ASKED, "iteration": "150", "far": 0.01}
    made = command_of(studio.workspace, "threshold", asked)
    assert made == ["threshold", "--snapshot=./small_iter_150.caffemodel", "--far=0.01"]
    with pytest.raises(UserError, match="no such snapshot: iteration '7'"):
        command_of(studio.workspace, "test-many", {**ASKED, "iteration": "7"})
