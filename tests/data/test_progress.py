"""Progress of a long job where standard error is a file."""

import pytest

from mycaffe_py.data import progress
from mycaffe_py.data.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by what is added to its one entry."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_plain_lines_from_time_to_time(clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(2000, "image", "writing") as bar:
        for _ in range(4):
            clock[0] += 6
            bar.update(500)
    assert capsys.readouterr().err.splitlines() == [
        "writing: 1,000 of 2,000 images, 0:12 min",
        "writing: 2,000 of 2,000 images, 0:24 min",
    ]


def test_what_is_done_at_once_says_nothing(clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3, "run") as bar:
        for _ in range(3):
            bar.update()
    assert capsys.readouterr().err == ""


def test_the_longer_it_takes_the_rarer_the_lines(clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(None, "row", done=7) as bar:
        for _ in range(1000):
            clock[0] += 10
            bar.update()
    lines = capsys.readouterr().err.splitlines()
    assert 30 < len(lines) < 60
    assert lines[0] == "8 rows, 0:10 min"
    assert lines[-1].endswith(" min") and int(lines[-1].split(":")[0].split()[-1]) > 140


def test_items_count_one_by_one(clock, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    for item in Progress(1, "picture").over("a"):
        clock[0] += 11
        seen.append(item)
    assert seen == ["a"]
    assert capsys.readouterr().err == "1 of 1 picture, 0:11 min\n"
