"""glog's flags, as they stand in the scripts of Caffe's users."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.cli.log_flags import spelled_out
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]
LINE = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [a-z_]+\.cpp:\d+\] ")


@pytest.fixture
def train(mycaffe: Run, tmp_path: Path) -> Run:
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER + "display: 4")

    def run(*arguments: str) -> Any:
        done = mycaffe("train", "--solver", "tiny.solver", "--seed", "1", *arguments)
        assert done.code == 0, done.err
        # A net without a data set has no picture, which is told there.
        lines = done.err.splitlines(keepends=True)
        return replace(done, err="".join(x for x in lines if not x.startswith("No picture")))

    return run


@pytest.mark.parametrize(
    "words", [("--log_dir=log",), ("-log_dir=log",), ("--log_dir", "log"), ("-log_dir", "log")]
)
def test_log_dir_gets_the_log_of_glog(train: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = train(*words)
    assert "Iteration 4 (" in done.out, "the usual words stay"
    [path] = (tmp_path / "log").glob("caffe.*.*.log.INFO.*-*.*")
    assert (tmp_path / "log" / "caffe.INFO").resolve() == path.resolve()
    lines = path.read_text().splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == [
        "Log file created at", "Running on machine", "Log line format",
    ]  # fmt: skip
    assert all(LINE.match(line) for line in lines[3:])
    assert "Optimization Done." in lines[-1]


def test_the_link_to_the_newest_log_moves_on_and_a_file_of_that_name_stays(
    train: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "caffe.INFO").symlink_to("old")
    train("--log_dir=log")
    assert (folder / "caffe.INFO").exists()
    (folder / "caffe.INFO").unlink()
    (folder / "caffe.INFO").write_text("mine")
    train("--log_dir=log")
    assert (folder / "caffe.INFO").read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ("-logtostderr",), ("-logtostderr=1",), ("--logtostderr", "true"), ("-alsologtostderr",),
        ("--alsologtostderr=yes",), ("-stderrthreshold=0",), ("--stderrthreshold", "0"),
    ],
)  # fmt: skip
def test_the_log_on_standard_error_stands_in_for_the_display(
    train: Run, words: tuple[str, ...]
) -> None:
    done = train(*words)
    assert all(LINE.match(line) for line in done.err.splitlines())
    assert "solver.cpp:218] Iteration 4 (" in done.err
    assert "Iteration 4" not in done.out


@pytest.mark.parametrize("words", [("-logtostderr=0",), ("--nologtostderr",), ("-v=1",), ()])
def test_what_turns_nothing_on_changes_no_word(train: Run, words: tuple[str, ...]) -> None:
    done = train(*words)
    assert "Iteration 4 (" in done.out
    assert done.err == ("-v: passed over, as it changes nothing here\n" if "-v=1" in words else "")


def test_also_means_both_and_alone_means_alone(train: Run, tmp_path: Path) -> None:
    both = train("-alsologtostderr", "-log_dir=log")
    [path] = (tmp_path / "log").glob("caffe.*.log.*")
    assert path.read_text().splitlines()[3:] == both.err.splitlines()
    alone = train("-logtostderr", "-log_dir=other")
    assert not (tmp_path / "other").exists()
    assert alone.err.startswith("-log_dir: passed over")


def test_a_level_keeps_its_lines_and_their_stand_ins_away(train: Run) -> None:
    done = train("-minloglevel=2")
    assert done.err == ""
    assert "Iteration 4" not in done.out
    assert train("--minloglevel", "1", "-logtostderr").err == ""


def test_what_does_nothing_here_is_told_in_one_line(train: Run) -> None:
    done = train("-max_log_size=10", "-v", "2", "-colorlogtostderr", "-log_link=x")
    assert done.err == (
        "-colorlogtostderr, -v, -max_log_size, -log_link: passed over, as it changes nothing here\n"
    )


def test_all_that_caffes_program_does_takes_them_anywhere(mycaffe: Run, tmp_path: Path) -> None:
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER)
    flags = ("--log_dir=log", "-logtostderr")
    assert mycaffe("train", *flags, "--solver=tiny.solver").code == 0
    assert mycaffe(*flags, "train", "-solver=tiny.solver").code == 0
    weights = "snapshots/tiny_iter_12.caffemodel"
    tested = mycaffe("test", "-model=tiny.prototxt", f"-weights={weights}", "-iterations=1", *flags)
    assert tested.code == 0, tested.err
    assert tested.out == "" and "caffe.cpp:" in tested.err
    timed = mycaffe("time", "-model", "tiny.prototxt", "-iterations=1", *flags)
    assert timed.code == 0, timed.err
    assert "-log_dir, -logtostderr: passed over" in timed.err


def test_an_answer_that_is_neither_yes_nor_no_is_named(mycaffe: Run) -> None:
    done = mycaffe("train", "--solver=x", "-logtostderr=maybe")
    assert done.code == 2
    assert "'maybe' is neither true nor false" in done.err


def test_a_folder_that_cannot_be_is_named(mycaffe: Run, tmp_path: Path) -> None:
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER)
    (tmp_path / "log").touch()
    done = mycaffe("train", "--solver", "tiny.solver", "--log_dir", "log")
    assert done.code == 2
    assert "cannot be written" in done.err and "Name another --log_dir." in done.err


def test_a_flag_does_not_swallow_a_picture() -> None:
    assert spelled_out(["test", "--logtostderr", "a.png"]) == ["test", "--logtostderr=1", "a.png"]
    assert spelled_out(["--logtostderr", "F", "--x"]) == ["--logtostderr=F", "--x"]
    assert spelled_out(["--noalsologtostderr"]) == ["--alsologtostderr=0"]
