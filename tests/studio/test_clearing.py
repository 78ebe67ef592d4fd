"""The studio's own folder does not grow for ever."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette")

from mycaffe_py.studio.clearing import clear_old
from mycaffe_py.studio.jobs import KEPT, Jobs
from mycaffe_py.studio.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path)


@pytest.fixture
def jobs(workspace: Workspace) -> Iterator[Jobs]:
    made = Jobs(workspace.own / "jobs", workspace.root)
    yield made
    made.close()


def _job(jobs: Jobs, number: int, *words: str, code: int | None = 0) -> None:
    """The files of a command that has ended, or without a `code` of one that was killed."""
    job = {"number": number, "arguments": words, "folder": str(jobs.root), "pid": 1, "host": "x"}
    (jobs.folder / f"{number}.json").write_text(json.dumps(job))
    (jobs.folder / f"{number}.log").write_text("words")
    if code is not None:
        (jobs.folder / f"{number}.end").write_text(f"{code}\n")


def _list(workspace: Workspace, name: str, days: float) -> Path:
    path = workspace.own / "records" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("1\n2\n")
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))
    return path


def test_the_oldest_commands_that_ended_are_forgotten(workspace: Workspace, jobs: Jobs) -> None:
    for number in range(1, KEPT + 6):
        _job(jobs, number, "template", "list", code=number % 3)
    clear_old(workspace, jobs)
    assert [job.number for job in jobs.all()] == list(range(6, KEPT + 6))
    assert len(list(jobs.folder.iterdir())) == 3 * KEPT
    # Its number is not given again to another command.
    assert jobs.start(["template", "list"]).number == KEPT + 6


def test_lists_that_no_command_names_go_after_a_day(workspace: Workspace, jobs: Jobs) -> None:
    used, unused, new = (
        _list(workspace, f"{name}.txt", days)
        for name, days in (("used", 9), ("unused", 1.1), ("new", 0.9))
    )
    _job(jobs, 1, "dataset", "create", f"--records=./.mycaffe-studio/records/{used.name}")
    clear_old(workspace, jobs)
    assert used.exists() and new.exists() and not unused.exists()


def test_a_job_that_changed_is_read_again(jobs: Jobs) -> None:
    _job(jobs, 1, "template", "list", code=None)
    assert jobs.state(jobs.all()[0]) == "dead"
    (jobs.folder / "1.end").write_text("2\n")
    assert jobs.state(jobs.all()[0]) == "failed"
    time.sleep(0.02)
    _job(jobs, 1, "template", "copy")
    assert jobs.all()[0].words == "mycaffe template copy"
