"""A run's diary tells who runs what, and how it ended."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.files.lock import Holder
from mycaffe_py.snapshot.life import life_of
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.hooks.snapshot import WriteSnapshots
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]
TESTED = "snapshot: 4 display: 2 test_iter: 20 test_interval: 6"


@pytest.fixture
def train(mycaffe: Run, tmp_path: Path) -> Run:
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER + TESTED)

    def run(*arguments: str) -> Any:
        return mycaffe("train", "--solver", "tiny.solver", "--threads", "1", *arguments)

    return run


def diary(tmp_path: Path) -> Path:
    return tmp_path / "snapshots" / "tiny.events.jsonl"


def events(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in diary(tmp_path).read_text().splitlines()]


def test_the_beginning_tells_process_command_and_job(train: Run, tmp_path: Path) -> None:
    assert train("--seed", "5").code == 0
    run, begin, *rest = events(tmp_path)
    assert (run["kind"], begin["kind"], rest[-1]["kind"]) == ("run", "begin", "end")
    us = Holder.this()
    assert (begin["pid"], begin["start"], begin["host"]) == (os.getpid(), us.started, us.host)
    assert begin["command"] == "mycaffe train --solver tiny.solver --threads 1 --seed 5"
    assert (begin["folder"], begin["solver"], begin["net"]) == (
        str(tmp_path.resolve()),
        "tiny.solver",
        "tiny.prototxt",
    )
    assert (begin["seed"], begin["max_iter"], begin["threads"]) == (5, 12, 1)
    assert (begin["data"], begin["stand_ins"]) == ([], [])
    assert "numba" in begin["versions"]
    assert rest[-1]["outcome"] == "done" and rest[-1]["iteration"] == 12
    assert life_of(diary(tmp_path)).state == "done"


def test_paths_are_relative_to_the_folder(train: Run, tmp_path: Path) -> None:
    prefix = tmp_path / "elsewhere" / "tiny"
    assert train("--set", f"solver.snapshot_prefix={prefix}").code == 0
    lines = Path(f"{prefix}.events.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    folder = next(Path(event["folder"]) for event in told if event["kind"] == "begin")
    written = [event for event in told if event["kind"] == "snapshot"]
    assert next(event["weights"] for event in written) == "elsewhere/tiny_iter_4.caffemodel"
    assert all((folder / event["state"]).is_file() for event in written)


def test_a_long_test_tells_how_far_it_has_come(train: Run, tmp_path: Path) -> None:
    assert train().code == 0
    told = [(e["net"], e["batch"], e["batches"]) for e in events(tmp_path)
            if e["kind"] == "testing" and e["iteration"] == 6]  # fmt: skip
    assert told == [(0, batch, 20) for batch in range(0, 20, 2)]


def test_a_failed_run_tells_what_it_failed_by(train: Run, tmp_path: Path) -> None:
    done = train("--set", "solver.base_lr=1e30")
    assert done.code == 1
    life = life_of(diary(tmp_path))
    assert life.state == "failed"
    assert life.error["found"].startswith("the loss became ")
    assert life.error["do"].startswith("Lower base_lr")
    assert life.error["text"] in done.err


def test_a_defect_is_told_too(train: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Hook, solver: Solver) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(WriteSnapshots, "after_step", broken)
    with pytest.raises(ZeroDivisionError):
        train()
    assert life_of(diary(tmp_path)).error["found"] == "ZeroDivisionError: by zero"


def test_a_run_that_goes_on_tells_each_event_once(train: Run, mycaffe: Run, tmp_path: Path) -> None:
    assert train().code == 0
    whole = events(tmp_path)
    assert mycaffe("resume", "snapshots/tiny_iter_8.solverstate", "--threads", "1").code == 0
    lines = events(tmp_path)
    assert [(e["kind"], e["iteration"]) for e in lines if e["kind"] in ("begin", "end")] == [
        ("begin", 0), ("begin", 8), ("end", 12),
    ]  # fmt: skip

    def figures(told: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        kinds = ("test", "testing", "display", "snapshot")
        return [(e["kind"], e["iteration"], e.get("batch")) for e in told if e["kind"] in kinds]

    assert figures(lines) == figures(whole)
    assert mycaffe("resume", "--threads", "1").code == 0
    # The test of the last weights happens again, behind what stays.
    assert sorted(figures(events(tmp_path)), key=str) == sorted(figures(whole), key=str)
