import json

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.curves import read_curves

EVENTS = [
    {"kind": "display", "iteration": 0, "loss": 2.0},
    {"kind": "display", "iteration": 100, "loss": None},
    {"kind": "test", "iteration": 100, "net": 0, "accuracy": 0.8},
    {"kind": "test", "iteration": 100, "net": 1, "accuracy": 0.1},
    {"kind": "snapshot", "iteration": 100, "weights": "x"},
    {"kind": "display", "iteration": 200, "loss": 1.0},
]


def _written(tmp_path, tail=""):
    path = tmp_path / "run.events.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in EVENTS) + tail)
    return path


def test_loss_and_accuracy_of_the_first_test_net(tmp_path):
    curves = read_curves(_written(tmp_path), 1000)
    assert (curves.loss.iterations, curves.loss.values) == ((0, 200), (2.0, 1.0))
    assert (curves.accuracy.iterations, curves.accuracy.values) == ((100,), (0.8,))


def test_nothing_behind_the_snapshot(tmp_path):
    assert read_curves(_written(tmp_path), 100).loss.iterations == (0,)


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path):
    assert len(read_curves(_written(tmp_path, '{"kind": "dis'), 1000).loss.values) == 2


def test_no_diary_is_empty(tmp_path):
    assert read_curves(tmp_path / "none", 10).loss.values == ()


def test_a_damaged_line_is_named(tmp_path):
    path = _written(tmp_path, "oops\n")
    with pytest.raises(UserError, match=f"{path}:7: this line is no event"):
        read_curves(path, 1000)
