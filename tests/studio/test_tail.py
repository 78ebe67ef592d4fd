"""Files are read as they grow."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.studio.tail import LineTail, Tail, events


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = Tail(path)
    assert tail.read() == (False, b"")
    path.write_bytes(b"one")
    assert tail.read() == (True, b"one")
    with path.open("ab") as file:
        file.write(b" two")
    assert tail.read() == (False, b" two")
    assert tail.read() == (False, b"")


def test_another_file_of_the_name_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first run")
    tail = Tail(path)
    tail.read()
    path.rename(tmp_path / "old")
    path.write_bytes(b"second run, longer")
    assert tail.read() == (True, b"second run, longer")
    path.unlink()
    assert tail.read() == (True, b"")


def test_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "diary"
    path.write_bytes(b'{"kind": "a"}\n{"kin')
    lines = LineTail(Tail(path))
    assert events(lines.read()[1]) == [{"kind": "a"}]
    with path.open("ab") as file:
        file.write(b'd": "b"}\nno event\n[1]\n')
    assert events(lines.read()[1]) == [{"kind": "b"}]
