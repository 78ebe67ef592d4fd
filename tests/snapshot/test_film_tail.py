"""A film is read while it is taken."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.snapshot.film import append_frame, write_film
from mycaffe_py.snapshot.film_tail import FilmTail
from tests.snapshot.test_film import HEAD, frame


def test_frames_come_as_they_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "run.film"
    tail = FilmTail(path)
    assert tail.read() == (False, [])
    write_film(path, HEAD)
    assert tail.read() == (True, [])
    assert tail.head == HEAD
    append_frame(path, frame(0))
    append_frame(path, frame(1))
    anew, frames = tail.read()
    assert not anew and [one.iteration for one in frames] == [0, 1]
    assert tail.read() == (False, [])


def test_a_frame_that_is_not_whole_yet_waits(tmp_path: Path) -> None:
    path = tmp_path / "run.film"
    write_film(path, HEAD)
    append_frame(path, frame(0))
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    tail = FilmTail(path)
    assert tail.read() == (True, [])
    with path.open("ab") as file:
        file.write(whole[-3:])
    assert [one.iteration for one in tail.read()[1]] == [0]


def test_another_film_of_the_name_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "run.film"
    write_film(path, HEAD, (frame(0), frame(1)))
    tail = FilmTail(path)
    tail.read()
    write_film(path, HEAD, (frame(0),))
    anew, frames = tail.read()
    assert anew and [one.iteration for one in frames] == [0]
    path.unlink()
    assert tail.read() == (True, [])


def test_what_is_no_film_has_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "run.film"
    path.write_bytes(b"something else\n")
    tail = FilmTail(path)
    assert tail.read() == (True, [])
    assert tail.head is None
