"""What a killed process left unfinished goes when the next one writes there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mycaffe_py.files import temporary
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.temporary import remove_left, temporary_beside

LEAVE = """
import os, pathlib, signal, sys
from mycaffe_py.files.temporary import temporary_beside
path = pathlib.Path(sys.argv[1])
temporary_beside(path).write_bytes(b"half")
folder = temporary_beside(path)
folder.mkdir()
(folder / "x").write_bytes(b"half")
journal = temporary_beside(path)
journal.with_name(journal.name + "-journal").write_bytes(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVE, str(tmp_path / "a")], check=False)
    assert len(list(tmp_path.iterdir())) == 3
    write_atomically(tmp_path / "b", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_what_living_processes_and_other_people_write_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = temporary_beside(tmp_path / "a")
    ours.touch()
    monkeypatch.setattr(temporary.platform, "node", lambda: "another machine")
    theirs = temporary_beside(tmp_path / "a")
    theirs.touch()
    monkeypatch.undo()
    others = [tmp_path / name for name in (".a.mycaffe-new", ".bashrc.original", "a.new")]
    for path in others:
        path.touch()
    remove_left(tmp_path)
    assert set(tmp_path.iterdir()) == {ours, theirs, *others}


def test_names_are_new_each_time_and_short(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    names = {temporary_beside(path).name for _ in range(3)}
    assert len(names) == 3
    assert max(len(name) for name in names) < 130
    write_atomically(path, b"x")
    assert path.read_bytes() == b"x"


def test_a_folder_that_is_not_there_has_nothing_left(tmp_path: Path) -> None:
    remove_left(tmp_path / "none")
