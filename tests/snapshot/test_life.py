"""What a watcher makes of a run's diary, without asking anybody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.files.lock import Holder
from mycaffe_py.snapshot.life import life_of


def _begin(holder: Holder) -> dict[str, Any]:
    who = {"pid": holder.pid, "start": holder.started, "host": holder.host}
    return {"kind": "begin", "iteration": 3, **who}


def _diary(tmp_path: Path, *events: Any) -> Path:
    path = tmp_path / "r.events.jsonl"
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return path


RUN = {"kind": "run", "iteration": 0, "run": "r", "seed": 1}
DISPLAY = {"kind": "display", "iteration": 5}


def test_a_run_whose_process_lives_is_running(tmp_path: Path) -> None:
    life = life_of(_diary(tmp_path, RUN, _begin(Holder.this()), DISPLAY))
    assert (life.state, life.iteration, life.begin["pid"]) == ("running", 5, os.getpid())


def test_a_number_that_another_process_has_by_now_is_a_dead_run(tmp_path: Path) -> None:
    earlier = Holder(os.getpid(), "long ago", Holder.this().host)
    assert life_of(_diary(tmp_path, RUN, _begin(earlier), DISPLAY)).state == "dead"


def test_a_killed_process_is_a_dead_run(tmp_path: Path) -> None:
    code = "from mycaffe_py.files.lock import Holder; h = Holder.this(); print(h.started)"
    done = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    started = done.communicate()[0].strip()
    gone = Holder(done.pid, started, Holder.this().host)
    assert life_of(_diary(tmp_path, RUN, _begin(gone))).state == "dead"


@pytest.mark.parametrize("outcome", ["done", "stopped", "failed"])
def test_the_end_tells_the_outcome_and_the_error(tmp_path: Path, outcome: str) -> None:
    end = {"kind": "end", "iteration": 7, "outcome": outcome, "error": {"found": "x"}}
    life = life_of(_diary(tmp_path, RUN, _begin(Holder.this()), DISPLAY, end))
    assert (life.state, life.iteration, life.error) == (outcome, 7, {"found": "x"})


def test_a_run_that_goes_on_has_not_ended(tmp_path: Path) -> None:
    end = {"kind": "end", "iteration": 7, "outcome": "stopped"}
    path = _diary(tmp_path, RUN, _begin(Holder.this()), end, _begin(Holder.this()))
    assert life_of(path).state == "running"


def test_what_is_no_event_is_passed_over(tmp_path: Path) -> None:
    wrong: list[Any] = [[], 3, {"kind": 1, "iteration": 2}, {"kind": "end"}, {"iteration": "x"}]
    path = _diary(tmp_path, *wrong, _begin(Holder.this()))
    with path.open("ab") as file:
        file.write(b"[" * 100_000 + b"\n\xff\xfe\n" + b'{"kind": "end", "iteration": 9')
    assert (life_of(path).state, life_of(path).iteration) == ("running", 3)


@pytest.mark.parametrize("who", [{}, {"pid": "1"}, {"pid": 2**70, "start": "", "host": ""}])
def test_who_runs_it_is_not_guessed(tmp_path: Path, who: dict[str, Any]) -> None:
    assert life_of(_diary(tmp_path, {"kind": "begin", "iteration": 0, **who})).state == "unknown"
    assert life_of(_diary(tmp_path, RUN, DISPLAY)).state == "unknown"


def test_a_diary_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        life_of(tmp_path / "none.events.jsonl")
