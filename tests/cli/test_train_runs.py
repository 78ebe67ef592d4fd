"""Several runs with one snapshot_prefix: one at a time, and none that mixes with another."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.evaluate.pictures.curves import read_curves
from mycaffe_py.files.lock import locked
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.trained.snapshot import open_snapshot
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]
MOVED = "of an earlier run moved to 'snapshots/tiny_runs/1'"


@pytest.fixture
def train(mycaffe: Run, tmp_path: Path) -> Run:
    """Run `mycaffe train --solver tiny.solver --threads 1 ...` with snapshots of 4, 8, 12."""
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER + "snapshot: 4 display: 2")

    def run(*arguments: str) -> Any:
        return mycaffe("train", "--solver", "tiny.solver", "--threads", "1", *arguments)

    return run


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_second_run_of_a_prefix_is_refused_while_the_first_one_lives(
    train: Run, mycaffe: Run, snapshots: Path
) -> None:
    assert train("--seed", "1").code == 0
    before = content(snapshots)
    with locked(snapshots / "tiny.lock", "", do=""):
        for done in (train("--seed", "2"), mycaffe("resume", "--iterations", "20")):
            assert done.code == 2
            assert (
                f"the run 'snapshots/tiny' is held by process {os.getpid()} "
                "(lock 'snapshots/tiny.lock'). Wait for its end, or let this run write elsewhere: "
                "--set solver.snapshot_prefix=FOLDER/NAME."
            ) in done.err
        assert train("--seed", "2", "--set", "solver.snapshot_prefix=b/tiny").code == 0
    assert content(snapshots) == before


def test_the_lock_goes_with_the_run_even_with_one_that_fails(train: Run, snapshots: Path) -> None:
    assert train("--seed", "1").code == 0
    assert train("--weights", "gone.caffemodel").code == 2
    assert not (snapshots / "tiny.lock").exists()


def test_another_run_moves_the_first_ones_files_and_says_so(train: Run, snapshots: Path) -> None:
    train("--seed", "1")
    before = content(snapshots)
    done = train("--seed", "2")
    assert done.out.count(MOVED) == 1
    assert content(snapshots / "tiny_runs" / "1") == before
    assert {RunCard.read(path).seed for path in snapshots.glob("*.run.json")} == {2}


@pytest.mark.parametrize("change", [(), ("--seed", "1", "--set", "solver.base_lr=0.01")])
def test_a_fresh_seed_or_other_texts_make_another_run(train: Run, change: tuple[str, ...]) -> None:
    train("--seed", "1")
    assert MOVED in train(*change).out


def test_the_same_run_starts_over_in_place(train: Run, snapshots: Path) -> None:
    train("--seed", "1")
    before = content(snapshots)
    assert "moved" not in train("--seed", "1").out
    after = content(snapshots)
    assert not (snapshots / "tiny_runs").exists()
    for name in (name for name in before if name.endswith((".caffemodel", ".solverstate"))):
        assert before[name] == after[name]


def test_other_first_weights_make_another_run_and_stay_where_they_are(
    train: Run, snapshots: Path
) -> None:
    train("--seed", "1")
    start = ("--seed", "1", "--weights", "snapshots/tiny_iter_12.caffemodel", "--iterations", "5")
    assert train(*start).out.count(MOVED) == 1
    done = train(*start)
    assert done.code == 0, done.err
    assert "moved" not in done.out
    assert (snapshots / "tiny_iter_12.run.json").exists()


def test_overwrite_replaces(train: Run, snapshots: Path) -> None:
    train("--seed", "1")
    done = train("--seed", "2", "--overwrite", "--iterations", "5")
    assert "files of an earlier run at 'snapshots/tiny' removed (--overwrite)" in done.out
    names = {path.name for path in snapshots.glob("*.caffemodel")}
    assert names == {"tiny_iter_4.caffemodel", "tiny_iter_5.caffemodel"}
    assert not (snapshots / "tiny_runs").exists()


@pytest.mark.slow
def test_runs_moved_aside_are_used_when_asked_for_by_path_alone(
    train: Run, mycaffe: Run, snapshots: Path
) -> None:
    train("--seed", "1")
    train("--seed", "2", "--iterations", "4")
    aside = snapshots / "tiny_runs" / "1"
    for path in aside.iterdir():
        os.utime(path, (9e9, 9e9))
    assert open_snapshot(None).card.seed == 2
    assert open_snapshot(aside).card.seed == 1
    done = mycaffe("resume", "--iterations", "5")
    assert "Restored snapshots/tiny_iter_4.solverstate" in done.out
    old = "snapshots/tiny_runs/1/tiny_iter_12.solverstate"
    assert mycaffe("resume", old, "--iterations", "13").code == 0
    assert (aside / "tiny_iter_13.caffemodel").exists()
    for path in snapshots.glob("tiny_iter_*"):
        path.unlink()
    assert "there is no *_iter_*.solverstate below" in mycaffe("resume").err


def test_a_resumed_run_goes_on_in_place_under_its_name(
    train: Run, mycaffe: Run, snapshots: Path
) -> None:
    train("--seed", "1", "--iterations", "6")
    first = RunCard.read(snapshots / "tiny_iter_6.run.json").run
    done = mycaffe("resume", "--iterations", "12", "--set", "solver.base_lr=0.01")
    assert done.code == 0 and "moved" not in done.out
    assert RunCard.read(snapshots / "tiny_iter_12.run.json").run == first != ""
    lines = (snapshots / "tiny.events.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"kind": "run", "iteration": 0, "run": first, "seed": 1}
    assert [json.loads(line)["kind"] for line in lines].count("run") == 1


def test_no_curve_is_drawn_of_another_runs_diary(train: Run, tmp_path: Path) -> None:
    train("--seed", "1")
    card = RunCard.read(tmp_path / "snapshots" / "tiny_iter_12.run.json")
    diary = tmp_path / "snapshots" / "tiny.events.jsonl"
    assert len(read_curves(diary, 12, card.identity).loss.values) > 3
    assert read_curves(diary, 12, "another").loss.values == ()
    diary.write_bytes(diary.read_bytes().partition(b"\n")[2])
    assert len(read_curves(diary, 12, "another").loss.values) > 3


@pytest.mark.parametrize("part", ["caffemodel", "solverstate"])
def test_parts_of_two_runs_are_not_gone_on_with(
    train: Run, mycaffe: Run, snapshots: Path, tmp_path: Path, part: str
) -> None:
    train("--seed", "1")
    train("--seed", "2", "--set", "solver.snapshot_prefix=b/tiny")
    shutil.copy(tmp_path / "b" / f"tiny_iter_8.{part}", snapshots)
    done = mycaffe("resume", "snapshots/tiny_iter_8.solverstate")
    assert done.code == 2
    assert f"snapshots/tiny_iter_8.{part} is of another run, or was changed" in done.err
    kept = snapshots / "tiny_iter_4.solverstate"
    assert mycaffe("resume", str(kept)).code == 0


def test_weights_of_another_run_are_not_tested_with_this_ones_card(
    mycaffe: Run, siamese_snapshot: Path, tmp_path: Path
) -> None:
    for path in siamese_snapshot.parent.glob("small_iter_150.*"):
        shutil.copy(path, tmp_path)
    content = (tmp_path / siamese_snapshot.name).read_bytes()
    (tmp_path / siamese_snapshot.name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "is of another run, or was changed" in mycaffe("test-many").err
    card = tmp_path / "small_iter_150.run.json"
    old = {k: v for k, v in json.loads(card.read_text()).items() if k not in ("run", "checksums")}
    card.write_text(json.dumps(old))
    assert mycaffe("test-many").code == 0, "cards of earlier versions keep working"
