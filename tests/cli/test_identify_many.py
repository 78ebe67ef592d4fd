"""`mycaffe identify` on folders, lists and long files: a row for each input, and alarms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source
from tests.cli.test_identify import folder
from tests.conftest import Result

Run = Callable[..., Result]
PICTURES = 7


@pytest.fixture
def here(siamese_snapshot, tmp_path):
    """A snapshot beside a folder of pictures, whose names are not in the order of making."""
    folder(siamese_snapshot, tmp_path)
    source = open_source("digits28.testing")
    pictures = source.gather(np.arange(PICTURES))[:, 0]
    for number, pixels in enumerate(pictures):
        path = tmp_path / "pictures" / f"{'ab'[number % 2]}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path


def _names(here: Path) -> list[str]:
    return [str(p.relative_to(here)) for p in sorted((here / "pictures").rglob("*.png"))]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_folder_gives_a_row_for_each_picture_in_the_order_of_paths(mycaffe: Run, here) -> None:
    single = json.loads(mycaffe("identify", *_names(here), "--json").out)
    result = mycaffe("identify", "pictures", "--csv", "rows.csv", "--json-lines", "rows.jsonl")
    assert result.code == 0, result.err
    assert result.out.startswith(f"{PICTURES} images (")
    rows = _rows((here / "rows.csv").read_text())
    lines = [json.loads(line) for line in (here / "rows.jsonl").read_text().splitlines()]
    assert [row["file"] for row in rows] == [one["file"] for one in lines] == _names(here)
    assert [row["label"] for row in rows] == [one["label"] for one in single]
    for row, line, one in zip(rows, lines, single, strict=True):
        assert float(row["distance"]) == pytest.approx(one["distance"], rel=1e-4)
        assert line["distances"] == pytest.approx(one["distances"], rel=1e-4)
        assert (row["unknown"], row["error"], row["start"]) == ("false", "", "")


def test_without_a_file_to_write_there_is_a_line_for_each(mycaffe: Run, here) -> None:
    lines = mycaffe("identify", "pictures").out.splitlines()
    assert len(lines) == PICTURES + 1
    assert lines[0].startswith(f"{_names(here)[0]}: ")
    told = json.loads(mycaffe("identify", "pictures", "--json").out)
    assert [one["file"] for one in told] == _names(here)


def test_a_broken_picture_costs_its_own_row(mycaffe: Run, here) -> None:
    (here / "pictures" / "a" / "3.png").write_text("no picture")
    (here / "pictures" / "b" / "0.png").write_bytes(b"")
    (here / "pictures" / "notes.txt").write_text("not asked about")
    result = mycaffe("identify", "pictures", "--csv", "-")
    assert result.code == 2
    rows = _rows(result.out)
    assert [row["file"] for row in rows] == _names(here)
    broken = {row["file"]: row["error"] for row in rows if row["error"]}
    assert set(broken) == {"pictures/a/3.png", "pictures/b/0.png"}
    assert "is an empty file" in broken["pictures/b/0.png"]
    assert result.err.count("mycaffe: error:") == 2


def test_a_list_keeps_its_order(mycaffe: Run, here, monkeypatch) -> None:
    names = _names(here)[::-1][:3]
    (here / "wanted.txt").write_text("\n".join(names) + "\n\n")
    told = json.loads(mycaffe("identify", "--list", "wanted.txt", "--json").out)
    assert [one["file"] for one in told] == names
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*names, "nowhere.png"])))
    result = mycaffe("identify", "-", "--json-lines", "-")
    assert result.code == 2
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [one["file"] for one in lines] == [*names, "nowhere.png"]
    assert "is not there" in lines[-1]["error"]


def test_a_list_elsewhere_may_name_files_beside_it(mycaffe: Run, here) -> None:
    (here / "pictures" / "list.txt").write_text("a/0.png\nb\n")
    told = json.loads(mycaffe("identify", "--list", "pictures/list.txt", "--json").out)
    assert [one["file"] for one in told] == [n for n in _names(here) if "b/" in n or n[-5] == "0"]


def test_runs_of_pictures_are_alarms(mycaffe: Run, here) -> None:
    labels = [one["label"] for one in json.loads(mycaffe("identify", "pictures", "--json").out)]
    kind = labels[0]
    result = mycaffe("identify", "pictures", "--alarms", "-", "--normal", kind)
    rows = _rows(result.out)
    assert sum(int(row["windows"]) for row in rows) == PICTURES - labels.count(kind)
    assert kind not in {row["class"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name files, folders, or a list with --list FILE."),
        (["empty"], "there are no pictures in the folder 'empty'"),
        (["--list", "nolist.txt"], "the list 'nolist.txt' cannot be read"),
        (["--list", "digit.png"], "is no list of files"),
        (["--list", "none.txt"], "the list 'none.txt' names no file"),
        (["pictures", "--stride", "3"], "--stride is for windows of counters"),
        (["pictures", "--csv", "-", "--json-lines", "-"], "two outputs go to standard output"),
        (["pictures", "--csv", "empty"], "'empty' is a folder"),
        (["pictures", "--alarms", "a.csv"], "no class of this net is called 'normal'"),
        (["pictures", "--normal", "1"], "--normal and --min-windows are for --alarms"),
    ],
)
def test_mistakes(mycaffe: Run, here, arguments, message) -> None:
    (here / "empty").mkdir()
    (here / "none.txt").write_text("\n\n")
    result = mycaffe("identify", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "Traceback" not in result.err
    assert not (here / "a.csv").exists()


@pytest.mark.slow
def test_a_fault_in_a_long_recording_is_an_alarm(mycaffe: Run, tmp_path: Path) -> None:
    create = ("dataset", "create", "telecom", "--hours", "0.5")
    assert mycaffe(*create).code == 0
    trained = mycaffe("train", "--solver", "siamese_lstm_telecom.solver", "--seed", "1",
                      "--iterations", "80")  # fmt: skip
    assert trained.code == 0, trained.err
    series = "normal:6,blocked:3,normal:4"
    export = ("dataset", "export", "telecom.testing", "csv", "evening.csv", "--series", series)
    assert "13 windows in evening.csv, 390 rows without a gap" in mycaffe(*export).out
    result = mycaffe("identify", "evening.csv", "--csv", "rows.csv", "--alarms", "alarms.csv")
    assert result.code == 0, result.err
    rows = _rows((tmp_path / "rows.csv").read_text())
    assert [row["label"] for row in rows] == ["normal"] * 6 + ["blocked"] * 3 + ["normal"] * 4
    assert (rows[1]["start"], rows[1]["end"]) == ("2026-01-01T00:00:30", "2026-01-01T00:00:59")
    (alarm,) = _rows((tmp_path / "alarms.csv").read_text())
    assert (alarm["class"], alarm["windows"]) == ("blocked", "3")
    assert (alarm["start"], alarm["end"]) == ("2026-01-01T00:03:00", "2026-01-01T00:04:29")
    lines = (tmp_path / "evening.csv").read_text().splitlines()
    lines[40] = lines[40].replace(lines[40].split(",")[1], "", 1)
    (tmp_path / "holes.csv").write_text("\n".join(lines) + "\n")
    broken = mycaffe("identify", "holes.csv", "--stride", "30", "--json-lines", "-")
    assert broken.code == 2
    told = [json.loads(line) for line in broken.out.splitlines()]
    assert ["error" in one for one in told] == [False, True] + [False] * 11
    assert "holes.csv:41: column 'packets_in' has no number in line 41" in told[1]["error"]
    one = mycaffe("dataset", "export", "telecom.testing", "csv", "one.csv", "--label", "blocked")
    assert one.code == 0
    assert mycaffe("identify", "one.csv").out.splitlines()[3].startswith("one.csv: ")
