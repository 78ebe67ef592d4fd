import json
from pathlib import Path

import pytest

from mycaffe_py.evaluate.pictures.curves import read_curves

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


def test_loss_and_accuracy_of_the_first_test_net(tmp_path: Path) -> None:
    curves = read_curves(_written(tmp_path), 1000)
    assert (curves.loss.iterations, curves.loss.values) == ((0, 200), (2.0, 1.0))
    assert (curves.accuracy.iterations, curves.accuracy.values) == ((100,), (0.8,))


def test_nothing_behind_the_snapshot(tmp_path: Path) -> None:
    assert read_curves(_written(tmp_path), 100).loss.iterations == (0,)


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path: Path) -> None:
    assert len(read_curves(_written(tmp_path, '{"kind": "dis'), 1000).loss.values) == 2


def test_no_diary_is_empty(tmp_path: Path) -> None:
    assert read_curves(tmp_path / "none", 10).loss.values == ()


@pytest.mark.parametrize(
    "line",
    [
        b"oops", b"\xff\xfe", b'{"kind": "display", "iteration": Infinity, "loss": 1}', b"[" * 9999,
        b'{"kind": "display", "iteration": 5, "loss": [1]}', b'{"kind": "test", "iteration": 1e99}',
    ],
)  # fmt: skip
def test_a_damaged_line_costs_that_line_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line
) -> None:
    path = _written(tmp_path)
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(b"\n".join([first, line, rest]))
    assert read_curves(path, 1000).loss.values == (2.0, 1.0)
    assert capsys.readouterr().err == f"Note: {path}: line 2 is no event of a run, and left out.\n"


def test_an_event_of_another_kind_may_tell_what_it_likes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _written(tmp_path, '{"kind": "begin", "net": "lenet", "loss": "softmax"}\n')
    assert read_curves(path, 1000).loss.values == (2.0, 1.0)
    assert capsys.readouterr().err == ""
