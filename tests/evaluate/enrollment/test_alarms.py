"""Alarms: runs of one fault, with their start, end and length."""

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrollment.alarms import Alarm, AlarmFinder, normal_classes
from mycaffe_py.evaluate.enrollment.stream import Row
from mycaffe_py.trained.identify import Identified

DAY = Path("day.csv")


def _row(label, start, stretch=1, file=DAY, distance=0.5):
    """Window of 30 rows that begins at row `start`; "?" is unknown, "" could not be read."""
    times = {"start": f"t{start}", "end": f"t{start + 29}", "place": (stretch, start)}
    if not label:
        return Row(file, error=UserError("broken"), **times)
    name, limit = ("normal", 0.1) if label == "?" else (label, 1.0)
    return Row(file, Identified(((name, distance),), limit, enrolled=False), **times)


def _alarms(rows, least=1, step=10, normal=("normal",)):
    finder = AlarmFinder(normal, step, least)
    found = [alarm for row in rows for alarm in finder.add(row)]
    return [*found, *finder.end()]


def _runs(labels, **more):
    rows = [_row(label, 10 * number) for number, label in enumerate(labels)]
    return [(one.label, one.start, one.end, one.windows) for one in _alarms(rows, **more)]


def test_consecutive_windows_of_a_fault_are_one_alarm() -> None:
    labels = ["normal", "cut", "cut", "cut", "normal", "?", "?", "cut"]
    assert _runs(labels) == [
        ("cut", "t10", "t59", 3),
        ("unknown", "t50", "t89", 2),
        ("cut", "t70", "t99", 1),
    ]


def test_short_runs_are_no_alarm() -> None:
    labels = ["cut", "normal", "cut", "cut", "normal", "?"]
    assert _runs(labels, least=2) == [("cut", "t20", "t59", 2)]
    with pytest.raises(UserError, match="--min-windows is 0"):
        _alarms([], least=0)


def test_a_window_that_cannot_be_read_ends_a_run() -> None:
    assert [one[3] for one in _runs(["cut", "", "cut", "cut"])] == [1, 2]


def test_a_gap_and_another_file_end_a_run() -> None:
    rows = [_row("cut", 0), _row("cut", 10), _row("cut", 50, stretch=2)]
    assert [one.windows for one in _alarms(rows)] == [2, 1]
    rows = [_row("cut", 0), _row("cut", 10, file=Path("next.csv"))]
    assert [one.file for one in _alarms(rows)] == ["day.csv", "next.csv"]


def test_pictures_go_on_from_file_to_file() -> None:
    found = Identified((("cut", 0.25),), 1.0, enrolled=False)
    rows = [Row(Path(f"{number}.png"), found) for number in range(3)]
    assert _alarms(rows) == [Alarm("0.png", "0.png", "2.png", "cut", 3, 0.25)]


def test_the_smallest_distance_is_kept() -> None:
    rows = [_row("cut", 0, distance=0.5), _row("cut", 10, distance=0.2), _row("cut", 20)]
    assert _alarms(rows)[0].distance == 0.2


def test_which_classes_are_no_alarm() -> None:
    assert normal_classes([], ["normal", "cut"]) == {"normal"}
    assert normal_classes(["cat", "dog"], ["cat", "dog", "cow"]) == {"cat", "dog"}
    with pytest.raises(UserError, match="no class of this net is called 'normal'"):
        normal_classes([], ["cat", "dog"])
    with pytest.raises(UserError, match="--normal cats: the net knows no such class"):
        normal_classes(["cats"], ["cat", "dog"])
