"""Closed and full streams end a command with one line at most; no label steers the terminal."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pytest

from mycaffe_py.cli.streams import printable_streams
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from tests.conftest import Result
from tests.data.made import small_source


def _shell(command, **environment):
    line = command.replace("mycaffe", f"{sys.executable} -m mycaffe_py", 1)
    done = subprocess.run(
        line, shell=True, capture_output=True, text=True, check=False,
        env=os.environ | environment,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("mycaffe dataset list >&-", 0, ""),
        ("mycaffe dataset list <&- >&- 2>&-", 0, ""),
        ("mycaffe no_such 2>&-", 2, ""),
        ("mycaffe no_such >&-", 2, "mycaffe: error: there is no command 'no_such'"),
        (
            "mycaffe dataset list >/dev/full",
            1,
            "mycaffe: error: No space left on device: 'stand",
        ),
        ("mycaffe --help >/dev/full", 1, "mycaffe: error: No space left on device: 'stand"),
        ("mycaffe dataset list >/dev/full 2>/dev/full", 1, ""),
    ],
)
def test_a_stream_that_takes_nothing(command: str, code: int, told: str) -> None:
    found = _shell(command)
    assert found[0] == code
    assert found[2].startswith(told) and len(found[2].splitlines()) == bool(told)


def test_signs_the_terminal_cannot_show_are_written_out() -> None:
    code, _, told = _shell("mycaffe ▲", PYTHONIOENCODING="ascii")
    assert code == 2 and "there is no command '\\u25b2'" in told


def test_a_command_prints_labels_as_they_are_spelled(mycaffe: Callable[..., Result]) -> None:
    file = dataset_path("SMALL")
    write_dataset(file, "SMALL", {"training": small_source(shape=(1, 5, 4))}, "made by a test")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE labels SET name = char(27) || '[31mred' || char(8238)")
    shown_ = mycaffe("dataset", "show", "SMALL")
    assert shown_.code == 0
    assert "\\x1b[31mred\\u202e" in shown_.out and "\x1b" not in shown_.out


def test_a_progress_bar_still_returns_to_the_start_of_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with printable_streams():
        sys.stderr.write("\r 50 %\r\x1b[1m")
    assert capsys.readouterr().err == "\r 50 %\\x0d\\x1b[1m"


def test_the_end_of_all_colours_goes_through(capsys: pytest.CaptureFixture[str]) -> None:
    """colorama writes it at exit, and nobody wants to read it as text. Within a text it stays."""
    with printable_streams():
        sys.stdout.write("\x1b[0m")
        sys.stdout.write("a label\x1b[0m")
    assert capsys.readouterr().out == "\x1b[0ma label\\x1b[0m"
