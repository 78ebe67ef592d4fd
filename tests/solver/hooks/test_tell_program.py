"""A program is told what the diary is told."""

import json

import pytest

from mycaffe_py.notices import hushed
from mycaffe_py.solver.hooks.tell_program import TellProgram
from mycaffe_py.solver.run import Start, train
from tests.solver.tiny import tiny_job

EXTRA = "display: 4 test_iter: 2 test_interval: 6"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_events_are_the_lines_of_the_diary(tmp_path, capsys) -> None:
    told = []
    with hushed():
        train(tiny_job(tmp_path, EXTRA), Start(seed=1), hooks=[TellProgram(told.append)])
    lines = (tmp_path / "snapshots/tiny.events.jsonl").read_text().splitlines()
    assert json.loads(json.dumps(told)) == [json.loads(line) for line in lines[1:]]
    assert {event["kind"] for event in told} >= {"begin", "display", "test", "snapshot", "end"}
    assert capsys.readouterr().out == ""


def test_an_error_of_the_function_ends_the_run_and_is_not_answered_by_another(tmp_path) -> None:
    told = []

    def failing(event):
        told.append(event["kind"])
        if event["kind"] == "display":
            raise ValueError("no room on my screen")

    with pytest.raises(ValueError, match="no room on my screen"):
        train(tiny_job(tmp_path, EXTRA), Start(seed=1), hooks=[TellProgram(failing)])
    assert told[-1] == "display"
    last = (tmp_path / "snapshots/tiny.events.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["outcome"] == "failed"
